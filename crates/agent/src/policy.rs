//! The policy in force: read at start, replaced by `tamon policy apply` or the node. A bad one changes nothing.

use crate::shared::Shared;
use anyhow::{Context as _, Result};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use verdict::Policy;

/// The configured file, else the one last applied, else the built-in. A bad file is told, and the built-in is in force:
/// it observes, so nothing that the operator did not want is ever done.
pub fn load(configured: Option<&Path>, applied: &Path) -> (Policy, String, Option<String>) {
    let file = configured.or_else(|| applied.exists().then_some(applied));
    let builtin = || (Policy::default(), verdict::DEFAULT_TEXT.to_owned());
    let Some(file) = file else {
        let (policy, text) = builtin();
        return (policy, text, None);
    };
    let read = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {}", file.display()))
        .and_then(|text| Ok((Policy::parse(&file.display().to_string(), &text)?, text)));
    match read {
        Ok((policy, text)) => (policy, text, None),
        Err(error) => {
            let (policy, text) = builtin();
            (policy, text, Some(format!("{error:#}; the built-in policy is in force")))
        }
    }
}

/// As it was written, with what an operator wants to know of it first.
pub fn shown(shared: &Shared) -> serde_json::Value {
    let policy = shared.policy();
    serde_json::json!({
        "text": shared.policy_text.lock().clone(),
        "name": policy.name,
        "mode": policy.mode.name(),
        "version": shared.policy_version.load(std::sync::atomic::Ordering::Acquire),
    })
}

/// Checks, keeps durably, then switches. The last good one stays in force on any error.
pub fn apply(shared: &Shared, name: &str, text: &str) -> Result<()> {
    let policy = Policy::parse(name, text)?;
    crate::lockdown::check_policy(shared, &policy)?;
    crate::prevention::check_policy(shared, &policy)?;
    keep(&shared.place.policy, text)?;
    *shared.policy_text.lock() = text.to_owned();
    *shared.policy.write() = Arc::new(policy);
    tracing::info!(policy = name, "policy in force");
    Ok(())
}

/// Reads the configured file again; on an error the one in force stays.
pub fn reload(shared: &Shared, file: &Path) {
    let read = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {}", file.display()))
        .and_then(|text| Ok((Policy::parse(&file.display().to_string(), &text)?, text)))
        .and_then(|(policy, text)| crate::lockdown::check_policy(shared, &policy).map(|()| (policy, text)))
        .and_then(|(policy, text)| crate::prevention::check_policy(shared, &policy).map(|()| (policy, text)));
    match read {
        Ok((policy, text)) => {
            *shared.policy_text.lock() = text;
            *shared.policy.write() = Arc::new(policy);
        }
        Err(error) => shared.problem(format!("{error:#}; the policy before stays in force")),
    }
}

fn keep(path: &Path, text: &str) -> Result<()> {
    let fresh = path.with_extension("new");
    let mut file = std::fs::File::create(&fresh).with_context(|| format!("cannot write {}", fresh.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_policy_is_told_and_the_built_in_one_is_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, "version = 1\nmoed = \"enforce\"\n").unwrap();
        let (policy, _, problem) = load(Some(&file), Path::new("/nowhere"));
        assert_eq!(policy, Policy::default());
        let problem = problem.unwrap();
        assert!(problem.contains("moed") && problem.contains(":2"), "{problem}");
    }

    #[test]
    fn the_policy_last_applied_is_read_at_start() {
        let folder = tempfile::tempdir().unwrap();
        let applied = folder.path().join("policy.toml");
        keep(&applied, "version = 1\nmode = \"enforce\"\n").unwrap();
        let (policy, _, problem) = load(None, &applied);
        assert_eq!((policy.mode, problem), (event::Mode::Enforce, None));
    }
}
