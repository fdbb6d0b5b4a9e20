//! The recovery thread: hears of names that come, go and change, and looks at what trees did since.

use super::Heard;
use super::ahead;
use super::doer::Doer;
use super::neighbours;
use super::scope::Scope;
use super::state::State;
use super::tree::{Tree, id};
use super::who::Who;
use crate::pipeline::now;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use event::{Event, EventKind, FileOp, ProcessKey};
use respond::RollbackError;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const TURN: Duration = Duration::from_millis(50);
/// Files that are looked for in a folder that was just made.
const MAX_IN_NEW: usize = 1_024;
/// Bytes of which a file that was cut must have fewer to count as emptied.
const LEFT: u64 = 16;
/// A tree that was not seen for so long is let go.
const IDLE: Duration = Duration::from_secs(600);

pub struct Worker {
    state: Arc<State>,
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
                    self.state.brakes.grant(|root| self.state.is_wary_of(root));
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
                if tree.bereft || tree.ledger.deleted() > 0 {
                    tree.bereft = false;
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
                if let FileOp::Unlink | FileOp::Rename { .. } | FileOp::Truncate { .. } = file.op
                    && let Some(process) = &event.process
                {
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
                    // It may have been moved out before.
                    FileOp::Unlink if covered || self.state.neighbours.lock().holds(path) => self.went(event, path),
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
        let meta = fs::symlink_metadata(to);
        self.state.neighbours.lock().moved(from, to, meta.as_ref().is_ok_and(fs::Metadata::is_dir));
        let (Some(doer), Ok(meta)) = (self.state.doer(event), meta) else { return };
        let renamed = self.state.shared.rollback.renamed(from, to, &meta, &doer.who.actor);
        self.told(renamed, "a new name");
        self.acted(doer, |tree, who, late| {
            if meta.is_file() && !late {
                tree.renamed(now(), id(&meta), from, to, who);
            }
        });
    }

    /// A folder was made, or something was brought in.
    fn came(&self, event: &Event, path: &Path) {
        let (Some(doer), Ok(meta)) = (self.state.doer(event), fs::symlink_metadata(path)) else { return };
        let made = self.state.shared.rollback.made(&meta, path, &doer.who.actor);
        self.told(made, "what was brought in");
        // What stands in a new folder by now was made before it was guarded.
        for entry in fs::read_dir(path).into_iter().flatten().flatten().filter(|_| meta.is_dir()).take(MAX_IN_NEW) {
            if let Ok(meta) = entry.metadata() {
                let made = self.state.shared.rollback.made(&meta, &entry.path(), &doer.who.actor);
                self.told(made, "what was made in a new folder");
            }
        }
        self.acted(doer, |_, _, _| {});
    }

    /// `act` learns whether it had been stopped by then: then this belongs to the same alert.
    fn acted(&self, doer: Doer, act: impl FnOnce(&mut Tree, &Arc<Who>, bool)) {
        let tree = doer.tree.unwrap_or_else(|| self.state.tree_under(doer.root, &doer.executable));
        let mut tree = tree.lock();
        tree.last_seen = Instant::now();
        let who = tree.actor(doer.who.key, || doer.who);
        // Asked under the lock that whoever stops it holds: either that one knows of this act, or this knows of the stop.
        let late = self.is_late(&who, &doer.lineage);
        act(&mut tree, &who, late);
    }

    fn told(&self, result: Result<(), RollbackError>, what: &str) {
        if let Err(error) = result {
            self.state.shared.problem(format!("{what} cannot be written down: {error}"));
        }
    }

    fn went(&self, event: &Event, path: &Path) {
        let orphan = self.state.neighbours.lock().orphan(path);
        let orphan = orphan.as_deref().and_then(neighbours::open);
        let Some(doer) = self.state.doer(event) else { return };
        if doer.tree.is_none() && orphan.is_none() {
            return;
        }
        self.acted(doer, |tree, who, late| {
            tree.stirred = true;
            let Some(file) = &orphan else { return };
            if late {
                let kept = self.state.shared.rollback.keep(file, path, &who.actor).map(drop);
                return self.told(kept, "what a stopped process deleted");
            }
            tree.orphan(file, path, who);
            tree.trim(&self.state.shared.rollback);
        });
    }

    /// It was stopped before the sensor told of this: then this belongs to the same alert.
    fn is_late(&self, who: &Who, lineage: &[ProcessKey]) -> bool {
        let Some(alert) = self.state.stopped.alert_of(lineage, &who.actor.executable) else { return false };
        self.told(self.state.shared.rollback.convict(&who.actor.tree, &alert), "a stopped process");
        true
    }

    /// By its name, so nobody was asked: what was in it is given back only where it was kept ahead. Then the files beside it
    /// are kept ahead, since whoever does this goes on.
    fn emptied(&self, event: &Event, path: &Path) {
        let Ok(meta) = fs::symlink_metadata(path) else { return };
        let Some(doer) = self.state.doer(event).filter(|_| meta.is_file() && meta.len() < LEFT) else { return };
        self.acted(doer, |tree, who, _| {
            if !tree.emptied(now(), &meta, path, who) {
                return;
            }
            match self.state.shared.rollback.cut(&meta, &ahead::name(&tree.root), &who.actor) {
                Ok(true) => {}
                Ok(false) => {
                    self.state.cut_by_name.fetch_add(1, Ordering::Relaxed);
                    let what = "files are cut by their name, which asks nobody: what was in them cannot be given back";
                    self.state.shared.problem(what.into());
                }
                Err(error) => self.told(Err(error), "a file that was cut by its name"),
            }
            ahead::keep(&self.state, tree, path);
        });
    }

    fn hear_command(&self, event: &Event) {
        let Some(process) = event.process.as_deref() else { return };
        if detect::inhibits_recovery(process.name(), &process.command_line).is_some()
            && let Some(tree) = self.state.doer(event).and_then(|doer| doer.tree)
        {
            tree.lock().ledger.sign(detect::Sign::Inhibited);
        }
    }
}
