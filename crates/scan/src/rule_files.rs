//! What came of the files of signatures that were named: what is in force and what is not, and why.

use crate::protocol::Confinement;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Files in force, those built in among them.
    pub files: usize,
    /// YARA rules in force.
    pub rules: usize,
    /// Digests in force.
    pub hashes: u64,
    /// Pattern signatures in force.
    pub patterns: u64,
    /// Name and version of each model in force.
    pub models: Vec<String>,
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
