//! The monitor's thread: gathers what was heard of a file until it rests, looks at it, and tells or takes down what is
//! different. All that is known of watched files is written here and nowhere else.

mod watching;

use super::Order;
use super::hear::{Ear, Heard};
use super::packages::{Fold, Packages, home_namespace};
use super::scan::{self, Scanned};
use super::settle::{self, Eyes, Looked, Seen};
use super::tell::{Change, Judged, Teller};
use crate::pipeline::now;
use crate::shared::Shared;
use ::integrity::expected::Standing;
use ::integrity::{Facts, Kind, Mask};
use crossbeam_channel::{Receiver, Sender, bounded};
use event::{Found, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use watching::Armed;

const TURN: Duration = Duration::from_millis(50);
/// A file rests when nothing was heard of it for so long; what never rests is looked at after `LATEST` all the same.
const RESTS: Duration = Duration::from_millis(200);
const LATEST: Duration = Duration::from_millis(600);
/// Looked at in one turn, so that orders and events are not kept waiting.
const MOST_A_TURN: usize = 2_000;
/// What waits for a package's list, longest and most.
const WAITS: Duration = Duration::from_secs(600);
const MOST_WAITING: usize = 100_000;
/// Expected changes are told when a transaction was quiet for so long, or after the longer time.
const QUIET: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(5);
/// Notes beside the baseline before they are folded into it.
const MOST_NOTES: usize = 50_000;
/// Below one folder that came or went.
const MOST_BELOW: usize = 200_000;

pub struct Thread {
    shared: Arc<Shared>,
    ear: Ear,
    heard: Receiver<Heard>,
    orders: Receiver<Order>,
    teller: Teller,
    packages: Packages,
    armed: Option<Armed>,
    pending: HashMap<Arc<str>, Pending>,
    /// Looked at, and waiting for the list of its package.
    waiting: HashMap<Arc<str>, Box<Seen>>,
    folded: Instant,
    scans: (Sender<Scanned>, Receiver<Scanned>),
    scanning: bool,
    scan_again: Option<Found>,
    stop_scan: Arc<AtomicBool>,
    state: String,
    last_scan: String,
    synced: Instant,
    dirty: bool,
    buffer: Vec<u8>,
}

struct Pending {
    first: Instant,
    last: Instant,
    found: Found,
    heard: Heard,
}

impl Thread {
    pub fn new(
        shared: Arc<Shared>,
        ear: Ear,
        heard: Receiver<Heard>,
        orders: Receiver<Order>,
        told: Sender<Change>,
    ) -> Thread {
        let journal = ::integrity::Journal::new(shared.place.integrity().join("told"));
        Thread {
            teller: Teller::new(Arc::clone(&shared), journal, told),
            packages: Packages::new(Arc::clone(&shared)),
            shared,
            ear,
            heard,
            orders,
            armed: None,
            pending: HashMap::new(),
            waiting: HashMap::new(),
            folded: Instant::now(),
            scans: bounded(4),
            scanning: false,
            scan_again: None,
            stop_scan: Arc::default(),
            state: "no baseline: `tamon integrity baseline` makes one".into(),
            last_scan: "none yet".into(),
            synced: Instant::now(),
            dirty: false,
            buffer: Vec::new(),
        }
    }

    pub fn run(mut self) {
        // Whoever changes files goes first.
        let _ = rustix::process::nice(5);
        self.arm();
        let mut told = Instant::now();
        loop {
            self.listen();
            while let Ok(order) = self.orders.try_recv() {
                match order {
                    Order::Stop => return self.end(),
                    order => self.obey(order),
                }
            }
            if let Ok(scanned) = self.scans.1.try_recv() {
                self.scanned(&scanned);
            }
            self.settle();
            self.reconsider_waiting();
            self.fold_expected(false);
            self.keep();
            if told.elapsed() >= Duration::from_millis(500) {
                told = Instant::now();
                self.describe();
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Baseline(reply) => {
                let answer = self.take();
                let _ = reply.send(answer);
            }
            Order::Accept(paths, reply) => {
                let _ = reply.send(self.accept(&paths));
            }
            Order::Reconsider => self.arm(),
            Order::Compare => self.scan(Found::Scan),
            Order::Stop => {}
        }
    }

    fn scan(&mut self, found: Found) {
        let Some(armed) = &self.armed else { return };
        if self.scanning {
            self.scan_again = Some(found);
            return;
        }
        self.scanning = true;
        let mut scope = (*armed.scope).clone();
        scope.resolve();
        scan::start(&self.shared, Arc::new(scope), found, Arc::clone(&self.stop_scan), self.scans.0.clone());
    }

    fn scanned(&mut self, scanned: &Scanned) {
        self.scanning = false;
        self.last_scan = scan::words(now(), scanned);
        if let Some(why) = &scanned.failed {
            self.shared.problem(format!("watched files could not be compared with the disk: {why}"));
        }
        if scanned.unread > 0 {
            tracing::warn!(files = scanned.unread, "watched files could not be read");
        }
        if !scanned.paths.is_empty() {
            // What nobody saw changing can only be told expected by its digest.
            self.packages.read_lists();
        }
        let long_ago = Instant::now().checked_sub(LATEST).unwrap_or_else(Instant::now);
        for path in &scanned.paths {
            let heard =
                Heard { path: Arc::clone(path), from: None, time: now(), process: None, parent: None, identity: None };
            let pending = Pending { first: long_ago, last: long_ago, found: scanned.found, heard };
            self.pending.entry(Arc::clone(path)).or_insert(pending);
        }
        if let Some(found) = self.scan_again.take() {
            self.scan(found);
        }
    }

    /// Waits a turn for something to be heard, then takes all that is there.
    fn listen(&mut self) {
        let Ok(first) = self.heard.recv_timeout(TURN) else { return };
        let mut next = Some(first);
        let until = Instant::now() + TURN;
        while let Some(heard) = next {
            self.ear.waiting.fetch_sub(1, Ordering::Relaxed);
            self.hear(heard);
            next = if Instant::now() < until { self.heard.try_recv().ok() } else { None };
        }
    }

    fn hear(&mut self, mut heard: Heard) {
        let now = Instant::now();
        match self.pending.get_mut(&heard.path) {
            Some(pending) => {
                pending.last = now;
                pending.found = Found::Live;
                heard.from = heard.from.take().or_else(|| pending.heard.from.take());
                if heard.process.is_none() {
                    heard.process = pending.heard.process.take();
                    heard.parent = pending.heard.parent.take();
                }
                pending.heard = heard;
            }
            None => {
                let path = Arc::clone(&heard.path);
                self.pending.insert(path, Pending { first: now, last: now, found: Found::Live, heard });
            }
        }
    }

    fn settle(&mut self) {
        if self.armed.is_none() || self.pending.is_empty() {
            return;
        }
        let due = |one: &Pending| one.last.elapsed() >= RESTS || one.first.elapsed() >= LATEST;
        let paths: Vec<Arc<str>> = self
            .pending
            .iter()
            .filter(|(_, one)| due(one))
            .map(|(path, _)| Arc::clone(path))
            .take(MOST_A_TURN)
            .collect();
        let mut batch: Vec<Pending> = paths.iter().filter_map(|path| self.pending.remove(path)).collect();
        // Renamed ones first: then the name before is not told as deleted.
        batch.sort_by(|a, b| {
            b.heard.from.is_some().cmp(&a.heard.from.is_some()).then_with(|| a.heard.path.cmp(&b.heard.path))
        });
        let mut judged = Vec::new();
        let mut notes = Vec::new();
        let mut gone_by_rename: Vec<Arc<str>> = Vec::new();
        for Pending { found, heard, .. } in batch {
            if gone_by_rename.contains(&heard.path) {
                continue;
            }
            self.waiting.remove(&heard.path);
            let looked = {
                let Some(armed) = &self.armed else { return };
                let eyes = eyes(&self.shared, armed);
                settle::look(&eyes, &mut self.packages, heard, found, &mut self.buffer)
            };
            match looked {
                Ok(Looked::Same) => {}
                Ok(Looked::Touched { path, facts, approved }) => notes.push((path, Some(facts), approved)),
                Ok(Looked::Changed(seen)) => {
                    gone_by_rename.extend(seen.from.clone());
                    self.spread(&seen);
                    self.think(seen, &mut judged, &mut notes);
                }
                Err(error) => return self.refuse(&error.to_string()),
            }
        }
        self.conclude(judged, notes);
    }

    /// A folder that came brings what is in it, one that went takes it along; nothing is heard of those.
    fn spread(&mut self, seen: &Seen) {
        let is_folder = |facts: &Option<Facts>| facts.as_ref().is_some_and(|facts| facts.kind == Kind::Directory);
        let mut below: Vec<Arc<str>> = Vec::new();
        if is_folder(&seen.difference.after) && !is_folder(&seen.difference.before) {
            let names = settle::names_below(seen.path()).into_iter();
            below.extend(
                names.map(|path| Arc::<str>::from(&*event::text::from_bytes(path.as_os_str().as_encoded_bytes()))),
            );
        }
        let Some(armed) = &self.armed else { return };
        if is_folder(&seen.difference.before) && !is_folder(&seen.difference.after) {
            match armed.known.below(&seen.difference.bytes) {
                Ok(paths) => below.extend(paths.iter().map(|path| Arc::<str>::from(&*event::text::from_bytes(path)))),
                Err(error) => return self.refuse(&error.to_string()),
            }
        }
        let scope = Arc::clone(&armed.scope);
        let now = Instant::now();
        for path in below.into_iter().take(MOST_BELOW).filter(|path| scope.covers(path) && *path != *seen.path()) {
            let from = seen
                .heard
                .from
                .as_ref()
                .and_then(|from| Some(Arc::<str>::from(format!("{from}{}", path.strip_prefix(&**seen.path())?))));
            let heard = Heard { path: Arc::clone(&path), from, identity: None, ..seen.heard.clone() };
            let found = seen.found;
            self.pending.entry(path).or_insert(Pending { first: now, last: now, found, heard });
        }
    }

    fn think(&mut self, seen: Box<Seen>, judged: &mut Vec<Judged>, notes: &mut Vec<Note>) {
        let listed = self.packages.listed(seen.path());
        let over = seen.place.transaction.as_ref().is_none_or(|key| self.packages.is_over(key))
            || seen.at.elapsed() > WAITS
            || self.waiting.len() >= MOST_WAITING;
        let standing = seen.standing(&listed, over);
        let Some(armed) = &self.armed else { return };
        let eyes = eyes(&self.shared, armed);
        if let Standing::Open = standing {
            self.waiting.insert(Arc::clone(seen.path()), seen);
            return;
        }
        let approved = matches!(standing, Standing::Expected(_));
        notes.push((seen.difference.bytes.clone(), seen.difference.after.clone(), approved));
        if let Some(from) = &seen.from {
            notes.push((integrity::real_path(from).into_os_string().into_encoded_bytes(), None, approved));
        }
        match standing {
            Standing::Expected(_) => {
                settle::keep_text(&eyes, seen.path(), seen.difference.after.as_ref());
                let package = listed.package.as_deref();
                self.packages.note_expected(seen.place.transaction.as_ref(), seen.path(), package);
            }
            Standing::Judged(why) => {
                let facts = seen.difference.after.clone();
                let path = Arc::clone(seen.path());
                judged.push(seen.judged(&eyes, &listed, &why));
                settle::keep_text(&eyes, &path, facts.as_ref());
            }
            Standing::Open => {}
        }
    }

    fn conclude(&mut self, judged: Vec<Judged>, notes: Vec<Note>) {
        if !judged.is_empty() {
            self.teller.judged(judged);
        }
        let Some(armed) = &mut self.armed else { return };
        if notes.is_empty() {
            return;
        }
        self.dirty = true;
        if let Err(error) = armed.known.note(notes, armed.home.key()) {
            self.shared.problem(format!(
                "what changed of watched files is not kept: {error}; it is told again after a restart"
            ));
        }
    }

    fn reconsider_waiting(&mut self) {
        if self.packages.transactions.is_empty() {
            return;
        }
        let news = self.packages.tend();
        if !news || self.waiting.is_empty() {
            return;
        }
        let (mut judged, mut notes) = (Vec::new(), Vec::new());
        let all: Vec<Box<Seen>> = self.waiting.drain().map(|(_, seen)| seen).collect();
        for seen in all {
            self.think(seen, &mut judged, &mut notes);
        }
        self.conclude(judged, notes);
    }

    /// Tells expected changes when their transaction has come to rest, and lets it go when it is over and nothing waits.
    fn fold_expected(&mut self, all: bool) {
        let long = self.folded.elapsed() >= LONG;
        let mut told = false;
        let due = |fold: &Fold| fold.files > 0 && (all || long || fold.last.elapsed() >= QUIET);
        for transaction in self.packages.transactions.values_mut().filter(|one| due(&one.fold)) {
            let fold = std::mem::take(&mut transaction.fold);
            self.teller.expected(&fold, Some(transaction));
            told = true;
        }
        if due(&self.packages.unseen) {
            self.teller.expected(&std::mem::take(&mut self.packages.unseen), None);
            told = true;
        }
        if told || long {
            self.folded = Instant::now();
        }
        let busy = !self.waiting.is_empty() || !self.pending.is_empty();
        let over = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() > LONG);
        self.packages.transactions.retain(|_, one| busy || one.fold.files > 0 || !over(one.ended));
    }

    fn describe(&self) {
        let counts = &self.teller.counts;
        let baseline = self.armed.as_ref().map(|armed| {
            let header = armed.known.header();
            serde_json::json!({
                "number": header.number,
                "taken": header.taken,
                "sha256": Sha256(armed.known.digest()).to_hex(),
                "trees": header.trees.len(),
                "unapproved": armed.known.unapproved(),
                "notes": armed.known.notes(),
            })
        });
        *self.shared.integrity.lock() = serde_json::json!({
            "state": self.state,
            "baseline": baseline,
            "told": counts.told.load(Ordering::Relaxed),
            "expected": counts.expected.load(Ordering::Relaxed),
            "pending": self.pending.len() as u64 + self.ear.waiting.load(Ordering::Relaxed),
            "waiting_for_packages": self.waiting.len(),
            "missed": self.ear.missed.load(Ordering::Relaxed),
            "comparing": self.scanning,
            "last_comparison": self.last_scan,
        });
    }

    /// Everything that was heard is looked at once more; what still waits for a list is found again at the next start.
    fn end(mut self) {
        self.stop_scan.store(true, Ordering::Relaxed);
        while let Ok(heard) = self.heard.try_recv() {
            self.hear(heard);
        }
        let long_ago = Instant::now().checked_sub(LATEST).unwrap_or_else(Instant::now);
        self.pending.values_mut().for_each(|one| one.first = long_ago);
        self.settle();
        self.reconsider_waiting();
        self.fold_expected(true);
        if let Some(armed) = &self.armed
            && let Err(error) = armed.known.sync()
        {
            self.shared.problem(format!("what changed of watched files is not durable: {error}"));
        }
    }
}

type Note = (Vec<u8>, Option<Facts>, bool);

fn eyes<'a>(shared: &Shared, armed: &'a Armed) -> Eyes<'a> {
    Eyes {
        known: &armed.known,
        judge: &armed.judge,
        contents: &armed.contents,
        mask: Mask::new(armed.home.key()),
        keep_text_bytes: armed.keep_text_bytes,
        home_namespace: home_namespace(shared),
    }
}
