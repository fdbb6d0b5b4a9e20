//! One set of rules in force: its digests, its nursery and the workers that wait for a file.

use super::nursery::{Nursery, Worker};
use super::{StartError, compiler};
use crate::protocol::{Begin, FileKind, SignatureFile};
use crate::{LoadReport, RejectedFile, ScanConfig, Urgency, files};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard};

/// What the compiled database is called among files of signatures.
const COMPILED: &str = "(compiled)";
/// Lines told that are not used; the report counts all.
const MAX_TOLD: usize = 200;

pub struct Generation {
    pub config: ScanConfig,
    pub loaded: LoadReport,
    /// Stands for all that files are held against.
    pub number: u64,
    begin: Begin,
    files: Signatures,
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    nursery: Nursery,
    idle: Vec<Worker>,
    /// Workers that have a file now, and whether they stand back.
    busy: Vec<(u32, Urgency)>,
}

impl Generation {
    pub fn start(config: ScanConfig) -> Result<Self, StartError> {
        let mut report = LoadReport::default();
        let files = Signatures::find(&config, &mut report.rejected)?;
        let begin = Begin {
            builtin: config.builtin,
            pua: config.pua,
            variables: config.variables.clone(),
            memory_bytes: config.limits.worker_memory_bytes,
            max_file_bytes: config.limits.max_file_bytes,
        };
        let (nursery, loaded) = Nursery::start(&config.worker, &begin, &files)?;
        // It was just made: that it does not stand up to being opened says that it was not made as it should be.
        if let Some(bad) = loaded.rejected.iter().find(|one| one.file.as_os_str() == COMPILED) {
            return Err(StartError::Signatures(format!("what was compiled: {}", bad.reason)));
        }
        report.files = loaded.files + files.compiled_files();
        report.rules = loaded.rules;
        report.hashes = loaded.hashes;
        report.patterns = loaded.patterns;
        report.models = loaded.models;
        report.rejected.extend(loaded.rejected);
        report.warnings = loaded.warnings;
        report.warnings.extend(files.unverified());
        report.confinement = loaded.confinement;
        let ScanConfig { variables, limits, builtin, pua, .. } = &config;
        let words = format!("{} {variables:?} {limits:?} {builtin} {pua}", env!("CARGO_PKG_VERSION"));
        let number = crate::cache::generation(&config.worker.program, &files.paths, &words);
        let state = Mutex::new(State { nursery, idle: Vec::new(), busy: Vec::new() });
        Ok(Generation { config, loaded: report, number, begin, files, state, freed: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn pids(&self) -> Vec<u32> {
        let state = self.state();
        let idle = state.idle.iter().map(|worker| worker.pid);
        [state.nursery.pid()].into_iter().chain(idle).chain(state.busy.iter().map(|(pid, _)| *pid)).collect()
    }

    /// An idle worker, or a new one where there may be one more; waits for one otherwise. Of each kind that stands back
    /// there are few, so that they never take another's place: for Soon two, since a large program that was started must
    /// not keep a small file that was written waiting.
    pub fn take(&self, urgency: Urgency) -> Result<Worker, String> {
        let most = match urgency {
            Urgency::Now => self.config.workers.max(1),
            Urgency::Soon => 2,
            Urgency::Whenever => 1,
        };
        let mut state = self.state();
        loop {
            if let Some(at) = state.idle.iter().rposition(|worker| worker.urgency == urgency) {
                let worker = state.idle.remove(at);
                if !worker.stands() {
                    continue;
                }
                state.busy.push((worker.pid, urgency));
                return Ok(worker);
            }
            if state.busy.iter().filter(|(_, of)| *of == urgency).count() < most {
                let worker = self.bear(&mut state, urgency)?;
                state.busy.push((worker.pid, urgency));
                return Ok(worker);
            }
            state = self.freed.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    /// A nursery that died is replaced once; it takes in the same files again.
    fn bear(&self, state: &mut State, urgency: Urgency) -> Result<Worker, String> {
        match state.nursery.bear(urgency) {
            Ok(worker) => return Ok(worker),
            Err(error) => {
                tracing::warn!(pid = state.nursery.pid(), %error, "the scan nursery is gone; starting another")
            }
        }
        let started = Nursery::start(&self.config.worker, &self.begin, &self.files);
        state.nursery = started.map_err(|error| error.to_string())?.0;
        state.nursery.bear(urgency).map_err(|error| error.to_string())
    }

    /// Back into the pool; None when it is not fit for another file.
    pub fn give_back(&self, pid: u32, worker: Option<Worker>) {
        let mut state = self.state();
        state.busy.retain(|(busy, _)| *busy != pid);
        state.idle.extend(worker);
        drop(state);
        // Those who wait may wait for different kinds.
        self.freed.notify_all();
    }
}

/// The files of signatures of a generation, and the database that was compiled of some.
pub struct Signatures {
    /// All that were named, for what they stand for.
    paths: Vec<PathBuf>,
    files: Vec<SignatureFile>,
    database: Option<(File, signatures::Report)>,
}

impl Signatures {
    fn find(config: &ScanConfig, rejected: &mut Vec<RejectedFile>) -> Result<Self, StartError> {
        let all = files::find(&config.signatures, rejected);
        let paths = all.iter().map(|file| file.path.clone()).collect();
        let (sources, files): (Vec<_>, Vec<_>) = all.into_iter().partition(|file| file.kind == FileKind::ClamAv);
        let sources: Vec<PathBuf> = sources.into_iter().map(|file| file.path).collect();
        let database = if sources.is_empty() && !config.builtin {
            None
        } else {
            let made = compiler::compile(config, &sources, rejected)?;
            told(&made.1, rejected);
            Some(made)
        };
        Ok(Signatures { paths, files, database })
    }

    /// Files that went into the compiled database, itself left out.
    fn compiled_files(&self) -> usize {
        self.database.as_ref().map_or(0, |(_, report)| report.files as usize).saturating_sub(1)
    }

    /// Containers whose origin could not be told for sure.
    fn unverified(&self) -> Vec<String> {
        let containers = self.database.iter().flat_map(|(_, report)| &report.containers);
        let unverified = containers.filter(|one| one.origin.contains("unverified"));
        unverified.map(|one| format!("{}: {}", one.file.display(), one.origin)).collect()
    }

    /// Each opened anew, or why not.
    pub fn open(&self) -> impl Iterator<Item = (SignatureFile, Result<File, String>)> {
        let compiled = self.database.iter().map(|(file, _)| {
            let named = SignatureFile { path: COMPILED.into(), kind: FileKind::Database };
            (named, file.try_clone().map_err(|error| error.to_string()))
        });
        compiled.chain(self.files.iter().map(|file| (file.clone(), files::open(&file.path))))
    }
}

/// Each line that is not used, up to a limit.
fn told(report: &signatures::Report, rejected: &mut Vec<RejectedFile>) {
    for one in report.rejected.iter().take(MAX_TOLD) {
        let line = if one.line > 0 { format!("line {}: ", one.line) } else { String::new() };
        let reason = format!("{line}{}", one.reason);
        rejected.push(RejectedFile { file: one.file.clone().into(), rule_id: one.name.clone(), reason });
    }
    let untold = report.rejected_count().saturating_sub(MAX_TOLD as u64);
    if untold > 0 {
        let reason = format!("{untold} further signatures are not used; `tamon signatures check` lists them");
        rejected.push(RejectedFile { file: PathBuf::new(), rule_id: None, reason });
    }
}
