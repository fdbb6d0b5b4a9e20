//! One file, every voice: read, digests, then the file itself and each member of it before the panel. The only code that
//! holds a hostile file's bytes. What could not be read to its end is a reason that the answer carries; nothing here can
//! say clean.

use super::arsenal::Arsenal;
use super::panel::{Exhibit, Heard, Panel};
use super::reading::{Read, Reading};
use crate::protocol::{Match, ScanAnswer, ScanRequest};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::time::{Duration, Instant};
use unpack::{FileSource, Flow, Limits, Member, Outcome, Piece, Source};

/// Members that come in pieces at the same time: a compressed tar and what is in it.
const MAX_PIECED: usize = 8;
/// Reasons told; more are counted.
const MAX_UNREAD: usize = 20;

pub struct Examiner<'a> {
    panel: Panel<'a>,
    reading: Reading,
}

impl<'a> Examiner<'a> {
    pub fn new(arsenal: &'a Arsenal) -> Self {
        Examiner { panel: Panel::new(arsenal), reading: Reading::default() }
    }

    pub fn warm_up(&mut self) {
        self.panel.warm_up();
    }

    pub fn examine(&mut self, file: &File, request: ScanRequest) -> ScanAnswer {
        let deadline = Instant::now() + Duration::from_millis(request.timeout_ms);
        let mut answer = ScanAnswer::default();
        self.panel.begin(request.spare_model.clone());
        match self.reading.read(file, &request, deadline) {
            Ok(read) => self.judge(file, &read, &request, deadline, &mut answer),
            Err(error) => answer.error = Some(error),
        }
        self.reading.done();
        if request.explain || !answer.matches.is_empty() {
            answer.voices = self.panel.voices();
        }
        answer
    }

    fn judge(&mut self, file: &File, read: &Read, request: &ScanRequest, deadline: Instant, answer: &mut ScanAnswer) {
        answer.sha256 = read.sha256;
        let bytes = self.reading.bytes();
        answer.seen = bytes.len() as u64;
        if read.timed_out {
            answer.timed_out = true;
            return;
        }
        if !read.whole {
            answer.unread.push(format!("patterns saw its first {} bytes", answer.seen));
        }
        let mut sitting =
            Sitting { panel: &mut self.panel, most: request.max_findings, deadline, answer, pieced: vec![] };
        let kind = unpack::kind(&bytes[..bytes.len().min(unpack::KIND_BYTES)]);
        sitting.hear(&Exhibit { bytes, kind, member: None, whole: read.whole, sha256: read.sha256 });
        if sitting.is_over() {
            return;
        }
        if !request.open {
            if kind.is_container() {
                sitting.unread(format!("what is in it ({}) was not looked at, as was asked", kind.name()));
            }
            return;
        }
        let limits = Limits {
            window_bytes: usize::try_from(request.max_file_bytes).unwrap_or(usize::MAX),
            memory_bytes: request.unpack_memory_bytes,
            deadline: Some(deadline),
            ..Limits::default()
        };
        let outcome = if read.whole {
            sitting.walk(&bytes, &limits)
        } else {
            sitting.walk(&FileSource::new(file, request.size), &limits)
        };
        sitting.conclude(&outcome);
    }
}

/// One file before the panel.
struct Sitting<'s, 'a> {
    panel: &'s mut Panel<'a>,
    most: usize,
    deadline: Instant,
    answer: &'s mut ScanAnswer,
    /// Digests of members that come in pieces.
    pieced: Vec<(u64, Sha256)>,
}

impl Sitting<'_, '_> {
    /// Enough is known, or nothing more can be.
    fn is_over(&self) -> bool {
        self.panel.is_sure() || self.answer.timed_out || self.answer.error.is_some()
    }

    fn hear(&mut self, exhibit: &Exhibit<'_>) {
        let mut found = Found { most: self.most, answer: self.answer };
        match self.panel.hear(exhibit, self.deadline, &mut |one| found.add(one)) {
            Heard::Whole => {}
            Heard::TimedOut => self.answer.timed_out = true,
            Heard::Failed(error) => self.answer.error = Some(error),
        }
    }

    fn walk(&mut self, source: &dyn Source, limits: &Limits) -> Outcome {
        unpack::walk(source, None, limits, &mut |member| {
            self.take(member);
            if self.is_over() { Flow::Stop } else { Flow::Open }
        })
    }

    fn take(&mut self, member: &Member<'_>) {
        if member.encrypted {
            return;
        }
        let path = member.path.trim_start_matches('!');
        match member.piece {
            Piece::Only => {
                let wanted = self.panel.wants_digests() && member.complete;
                let sha256 = wanted.then(|| Sha256::digest(member.bytes).into());
                let Member { bytes, kind, complete, .. } = *member;
                self.hear(&Exhibit { bytes, kind, member: Some(path), whole: complete, sha256 });
            }
            Piece::First => {
                let Member { bytes, kind, .. } = *member;
                self.hear(&Exhibit { bytes, kind, member: Some(path), whole: false, sha256: None });
                // What streams through a container is read there, member by member, to its end.
                if !(kind.is_container() && kind.is_stream()) {
                    self.unread(format!("{path}: patterns saw its first {} bytes", bytes.len()));
                }
                if self.panel.wants_digests() && self.pieced.len() < MAX_PIECED {
                    self.pieced.push((member.id, Sha256::new_with_prefix(bytes)));
                }
            }
            Piece::Next | Piece::Last => self.further(member, path),
        }
    }

    fn further(&mut self, member: &Member<'_>, path: &str) {
        let Some(at) = self.pieced.iter().position(|(id, _)| *id == member.id) else { return };
        self.pieced[at].1.update(member.bytes);
        if member.piece == Piece::Last {
            let (_, digest) = self.pieced.swap_remove(at);
            if member.complete {
                let mut found = Found { most: self.most, answer: self.answer };
                self.panel.digest(&digest.finalize().into(), Some(path), &mut |one| found.add(one));
            }
        }
    }

    fn unread(&mut self, why: String) {
        if self.answer.unread.len() < MAX_UNREAD {
            self.answer.unread.push(why);
        } else {
            self.answer.unread_left_out += 1;
        }
    }

    fn conclude(&mut self, outcome: &Outcome) {
        self.answer.members = outcome.members;
        for one in &outcome.unread {
            let path = one.path.trim_start_matches('!');
            let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
            let what = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
            self.unread(format!("{place}{}{what}", one.reason.sentence().trim_end_matches('.')));
        }
        self.answer.unread_left_out += outcome.unread_unlisted;
    }
}

/// Matches up to the limit; the rest is counted.
struct Found<'a> {
    most: usize,
    answer: &'a mut ScanAnswer,
}

impl Found<'_> {
    fn add(&mut self, one: Match) {
        if self.answer.matches.len() < self.most {
            self.answer.matches.push(one);
        } else {
            self.answer.matches_left_out += 1;
        }
    }
}
