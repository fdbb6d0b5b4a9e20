//! Takes requests from the kernel, answers at once for those who never wait and for what is out of scope, and hands the
//! rest to the judges. It never waits for anything but the kernel.

use super::fan::{Group, PermissionEvent, Read, Response};
use super::marks::About;
use super::pending::Pending;
use super::reads::{self, Act};
use super::{GateAnswer, Inner, exempt, marks, path_of, shared, watchdog};
use crate::proc::tgid_of;
use crossbeam_channel::{Sender, TrySendError};
use event::{FileIdentity, Timestamp};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const TURN: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

pub fn run(inner: &Inner, judges: &Sender<Arc<Pending>>) {
    while !inner.stopping.load(Ordering::Acquire) {
        inner.reader_beat.store(shared::now_ms(), Ordering::Release);
        wait_for(&inner.group);
        match inner.group.read() {
            Ok(Read::Events(events)) => events.into_iter().for_each(|event| receive(inner, judges, event)),
            Ok(Read::Empty) => {}
            Ok(Read::Closed) => return,
            Err(error) => {
                // The kernel has denied the event whose descriptor it could not give us.
                inner.counters.read_errors.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "reading the gate's requests failed");
            }
        }
    }
}

/// Until there is something to read, or for one turn; when it cannot wait it looks again at once.
pub fn wait_for(group: &Group) {
    if let Err(error) = poll(&mut [PollFd::from_borrowed_fd(group.as_fd(), PollFlags::IN)], Some(&TURN))
        && error != Errno::INTR
    {
        tracing::error!(%error, "the gate cannot wait for requests");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn receive(inner: &Inner, judges: &Sender<Arc<Pending>>, event: PermissionEvent) {
    let counters = &inner.counters;
    counters.asked.fetch_add(1, Ordering::Relaxed);
    let path = path_of(&event.file);
    let act = match inner.config.reads.filter(|_| event.reading) {
        Some(interpreters) => match reads::act(inner, interpreters, &event, &path) {
            Some(act) => act,
            None => return answer_now(inner, &event.file, Response::Allow),
        },
        None => Act::Run,
    };
    // One that has ended by now asks for nobody.
    let pid = tgid_of(event.tid).unwrap_or(event.tid);
    if exempt::never_waits(pid, inner.config.exempt_own_tree) {
        counters.exempt.fetch_add(1, Ordering::Relaxed);
        return answer_now(inner, &event.file, Response::Allow);
    }
    if !inner.config.in_scope(&path, act != Act::Run) {
        counters.out_of_scope.fetch_add(1, Ordering::Relaxed);
        marks::spare(&inner.group, &event.file, About::Everything);
        return answer_now(inner, &event.file, Response::Allow);
    }
    let Some(identity) = identity_of(&event.file) else {
        counters.opened.fetch_add(1, Ordering::Relaxed);
        return answer_now(inner, &event.file, Response::Allow);
    };
    let pending = Arc::new(Pending::new((event.tid, pid), act, path, event.file, identity));
    inner.table.insert(&pending);
    inner.shared.hold(pending.number());
    if inner.stuck.load(Ordering::Relaxed) >= inner.config.judges as u64 {
        return watchdog::open(inner, &pending);
    }
    if let Err(TrySendError::Full(pending) | TrySendError::Disconnected(pending)) = judges.try_send(pending) {
        watchdog::open(inner, &pending);
    }
}

fn answer_now(inner: &Inner, file: &File, response: Response) {
    if let Err(error) = inner.group.answer(file.as_raw_fd(), response) {
        tracing::debug!(%error, "an answer came too late");
    }
}

/// A judge's answer becomes the kernel's, unless the watchdog was quicker.
pub fn conclude(inner: &Inner, pending: &Pending, answer: GateAnswer) {
    if !pending.claim() {
        return;
    }
    let counters = &inner.counters;
    let response = match answer {
        GateAnswer::Allow { cache } => {
            counters.allowed.fetch_add(1, Ordering::Relaxed);
            if cache && remember(inner, pending) {
                counters.cached.fetch_add(1, Ordering::Relaxed);
            }
            Response::Allow
        }
        GateAnswer::Deny => {
            counters.denied.fetch_add(1, Ordering::Relaxed);
            Response::Deny
        }
    };
    settle(inner, pending, response);
}

/// It is nothing that needs a judgement.
pub fn pass(inner: &Inner, pending: &Pending) {
    if pending.claim() {
        inner.counters.passed.fetch_add(1, Ordering::Relaxed);
        answer(inner, pending, Response::Allow);
    }
}

/// The caller has claimed the request.
pub fn settle(inner: &Inner, pending: &Pending, response: Response) {
    answer(inner, pending, response);
    inner.counters.latency.record(pending.arrived.elapsed());
}

fn answer(inner: &Inner, pending: &Pending, response: Response) {
    inner.table.remove(pending.number());
    if let Err(error) = inner.group.answer(pending.number(), response) {
        // The warden, or the end of the group, has answered already.
        tracing::debug!(%error, "an answer came too late");
    }
    inner.shared.release(pending.number());
}

fn remember(inner: &Inner, pending: &Pending) -> bool {
    let about = if pending.act == Act::Run { About::Everything } else { About::Reading };
    remember_as(inner, &pending.file, pending.identity, about)
}

/// A write between judging and marking would go unnoticed, so the file is looked at once more after the mark stands.
pub fn remember_as(inner: &Inner, file: &File, judged: FileIdentity, about: About) -> bool {
    if let Err(error) = marks::ignore(&inner.group, file, about) {
        tracing::debug!(%error, "an answer is not remembered");
        return false;
    }
    let same = identity_of(file) == Some(judged);
    if !same && let Err(error) = marks::unignore(&inner.group, file) {
        inner.counters.kept_wrongly.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%error, path = %path_of(file).display(), "an answer that no longer holds cannot be taken back");
    }
    same
}

pub fn identity_of(file: &File) -> Option<FileIdentity> {
    let meta = file.metadata().ok()?;
    let ctime = Timestamp::from_nanos(meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()));
    Some(FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.len() })
}
