//! SigmaHQ's published rules, where the test data is there. None of them is shipped.

use rules::{Options, RuleSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn unpacked() -> Option<tempfile::TempDir> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigma/rules.tar.xz");
    if !archive.exists() {
        eprintln!("skipped: {} is not there", archive.display());
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = Command::new("tar").arg("-C").arg(folder.path()).arg("-xf").arg(&archive).status().expect("tar runs");
    assert!(done.success());
    Some(folder)
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push((path.display().to_string(), std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

#[test]
fn all_parse_and_all_of_linux_run() {
    let Some(folder) = unpacked() else { return };
    let mut files = Vec::new();
    collect(folder.path(), &mut files);
    let linux: Vec<_> = files.iter().filter(|(_, text)| text.contains("product: linux")).cloned().collect();
    assert_eq!(linux.len(), 248);

    let (_, report) = RuleSet::compile(linux);
    // process_creation 144, file_event 18, network_connection 5, auditd 54, lines of the system log 11, of any log 16
    assert_eq!((report.usable, report.rejected.len()), (248, 0), "{:#?}", report.rejected);

    // A third of all, for the unoptimised build's sake; `--example check_rules -- DIR foreign` takes them all.
    let third: Vec<_> = files.into_iter().step_by(3).collect();
    let count = third.len();
    let (_, report) = RuleSet::compile_foreign(third, &Options::default());
    let reasons: Vec<&str> = report.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
    assert!(reasons.iter().all(|reason| reason.contains("placeholder")), "{reasons:#?}");
    assert_eq!(report.usable + reasons.len(), count);
}
