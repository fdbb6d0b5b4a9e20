//! When what the ledger counts is enough, and how that is said.

use super::{Ledger, Sign, kinds};
use crate::tell::{Rule, path, span};
use event::{Action, Engine, Finding, Severity, Tactic, Technique, Timestamp};
use std::collections::{HashMap, HashSet};

pub(crate) const CONTENT: Rule = Rule {
    id: "ransomware.content",
    engine: Engine::Ransomware,
    name: "Ransomware: files are made unreadable",
    severity: Severity::Critical,
    techniques: &[Technique::new(1486)],
    tactics: &[Tactic::Impact],
    asks: Some(Action::Kill),
};

pub(crate) const WIPER: Rule =
    Rule { id: "ransomware.wiper", name: "Wiper: files are destroyed", techniques: &[Technique::new(1485)], ..CONTENT };

/// Of documents: what a program does to its own files it does to one kind or two.
const KINDS: usize = 3;

/// What there is enough of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Enough {
    Lost,
    Deleted,
    Emptied,
    Renamed,
}

const SIGNS: [(Sign, &str); 4] = [
    (Sign::Note, "; it left a note"),
    (Sign::Decoy, "; a decoy was among them"),
    (Sign::Inhibited, "; it had ended what files could be recovered from"),
    (Sign::Packed, "; it had packed all that it read into something that nobody can read"),
];

impl Ledger {
    /// Told once. `who` begins the sentence.
    pub fn verdict(&mut self, who: &str) -> Option<Finding> {
        if self.told {
            return None;
        }
        let why = self.enough()?;
        self.told = true;
        let (how, files) = match why {
            Enough::Lost => (self.commonest(), self.lost()),
            Enough::Deleted => ("deleted", self.gone.len()),
            Enough::Emptied => ("emptied", self.emptied.len()),
            Enough::Renamed => ("renamed to an extension that no known program gives", self.renamed.len()),
        };
        let wiped = how.contains("wiped") || how.contains("emptied") || how == "deleted";
        let did = if why == Enough::Renamed { "took away" } else { "destroyed" };
        let (began, first) =
            self.first.clone().unwrap_or_else(|| (self.times().min().unwrap_or_default(), String::new()));
        let within = span(self.times().max().unwrap_or(began).since(began));
        let has = |(sign, _): &&(Sign, &str)| self.signs.contains(sign);
        let signs: String = SIGNS.iter().filter(has).map(|(_, words)| *words).collect();
        let detail = format!(
            "{who} {did} {files} files within {within} ({how}): first {}, last {}{signs}.",
            path(&first),
            path(&self.last)
        );
        let rule = if wiped { WIPER } else { CONTENT };
        Some(rule.finding(detail, vec![("file_path", self.last.clone()), ("files", files.to_string())]))
    }

    fn enough(&self) -> Option<Enough> {
        let config = &self.config;
        let lost = if self.signs.is_empty() { config.enough } else { config.enough_with_sign };
        let loose = || self.gone.values().filter(|gone| gone.loose);
        if self.lost() >= lost {
            Some(Enough::Lost)
        } else if loose().count() >= config.enough_deleted && kinds(loose()) >= KINDS {
            Some(Enough::Deleted)
        } else if self.emptied.len() >= config.enough_emptied && self.emptied_kinds() >= KINDS {
            Some(Enough::Emptied)
        } else {
            self.enough_renamed().then_some(Enough::Renamed)
        }
    }

    /// To something that looks drawn by lot; or to any unknown extension, by a program that nobody knows either.
    fn enough_renamed(&self) -> bool {
        let enough = |coined: bool, count: usize| {
            let some = || self.renamed.values().filter(|one| !coined || one.coined);
            some().count() >= count && some().map(|one| &one.kind).collect::<HashSet<_>>().len() >= KINDS
        };
        enough(true, self.config.enough_renamed) || enough(false, self.config.enough_deleted)
    }

    fn times(&self) -> impl Iterator<Item = Timestamp> {
        let lost = self.lost.values().map(|(at, _)| *at);
        let gone = self.gone.values().map(|gone| gone.at);
        let emptied = self.emptied.values().map(|(at, _)| *at);
        lost.chain(gone).chain(emptied).chain(self.renamed.values().map(|one| one.at))
    }

    /// It has read files and made something unreadable that can hold them all, and now begins to delete them.
    pub fn about_to_delete(&mut self, who: &str, folder: &str) -> Option<Finding> {
        if self.told {
            return None;
        }
        self.told = true;
        let bytes = self.opaque_bytes();
        let detail = format!(
            "{who} was about to delete what lies in {}, after all of it had been packed into {bytes} bytes that nobody can read.",
            path(folder)
        );
        Some(CONTENT.finding(detail, vec![("file_path", folder.to_owned())]))
    }

    fn commonest(&self) -> &'static str {
        let mut counts: HashMap<&'static str, usize> = HashMap::new();
        self.lost.values().for_each(|(_, how)| *counts.entry(how).or_default() += 1);
        let most = counts.into_iter().max_by_key(|(how, count)| (*count, *how));
        match most {
            Some((how, _)) => how,
            None if self.opaque.is_empty() && self.sealed.is_empty() => "deleted",
            None => "deleted after something unreadable was made of them",
        }
    }
}
