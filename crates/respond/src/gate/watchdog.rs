//! Sees to it that nobody waits longer than the timeout, and that the warden sees us alive.

use super::fan::Response;
use super::pending::Pending;
use super::{Inner, Unjudged, reader, shared};
use std::sync::atomic::Ordering;
use std::time::Duration;

const TURN: Duration = Duration::from_millis(50);

pub fn run(inner: &Inner) {
    let timeout_ms = inner.config.timeout.as_millis() as u64;
    let mut last_turn = shared::now_ms();
    let mut awake_since = last_turn;
    while !inner.stopping.load(Ordering::Acquire) {
        std::thread::sleep(TURN);
        let now = shared::now_ms();
        // When this thread stood still as well, the reader's silence says nothing yet.
        if now.saturating_sub(last_turn) > 4 * TURN.as_millis() as u64 {
            awake_since = now;
        }
        last_turn = now;
        inner.shared.beat();
        open_the_late(inner);
        take_over_from_warden(inner);
        let seen = inner.reader_beat.load(Ordering::Acquire).max(awake_since);
        let since = now.saturating_sub(seen);
        if since > timeout_ms && !inner.collapsed.swap(true, Ordering::AcqRel) {
            tracing::error!(since, "the gate's reader stands still; the gate is given up and stands open");
            inner.counters.collapses.fetch_add(1, Ordering::Relaxed);
            inner.group.let_go();
        }
    }
}

fn open_the_late(inner: &Inner) {
    for pending in inner.table.older_than(inner.config.timeout) {
        if pending.claim() {
            if pending.mark_stuck() {
                inner.stuck.fetch_add(1, Ordering::Relaxed);
            }
            inner.counters.opened.fetch_add(1, Ordering::Relaxed);
            tell_unjudged(inner, &pending);
            tracing::warn!(pid = pending.pid, path = %pending.path.display(), "nobody judged it in time; it runs");
            reader::settle(inner, &pending, Response::Allow);
        }
    }
}

/// Lets one request through unjudged.
pub fn open(inner: &Inner, pending: &Pending) {
    if pending.claim() {
        inner.counters.opened.fetch_add(1, Ordering::Relaxed);
        tell_unjudged(inner, pending);
        reader::settle(inner, pending, Response::Allow);
    }
}

fn tell_unjudged(inner: &Inner, pending: &Pending) {
    if let Some(Unjudged(tell)) = &inner.config.unjudged {
        tell(&pending.file);
    }
}

/// We stood still and the warden opened the gate for us: what it let through is counted, and the marks stand again.
fn take_over_from_warden(inner: &Inner) {
    let Some(opened) = inner.shared.take_opened() else { return };
    tracing::error!(opened, "this process stood still; the warden opened the gate, which is armed again now");
    inner.counters.opened.fetch_add(opened, Ordering::Relaxed);
    inner.counters.stalls.fetch_add(1, Ordering::Relaxed);
    // Requests that were read before the stall have had the warden's answer.
    for pending in inner.table.older_than(Duration::ZERO) {
        if pending.claim() {
            reader::settle(inner, &pending, Response::Allow);
        }
    }
    if let Err(error) = super::arm_all(inner) {
        tracing::error!(%error, "the gate could not be armed again");
        inner.collapsed.store(true, Ordering::Release);
    }
}
