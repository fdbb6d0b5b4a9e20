//! A database made from texts, by file name, and what it says of bytes.

use signatures::{BuildOptions, Database, Digests, Object, Outcome, Report, ScanOptions};
use std::path::PathBuf;
use tempfile::TempDir;

pub struct World {
    pub folder: TempDir,
    pub report: Report,
    pub database: Database,
}

pub fn world(files: &[(&str, &str)]) -> World {
    let folder = tempfile::tempdir().unwrap();
    let sources = folder.path().join("db");
    std::fs::create_dir(&sources).unwrap();
    for (name, text) in files {
        std::fs::write(sources.join(name), text).unwrap();
    }
    let output = folder.path().join("set.tsig");
    let report = signatures::build_file(&[sources], &BuildOptions::default(), &output).unwrap();
    let database = Database::open(&output).unwrap();
    World { folder, report, database }
}

impl World {
    pub fn sources(&self) -> PathBuf {
        self.folder.path().join("db")
    }

    pub fn scan(&self, bytes: &[u8]) -> Outcome {
        self.database.scan(&Object::file(bytes), &ScanOptions::default()).unwrap()
    }

    /// Everything that is said of a file, sorted.
    pub fn names(&self, bytes: &[u8]) -> Vec<String> {
        let size = bytes.len() as u64;
        let digests = Digests::of(bytes, self.database.wanted(size));
        let known = self.database.lookup(&digests, size, false).unwrap();
        if known.allowed.is_some() {
            return Vec::new();
        }
        let outcome = self.scan(bytes);
        assert_eq!(outcome.incomplete, None);
        let mut names: Vec<String> = known.hits.into_iter().chain(outcome.hits).map(|hit| hit.name).collect();
        names.sort();
        names.dedup();
        names
    }
}
