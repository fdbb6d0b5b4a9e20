//! Package managers at work: which process belongs to which transaction, and what the packages say of a file.

use crate::shared::Shared;
use ::integrity::expected::{By, Listed};
use enrich::PackageFiles;
use event::{Process, ProcessKey};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::{Protected, protect};

/// Processes whose place is remembered.
const MOST_PLACES: usize = 8_192;
/// While a transaction goes on the lists are read again no more often than this.
const LISTS_EVERY: Duration = Duration::from_secs(3);
/// What a package manager's own database is made of.
const DATABASES: [&str; 3] = ["/var/lib/dpkg", "/var/lib/rpm", "/usr/lib/sysimage/rpm"];
/// Named in one fold.
const MOST_PATHS: usize = 20;
const MOST_PACKAGES: usize = 200;

/// Where a process stands to the package managers above it.
#[derive(Clone, Debug)]
pub struct Place {
    pub by: By,
    /// The outermost package manager: `apt-get` of which `dpkg` is a child.
    pub transaction: Option<ProcessKey>,
}

/// One run of a package manager.
pub struct Transaction {
    pub process: Arc<Process>,
    pub parent: Option<Arc<Process>>,
    pub ended: Option<Instant>,
    pub fold: Fold,
}

/// Expected changes that were not told yet.
pub struct Fold {
    pub files: u64,
    pub packages: BTreeSet<String>,
    pub paths: Vec<Arc<str>>,
    pub last: Instant,
}

impl Default for Fold {
    fn default() -> Self {
        Fold { files: 0, packages: BTreeSet::new(), paths: Vec::new(), last: Instant::now() }
    }
}

impl Fold {
    pub fn add(&mut self, path: &Arc<str>, package: Option<&str>) {
        self.files += 1;
        self.last = Instant::now();
        if self.paths.len() < MOST_PATHS {
            self.paths.push(Arc::clone(path));
        }
        if let Some(package) = package
            && self.packages.len() < MOST_PACKAGES
        {
            self.packages.insert(package.to_owned());
        }
    }
}

pub struct Packages {
    shared: Arc<Shared>,
    files: PackageFiles,
    read: Option<Instant>,
    places: HashMap<(ProcessKey, Arc<str>), Place>,
    pub transactions: HashMap<ProcessKey, Transaction>,
    /// Of which nobody saw who made them.
    pub unseen: Fold,
}

impl Packages {
    pub fn new(shared: Arc<Shared>) -> Packages {
        let files = PackageFiles::new("/".as_ref());
        Packages {
            shared,
            files,
            read: None,
            places: HashMap::new(),
            transactions: HashMap::new(),
            unseen: Fold::default(),
        }
    }

    pub fn place(&mut self, process: Option<&Arc<Process>>) -> Place {
        let nobody = Place { by: By::Other, transaction: None };
        let Some(process) = process else { return nobody };
        let key = (process.key, Arc::clone(&process.executable));
        if let Some(place) = self.places.get(&key) {
            return place.clone();
        }
        let mut chain = self.shared.enricher.processes(&process.key);
        // As it was when it acted, not as it is now.
        match chain.first_mut() {
            Some(first) => *first = Arc::clone(process),
            None => chain.push(Arc::clone(process)),
        }
        let home = home_namespace(&self.shared);
        let manages = |one: &Arc<Process>| protect::of_process(one, &[], home) == Some(Protected::PackageManager);
        let managers: Vec<usize> = (0..chain.len()).filter(|at| manages(&chain[*at])).collect();
        let place = match (managers.first(), managers.last()) {
            (Some(first), Some(last)) => {
                let outermost = &chain[*last];
                self.transactions.entry(outermost.key).or_insert_with(|| Transaction {
                    process: Arc::clone(outermost),
                    parent: chain.get(last + 1).cloned(),
                    ended: None,
                    fold: Fold::default(),
                });
                let by = if *first == 0 { By::PackageManager } else { By::Script };
                Place { by, transaction: Some(outermost.key) }
            }
            _ => nobody,
        };
        if self.places.len() >= MOST_PLACES {
            self.places.clear();
        }
        self.places.insert(key, place.clone());
        place
    }

    /// As of the last time that the lists were read.
    pub fn listed(&mut self, path: &str) -> Listed {
        if self.read.is_none() {
            self.read_lists();
        }
        let below =
            |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let database = DATABASES.into_iter().any(below);
        match self.files.of(path) {
            Some(file) => Listed {
                package: Some(format!("{} {}", file.package.name, file.package.version)),
                md5: file.md5,
                sha256: None,
                database,
            },
            None => Listed { database, ..Listed::default() },
        }
    }

    /// True when they say something new.
    pub fn read_lists(&mut self) -> bool {
        self.read = Some(Instant::now());
        let changed = self.files.refresh();
        for error in self.files.errors() {
            self.shared.problem(format!("what packages say of their files cannot be read: {error}"));
        }
        changed
    }

    /// Notices which transactions are over. True when what waits for lists should be looked at again.
    pub fn tend(&mut self) -> bool {
        let mut ended = false;
        for (key, transaction) in self.transactions.iter_mut().filter(|(_, one)| one.ended.is_none()) {
            if !is_alive(key) {
                transaction.ended = Some(Instant::now());
                ended = true;
            }
        }
        let due = self.read.is_none_or(|at| at.elapsed() >= LISTS_EVERY);
        let open = self.transactions.values().any(|one| one.ended.is_none());
        let wanted = ended || (open && due);
        let changed = wanted && self.read_lists();
        changed || ended
    }

    pub fn is_over(&self, transaction: &ProcessKey) -> bool {
        self.transactions.get(transaction).is_none_or(|one| one.ended.is_some())
    }

    pub fn note_expected(&mut self, transaction: Option<&ProcessKey>, path: &Arc<str>, package: Option<&str>) {
        let seen = transaction.and_then(|key| self.transactions.get_mut(key)).map(|one| &mut one.fold);
        seen.unwrap_or(&mut self.unseen).add(path, package);
    }
}

/// The mount namespace whose paths are the host's: that of pid 1, or the agent's own where nobody may look at pid 1.
pub fn home_namespace(shared: &Shared) -> u32 {
    match shared.host_mount_namespace() {
        0 => shared.own_mount_namespace(),
        known => known,
    }
}

/// The very process, not another of its number.
fn is_alive(key: &ProcessKey) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", key.tgid)) else { return false };
    // Behind the name in brackets, which may hold anything: state is the first field, the start the twentieth.
    let Some((_, rest)) = stat.rsplit_once(')') else { return false };
    let mut fields = rest.split_ascii_whitespace();
    let zombie = fields.next() == Some("Z");
    !zombie && fields.nth(18).and_then(|start| start.parse().ok()) == Some(key.start_ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_until_it_is_not() {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let start = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap().parse().unwrap();
        let key = ProcessKey { tgid: std::process::id(), start_ticks: start, ..ProcessKey::default() };
        assert!(is_alive(&key));
        assert!(!is_alive(&ProcessKey { start_ticks: start + 1, ..key }));
        assert!(!is_alive(&ProcessKey { tgid: u32::MAX, ..key }));
    }
}
