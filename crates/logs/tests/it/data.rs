//! Public test data, where it is there; it is no part of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

/// An archive of `../shared/data`, unpacked. None, and said so, where it is absent.
pub fn unpacked(archive: &str) -> Option<tempfile::TempDir> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(archive);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = Command::new("tar").arg("-C").arg(folder.path()).arg("-xf").arg(&path).status().expect("tar runs");
    assert!(done.success());
    Some(folder)
}

pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            out.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            out.push(path);
        }
    }
    out
}

/// Rules whose id `wanted` accepts, compiled for every kind of log.
pub fn rules(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> rules::ForeignRules {
    let id = |text: &str| text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap_or_default().trim().to_owned();
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(path).expect("UTF-8"));
    let sources = files(folder, "yml").into_iter().map(read).filter(|(_, text)| wanted(&id(text)));
    let views = rules::shipped::views().expect("the shipped pipelines are sound");
    let options = rules::Options { views, ..rules::Options::default() };
    rules::RuleSet::compile_foreign(sources, &options).0
}
