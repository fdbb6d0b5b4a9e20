//! Executions that wait for an answer. Each is answered exactly once, by whoever comes first.

use super::fan::{Group, Response};
use event::FileIdentity;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub struct Pending {
    pub pid: u32,
    pub path: PathBuf,
    pub file: File,
    pub identity: FileIdentity,
    pub arrived: Instant,
    answered: AtomicBool,
    stuck: AtomicBool,
}

impl Pending {
    pub fn new(pid: u32, path: PathBuf, file: File, identity: FileIdentity) -> Self {
        let (answered, stuck) = (AtomicBool::new(false), AtomicBool::new(false));
        Pending { pid, path, file, identity, arrived: Instant::now(), answered, stuck }
    }

    pub fn number(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    pub fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    /// True for the one caller who may answer.
    pub fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::AcqRel)
    }

    pub fn count_stuck(&self) {
        self.stuck.store(true, Ordering::Release);
    }
    pub fn was_counted_stuck(&self) -> bool {
        self.stuck.load(Ordering::Acquire)
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
            if pending.claim() {
                let _ = group.answer(number, response);
            }
        }
    }
}
