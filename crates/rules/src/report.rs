//! What became of each rule file: nothing that cannot be used is left out.

use serde::Serialize;

/// `tamon rules check` prints this as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Files read.
    pub files: usize,
    /// Rules found in them, usable or not; a file that is no YAML counts as one.
    pub rules: usize,
    /// Rules that run on this agent.
    pub usable: usize,
    /// The others, each with its reason, in the order of the files.
    pub rejected: Vec<Rejected>,
}

impl Report {
    /// Whether this report, too, rejects the rule that `other` does.
    pub fn rejects(&self, other: &Rejected) -> bool {
        self.rejected.iter().any(|own| own.file == other.file && own.rule_id == other.rule_id)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The rule's id; absent where it has none or could not be read.
    pub rule_id: Option<String>,
    pub file: String,
    pub reason: String,
}
