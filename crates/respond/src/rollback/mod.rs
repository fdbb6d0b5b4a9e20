//! The roll-back store: what files held before a process tree that is not trusted changed them, and what that tree made.
//! A tree's changes are undone from it as a whole.
//!
//! A folder of mode 0700: `objects/ID` (content, shared with the original's blocks where the file system can, else a
//! copy) and `log` (one line a fact). An act is in the log with one write before it is answered for, so a kill -9 at any
//! moment loses nothing that was promised; [`Rollback::sync`] makes it outlive the machine as well. Content without a line
//! is swept at the next start, a line that was cut short is counted.
//!
//! Age is counted in the store's own seconds, which run with the boot clock while the agent does: to set the wall clock
//! back or forward ages nothing.

mod entry;
mod error;
mod log;
mod names;
mod quota;
mod renames;
mod report;
mod restore;
mod take;

pub use entry::{Actor, Entry, Made, Name, NameKind, Renamed};
pub use error::RollbackError;
pub use report::{FileReport, RollbackReport, Undone};
pub use take::Kept;

use entry::Id;
use log::{Log, Record};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Begins the name under which something is kept before anybody changes it: nobody's act, until [`Rollback::cut`] says so.
pub const AHEAD: &str = "ahead:";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollbackConfig {
    /// Of all content together.
    pub max_bytes: u64,
    /// A larger file is not kept, and counted.
    pub max_file_bytes: u64,
    /// Of one process tree, so that none can push out what others need.
    pub max_tree_bytes: u64,
    pub keep: Duration,
    /// What is younger is never pushed out by quotas: its tree may still be found out.
    pub hold: Duration,
    /// Lines of the log; bounds memory.
    pub max_entries: usize,
}

impl Default for RollbackConfig {
    fn default() -> Self {
        RollbackConfig {
            max_bytes: 4 << 30,
            max_file_bytes: 256 << 20,
            max_tree_bytes: 2 << 30,
            keep: Duration::from_secs(3 * 86_400),
            hold: Duration::from_secs(600),
            max_entries: 200_000,
        }
    }
}

/// What the store holds of one process tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TreeSummary {
    pub tree: String,
    /// What stands for it and its kin together.
    pub family: String,
    pub executable: String,
    pub uid: u32,
    /// Files whose content from before is kept.
    pub kept: usize,
    pub bytes: u64,
    /// Files that the tree made.
    pub made: usize,
    /// Files and folders that it gave other names.
    pub renamed: usize,
    /// The alert that it was stopped by, if it was.
    pub incident: Option<String>,
    /// First and last act, for people.
    pub first: event::Timestamp,
    pub last: event::Timestamp,
}

/// Counted since the start; shown by `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RollbackStats {
    pub files: u64,
    pub bytes: u64,
    /// Larger than `max_file_bytes`.
    pub too_large: u64,
    /// No room for it.
    pub full: u64,
    /// The file could not be read or written to the store.
    pub failed: u64,
    /// Pushed out by newer ones before their time.
    pub pushed_out: u64,
    /// Lines of the log that could not be read at the start.
    pub cut_lines: u64,
    /// Of those kept, without copying a byte.
    pub shared: u64,
}

pub struct Rollback {
    dir: PathBuf,
    config: Mutex<RollbackConfig>,
    state: Mutex<State>,
}

struct State {
    log: Log,
    /// In the order in which they were kept.
    entries: BTreeMap<u64, Entry>,
    /// (tree, device, inode) of those: a tree's first change counts.
    known: HashSet<(String, u64, u64)>,
    /// The newest content of each file: (device, inode) → entry.
    newest: HashMap<(u64, u64), u64>,
    /// Entries that use an object.
    uses: HashMap<Id, u32>,
    made: Vec<Made>,
    names: Vec<Name>,
    /// In the order in which they happened.
    renames: Vec<Renamed>,
    incidents: BTreeMap<String, String>,
    tree_bytes: HashMap<String, u64>,
    bytes: u64,
    next: u64,
    /// The store's own age in seconds, and the boot clock when it was last moved.
    age: u64,
    aged_at: Duration,
    stats: RollbackStats,
}

impl Rollback {
    /// Makes what is not there; sweeps what a crash left.
    pub fn open(dir: &Path, config: RollbackConfig) -> Result<Self, RollbackError> {
        for folder in [dir.to_owned(), dir.join("objects")] {
            let at = |source| RollbackError::Io { what: "making", path: folder.clone(), source };
            DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(at)?;
            let meta = fs::symlink_metadata(&folder).map_err(at)?;
            if !meta.is_dir() || meta.uid() != rustix::process::geteuid().as_raw() {
                return Err(RollbackError::NotOurs(folder));
            }
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).map_err(at)?;
        }
        let (log, records, cut_lines) = Log::open(&dir.join("log"))?;
        let mut state = State {
            log,
            entries: BTreeMap::new(),
            known: HashSet::new(),
            newest: HashMap::new(),
            uses: HashMap::new(),
            made: Vec::new(),
            names: Vec::new(),
            renames: Vec::new(),
            incidents: BTreeMap::new(),
            tree_bytes: HashMap::new(),
            bytes: 0,
            next: 1,
            age: 0,
            aged_at: boot_clock(),
            stats: RollbackStats { cut_lines, ..RollbackStats::default() },
        };
        records.into_iter().for_each(|record| state.replay(record));
        let store = Rollback { dir: dir.to_owned(), config: Mutex::new(config), state: Mutex::new(state) };
        store.sweep()?;
        Ok(store)
    }

    pub fn configure(&self, config: RollbackConfig) {
        *self.config.lock() = config;
    }

    pub fn stats(&self) -> RollbackStats {
        let state = self.state.lock();
        RollbackStats { files: state.entries.len() as u64, bytes: state.bytes, ..state.stats }
    }

    /// Newest first.
    pub fn trees(&self) -> Vec<TreeSummary> {
        let state = self.state.lock();
        let mut trees: BTreeMap<&str, TreeSummary> = BTreeMap::new();
        for entry in state.entries.values().filter(|entry| !entry.tree.starts_with(AHEAD)) {
            let tree = trees.entry(&entry.tree).or_insert_with(|| TreeSummary {
                tree: entry.tree.clone(),
                family: entry.family.clone(),
                executable: entry.executable.clone(),
                uid: entry.actor_uid,
                incident: state.incidents.get(&entry.tree).cloned(),
                first: entry.taken,
                ..TreeSummary::default()
            });
            tree.kept += 1;
            tree.bytes += entry.size;
            tree.last = entry.taken;
        }
        let bare = |tree: &String, family: &str| TreeSummary {
            tree: tree.clone(),
            family: family.to_owned(),
            incident: state.incidents.get(tree).cloned(),
            ..TreeSummary::default()
        };
        for made in &state.made {
            let first = || TreeSummary { first: made.taken, ..bare(&made.tree, &made.family) };
            let tree = trees.entry(&made.tree).or_insert_with(first);
            tree.made += 1;
            tree.last = tree.last.max(made.taken);
        }
        for renamed in &state.renames {
            let tree = trees.entry(&renamed.tree).or_insert_with(|| bare(&renamed.tree, &renamed.family));
            tree.renamed += 1;
        }
        // Stopped before anything was to be kept: one stands for all of that alert.
        let told: BTreeSet<&String> = trees.values().filter_map(|tree| tree.incident.as_ref()).collect();
        let untold: BTreeMap<&String, &String> = state
            .incidents
            .iter()
            .filter(|(_, alert)| !told.contains(alert))
            .map(|(tree, alert)| (alert, tree))
            .collect();
        let untold: Vec<TreeSummary> = untold.into_values().map(|tree| bare(tree, "")).collect();
        let mut trees: Vec<_> = trees.into_values().chain(untold).collect();
        trees.sort_by_key(|tree| std::cmp::Reverse(tree.last));
        trees
    }

    /// The trees that `name` stands for: a tree itself, all of a family, or what an alert stopped. One that was stopped stands
    /// for all that were stopped with it.
    pub fn trees_of(&self, name: &str) -> Vec<String> {
        let state = self.state.lock();
        let alert = state.incidents.get(name).map_or(name, String::as_str);
        let by_alert = state.incidents.iter().filter(|(_, one)| *one == alert).map(|(tree, _)| tree);
        let kept = state.entries.values().map(|entry| (&entry.tree, &entry.family));
        let made = state.made.iter().map(|made| (&made.tree, &made.family));
        let renamed = state.renames.iter().map(|renamed| (&renamed.tree, &renamed.family));
        let by_name = kept.chain(made).chain(renamed).filter(|(tree, family)| *tree == name || *family == name);
        let linked = state.names.iter().map(|one| &one.tree).filter(|tree| *tree == name);
        let all: BTreeSet<&String> = by_alert.chain(by_name.map(|(tree, _)| tree)).chain(linked).collect();
        all.into_iter().cloned().collect()
    }

    /// This tree was stopped: what is kept of it stays until its time is over, whatever else needs room.
    pub fn convict(&self, tree: &str, alert: &str) -> Result<(), RollbackError> {
        let mut state = self.state.lock();
        if state.incidents.get(tree).is_some_and(|known| known == alert) {
            return Ok(());
        }
        let record = Record::Incident { tree: tree.to_owned(), alert: alert.to_owned() };
        state.log.append(&record)?;
        state.replay(record);
        Ok(())
    }

    /// What the tree's file (device, inode) held when the tree first changed it.
    pub fn before(&self, tree: &str, device: u64, inode: u64) -> Option<(Entry, File)> {
        let state = self.state.lock();
        let entry = state.entries.values().find(|e| e.tree == tree && (e.device, e.inode) == (device, inode))?.clone();
        drop(state);
        let file = File::open(self.object(&entry.object)).ok()?;
        Some((entry, file))
    }

    /// Everything up to now outlives the machine.
    pub fn sync(&self) -> Result<(), RollbackError> {
        let objects = self.dir.join("objects");
        let at = |source| RollbackError::Io { what: "flushing", path: self.dir.clone(), source };
        File::open(&objects).and_then(|dir| rustix::fs::syncfs(&dir).map_err(Into::into)).map_err(at)
    }

    fn object(&self, id: &Id) -> PathBuf {
        self.dir.join("objects").join(id.to_string())
    }
}

impl State {
    fn replay(&mut self, record: Record) {
        match record {
            Record::Kept(entry) => {
                self.next = self.next.max(entry.number + 1);
                self.known.insert((entry.tree.clone(), entry.device, entry.inode));
                let uses = self.uses.entry(entry.object.clone()).or_insert(0);
                *uses += 1;
                if *uses == 1 {
                    self.bytes += entry.size;
                }
                *self.tree_bytes.entry(entry.tree.clone()).or_insert(0) += entry.size;
                self.newest.insert((entry.device, entry.inode), entry.number);
                self.entries.insert(entry.number, *entry);
            }
            Record::Made(made) => self.made.push(made),
            Record::Name(name) => self.names.push(name),
            Record::Renamed(renamed) => self.renames.push(renamed),
            Record::Incident { tree, alert } => {
                self.incidents.insert(tree, alert);
            }
            Record::Dropped { number } => {
                self.forget(number);
            }
            Record::RolledBack { tree } => {
                self.made.retain(|made| made.tree != tree);
                self.renames.retain(|renamed| renamed.tree != tree);
            }
            Record::Age { seconds } => self.age = self.age.max(seconds),
        }
    }

    /// The object that nobody needs any more, if there is one.
    fn forget(&mut self, number: u64) -> Option<Id> {
        let entry = self.entries.remove(&number)?;
        self.known.remove(&(entry.tree.clone(), entry.device, entry.inode));
        if self.newest.get(&(entry.device, entry.inode)) == Some(&number) {
            self.newest.remove(&(entry.device, entry.inode));
        }
        if let Some(bytes) = self.tree_bytes.get_mut(&entry.tree) {
            *bytes = bytes.saturating_sub(entry.size);
        }
        let uses = self.uses.get_mut(&entry.object)?;
        *uses -= 1;
        if *uses > 0 {
            return None;
        }
        self.uses.remove(&entry.object);
        self.bytes = self.bytes.saturating_sub(entry.size);
        Some(entry.object)
    }
}

fn boot_clock() -> Duration {
    Duration::from_millis(crate::gate::now_ms())
}
