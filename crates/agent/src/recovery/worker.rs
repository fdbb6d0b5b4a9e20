//! The recovery thread: hears of names that come, go and change, and looks at what trees did since.

use super::Heard;
use super::neighbours;
use super::scope::Scope;
use super::state::State;
use super::tree::Tree;
use super::who::Who;
use crate::pipeline::now;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use event::{Event, EventKind, FileOp, ProcessKey};
use parking_lot::Mutex;
use respond::RollbackError;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::Protected;

const TURN: Duration = Duration::from_millis(50);
/// Files that are looked for in a folder that was just made.
const MAX_IN_NEW: usize = 1_024;
/// A tree that was not seen for so long is let go.
const IDLE: Duration = Duration::from_secs(600);

pub struct Worker {
    state: Arc<State>,
}

/// Whose doing an event was.
struct Doer {
    root: ProcessKey,
    executable: String,
    who: Who,
    tree: Option<Arc<Mutex<Tree>>>,
}

impl Worker {
    pub fn new(state: Arc<State>) -> Worker {
        Worker { state }
    }

    pub fn run(self, events: &Receiver<Heard>) {
        let mut last = Instant::now();
        let mut slow = Instant::now();
        loop {
            match events.recv_timeout(TURN) {
                Ok(heard) => {
                    // What came together is heard together: then one round does for all.
                    let more = std::iter::from_fn(|| events.try_recv().ok()).take(256);
                    let waiting: Vec<_> = std::iter::once(heard).chain(more).filter_map(|one| self.take(one)).collect();
                    self.rounds(true);
                    self.state.brakes.grant();
                    for waits in waiting {
                        // Who asked may have gone away.
                        let _ = waits.send(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if last.elapsed() >= TURN {
                last = Instant::now();
                let all = slow.elapsed() > Duration::from_secs(2);
                if all {
                    slow = Instant::now();
                }
                self.rounds(!all);
            }
        }
    }

    /// Whoever waits for it to be done.
    fn take(&self, heard: Heard) -> Option<Sender<()>> {
        match heard {
            Heard::Event(event) => {
                self.hear(&event);
                None
            }
            Heard::Until(waits) => Some(waits),
        }
    }

    fn rounds(&self, only_stirred: bool) {
        for (root, tree) in self.state.all_trees() {
            let (due, idle) = {
                let Some(mut tree) = tree.try_lock() else { continue };
                if tree.ledger.deleted() > 0 {
                    self.state.creations.lock().adopt(&self.state.shared, &mut tree);
                }
                (tree.stirred || !only_stirred, tree.last_seen.elapsed() > IDLE)
            };
            if idle {
                self.state.forget(&root);
            } else if due {
                self.state.round(&tree);
            }
        }
    }

    fn hear(&self, event: &Event) {
        match &event.kind {
            EventKind::Exec(_) => self.hear_command(event),
            EventKind::File(file) => {
                if let (FileOp::Unlink | FileOp::Rename { .. }, Some(process)) = (&file.op, &event.process) {
                    let line =
                        || self.state.shared.enricher.processes(&process.key).iter().map(|one| one.key).collect();
                    self.state.brakes.took(process.key, line);
                }
                let path = Path::new(&*file.file.path);
                let covered = self.state.scope.read().covers(path);
                match &file.op {
                    FileOp::Create if !covered => self.state.creations.lock().note(event, path.to_owned()),
                    FileOp::CreateDirectory if covered => {
                        self.guard(path);
                        self.came(event, path);
                    }
                    FileOp::Unlink if covered => self.went(event, path),
                    FileOp::Truncate { .. } if covered => self.emptied(event, path),
                    FileOp::Rename { from } => self.moved(event, Path::new(&**from), path, covered),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn guard(&self, folder: &Path) {
        let scope: Scope = self.state.scope.read().clone();
        if let Some(gate) = &*self.state.gate.lock() {
            scope.folders(folder, &mut |folder| {
                self.state.places.write().learn(folder);
                if let Err(error) = gate.guard(folder) {
                    tracing::debug!(%error, folder = %folder.display(), "a new folder is not guarded");
                }
            });
        }
    }

    fn moved(&self, event: &Event, from: &Path, to: &Path, covered: bool) {
        if covered {
            // What stood there before is gone, if anything did.
            self.went(event, to);
            if to.is_dir() {
                self.guard(to);
            }
        }
        if !self.state.scope.read().covers(from) {
            if covered {
                self.came(event, to);
            }
            return;
        }
        let (Some(doer), Ok(meta)) = (self.doer(event), fs::symlink_metadata(to)) else { return };
        let renamed = self.state.shared.rollback.renamed(from, to, &meta, &doer.who.actor);
        self.told(renamed, "a new name");
        self.acted(doer);
    }

    /// A folder was made, or something was brought in.
    fn came(&self, event: &Event, path: &Path) {
        let (Some(doer), Ok(meta)) = (self.doer(event), fs::symlink_metadata(path)) else { return };
        let made = self.state.shared.rollback.made(&meta, path, &doer.who.actor);
        self.told(made, "what was brought in");
        // What stands in a new folder by now was made before it was guarded.
        for entry in fs::read_dir(path).into_iter().flatten().flatten().filter(|_| meta.is_dir()).take(MAX_IN_NEW) {
            if let Ok(meta) = entry.metadata() {
                let made = self.state.shared.rollback.made(&meta, &entry.path(), &doer.who.actor);
                self.told(made, "what was made in a new folder");
            }
        }
        self.acted(doer);
    }

    fn acted(&self, doer: Doer) {
        self.is_late(&doer.who);
        let tree = doer.tree.unwrap_or_else(|| self.state.tree_under(doer.root, &doer.executable));
        let mut tree = tree.lock();
        tree.last_seen = Instant::now();
        tree.actor(doer.who.key, || doer.who);
    }

    fn told(&self, result: Result<(), RollbackError>, what: &str) {
        if let Err(error) = result {
            self.state.shared.problem(format!("{what} cannot be written down: {error}"));
        }
    }

    fn went(&self, event: &Event, path: &Path) {
        let orphan = self.state.neighbours.lock().orphan(path);
        let orphan = orphan.as_deref().and_then(neighbours::open);
        let Some(mut doer) = self.doer(event) else { return };
        let tree = match (doer.tree.take(), &orphan) {
            (Some(tree), _) => tree,
            (None, Some(_)) => self.state.tree_under(doer.root, &doer.executable),
            (None, None) => return,
        };
        if let (Some(file), true) = (&orphan, self.is_late(&doer.who)) {
            let kept = self.state.shared.rollback.keep(file, path, &doer.who.actor).map(drop);
            return self.told(kept, "what a stopped process deleted");
        }
        let mut tree = tree.lock();
        tree.stirred = true;
        tree.last_seen = Instant::now();
        let who = tree.actor(doer.who.key, || doer.who);
        if let Some(file) = orphan {
            tree.orphan(&file, path, &who);
            tree.trim(&self.state.shared.rollback);
        }
    }

    /// It was stopped before the sensor told of this: then this belongs to the same alert.
    fn is_late(&self, who: &Who) -> bool {
        let Some(alert) = self.state.alert_of(&who.line) else { return false };
        self.told(self.state.shared.rollback.convict(&who.actor.tree, &alert), "a stopped process");
        true
    }

    /// By its name, so nobody was asked. It cannot be given back, but who goes on so is stopped.
    fn emptied(&self, event: &Event, path: &Path) {
        let Ok(meta) = fs::symlink_metadata(path) else { return };
        let Some(doer) = self.doer(event).filter(|_| meta.is_file() && meta.len() == 0) else { return };
        let tree = match doer.tree {
            Some(tree) => tree,
            None => self.state.tree_under(doer.root, &doer.executable),
        };
        tree.lock().emptied(now(), &meta, path, doer.who);
        self.state.round(&tree);
    }

    /// By /proc while it lives, by its ancestors when it has ended. None for whom nobody judges.
    fn doer(&self, event: &Event) -> Option<Doer> {
        let process = event.process.as_deref()?;
        if let Some(member) = self.state.families.of(process.key.tgid).filter(|m| m.key == process.key) {
            let exempt = member.trusted
                || matches!(member.protected, Some(Protected::PackageManager | Protected::Tamon | Protected::Init));
            return (!exempt).then(|| Doer {
                root: member.root(),
                executable: member.root_executable.clone(),
                who: self.state.who(&member),
                tree: self.state.known_tree(&member.root()),
            });
        }
        if self.state.is_ours_or_protected(process) {
            return None;
        }
        let line: Vec<ProcessKey> = self.state.shared.enricher.processes(&process.key).iter().map(|p| p.key).collect();
        let known = line.iter().enumerate().find_map(|(at, key)| Some((at, *key, self.state.known_tree(key)?)));
        if let Some((at, root, tree)) = known {
            let executable = tree.lock().executable.clone();
            let who = Who::ended(process, line[..=at].to_vec());
            return Some(Doer { root, executable, who, tree: Some(tree) });
        }
        // Its parent may still be there, and tells what family it was of.
        let parent = process.parent.filter(|parent| parent.tgid > 2);
        let parent = parent.and_then(|key| self.state.families.of(key.tgid).filter(|member| member.key == key));
        match parent.filter(|parent| self.state.families.may_be_kin(parent)) {
            Some(parent) if parent.trusted => None,
            Some(parent) => {
                let line = std::iter::once(process.key).chain(parent.line.iter().copied()).collect();
                Some(Doer {
                    root: parent.root(),
                    executable: parent.root_executable.clone(),
                    who: Who::ended(process, line),
                    tree: self.state.known_tree(&parent.root()),
                })
            }
            None => Some(Doer {
                root: process.key,
                executable: process.executable.to_string(),
                who: Who::ended(process, vec![process.key]),
                tree: None,
            }),
        }
    }

    fn hear_command(&self, event: &Event) {
        let Some(process) = event.process.as_deref() else { return };
        if detect::inhibits_recovery(process.name(), &process.command_line).is_some()
            && let Some(tree) = self.doer(event).and_then(|doer| doer.tree)
        {
            tree.lock().ledger.sign(detect::Sign::Inhibited);
        }
    }
}
