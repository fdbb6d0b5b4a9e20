use crate::{code, document, path, tamon};

const GOOD: &str = "title: One\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a11\nlogsource: {product: linux, category: process_creation}\ndetection:\n  s: {Image|endswith: /nc}\n  condition: s\nlevel: low\n";

#[test]
fn each_rule_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.yml"), GOOD).unwrap();
    let whole = tamon(&["rules", "check", path(folder.path()), "--output", "json"]);
    assert_eq!(code(&whole), 0);
    let report = document(&whole);
    assert_eq!((&report["files"], &report["rules"], &report["usable"]), (&1.into(), &1.into(), &1.into()));
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    std::fs::write(folder.path().join("deep/bad.yml"), GOOD.replace("condition: s", "condition: s and")).unwrap();
    std::fs::write(folder.path().join("deep/binary.yml"), b"\xff\xfe\x00").unwrap();
    let broken = tamon(&["rules", "check", path(folder.path()), "--output", "json"]);
    assert_eq!(code(&broken), 1);
    let report = document(&broken);
    assert_eq!((report["usable"].as_u64(), report["rejected"].as_array().map(Vec::len)), (Some(1), Some(2)));
    for rejected in report["rejected"].as_array().unwrap() {
        assert!(rejected["file"].as_str().unwrap().contains("deep/"), "{rejected}");
        assert!(!rejected["reason"].as_str().unwrap().is_empty(), "{rejected}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert_eq!(code(&tamon(&["rules", "check", "/nonexistent/rules"])), 2);
}

/// Rules that somebody made to hurt: each is told with its reason, and the good one beside them still finds what it should.
#[test]
fn rules_made_to_hurt_are_told_and_the_others_work() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    let write = |name: &str, text: &str| std::fs::write(rules.join(name), text).unwrap();
    write("good.yml", GOOD);
    let rule = |detection: &str| {
        format!(
            "title: Bad\nlogsource: {{product: linux, category: process_creation}}\ndetection:\n{detection}level: low\n"
        )
    };
    write("regex.yml", &rule("  s: {CommandLine|re: '((a{1,100}){1,100}){1,100}'}\n  condition: s\n"));
    let searches: String = (0..10_000).map(|n| format!("  s{n}: {{Image: x}}\n")).collect();
    write("conditions.yml", &rule(&format!("{searches}  condition: 1 of s*\n")));
    let ring = |name: &str, of: &str| {
        format!(
            "title: Ring\nname: {name}\ncorrelation: {{type: event_count, rules: [{of}], timespan: 1h, condition: {{gte: 2}}}}\n"
        )
    };
    write("ring.yml", &format!("{}---\n{}", ring("x", "y"), ring("y", "x")));
    let checked = tamon(&["rules", "check", path(&rules), "--output", "json"]);
    assert_eq!(code(&checked), 1);
    let report = document(&checked);
    assert_eq!(report["usable"], 1, "{report:#}");
    let reason = |file: &str| {
        let rejected = report["rejected"].as_array().unwrap();
        let of: Vec<&str> = rejected
            .iter()
            .filter(|one| one["file"].as_str().unwrap().ends_with(file))
            .map(|one| one["reason"].as_str().unwrap())
            .collect();
        of.join("; ")
    };
    assert!(reason("regex.yml").contains("would take more"), "{report:#}");
    assert!(reason("conditions.yml").contains("more than 1000 keys"), "{report:#}");
    assert_eq!(reason("ring.yml").matches("refers to itself").count(), 2, "{report:#}");
    // An expression that others need exponential time for costs what any other does.
    write("slow.yml", &rule("  s: {CommandLine|re: '^(a+)+$'}\n  condition: s\n"));
    let log = folder.path().join("log.json");
    let event = |image: &str, line: &str| {
        let whole = serde_json::json!({ "Channel": "Linux-Sysmon/Operational", "EventID": 1, "Image": image, "CommandLine": line });
        format!("{whole}\n")
    };
    std::fs::write(&log, event("/bin/nc", "nc -l") + &event("/bin/true", &("a".repeat(50_000) + "!"))).unwrap();
    let found = tamon(&["sigma", "run", "--rules", path(&rules), "--output", "ndjson", path(&log)]);
    let hits = crate::lines(&found);
    assert_eq!(hits.len(), 1, "{hits:#?}");
}

/// An event log that is cut off, or whose parts are not what they say: what is wrong is told by place, and the exit says so.
#[test]
fn a_damaged_event_log_is_told_and_ends_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let (rules, log) = (folder.path().join("good.yml"), folder.path().join("Security.evtx"));
    std::fs::write(&rules, GOOD).unwrap();
    let mut header = vec![0; 4096];
    header[..8].copy_from_slice(b"ElfFile\0");
    let mut looped = vec![0; 65_536];
    looped[..8].copy_from_slice(b"ElfChnk\0");
    // Records and strings that all lead to the same place, with a checksum of nothing.
    looped[128..512].chunks_exact_mut(4).for_each(|at| at.copy_from_slice(&512u32.to_le_bytes()));
    for (what, bytes) in [
        ("cut within its header", header[..100].to_vec()),
        ("a chunk that loops", [header.clone(), looped.clone()].concat()),
        ("cut within a chunk", [header.clone(), looped[..30_000].to_vec()].concat()),
    ] {
        std::fs::write(&log, bytes).unwrap();
        let run = tamon(&["sigma", "run", "--rules", path(&rules), path(&log)]);
        assert_eq!(code(&run), 1, "{what}: {}", crate::text(&run.stderr));
        assert!(crate::text(&run.stderr).contains("Security.evtx"), "{what}: {}", crate::text(&run.stderr));
    }
}
