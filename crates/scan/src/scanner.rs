//! The side that holds files and asks. A *generation* is a set of compiled rules with its nursery and workers; a reload
//! starts a new one and swaps it in when it stands, so there is never a moment without rules.

mod compiler;
mod generation;
mod judge;
mod nursery;

use crate::cache::{self, VerdictCache};
use crate::{LoadReport, ScanConfig, ScanReport, Urgency};
pub use compiler::{CompileOptions, compile_signatures};
use generation::Generation;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("starting the scan worker {program}: {source}")]
    Spawn { program: String, source: io::Error },
    #[error("the scan worker did not come up: {0}")]
    Worker(String),
    #[error("compiling the signatures: {0}")]
    Signatures(String),
    /// By the caller of [`Scanner::reload_if`].
    #[error("{0}")]
    Unfit(String),
}

/// What is wanted of one scan besides the verdict.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Tell what each voice said, even where nothing was found.
    pub explain: bool,
    /// The model is not to be asked, and why, in words that follow "because".
    pub spare_model: Option<String>,
    /// Archives are not opened; each is then incomplete.
    pub leave_archives: bool,
    pub urgency: Urgency,
}

/// Counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ScannerStats {
    pub files: u64,
    pub bytes: u64,
    pub detections: u64,
    pub incomplete: u64,
    pub errors: u64,
    /// Workers that ended in the middle of a file.
    pub workers_lost: u64,
    /// Files whose time ran out.
    pub timeouts: u64,
    /// Files that were known clean as they stand and were not looked into again.
    pub cached: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    files: AtomicU64,
    bytes: AtomicU64,
    detections: AtomicU64,
    incomplete: AtomicU64,
    errors: AtomicU64,
    workers_lost: AtomicU64,
    timeouts: AtomicU64,
    cached: AtomicU64,
}

/// Use it from as many threads as you like; as many files as there are workers are looked at at once, others wait.
pub struct Scanner {
    current: RwLock<Arc<Generation>>,
    /// One reload at a time.
    reloading: Mutex<()>,
    counters: Counters,
    cache: Option<VerdictCache>,
}

impl Scanner {
    /// Reads rules and digests, starts the nursery. Rules that cannot be used are in [`Scanner::loaded`], not an error.
    pub fn start(config: ScanConfig) -> Result<Self, StartError> {
        let generation = Generation::start(config)?;
        Ok(Scanner {
            current: RwLock::new(Arc::new(generation)),
            reloading: Mutex::new(()),
            counters: Counters::default(),
            cache: None,
        })
    }

    /// Files that `cache` knows as clean are not looked into again while neither they nor the signatures change.
    pub fn with_cache(self, cache: VerdictCache) -> Self {
        Scanner { cache: Some(cache), ..self }
    }

    /// Stands for all that files are held against now.
    pub fn generation_number(&self) -> u64 {
        self.generation().number
    }

    /// New rules, digests or limits. Scans under way end with the old ones; on an error the old ones stay in force.
    pub fn reload(&self, config: ScanConfig) -> Result<LoadReport, StartError> {
        self.reload_if(config, |_| Ok(()))
    }

    /// `fit` looks at what was loaded before it is put in force, and may say why it must not be.
    pub fn reload_if(
        &self,
        config: ScanConfig,
        fit: impl FnOnce(&LoadReport) -> Result<(), String>,
    ) -> Result<LoadReport, StartError> {
        let _alone = self.reloading.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let next = Arc::new(Generation::start(config)?);
        let report = next.loaded.clone();
        fit(&report).map_err(StartError::Unfit)?;
        *self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = next;
        Ok(report)
    }

    fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// What the rules and digests in force came to.
    pub fn loaded(&self) -> LoadReport {
        self.generation().loaded.clone()
    }

    pub fn workers(&self) -> usize {
        self.generation().config.workers
    }

    /// Pids of the nursery and of the workers that stand now; for `status` and for tests.
    pub fn worker_pids(&self) -> Vec<u32> {
        self.generation().pids()
    }

    /// `file` must be open for reading; its position is not used. `path` is only told. Never fails: see the verdict.
    pub fn scan(&self, file: &File, path: &Path) -> ScanReport {
        self.scan_as(file, path, &Ask::default())
    }

    pub fn scan_as(&self, file: &File, path: &Path, ask: &Ask) -> ScanReport {
        let generation = self.generation();
        let identity = self.cache.as_ref().and_then(|_| Some(cache::identity(&file.metadata().ok()?)));
        let remembered = self.cache.as_ref().zip(identity).filter(|_| !ask.explain);
        if let Some((cache, identity)) = &remembered
            && let Some(digest) = cache.clean(file, identity, generation.number)
        {
            self.counters.cached.fetch_add(1, Ordering::Relaxed);
            return ScanReport::known_clean(crate::walk::shown(path), identity.size, digest);
        }
        let report = judge::judge(&generation, &self.counters, file, path, ask);
        // Without the model it is another question.
        if let (Some((cache, identity)), Some(digest), None) = (&remembered, report.sha256, &ask.spare_model)
            && report.verdict == crate::Verdict::Clean
        {
            cache.remember(file, identity, generation.number, digest);
        }
        self.count(&report);
        report
    }

    /// Opens without following a link at the end of the path and without waiting for anyone.
    pub fn scan_path(&self, path: &Path) -> ScanReport {
        self.scan_path_as(path, &Ask::default())
    }

    pub fn scan_path_as(&self, path: &Path, ask: &Ask) -> ScanReport {
        match crate::walk::open(path) {
            Ok(file) => self.scan_as(&file, path, ask),
            Err(error) => {
                let report = ScanReport::error(crate::walk::shown(path), format!("cannot be opened: {error}"));
                self.count(&report);
                report
            }
        }
    }

    fn count(&self, report: &ScanReport) {
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        add(&self.counters.files, 1);
        add(&self.counters.bytes, report.size);
        match report.verdict {
            crate::Verdict::Clean => 0,
            crate::Verdict::Suspicious | crate::Verdict::Malicious => add(&self.counters.detections, 1),
            crate::Verdict::Incomplete => add(&self.counters.incomplete, 1),
            crate::Verdict::Error => add(&self.counters.errors, 1),
        };
    }

    pub fn stats(&self) -> ScannerStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let c = &self.counters;
        ScannerStats {
            files: get(&c.files),
            bytes: get(&c.bytes),
            detections: get(&c.detections),
            incomplete: get(&c.incomplete),
            errors: get(&c.errors),
            workers_lost: get(&c.workers_lost),
            timeouts: get(&c.timeouts),
            cached: get(&c.cached),
        }
    }
}
