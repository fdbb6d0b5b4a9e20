//! What trusted updaters write: a process tree that root started on the host itself, with a listed program at its top
//! that still runs. A file that only such a tree wrote is trusted until anybody else writes to it. Known by inode, from the
//! sensor's file events; when events were lost nobody knows who wrote what, and all is forgotten.

use crate::shared::Shared;
use event::{Event, EventKind, FileOp, Process, ProcessKey};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::Glob;

const MAX_FILES: usize = 200_000;
const MAX_ACTORS: usize = 16_384;
/// Generations looked back for an updater.
const DEPTH: usize = 32;
/// After its last write an updater still counts as at work for so long.
const AT_WORK: Duration = Duration::from_secs(5);

type Inode = (u64, u64);
/// A process and the program that it ran then.
type Image = (ProcessKey, Arc<str>);

#[derive(Default)]
pub struct Updates {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    wrote: HashMap<Inode, Arc<str>>,
    order: VecDeque<Inode>,
    /// Which updater an actor hangs under, as it ran then.
    actors: HashMap<Image, Option<Image>>,
    /// Updaters that have ended, as the events tell it: /proc is ahead of them.
    ended: HashSet<ProcessKey>,
    last: Option<Instant>,
    lost: u64,
}

/// An updater finished writing a file that can be executed: worth keeping beyond the agent's life.
pub struct Written {
    pub path: Arc<str>,
    pub by: Arc<str>,
}

impl Updates {
    /// The updater that wrote this file last, if nobody else did since.
    pub fn wrote(&self, dev: u64, inode: u64) -> Option<String> {
        self.inner.lock().wrote.get(&(dev, inode)).map(|by| by.to_string())
    }

    /// Some updater has written a moment ago.
    pub fn at_work(&self) -> bool {
        self.inner.lock().last.is_some_and(|last| last.elapsed() < AT_WORK)
    }

    /// On the hot path; only while the host is locked.
    pub fn observe(&self, shared: &Shared, updaters: &[Glob], event: &Event) -> Option<Written> {
        if let EventKind::SensorLoss(_) = event.kind {
            let mut inner = self.inner.lock();
            inner.wrote.clear();
            inner.order.clear();
            inner.lost += 1;
            return None;
        }
        if let (EventKind::Exit(_), Some(process)) = (&event.kind, &event.process) {
            self.inner.lock().end(process);
        }
        let EventKind::File(file) = &event.kind else { return None };
        if !changes(&file.op) {
            return None;
        }
        let process = event.process.as_ref()?;
        let mut inner = self.inner.lock();
        let by = inner.updater(shared, updaters, process);
        let inode = file.file.identity.map(|identity| (identity.dev, identity.inode));
        match (by, inode) {
            (Some(by), inode) => {
                inner.last = Some(Instant::now());
                if let Some(inode) = inode.filter(|_| writes(&file.op)) {
                    inner.insert(inode, &by);
                }
                matches!(file.op, FileOp::WriteClose | FileOp::Rename { .. } | FileOp::ChangeMode { .. })
                    .then(|| Written { path: Arc::clone(&file.file.path), by })
            }
            (None, Some(inode)) if writes(&file.op) || file.op == FileOp::Unlink => {
                inner.wrote.remove(&inode);
                None
            }
            (None, _) => None,
        }
    }
}

impl Inner {
    fn insert(&mut self, inode: Inode, by: &Arc<str>) {
        if self.wrote.insert(inode, Arc::clone(by)).is_none() {
            self.order.push_back(inode);
        }
        while self.order.len() > MAX_FILES {
            if let Some(oldest) = self.order.pop_front() {
                self.wrote.remove(&oldest);
            }
        }
    }

    fn updater(&mut self, shared: &Shared, updaters: &[Glob], process: &Arc<Process>) -> Option<Arc<str>> {
        let key = (process.key, Arc::clone(&process.executable));
        let found = match self.actors.get(&key) {
            Some(found) => found.clone(),
            None => {
                let found = above(shared, updaters, process);
                if self.actors.len() >= MAX_ACTORS {
                    self.actors.clear();
                }
                self.actors.insert(key, found.clone());
                found
            }
        };
        // What an updater left behind is no update any more.
        found.filter(|(updater, _)| !self.ended.contains(updater)).map(|(_, program)| program)
    }

    fn end(&mut self, process: &Process) {
        let is = |image: &Option<Image>| image.as_ref().is_some_and(|(updater, _)| *updater == process.key);
        if self.actors.values().any(is) {
            if self.ended.len() >= MAX_ACTORS {
                self.ended.clear();
            }
            self.ended.insert(process.key);
        }
    }
}

/// The process itself or the nearest of those that started it.
fn above(shared: &Shared, updaters: &[Glob], process: &Arc<Process>) -> Option<Image> {
    let mut at = Some(Arc::clone(process));
    for _ in 0..DEPTH {
        let process = at?;
        if is_updater(shared, updaters, &process) {
            return Some((process.key, Arc::clone(&process.executable)));
        }
        at = process.parent.and_then(|parent| shared.enricher.process(&parent));
    }
    None
}

/// By facts that nobody but root can bring about: root, in the host's own mounts or the agent's, in no container.
fn is_updater(shared: &Shared, updaters: &[Glob], process: &Process) -> bool {
    let at_home = [shared.host_mount_namespace(), shared.own_mount_namespace()].contains(&process.mount_namespace);
    process.user.credentials.euid == 0
        && process.container.is_none()
        && process.mount_namespace != 0
        && at_home
        && updaters.iter().any(|glob| glob.matches(&process.executable))
}

/// It may change what the file holds, or which file a name stands for.
fn changes(op: &FileOp) -> bool {
    writes(op) || matches!(op, FileOp::Rename { .. } | FileOp::ChangeMode { .. } | FileOp::Unlink)
}

fn writes(op: &FileOp) -> bool {
    matches!(op, FileOp::OpenWrite { .. } | FileOp::Create | FileOp::WriteClose | FileOp::Truncate { .. })
}
