//! Gate of opening: fanotify asks us before a file of a guarded folder is opened, and we answer. What the answer is for is
//! the judge's affair (to keep what the file holds, and to refuse who has destroyed others); this is the way there and back.
//!
//! Only the folders that were given are marked, each by itself, so nobody else's opens wait. A new folder below them is
//! not guarded before [`OpenGate::guard`] has been told of it, nor is a file that was moved out of them.
//!
//! An answer is given twice: *at once* by the reader thread (who is trusted, what is new), or after a *slow* look by one of
//! the judges. The host never stops because of us, by the same means as at the exec gate: a watchdog thread, a second
//! process (the warden) that opens when this one stands still, and the kernel when it dies. Each opening is counted.

mod access;
mod reader;
mod watch;

pub use access::{Access, of_waiting as access_of_waiting};

use crate::gate::{GateError, Group, Shared, WardenHandle, WardenProgram, disarm, now_ms, spawn, warden_start};
use crossbeam_channel::bounded;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The mark does not keep the inode in memory.
const FAN_MARK_EVICTABLE: u32 = 0x200;

#[derive(Clone, Debug)]
pub struct OpenGateConfig {
    /// After this an open goes on unjudged.
    pub timeout: Duration,
    /// Threads; most of the time they wait.
    pub judges: usize,
    /// Opens that may wait for a judge; more go on and are counted.
    pub queue: usize,
    pub warden: Option<WardenProgram>,
}

impl Default for OpenGateConfig {
    fn default() -> Self {
        let timeout = Duration::from_millis(1_500);
        OpenGateConfig { timeout, judges: 16, queue: 512, warden: Some(WardenProgram::default()) }
    }
}

/// An open that waits.
pub struct OpenRequest {
    /// The thread that asks; see [`crate::Families`] for whose it is.
    pub tid: u32,
    pub path: PathBuf,
    /// The file itself, open for reading.
    pub file: File,
    pub directory: bool,
    pub arrived: Instant,
    answered: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenAnswer {
    Allow,
    /// The caller gets EPERM.
    Deny,
}

impl OpenRequest {
    fn number(&self) -> RawFd {
        self.file.as_raw_fd()
    }
    fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::AcqRel)
    }
}

/// Who answers.
pub trait OpenJudge: Send + Sync + 'static {
    /// On the reader's thread, which must not wait: None hands the question to [`OpenJudge::slow`].
    fn quick(&self, request: &OpenRequest) -> Option<OpenAnswer>;
    fn slow(&self, request: &OpenRequest) -> OpenAnswer;
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenGateStats {
    /// False once the gate had to be given up.
    pub armed: bool,
    pub folders: u64,
    pub asked: u64,
    pub quick: u64,
    pub slow: u64,
    pub denied: u64,
    /// Went on unjudged: nobody answered in time, or too many waited.
    pub opened: u64,
    /// Times this process stood still and the warden opened.
    pub stalls: u64,
    pub panicked: u64,
    pub read_errors: u64,
}

#[derive(Default)]
struct Counters {
    asked: AtomicU64,
    quick: AtomicU64,
    slow: AtomicU64,
    denied: AtomicU64,
    opened: AtomicU64,
    stalls: AtomicU64,
    panicked: AtomicU64,
    read_errors: AtomicU64,
}

struct Inner {
    group: Group,
    config: OpenGateConfig,
    shared: Shared,
    counters: Counters,
    waiting: Mutex<HashMap<RawFd, Arc<OpenRequest>>>,
    folders: Mutex<Vec<PathBuf>>,
    stopping: AtomicBool,
    collapsed: AtomicBool,
    reader_beat: AtomicU64,
}

pub struct OpenGate {
    inner: Arc<Inner>,
    warden: Option<WardenHandle>,
    threads: Vec<JoinHandle<()>>,
    _judges: Vec<JoinHandle<()>>,
}

impl OpenGate {
    /// Guards nothing yet.
    pub fn start(config: OpenGateConfig, judge: Arc<dyn OpenJudge>) -> Result<Self, GateError> {
        crate::gate::raise_descriptor_limit();
        let group = Group::open()?;
        let shared = Shared::make(group.number(), config.timeout)?;
        let warden = config.warden.as_ref().map(|program| warden_start(program, &shared)).transpose()?;
        let (send, receive) = bounded::<Arc<OpenRequest>>(config.queue);
        let inner = Arc::new(Inner {
            group,
            shared,
            counters: Counters::default(),
            waiting: Mutex::default(),
            folders: Mutex::default(),
            stopping: AtomicBool::new(false),
            collapsed: AtomicBool::new(false),
            reader_beat: AtomicU64::new(now_ms()),
            config,
        });
        inner.shared.beat();
        let mut judges = Vec::new();
        for n in 0..inner.config.judges {
            let (inner, receive, judge) = (Arc::clone(&inner), receive.clone(), Arc::clone(&judge));
            let body = move || receive.iter().for_each(|request| reader::judge_slowly(&inner, &request, &*judge));
            judges.push(spawn(format!("open-judge-{n}"), body)?);
        }
        let watching = Arc::clone(&inner);
        let reading = Arc::clone(&inner);
        let threads = vec![
            spawn("open-watchdog".into(), move || watch::run(&watching))?,
            spawn("open-reader".into(), move || reader::run(&reading, &send, &*judge))?,
        ];
        Ok(OpenGate { inner, warden, threads, _judges: judges })
    }

    /// From here on opens of what lies in this folder (not below it), and of the folder itself, are asked for.
    pub fn guard(&self, folder: &Path) -> io::Result<()> {
        self.inner.mark(folder)?;
        self.inner.folders.lock().push(folder.to_owned());
        Ok(())
    }

    /// From here on opens of this file are asked for under whatever name, as long as the kernel remembers it: the mark goes
    /// with the inode. A handle without access will do. Kernels before 5.19 have no such marks.
    pub fn guard_file(&self, handle: &impl AsRawFd) {
        let path = PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()));
        let flags = libc::FAN_MARK_ADD | FAN_MARK_EVICTABLE;
        if let Err(error) = self.inner.group.mark_path(flags, libc::FAN_OPEN_PERM, &path) {
            tracing::debug!(%error, "a file is guarded under its folder only");
        }
    }

    pub fn stats(&self) -> OpenGateStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.inner.counters;
        OpenGateStats {
            armed: !self.inner.collapsed.load(Ordering::Acquire),
            folders: self.inner.folders.lock().len() as u64,
            asked: get(&counters.asked),
            quick: get(&counters.quick),
            slow: get(&counters.slow),
            denied: get(&counters.denied),
            opened: get(&counters.opened),
            stalls: get(&counters.stalls),
            panicked: get(&counters.panicked),
            read_errors: get(&counters.read_errors),
        }
    }

    pub fn warden_pid(&self) -> Option<u32> {
        self.warden.as_ref().map(WardenHandle::pid)
    }
}

impl Inner {
    fn mark(&self, folder: &Path) -> io::Result<()> {
        let flags = libc::FAN_MARK_ADD | libc::FAN_MARK_ONLYDIR | libc::FAN_MARK_DONT_FOLLOW;
        self.group.mark_path(flags, libc::FAN_OPEN_PERM | libc::FAN_ONDIR | libc::FAN_EVENT_ON_CHILD, folder)
    }
}

impl Drop for OpenGate {
    fn drop(&mut self) {
        if let Err(error) = disarm(&self.inner.group) {
            tracing::error!(%error, "the open gate's marks stay until its group is closed");
        }
        self.inner.stopping.store(true, Ordering::Release);
        drop(self.warden.take());
        let threads = std::mem::take(&mut self.threads);
        if !self.inner.collapsed.load(Ordering::Acquire) {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a thread of the open gate had panicked");
                }
            }
        }
        let waiting: Vec<_> = self.inner.waiting.lock().values().cloned().collect();
        waiting.iter().for_each(|request| reader::open(&self.inner, request));
        self.inner.group.let_go();
    }
}
