//! Application allowlist on this host. The decision is `verdict::lockdown`'s; here is what it decides from and what follows:
//!
//! - the exec gate asks for each program ([`judge_exec`]), and what an interpreter or the loader was told to run is looked
//!   at before it starts; whoever asks for scripts and libraries when they are opened calls [`judge_file`];
//! - file events say what trusted updaters wrote (`updates`), and that a file that was allowed is being written to;
//! - exec events say what ran without having been asked about (`unasked`): from memory, on a file system that the gate does
//!   not watch, or while the gate stood open; it is judged then, and ended where the lock says so;
//! - in the enforce tier the kernel holds what is about to run against what the judges answered (`kernel`);
//! - `commands` is `tamon lockdown`.

mod allowed;
mod commands;
mod consequence;
mod containerd_images;
mod done;
mod evidence;
mod exec;
mod hypothesis;
mod kernel;
mod lists;
mod places;
mod proof;
mod reading;
mod release;
mod store;
mod tell;
mod unasked;
mod updates;

pub use commands::{Ask, obey, obey_node};
pub use exec::judge_exec;
pub use hypothesis::{look, vital_refusals, would};
pub use kernel::Keeper as KernelKeeper;
pub use places::marks;
pub use proof::check as check_policy;
pub use release::release;
pub use unasked::start;

use crate::pipeline::now;
use crate::shared::Shared;
use allowed::Allowed;
use crossbeam_channel::Sender;
use event::{Action, Event, EventKind, FileEvent, FileIdentity, FileOp, Mode, Timestamp};
use lists::Lists;
use parking_lot::{Mutex, RwLock};
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::Store;
use verdict::lockdown::{Act, Evidence, Lock, Ruling, Source, Use, rule};
use verdict::{FileFacts, Policy, Subject};

/// How often what was seen is written down.
const KEEP_EVERY: Duration = Duration::from_secs(10);
/// The longest that an answer waits for the sensor to catch up with what was done before it was asked for.
pub const CATCH_UP: Duration = Duration::from_millis(1_200);

pub struct Lockdown {
    store: Mutex<Store>,
    lists: RwLock<Lists>,
    /// The policy that the lists were loaded for.
    listed_for: Mutex<Option<Arc<Policy>>>,
    packages: enrich::Packages,
    /// Tamon's own program as it runs here: it never locks itself out.
    own: Option<FileIdentity>,
    known: evidence::Known,
    containerd: containerd_images::Images,
    pub(crate) allowed: Allowed,
    pub(crate) kernel: kernel::Kernel,
    updates: updates::Updates,
    told: tell::Told,
    /// Anything is judged at all. Read on the hot path.
    active: AtomicBool,
    /// Milliseconds since the start when the pipeline last had taken all that the sensor had.
    drained: AtomicU64,
    began: Instant,
    kept: Mutex<Instant>,
    /// What was allowed under another state is to be asked again.
    pub(crate) changed: AtomicBool,
    jobs: Mutex<Option<Sender<unasked::Job>>>,
    counters: Counters,
}

#[derive(Default)]
struct Counters {
    asked: AtomicU64,
    denied: AtomicU64,
    /// Would have been refused under enforce.
    would_deny: AtomicU64,
    /// Interpreters whose arguments, and openers of libraries whose registers, could not be read.
    unread: AtomicU64,
    /// Ran unasked and were unknown.
    unasked: AtomicU64,
    ended: AtomicU64,
    /// Ended before anyone could look at what they ran.
    unjudged: AtomicU64,
    shed: AtomicU64,
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Lockdown {
    /// A state that cannot be read is a problem, told; the host is then open.
    pub fn open(file: &Path, packages: &Path, containerd: &Path) -> (Lockdown, Option<String>) {
        let (store, problem) = Store::open(file);
        let active = store.lock.mode(now()).is_some();
        let lockdown = Lockdown {
            store: Mutex::new(store),
            lists: RwLock::default(),
            listed_for: Mutex::default(),
            packages: enrich::Packages::below(packages),
            own: crate::scanning::own_program(),
            known: evidence::Known::default(),
            containerd: containerd_images::Images::new(containerd),
            allowed: Allowed::default(),
            kernel: kernel::Kernel::default(),
            updates: updates::Updates::default(),
            told: tell::Told::default(),
            active: AtomicBool::new(active),
            drained: AtomicU64::new(0),
            began: Instant::now(),
            kept: Mutex::new(Instant::now()),
            changed: AtomicBool::new(false),
            jobs: Mutex::default(),
            counters: Counters::default(),
        };
        (lockdown, problem)
    }

    pub fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }

    pub fn lock(&self) -> Lock {
        self.store.lock().lock.clone()
    }

    fn set_lock(&self, lock: Lock) -> anyhow::Result<()> {
        let active = lock.mode(now()).is_some();
        let mut store = self.store.lock();
        store.set_lock(lock);
        store.keep()?;
        drop(store);
        self.active.store(active, Ordering::Release);
        self.forget();
        Ok(())
    }

    /// Nothing that was allowed before counts.
    fn forget(&self) {
        self.known.forget();
        self.allowed.forget();
        self.kernel.renew();
        self.changed.store(true, Ordering::Release);
    }

    /// Once a second: what the policy lists, what has ended by time, what is to be kept.
    pub fn tend(&self, shared: &Shared) {
        let policy = shared.policy();
        let same = self.listed_for.lock().as_ref().is_some_and(|of| Arc::ptr_eq(of, &policy));
        if !same {
            let (lists, problems) = Lists::load(&policy.lockdown);
            *self.lists.write() = lists;
            problems.into_iter().for_each(|problem| shared.problem(problem));
            *self.listed_for.lock() = Some(policy);
            self.forget();
        }
        let mut store = self.store.lock();
        if store.lock.break_glass.as_ref().is_some_and(|glass| now() > glass.until) {
            let lock = Lock { break_glass: None, ..store.lock.clone() };
            store.set_lock(lock);
            drop(store);
            self.forget();
            tracing::info!("the glass is whole again");
            store = self.store.lock();
        }
        if self.kept.lock().elapsed() >= KEEP_EVERY {
            *self.kept.lock() = Instant::now();
            if let Err(error) = store.keep() {
                shared.problem(format!("lockdown: {error:#}"));
            }
        }
    }

    /// After each round of the pipeline.
    pub fn drained(&self, began: Instant) {
        let at = began.saturating_duration_since(self.began).as_millis() as u64;
        self.drained.store(at, Ordering::Release);
    }

    /// Until the pipeline has taken all that had happened when this was called, or for `most`. False then.
    pub fn catch_up(&self, most: Duration) -> bool {
        let asked = Instant::now();
        let at = asked.saturating_duration_since(self.began).as_millis() as u64;
        while self.drained.load(Ordering::Acquire) <= at {
            if asked.elapsed() >= most {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// On the hot path.
    pub fn observe(&self, shared: &Shared, event: &Event) {
        if !self.is_active() {
            return;
        }
        if let EventKind::File(file) = &event.kind {
            self.changes(file);
        }
        let policy = shared.policy();
        if let Some(written) = self.updates.observe(shared, &policy.lockdown.updaters, event) {
            self.hand_over(unasked::Job::Written(written));
        }
        if matches!(event.kind, EventKind::Exec(_)) {
            self.hand_over(unasked::Job::Started(Box::new(event.clone())));
        } else if done::is_told(&event.kind) {
            self.hand_over(unasked::Job::Done(Box::new(event.clone())));
        }
    }

    /// Another content, or another name for it: the gate's memory is of inodes, and notices neither.
    fn changes(&self, file: &FileEvent) {
        match (&file.op, file.file.identity) {
            (FileOp::OpenWrite { .. } | FileOp::WriteClose | FileOp::Truncate { .. }, Some(identity)) => {
                self.known.written_to(identity.inode);
                self.allowed.written_to(identity, &file.file.path);
            }
            (FileOp::HardLink { existing }, _) => self.allowed.named_again(existing),
            _ => {}
        }
    }

    /// False when there was no room.
    fn hand_over(&self, job: unasked::Job) -> bool {
        let taken = self.jobs.lock().as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        if !taken {
            add(&self.counters.shed);
        }
        taken
    }

    /// Its part of `tamon status`.
    pub fn status(&self, shared: &Shared) -> Value {
        let store = self.store.lock();
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let limits: Vec<Value> = verdict::lockdown::not_kept(shared.tier)
            .iter()
            .map(|limit| json!({ "attack": limit.attack, "why": limit.why }))
            .collect();
        json!({
            "lock": store.lock,
            "mode": store.lock.mode(now()).map(Mode::name),
            "trusted": store.entries().count(),
            "listed": self.lists.read().len(),
            "distrusted": store.distrusted.len(),
            "unknown": store.seen().len(),
            "unknown_shed": store.unseen,
            "asked": get(&self.counters.asked),
            "denied": get(&self.counters.denied),
            "would_deny": get(&self.counters.would_deny),
            "ran_unasked": get(&self.counters.unasked),
            "ended": get(&self.counters.ended),
            "unjudged": get(&self.counters.unjudged),
            "unread_arguments": get(&self.counters.unread),
            "jobs_shed": get(&self.counters.shed),
            "kernel": self.kernel.status(shared),
            "not_kept": limits,
        })
    }
}

/// Who asks.
#[derive(Clone, Default)]
pub struct Asker {
    pub pid: u32,
    pub process: Option<Arc<event::Process>>,
}

impl Asker {
    /// A process that was made a moment ago stands in /proc before it stands in the table.
    pub fn of(shared: &Shared, pid: u32) -> Asker {
        let process = shared.enricher.by_pid(pid).or_else(|| from_proc(pid).map(Arc::new));
        Asker { pid, process }
    }
}

fn from_proc(pid: u32) -> Option<event::Process> {
    let facts = respond::ProcessFacts::read(pid)?;
    let credentials =
        event::Credentials { uid: facts.effective_uid, euid: facts.effective_uid, ..event::Credentials::default() };
    Some(event::Process {
        key: respond::key_of(pid)?,
        parent: respond::key_of(facts.parent_pid),
        comm: facts.comm.into(),
        executable: facts.executable.into(),
        user: event::User { credentials, name: None },
        ..event::Process::default()
    })
}

/// What a file that is about to be used comes to. None while the host is not locked or the file is out of scope. A refusal
/// has been counted and told when this returns.
pub fn judge_file(shared: &Shared, file: &File, path: &Path, usage: Use, asker: &Asker) -> Option<Ruling> {
    judge(shared, Some(file), path, Ok(usage), asker)
}

/// The same of an act that has no file of its own; `path` is the interpreter's.
fn judge_act(shared: &Shared, path: &Path, act: Act, asker: &Asker) -> Option<Ruling> {
    judge(shared, None, path, Err(act), asker)
}

fn judge(shared: &Shared, file: Option<&File>, path: &Path, matter: Result<Use, Act>, asker: &Asker) -> Option<Ruling> {
    let lockdown = &shared.lockdown;
    if !lockdown.is_active() {
        return None;
    }
    let (policy, now) = (shared.policy(), now());
    if file.is_some() && path.to_str().is_some_and(|path| !policy.lockdown.in_scope(path)) {
        return None;
    }
    add(&lockdown.counters.asked);
    let look = || match file {
        Some(file) => Evidence {
            image: evidence::image(&shared.lockdown, &policy.lockdown, file, path, asker),
            ..evidence::gather(lockdown, &policy.lockdown, file, path, now)
        },
        None => Evidence { path: path.to_str().unwrap_or_default(), ..Evidence::default() },
    };
    let mut evidence = look();
    let mut ruling = ruling(shared, &policy, &evidence, matter, asker, now);
    // The sensor is a moment behind: an updater may just have written it, or somebody else what an updater had written.
    let by_updater = matches!(ruling.source, Some(Source::Updater(_)));
    if file.is_some() && (by_updater || (ruling.finding.is_some() && lockdown.updates.at_work())) {
        lockdown.catch_up(CATCH_UP);
        evidence = look();
        ruling = self::ruling(shared, &policy, &evidence, matter, asker, now);
    }
    if ruling.finding.is_some() {
        tell::note(shared, &ruling, &evidence, matter, asker, now);
        let counter = if ruling.decision.action >= Action::Deny {
            &lockdown.counters.denied
        } else {
            &lockdown.counters.would_deny
        };
        add(counter);
    }
    Some(ruling)
}

fn ruling(
    shared: &Shared,
    policy: &Policy,
    evidence: &Evidence<'_>,
    matter: Result<Use, Act>,
    asker: &Asker,
    now: Timestamp,
) -> Ruling {
    ruling_under(shared, policy, &shared.lockdown.lock(), evidence, matter, asker, now)
}

fn ruling_under(
    shared: &Shared,
    policy: &Policy,
    lock: &Lock,
    evidence: &Evidence<'_>,
    matter: Result<Use, Act>,
    asker: &Asker,
    now: Timestamp,
) -> Ruling {
    let subject = Subject {
        process: asker.process.as_deref(),
        file: Some(FileFacts { path: evidence.path, sha256: evidence.sha256, package: None }),
        ..Subject::default()
    };
    rule(policy, lock, shared.tier, matter, evidence, &subject, now)
}
