use crate::{code, document, path, tamon, text};

#[test]
fn a_bad_policy_is_refused_with_file_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    std::fs::write(&file, "version = 1\nmoed = \"enforce\"\n").unwrap();
    let output = tamon(&["policy", "check", path(&file)]);
    assert_eq!(code(&output), 1);
    let said = text(&output.stdout);
    assert!(said.contains("site.toml:2") && said.contains("moed"), "{said}");
    std::fs::write(&file, "version = 1\nmode = \"enforce\"\n").unwrap();
    let output = tamon(&["policy", "check", path(&file), "--output", "json"]);
    assert_eq!((code(&output), document(&output)["ok"].as_bool()), (0, Some(true)));
    assert_eq!(code(&tamon(&["policy", "check", "/nonexistent.toml"])), 2);
}
