//! Executions that wait for an answer. Each is answered exactly once, by whoever comes first.

use super::fan::{Group, Response};
use super::reads::Act;
use event::FileIdentity;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// Where its judge is.
const AT_WORK: u8 = 0;
const STUCK: u8 = 1;
const DONE: u8 = 2;

pub struct Pending {
    /// Thread that waits, and its process; the same where that cannot be known any more.
    pub tid: u32,
    pub pid: u32,
    pub act: Act,
    pub path: PathBuf,
    pub file: File,
    pub identity: FileIdentity,
    pub arrived: Instant,
    answered: AtomicBool,
    judge: AtomicU8,
}

impl Pending {
    pub fn new((tid, pid): (u32, u32), act: Act, path: PathBuf, file: File, identity: FileIdentity) -> Self {
        let (answered, judge) = (AtomicBool::new(false), AtomicU8::new(AT_WORK));
        Pending { tid, pid, act, path, file, identity, arrived: Instant::now(), answered, judge }
    }

    pub fn number(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// True for the one caller who may answer.
    pub fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::AcqRel)
    }

    /// By the watchdog; false when the judge is through with it already.
    pub fn mark_stuck(&self) -> bool {
        self.judge.compare_exchange(AT_WORK, STUCK, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
    /// By the judge when it is through; true when it had been counted as stuck.
    pub fn finish(&self) -> bool {
        self.judge.swap(DONE, Ordering::AcqRel) == STUCK
    }
}

#[derive(Default)]
pub struct Table {
    waiting: Mutex<HashMap<RawFd, Arc<Pending>>>,
}

impl Table {
    pub fn insert(&self, pending: &Arc<Pending>) {
        self.waiting.lock().insert(pending.number(), Arc::clone(pending));
    }

    pub fn remove(&self, number: RawFd) {
        self.waiting.lock().remove(&number);
    }

    pub fn older_than(&self, age: Duration) -> Vec<Arc<Pending>> {
        self.waiting.lock().values().filter(|pending| pending.arrived.elapsed() >= age).cloned().collect()
    }

    pub fn answer_all(&self, group: &Group, response: Response) {
        for (number, pending) in self.waiting.lock().drain() {
            if pending.claim()
                && let Err(error) = group.answer(number, response)
            {
                tracing::debug!(%error, "an answer came too late");
            }
        }
    }
}
