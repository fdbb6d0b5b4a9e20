//! What of the lock must outlive the agent: its state, the files that are trusted or distrusted by name, and what was seen
//! and not trusted. One JSON file, root's only, replaced whole; a file that cannot be read is told, and the host then
//! counts as open, which `status` says.

use anyhow::{Context as _, Result};
use event::{Sha256, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use verdict::lockdown::{Lock, Source, Use};

/// Trusted by name; a host with more has another problem.
const MAX_ENTRIES: usize = 200_000;
/// Kinds of unknown files that are kept for the report.
const MAX_SEEN: usize = 20_000;
const MAX_FILE: u64 = 256 << 20;

/// A content that is trusted at a path, or everywhere where none is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub path: Option<String>,
    pub sha256: Sha256,
    pub source: Source,
    pub by: String,
    pub at: Timestamp,
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// A path or a digest that no source can make trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distrust {
    pub path: Option<String>,
    pub sha256: Option<Sha256>,
    pub reason: String,
    pub by: String,
    pub at: Timestamp,
}

/// An unknown content at a path, used in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub path: String,
    pub sha256: Option<Sha256>,
    #[serde(rename = "use")]
    pub usage: String,
    pub reason: String,
    /// Program that asked, last.
    pub by: String,
    pub user: String,
    pub first: Timestamp,
    pub last: Timestamp,
    pub count: u64,
    /// How often it was refused.
    pub denied: u64,
    /// It may be learned when the host is locked.
    pub file: Option<Use>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Document {
    lock: Lock,
    entries: Vec<Entry>,
    distrusted: Vec<Distrust>,
    seen: Vec<Seen>,
}

#[derive(Debug, Default)]
pub struct Store {
    path: PathBuf,
    pub lock: Lock,
    entries: HashMap<Sha256, Vec<Entry>>,
    pub distrusted: Vec<Distrust>,
    seen: HashMap<(String, Option<Sha256>, String), Seen>,
    /// Unknown files that found no room.
    pub unseen: u64,
    dirty: bool,
}

impl Store {
    pub fn open(path: &Path) -> (Store, Option<String>) {
        let empty = Store { path: path.to_owned(), ..Store::default() };
        match read(path) {
            Ok(None) => (empty, None),
            Ok(Some(document)) => {
                let mut store = Store { lock: document.lock, distrusted: document.distrusted, ..empty };
                document.entries.into_iter().for_each(|entry| store.insert(entry));
                store.seen = document.seen.into_iter().map(|seen| (key(&seen), seen)).collect();
                (store, None)
            }
            Err(error) => (empty, Some(format!("the host is not locked: {error:#}"))),
        }
    }

    fn insert(&mut self, entry: Entry) {
        let those = self.entries.entry(entry.sha256).or_default();
        those.retain(|one| one.path != entry.path);
        those.push(entry);
    }

    /// False when there is no room.
    pub fn trust(&mut self, entry: Entry) -> bool {
        if self.entries.len() >= MAX_ENTRIES {
            return false;
        }
        self.insert(entry);
        self.dirty = true;
        true
    }

    /// By a person: what was distrusted before is no longer.
    pub fn trust_by_hand(&mut self, entry: Entry) -> bool {
        let same = |one: &Distrust| one.sha256 == Some(entry.sha256) || (one.path.is_some() && one.path == entry.path);
        self.distrusted.retain(|one| !same(one));
        self.trust(entry)
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }

    /// Who vouches for this content at this path.
    pub fn listed(&self, path: &str, sha256: &Sha256, now: Timestamp) -> Option<Source> {
        let holds = |one: &&Entry| {
            one.path.as_deref().is_none_or(|there| there == path) && one.until.is_none_or(|until| now <= until)
        };
        self.entries.get(sha256)?.iter().find(holds).map(|one| one.source.clone())
    }

    pub fn distrust(&mut self, one: Distrust) {
        self.distrusted.retain(|old| (&old.path, &old.sha256) != (&one.path, &one.sha256));
        self.distrusted.push(one);
        self.dirty = true;
    }

    pub fn why_distrusted(&self, path: &str, sha256: Option<&Sha256>) -> Option<&str> {
        let covers = |one: &&Distrust| {
            one.sha256.is_none_or(|digest| Some(&digest) == sha256)
                && one.path.as_deref().is_none_or(|there| there == path)
        };
        self.distrusted.iter().find(covers).map(|one| one.reason.as_str())
    }

    pub fn note(&mut self, seen: Seen) {
        let key = key(&seen);
        let full = self.seen.len() >= MAX_SEEN;
        match self.seen.get_mut(&key) {
            Some(old) => {
                old.count += 1;
                old.denied += seen.denied;
                (old.last, old.by, old.user, old.reason) = (seen.last, seen.by, seen.user, seen.reason);
            }
            None if full => self.unseen += 1,
            None => drop(self.seen.insert(key, seen)),
        }
        self.dirty = true;
    }

    /// The most used first.
    pub fn seen(&self) -> Vec<&Seen> {
        let mut all: Vec<&Seen> = self.seen.values().collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.path.cmp(&b.path)));
        all
    }

    pub fn clear_seen(&mut self) {
        self.seen.clear();
        (self.unseen, self.dirty) = (0, true);
    }

    /// What was seen of files becomes trusted at its path; returns how many.
    pub fn learn(&mut self, by: &str, now: Timestamp) -> usize {
        let learned: Vec<Entry> = self
            .seen
            .values()
            .filter(|seen| seen.file.is_some() && self.why_distrusted(&seen.path, seen.sha256.as_ref()).is_none())
            .filter_map(|seen| {
                let path = Some(seen.path.clone());
                Some(Entry { path, sha256: seen.sha256?, source: Source::Learned, by: by.into(), at: now, until: None })
            })
            .collect();
        let count = learned.into_iter().filter(|entry| self.trust(entry.clone())).count();
        self.clear_seen();
        count
    }

    pub fn set_lock(&mut self, lock: Lock) {
        self.lock = lock;
        self.dirty = true;
    }

    /// Writes what changed, durably.
    pub fn keep(&mut self) -> Result<()> {
        if !self.dirty {
            return Ok(());
        }
        let document = Document {
            lock: self.lock.clone(),
            entries: self.entries().cloned().collect(),
            distrusted: self.distrusted.clone(),
            seen: self.seen.values().cloned().collect(),
        };
        let fresh = self.path.with_extension("new");
        let mut file = fs::File::create(&fresh).with_context(|| format!("cannot write {}", fresh.display()))?;
        file.write_all(&serde_json::to_vec(&document)?)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        self.dirty = false;
        Ok(())
    }
}

fn key(seen: &Seen) -> (String, Option<Sha256>, String) {
    (seen.path.clone(), seen.sha256, seen.usage.clone())
}

fn read(path: &Path) -> Result<Option<Document>> {
    let size = match path.metadata() {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    anyhow::ensure!(size <= MAX_FILE, "{}: {size} bytes is no list of ours", path.display());
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Mode;
    use verdict::lockdown::Phase;

    fn entry(path: Option<&str>, digest: u8) -> Entry {
        let source = Source::Hand("ours".into());
        let (path, sha256) = (path.map(String::from), Sha256([digest; 32]));
        Entry { path, sha256, source, by: "root".into(), at: Timestamp(1), until: None }
    }

    fn seen(path: &str, digest: u8) -> Seen {
        Seen {
            path: path.into(),
            sha256: Some(Sha256([digest; 32])),
            usage: "program".into(),
            reason: "unknown".into(),
            by: "/bin/sh".into(),
            user: "root".into(),
            first: Timestamp(1),
            last: Timestamp(1),
            count: 1,
            denied: 0,
            file: Some(Use::Program),
        }
    }

    #[test]
    fn what_is_kept_comes_back_and_a_damaged_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lockdown.json");
        let (mut store, problem) = Store::open(&path);
        assert_eq!(problem, None);
        let phase = Phase::Locked { since: Timestamp(5), by: "root".into(), mode: Mode::Enforce, until: None };
        store.set_lock(Lock { phase, break_glass: None });
        assert!(store.trust(entry(Some("/opt/x"), 1)));
        store.note(seen("/opt/y", 2));
        store.note(seen("/opt/y", 2));
        store.keep().unwrap();
        let (again, problem) = Store::open(&path);
        assert_eq!((problem, &again.lock), (None, &store.lock));
        assert_eq!(again.listed("/opt/x", &Sha256([1; 32]), Timestamp(9)), Some(Source::Hand("ours".into())));
        assert_eq!(again.seen()[0].count, 2);
        fs::write(&path, "{").unwrap();
        let (damaged, problem) = Store::open(&path);
        assert_eq!(damaged.lock, Lock::default());
        assert!(problem.unwrap().contains("damaged"));
    }

    #[test]
    fn trust_is_of_a_content_at_a_path_and_distrust_is_stronger() {
        let mut store = Store::default();
        let digest = |n: u8| Sha256([n; 32]);
        let now = Timestamp(10);
        store.trust(entry(Some("/opt/x"), 1));
        store.trust(entry(None, 2));
        store.trust(Entry { until: Some(Timestamp(9)), ..entry(Some("/opt/z"), 3) });
        let check =
            |path: &str, n: u8, expected| assert_eq!(store.listed(path, &digest(n), now).is_some(), expected, "{path}");
        check("/opt/x", 1, true);
        check("/tmp/x", 1, false);
        check("/opt/x", 9, false);
        check("/anywhere", 2, true);
        check("/opt/z", 3, false);
        store.distrust(Distrust {
            path: None,
            sha256: Some(digest(1)),
            reason: "stolen".into(),
            by: "root".into(),
            at: now,
        });
        assert_eq!(store.why_distrusted("/opt/x", Some(&digest(1))), Some("stolen"));
        assert_eq!(store.why_distrusted("/opt/x", Some(&digest(2))), None);
        store.trust(entry(Some("/opt/x"), 1));
        assert_eq!(store.why_distrusted("/opt/x", Some(&digest(1))), Some("stolen"));
        store.trust_by_hand(entry(Some("/opt/x"), 1));
        assert_eq!(store.why_distrusted("/opt/x", Some(&digest(1))), None);
    }

    #[test]
    fn what_was_seen_is_learned_but_for_what_was_struck_out() {
        let mut store = Store::default();
        store.note(seen("/opt/good", 1));
        store.note(seen("/opt/bad", 2));
        store.note(Seen { file: None, ..seen("/usr/bin/sh", 3) });
        let bad = Some(Sha256([2; 32]));
        store.distrust(Distrust { path: None, sha256: bad, reason: "no".into(), by: "root".into(), at: Timestamp(2) });
        assert_eq!(store.learn("root", Timestamp(3)), 1);
        assert_eq!(store.listed("/opt/good", &Sha256([1; 32]), Timestamp(4)), Some(Source::Learned));
        assert_eq!(store.listed("/opt/bad", &Sha256([2; 32]), Timestamp(4)), None);
        assert!(store.seen().is_empty());
    }
}
