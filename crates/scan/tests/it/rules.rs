//! Rule files: what is in force, what is refused and why, and the rules that ship.

use crate::world::{World, config, names, scanner_with};
use scan::{ScanConfig, Scanner, Verdict};

#[test]
fn a_bad_rule_file_is_named_with_its_reason_and_the_others_work() {
    let world = World::new();
    world.file("set/good.yar", "rule good { strings: $a = \"needle\" condition: $a }");
    world.file("set/bad.yar", "rule bad { condition: nonsense }");
    world.file("set/worse.yara", b"\xff\xfe not text");
    world.file("set/readme.md", "not a rule");
    world.file("set/deep/er/also.yar", "rule good { strings: $a = \"needle\" condition: $a }");
    let signatures = vec![world.path("set"), world.path("absent")];
    let scanner = Scanner::start(ScanConfig { signatures, builtin: false, ..config() }).unwrap();
    let loaded = scanner.loaded();
    assert_eq!(loaded.rules, 2, "{loaded:?}");
    let rejected: Vec<_> =
        loaded.rejected.iter().map(|r| (r.file.file_name().unwrap().to_str().unwrap(), r.reason.as_str())).collect();
    assert_eq!(rejected.iter().map(|r| r.0).collect::<Vec<_>>(), ["absent", "worse.yara", "bad.yar"]);
    assert!(rejected[2].1.contains("nonsense"), "{rejected:?}");
    let report = scanner.scan_path(&world.file("f", "a needle"));
    assert_eq!(names(&report), ["also:good", "good:good"]);
}

#[test]
fn meta_says_severity_action_title_and_technique() {
    let world = World::new();
    let rule = r#"rule r : T1496 { meta: severity = "low" action = "deny" title = "A title" description = "why"
        technique = "T1059.004, T1027" strings: $s = "needle" condition: $s }"#;
    let scanner = scanner_with(&world, rule, |_| {});
    let report = scanner.scan_path(&world.file("f", "needle"));
    assert_eq!(report.verdict, Verdict::Suspicious);
    let finding = &report.findings[0];
    assert_eq!((finding.name.as_str(), finding.detail.as_str()), ("A title", "why; matched $s at 0x0"));
    assert_eq!(finding.asks, Some(event::Action::Deny));
    let techniques: Vec<_> = finding.techniques.iter().map(|t| t.to_string()).collect();
    assert_eq!(techniques, ["T1059.004", "T1027", "T1496"]);
}

#[test]
fn rules_are_replaced_at_once_and_a_scanner_that_cannot_start_leaves_the_old_ones() {
    let world = World::new();
    let scanner = scanner_with(&world, "rule first { condition: true }", |_| {});
    let file = world.file("f", "x");
    assert_eq!(names(&scanner.scan_path(&file)), ["test:first"]);
    let next = world.file("next.yar", "rule second { condition: true }");
    let mut config = ScanConfig { signatures: vec![next], builtin: false, ..config() };
    scanner.reload(config.clone()).unwrap();
    assert_eq!(names(&scanner.scan_path(&file)), ["next:second"]);
    config.worker.program = "/nonexistent/worker".into();
    scanner.reload(config).unwrap_err();
    assert_eq!(names(&scanner.scan_path(&file)), ["next:second"]);
}

#[test]
fn many_matches_are_bounded_and_counted() {
    let world = World::new();
    let rules: String = (0..300).map(|n| format!("rule r{n} {{ condition: true }}\n")).collect();
    let scanner = scanner_with(&world, &rules, |_| {});
    let report = scanner.scan_path(&world.file("f", "x"));
    assert_eq!(report.findings.len(), 64);
    assert_eq!(report.note.as_deref(), Some("236 more rules matched"));
    // However many rules of no weight match before it, one that weighs is told.
    let rule = |n: usize| {
        let severity = if n == 299 { "high" } else { "info" };
        format!("rule r{n} {{ meta: severity = \"{severity}\" condition: true }}\n")
    };
    let rules: String = (0..300).map(rule).collect();
    let report = scanner_with(&world, &rules, |_| {}).scan_path(&world.file("g", "x"));
    assert_eq!((report.verdict, report.findings.len()), (Verdict::Malicious, 64), "{report:?}");
}

/// The smallest whole ELF: a header, one loaded segment, 4 KiB of nothing.
pub fn one_segment_elf(flags: u32) -> Vec<u8> {
    let mut elf = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    elf.extend(2u16.to_le_bytes());
    elf.extend(62u16.to_le_bytes());
    elf.extend(1u32.to_le_bytes());
    elf.extend([0x40_0078u64, 64, 0].map(u64::to_le_bytes).concat());
    elf.extend(0u32.to_le_bytes());
    elf.extend([64u16, 56, 1, 0, 0, 0].map(u16::to_le_bytes).concat());
    elf.extend([1u32, flags].map(u32::to_le_bytes).concat());
    elf.extend([0u64, 0x40_0000, 0x40_0000, 4096, 4096, 4096].map(u64::to_le_bytes).concat());
    elf.resize(4096, 0);
    elf
}

#[test]
fn the_models_that_ship_are_in_force_and_speak_of_their_own_type_only() {
    let world = World::new();
    let scanner = crate::world::scanner();
    let loaded = scanner.loaded();
    assert_eq!((loaded.models.len(), loaded.rejected), (4, vec![]), "{:?}", loaded.models);
    let said = |name: &str, content: &[u8]| {
        let ask = scan::Ask { explain: true, ..scan::Ask::default() };
        let report = scanner.scan_path_as(&world.file(name, content), &ask);
        report.voices.into_iter().find(|voice| voice.engine == Some(event::Engine::Model)).unwrap().text
    };
    let shell = said("s", b"#!/bin/sh\nset -e\nfor f in *.txt; do wc -l \"$f\"; done\n");
    assert!(shell.contains("score"), "{shell}");
    // No data supports one for programs, and that is said of each.
    for (name, content) in
        [("t", &b"only words"[..]), ("elf", &one_segment_elf(5)), ("js", b"'use strict'; module.exports = 1;")]
    {
        assert_eq!(said(name, content), "not asked, because there is no model for this type of file", "{name}");
    }
}

#[test]
fn a_damaged_database_model_or_rule_file_is_refused_and_the_others_work() {
    let world = World::new();
    let model = include_bytes!("../../../../content/models/shell.model");
    let database = {
        let hash = world.file("db/a.hsb", format!("{}:1:Test.Known\n", "00".repeat(32)));
        let to = world.path("whole.tsig");
        signatures::build_file(&[hash], &signatures::BuildOptions::default(), &to).unwrap();
        std::fs::read(to).unwrap()
    };
    let broken = |whole: &[u8]| {
        let mut bytes = whole.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle..].iter_mut().for_each(|byte| *byte ^= 0x55);
        bytes
    };
    world.file("set/a.model", broken(model));
    world.file("set/b.model", &model[..model.len() / 2]);
    world.file("set/c.model", "");
    world.file("set/d.tsig", &database[..database.len() / 2]);
    world.file("set/e.tsig", "no database");
    world.file("set/f.yarc", "no rules");
    world.file("set/g.yar", "rule good { strings: $a = \"needle\" condition: $a }");
    let config = ScanConfig { signatures: vec![world.path("set")], builtin: false, ..config() };
    let scanner = Scanner::start(config).unwrap();
    let loaded = scanner.loaded();
    let mut rejected: Vec<_> = loaded.rejected.iter().filter_map(|one| one.file.file_name()?.to_str()).collect();
    rejected.sort();
    assert_eq!(rejected, ["a.model", "b.model", "c.model", "d.tsig", "e.tsig", "f.yarc"], "{:?}", loaded.rejected);
    assert_eq!(names(&scanner.scan_path(&world.file("f", "a needle"))), ["g:good"]);
}

#[test]
fn foreign_databases_are_compiled_where_nothing_is_left_and_a_bad_line_is_named() {
    let world = World::new();
    let content = "a file that is known by its digest";
    let file = world.file("known", content);
    let digest = {
        let seen = crate::world::scanner().scan_path(&file);
        seen.sha256.unwrap().to_hex()
    };
    world.file("set/a.hsb", format!("{digest}:{}:Test.Known\nnot a line at all\n", content.len()));
    world.file("set/b.ndb", "Test.Pattern:0:*:6e6565646c65206f6620697473206f776e\n");
    world.file("set/c.cvd", "ClamAV-VDB: cut");
    let config = ScanConfig { signatures: vec![world.path("set")], builtin: false, ..config() };
    let scanner = Scanner::start(config.clone()).unwrap();
    let loaded = scanner.loaded();
    assert_eq!((loaded.hashes, loaded.patterns), (1, 1), "{loaded:?}");
    let mut rejected: Vec<_> = loaded.rejected.iter().filter_map(|one| one.file.file_name()?.to_str()).collect();
    rejected.sort();
    assert_eq!(rejected, ["a.hsb", "c.cvd"], "{:?}", loaded.rejected);
    assert_eq!(names(&scanner.scan_path(&file)), ["hash:Test.Known"]);
    assert_eq!(names(&scanner.scan_path(&world.file("f", "a needle of its own"))), ["signature:Test.Pattern"]);
    // What cannot be compiled is an error, not a scanner without signatures.
    let mut broken = config;
    broken.worker.program = "/bin/true".into();
    let error = Scanner::start(broken).err().unwrap().to_string();
    assert!(error.contains("compil"), "{error}");
}
