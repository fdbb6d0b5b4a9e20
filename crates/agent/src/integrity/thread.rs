//! The monitor's thread: gathers what was heard of a file until it rests, looks at it, and tells or takes down what is
//! different. All that is known of watched files is written here and nowhere else.
//!
//! A change is told within a second of its being heard. So nothing here takes long: contents are read by all processors, large
//! ones by a thread of their own (`large`), texts are kept when there is nothing else to do, and what cannot be judged before
//! a package's list comes is told first and judged after.

mod comparing;
mod keeping;
mod settling;
mod trial;
mod watching;

use super::Order;
use super::hear::{Ear, Heard};
use super::large::Large;
use super::look::Eyes;
use super::packages::{Packages, Place, home_namespace};
use super::scan::Scanned;
use super::settle::Seen;
use super::tell::{Change, Teller};
use crate::shared::Shared;
use ::integrity::expected::By;
use ::integrity::{Facts, Hashes, Mask};
use crossbeam_channel::{Receiver, Sender, bounded};
use event::{Found, Sha256};
use std::collections::{HashMap, VecDeque};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use trial::Trial;
use watching::Armed;

const TURN: Duration = Duration::from_millis(50);
/// A file rests when nothing was heard of it for so long; what never rests is looked at after `LATEST` all the same.
const RESTS: Duration = Duration::from_millis(200);
const LATEST: Duration = Duration::from_millis(600);
/// Threads that look at many files.
const MOST_THREADS: usize = 4;

pub struct Thread {
    shared: Arc<Shared>,
    ear: Ear,
    heard: Receiver<Heard>,
    orders: Receiver<Order>,
    teller: Teller,
    packages: Packages,
    large: Large,
    armed: Option<Armed>,
    trial: Option<Trial>,
    pending: HashMap<Arc<str>, Pending>,
    /// Looked at, and waiting for the list of its package.
    waiting: HashMap<Arc<str>, Box<Seen>>,
    /// Large contents that were read and are looked at next.
    read: HashMap<Arc<str>, (Facts, Option<Hashes>)>,
    /// Texts of expected changes, to be kept for the next diff.
    to_keep: VecDeque<(Arc<str>, Facts)>,
    scans: (Sender<Scanned>, Receiver<Scanned>),
    scanning: bool,
    scan_again: Option<Found>,
    stop_scan: Arc<AtomicBool>,
    threads: usize,
    state: String,
    last_scan: String,
    last_heard: Instant,
    synced: Instant,
    syncing: Arc<AtomicBool>,
    dirty: bool,
}

struct Pending {
    first: Instant,
    last: Instant,
    found: Found,
    heard: Heard,
    place: Place,
}

impl Pending {
    /// Nothing more is coming, as far as can be told: at once of what a package manager has put in its place.
    fn is_due(&self) -> bool {
        let complete = self.heard.finished && self.place.by == By::PackageManager;
        complete || self.last.elapsed() >= RESTS || self.first.elapsed() >= LATEST
    }
}

impl Thread {
    pub fn new(
        shared: Arc<Shared>,
        package_root: &Path,
        ear: Ear,
        heard: Receiver<Heard>,
        orders: Receiver<Order>,
        told: Sender<Change>,
    ) -> std::io::Result<Thread> {
        let journal = ::integrity::Journal::new(shared.place.integrity().join("told"));
        Ok(Thread {
            teller: Teller::new(Arc::clone(&shared), journal, told),
            packages: Packages::new(Arc::clone(&shared), package_root),
            large: Large::start()?,
            shared,
            ear,
            heard,
            orders,
            armed: None,
            trial: None,
            pending: HashMap::new(),
            waiting: HashMap::new(),
            read: HashMap::new(),
            to_keep: VecDeque::new(),
            scans: bounded(4),
            scanning: false,
            scan_again: None,
            stop_scan: Arc::default(),
            threads: std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS),
            state: "no baseline: `tamon integrity baseline` makes one".into(),
            last_scan: "none yet".into(),
            last_heard: Instant::now(),
            synced: Instant::now(),
            syncing: Arc::default(),
            dirty: false,
        })
    }

    pub fn run(mut self) {
        self.arm();
        let (mut told, mut counted) = (Instant::now(), 0);
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
            self.take_large();
            self.settle();
            self.reconsider_waiting();
            self.tell_folds(false);
            self.keep();
            self.keep_texts();
            self.end_trial();
            let count =
                self.teller.counts.told.load(Ordering::Relaxed) + self.teller.counts.expected.load(Ordering::Relaxed);
            if count != counted || told.elapsed() >= Duration::from_millis(500) {
                (told, counted) = (Instant::now(), count);
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
            Order::Try(tree, reply) => {
                let _ = reply.send(self.begin_trial(tree));
            }
            Order::Reconsider => self.arm(),
            Order::Compare => self.scan(Found::Scan),
            Order::Stop => {}
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
        let now = heard.at;
        self.last_heard = now;
        let place = self.packages.place(heard.process.as_ref());
        match self.pending.get_mut(&heard.path) {
            Some(pending) => {
                pending.last = now;
                pending.found = Found::Live;
                heard.from = heard.from.take().or_else(|| pending.heard.from.take());
                heard.at = pending.heard.at.min(heard.at);
                if heard.process.is_none() {
                    heard.process = pending.heard.process.take();
                    heard.parent = pending.heard.parent.take();
                } else {
                    pending.place = place;
                }
                pending.heard = heard;
            }
            None => {
                let path = Arc::clone(&heard.path);
                self.pending.insert(path, Pending { first: now, last: now, found: Found::Live, heard, place });
            }
        }
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
            "slowest_ms": counts.slowest_ms.load(Ordering::Relaxed),
            "late": counts.late.load(Ordering::Relaxed),
            "pending": self.pending.len() as u64 + self.ear.waiting.load(Ordering::Relaxed),
            "waiting_for_packages": self.waiting.values().filter(|seen| seen.told_open).count(),
            "large": self.large.waiting(),
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
        self.pending.values_mut().for_each(|one| one.first = long_ago());
        while self.armed.is_some() && self.pending.values().any(Pending::is_due) {
            self.settle();
        }
        self.reconsider_waiting();
        self.tell_folds(true);
        if self.trial.is_some() {
            return self.drop_trial();
        }
        if let Some(armed) = &self.armed
            && let Err(error) = armed.known.sync()
        {
            self.shared.problem(format!("what changed of watched files is not durable: {error}"));
        }
    }
}

/// Of what need not rest any more.
fn long_ago() -> Instant {
    Instant::now().checked_sub(LATEST).unwrap_or_else(Instant::now)
}

fn eyes<'a>(shared: &Shared, armed: &'a Armed, read: &'a HashMap<Arc<str>, (Facts, Option<Hashes>)>) -> Eyes<'a> {
    Eyes {
        known: &armed.known,
        judge: &armed.judge,
        contents: &armed.contents,
        mask: Mask::new(armed.home.key()),
        keep_text_bytes: armed.keep_text_bytes,
        home_namespace: home_namespace(shared),
        read,
    }
}
