//! Every rule that comes with the product, read once: Sigma, sequences, YARA and the detectors of the program itself. Pure
//! content; what became of the rules is asked of the stores and the hosts.

use console_api::{EventRow, RuleKind, RuleSample};
use event::{Severity, Tactic, Technique};
use rust_embed::RustEmbed;
use serde_json::Value;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../content"]
#[include = "sequences/*"]
#[include = "sigma/*"]
#[include = "yara/*.yar"]
struct Content;

#[derive(Clone, Debug)]
pub struct Known {
    pub id: String,
    pub kind: RuleKind,
    pub title: String,
    pub description: String,
    /// None: it grades each finding itself.
    pub severity: Option<Severity>,
    pub techniques: Vec<Technique>,
    pub tactics: Vec<Tactic>,
    /// None for a detector.
    pub file: Option<String>,
}

static ALL: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let files = Content::iter().filter_map(|name| Some((name.to_string(), text(&name)?)));
    let mut all: Vec<Known> = files.flat_map(|(name, text)| read(&name, &text)).collect();
    all.extend(detect::detectors().map(|one| Known {
        id: one.id.to_owned(),
        kind: RuleKind::Detector,
        title: one.name.to_owned(),
        description: String::new(),
        severity: Some(one.severity),
        techniques: one.techniques.to_vec(),
        tactics: one.tactics.to_vec(),
        file: None,
    }));
    all.sort_by(|a, b| (a.kind, &a.title).cmp(&(b.kind, &b.title)));
    all
});

pub fn all() -> &'static [Known] {
    &ALL
}

pub fn text(file: &str) -> Option<String> {
    Some(event::text::from_bytes(&Content::get(file)?.data).into_owned())
}

/// What a file of rules holds; by its ending and, for Sigma, its content.
pub fn read(name: &str, text: &str) -> Vec<Known> {
    let file = Some(name.to_owned());
    match name.rsplit('.').next() {
        Some("yml" | "yaml") => sigma(name, text),
        Some("toml") => detect::describe_sequence(name, text)
            .into_iter()
            .map(|one| Known {
                id: one.id.to_string(),
                kind: RuleKind::Sequence,
                title: one.name,
                description: one.description,
                severity: Some(one.severity),
                techniques: one.techniques,
                tactics: one.tactics,
                file: file.clone(),
            })
            .collect(),
        Some("yar") => yara(name, text),
        _ => Vec::new(),
    }
}

/// Sigma, whatever the file is called.
pub fn sigma(name: &str, text: &str) -> Vec<Known> {
    let known = |one: rules::About| Known {
        id: one.id,
        kind: RuleKind::Sigma,
        title: one.title,
        description: one.description,
        severity: Some(one.severity),
        techniques: one.techniques,
        tactics: one.tactics,
        file: Some(name.to_owned()),
    };
    rules::about(name, text).into_iter().map(known).collect()
}

/// The head of each YARA rule: its name, its tags, what `meta` says for people. Ids are those of `scan`: file and name.
fn yara(name: &str, text: &str) -> Vec<Known> {
    let stem = name.rsplit('/').next().and_then(|file| file.strip_suffix(".yar")).unwrap_or(name);
    let mut found: Vec<Known> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix("rule ") {
            let head = head.trim_end_matches('{');
            let (rule, tags) = head.split_once(':').unwrap_or((head, ""));
            let tags = tags.split_whitespace().filter_map(|tag| tag.replace('_', ".").parse().ok());
            found.push(Known {
                id: format!("{stem}:{}", rule.trim()),
                kind: RuleKind::Yara,
                title: rule.trim().to_owned(),
                description: String::new(),
                severity: None,
                techniques: tags.collect(),
                tactics: Vec::new(),
                file: Some(name.to_owned()),
            });
        } else if let (Some(rule), Some((key, value))) = (found.last_mut(), line.split_once(" = \"")) {
            let value = value.trim_end_matches('"');
            match key {
                "title" => rule.title = value.to_owned(),
                "description" => rule.description = value.to_owned(),
                "severity" => rule.severity = value.parse().ok(),
                _ => {}
            }
        }
    }
    found
}

/// The events that stand beside a rule: those that it must find, and those that it must not.
pub fn samples(file: &str) -> (Vec<RuleSample>, Vec<RuleSample>) {
    let beside = file.rsplit_once('.').map(|(stem, _)| format!("{stem}.events.json"));
    let Some(cases) = beside.and_then(|name| serde_json::from_str::<Value>(&text(&name)?).ok()) else {
        return Default::default();
    };
    let each = |key: &str| cases[key].as_array().into_iter().flatten().filter_map(sample).collect();
    (each("fires"), each("silent"))
}

fn sample(case: &Value) -> Option<RuleSample> {
    let row = |one: &Value| Some(EventRow(one.as_object()?.clone().into_iter().collect()));
    let events = match case {
        Value::Array(events) => events.iter().filter_map(row).collect(),
        one => vec![row(one)?],
    };
    Some(RuleSample { events })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_whole_pack_is_listed_once() {
        let count = |kind| all().iter().filter(|one| one.kind == kind).count();
        let files = |ending: &str| Content::iter().filter(|name| name.ends_with(ending)).count();
        assert!(count(RuleKind::Sigma) >= files(".yml"));
        assert_eq!(count(RuleKind::Sequence), files(".toml"));
        assert_eq!(count(RuleKind::Detector), detect::detectors().count());
        let yara: usize = Content::iter()
            .filter(|name| name.ends_with(".yar"))
            .filter_map(|name| text(&name))
            .map(|text| {
                text.lines().filter(|line| line.starts_with("rule ") || line.starts_with("private rule ")).count()
            })
            .sum();
        assert_eq!(count(RuleKind::Yara), yara);
        let ids: BTreeSet<&str> = all().iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), all().len());
    }

    #[test]
    fn each_says_what_it_is() {
        for one in all() {
            assert!(!one.title.is_empty(), "{one:?}");
            assert!(one.kind == RuleKind::Detector || one.file.is_some(), "{one:?}");
        }
        let sequence = all().iter().find(|one| one.kind == RuleKind::Sequence).unwrap();
        let (fires, silent) = samples(sequence.file.as_deref().unwrap());
        assert!(fires[0].events.len() > 1 && !silent.is_empty());
        let miner = all().iter().find(|one| one.id == "miner:gpu_coin_miner").unwrap();
        assert_eq!((miner.severity, miner.techniques[0].to_string()), (Some(Severity::High), "T1496.001".into()));
    }
}
