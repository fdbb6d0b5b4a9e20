//! What the open gate asks. Trusted programs, readers and new files are answered at once; the first change of a file waits
//! until what it holds is kept; and each further one until what became of the files before it is known.

use super::made::Made;
use super::neighbours::Neighbours;
use super::orders;
use super::sample;
use super::shares::{is_nfs_server, is_share_server};
use super::state::State;
use super::tree::{Tree, id};
use super::watched::Watched;
use crate::pipeline::now;
use parking_lot::Mutex;
use respond::{Access, Kept, Member, OpenAnswer, OpenJudge, OpenRequest, RollbackError, access_of_waiting, deletes};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};
use verdict::Protected;

/// An open waits no longer than this for what became of the ones before it; the gate's own timeout is far.
const PATIENCE: Duration = Duration::from_millis(700);
/// Nor for what the sensor has not told yet.
pub(super) const HEARD: Duration = Duration::from_millis(300);
const TURN: Duration = Duration::from_millis(3);
/// A file is new when it is empty and was made within this time.
const NEW: Duration = Duration::from_secs(1);
/// Files under work of one family before anything is lost.
const AT_WORK: usize = 4;

impl OpenJudge for State {
    fn quick(&self, request: &OpenRequest) -> Option<OpenAnswer> {
        let Some(member) = self.families.of(request.tid) else { return Some(OpenAnswer::Allow) };
        if never_waits(&member) {
            return Some(OpenAnswer::Allow);
        }
        if member.adrift {
            return None;
        }
        self.at_once(request, &member)
    }

    fn slow(&self, request: &OpenRequest) -> OpenAnswer {
        let Some(mut member) = self.families.of(request.tid) else { return OpenAnswer::Allow };
        if member.adrift {
            let Some(known) = self.once_heard(request.tid) else { return OpenAnswer::Allow };
            if let Some(answer) = self.at_once(request, &known) {
                return answer;
            }
            member = known;
        }
        if member.trusted && !self.turns_out_tainted(&member) {
            return OpenAnswer::Allow;
        }
        if self.refuses(&member, request) || self.comes_from_blocked(&member, request) {
            return OpenAnswer::Deny;
        }
        if request.directory {
            self.look_into(request);
            return self.before_deleting(request, &member);
        }
        let Ok(meta) = request.file.metadata() else {
            self.not_kept.fetch_add(1, Ordering::Relaxed);
            return OpenAnswer::Allow;
        };
        let tree = self.tree(&member);
        let access = access_of_waiting(request.tid);
        // What was noted at once is not noted again.
        let changes = self.note(&mut tree.lock(), &member, request, &meta, access);
        if changes {
            self.keep(request, &meta, &tree, &member);
            if tree.lock().ledger.is_wary() {
                // What it deleted before it goes on is known then, however far the sensor is behind.
                orders::catch_up(&self.shared, HEARD);
            }
        }
        loop {
            self.round(&tree);
            if self.refuses(&member, request) {
                return OpenAnswer::Deny;
            }
            if self.is_settled(&tree, member.uid) || request.arrived.elapsed() > PATIENCE {
                return OpenAnswer::Allow;
            }
            std::thread::sleep(TURN);
        }
    }
}

impl State {
    /// None where it must wait.
    fn at_once(&self, request: &OpenRequest, member: &Member) -> Option<OpenAnswer> {
        if self.refuses(member, request) {
            return Some(OpenAnswer::Deny);
        }
        if is_share_server(member) && self.shared.shares.anyone_blocked() {
            return None;
        }
        if request.directory {
            self.brake(member);
            let at_once = member.trusted || self.neighbours.lock().knows(&request.file) && !self.may_delete(member);
            return at_once.then_some(OpenAnswer::Allow);
        }
        // What cannot be looked at is for the slow way, which counts it.
        let meta = request.file.metadata().ok()?;
        if !meta.is_file() {
            return Some(OpenAnswer::Allow);
        }
        let access = access_of_waiting(request.tid);
        if member.trusted {
            let waits = access == Access::Write && meta.len() > 0 && !is_its_own(member, &meta);
            return (!waits).then_some(OpenAnswer::Allow);
        }
        let tree = self.tree(member);
        // A judge at work on the same tree holds it: this question waits its turn there.
        let mut tree = tree.try_lock()?;
        if self.note(&mut tree, member, request, &meta, access) {
            return None;
        }
        if tree.has_opened_documents() {
            self.brake(member);
        }
        // It may have been stopped while the tree was waited for.
        (!tree.is_suspect() && !self.is_stopped(member)).then_some(OpenAnswer::Allow)
    }

    /// Once the sensor has told what started it, or is too far behind.
    fn once_heard(&self, tid: u32) -> Option<Arc<Member>> {
        self.shared.lockdown.catch_up(HEARD);
        let member = self.families.anew(tid)?;
        if !member.adrift {
            return Some(member);
        }
        self.shared.lockdown.catch_up(HEARD);
        self.families.anew(tid)
    }

    /// Who opens what; true when what is in it must be kept first.
    fn note(&self, tree: &mut Tree, member: &Member, request: &OpenRequest, meta: &Metadata, access: Access) -> bool {
        tree.last_seen = Instant::now();
        match access {
            Access::Write if meta.len() > 0 => return true,
            Access::Write => {
                if is_new(meta) && !tree.has_made(id(meta)) {
                    self.made(tree, member, request, meta);
                }
            }
            Access::Read => {
                let who = tree.actor(member.key, || self.who(member));
                if tree.watches(meta, Access::Read) {
                    tree.reopened(meta, &who);
                } else if meta.len() > 0 {
                    let path = self.places.read().of(request, meta);
                    self.read_secret(member, &path);
                    let watched = Watched::new(&request.file, meta, &path, &request.path, Access::Read, None, who);
                    watched.into_iter().for_each(|watched| tree.watch(watched));
                    tree.trim(&self.shared.rollback);
                }
            }
        }
        false
    }

    /// A program of nobody's that looks around may rename or delete next, and nothing asks before that.
    fn brake(&self, member: &Member) {
        if !member.trusted && !self.brakes.holds(&member.line) && self.is_loose(member) {
            self.brakes.hold(member.key, member.root());
        }
    }

    /// It was stopped.
    fn refuses(&self, member: &Member, request: &OpenRequest) -> bool {
        let Some(alert) = self.alert_of(member) else { return false };
        self.made_late(member, request, &alert);
        true
    }

    /// Few enough files are under work to let one more be: of the tree, and of the user's programs together.
    fn is_settled(&self, tree: &Mutex<Tree>, uid: u32) -> bool {
        let enough = self.ledger_config().enough;
        let (unsettled, lost) = {
            let tree = tree.lock();
            (tree.unsettled(), tree.ledger.lost())
        };
        // As many as may be lost before the verdict, less one that is now being opened.
        if unsettled + lost > enough && !(lost == 0 && unsettled < AT_WORK) {
            return false;
        }
        self.lets_user(uid)
    }

    fn made(&self, tree: &mut Tree, member: &Member, request: &OpenRequest, meta: &Metadata) {
        let who = tree.actor(member.key, || self.who(member));
        let path = self.places.read().of(request, meta);
        if let Err(error) = self.shared.rollback.made(meta, &path, &who.actor) {
            self.shared.problem(format!("what an attack makes cannot be written down: {error}"));
        }
        Made::new(&request.file, meta, &path, who).into_iter().for_each(|made| tree.made(made));
    }

    /// A file that a stopped process opens to make it is there by now, though the open is refused.
    fn made_late(&self, member: &Member, request: &OpenRequest, alert: &str) {
        let Ok(meta) = request.file.metadata() else { return };
        if !meta.is_file() || meta.len() > 0 || !is_new(&meta) {
            return;
        }
        let path = self.places.read().of(request, &meta);
        let actor = self.who(member).actor;
        let made = self.shared.rollback.made(&meta, &path, &actor);
        if let Err(error) = made.and_then(|()| self.shared.rollback.convict(&actor.tree, alert)) {
            self.shared.problem(format!("what a stopped process made cannot be written down: {error}"));
        }
    }

    fn keep(&self, request: &OpenRequest, meta: &Metadata, tree: &Mutex<Tree>, member: &Member) {
        let former = self.neighbours.lock().former_name((meta.dev(), meta.ino()));
        let path: PathBuf = former.unwrap_or_else(|| self.places.read().of(request, meta));
        let (who, watched, by_another) = {
            let mut tree = tree.lock();
            let who = tree.actor(member.key, || self.who(member));
            let watched = tree.is_watched_for(meta, &who);
            (who, watched, !watched && tree.watches(meta, Access::Write))
        };
        if by_another {
            // What that one did to it is told before it is held as it is now.
            self.round(tree);
        }
        match self.shared.rollback.keep(&request.file, &path, &who.actor) {
            Ok(Kept::Now | Kept::Before | Kept::Empty) => {}
            Err(error) => {
                self.not_kept.fetch_add(1, Ordering::Relaxed);
                if !matches!(error, RollbackError::TooLarge { .. }) {
                    self.shared.problem(format!("files are changed that are not kept: {error}"));
                }
            }
        }
        if watched {
            return;
        }
        let before = sample::of(&request.file);
        let mut tree = tree.lock();
        let watched = Watched::new(&request.file, meta, &path, &request.path, Access::Write, before, who);
        watched.into_iter().for_each(|watched| tree.watch(watched));
        tree.trim(&self.shared.rollback);
    }

    /// Handles of what is in it, so that nothing there can vanish; each is asked about wherever it goes.
    fn look_into(&self, request: &OpenRequest) {
        if self.neighbours.lock().knows(&request.file) {
            return;
        }
        let (found, left_out) = Neighbours::look(&request.file, &request.path);
        if let Some(gate) = &*self.gate.lock() {
            found.iter().for_each(|one| gate.guard_file(one.handle()));
        }
        self.neighbours.lock().hold(&request.file, found, left_out);
    }

    /// A tree that has packed much into something unreadable now runs what deletes, where it has read.
    fn before_deleting(&self, request: &OpenRequest, member: &Member) -> OpenAnswer {
        let tree = self.known_tree(&member.root()).filter(|_| self.may_delete(member));
        let Some(tree) = tree else { return OpenAnswer::Allow };
        // What it made elsewhere a moment ago.
        orders::catch_up(&self.shared, HEARD);
        let mut tree = tree.lock();
        self.creations.lock().adopt(&self.shared, &mut tree);
        if !tree.has_packed(now()) || !tree.has_read_below(&request.path) {
            return OpenAnswer::Allow;
        }
        let who = tree.actor(member.key, || self.who(member));
        tree.blame(&who);
        let words = format!("{} (pid {})", super::state::name_of(&who.actor.executable), who.actor.pid);
        if let Some(finding) = tree.ledger.about_to_delete(&words, &request.path.to_string_lossy()) {
            self.convict(&mut tree, finding);
        }
        if self.is_stopped(member) { OpenAnswer::Deny } else { OpenAnswer::Allow }
    }

    /// Its command line says that it deletes, and its tree has opened files.
    fn may_delete(&self, member: &Member) -> bool {
        let many = |tree: Arc<Mutex<Tree>>| tree.try_lock().is_none_or(|tree| tree.has_opened_many());
        self.known_tree(&member.root()).is_some_and(many) && deletes(member.key.tgid)
    }

    /// Somebody traced it or wrote into it; the sensor is behind by a moment, so it is heard first.
    fn turns_out_tainted(&self, member: &Member) -> bool {
        self.shared.lockdown.catch_up(crate::lockdown::CATCH_UP);
        self.families.is_tainted(&member.key)
    }

    fn comes_from_blocked(&self, member: &Member, request: &OpenRequest) -> bool {
        if !is_share_server(member) || is_nfs_server(member) || !self.shared.shares.anyone_blocked() {
            return false;
        }
        let id = request.file.metadata().map_or((0, 0), |meta| (meta.dev(), meta.ino()));
        self.shared.shares.clients(member, id).iter().any(|client| self.shared.shares.is_blocked(client))
    }
}

/// The host must be able to start, to change its packages and to run what the operator trusts.
fn never_waits(member: &Member) -> bool {
    use Protected::{Init, KernelThread, PackageManager, Tamon};
    matches!(member.protected, Some(PackageManager | Tamon | Init | KernelThread))
}

/// A service changes its own files unasked; what is not its own it may have been made to change.
fn is_its_own(member: &Member, meta: &Metadata) -> bool {
    member.uid != 0 && member.uid == meta.uid()
}

/// Made by this very open: nobody has written to it, and it was born this moment.
fn is_new(meta: &Metadata) -> bool {
    let Ok(born) = meta.created() else { return true };
    let now = SystemTime::now();
    let apart = now.duration_since(born).or_else(|_| born.duration_since(now)).unwrap_or_default();
    let unwritten = meta.modified().is_ok_and(|modified| modified == born);
    unwritten && apart < NEW
}
