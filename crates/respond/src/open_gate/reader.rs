//! Takes questions from the kernel and answers what can be answered at once; the rest goes to the judges.

use super::{Inner, OpenAnswer, OpenJudge, OpenRequest};
use crate::gate::{PermissionEvent, Read, Response, now_ms, wait_for};
use crate::proc::is_own_thread;
use crossbeam_channel::{Sender, TrySendError};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

pub fn run(inner: &Inner, judges: &Sender<Arc<OpenRequest>>, judge: &dyn OpenJudge) {
    while !inner.stopping.load(Ordering::Acquire) {
        inner.reader_beat.store(now_ms(), Ordering::Release);
        wait_for(&inner.group);
        match inner.group.read() {
            Ok(Read::Events(events)) => {
                for event in events {
                    inner.reader_beat.store(now_ms(), Ordering::Release);
                    receive(inner, judges, judge, event);
                }
            }
            Ok(Read::Empty) => {}
            Ok(Read::Closed) => return,
            Err(error) => {
                inner.counters.read_errors.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "reading the open gate's requests failed");
            }
        }
    }
}

fn receive(inner: &Inner, judges: &Sender<Arc<OpenRequest>>, judge: &dyn OpenJudge, event: PermissionEvent) {
    inner.counters.asked.fetch_add(1, Ordering::Relaxed);
    if is_own_thread(event.tid) {
        if let Err(error) = inner.group.answer(event.file.as_raw_fd(), Response::Allow) {
            tracing::debug!(%error, "an answer came too late");
        }
        return;
    }
    let request = Arc::new(OpenRequest {
        tid: event.tid,
        path: crate::gate::path_of(&event.file),
        directory: event.file.metadata().is_ok_and(|meta| meta.is_dir()),
        file: event.file,
        arrived: Instant::now(),
        answered: AtomicBool::new(false),
    });
    inner.shared.hold(request.number());
    match catch_unwind(AssertUnwindSafe(|| judge.quick(&request))) {
        Ok(Some(answer)) => {
            inner.counters.quick.fetch_add(1, Ordering::Relaxed);
            if request.claim() {
                settle(inner, &request, answer);
            }
        }
        Ok(None) => {
            inner.counters.slow.fetch_add(1, Ordering::Relaxed);
            inner.waiting.lock().insert(request.number(), Arc::clone(&request));
            if let Err(TrySendError::Full(request) | TrySendError::Disconnected(request)) = judges.try_send(request) {
                open(inner, &request);
            }
        }
        Err(_) => {
            inner.counters.panicked.fetch_add(1, Ordering::Relaxed);
            open(inner, &request);
        }
    }
}

pub fn judge_slowly(inner: &Inner, request: &OpenRequest, judge: &dyn OpenJudge) {
    // Its opener has been let through, or has given up: there is nothing left to judge.
    if request.answered.load(Ordering::Acquire) {
        return;
    }
    match catch_unwind(AssertUnwindSafe(|| judge.slow(request))) {
        Ok(answer) => {
            if request.claim() {
                settle(inner, request, answer);
            }
        }
        Err(_) => {
            inner.counters.panicked.fetch_add(1, Ordering::Relaxed);
            open(inner, request);
        }
    }
}

/// Lets it through unjudged.
pub fn open(inner: &Inner, request: &OpenRequest) {
    if request.claim() {
        inner.counters.opened.fetch_add(1, Ordering::Relaxed);
        settle(inner, request, OpenAnswer::Allow);
    }
}

/// The caller has claimed it.
pub fn settle(inner: &Inner, request: &OpenRequest, answer: OpenAnswer) {
    let response = match answer {
        OpenAnswer::Allow => Response::Allow,
        OpenAnswer::Deny => {
            inner.counters.denied.fetch_add(1, Ordering::Relaxed);
            Response::Deny
        }
    };
    inner.waiting.lock().remove(&request.number());
    if let Err(error) = inner.group.answer(request.number(), response) {
        tracing::debug!(%error, "an answer came too late");
    }
    inner.shared.release(request.number());
}
