//! The lock in the kernel (enforce tier). The gate's judges answer for files (`Kernel`), the thread that holds the sensor
//! takes the lock in and out of force (`Keeper`), `prepare` answers beforehand for what must run, and `told` looks at what the
//! kernel refused or let be.
//!
//! In this order: the programs are loaded; from then on every answer of a judge stands on its file too; the gate lets go of
//! the answers that it gave before; what must run is answered for; only then is the lock in force.

mod prepare;
mod told;

pub(super) use prepare::run as prepare;
pub(super) use prepare::{is_module, module};
pub use told::take as take_told;

use super::unasked::Job;
use crate::pipeline::now;
use crate::shared::Shared;
use event::{FileIdentity, Mode, Tier};
use parking_lot::{Mutex, RwLock};
use sensor::{LockAnswers, LockFigures, LockSays, LockSettings, Looked, Sensor};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use verdict::lockdown::Answer;
use verdict::{OnFailure, PROTECTED_PROGRAMS};

/// Paths kept to be looked at anew.
const MOST_ALLOWED: usize = 65_536;

/// Nothing is answered where the kernel has no such lock.
#[derive(Default)]
pub struct Kernel {
    answers: RwLock<Option<Arc<LockAnswers>>>,
    /// The gate has let go of answers older than this generation.
    let_go: AtomicU32,
    /// What must run was answered for under this generation.
    prepared: AtomicU32,
    preparing: AtomicBool,
    in_force: Mutex<Option<LockSettings>>,
    figures: Mutex<LockFigures>,
    /// What was allowed to run, to be looked at anew when the policy or the lock has changed.
    allowed: Mutex<HashSet<PathBuf>>,
    /// Answers that the kernel did not take.
    failed: AtomicU64,
    /// Refused, and found to be trusted when it was looked at.
    mended: AtomicU64,
}

impl Kernel {
    pub fn answers(&self) -> Option<Arc<LockAnswers>> {
        self.answers.read().clone()
    }

    /// Before a file is judged; what is done to it from then on makes the answer void. None where there is no such lock, or it
    /// could not be told.
    pub fn look(&self, file: &File) -> Option<Looked> {
        let looked = self.answers()?.look(file);
        if let Err(error) = &looked {
            self.fail(error);
        }
        looked.ok()
    }

    /// It may run, as long as nobody writes to it or renames it. False when the kernel could not be told.
    pub fn allows(&self, file: &File, looked: Option<Looked>, identity: FileIdentity, path: &Path) -> bool {
        let Some(answers) = self.answers() else { return true };
        let Some(looked) = looked else { return false };
        let manages = path.to_str().is_some_and(|path| PROTECTED_PROGRAMS.contains(&path));
        let says = if manages { LockSays::Manages } else { LockSays::Runs };
        let put = answers.put(file, looked, says);
        let mut allowed = self.allowed.lock();
        if allowed.len() < MOST_ALLOWED && !allowed.contains(path) {
            allowed.insert(path.to_owned());
        }
        drop(allowed);
        self.told(put.and_then(|()| answers.remember(identity, device(file, identity), false)))
    }

    /// Under this name. Where it is not the only name that leads there for everybody, who reaches it by another must not be
    /// refused for it: then it is asked about each time.
    pub fn refuses(&self, file: &File, looked: Option<Looked>, path: &Path) -> bool {
        let Some(answers) = self.answers() else { return true };
        let Some(looked) = looked else { return false };
        let says = if is_only_name(file, path) { LockSays::Refused } else { LockSays::Nothing };
        self.told(answers.put(file, looked, says))
    }

    /// Nobody judged it in time, and the policy lets such things run.
    pub fn passes(&self, shared: &Shared, file: &File) {
        if shared.policy().gate.on_failure == OnFailure::Open
            && let (Some(answers), Some(looked)) = (self.answers(), self.look(file))
        {
            self.told(answers.put(file, looked, LockSays::Runs));
        }
    }

    /// What was allowed so far; counted anew from here on.
    fn take_allowed(&self) -> HashSet<PathBuf> {
        std::mem::take(&mut *self.allowed.lock())
    }

    fn told(&self, result: std::io::Result<()>) -> bool {
        if let Err(error) = &result {
            self.fail(error);
        }
        result.is_ok()
    }

    fn fail(&self, error: &std::io::Error) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%error, "an answer did not reach the kernel's lock");
    }

    /// Answers from now on are under a new generation; the gate is to let go of its own.
    pub fn renew(&self) {
        if let Some(answers) = self.answers() {
            answers.renew();
        }
    }

    pub fn generation(&self) -> u32 {
        self.answers().map_or(0, |answers| answers.generation())
    }

    /// The gate keeps nothing that was answered before `generation`.
    pub fn gate_let_go(&self, generation: u32) {
        self.let_go.fetch_max(generation, Ordering::AcqRel);
    }

    pub fn status(&self, shared: &Shared) -> Value {
        let in_force = *self.in_force.lock();
        let figures = *self.figures.lock();
        let failure = shared.policy().gate.on_failure;
        let state = match (shared.tier, in_force, self.preparing.load(Ordering::Acquire)) {
            (Tier::Enforce, Some(LockSettings { enforces: true, .. }), _) => "in force",
            (Tier::Enforce, Some(_), _) => "watches what is mapped",
            (Tier::Enforce, None, true) => "being prepared",
            (Tier::Enforce, None, false) => "not in force",
            _ => "not in this tier",
        };
        let without_agent = match (in_force, failure) {
            (None | Some(LockSettings { enforces: false, .. }), _) => "everything runs",
            (Some(_), OnFailure::Open) => "everything runs after two seconds",
            (Some(_), OnFailure::Closed) => "only what was allowed before runs",
        };
        json!({
            "state": state,
            "without_agent": without_agent,
            "refused_programs": figures.programs,
            "refused_libraries": figures.libraries,
            "refused_modules": figures.modules,
            "refused_tracing": figures.tracing,
            "untold": figures.untold,
            "failed_answers": self.failed.load(Ordering::Relaxed),
            "mended": self.mended.load(Ordering::Relaxed),
        })
    }
}

/// The path leads there from here too, not only in some process's own mounts, and no other does.
fn is_only_name(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(this), Ok(there)) = (file.metadata(), path.symlink_metadata()) else { return false };
    (this.dev(), this.ino(), this.nlink()) == (there.dev(), there.ino(), 1)
}

/// That of the file system as the kernel has it: stat(2) of some shows another.
fn device(file: &File, identity: FileIdentity) -> u64 {
    use std::os::fd::AsRawFd as _;
    const OTHERS: [u64; 2] = [0x9123_683e, 0x794c_7630];
    let odd = rustix::fs::fstatfs(file).is_ok_and(|fs| OTHERS.contains(&(fs.f_type as u64 & 0xffff_ffff)));
    let mounted = || {
        let facts = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", file.as_raw_fd())).ok()?;
        let id = facts.lines().find_map(|line| line.strip_prefix("mnt_id:"))?.trim().to_owned();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        let line = mounts.lines().find(|line| line.split(' ').next() == Some(&id))?;
        let (major, minor) = line.split(' ').nth(2)?.split_once(':')?;
        Some(rustix::fs::makedev(major.parse().ok()?, minor.parse().ok()?))
    };
    odd.then(mounted).flatten().unwrap_or(identity.dev)
}

/// Held by the thread that holds the sensor.
pub struct Keeper {
    shared: Arc<Shared>,
    /// It could not be loaded; that is not tried again.
    failed: bool,
    looked: bool,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        Keeper { shared, failed: false, looked: false }
    }

    /// Once a second. `gate_stands`: executions are asked about.
    pub fn tend(&mut self, sensor: &mut Sensor, gate_stands: bool) {
        let shared = Arc::clone(&self.shared);
        if shared.tier != Tier::Enforce || self.failed {
            return;
        }
        let kernel = &shared.lockdown.kernel;
        let wanted = wanted(&shared, gate_stands, kernel.in_force.lock().is_some());
        if !std::mem::replace(&mut self.looked, true)
            && wanted.is_none_or(|settings| !(settings.enforces && settings.closed))
        {
            match sensor::release_locks() {
                Ok(0) => {}
                Ok(programs) => tracing::info!(programs, "the lock that an earlier agent left is released"),
                Err(error) => shared.problem(format!("the lock that an earlier agent left goes on: {error}")),
            }
        }
        if let Err(error) = self.bring(sensor, wanted) {
            self.failed = true;
            *kernel.in_force.lock() = None;
            shared.problem(format!("the lock is not held in the kernel, only at the gate: {error}"));
        }
        if let Some(figures) = sensor.lock_figures() {
            *kernel.figures.lock() = figures;
        }
    }

    fn bring(&mut self, sensor: &mut Sensor, wanted: Option<LockSettings>) -> Result<(), sensor::LockError> {
        let lockdown = &self.shared.lockdown;
        let kernel = &lockdown.kernel;
        let Some(settings) = wanted else {
            *kernel.in_force.lock() = None;
            return sensor.lock(None);
        };
        if kernel.answers().is_none() {
            let answers = sensor.prepare_lock()?;
            for refused in sensor.refused().iter().filter(|refused| refused.name.starts_with("lock_")) {
                self.shared.problem(format!("the kernel's lock lacks a part: {refused}"));
            }
            *kernel.answers.write() = Some(answers);
            lockdown.forget();
        }
        let let_go = kernel.let_go.load(Ordering::Acquire);
        if let_go < kernel.generation() {
            // The gate's turn comes first.
            return Ok(());
        }
        let prepared = kernel.prepared.load(Ordering::Acquire);
        if prepared < let_go && !kernel.preparing.swap(true, Ordering::AcqRel) && !lockdown.hand_over(Job::Prepare) {
            kernel.preparing.store(false, Ordering::Release);
        }
        if prepared == 0 {
            return Ok(());
        }
        // Older answers count until what must run has new ones: the agent may end at any moment.
        sensor.accept_lock(prepared.min(let_go))?;
        sensor.lock(Some(settings))?;
        if kernel.in_force.lock().replace(settings) != Some(settings) {
            tracing::info!(?settings, "the kernel's part of the lock");
        }
        Ok(())
    }

    /// Each round: what the kernel told goes to who may read files.
    pub fn take(&self, sensor: &mut Sensor) {
        sensor.drain_lock(&mut |told| {
            self.shared.lockdown.hand_over(Job::Told(told));
        });
    }
}

/// None where the kernel has nothing to do.
fn wanted(shared: &Shared, gate_stands: bool, in_force: bool) -> Option<LockSettings> {
    let (policy, lock, now) = (shared.policy(), shared.lockdown.lock(), now());
    let settings = &policy.lockdown;
    let mode = lock.mode(now)?;
    let enforces = mode == Mode::Enforce && lock.broken(now).is_none();
    let closed = policy.gate.on_failure == OnFailure::Closed;
    // Without a gate nobody is asked; a lock that is to hold without an agent holds without its gate.
    let stands = gate_stands || (closed && in_force);
    // What has no path of its own is the whole host's.
    let whole = settings.in_scope("/");
    stands.then(|| LockSettings {
        enforces,
        libraries: settings.libraries,
        modules: settings.modules == Answer::Deny && settings.in_scope("/lib/modules"),
        tracing: settings.tracing == Answer::Deny && whole,
        unasked: settings.refuse_unasked,
        closed,
        mount_namespace: shared.host_mount_namespace(),
    })
}
