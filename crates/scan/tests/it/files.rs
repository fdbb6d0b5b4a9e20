//! One file in, one report out.

use crate::world::{World, config, eicar, names, scanner, scanner_with};
use scan::{Limits, ScanConfig, Scanner, Verdict};

#[test]
fn eicar_is_found_out_of_the_box_by_both_engines() {
    let world = World::new();
    let scanner = scanner();
    let report = scanner.scan_path(&world.file("eicar.com", eicar()));
    assert_eq!(report.verdict, Verdict::Malicious, "{report:?}");
    assert_eq!(names(&report), ["hash:EICAR test file", "eicar:eicar_test_file"]);
    assert_eq!(report.size, 68);
    assert_eq!(report.to_findings()[1].asks, Some(event::Action::Quarantine));
    assert_eq!(report.to_findings()[1].techniques[0].to_string(), "T1204.002");

    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["verdict"], "malicious");
    assert_eq!(json["findings"][0]["engine"], "hash");
    assert_eq!(json["findings"][1]["severity"], "high");
    assert!(json["findings"][1]["detail"].as_str().unwrap().contains("$head at 0x0"));
    let mut keys: Vec<_> = json.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["findings", "path", "sha256", "size", "verdict", "voices"]);
}

#[test]
fn what_is_like_eicar_is_not_eicar() {
    let world = World::new();
    let scanner = scanner();
    let check = |name: &str, content: String, expected: Verdict| {
        let report = scanner.scan_path(&world.file(name, content));
        assert_eq!(report.verdict, expected, "{name}: {report:?}");
    };
    check("empty", String::new(), Verdict::Clean);
    check("text", "hello".into(), Verdict::Clean);
    check("script-that-writes-it", format!("#!/bin/sh\necho '{}'\n", eicar()), Verdict::Clean);
    check("with-newline", eicar() + "\n", Verdict::Malicious);
    check("with-blanks", eicar() + "   ", Verdict::Malicious);
}

#[test]
fn a_file_longer_than_the_limit_is_incomplete_unless_something_was_found() {
    let world = World::new();
    let limits = Limits { max_file_bytes: 1000, max_hash_bytes: 2000, ..config().limits };
    let scanner = scanner_with(&world, "rule a { strings: $a = \"needle\" condition: $a }", |c| c.limits = limits);
    let check = |content: Vec<u8>, expected: Verdict, digest: bool| {
        let report = scanner.scan_path(&world.file("file", &content));
        assert_eq!((report.verdict, report.sha256.is_some()), (expected, digest), "{report:?}");
    };
    check(vec![b'x'; 1000], Verdict::Clean, true);
    check(vec![b'x'; 1001], Verdict::Incomplete, true);
    check(vec![b'x'; 300_000], Verdict::Incomplete, false);
    check([vec![b'x'; 900], b"needle".to_vec(), vec![b'x'; 900]].concat(), Verdict::Malicious, true);
    check([vec![b'x'; 1900], b"needle".to_vec()].concat(), Verdict::Incomplete, true);
}

#[test]
fn a_known_digest_is_found_beyond_what_patterns_see() {
    let world = World::new();
    let content = vec![b'z'; 5000];
    let set = world.file("set.txt", "78d18b99a0a11a7aaa0dad1dd31afd6ef9c9e4b5a1fdb7ce16f5d1e06d92b4a1 low nothing\n");
    let path = world.file("big", &content);
    let limits = Limits { max_file_bytes: 1000, ..config().limits };
    let scanner = Scanner::start(ScanConfig { signatures: vec![set.clone()], limits, ..config() }).unwrap();
    let report = scanner.scan_path(&path);
    assert_eq!(report.verdict, Verdict::Incomplete);
    std::fs::write(&set, format!("{} critical Evil.B\n", report.sha256.unwrap())).unwrap();
    let loaded = scanner.reload(ScanConfig { signatures: vec![set], limits, ..config() }).unwrap();
    assert_eq!(loaded.hashes, 4);
    let report = scanner.scan_path(&path);
    assert_eq!((report.verdict, report.findings[0].name.as_str()), (Verdict::Malicious, "Evil.B"));
}

#[test]
fn a_sparse_file_of_ten_tebibytes_does_not_hold_anyone_up() {
    let world = World::new();
    let limits = Limits { max_file_bytes: 1 << 20, max_hash_bytes: 2 << 20, ..config().limits };
    let scanner = scanner_with(&world, "rule a { condition: false }", |c| c.limits = limits);
    let path = world.file("sparse", "");
    // Some file systems hold no file that long; then the longest that they do.
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    let size = [10 << 40, 1 << 40].into_iter().find(|size| file.set_len(*size).is_ok()).unwrap();
    let report = scanner.scan_path(&path);
    assert_eq!((report.verdict, report.size), (Verdict::Incomplete, size));
}

#[test]
fn what_is_no_file_is_an_error_not_a_wait() {
    let world = World::new();
    let scanner = scanner();
    let pipe = world.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", world.path("link")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(world.path("socket")).unwrap();
    let names = ["pipe", "link", "socket", "absent", "."].map(|name| world.path(name));
    // A device that never ends, and one that gives nothing.
    let devices = ["/dev/zero", "/dev/null"].map(Into::into);
    for path in names.into_iter().chain(devices) {
        let report = scanner.scan_path(&path);
        assert_eq!(report.verdict, Verdict::Error, "{path:?}: {report:?}");
        assert!(report.note.is_some());
    }
    assert_eq!(scanner.stats().errors, 7);
}
