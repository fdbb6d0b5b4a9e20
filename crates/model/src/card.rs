//! What travels inside a model file beside its trees: what it judges, its features, its thresholds with the error rates that
//! training measured for them, and where it came from. Written by `cargo xtask train`, read by whoever holds a score against it.

use serde::{Deserialize, Serialize};

/// What a model judges, and so where the scanner asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Any file, by EMBER2024's 696 general dimensions.
    AnyFile,
    /// PE files, by EMBER2024's 2,568 dimensions.
    Pe,
    Elf,
    Shell,
    Python,
    Perl,
    Php,
    Javascript,
    /// A process's command line and not a file.
    Command,
}

/// How sure a score at a threshold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth an alert and a look; never blocks alone.
    Suspicious,
    /// Sure enough that an operator may let it block alone: a measured false-positive rate of at most 0.01 %.
    Malicious,
}

/// A threshold and what was measured at it on files that training did not see.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    pub level: Level,
    /// Scores (after the objective's transform, so 0 to 1 for a binary model) at or above it have this level.
    pub threshold: f64,
    /// False positives among `negatives` held-out benign items, 0 to 1.
    pub false_positive_rate: f64,
    /// Upper end of the 95 % confidence interval of that rate.
    pub false_positive_rate_upper: f64,
    /// Found among `positives` held-out malicious items, 0 to 1; absent where no held-out positives exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub true_positive_rate: Option<f64>,
    pub negatives: u64,
    pub positives: u64,
}

/// The model's own account of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// `"elf"`; with `version` it is what a finding names.
    pub name: String,
    pub version: String,
    pub kind: Kind,
    /// [`Layout::id`](crate::Layout::id) of the features that it was trained on.
    pub layout: String,
    /// At most one a level; a model without any only scores.
    #[serde(default)]
    pub points: Vec<OperatingPoint>,
    /// Day of training, `"2026-11-25"`.
    #[serde(default)]
    pub trained: String,
    /// Sources of the training data, one a line.
    #[serde(default)]
    pub data: Vec<String>,
    #[serde(default)]
    pub licence: String,
    /// What it must not be used for.
    #[serde(default)]
    pub caution: String,
}

impl Card {
    /// The point of `level`, if training measured one.
    pub fn point(&self, level: Level) -> Option<&OperatingPoint> {
        self.points.iter().find(|point| point.level == level)
    }
}
