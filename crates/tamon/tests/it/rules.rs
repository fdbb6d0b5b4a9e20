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
