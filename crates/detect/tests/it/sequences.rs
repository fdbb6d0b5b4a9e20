//! Our own sequences: each stands beside recordings that it must tell and near-misses that it must not, and is tried on
//! them behind the real rules and detectors, as the agent has them.

use crate::replay;
use detect::{DetectConfig, Detector, SequenceSet, Story, StoryConfig};
use event::{Finding, Row};
use rules::{Matcher, RuleSet};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn content(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content").join(below)
}

fn files(below: &str, ending: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(content(below))
        .expect("the content is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a readable file")))
        .collect();
    files.sort();
    files
}

fn rules() -> Arc<RuleSet> {
    Arc::new(RuleSet::compile(files("sigma", "yml")).0)
}

/// All findings of all engines, one after the other.
fn told(matcher: &mut Matcher, sequences: &Arc<SequenceSet>, rows: &[Row]) -> Vec<Finding> {
    let mut detector = Detector::new(DetectConfig::default());
    let mut story = Story::new(StoryConfig::default(), Arc::clone(sequences));
    let mut all = Vec::new();
    for event in rows.iter().map(replay::event) {
        let mut findings = matcher.find(&event);
        findings.extend(detector.observe(&event));
        let together = story.observe(&event, &findings);
        all.extend(findings);
        all.extend(together);
    }
    all
}

#[test]
fn every_sequence_is_told_on_its_recording_and_not_on_its_near_misses() {
    let mut matcher = rules().matcher();
    let written = files("sequences", "toml");
    assert!(written.len() >= 40, "only {} sequences", written.len());
    let mut wrong = Vec::new();
    for (file, text) in written {
        let (set, errors) = SequenceSet::compile([(file.clone(), text)]);
        assert!(errors.is_empty(), "{errors:?}");
        let set = Arc::new(set);
        let cases = std::fs::read_to_string(Path::new(&file).with_extension("events.json"))
            .unwrap_or_else(|error| panic!("{file} has no recording: {error}"));
        let cases: BTreeMap<String, Vec<Vec<Row>>> =
            serde_json::from_str(&cases).unwrap_or_else(|error| panic!("{file}: {error}"));
        for (kind, expected) in [("fires", 1), ("silent", 0)] {
            let recordings = &cases[kind];
            assert!(!recordings.is_empty(), "{file} lacks a case");
            for (at, rows) in recordings.iter().enumerate() {
                let all = told(&mut matcher, &set, rows);
                let count = all.iter().filter(|finding| finding.rule_id.as_str().starts_with("sequence.")).count();
                if count != expected {
                    let seen: Vec<String> = all.iter().map(|f| format!("{} {:?}", f.name, f.techniques)).collect();
                    wrong.push(format!("{file}: {kind} {at}: told {count} times; there were {seen:#?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_sequences_compile_together() {
    let (set, errors) = SequenceSet::compile(files("sequences", "toml"));
    assert!(errors.is_empty(), "{errors:?}");
    assert!(set.len() >= 40);
}

#[test]
fn a_mistake_is_an_error_in_words() {
    let good = "id = \"sequence.x\"\nname = \"x\"\ndescription = \"x\"\nseverity = \"high\"\ntechniques = [\"T1105\"]\ntactics = [\"impact\"]\nby = \"tree\"\nwithin_seconds = 60\n\n[[step]]\nname = \"a\"\nany = [{ technique = \"T1105\" }]\n\n[[step]]\nname = \"b\"\nany = [{ event_action = \"process-exec\" }]\n";
    let check = |from: &str, to: &str, expected: &str| {
        let (set, errors) = SequenceSet::compile([("x.toml".to_owned(), good.replace(from, to))]);
        let said = errors.first().map(ToString::to_string).unwrap_or_default();
        assert_eq!(set.len(), usize::from(expected.is_empty()));
        assert!(said.contains(expected) && (expected.is_empty() || said.contains("x.toml")), "{said}");
    };
    check("", "", "");
    check("within_seconds", "withing_seconds", "withing_seconds");
    check("within_seconds = 60", "within_seconds = 0", "seconds are 0");
    check("[[step]]\nname = \"a\"\nany = [{ technique = \"T1105\" }]\n", "", "steps are 1");
    check("{ event_action = \"process-exec\" }", "{ process_name = \"sh\" }", "tried on every event");
    check("description = \"x\"", "description = \" \"", "characters of the description are 0");
    check("by = \"tree\"", "by = \"forest\"", "forest");
}

#[test]
fn mutated_sequences_never_panic() {
    let files = files("sequences", "toml");
    for (at, (name, text)) in files.iter().enumerate() {
        let bytes = text.as_bytes();
        for round in 0..20usize {
            let mut mutated = bytes.to_vec();
            let place = (at * 7_919 + round * 104_729) % mutated.len();
            match round % 3 {
                0 => mutated[place] ^= 1 << (round % 7),
                1 => mutated.truncate(place),
                _ => mutated.extend_from_slice(&bytes[place..]),
            }
            let text = String::from_utf8_lossy(&mutated).into_owned();
            let _ = SequenceSet::compile([(name.clone(), text)]);
        }
    }
}

/// Many trees that begin sequences and end none: state stays within its bounds, and what is forgotten is counted.
#[test]
fn a_flood_of_beginnings_is_bounded() {
    let sequences = Arc::new(SequenceSet::compile(files("sequences", "toml")).0);
    let config = StoryConfig { max_sequences: 1_000, ..StoryConfig::default() };
    let mut story = Story::new(config, sequences);
    let row: Row = serde_json::from_str(
        r#"{"timestamp": 1, "event_action": "file-create", "process_pid": 5, "process_executable": "/usr/bin/x", "file_path": "/tmp/x"}"#,
    )
    .unwrap();
    for pid in 10..20_000u32 {
        let mut event = replay::event(&row);
        let mut process = event.process.as_deref().cloned().unwrap();
        process.key.tgid = pid;
        event.process = Some(Arc::new(process));
        assert!(story.observe(&event, &[]).is_empty());
    }
    let (under_way, forgotten) = story.sequences_under_way();
    assert!(under_way <= 1_000 && forgotten > 15_000, "{under_way} {forgotten}");
}
