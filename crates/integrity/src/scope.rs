//! Which files are watched: trees and exclusions of the policy and its sets, resolved against this host.

use crate::below::ByFolder;
use event::text;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use verdict::{Glob, Integrity};

/// What one `*` may stand for.
const MOST_MATCHES: usize = 10_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// As the policy says them.
    patterns: Vec<String>,
    /// That exist now, none below another, in order.
    roots: Vec<PathBuf>,
    /// Numbers of patterns by where they stand.
    places: ByFolder<usize>,
    exclude: ByFolder<Glob>,
    own: Vec<String>,
    /// Folders of a pattern that could not be listed.
    unread: Vec<String>,
}

impl Scope {
    pub fn new(policy: &Integrity) -> Scope {
        let sets = policy.chosen();
        let watch = policy.watch.iter().chain(sets.iter().flat_map(|set| &set.watch)).cloned();
        let exclude = policy.exclude.iter().chain(sets.iter().flat_map(|set| &set.exclude)).cloned();
        Scope::of(watch, exclude)
    }

    /// Only these, without the policy's; `tamon integrity baseline --tree`.
    pub fn of(watch: impl IntoIterator<Item = String>, exclude: impl IntoIterator<Item = Glob>) -> Scope {
        let patterns: BTreeSet<String> = watch.into_iter().map(|one| trimmed(&one).to_owned()).collect();
        let mut excluded = ByFolder::default();
        for glob in exclude {
            let prefix = glob.prefix().to_owned();
            excluded.add_prefix(&prefix, glob);
        }
        let mut scope = Scope {
            patterns: patterns.into_iter().collect(),
            roots: Vec::new(),
            places: ByFolder::default(),
            exclude: excluded,
            own: Vec::new(),
            unread: Vec::new(),
        };
        scope.place();
        scope.resolve();
        scope
    }

    /// The same and one tree more.
    #[must_use]
    pub fn and(mut self, tree: &Path) -> Scope {
        self.patterns.push(trimmed(&tree.to_string_lossy()).to_owned());
        self.place();
        self.resolve();
        self
    }

    fn place(&mut self) {
        self.places = ByFolder::default();
        for (number, pattern) in self.patterns.iter().enumerate() {
            match pattern.split_once('*') {
                Some((literal, _)) => self.places.add_prefix(literal, number),
                None => self.places.add_folder(pattern, number),
            }
        }
    }

    /// Never watched: what the agent itself writes.
    #[must_use]
    pub fn without(mut self, own: &Path) -> Scope {
        self.own.push(format!("{}/", trimmed(&own.to_string_lossy())));
        self
    }

    /// Looks again which trees are there: homes come and go.
    pub fn resolve(&mut self) {
        self.unread.clear();
        let unread = &mut self.unread;
        let mut found: Vec<PathBuf> = self.patterns.iter().flat_map(|pattern| expand(pattern, unread)).collect();
        found.sort();
        found.dedup();
        let mut roots: Vec<PathBuf> = Vec::new();
        for root in found {
            if !roots.iter().any(|above| root.starts_with(above)) {
                roots.push(root);
            }
        }
        self.roots = roots;
    }

    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Folders that a `*` stands for what is in and that could not be listed, and why: what is below is not watched.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Watched, as text; also what a `*` would stand for that was not there when the trees were looked for.
    pub fn covers(&self, path: &str) -> bool {
        self.is_below(path) && !self.excludes(path)
    }

    pub fn covers_path(&self, path: &Path) -> bool {
        self.covers(&text::from_bytes(path.as_os_str().as_bytes()))
    }

    fn is_below(&self, path: &str) -> bool {
        self.places.about(path).any(|number| is_at_or_below(&self.patterns[*number], path))
    }

    pub fn excludes(&self, path: &str) -> bool {
        self.own.iter().any(|own| path.starts_with(own.as_str()) || own.strip_suffix('/') == Some(path))
            || self.exclude.about(path).any(|glob| glob.matches(path))
    }
}

fn trimmed(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

/// Component by component; a `*` is one component, or a part of one.
fn is_at_or_below(pattern: &str, path: &str) -> bool {
    if !pattern.contains('*') {
        return match path.strip_prefix(pattern) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || pattern == "/",
            None => false,
        };
    }
    let literal = pattern.split('*').next().unwrap_or_default();
    let mut parts = path.split('/');
    path.starts_with(literal)
        && pattern.split('/').all(|wanted| parts.next().is_some_and(|part| Glob::from(wanted).matches(part)))
}

fn expand(pattern: &str, unread: &mut Vec<String>) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for wanted in pattern.split('/').filter(|part| !part.is_empty()) {
        if !wanted.contains('*') {
            found.iter_mut().for_each(|path| path.push(wanted));
            continue;
        }
        let glob = Glob::from(wanted);
        let mut list = |path: &PathBuf| match std::fs::read_dir(path) {
            Ok(entries) => Some(entries),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
            Err(error) => {
                unread.push(format!("{}: {error}", path.display()));
                None
            }
        };
        let entries = found.iter().filter_map(&mut list).flatten().flatten();
        let fits = |name: &std::ffi::OsStr| glob.matches(&text::from_bytes(name.as_bytes()));
        found = entries.filter(|entry| fits(&entry.file_name())).take(MOST_MATCHES).map(|entry| entry.path()).collect();
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered() {
        let scope = Scope::of(
            ["/etc/".to_owned(), "/home/*/.ssh".to_owned()],
            [Glob::from("/etc/mtab"), Glob::from("**/*.swp"), Glob::from("/etc/cache/")],
        )
        .without("/etc/tamon-state".as_ref());
        let check = |path: &str, expected: bool| assert_eq!(scope.covers(path), expected, "{path}");
        check("/etc", true);
        check("/etc/passwd", true);
        check("/etcetera", false);
        check("/etc/mtab", false);
        check("/etc/vim/.x.swp", false);
        check("/etc/cache/a/b", false);
        check("/home/ann/.ssh/authorized_keys", true);
        check("/home/ann/notes", false);
        check("/home/.ssh", false);
        check("/etc/tamon-state/x", false);
        check("/etc/tamon-state", false);
        check("/etc/tamon-states", true);
        assert!(Scope::of(["/".to_owned()], []).covers("/srv/x"));
        assert!(Scope::of(["/etc".to_owned()], []).and("/tmp/x/".as_ref()).covers("/tmp/x/y"));
    }

    #[test]
    fn trees_that_are_there_and_none_below_another() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["ann/.ssh", "bob/.ssh", "eve"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let at = |below: &str| format!("{}/{below}", folder.path().display());
        let scope = Scope::of([at("*/.ssh"), at("ann"), at("nobody")], []);
        assert_eq!(scope.roots(), [PathBuf::from(at("ann")), PathBuf::from(at("bob/.ssh"))]);
    }
}
