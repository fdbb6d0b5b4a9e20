//! Watched files, live: which of the events that the sensor makes anyway touch a file of the baseline, what is different
//! about it a moment later, and who did it. One thread of its own, so that the pipeline never waits for a disk; what it has
//! to tell goes back to the pipeline as events and findings like any other.
//!
//! No change is lost with an event: where one was (the sensor counts them, or this queue was full), and once in
//! `compare_hours`, and at start, everything is compared with the disk, and what is found so says that it was.

mod hear;
mod large;
mod look;
mod orders;
mod packages;
mod scan;
mod settle;
mod tell;
mod thread;

pub use hear::Ear;
pub use orders::{accept, baseline, try_tree};
pub use tell::Change;

use crate::shared::Shared;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use event::LossKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Changes that wait for the pipeline; the monitor waits when it is full.
const TOLD: usize = 1_024;
/// Between two comparisons that follow losses.
const AFTER_LOSS: Duration = Duration::from_secs(20);

/// What the monitor is asked from outside its thread.
pub enum Order {
    /// Take a new baseline. The answer is the document of `tamon integrity baseline`.
    Baseline(Sender<Result<serde_json::Value, String>>),
    /// Approve what changed at or below these.
    Accept(Vec<String>, Sender<Result<usize, String>>),
    /// Watch this folder of the self-test for a while besides.
    Try(PathBuf, Sender<Result<(), String>>),
    /// The policy may have changed, or a loss makes it needful to look at everything.
    Reconsider,
    Compare,
    Stop,
}

pub struct Monitor {
    shared: Arc<Shared>,
    ear: Ear,
    orders: Sender<Order>,
    told: Receiver<Change>,
    thread: Option<std::thread::JoinHandle<()>>,
    policy: verdict::Integrity,
    lost: u64,
    compared: Instant,
}

impl Monitor {
    /// What packages say of files is read of the databases below `packages`.
    pub fn start(shared: Arc<Shared>, packages: &Path) -> std::io::Result<Monitor> {
        let (told_in, told) = bounded(TOLD);
        let (orders, orders_in) = unbounded();
        let (ear, heard) = Ear::new();
        let policy = shared.policy().integrity.clone();
        let thread = thread::Thread::new(Arc::clone(&shared), packages, ear.clone(), heard, orders_in, told_in)?;
        let thread = std::thread::Builder::new().name("integrity".into()).spawn(move || thread.run())?;
        *shared.integrity_orders.lock() = Some(orders.clone());
        let lost = file_losses(&shared);
        Ok(Monitor { shared, ear, orders, told, thread: Some(thread), policy, lost, compared: Instant::now() })
    }

    pub fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// Changes for the pipeline to take.
    pub fn told(&self) -> Receiver<Change> {
        self.told.clone()
    }

    /// Called once a second.
    pub fn tend(&mut self) {
        let policy = self.shared.policy();
        if self.policy != policy.integrity {
            self.policy = policy.integrity.clone();
            self.order(Order::Reconsider);
        }
        let lost = file_losses(&self.shared) + self.ear.missed.load(Ordering::Relaxed);
        let hours = u64::from(self.policy.compare_hours);
        let due = hours > 0 && self.compared.elapsed() >= Duration::from_secs(hours * 3_600);
        // A host that loses events all the time must not read its disk all the time.
        let lost_some = lost != self.lost && self.compared.elapsed() >= AFTER_LOSS;
        if due || lost_some {
            self.lost = lost;
            self.compared = Instant::now();
            self.order(Order::Compare);
        }
    }

    fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            self.shared.problem("watched files are not looked at any more: their thread has ended".into());
        }
    }
}

impl Monitor {
    /// What was heard until now is looked at; `take` gets what there still is to tell.
    pub fn end(mut self, take: &mut dyn FnMut(Change)) {
        self.stop(take);
    }

    fn stop(&mut self, take: &mut dyn FnMut(Change)) {
        let Some(thread) = self.thread.take() else { return };
        *self.shared.integrity_orders.lock() = None;
        let _ = self.orders.send(Order::Stop);
        // It may be waiting for room.
        while !thread.is_finished() {
            self.told.try_iter().for_each(&mut *take);
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.join().is_err() {
            tracing::error!("the thread that watches files had failed");
        }
        self.told.try_iter().for_each(take);
    }
}

impl Drop for Monitor {
    /// Where the agent ends by an error: the journal has what is not taken.
    fn drop(&mut self) {
        self.stop(&mut |_| ());
    }
}

fn file_losses(shared: &Shared) -> u64 {
    let lost = shared.counters.sensor_lost.lock();
    let kinds = [LossKind::File, LossKind::Fanotify];
    kinds.iter().filter_map(|kind| lost.get(kind)).sum()
}
