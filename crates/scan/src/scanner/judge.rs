//! One file: hand it to a worker, wait no longer than it may take, and make a report of whatever comes back.

use super::Counters;
use super::generation::Generation;
use super::nursery::Worker;
use crate::channel::ChannelError;
use crate::protocol::{Match, ScanAnswer, ScanRequest};
use crate::{Ask, ScanFinding, ScanReport, Urgency};
use event::{RuleId, Sha256};
use std::fs::{File, Metadata};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a worker may take beyond the file's own time: its clock has a step of one second.
const GRACE: Duration = Duration::from_secs(3);
/// How long a worker that stands back may be kept from its file by what the host does.
const PATIENCE: Duration = Duration::from_secs(2);
/// The end of a path matters to nobody but people.
const MAX_NAME: usize = 8 << 10;

pub fn judge(generation: &Generation, counters: &Counters, file: &File, path: &Path, ask: &Ask) -> ScanReport {
    let path = crate::walk::shown(path);
    let before = match file.metadata() {
        Ok(meta) if meta.is_file() => meta,
        Ok(_) => return ScanReport::error(path, "not a regular file"),
        Err(error) => return ScanReport::error(path, format!("stat: {error}")),
    };
    let mut report = ScanReport::error(path, "");
    report.size = before.len();
    report.note = None;
    let answer = match converse(generation, counters, file, &report, ask) {
        Ok(answer) => answer,
        Err(note) => return ScanReport { note: Some(note), ..report },
    };
    let unread = unread(generation, counters, &answer, &before, file);
    fill(generation, answer, report, unread)
}

fn converse(
    generation: &Generation,
    counters: &Counters,
    file: &File,
    report: &ScanReport,
    ask: &Ask,
) -> Result<ScanAnswer, String> {
    let mut worker = generation.take(ask.urgency).map_err(|error| format!("no scan worker: {error}"))?;
    let pid = worker.pid;
    let answer = exchange(generation, &mut worker, file, report, ask);
    if answer.is_ok() {
        worker.settle();
    }
    let fit = matches!(&answer, Ok(answer) if !answer.retires) && !worker.hurried;
    generation.give_back(pid, fit.then_some(worker));
    answer.map_err(|error| match error {
        ChannelError::Closed => {
            counters.workers_lost.fetch_add(1, Ordering::Relaxed);
            "the scan worker ended while it looked at this file".into()
        }
        ChannelError::TimedOut => {
            counters.timeouts.fetch_add(1, Ordering::Relaxed);
            "the scan worker did not answer in time and was ended".into()
        }
        other => {
            counters.workers_lost.fetch_add(1, Ordering::Relaxed);
            format!("the scan worker's answer cannot be used: {other}")
        }
    })
}

fn exchange(
    generation: &Generation,
    worker: &mut Worker,
    file: &File,
    report: &ScanReport,
    ask: &Ask,
) -> Result<ScanAnswer, ChannelError> {
    let limits = &generation.config.limits;
    let request = ScanRequest {
        name: event::text::clip(&report.path, MAX_NAME).to_owned(),
        size: report.size,
        max_file_bytes: limits.max_file_bytes,
        max_hash_bytes: limits.max_hash_bytes,
        timeout_ms: limits.timeout.as_millis() as u64,
        max_findings: limits.max_findings,
        unpack_memory_bytes: limits.worker_memory_bytes / 2,
        open: !ask.leave_archives,
        explain: ask.explain,
        spare_model: ask.spare_model.clone(),
    };
    worker.channel.send(&request, Some(file.as_fd()), Some(GRACE))?;
    let mut left = limits.timeout + GRACE;
    if ask.urgency == Urgency::Soon {
        let patience = PATIENCE.min(limits.timeout / 2);
        match worker.channel.receive(Some(patience)) {
            Err(ChannelError::TimedOut) => worker.hurry(),
            answer => return Ok(answer?.0),
        }
        left -= patience;
    }
    Ok(worker.channel.receive(Some(left))?.0)
}

/// Why the file does not count as read to its end; None when it does.
fn unread(
    generation: &Generation,
    counters: &Counters,
    answer: &ScanAnswer,
    before: &Metadata,
    file: &File,
) -> Option<String> {
    let stamp = |m: &Metadata| (m.len(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec());
    if answer.timed_out {
        counters.timeouts.fetch_add(1, Ordering::Relaxed);
        let limit = generation.config.limits.timeout;
        return Some(format!("not finished within {limit:?}"));
    }
    if !answer.unread.is_empty() {
        let more = match answer.unread_left_out {
            0 => String::new(),
            n => format!("; and {n} more"),
        };
        return Some(format!("{}{more}", answer.unread.join("; ")));
    }
    match file.metadata() {
        Ok(after) if stamp(&after) != stamp(before) => Some("it changed while it was read".into()),
        Ok(_) => None,
        Err(error) => Some(format!("stat afterwards: {error}")),
    }
}

fn fill(generation: &Generation, answer: ScanAnswer, mut report: ScanReport, unread: Option<String>) -> ScanReport {
    report.sha256 = answer.sha256.map(Sha256);
    report.members = answer.members;
    report.voices = answer.voices;
    report.findings.extend(answer.matches.into_iter().take(generation.config.limits.max_findings).map(finding));
    if answer.matches_left_out > 0 {
        report.note = Some(format!("{} more rules matched", answer.matches_left_out));
    }
    let report = report.conclude(unread);
    match answer.error {
        Some(error) => report.failed(error),
        None => report,
    }
}

fn finding(one: Match) -> ScanFinding {
    ScanFinding {
        engine: one.engine,
        name: one.name,
        severity: one.severity,
        detail: match &one.member {
            Some(member) => format!("in {member}: {}", one.detail),
            None => one.detail,
        },
        rule_id: RuleId::new(one.rule_id),
        techniques: one.techniques,
        asks: one.action,
        member: one.member,
        matched: one.matched,
    }
}
