//! Nobody waits longer than the timeout, and the warden sees us alive.

use super::{Inner, reader};
use crate::gate::now_ms;
use std::sync::atomic::Ordering;
use std::time::Duration;

const TURN: Duration = Duration::from_millis(50);

pub fn run(inner: &Inner) {
    let timeout_ms = inner.config.timeout.as_millis() as u64;
    let mut last_turn = now_ms();
    let mut awake_since = last_turn;
    while !inner.stopping.load(Ordering::Acquire) {
        std::thread::sleep(TURN);
        let now = now_ms();
        // When this thread stood still as well, the reader's silence says nothing yet.
        if now.saturating_sub(last_turn) > 4 * TURN.as_millis() as u64 {
            awake_since = now;
        }
        last_turn = now;
        inner.shared.beat();
        open_older_than(inner, inner.config.timeout);
        take_over_from_warden(inner);
        let since = now.saturating_sub(inner.reader_beat.load(Ordering::Acquire).max(awake_since));
        if since > timeout_ms && !inner.collapsed.swap(true, Ordering::AcqRel) {
            tracing::error!(since, "the open gate's reader stands still; the gate is given up and stands open");
            inner.group.let_go();
        }
    }
}

fn open_older_than(inner: &Inner, age: Duration) {
    let late: Vec<_> = inner.waiting.lock().values().filter(|r| r.arrived.elapsed() >= age).cloned().collect();
    for request in late {
        tracing::warn!(tid = request.tid, path = %request.path.display(), "nobody judged an open in time; it goes on");
        reader::open(inner, &request);
    }
}

/// We stood still and the warden opened the gate for us: what it let through is counted, and the marks stand again.
fn take_over_from_warden(inner: &Inner) {
    let Some(opened) = inner.shared.take_opened() else { return };
    tracing::error!(opened, "this process stood still; the warden opened the open gate, which is armed again now");
    inner.counters.opened.fetch_add(opened, Ordering::Relaxed);
    inner.counters.stalls.fetch_add(1, Ordering::Relaxed);
    open_older_than(inner, Duration::ZERO);
    let folders = inner.folders.lock().clone();
    let failed = folders.iter().filter(|folder| inner.mark(folder).is_err()).count();
    if failed > 0 {
        tracing::error!(failed, "folders could not be guarded again");
    }
}
