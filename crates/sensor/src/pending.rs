//! Acts through io_uring that have begun: held until their result comes, so that what failed is not told as done, and for
//! at most a moment, so that what never ends (or hides its end) is told all the same.

use event::{EventKind, Observation, Observed};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

const HOLD: Duration = Duration::from_millis(500);
const MOST: usize = 65_536;
const EINPROGRESS: i32 = 115;

#[derive(Default)]
pub(crate) struct Pending {
    begun: HashMap<u64, Observation>,
    /// In the order of beginning; an entry whose tag is gone, or is another's by now, is passed over.
    order: VecDeque<(Instant, u64, u64)>,
}

impl Pending {
    /// Holds `seen`; hands on one that must wait no longer because there are too many.
    pub fn begin(&mut self, tag: u64, seen: Observation, sink: &mut dyn FnMut(Observation)) {
        if self.order.len() >= MOST {
            self.release_oldest(sink);
        }
        self.order.push_back((Instant::now(), tag, seen.boottime_ns));
        if let Some(earlier) = self.begun.insert(tag, seen) {
            sink(unfinished(earlier));
        }
    }

    pub fn end(&mut self, tag: u64, result: i32, sink: &mut dyn FnMut(Observation)) {
        let Some(mut seen) = self.begun.remove(&tag) else { return };
        match &mut seen.what {
            Observed::Other(EventKind::Network(network)) => network.error = result.min(0).saturating_neg(),
            _ if result < 0 => return,
            _ => {}
        }
        sink(seen);
    }

    /// Hands on what has waited long enough.
    pub fn expire(&mut self, sink: &mut dyn FnMut(Observation)) {
        if self.order.is_empty() {
            return;
        }
        let now = Instant::now();
        while self.order.front().is_some_and(|(at, ..)| now.duration_since(*at) > HOLD) {
            self.release_oldest(sink);
        }
    }

    fn release_oldest(&mut self, sink: &mut dyn FnMut(Observation)) {
        let Some((_, tag, boottime)) = self.order.pop_front() else { return };
        if self.begun.get(&tag).is_some_and(|seen| seen.boottime_ns == boottime)
            && let Some(seen) = self.begun.remove(&tag)
        {
            sink(unfinished(seen));
        }
    }
}

fn unfinished(mut seen: Observation) -> Observation {
    if let Observed::Other(EventKind::Network(network)) = &mut seen.what {
        network.error = EINPROGRESS;
    }
    seen
}
