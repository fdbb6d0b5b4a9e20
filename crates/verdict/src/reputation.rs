//! What is known of a file before anyone looks into it: lists of the allowed and the denied, and whether it is still what
//! its package put there. A list is a sure answer; a package is a good one.

use crate::ExpiryDate;
use event::{Sha256, Timestamp};
use serde::{Deserialize, Serialize};

/// `[reputation]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reputation {
    /// A file with the very digest that its package says is not put before the model.
    pub trust_packages: bool,
    #[serde(rename = "file")]
    pub files: Vec<ListedFile>,
}

impl Default for Reputation {
    fn default() -> Self {
        Reputation { trust_packages: true, files: Vec::new() }
    }
}

/// `[[reputation.file]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    pub sha256: Sha256,
    pub verdict: Listing,
    /// Why; shown with every decision that it makes.
    pub reason: String,
    /// Last day or instant on which it holds; without it, for good.
    #[serde(default)]
    pub expires: Option<ExpiryDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Listing {
    Allow,
    Deny,
}

impl Reputation {
    /// The entry that holds now; of several, one that denies.
    pub fn listed(&self, digest: &Sha256, now: Timestamp) -> Option<&ListedFile> {
        let holds = |one: &&ListedFile| one.expires.as_ref().is_none_or(|expiry| now <= expiry.last);
        let mut those = self.files.iter().filter(|one| one.sha256 == *digest).filter(holds);
        let first = those.next()?;
        Some(std::iter::once(first).chain(those).find(|one| one.verdict == Listing::Deny).unwrap_or(first))
    }
}
