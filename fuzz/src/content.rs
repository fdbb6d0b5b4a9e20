//! What an operator, or somebody in his name, writes: rules, policies, lists, questions.

use crate::text;
use event::{TenantId, Timestamp};

/// Sigma rules: YAML, detections, modifiers, conditions, and the matcher that comes of them.
pub fn fuzz_rules(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let (rules, report) = rules::RuleSet::compile([("fuzz.yml".to_owned(), text.to_owned())]);
    if report.usable > 0 {
        let mut row = event::Row::default();
        row.set_text(event::Column::Action, "process-exec");
        row.set_text(event::Column::ProcessCommandLine, text.chars().take(400).collect::<String>());
        row.set_text(event::Column::ProcessExecutable, "/tmp/x");
        std::sync::Arc::new(rules).matcher().find(&row);
    }
}

pub fn fuzz_policy(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match verdict::Policy::parse("fuzz.toml", text) {
        Ok(policy) => drop(policy),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A sequence of steps: TOML, conditions, patterns.
pub fn fuzz_sequence(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let (set, errors) = detect::SequenceSet::compile([("fuzz.toml".to_owned(), text.to_owned())]);
    assert_eq!(set.len() + errors.len(), 1);
}

pub fn fuzz_pools(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match detect::Pools::parse(text) {
        Ok(pools) => drop(pools),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A question of a person: whatever passes the guard is one SELECT that holds the tenant's name.
pub fn fuzz_hunt_sql(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let scope = hunt::Scope::new(TenantId::new("fuzz-tenant"), Timestamp(1_000_000_000_000_000_000));
    if let Ok(plan) = hunt::plan(text, &scope) {
        assert!(plan.tables.is_empty() || plan.sql.contains("fuzz-tenant"), "{}", plan.sql);
        assert!(plan.row_limit <= hunt::Scope::DEFAULT_ROWS);
    }
}

/// What was learned to be normal, behind a digest that fits; what is read back must be able to say what it is.
pub fn fuzz_normal(data: &[u8]) {
    use sha2::Digest as _;
    let whole = [b"TMNORM\0\x01".as_slice(), &sha2::Sha256::digest(data), data].concat();
    if let Ok(normal) = detect::Normal::decode(&whole, detect::NormalConfig::default()) {
        let _ = normal.picture(&detect::Asked::default());
        let _ = normal.encode();
    }
}
