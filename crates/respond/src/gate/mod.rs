//! Gate of execution for hosts without BPF LSM: fanotify asks us before a program runs, and we answer.
//!
//! The kernel is the cache: a program that was allowed gets an ignore mark, which the kernel drops when the file is
//! written to. Everything here is arranged so that the host never stops because of us:
//!
//! - who must never wait (ourselves and our children, pid 1, package managers) is let through by the reader at once;
//! - a *watchdog* thread answers ALLOW for whatever waited longer than the timeout;
//! - if the reader itself stands still, the watchdog lets go of the whole group, and the kernel opens the gate;
//! - if this process stands still as a whole (stopped, frozen, thrashing), a second tiny process, the *warden*, takes the
//!   group's descriptor, removes the marks and answers for us;
//! - if this process dies, the kernel opens the gate by itself: nobody else keeps the group open.
//!
//! With [`GateConfig::reads`] opening waits too, where it may bring code into a process: a script that its interpreter
//! opens, a library before it can be mapped.
//!
//! Each such opening of the gate is counted in [`GateStats`]. What comes to an interpreter by a pipe or lies in memory
//! alone, and a file written through a mapping after it was allowed are not seen here.

mod config;
mod exempt;
mod fan;
mod latency;
mod marks;
mod pending;
mod reader;
mod reads;
mod shared;
mod stats;
mod warden;
mod watchdog;

pub(crate) use config::raise_descriptor_limit;
pub use config::{GateConfig, GateError, GateMark, Unjudged, WardenProgram};
pub(crate) use fan::{Group, PermissionEvent, Read, Response};
pub(crate) use marks::disarm;
pub(crate) use reader::wait_for;
pub(crate) use shared::{Shared, now_ms};
pub use stats::GateStats;
pub use warden::warden_main;
pub(crate) use warden::{Handle as WardenHandle, start as warden_start};

use crossbeam_channel::{Receiver, bounded};
use event::FileIdentity;
use parking_lot::Mutex;
use pending::{Pending, Table};
use reads::Act;
use stats::Counters;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

/// An execution or an opening that waits.
pub struct GateRequest<'a> {
    /// Who asks; of an execution: still running its old program.
    pub pid: u32,
    /// The thread of it that waits.
    pub tid: u32,
    /// Then it is let go unjudged.
    pub until: Instant,
    /// It would be read, by an interpreter or to be mapped, not run.
    pub reading: bool,
    /// The file, as this process's mount namespace shows it.
    pub path: &'a Path,
    /// Open for reading: the very file that would run or be read.
    pub file: &'a File,
    pub identity: FileIdentity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateAnswer {
    Allow {
        /// The kernel need not ask again until the file is written to.
        cache: bool,
    },
    /// The caller gets EPERM.
    Deny,
}

/// What the threads of a gate share.
struct Inner {
    config: GateConfig,
    /// Where executions alone wait: those of the configuration, and those that came later.
    exec_marks: Mutex<Vec<GateMark>>,
    group: Group,
    table: Table,
    counters: Counters,
    shared: Shared,
    /// Set once; then every thread ends.
    stopping: AtomicBool,
    /// The group is no longer ours: the gate stands open.
    collapsed: AtomicBool,
    /// Milliseconds of the boot clock when the reader last came round.
    reader_beat: AtomicU64,
    /// Judges that are past the timeout with their request.
    stuck: AtomicU64,
}

pub struct ExecGate {
    inner: Arc<Inner>,
    warden: Option<warden::Handle>,
    threads: Vec<JoinHandle<()>>,
    _judges: Vec<JoinHandle<()>>,
}

impl ExecGate {
    /// Arms the gate. `judge` runs on several threads at once; it may block, at the cost of an opened gate.
    pub fn start(
        config: GateConfig,
        judge: impl Fn(&GateRequest<'_>) -> GateAnswer + Send + Sync + 'static,
    ) -> Result<Self, GateError> {
        config.check()?;
        config::raise_descriptor_limit();
        let group = Group::open()?;
        let shared = Shared::make(group.number(), config.timeout)?;
        let warden = config.warden.as_ref().map(|program| warden::start(program, &shared)).transpose()?;
        let inner = Arc::new(Inner {
            group,
            table: Table::default(),
            counters: Counters::default(),
            shared,
            stopping: AtomicBool::new(false),
            collapsed: AtomicBool::new(false),
            reader_beat: AtomicU64::new(shared::now_ms()),
            stuck: AtomicU64::new(0),
            exec_marks: Mutex::new(config.exec_marks.clone()),
            config,
        });
        inner.shared.beat();
        let (send, receive) = bounded(inner.config.queue);
        let judge = Arc::new(judge);
        let judges = (0..inner.config.judges)
            .map(|n| spawn(format!("gate-judge-{n}"), judging(&inner, receive.clone(), Arc::clone(&judge))))
            .collect::<Result<_, _>>()?;
        let threads = vec![
            spawn("gate-watchdog".into(), {
                let inner = Arc::clone(&inner);
                move || watchdog::run(&inner)
            })?,
            spawn("gate-reader".into(), {
                let inner = Arc::clone(&inner);
                move || reader::run(&inner, &send)
            })?,
        ];
        let gate = ExecGate { inner, warden, threads, _judges: judges };
        // Last of all: from here on executions wait. On an error the gate is dropped and with it every mark.
        arm_all(&gate.inner)?;
        Ok(gate)
    }

    pub fn stats(&self) -> GateStats {
        let mut stats = self.inner.counters.stats();
        stats.armed = !self.inner.collapsed.load(Ordering::Acquire);
        stats.warden = self.warden.as_ref().is_some_and(warden::Handle::is_alive);
        stats.stuck_judges = self.inner.stuck.load(Ordering::Relaxed);
        stats
    }

    /// Executions that ran unjudged because nobody answered in time.
    pub fn opened(&self) -> u64 {
        self.stats().opened
    }

    /// Drops every cached answer: after a change of rules or policy everything is asked again.
    pub fn forget(&self) -> Result<(), GateError> {
        marks::forget(&self.inner.group)
    }

    /// Watches executions on a further mount or file system, one that came after the start.
    pub fn watch(&self, mark: GateMark) -> Result<(), GateError> {
        marks::arm(&self.inner.group, std::slice::from_ref(&mark), false)?;
        self.inner.exec_marks.lock().push(mark);
        Ok(())
    }

    /// Asks about this file again, whatever was answered before: about all files where this one cannot be opened. Where it is
    /// not there its next execution is of another file.
    pub fn ask_again(&self, path: &Path) -> Result<(), GateError> {
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        match File::options().read(true).custom_flags(flags.bits() as i32).open(path) {
            Ok(file) => marks::unignore(&self.inner.group, &file),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(_) => self.forget(),
        }
    }

    /// Of the warden process, if there is one; exclude it from the sensor.
    pub fn warden_pid(&self) -> Option<u32> {
        self.warden.as_ref().map(warden::Handle::pid)
    }
}

impl Drop for ExecGate {
    /// Disarms: marks go first, then whatever waits is let through, then the threads end. A judge that hangs is left, and so
    /// is a reader that stands still: who drops the gate has other work.
    fn drop(&mut self) {
        if let Err(error) = marks::disarm(&self.inner.group) {
            tracing::error!(%error, "the gate's marks stay until its group is closed");
        }
        self.inner.stopping.store(true, Ordering::Release);
        drop(self.warden.take());
        let threads = std::mem::take(&mut self.threads);
        if !self.inner.collapsed.load(Ordering::Acquire) {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a thread of the gate had panicked");
                }
            }
        }
        self.inner.table.answer_all(&self.inner.group, fan::Response::Allow);
        self.inner.group.let_go();
    }
}

fn arm_all(inner: &Inner) -> Result<(), GateError> {
    marks::arm(&inner.group, &inner.config.marks, inner.config.reads.is_some())?;
    marks::arm(&inner.group, &inner.exec_marks.lock(), false)
}

/// Ahead of the host's own work, which waits for what these threads answer.
pub(crate) fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, GateError> {
    let ahead = move || {
        come_forward();
        body();
    };
    let thread = std::thread::Builder::new().name(name).stack_size(512 << 10).spawn(ahead);
    thread.map_err(|source| GateError::Os { what: "starting a thread", source })
}

/// The calling thread. Where that is not allowed it answers as it comes, which is said once.
fn come_forward() {
    static SAID: std::sync::Once = std::sync::Once::new();
    if let Err(error) = rustix::process::nice(-10) {
        SAID.call_once(|| tracing::warn!(%error, "the gate's threads wait for a processor like everybody else"));
    }
}

fn judging<J>(inner: &Arc<Inner>, requests: Receiver<Arc<Pending>>, judge: Arc<J>) -> impl FnOnce() + Send + 'static
where
    J: Fn(&GateRequest<'_>) -> GateAnswer + Send + Sync + 'static,
{
    let inner = Arc::clone(inner);
    move || {
        for pending in requests {
            // A judge that panics must not leave its request waiting, nor take the thread with it.
            let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let Pending { pid, tid, act, path, file, identity, .. } = &*pending;
                if *act == Act::Look && !reads::is_code(&inner, &pending) {
                    return None;
                }
                let reading = *act != Act::Run;
                let until = pending.arrived + inner.config.timeout;
                Some(judge(&GateRequest { pid: *pid, tid: *tid, until, reading, path, file, identity: *identity }))
            }));
            match verdict {
                Ok(Some(answer)) => reader::conclude(&inner, &pending, answer),
                Ok(None) => reader::pass(&inner, &pending),
                Err(_) => {
                    inner.counters.panicked.fetch_add(1, Ordering::Relaxed);
                    watchdog::open(&inner, &pending);
                }
            }
            if pending.finish() {
                inner.stuck.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

/// Stands for a path that the kernel does not tell: it is longer than a page. No path of a file is relative, and what is
/// asked about under this one is in every scope.
const UNTOLD: &str = "(its path cannot be told)";

/// Where a descriptor points, as this process sees it.
pub fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_else(|_| UNTOLD.into())
}
