//! One file, every voice: read, digests, then the file itself and each member of it before hash sets, patterns and the
//! model. The only code that holds a hostile file's bytes. What could not be read to its end is a reason that the answer
//! carries; nothing here can say clean.

use super::arsenal::Arsenal;
use super::reading::{Read, Reading};
use super::yara::{Looked, Patterns};
use crate::protocol::{Match, ScanAnswer, ScanRequest};
use rustix::fd::OwnedFd;
use std::time::{Duration, Instant};

pub struct Examiner<'a> {
    arsenal: &'a Arsenal,
    patterns: Patterns<'a>,
    reading: Reading,
}

impl<'a> Examiner<'a> {
    pub fn new(arsenal: &'a Arsenal) -> Self {
        Examiner { arsenal, patterns: Patterns::new(&arsenal.rules), reading: Reading::default() }
    }

    pub fn warm_up(&mut self) {
        let _ = self.patterns.look(b"#!/bin/sh\n", Duration::from_secs(1), &mut |_| {});
    }

    pub fn examine(&mut self, file: &OwnedFd, request: &ScanRequest) -> ScanAnswer {
        let deadline = Instant::now() + Duration::from_millis(request.timeout_ms);
        let mut answer = ScanAnswer::default();
        match self.reading.read(file, request, deadline) {
            Ok(read) => self.voices(&read, request, deadline, &mut answer),
            Err(error) => answer.error = Some(error),
        }
        self.reading.done();
        answer
    }

    fn voices(&mut self, read: &Read, request: &ScanRequest, deadline: Instant, answer: &mut ScanAnswer) {
        answer.sha256 = read.sha256;
        answer.seen = self.reading.bytes().len() as u64;
        if read.timed_out {
            answer.timed_out = true;
            return;
        }
        if !read.whole {
            answer.unread.push(format!("patterns saw its first {} bytes", answer.seen));
        }
        let mut found = Found { most: request.max_findings, answer };
        if let Some(known) = read.sha256.and_then(|digest| self.arsenal.digests.finding(&digest)) {
            found.add(known);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match self.patterns.look(self.reading.bytes(), left, &mut |one| found.add(one)) {
            Looked::Whole => {}
            Looked::TimedOut => answer.timed_out = true,
            Looked::Failed(error) => answer.error = Some(error),
        }
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
