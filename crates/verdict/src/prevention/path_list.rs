//! Entries about paths, compiled: however many there are, a question costs a few look-ups for each folder of the path.

use super::pattern::{PathEntry, Shape};
use std::collections::HashMap;

/// Patterns below one folder: each is held against a path that lies there.
pub(super) const MOST_PATTERNS: usize = 64;

#[derive(Clone, Debug, Default)]
pub struct PathList {
    entries: Vec<PathEntry>,
    /// Something is allowed, so what is not is denied.
    closed: bool,
    files: HashMap<String, usize>,
    trees: HashMap<String, usize>,
    /// By the folder before their first wildcard, the longest first.
    patterns: HashMap<String, Vec<usize>>,
}

impl PathList {
    /// `real` gives another name of the same folder, where a link leads there.
    pub fn new(given: &[PathEntry], real: &dyn Fn(&str) -> Option<String>) -> PathList {
        let mut list =
            PathList { closed: given.iter().any(|entry| entry.allow) || given.is_empty(), ..PathList::default() };
        for entry in given {
            list.add(entry.clone());
            if let Some(moved) = entry.moved(real) {
                list.add(moved);
            }
        }
        for at in list.patterns.values_mut() {
            at.sort_by_key(|i| {
                let entry = &list.entries[*i];
                (std::cmp::Reverse(entry.to_string().trim_start_matches('!').len()), entry.allow)
            });
        }
        list
    }

    fn add(&mut self, entry: PathEntry) {
        let number = self.entries.len();
        let denies = !entry.allow;
        let one = |map: &mut HashMap<String, usize>, key: &str| {
            let held = map.entry(key.to_owned()).or_insert(number);
            if denies {
                *held = number;
            }
        };
        match &entry.shape {
            Shape::File(path) => one(&mut self.files, path),
            Shape::Tree(folder) => one(&mut self.trees, folder),
            Shape::Pattern { anchor, .. } => self.patterns.entry(anchor.clone()).or_default().push(number),
        }
        self.entries.push(entry);
    }

    /// Whether it may be, and the entry that says so; None: no entry fits, and a list that allows anything allows nothing
    /// else.
    pub fn decide(&self, path: &str) -> (bool, Option<&PathEntry>) {
        let found = self.find(path).map(|number| &self.entries[number]);
        (found.map_or(!self.closed, |entry| entry.allow), found)
    }

    fn find(&self, path: &str) -> Option<usize> {
        if let Some(file) = self.files.get(path) {
            // A folder of the same name is as specific.
            let folder = self.trees.get(path).filter(|tree| !self.entries[**tree].allow);
            return Some(*folder.unwrap_or(file));
        }
        // The path itself first, then each folder above it, to the root, which is the empty text.
        let mut at = path;
        loop {
            let below = at.len() < path.len();
            let patterns = self.patterns.get(at).filter(|_| below).into_iter().flatten();
            let pattern = patterns.copied().find(|number| match &self.entries[*number].shape {
                Shape::Pattern { glob, .. } => glob.matches(path),
                _ => false,
            });
            if let Some(number) = pattern.or_else(|| self.trees.get(at).copied()) {
                return Some(number);
            }
            at = &at[..at.rfind('/')?];
        }
    }

    pub fn entries(&self) -> &[PathEntry] {
        &self.entries
    }

    /// What no entry names is denied.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn most_patterns(&self) -> usize {
        self.patterns.values().map(Vec::len).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> PathList {
        let entries: Vec<PathEntry> =
            entries.iter().map(|text| PathEntry::try_from((*text).to_owned()).unwrap()).collect();
        PathList::new(&entries, &|folder| (folder == "/lib").then(|| "/usr/lib".into()))
    }

    #[test]
    fn the_most_specific_entry_decides() {
        let list = list(&[
            "/etc/",
            "!/etc/ssl/",
            "/etc/ssl/certs/",
            "!/etc/sh*",
            "/etc/shells",
            "/run/app",
            "!/run/app",
            "/lib/",
        ]);
        let check = |path: &str, allowed: bool, by: Option<&str>| {
            let (may, entry) = list.decide(path);
            assert_eq!((may, entry.map(ToString::to_string).as_deref()), (allowed, by), "{path}");
        };
        check("/etc/hosts", true, Some("/etc/"));
        check("/etc", true, Some("/etc/"));
        check("/etcetera", false, None);
        check("/etc/ssl/key", false, Some("!/etc/ssl/"));
        check("/etc/ssl/certs/a", true, Some("/etc/ssl/certs/"));
        check("/etc/shadow", false, Some("!/etc/sh*"));
        check("/etc/shells", true, Some("/etc/shells"));
        check("/run/app", false, Some("!/run/app"));
        check("/usr/lib/x.so", true, Some("/usr/lib/"));
        check("/", false, None);
        check("", false, None);
    }

    #[test]
    fn a_list_that_only_denies_leaves_the_rest_open_and_an_empty_one_denies_all() {
        assert_eq!(list(&["!/etc/shadow"]).decide("/etc/hosts"), (true, None));
        assert!(!list(&["!/etc/shadow"]).decide("/etc/shadow").0);
        assert_eq!(list(&[]).decide("/etc/hosts"), (false, None));
        assert!(list(&["/"]).decide("/any/thing").0);
    }

    #[test]
    fn ten_thousand_entries_are_as_deep_as_the_path() {
        let entries: Vec<String> = (0..10_000).map(|i| format!("/srv/{}/{}/", i % 100, i)).collect();
        let list = list(&entries.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(list.decide("/srv/7/5007/a/b/c").0);
        assert!(!list.decide("/srv/8/5007/a/b/c").0);
    }
}
