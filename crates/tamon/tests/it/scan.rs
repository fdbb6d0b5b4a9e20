use crate::{code, document, lines, path, tamon};

/// In parts, so that this file is not itself what an antivirus must find.
fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}", "$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

#[test]
fn clean_detected_and_unreadable_files_have_their_own_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let (bad, good) = (folder.path().join("bad.com"), folder.path().join("good.txt"));
    std::fs::write(&bad, eicar()).unwrap();
    std::fs::write(&good, "nothing to see").unwrap();
    let clean = tamon(&["scan", "--output", "json", path(&good)]);
    assert_eq!((code(&clean), document(&clean)["verdict"].as_str()), (0, Some("clean")));
    let found = tamon(&["scan", "--output", "ndjson", path(folder.path())]);
    assert_eq!(code(&found), 1);
    let reports = lines(&found);
    assert_eq!(reports.len(), 2);
    let report = reports.iter().find(|report| report["path"] == path(&bad)).unwrap();
    assert_eq!(report["verdict"], "malicious");
    for key in ["engine", "name", "severity", "detail"] {
        assert!(report["findings"][0][key].is_string(), "{key}: {report}");
    }
    let missing = tamon(&["scan", "--output", "ndjson", "/nonexistent/file"]);
    assert_eq!((code(&missing), lines(&missing)[0]["verdict"].as_str()), (2, Some("error")));
}

#[test]
fn signatures_of_ones_own_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let signatures = folder.path().join("signatures");
    std::fs::create_dir(&signatures).unwrap();
    std::fs::write(signatures.join("own.yar"), "rule own { strings: $a = \"needle-7143\" condition: $a }").unwrap();
    let file = folder.path().join("hay");
    std::fs::write(&file, "hay needle-7143 hay").unwrap();
    let output = tamon(&["scan", "--output", "json", "--signatures", path(&signatures), path(&file)]);
    assert_eq!(code(&output), 1, "{output:?}");
    assert_eq!(code(&tamon(&["scan", path(&file)])), 0);
    assert_eq!(code(&tamon(&["scan", "--signatures", "/nonexistent/signatures", path(&file)])), 2);
}
