//! Where the scanner does not look, because an operator said so: with a reason, until a day, and counted each time.

use crate::{ExpiryDate, Glob};
use event::{Sha256, Timestamp};
use serde::{Deserialize, Serialize};

/// `[[scan.exclude]]`. All conditions given must hold. What is excluded is not scanned, which is not the same as clean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Why; shown by `tamon status` with how often it was used.
    pub reason: String,
    /// Last day (`2027-01-31`) or instant (RFC 3339) on which it holds; without it, for good.
    #[serde(default)]
    pub expires: Option<ExpiryDate>,
    /// The file.
    #[serde(default)]
    pub path: Option<Glob>,
    #[serde(default)]
    pub sha256: Option<Sha256>,
    /// Program of the process that wrote the file or starts it.
    #[serde(default)]
    pub process: Option<Glob>,
    /// Name of the package that owns the file.
    #[serde(default)]
    pub package: Option<String>,
}

/// What is known of a file before it is scanned; an absent fact meets no condition on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Candidate<'a> {
    pub path: &'a str,
    pub sha256: Option<Sha256>,
    pub process: Option<&'a str>,
    pub package: Option<&'a str>,
}

impl Exclusion {
    /// Not one condition is given.
    pub fn is_unbounded(&self) -> bool {
        self.path.is_none() && self.sha256.is_none() && self.process.is_none() && self.package.is_none()
    }

    pub fn covers(&self, file: &Candidate<'_>, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|expiry| now <= expiry.last)
            && self.path.as_ref().is_none_or(|path| path.matches(file.path))
            && self.sha256.is_none_or(|digest| file.sha256 == Some(digest))
            && self.process.as_ref().is_none_or(|glob| file.process.is_some_and(|program| glob.matches(program)))
            && self.package.as_deref().is_none_or(|name| file.package == Some(name))
    }
}
