//! A folder of files and a scanner on the test's own worker program.

use scan::{Limits, ScanConfig, ScanReport, Scanner, WorkerProgram};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

pub struct World {
    pub dir: TempDir,
}

impl World {
    pub fn new() -> Self {
        World { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn file(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

pub fn config() -> ScanConfig {
    let worker = WorkerProgram { program: env!("CARGO_BIN_EXE_scan-worker").into(), args: vec![] };
    // A debug build hashes and matches slowly, and the machine is shared.
    let limits = Limits { timeout: Duration::from_secs(30), ..Limits::default() };
    ScanConfig { worker, limits, workers: 2, ..ScanConfig::default() }
}

pub fn scanner() -> Scanner {
    Scanner::start(config()).unwrap()
}

/// With the rule text given alone.
pub fn scanner_with(world: &World, rules: &str, change: impl FnOnce(&mut ScanConfig)) -> Scanner {
    let rules = world.file("rules/test.yar", rules);
    let mut config = ScanConfig { signatures: vec![rules], builtin: false, ..config() };
    change(&mut config);
    Scanner::start(config).unwrap()
}

pub fn names(report: &ScanReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule_id.as_str()).collect()
}

/// In parts, so that no scanner takes this source for the file.
pub fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)", "7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}
