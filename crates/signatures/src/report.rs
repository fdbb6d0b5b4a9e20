//! What a build made of its inputs: how many of each kind, and each line that is not used, with its reason.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Lines told of in all; the rest are counted by reason alone.
const TOLD: usize = 10_000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Database files read, those within containers too.
    pub files: u64,
    /// Signatures seen.
    pub signatures: u64,
    /// Signatures that will be matched (or allow, or switch off others).
    pub usable: u64,
    /// By format: `hdb`, `ndb`, …
    pub by_format: BTreeMap<String, u64>,
    /// Switched off by `.ign` and `.ign2`.
    pub ignored: u64,
    /// Potentially unwanted applications among the usable ones.
    pub pua: u64,
    /// By kind of reason; every signature that is not usable is counted once.
    pub unused: BTreeMap<Reason, u64>,
    /// The first ten thousand of them.
    pub rejected: Vec<Rejected>,
    /// Containers and what is known of who made them.
    pub containers: Vec<ContainerReport>,
    /// Files of YARA rules, which are left to the YARA engine.
    pub yara_files: Vec<PathBuf>,
    /// Logical signatures that no pattern wakes, so that every file of their target asks for them.
    pub asked_always: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Malformed,
    Unsupported,
    OtherEngineLevel,
    /// The file itself could not be read or is not of a known format.
    File,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// `container:member` within a container.
    pub file: String,
    /// From 1; 0: the whole file.
    pub line: u64,
    pub name: Option<String>,
    pub kind: Reason,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerReport {
    pub file: PathBuf,
    pub version: u64,
    pub build_time: String,
    pub signatures: u64,
    /// What was checked of its origin, in words.
    pub origin: String,
}

impl Report {
    pub(crate) fn reject(
        &mut self,
        file: &str,
        line: u64,
        name: Option<&str>,
        kind: Reason,
        reason: impl Into<String>,
    ) {
        *self.unused.entry(kind).or_default() += 1;
        if self.rejected.len() < TOLD {
            let name = name.map(|name| event::text::clip(name, 200).to_owned());
            let reason = event::text::clip(&reason.into(), 300).to_owned();
            self.rejected.push(Rejected { file: file.to_owned(), line, name, kind, reason });
        }
    }

    /// Signatures that are not used, all reasons.
    pub fn rejected_count(&self) -> u64 {
        self.unused.values().sum()
    }
}
