//! The detectors of this crate, for who wants to list them: what never changes about each. Sequences are files
//! ([`describe_sequence`](crate::describe_sequence)), and risk names what added up.

use crate::tell::Rule;
use crate::{decoy, dropped, forged, guessing, miner, normal, raised, ransomware, reverse_shell, theft, web};
use event::{Severity, Tactic, Technique};

/// What a detector tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    pub id: &'static str,
    pub name: &'static str,
    pub severity: Severity,
    pub techniques: &'static [Technique],
    pub tactics: &'static [Tactic],
}

const ALL: [&Rule; 17] = [
    &ransomware::BURST,
    &ransomware::OVERWRITE,
    &ransomware::ledger::CONTENT,
    &ransomware::ledger::WIPER,
    &ransomware::recovery::RULE,
    &theft::RULE,
    &miner::RULE,
    &reverse_shell::RULE,
    &dropped::DOWNLOADED,
    &dropped::DROPPED,
    &web::DISCOVERY,
    &web::CREDENTIALS,
    &decoy::RULE,
    &raised::RULE,
    &forged::RULE,
    &guessing::TRIED,
    &guessing::GUESSED,
];

pub fn detectors() -> impl Iterator<Item = Known> {
    ALL.iter().chain(normal::words::ALL).map(|rule| Known {
        id: rule.id,
        name: rule.name,
        severity: rule.severity,
        techniques: rule.techniques,
        tactics: rule.tactics,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn rules_below(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let count = |path: std::path::PathBuf| match path.is_dir() {
            true => rules_below(&path),
            false => std::fs::read_to_string(&path).unwrap().matches(": Rule =").count(),
        };
        entries.map(count).sum()
    }

    #[test]
    fn every_rule_of_the_crate_is_listed() {
        // The words that are searched for stand here once too, and once in the macro that makes every rule of
        // what is normal.
        let written = rules_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) - 2;
        assert_eq!(ALL.len(), written);
        let mut ids: Vec<&str> = detectors().map(|known| known.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len() + normal::words::ALL.len());
    }
}
