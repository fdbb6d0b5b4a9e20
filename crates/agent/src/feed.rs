//! The live stream for `tamon selftest` and other local listeners. A listener that is too slow is told how much it missed;
//! the pipeline never waits for one.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use event::{Alert, Fields, Row};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Lines that may wait for one listener.
const ROOM: usize = 65_536;
/// More listeners than this are refused.
const MAX_LISTENERS: usize = 16;

#[derive(Default)]
pub struct Feed {
    listeners: Mutex<Vec<Listener>>,
    /// Read without the lock on the hot path: nobody listens most of the time.
    count: AtomicUsize,
}

struct Listener {
    lines: Sender<Arc<str>>,
    missed: Arc<AtomicU64>,
}

/// Lines of JSON for one listener, and how many it missed.
pub struct Subscription {
    pub lines: Receiver<Arc<str>>,
    pub missed: Arc<AtomicU64>,
}

impl Feed {
    /// None when too many listen already.
    pub fn subscribe(&self) -> Option<Subscription> {
        let mut listeners = self.listeners.lock();
        if listeners.len() >= MAX_LISTENERS {
            return None;
        }
        let (lines, receiver) = bounded(ROOM);
        let missed = Arc::new(AtomicU64::new(0));
        listeners.push(Listener { lines, missed: Arc::clone(&missed) });
        self.count.store(listeners.len(), Ordering::Release);
        Some(Subscription { lines: receiver, missed })
    }

    pub fn event(&self, event: &impl Fields) {
        if self.count.load(Ordering::Acquire) != 0 {
            self.publish(&serde_json::json!({ "event": Row::of(event) }));
        }
    }

    pub fn alert(&self, alert: &Alert) {
        if self.count.load(Ordering::Acquire) != 0 {
            self.publish(&serde_json::json!({ "alert": alert }));
        }
    }

    fn publish(&self, value: &serde_json::Value) {
        let line: Arc<str> = value.to_string().into();
        let mut listeners = self.listeners.lock();
        listeners.retain(|listener| match listener.lines.try_send(Arc::clone(&line)) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                listener.missed.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
        self.count.store(listeners.len(), Ordering::Release);
    }
}
