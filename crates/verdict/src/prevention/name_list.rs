//! Names that may be asked for, compiled: the longest that fits decides.

use super::NameEntry;
use std::collections::HashMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    closed: bool,
    /// Whole names, and with a leading `*.` all below; `*` is any.
    entries: HashMap<String, NameEntry>,
}

impl Names {
    pub fn new(entries: &[NameEntry]) -> Names {
        let mut names =
            Names { closed: entries.is_empty() || entries.iter().any(|entry| entry.allow), ..Names::default() };
        for entry in entries {
            let held = names.entries.entry(entry.pattern().to_owned()).or_insert_with(|| entry.clone());
            if !entry.allow {
                *held = entry.clone();
            }
        }
        names
    }

    pub fn decide(&self, name: &str) -> (bool, Option<&NameEntry>) {
        let mut found = self.entries.get(name);
        let mut rest = name;
        while found.is_none() {
            let Some((_, above)) = rest.split_once('.') else { break };
            rest = above;
            found = self.entries.get(&format!("*.{rest}"));
        }
        let found = found.or_else(|| self.entries.get("*"));
        (found.map_or(!self.closed, |entry| entry.allow), found)
    }
}
