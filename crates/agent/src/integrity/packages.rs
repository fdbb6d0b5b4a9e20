//! Package managers at work: which process belongs to which transaction, and what the packages say of a file.

use crate::shared::Shared;
use ::integrity::expected::{By, Listed};
use enrich::{ListedDigest, PackageFiles};
use event::{Process, ProcessKey};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::{Protected, protect};

/// Processes whose place is remembered.
const MOST_PLACES: usize = 8_192;
/// While a transaction goes on, and something waits that the packages coming in do not explain, the databases are read again
/// no more often than this, and than this many times what the last reading took.
const LISTS_EVERY: Duration = Duration::from_secs(3);
const LISTS_SHARE: u32 = 20;
/// What a package manager's own database is made of.
const DATABASES: [&str; 3] = ["/var/lib/dpkg", "/var/lib/rpm", "/usr/lib/sysimage/rpm"];
/// Package managers that are scripts of Python: there the program is the interpreter.
const SCRIPTS: [&str; 7] = [
    "/usr/bin/dnf",
    "/usr/bin/dnf-3",
    "/usr/bin/dnf-automatic",
    "/usr/bin/yum",
    "/bin/dnf",
    "/bin/yum",
    "/usr/bin/unattended-upgrade",
];
/// Besides what is protected as one: daemons that install in their own name.
const DAEMONS: [&str; 2] = ["/usr/libexec/packagekitd", "/usr/lib/packagekit/packagekitd"];
/// Named in one fold.
const MOST_PATHS: usize = 20;
const MOST_PACKAGES: usize = 200;
/// A fold is told when its first file has waited so long: with the rest before it and what looking takes, within a second.
const FOLD: Duration = Duration::from_millis(300);

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
    /// What was held against the packages' digests.
    pub fold: Fold,
    /// What it made and nobody could hold against a list yet.
    pub open: Fold,
}

/// Changes of one kind that were not told yet.
#[derive(Default)]
pub struct Fold {
    pub files: u64,
    pub packages: BTreeSet<String>,
    pub paths: Vec<Arc<str>>,
    /// When the first of them was put here, and when the oldest was heard of.
    pub first: Option<Instant>,
    pub heard: Option<Instant>,
}

impl Fold {
    pub fn add(&mut self, path: &Arc<str>, package: Option<&str>, heard: Option<Instant>) {
        self.files += 1;
        self.first.get_or_insert_with(Instant::now);
        self.heard = [self.heard, heard].into_iter().flatten().min();
        if self.paths.len() < MOST_PATHS {
            self.paths.push(Arc::clone(path));
        }
        if let Some(package) = package
            && self.packages.len() < MOST_PACKAGES
        {
            self.packages.insert(package.to_owned());
        }
    }

    pub fn is_due(&self) -> bool {
        self.first.is_some_and(|first| first.elapsed() >= FOLD)
    }
}

pub struct Packages {
    shared: Arc<Shared>,
    files: PackageFiles,
    read: Option<Instant>,
    reading_took: Duration,
    places: HashMap<(ProcessKey, Arc<str>), Place>,
    pub transactions: HashMap<ProcessKey, Transaction>,
    /// Of which nobody saw who made them.
    pub unseen: Fold,
}

impl Packages {
    /// The databases lie below `root`.
    pub fn new(shared: Arc<Shared>, root: &Path) -> Packages {
        Packages {
            shared,
            files: PackageFiles::new(root),
            read: None,
            reading_took: Duration::ZERO,
            places: HashMap::new(),
            transactions: HashMap::new(),
            unseen: Fold::default(),
        }
    }

    /// Takes down how the package managers' lists stand, so that what comes is known as news.
    pub fn begin(&mut self) {
        self.peek();
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
        let manages = |one: &Arc<Process>| {
            protect::of_process(one, &[], home) == Some(Protected::PackageManager) || installs_besides(one, home)
        };
        let managers: Vec<usize> = (0..chain.len()).filter(|at| manages(&chain[*at])).collect();
        let place = match (managers.first(), managers.last()) {
            (Some(first), Some(last)) => {
                let outermost = &chain[*last];
                self.transactions.entry(outermost.key).or_insert_with(|| Transaction {
                    process: Arc::clone(outermost),
                    parent: chain.get(last + 1).cloned(),
                    ended: None,
                    fold: Fold::default(),
                    open: Fold::default(),
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

    /// As of the last time that the lists were looked at.
    pub fn listed(&mut self, path: &str) -> Listed {
        let below =
            |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let database = DATABASES.into_iter().any(below);
        let mut found = self.files.of(path);
        if found.is_none() && self.read.is_none() {
            self.read_lists();
            found = self.files.of(path);
        }
        let Some(file) = found else { return Listed { database, ..Listed::default() } };
        let (md5, sha256) = match file.digest {
            Some(ListedDigest::Md5(digest)) => (Some(digest), None),
            Some(ListedDigest::Sha256(digest)) => (None, Some(digest)),
            Some(ListedDigest::Sha384(_) | ListedDigest::Sha512(_)) | None => (None, None),
        };
        Listed { package: Some(format!("{} {}", file.package.name, file.package.version)), md5, sha256, database }
    }

    /// The databases as a whole. True when they say something new.
    pub fn read_lists(&mut self) -> bool {
        let began = Instant::now();
        let changed = self.files.refresh();
        self.reading_took = began.elapsed();
        self.read = Some(Instant::now());
        self.tell_errors();
        changed
    }

    fn peek(&mut self) -> bool {
        let news = self.files.peek();
        self.tell_errors();
        news
    }

    fn tell_errors(&mut self) {
        for error in self.files.errors() {
            self.shared.problem(format!("what packages say of their files cannot be read: {error}"));
        }
    }

    /// Notices which transactions are over, and what packages have come in. True when what waits for lists should be looked
    /// at again.
    pub fn tend(&mut self, waiting: bool) -> bool {
        let mut ended = false;
        for (key, transaction) in self.transactions.iter_mut().filter(|(_, one)| one.ended.is_none()) {
            if !is_alive(key) {
                transaction.ended = Some(Instant::now());
                ended = true;
            }
        }
        let open = self.transactions.values().any(|one| one.ended.is_none());
        if !open && !ended {
            return false;
        }
        let mut news = self.peek();
        let pause = LISTS_EVERY.max(self.reading_took * LISTS_SHARE);
        let due = self.read.is_none_or(|at| at.elapsed() >= pause);
        if ended || (waiting && due) {
            news |= self.read_lists();
        }
        if !open {
            self.files.forget_coming();
        }
        news || ended
    }

    /// The command line of a transaction's outermost package manager.
    pub fn command_line(&self, transaction: Option<&ProcessKey>) -> Option<Arc<str>> {
        let transaction = self.transactions.get(transaction?)?;
        Some(event::text::clip(&transaction.process.command_line, 2_000).into())
    }

    pub fn is_over(&self, transaction: &ProcessKey) -> bool {
        self.transactions.get(transaction).is_none_or(|one| one.ended.is_some())
    }

    pub fn note_expected(
        &mut self,
        transaction: Option<&ProcessKey>,
        path: &Arc<str>,
        package: Option<&str>,
        heard: Option<Instant>,
    ) {
        let seen = transaction.and_then(|key| self.transactions.get_mut(key)).map(|one| &mut one.fold);
        seen.unwrap_or(&mut self.unseen).add(path, package, heard);
    }

    /// False where there is no transaction to tell it of.
    pub fn note_open(&mut self, transaction: Option<&ProcessKey>, path: &Arc<str>, heard: Instant) -> bool {
        let Some(one) = transaction.and_then(|key| self.transactions.get_mut(key)) else { return false };
        one.open.add(path, None, Some(heard));
        true
    }
}

/// dnf and its kin: root's, on the host itself, the interpreter with such a script. Root could pretend to be that; but of
/// what it then makes only the very bytes that a package lists are expected.
fn installs_besides(process: &Process, home: u32) -> bool {
    let python = ["/usr/bin/python3", "/usr/libexec/platform-python"];
    let on_host = process.container.is_none() && home != 0 && process.mount_namespace == home;
    let mut words = process.command_line.split(' ').skip(1).skip_while(|word| word.starts_with('-'));
    let daemon = DAEMONS.contains(&&*process.executable);
    let script = python.iter().any(|name| process.executable.starts_with(name))
        && words.next().is_some_and(|script| SCRIPTS.contains(&script));
    on_host && process.user.credentials.euid == 0 && (daemon || script)
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

    #[test]
    fn a_package_manager_that_is_a_script_is_one_only_as_root_and_on_the_host() {
        let process = |executable: &str, command: &str| Process {
            executable: executable.into(),
            command_line: command.into(),
            mount_namespace: 7,
            ..Process::default()
        };
        let check =
            |one: &Process, expected: bool| assert_eq!(installs_besides(one, 7), expected, "{}", one.command_line);
        let dnf = process("/usr/bin/python3.9", "/usr/bin/python3 /usr/bin/dnf -y install nginx");
        check(&dnf, true);
        check(&process("/usr/libexec/platform-python3.6", "/usr/libexec/platform-python -s /usr/bin/dnf update"), true);
        check(&process("/usr/bin/python3.9", "python3 /tmp/x.py /usr/bin/dnf"), false);
        check(&process("/tmp/python3", "/tmp/python3 /usr/bin/dnf"), false);
        check(&Process { mount_namespace: 8, ..dnf.clone() }, false);
        let mut user = dnf;
        user.user.credentials.euid = 1000;
        check(&user, false);
    }
}
