//! What came of the rule and digest files that were named: what is in force and what is not, and why.

use crate::protocol::{Confinement, Source};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Files read, of rules and of digests.
    pub files: usize,
    /// YARA rules in force.
    pub rules: usize,
    /// Digests in force.
    pub hashes: usize,
    pub rejected: Vec<RejectedFile>,
    /// Rules that work but will be slow, and the like; one line each.
    pub warnings: Vec<String>,
    /// What the workers were stripped of.
    pub confinement: Confinement,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedFile {
    pub file: PathBuf,
    /// Where the fault is in one rule of the file and the others are in force.
    pub rule_id: Option<String>,
    pub reason: String,
}

/// YARA texts with a namespace each: the file's name without its extension, made unique, so that two files may hold
/// rules of one name.
pub fn sources(texts: Vec<(PathBuf, String)>) -> Vec<Source> {
    let mut taken = std::collections::HashMap::<String, usize>::new();
    let mut sources = Vec::with_capacity(texts.len());
    for (path, text) in texts {
        let stem = namespace_of(&path);
        let count = taken.entry(stem.clone()).and_modify(|n| *n += 1).or_insert(1);
        let namespace = if *count == 1 { stem } else { format!("{stem}_{count}") };
        sources.push(Source { file: path, namespace, text });
    }
    sources
}

fn namespace_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(100).collect();
    if name.is_empty() { "rules".into() } else { name }
}
