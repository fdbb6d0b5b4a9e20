//! Our own pack: every rule stands beside events that fire it and events that must not, and does what they say.

use event::Row;
use rules::{Matcher, RuleSet};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    fires: Vec<Row>,
    silent: Vec<Row>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/sigma")
}

fn rule_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("content/sigma is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> (String, String) {
    (path.display().to_string(), std::fs::read_to_string(path).expect("a readable rule"))
}

/// All of it.
pub fn pack() -> Matcher {
    Arc::new(RuleSet::compile(rule_files().iter().map(|file| read(file))).0).matcher()
}

fn cases(rule: &Path) -> Cases {
    let path = rule.with_extension("events.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_rule_fires_on_its_events_and_only_there() {
    let files = rule_files();
    assert!(files.len() >= 30, "only {} rules", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let (rules, report) = RuleSet::compile([read(file)]);
        assert_eq!(report.usable, 1, "{report:?}");
        let mut matcher = Arc::new(rules).matcher();
        let Cases { fires, silent } = cases(file);
        assert!(!fires.is_empty() && !silent.is_empty(), "{} lacks a case", file.display());
        for (expected, rows) in [(1, fires), (0, silent)] {
            for (at, row) in rows.iter().enumerate() {
                if matcher.find(row).len() != expected {
                    let what = if expected == 1 { "does not fire" } else { "must not fire" };
                    wrong.push(format!("{}: {what} on its event {at}", file.file_name().unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pack_compiles_together_and_says_what_it_means() {
    let (rules, report) = RuleSet::compile(rule_files().iter().map(|file| read(file)));
    assert!(report.rejected.is_empty(), "{:#?}", report.rejected);
    let mut matcher = Arc::new(rules).matcher();
    for file in rule_files() {
        for row in cases(&file).fires {
            for finding in matcher.find(&row) {
                assert!(!finding.techniques.is_empty() && !finding.tactics.is_empty(), "{}", finding.name);
                assert!(!finding.detail.is_empty() && !finding.matched.is_empty(), "{}", finding.name);
            }
        }
    }
}

#[test]
fn every_events_file_has_its_rule() {
    for entry in std::fs::read_dir(folder()).expect("content/sigma is there") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".events.json") {
            assert!(path.with_file_name(format!("{stem}.yml")).exists(), "{name} has no rule");
        }
    }
}

/// What a Debian host does all day; no rule of the pack speaks above `low`.
#[test]
fn a_working_day_is_silent() {
    let mut matcher = pack();
    let day = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/working_day.ndjson");
    let text = std::fs::read_to_string(day).expect("the working day is there");
    let mut loud = Vec::new();
    for line in text.lines() {
        let row: Row = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let findings = matcher.find(&row).into_iter().filter(|finding| finding.severity > event::Severity::Low);
        loud.extend(findings.map(|finding| format!("{}: {line}", finding.name)));
    }
    assert!(loud.is_empty(), "{}", loud.join("\n"));
}
