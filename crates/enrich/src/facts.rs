//! What only files tell (digest, owning package, container's name), fetched by one background thread and kept in bounded caches.
//!
//! The hot path looks up, asks once for what is not there, and may wait for it a bounded time. A file with the same
//! identity is never read twice; an owner is asked again when the package database has changed.

use crate::cgroup::ContainerId;
use crate::digest::{self, Digest, Opener};
use crate::packages::PackageIndex;
use crate::{Config, Stats, container, proc};
use event::{Container, FileIdentity, Package, Sha256};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const QUEUE: usize = 1024;
const CACHED: usize = 8192;

/// One program file to know about.
#[derive(Clone, Debug)]
pub(crate) struct FileQuestion {
    pub identity: FileIdentity,
    pub path: Arc<str>,
    /// A process that runs it.
    pub tgid: u32,
    /// The path means the same file to the agent: no container, no memfd, not deleted.
    pub path_is_ours: bool,
}

/// What is known of a file. `settled` says that nothing more will come.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileFacts {
    pub sha256: Option<Sha256>,
    pub package: Option<Arc<Package>>,
    pub settled: bool,
}

#[derive(Debug)]
enum Job {
    File(FileQuestion),
    Container(ContainerId),
}

#[derive(Debug)]
pub(crate) struct Facts {
    shared: Arc<Shared>,
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    known: Mutex<Known>,
    changed: Condvar,
    stop: AtomicBool,
}

type OwnerKey = (FileIdentity, Arc<str>);

#[derive(Debug, Default)]
struct Known {
    digests: Generations<FileIdentity, Digest>,
    owners: Generations<OwnerKey, Option<Arc<Package>>>,
    containers: Generations<String, Arc<Container>>,
    /// Asked and not answered.
    files: HashSet<OwnerKey>,
    asked_containers: HashSet<String>,
    counts: Stats,
    /// The package index stands.
    ready: bool,
}

/// A cache in two generations: what was not used while the young one filled is forgotten.
#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Generations { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Generations<K, V> {
    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.put(key.clone(), value.clone());
        Some(value)
    }

    fn put(&mut self, key: K, value: V) {
        if self.young.len() >= CACHED / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

impl Facts {
    pub(crate) fn start(config: &Config) -> std::io::Result<Facts> {
        let shared =
            Arc::new(Shared { known: Mutex::default(), changed: Condvar::new(), stop: AtomicBool::new(false) });
        let (jobs, queue) = mpsc::sync_channel(QUEUE);
        let (worker_shared, config) = (shared.clone(), config.clone());
        let thread = std::thread::Builder::new().name("enrich-facts".into()).spawn(move || {
            let packages = PackageIndex::new(config.root.clone());
            let mut worker = Worker { shared: worker_shared, config, packages, opener: Opener::default() };
            worker.refresh_packages();
            worker.shared.known.lock().ready = true;
            worker.shared.changed.notify_all();
            while let Ok(job) = queue.recv() {
                worker.answer(job);
            }
        })?;
        Ok(Facts { shared, jobs: Some(jobs), thread: Some(thread) })
    }

    /// What is known of the file now; what is not is asked for.
    pub(crate) fn file(&self, question: &FileQuestion) -> FileFacts {
        let mut known = self.shared.known.lock();
        let facts = known.file(question);
        match facts.sha256 {
            Some(_) => known.counts.digest_hits += 1,
            None => known.counts.digest_misses += 1,
        }
        let key = (question.identity, question.path.clone());
        if !facts.settled && known.files.insert(key.clone()) && !self.ask(&mut known, Job::File(question.clone())) {
            known.files.remove(&key);
        }
        facts
    }

    /// As `file`, for one that was asked about before: never asks again. Settled too when the answer was "failed".
    pub(crate) fn late_file(&self, question: &FileQuestion) -> FileFacts {
        let mut known = self.shared.known.lock();
        let facts = known.file(question);
        let open = known.files.contains(&(question.identity, question.path.clone()));
        FileFacts { settled: facts.settled || !open, ..facts }
    }

    /// The container as far as it is known: at first only its id.
    pub(crate) fn container(&self, id: &ContainerId) -> (Arc<Container>, bool) {
        let mut known = self.shared.known.lock();
        if let Some(container) = known.containers.get(&id.id) {
            return (container, true);
        }
        if known.asked_containers.insert(id.id.clone()) && !self.ask(&mut known, Job::Container(id.clone())) {
            known.asked_containers.remove(&id.id);
        }
        let (name, image) = (None, None);
        (
            Arc::new(Container {
                id: id.id.as_str().into(),
                runtime: id.runtime.into(),
                name,
                image,
                labels: Arc::default(),
            }),
            false,
        )
    }

    pub(crate) fn late_container(&self, id: &str) -> Option<Arc<Container>> {
        self.shared.known.lock().containers.get(&id.to_owned())
    }

    fn ask(&self, known: &mut MutexGuard<'_, Known>, job: Job) -> bool {
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        known.counts.questions_dropped += u64::from(!sent);
        sent
    }

    /// Waits until the questions are answered. False when time ran out.
    pub(crate) fn wait(&self, file: Option<&FileQuestion>, container: Option<&str>, most: Duration) -> bool {
        let until = Instant::now() + most;
        let mut known = self.shared.known.lock();
        loop {
            let open = file.is_some_and(|q| known.files.contains(&(q.identity, q.path.clone())))
                || container.is_some_and(|c| known.asked_containers.contains(c));
            if !open {
                return true;
            }
            if self.shared.changed.wait_until(&mut known, until).timed_out() {
                return false;
            }
        }
    }

    /// Waits until nothing is asked any more.
    pub(crate) fn settle(&self, most: Duration) -> bool {
        let until = Instant::now() + most;
        let mut known = self.shared.known.lock();
        while !(known.ready && known.files.is_empty() && known.asked_containers.is_empty()) {
            if self.shared.changed.wait_until(&mut known, until).timed_out() {
                return false;
            }
        }
        true
    }

    /// Fills in what this part counts.
    pub(crate) fn count(&self, stats: &mut Stats) {
        let known = self.shared.known.lock();
        let counts = &known.counts;
        stats.digest_hits = counts.digest_hits;
        stats.digest_misses = counts.digest_misses;
        stats.hashed = counts.hashed;
        stats.hashed_bytes = counts.hashed_bytes;
        stats.hash_failed = counts.hash_failed;
        stats.hash_too_large = counts.hash_too_large;
        stats.questions_dropped = counts.questions_dropped;
        stats.package_paths = counts.package_paths;
        stats.package_bytes = counts.package_bytes;
        stats.packages = counts.packages;
        stats.package_errors = counts.package_errors.clone();
        stats.containers_known = known.containers.len();
    }
}

impl Drop for Facts {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Known {
    fn file(&mut self, question: &FileQuestion) -> FileFacts {
        let digest = self.digests.get(&question.identity);
        let owner = match question.path_is_ours {
            true => self.owners.get(&(question.identity, question.path.clone())),
            false => Some(None),
        };
        FileFacts {
            sha256: digest.and_then(|d| if let Digest::Is(sum) = d { Some(sum) } else { None }),
            settled: digest.is_some() && owner.is_some(),
            package: owner.flatten(),
        }
    }
}

struct Worker {
    shared: Arc<Shared>,
    config: Config,
    packages: PackageIndex,
    opener: Opener,
}

impl Worker {
    fn answer(&mut self, job: Job) {
        if self.shared.stop.load(Ordering::Relaxed) {
            return;
        }
        match job {
            Job::File(question) => self.answer_file(&question),
            Job::Container(id) => {
                let container = Arc::new(container::describe(&self.config.root, &id));
                let mut known = self.shared.known.lock();
                known.asked_containers.remove(&id.id);
                known.containers.put(id.id, container);
            }
        }
        self.shared.changed.notify_all();
    }

    fn answer_file(&mut self, question: &FileQuestion) {
        let cached = self.shared.known.lock().digests.get(&question.identity);
        let digest = cached.unwrap_or_else(|| self.digest(question));
        self.refresh_packages();
        let owner = self.owner(question);
        let mut known = self.shared.known.lock();
        let known = &mut *known;
        if cached.is_none() {
            known.counts.note(digest, question.identity.size);
        }
        // A failure is not remembered: the next process of that file may show it.
        if digest != Digest::Failed {
            known.digests.put(question.identity, digest);
        }
        let key = (question.identity, question.path.clone());
        known.files.remove(&key);
        if let Some(owner) = owner {
            known.owners.put(key, owner);
        }
    }

    fn digest(&mut self, question: &FileQuestion) -> Digest {
        if question.identity.size > self.config.hash_max_bytes {
            return Digest::TooLarge;
        }
        let path = question.path_is_ours.then(|| digest::under(&self.config.root, &question.path)).flatten();
        match self.opener.open(&self.config.proc, question.tgid, path.as_deref(), &question.identity) {
            Some(file) => digest::digest(file, self.config.hash_max_bytes, &self.shared.stop),
            None => Digest::Failed,
        }
    }

    /// None when it cannot be told whether the path is that file; Some(None) when no package owns it.
    fn owner(&self, question: &FileQuestion) -> Option<Option<Arc<Package>>> {
        if !question.path_is_ours {
            return None;
        }
        let Some(owner) = self.packages.owner(&question.path) else { return Some(None) };
        // Another mount namespace may show another file under that path.
        let meta = std::fs::metadata(digest::under(&self.config.root, &question.path)?).ok()?;
        Some(self.opener.is(&proc::identity(&meta), &question.identity).then_some(owner))
    }

    fn refresh_packages(&mut self) {
        if !self.packages.refresh() {
            return;
        }
        let mut known = self.shared.known.lock();
        known.owners.clear();
        known.counts.package_paths = self.packages.paths();
        known.counts.package_bytes = self.packages.bytes();
        known.counts.packages = self.packages.package_count();
        known.counts.package_errors = self.packages.errors.clone();
    }
}

impl Stats {
    fn note(&mut self, digest: Digest, bytes: u64) {
        match digest {
            Digest::Is(_) => {
                self.hashed += 1;
                self.hashed_bytes += bytes;
            }
            Digest::TooLarge => self.hash_too_large += 1,
            Digest::Failed => self.hash_failed += 1,
        }
    }
}
