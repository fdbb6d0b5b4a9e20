//! One file, every voice: read, digests, then the file itself and each member of it before the panel. The only code that
//! holds a hostile file's bytes. What could not be read to its end is a reason that the answer carries; nothing here can
//! say clean.

use super::arsenal::Arsenal;
use super::digests::Running;
use super::file_type;
use super::panel::{Exhibit, Heard, Panel};
use super::reading::{Read, Reading};
use crate::protocol::{Match, ScanAnswer, ScanRequest};
use signatures::{Digests, FileType, Wanted};
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
        // The SHA-256 is told whatever anyone knows.
        let wanted = Wanted { sha256: true, ..self.panel.arsenal.wanted(request.size) };
        match self.reading.read(file, &request, wanted, deadline) {
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
        answer.sha256 = read.digests.sha256;
        let bytes = self.reading.bytes();
        answer.seen = bytes.len() as u64;
        if read.timed_out {
            answer.timed_out = true;
            return;
        }
        if !read.whole {
            answer.unread.push(format!("patterns saw its first {} bytes", answer.seen));
        }
        let mut sitting = Sitting {
            panel: &mut self.panel,
            most: request.max_findings,
            deadline,
            answer,
            pieced: Vec::new(),
            containers: Vec::new(),
            over: false,
            spared: false,
        };
        let kind = unpack::kind(&bytes[..bytes.len().min(unpack::KIND_BYTES)]);
        let size = if read.whole { bytes.len() as u64 } else { request.size };
        sitting.hear(&Exhibit {
            bytes,
            size,
            kind,
            member: None,
            containers: &[],
            whole: read.whole,
            digests: read.digests.clone(),
        });
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
    pieced: Vec<(u64, Running)>,
    /// What the member at hand lies in.
    containers: Vec<FileType>,
    /// A list allows the file, whatever is in it.
    over: bool,
    /// The same of the member at hand.
    spared: bool,
}

impl Sitting<'_, '_> {
    /// Enough is known, or nothing more can be.
    fn is_over(&self) -> bool {
        self.over || self.panel.is_sure() || self.answer.timed_out || self.answer.error.is_some()
    }

    fn hear(&mut self, exhibit: &Exhibit<'_>) {
        let mut found = Found { most: self.most, answer: self.answer };
        match self.panel.hear(exhibit, self.deadline, &mut |one| found.add(one)) {
            Heard::Whole => {}
            Heard::Part(why) => self.unread(format!("{}{why}", place(exhibit.member))),
            Heard::Allowed if exhibit.member.is_none() => self.over = true,
            Heard::Allowed => self.spared = true,
            Heard::TimedOut => self.answer.timed_out = true,
            Heard::Failed(error) => self.answer.error = Some(error),
        }
    }

    fn walk(&mut self, source: &dyn Source, limits: &Limits) -> Outcome {
        unpack::walk(source, None, limits, &mut |member| {
            self.spared = false;
            self.take(member);
            match (self.is_over(), self.spared) {
                (true, _) => Flow::Stop,
                (_, true) => Flow::Skip,
                _ => Flow::Open,
            }
        })
    }

    fn take(&mut self, member: &Member<'_>) {
        let path = member.path.trim_start_matches('!');
        let mut containers = std::mem::take(&mut self.containers);
        containers.clear();
        containers.extend(member.containers.iter().map(|kind| file_type::of(*kind)));
        if matches!(member.piece, Piece::Only | Piece::First) {
            self.describe(member, path, &containers);
        }
        if !member.encrypted {
            self.take_bytes(member, path, &containers);
        }
        self.containers = containers;
    }

    fn take_bytes(&mut self, member: &Member<'_>, path: &str, containers: &[FileType]) {
        let Member { bytes, kind, complete, .. } = *member;
        let exhibit = Exhibit {
            bytes,
            size: bytes.len() as u64,
            kind,
            member: Some(path),
            containers,
            whole: complete,
            digests: Digests::default(),
        };
        match member.piece {
            Piece::Only => {
                let wanted = if complete { self.panel.arsenal.wanted(exhibit.size) } else { Wanted::default() };
                self.hear(&Exhibit { digests: Digests::of(bytes, wanted), ..exhibit });
            }
            Piece::First => {
                let size = member.declared_bytes.unwrap_or(exhibit.size);
                self.hear(&Exhibit { whole: false, size, ..exhibit });
                // What streams through a container is read there, member by member, to its end.
                if !(kind.is_container() && kind.is_stream()) {
                    self.unread(format!("{path}: patterns saw its first {} bytes", bytes.len()));
                }
                if self.panel.arsenal.digests == 0 {
                    return;
                }
                if self.pieced.len() == MAX_PIECED {
                    return self.unread(format!("{path}: its digest was not taken, as {MAX_PIECED} others are"));
                }
                let mut running = Running::new(Wanted::ALL);
                running.update(bytes);
                self.pieced.push((member.id, running));
            }
            Piece::Next | Piece::Last => self.further(member, path),
        }
    }

    /// What its container says of it is a signature's business too, of encrypted ones above all.
    fn describe(&mut self, member: &Member<'_>, path: &str, containers: &[FileType]) {
        let Some(container) = containers.last() else { return };
        let described = signatures::Member {
            container: *container,
            container_size: member.container_bytes,
            name: member.name,
            size_in_container: member.stored_bytes.unwrap_or(0),
            size: member.declared_bytes.unwrap_or(member.bytes.len() as u64),
            encrypted: member.encrypted,
            position: member.position + 1,
            crc32: member.crc32,
        };
        let mut found = Found { most: self.most, answer: self.answer };
        self.panel.member(&described, path, &mut |one| found.add(one));
    }

    fn further(&mut self, member: &Member<'_>, path: &str) {
        let Some(at) = self.pieced.iter().position(|(id, _)| *id == member.id) else { return };
        self.pieced[at].1.update(member.bytes);
        if member.piece == Piece::Last {
            let (_, running) = self.pieced.swap_remove(at);
            if member.complete {
                let size = member.offset + member.bytes.len() as u64;
                let mut found = Found { most: self.most, answer: self.answer };
                let known = self.panel.known(&running.finish(), size, Some(path), &mut |one| found.add(one));
                if let Err(error) = known {
                    self.answer.error = Some(format!("the signatures: {error}"));
                }
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
            let place = place(Some(one.path.trim_start_matches('!')));
            let what = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
            self.unread(format!("{place}{}{what}", one.reason.sentence().trim_end_matches('.')));
        }
        self.answer.unread_left_out += outcome.unread_unlisted;
    }
}

/// Where in the file; nothing for the file itself.
fn place(member: Option<&str>) -> String {
    match member {
        None | Some("") => String::new(),
        Some(path) => format!("{path}: "),
    }
}

/// Matches up to the limit, of which none that weighs more is left out for one that weighs less; the rest is counted.
struct Found<'a> {
    most: usize,
    answer: &'a mut ScanAnswer,
}

impl Found<'_> {
    fn add(&mut self, one: Match) {
        let matches = &mut self.answer.matches;
        if matches.len() < self.most {
            return matches.push(one);
        }
        self.answer.matches_left_out += 1;
        // Of equal ones the last gives way.
        let weakest = matches.iter_mut().rev().min_by_key(|known| known.severity);
        if let Some(weakest) = weakest.filter(|weakest| weakest.severity < one.severity) {
            *weakest = one;
        }
    }
}
