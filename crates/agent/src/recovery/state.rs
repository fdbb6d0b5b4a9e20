//! What the gate's judges and the recovery thread share.

use super::brakes::Brakes;
use super::creations::Creations;
use super::neighbours::Neighbours;
use super::places::Places;
use super::scope::Scope;
use super::shares::is_share_server;
use super::stopped::Stopped;
use super::tree::{Lost, Tree};
use super::who::{Who, forebear, is_loose, is_roots};
use crate::actions::Responder;
use crate::pipeline::now;
use crate::shared::Shared;
use crossbeam_channel::Sender;
use detect::{FileId, Ledger, LedgerConfig, Outcome, Sign, is_secret};
use event::{Event, EventKind, File, FileEvent, FileOp, ProcessKey, Via};
use parking_lot::{Mutex, RwLock};
use respond::{Families, Forebear, Member, OpenGate};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Trees that are watched; the one unseen longest goes first.
const MAX_TREES: usize = 160;
/// A user's programs together may destroy so many more.
const MORE_OF_USER: usize = 3;
/// Files under work of a user's young families together, before anything is lost.
const AT_WORK_OF_USER: usize = 8;
/// Families younger than this count together against the files that a user may have under work: daemons open what they like.
const YOUNG: Duration = Duration::from_secs(60);

pub struct State {
    pub shared: Arc<Shared>,
    pub responder: Responder,
    tell: Sender<Box<Event>>,
    pub brakes: Brakes,
    pub families: Families,
    pub scope: RwLock<Scope>,
    pub policy: RwLock<verdict::Ransomware>,
    pub gate: Mutex<Option<OpenGate>>,
    pub places: RwLock<Places>,
    pub creations: Mutex<Creations>,
    trees: Mutex<HashMap<ProcessKey, Arc<Mutex<Tree>>>>,
    users: Mutex<HashMap<u32, Ledger>>,
    pub stopped: Stopped,
    pub neighbours: Mutex<Neighbours>,
    pub decoys: RwLock<HashMap<FileId, PathBuf>>,
    pub stopped_trees: AtomicU64,
    pub not_kept: AtomicU64,
    /// Files that were cut by their name, and whose content is gone.
    pub cut_by_name: AtomicU64,
}

/// How much of a user's is under work, and what is lost already.
struct Load {
    unsettled: usize,
    lost: usize,
    enough: usize,
}

impl Load {
    fn lets_one_more(&self) -> bool {
        match self.lost {
            0 => self.unsettled < AT_WORK_OF_USER,
            lost => self.unsettled + lost <= self.enough,
        }
    }
}

impl State {
    pub fn new(
        shared: Arc<Shared>,
        responder: Responder,
        tell: Sender<Box<Event>>,
        brake: Option<sensor::Brake>,
    ) -> State {
        let policy = shared.policy().ransomware.clone();
        let trusting = Arc::clone(&shared);
        let trust = move |exe: &str| trusting.policy().ransomware.trusted.iter().any(|glob| glob.matches(exe));
        let seen = Arc::clone(&shared);
        let origins = move |key: &ProcessKey| -> Option<Vec<Forebear>> {
            let line = seen.enricher.processes(key);
            let (_, above) = line.split_first()?;
            Some(above.iter().map(|process| forebear(process)).collect())
        };
        let scope = Scope::new(&policy, shared.place.state());
        State {
            shared,
            responder,
            tell,
            brakes: Brakes::new(brake),
            families: Families::new(Box::new(trust), Box::new(origins)),
            scope: RwLock::new(scope),
            policy: RwLock::new(policy),
            gate: Mutex::default(),
            places: RwLock::default(),
            creations: Mutex::default(),
            trees: Mutex::default(),
            users: Mutex::default(),
            stopped: Stopped::default(),
            neighbours: Mutex::default(),
            decoys: RwLock::default(),
            stopped_trees: AtomicU64::new(0),
            not_kept: AtomicU64::new(0),
            cut_by_name: AtomicU64::new(0),
        }
    }

    pub fn ledger_config(&self) -> LedgerConfig {
        let policy = self.policy.read();
        let enough = policy.max_lost as usize;
        LedgerConfig {
            enough,
            enough_with_sign: enough.div_ceil(2).max(2),
            window_nanos: i64::from(policy.window_minutes) * 60_000_000_000,
            ..LedgerConfig::default()
        }
    }

    pub fn is_stopped(&self, member: &Member) -> bool {
        self.alert_of(member).is_some()
    }

    /// The alert that it was stopped by.
    pub fn alert_of(&self, member: &Member) -> Option<String> {
        self.stopped.alert_of(&member.line, &member.executable)
    }

    /// What is known of this family is reason to look at each name that it takes away.
    pub fn is_wary_of(&self, root: &ProcessKey) -> bool {
        // Somebody who judges it has it.
        self.known_tree(root).is_some_and(|tree| tree.try_lock().is_none_or(|tree| tree.ledger.is_wary()))
    }

    pub fn tree(&self, member: &Member) -> Arc<Mutex<Tree>> {
        self.tree_under(member.root(), &member.root_executable)
    }

    pub fn tree_under(&self, root: ProcessKey, executable: &str) -> Arc<Mutex<Tree>> {
        let mut trees = self.trees.lock();
        if trees.len() >= MAX_TREES && !trees.contains_key(&root) {
            // The oldest gives way, unless it is at work this very moment.
            let seen = |tree: &Arc<Mutex<Tree>>| tree.try_lock().map_or_else(Instant::now, |tree| tree.last_seen);
            let oldest = trees.iter().min_by_key(|(_, tree)| seen(tree)).map(|(key, _)| *key);
            oldest.map(|key| trees.remove(&key));
        }
        let tree = trees.entry(root).or_insert_with(|| {
            let ledger = Ledger::new(self.ledger_config());
            Arc::new(Mutex::new(Tree::new(root, executable, ledger)))
        });
        Arc::clone(tree)
    }

    pub fn who(&self, member: &Member) -> Who {
        Who::of(member, self.is_nobodys(member) && !is_roots(&member.executable))
    }

    /// No package owns the program, as far as is known by now.
    fn is_nobodys(&self, member: &Member) -> bool {
        match self.shared.enricher.process(&member.key) {
            Some(process) => is_loose(&process),
            None => !detect::is_installed(&member.executable),
        }
    }

    /// Its own code is none that a package brought: a program of nobody's, or an interpreter.
    pub fn is_loose(&self, member: &Member) -> bool {
        const INTERPRETERS: [&str; 6] = ["python", "perl", "ruby", "node", "php", "java"];
        let name = name_of(&member.executable);
        INTERPRETERS.iter().any(|one| name.starts_with(one)) || self.is_nobodys(member)
    }

    pub fn is_ours_or_protected(&self, process: &event::Process) -> bool {
        crate::alerting::protected(&self.shared, process).is_some()
    }

    pub fn known_tree(&self, root: &ProcessKey) -> Option<Arc<Mutex<Tree>>> {
        self.trees.lock().get(root).cloned()
    }

    pub fn all_trees(&self) -> Vec<(ProcessKey, Arc<Mutex<Tree>>)> {
        self.trees.lock().iter().map(|(key, tree)| (*key, Arc::clone(tree))).collect()
    }

    pub fn forget(&self, root: &ProcessKey) {
        self.trees.lock().remove(root);
    }

    /// Of what the user's young families have under work together.
    pub fn lets_user(&self, uid: u32) -> bool {
        if self.load_of(uid).lets_one_more() {
            return true;
        }
        self.round_of_young(uid);
        self.load_of(uid).lets_one_more()
    }

    fn load_of(&self, uid: u32) -> Load {
        let lost = self.users.lock().get(&uid).map_or(0, Ledger::lost);
        let mut unsettled = 0;
        for (_, tree) in self.all_trees() {
            let Some(tree) = tree.try_lock() else { continue };
            if tree.began.elapsed() < YOUNG {
                unsettled += tree.unsettled_of(uid);
            }
        }
        Load { unsettled, lost, enough: self.ledger_config().enough + MORE_OF_USER }
    }

    /// So that what the user's young families have done is known.
    fn round_of_young(&self, uid: u32) {
        for (_, tree) in self.all_trees() {
            let due = tree.try_lock().is_some_and(|tree| tree.began.elapsed() < YOUNG && tree.unsettled_of(uid) > 0);
            if due {
                self.round(&tree);
            }
        }
    }

    /// Looks at what the tree did, and stops whoever it turns out must be.
    pub fn round(&self, tree: &Mutex<Tree>) {
        let mut tree = tree.lock();
        if tree.stopped {
            return;
        }
        let lost = tree.round(now());
        self.mark_decoys(&mut tree, &lost);
        let who = format!("{} (pid {})", name_of(&tree.executable), tree.root.tgid);
        if let Some(finding) = tree.ledger.verdict(&who) {
            return self.convict(&mut tree, finding);
        }
        drop(tree);
        self.round_of_others(&lost);
    }

    fn mark_decoys(&self, tree: &mut Tree, lost: &[Lost]) {
        let decoys = self.decoys.read();
        if lost.iter().any(|lost| decoys.contains_key(&lost.file)) {
            tree.ledger.sign(Sign::Decoy);
        }
    }

    /// The same losses count against the user; those that a share's server caused, against its client.
    fn round_of_others(&self, lost: &[Lost]) {
        let Some(first) = lost.first() else { return };
        let member = self.families.of(first.who.key.tgid);
        if let Some(server) = member.filter(|member| is_share_server(member)) {
            return self.round_of_clients(&server, lost);
        }
        let mut users = self.users.lock();
        let config = self.ledger_config();
        let more = LedgerConfig { enough: config.enough + MORE_OF_USER, ..config };
        let mut found = Vec::new();
        for uid in lost.iter().map(|lost| lost.who.actor.uid).collect::<HashSet<u32>>() {
            let ledger = users.entry(uid).or_insert_with(|| Ledger::new(more));
            for one in lost.iter().filter(|one| one.who.actor.uid == uid) {
                ledger.take(now(), one.file, &one.name, Outcome::Lost(one.how));
            }
            let exe = name_of(&first.who.actor.executable);
            let finding = ledger.verdict(&format!("Programs of user {uid} together, {exe} the last,"));
            found.extend(finding.map(|finding| (uid, finding)));
        }
        drop(users);
        for (uid, finding) in found {
            self.convict_user(uid, finding);
        }
    }

    fn round_of_clients(&self, server: &Member, lost: &[Lost]) {
        let config = self.ledger_config();
        for one in lost {
            for client in self.shared.shares.clients(server, one.file) {
                let who = format!("{client} through {}", name_of(&server.executable));
                let finding = self.shared.shares.ledger(client, config, |ledger| {
                    ledger.take(now(), one.file, &one.name, Outcome::Lost(one.how));
                    ledger.verdict(&who)
                });
                if let (Some(finding), Some(tree)) = (finding, self.known_tree(&server.root())) {
                    self.convict(&mut tree.lock(), finding);
                }
            }
        }
    }

    /// A guarded file whose name says that it holds secrets is read: whoever judges reads hears of it. When too many wait it
    /// is let go, since those that wait tell the same.
    pub fn read_secret(&self, member: &Member, path: &Path) {
        let path = path.to_string_lossy();
        if !is_secret(&path) {
            return;
        }
        let Some(process) = self.shared.enricher.process(&member.key) else { return };
        let event = Event {
            sequence: 0,
            time: now(),
            via: Via::Syscall,
            parent: process.parent.and_then(|key| self.shared.enricher.process(&key)),
            process: Some(process),
            kind: EventKind::File(FileEvent { op: FileOp::OpenRead, file: File::at(&*path) }),
        };
        if self.tell.try_send(Box::new(event)).is_err() {
            tracing::debug!(%path, "a read is not told");
        }
    }

    /// Its losses have been answered for.
    pub fn forget_user(&self, uid: u32) {
        self.users.lock().remove(&uid);
    }
}

pub fn name_of(executable: &str) -> &str {
    executable.rsplit('/').next().unwrap_or(executable)
}
