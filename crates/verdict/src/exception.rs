//! What is known and accepted: findings that an exception covers stay in the record and decide nothing.

use crate::{Glob, Subject};
use event::{Finding, Sha256, Timestamp};
use serde::{Deserialize, Serialize};

/// All conditions given must hold. A path or a command line is what the process says of itself: prefer a digest or a
/// package where the wrong party could choose them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Why; shown with every decision that it changes.
    pub reason: String,
    /// Last day (`2027-01-31`) or instant (RFC 3339) on which it holds; without it, for good.
    #[serde(default)]
    pub expires: Option<ExpiryDate>,
    /// Rule id; may hold `*`.
    #[serde(default)]
    pub rule: Option<Glob>,
    /// The acting program or the file acted on.
    #[serde(default)]
    pub path: Option<Glob>,
    /// Digest of the acting program or of the file acted on.
    #[serde(default)]
    pub sha256: Option<Sha256>,
    /// Name of the package that owns the acting program or the file acted on.
    #[serde(default)]
    pub package: Option<String>,
    /// Part of the acting process's command line.
    #[serde(default)]
    pub command_line: Option<String>,
}

impl Exception {
    /// Not one condition is given.
    pub fn is_unbounded(&self) -> bool {
        let empty = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
        self.rule.is_none()
            && self.path.is_none()
            && self.sha256.is_none()
            && empty(&self.package)
            && empty(&self.command_line)
    }

    pub fn covers(&self, finding: &Finding, subject: &Subject<'_>, now: Timestamp) -> bool {
        self.holds_at(now)
            && self.rule.as_ref().is_none_or(|rule| rule.matches(finding.rule_id.as_str()))
            && self.path.as_ref().is_none_or(|path| subject.paths().any(|p| path.matches(p)))
            && self.sha256.is_none_or(|digest| subject.digests().any(|d| d == digest))
            && self.package.as_ref().is_none_or(|name| subject.packages().any(|p| p == name))
            && self.command_line.as_ref().is_none_or(|part| subject.command_line().contains(&**part))
    }

    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|expiry| now <= expiry.last)
    }
}

/// A day means its end in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExpiryDate {
    pub last: Timestamp,
    text: String,
}

impl TryFrom<String> for ExpiryDate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let whole = if text.len() == 10 { format!("{text}T23:59:59.999999999Z") } else { text.clone() };
        let last = whole.parse().map_err(|_| format!("not a day (2027-01-31) or an RFC 3339 time: {text:?}"))?;
        Ok(ExpiryDate { last, text })
    }
}

impl From<ExpiryDate> for String {
    fn from(expiry: ExpiryDate) -> String {
        expiry.text
    }
}
