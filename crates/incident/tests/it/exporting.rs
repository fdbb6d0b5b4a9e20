//! An incident for somebody else: each form read back by what reads such forms.

use crate::telling::{incident, web_shell};
use crate::world::*;
use incident::export::{Format, export};
use incident::investigation::{Catalogue, Investigation, Spent, Table, answer, conclude, plan};
use incident::wording::Language;
use incident::{Incident, Time};
use serde_json::Value;
use std::collections::BTreeSet;

/// The standard says from what their identifiers follow.
const DERIVED: [&str; 4] = ["file", "directory", "ipv4-addr", "user-account"];

fn read(incident: &Incident, format: Format) -> Value {
    let text = export(incident, None, format, Language::English).unwrap();
    assert_eq!(text, export(incident, None, format, Language::English).unwrap());
    serde_json::from_slice(&text).unwrap()
}

fn of_kind<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    bundle["objects"].as_array().unwrap().iter().filter(|object| object["type"] == kind).collect()
}

/// Every value under a key that ends in `_ref` or `_refs`.
fn references(value: &Value, under: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| references(value, key, into)),
        Value::Array(values) => values.iter().for_each(|value| references(value, under, into)),
        Value::String(text) if under.ends_with("_ref") || under.ends_with("_refs") => into.push(text.clone()),
        _ => {}
    }
}

#[test]
fn a_stix_bundle_holds_together() {
    let story = incident(&web_shell());
    let bundle = read(&story, Format::Stix);
    assert_eq!(bundle["type"], "bundle");
    let objects = bundle["objects"].as_array().unwrap();
    let ids: BTreeSet<&str> = objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), objects.len());
    for object in objects {
        let (kind, id) = (object["type"].as_str().unwrap(), object["id"].as_str().unwrap());
        let uuid = id.strip_prefix(kind).and_then(|rest| rest.strip_prefix("--")).unwrap();
        let version = if DERIVED.contains(&kind) { "5" } else { "4" };
        assert_eq!((uuid.len(), &uuid[14..15]), (36, version), "{id}");
        assert_eq!(object["spec_version"], "2.1");
    }
    let mut refs = Vec::new();
    references(&bundle, "", &mut refs);
    assert!(refs.len() > objects.len());
    refs.iter().for_each(|id| assert!(ids.contains(id.as_str()), "{id} is not in the bundle"));

    let techniques: Vec<&Value> = of_kind(&bundle, "attack-pattern").into_iter().map(|p| &p["name"]).collect();
    assert_eq!(techniques, ["T1505.003", "T1105", "T1496"]);
    assert_eq!(of_kind(&bundle, "sighting").len(), 3);
    assert_eq!(of_kind(&bundle, "ipv4-addr")[0]["value"], "203.0.113.9");
    let processes = of_kind(&bundle, "process");
    let miner = processes.iter().find(|process| process["pid"] == 902).unwrap();
    let shell = processes.iter().find(|process| process["pid"] == 900).unwrap();
    assert_eq!(miner["parent_ref"], shell["id"]);
    assert_eq!(miner["command_line"], "/tmp/m -o stratum+tcp://203.0.113.9:3333");
    let file = |id: &Value| objects.iter().find(|object| object["id"] == *id).unwrap();
    assert_eq!(file(&miner["image_ref"])["name"], "m");
    assert_eq!(file(&file(&miner["image_ref"])["parent_directory_ref"])["path"], "/tmp");
}

/// What was observed is named by what it is; what is told is named by the incident.
#[test]
fn two_bundles_share_what_both_saw() {
    let ids = |story: &Incident| -> BTreeSet<String> {
        let bundle = read(story, Format::Stix);
        bundle["objects"].as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    };
    let story = incident(&web_shell());
    let mut other = story.clone();
    other.id = "INC-77".into();
    other.updated = Time(other.updated.0.plus_nanos(1));
    let shared: BTreeSet<String> = ids(&story).intersection(&ids(&other)).cloned().collect();
    for kind in ["file--", "ipv4-addr--", "user-account--", "process--", "attack-pattern--", "identity--"] {
        assert!(shared.iter().any(|id| id.starts_with(kind)), "{kind}");
    }
    for kind in ["report--", "observed-data--", "sighting--", "bundle--"] {
        assert!(!shared.iter().any(|id| id.starts_with(kind)), "{kind}");
    }
}

#[test]
fn a_layer_scores_each_technique_by_its_gravest_alert() {
    let alerts = vec![
        told("a", 0, "T1105", "file-write-close", below(p(9, "/tmp/m", "m"), &[init()])).file("/tmp/x"),
        told("b", 1, "T1105", "file-write-close", below(p(9, "/tmp/m", "m"), &[init()]))
            .file("/tmp/y")
            .severity(event::Severity::Critical),
        told("c", 2, "T1059.004", "process-exec", below(p(9, "/tmp/m", "m"), &[init()])).severity(event::Severity::Low),
    ];
    let layer = read(&incident(&alerts), Format::Navigator);
    assert_eq!((&layer["domain"], &layer["versions"]["layer"]), (&"enterprise-attack".into(), &"4.5".into()));
    let scores: Vec<(&str, u64)> = layer["techniques"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["techniqueID"].as_str().unwrap(), one["score"].as_u64().unwrap()))
        .collect();
    assert_eq!(scores, [("T1059.004", 30), ("T1105", 100)]);
}

/// One answer of a host that wants to be obeyed.
fn asked_with_hostile_answer(story: &Incident) -> Investigation {
    let catalogue = Catalogue::shipped().unwrap();
    let asks = plan(story, &catalogue);
    let ask = asks.iter().find(|ask| ask.question == "process.children").unwrap();
    let rows = vec![vec![serde_json::json!("<svg onload=x>\u{1b}[2J")]];
    let table = Table { columns: vec!["process_name".into()], rows, ..Table::default() };
    let answers = vec![answer(&catalogue, ask, &table, 1).unwrap()];
    let (hypotheses, conclusion) = conclude(story, &catalogue, &answers);
    Investigation {
        incident_id: story.id.clone(),
        started: story.first,
        finished: story.last,
        alert_count: story.alert_count,
        by: "system".into(),
        answers,
        hypotheses,
        conclusion,
        left_out: 0,
        spent: Spent::default(),
    }
}

#[test]
fn every_form_carries_the_investigation() {
    let story = incident(&web_shell());
    let asked = asked_with_hostile_answer(&story);
    let written = |format| export(&story, Some(&asked), format, Language::Japanese).unwrap();
    let json: Value = serde_json::from_slice(&written(Format::Json)).unwrap();
    assert_eq!(json["investigation"]["answers"][0]["question_id"], "process.children");
    let bundle: Value = serde_json::from_slice(&written(Format::Stix)).unwrap();
    let note = of_kind(&bundle, "note")[0];
    assert!(note["content"].as_str().unwrap().contains("What did"));
    assert!(note["object_refs"].as_array().unwrap().len() > 5);
    let pdf = written(Format::Pdf);
    assert!(pdf.starts_with(b"%PDF-1."));
    let has = |what: &[u8]| pdf.windows(what.len()).any(|window| window == what);
    // 根本原因 in UTF-16, and the name of what was started.
    let heading: Vec<u8> = "根本原因".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex: String = heading.iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(has(&heading) || has(hex.as_bytes()));
    assert!(!pdf.contains(&0x1b));
}

#[test]
fn a_page_shows_hostile_text_and_obeys_none() {
    let shell = below(p(9, "/tmp/<script>alert(1)</script>", "x \"><img src=x onerror=alert(1)>\u{1b}[2J"), &[init()]);
    let story = incident(&[told("a", 0, "T1059.004", "process-exec", shell)]);
    for (language, word) in [(Language::English, "Root cause"), (Language::Japanese, "根本原因")] {
        let asked = asked_with_hostile_answer(&story);
        let page = String::from_utf8(export(&story, Some(&asked), Format::Html, language).unwrap()).unwrap();
        assert!(page.contains("&lt;svg onload=x&gt;"));
        assert!(page.starts_with("<!doctype html>") && page.contains(word));
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;\\u{1b}[2J"));
        for forbidden in ["<script", "<img", "\u{1b}", "http://", "https://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}
