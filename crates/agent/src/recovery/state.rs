//! What the gate's judges and the recovery thread share.

use super::neighbours::Neighbours;
use super::scope::Scope;
use super::tree::{Lost, Tree};
use crate::actions::Responder;
use crate::pipeline::now;
use crate::shared::Shared;
use detect::{FileId, Ledger, LedgerConfig, Outcome, Sign};
use event::ProcessKey;
use parking_lot::{Mutex, RwLock};
use respond::{Actor, Families, Member};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Trees that are watched; the one unseen longest goes first.
const MAX_TREES: usize = 160;

pub struct State {
    pub shared: Arc<Shared>,
    pub responder: Responder,
    pub families: Families,
    pub scope: RwLock<Scope>,
    pub policy: RwLock<verdict::Ransomware>,
    trees: Mutex<HashMap<ProcessKey, Arc<Mutex<Tree>>>>,
    /// By user, and by the process that started many short programs.
    users: Mutex<HashMap<u32, Ledger>>,
    starters: Mutex<HashMap<ProcessKey, Ledger>>,
    stopped: RwLock<HashSet<ProcessKey>>,
    /// Clients of a share whose server process was stopped, until when.
    blocked: Mutex<HashMap<IpAddr, Instant>>,
    pub neighbours: Mutex<Neighbours>,
    pub decoys: RwLock<HashMap<FileId, PathBuf>>,
    pub stopped_trees: AtomicU64,
    pub not_kept: AtomicU64,
}

/// A client that did harm through a share is kept out for so long.
const BLOCKED_FOR: Duration = Duration::from_secs(3_600);

impl State {
    pub fn new(shared: Arc<Shared>, responder: Responder) -> State {
        let policy = shared.policy().ransomware.clone();
        let trusting = Arc::clone(&shared);
        let trust = move |exe: &str| trusting.policy().ransomware.trusted.iter().any(|glob| glob.matches(exe));
        let scope = Scope::new(&policy, shared.place.state());
        State {
            shared,
            responder,
            families: Families::new(Box::new(trust)),
            scope: RwLock::new(scope),
            policy: RwLock::new(policy),
            trees: Mutex::default(),
            users: Mutex::default(),
            starters: Mutex::default(),
            stopped: RwLock::default(),
            blocked: Mutex::default(),
            neighbours: Mutex::default(),
            decoys: RwLock::default(),
            stopped_trees: AtomicU64::new(0),
            not_kept: AtomicU64::new(0),
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
        let stopped = self.stopped.read();
        [Some(member.key), Some(member.root), member.starter].iter().flatten().any(|key| stopped.contains(key))
    }

    pub fn stop(&self, key: ProcessKey) {
        self.stopped.write().insert(key);
    }

    pub fn block(&self, client: IpAddr) {
        self.blocked.lock().insert(client, Instant::now() + BLOCKED_FOR);
    }

    pub fn is_blocked(&self, client: &IpAddr) -> bool {
        self.blocked.lock().get(client).is_some_and(|until| Instant::now() < *until)
    }

    pub fn anyone_blocked(&self) -> bool {
        !self.blocked.lock().is_empty()
    }

    pub fn tree(&self, member: &Member) -> Arc<Mutex<Tree>> {
        let installed =
            self.is_installed(&member.root) && (member.key == member.root || self.is_installed(&member.key));
        let mut trees = self.trees.lock();
        if trees.len() >= MAX_TREES && !trees.contains_key(&member.root) {
            // The oldest gives way, unless it is at work this very moment.
            let seen = |tree: &Arc<Mutex<Tree>>| tree.try_lock().map_or_else(Instant::now, |tree| tree.last_seen);
            let oldest = trees.iter().min_by_key(|(_, tree)| seen(tree)).map(|(key, _)| *key);
            oldest.map(|key| trees.remove(&key));
        }
        let tree = trees.entry(member.root).or_insert_with(|| {
            let actor = Actor {
                tree: member.root.entity_id(),
                pid: member.root.tgid,
                executable: member.root_executable.clone(),
                uid: member.uid,
            };
            let mut tree = Tree::new(actor, Ledger::new(self.ledger_config(), installed));
            tree.starter = member.starter;
            Arc::new(Mutex::new(tree))
        });
        let tree = Arc::clone(tree);
        drop(trees);
        // The gate's reader comes here and must never wait for a judge, whose own opens it answers.
        if !installed && let Some(mut tree) = tree.try_lock() {
            tree.ledger.not_installed();
        }
        tree
    }

    /// A package owns the program, as far as is known by now.
    fn is_installed(&self, key: &ProcessKey) -> bool {
        self.shared.enricher.process(key).is_some_and(|process| process.package.is_some())
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

    /// Looks at what the tree did, and stops whoever it turns out must be. True when the tree is among them.
    pub fn round(&self, root: ProcessKey, starter: Option<ProcessKey>, tree: &Mutex<Tree>, pid: u32) -> bool {
        let mut tree = tree.lock();
        if tree.stopped {
            return true;
        }
        let lost = tree.round(now());
        self.mark_decoys(&mut tree, &lost);
        let who = format!("{} (pid {})", name_of(&tree.actor.executable), tree.actor.pid);
        if let Some(finding) = tree.ledger.verdict(&who) {
            self.convict(root, &mut tree, finding, pid);
            return true;
        }
        let uid = tree.actor.uid;
        let exe = tree.actor.executable.clone();
        drop(tree);
        self.round_of_others(root, starter, uid, &exe, &lost);
        self.stopped.read().contains(&root)
    }

    fn mark_decoys(&self, tree: &mut Tree, lost: &Lost) {
        let decoys = self.decoys.read();
        if lost.iter().any(|(file, ..)| decoys.contains_key(file)) {
            tree.ledger.sign(Sign::Decoy);
        }
    }

    /// The same losses count against the user, and against the program that started many.
    fn round_of_others(&self, root: ProcessKey, starter: Option<ProcessKey>, uid: u32, exe: &str, lost: &Lost) {
        if lost.is_empty() {
            return;
        }
        let config = self.ledger_config();
        let take = |ledger: &mut Ledger| {
            for (file, name, how) in lost {
                ledger.take(now(), *file, name, Outcome::Lost(how));
            }
        };
        if let Some(starter) = starter {
            let mut starters = self.starters.lock();
            if starters.len() > 1_024 {
                starters.clear();
            }
            let ledger = starters.entry(starter).or_insert_with(|| Ledger::new(config, true));
            take(ledger);
            let who = format!("What pid {} started ({})", starter.tgid, name_of(exe));
            let finding = ledger.verdict(&who);
            drop(starters);
            if let Some(finding) = finding {
                self.stop(starter);
                self.convict_siblings(starter);
                if let Some(tree) = self.known_tree(&root) {
                    self.convict(starter, &mut tree.lock(), finding, starter.tgid);
                }
                return;
            }
        }
        let mut users = self.users.lock();
        let more = LedgerConfig { enough: config.enough + 3, ..config };
        let ledger = users.entry(uid).or_insert_with(|| Ledger::new(more, true));
        take(ledger);
        let finding = ledger.verdict(&format!("Programs of user {uid} together, {} the last,", name_of(exe)));
        drop(users);
        let Some(finding) = finding else { return };
        for (key, tree) in self.all_trees() {
            let mut tree = tree.lock();
            if tree.actor.uid == uid && tree.ledger.lost() > 0 && !tree.stopped {
                let pid = tree.actor.pid;
                self.convict(key, &mut tree, finding.clone(), pid);
            }
        }
        self.users.lock().remove(&uid);
    }

    /// All that one program started goes into one incident, what has ended by now too.
    fn convict_siblings(&self, starter: ProcessKey) {
        for (_, tree) in self.all_trees() {
            let tree = tree.lock();
            if tree.starter == Some(starter) && tree.ledger.lost() > 0 {
                tree.keep_orphans(&self.shared.rollback);
                if let Err(error) = self.shared.rollback.convict(&tree.actor.tree, "ransomware.content") {
                    self.shared.problem(format!("a stopped tree cannot be written down: {error}"));
                }
            }
        }
    }
}

pub fn name_of(executable: &str) -> &str {
    executable.rsplit('/').next().unwrap_or(executable)
}
