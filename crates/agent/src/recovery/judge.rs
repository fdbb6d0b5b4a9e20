//! What the open gate asks. Trusted programs, readers and new files are answered at once; the first change of a file waits
//! until what it holds is kept; and each further one until what became of the files before it is known.

use super::neighbours::Neighbours;
use super::sample;
use super::state::State;
use respond::{Access, Kept, Member, OpenAnswer, OpenJudge, OpenRequest, RollbackError, access_of_waiting, peers_of};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};
use verdict::Protected;

/// An open waits no longer than this for what became of the ones before it; the gate's own timeout is far.
const PATIENCE: Duration = Duration::from_millis(700);
const TURN: Duration = Duration::from_millis(3);
/// A file is new when it is empty and was made within this time.
const NEW: Duration = Duration::from_secs(1);

impl OpenJudge for State {
    fn quick(&self, request: &OpenRequest) -> Option<OpenAnswer> {
        let Some(member) = self.families.of(request.tid) else { return Some(OpenAnswer::Allow) };
        if never_waits(&member) {
            return Some(OpenAnswer::Allow);
        }
        if self.is_stopped(&member) {
            return Some(OpenAnswer::Deny);
        }
        if self.anyone_blocked() && is_share_server(&member) {
            return None;
        }
        if request.directory {
            return self.neighbours.lock().knows(&request.file).then_some(OpenAnswer::Allow);
        }
        // What cannot be looked at is for the slow way, which counts it.
        let meta = request.file.metadata().ok()?;
        if !meta.is_file() {
            return Some(OpenAnswer::Allow);
        }
        let access = access_of_waiting(request.tid);
        let tree = self.tree(&member);
        // A judge at work on the same tree holds it: this question waits its turn there.
        let mut tree = tree.try_lock()?;
        tree.last_seen = Instant::now();
        match access {
            Access::Write if meta.len() == 0 => {
                if is_new(&meta) {
                    tree.made(&request.file, &meta, &request.path);
                    if let Err(error) = self.shared.rollback.made(&meta, &request.path, &tree.actor) {
                        self.shared.problem(format!("what an attack makes cannot be written down: {error}"));
                    }
                }
            }
            Access::Write => return None,
            Access::Read => {
                if meta.len() > 0 && !tree.watches(&meta, Access::Read) {
                    tree.watch(&request.file, &meta, &request.path, Access::Read, None);
                    tree.trim(&self.shared.rollback);
                }
            }
        }
        (!tree.is_suspect()).then_some(OpenAnswer::Allow)
    }

    fn slow(&self, request: &OpenRequest) -> OpenAnswer {
        let Some(member) = self.families.of(request.tid) else { return OpenAnswer::Allow };
        if self.is_stopped(&member) || self.comes_from_blocked(&member) {
            return OpenAnswer::Deny;
        }
        if request.directory {
            let (found, left_out) = Neighbours::look(&request.file, &request.path);
            self.neighbours.lock().hold(&request.file, found, left_out);
            return OpenAnswer::Allow;
        }
        let Ok(meta) = request.file.metadata() else {
            self.not_kept.fetch_add(1, Ordering::Relaxed);
            return OpenAnswer::Allow;
        };
        let tree = self.tree(&member);
        if access_of_waiting(request.tid) == Access::Write && meta.len() > 0 {
            self.keep(request, &meta, &tree);
        }
        let (pid, root) = (member.key.tgid, member.root);
        loop {
            if self.round(root, member.starter, &tree, pid) {
                return OpenAnswer::Deny;
            }
            let ready = {
                let tree = tree.lock();
                // As many as may be lost before the verdict, less one that is now being opened.
                tree.unsettled() + tree.ledger.lost() < self.ledger_config().enough + 1
                    || tree.ledger.lost() == 0 && tree.unsettled() < 4
            };
            if ready || request.arrived.elapsed() > PATIENCE {
                return OpenAnswer::Allow;
            }
            std::thread::sleep(TURN);
        }
    }
}

impl State {
    fn keep(&self, request: &OpenRequest, meta: &Metadata, tree: &Arc<parking_lot::Mutex<super::tree::Tree>>) {
        let id = (meta.dev(), meta.ino());
        let path: PathBuf = self.neighbours.lock().former_name(id).unwrap_or_else(|| request.path.clone());
        let (actor, known) = {
            let tree = tree.lock();
            (tree.actor.clone(), tree.watches(meta, Access::Write))
        };
        if known {
            return;
        }
        match self.shared.rollback.keep(&request.file, &path, &actor) {
            Ok(Kept::Now | Kept::Before | Kept::Empty) => {}
            Err(error) => {
                self.not_kept.fetch_add(1, Ordering::Relaxed);
                if !matches!(error, RollbackError::TooLarge { .. }) {
                    self.shared.problem(format!("files are changed that are not kept: {error}"));
                }
            }
        }
        let before = sample::of(&request.file);
        let mut tree = tree.lock();
        tree.watch(&request.file, meta, &request.path, Access::Write, before);
        tree.trim(&self.shared.rollback);
    }

    fn comes_from_blocked(&self, member: &Member) -> bool {
        self.anyone_blocked()
            && is_share_server(member)
            && peers_of(member.key.tgid).iter().any(|client| self.is_blocked(client))
    }
}

/// The host must be able to start, to change its packages and to run what the operator trusts.
fn never_waits(member: &Member) -> bool {
    matches!(member.protected, Some(Protected::PackageManager | Protected::Tamon | Protected::Init))
        || member.protected == Some(Protected::KernelThread)
        || member.trusted
}

/// A process of the server serves one client.
pub fn is_share_server(member: &Member) -> bool {
    member.executable.ends_with("/smbd")
}

/// Made by this very open: nobody has written to it, and it was born this moment.
fn is_new(meta: &Metadata) -> bool {
    let Ok(born) = meta.created() else { return true };
    let now = SystemTime::now();
    let apart = now.duration_since(born).or_else(|_| born.duration_since(now)).unwrap_or_default();
    let unwritten = meta.modified().is_ok_and(|modified| modified == born);
    unwritten && apart < NEW
}
