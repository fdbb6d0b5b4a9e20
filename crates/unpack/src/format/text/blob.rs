//! Blobs of a text, decoded. Where the text itself also turns, rotates or inflates, in whatever order, each blob is followed
//! through all of that: `eval(gzinflate(str_rot13(base64_decode(strrev(…)))))`.

use super::calls::Calls;
use super::runs::{self, Run, Runs, Writing};
use super::turn::{self, Turn};
use super::{give, written};
use crate::codec::{self, Format, Inflate, ascii85, base32, base64, base85, sextet};
use crate::meter::{Cut, Lease};
use crate::walk::{Body, Entry, Stop, Walk};
use crate::{Kind, Reason, kind};
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::Read as _;
use std::rc::Rc;

/// Blobs of one text; hostile ones have millions, and the count of members is for all.
const MAX_BLOBS: usize = 20_000;
/// Decodings of one blob, one after the other.
const LEVELS: usize = 8;
/// Decodings of one blob in all: each may be turned in four ways.
const MAX_MADE: usize = 64;
/// Decoded bytes that say nothing to [`kind`] are given from this length on: below, they are mostly words and names.
const ANONYMOUS: usize = 192;
/// Shorter texts are words, and up to the other length they are looked at twice.
const SHORTEST: usize = 12;
const LONG: usize = 30;
/// Shorter ones count as code where something in the text undoes it.
const SHORTEST_UNDONE: usize = 8;
/// Digits of something that is encoded from its first to its last character.
const SHORTEST_ENCODED: usize = 16;

pub(super) struct Blobs<'t> {
    bytes: &'t [u8],
    text: Kind,
    pub calls: Calls,
    given: usize,
}

/// On its way from what stands in the text.
struct Made<'w> {
    bytes: Vec<u8>,
    /// What was done to it.
    trail: String,
    /// Decodings so far.
    level: usize,
    /// Its bytes came out of a stream that was held to the limits.
    streamed: bool,
    _lease: Lease<'w>,
}

impl<'t> Blobs<'t> {
    pub fn new(bytes: &'t [u8], text: Kind) -> Self {
        Blobs { bytes, text, calls: Calls::of(bytes), given: 0 }
    }

    /// Whether there is one.
    pub fn any(&self) -> bool {
        Runs::new(self.bytes, self.calls.least()).any(|run| {
            let text = &self.bytes[run.start..run.end];
            decode(text, run.writing).is_some_and(|decoded| self.worth(&decoded, run.writing, true))
        })
    }

    /// Gives all of them; false: there were too many, which is said.
    pub fn all(&mut self, walk: &mut Walk<'_>) -> Result<bool, Stop> {
        for run in Runs::new(self.bytes, self.calls.least()) {
            walk.step()?;
            if !self.one(walk, &run)? {
                return Ok(false);
            }
        }
        if self.calls.has(Calls::BASE85) {
            for place in turn::quoted(self.bytes).filter(|place| place.len() >= SHORTEST) {
                walk.step()?;
                if !self.one(walk, &Run { writing: Writing::Base85, start: place.start, end: place.end })? {
                    return Ok(false);
                }
            }
        }
        if self.calls.has(Calls::DUMP) {
            let mut at = 0;
            while at < self.bytes.len() {
                walk.step()?;
                match written::dump(&self.bytes[at..]) {
                    Some((_, length)) => {
                        if !self.one(walk, &Run { writing: Writing::Dump, start: at, end: at + length })? {
                            return Ok(false);
                        }
                        at += length;
                    }
                    None => at += memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |end| end + 1),
                }
            }
        }
        Ok(true)
    }

    fn one(&mut self, walk: &mut Walk<'_>, run: &Run) -> Result<bool, Stop> {
        if self.calls.chained() {
            return match self.chain(walk, run)? {
                Ok(goes_on) => Ok(goes_on),
                Err(cut) => {
                    walk.at(run.name().as_bytes(), |walk| walk.unread(cut));
                    Ok(true)
                }
            };
        }
        match decode(&self.bytes[run.start..run.end], run.writing) {
            Some(bytes) if self.worth(&bytes, run.writing, true) => self.member(walk, run, "", &bytes, false),
            _ => Ok(true),
        }
    }

    /// Breadth first, so that a limit costs the longest chains.
    fn chain(&mut self, walk: &mut Walk<'_>, run: &Run) -> Result<Result<bool, Cut>, Stop> {
        let mut open = match self.first(walk, run) {
            Ok(open) => open,
            Err(cut) => return Ok(Err(cut)),
        };
        let mut made = open.len();
        while let Some(one) = open.pop_front() {
            for turn in Turn::all(self.calls) {
                walk.step()?;
                let turned = turn.of(&one.bytes);
                let trail = format!("{}{}", one.trail, turn.name());
                let (plain, streamed) = (trail.is_empty() || one.streamed, one.streamed && turn == Turn::Not);
                if self.worth(&turned, run.writing, plain && turn == Turn::Not)
                    && !self.member(walk, run, &trail, &turned, streamed)?
                {
                    return Ok(Ok(false));
                }
                for step in [encoded(&turned), inflated(walk, &turned, self.calls)].into_iter().flatten() {
                    if one.level == LEVELS || made == MAX_MADE {
                        return Ok(Err(Cut::new(Reason::Depth, format!("more than {LEVELS} decodings of a blob"))));
                    }
                    made += 1;
                    let trail = format!("{trail}, {}", step.name);
                    if let Some(cut) = step.cut {
                        walk.at(format!("{}{trail}", run.name()).as_bytes(), |walk| walk.unread(cut));
                    }
                    let lease = match walk.meter().lease(step.bytes.len() as u64) {
                        Ok(lease) => lease,
                        Err(cut) => return Ok(Err(cut)),
                    };
                    let (bytes, streamed) = (step.bytes, step.streamed);
                    open.push_back(Made { bytes, trail, level: one.level + 1, streamed, _lease: lease });
                }
            }
        }
        Ok(Ok(true))
    }

    /// What the text itself is decoded to, turned before that as it may be.
    fn first<'w>(&self, walk: &Walk<'w>, run: &Run) -> Result<VecDeque<Made<'w>>, Cut> {
        let text = &self.bytes[run.start..run.end];
        let letters = matches!(run.writing, Writing::Base64 | Writing::Base32 | Writing::Base85 | Writing::Hex);
        let turns = Turn::all(self.calls).filter(|turn| letters || *turn == Turn::Not);
        let decoded = turns.filter_map(|turn| Some((turn, decode(&turn.of(text), run.writing)?)));
        decoded
            .map(|(turn, bytes)| {
                let lease = walk.meter().lease(bytes.len() as u64)?;
                Ok(Made { bytes, trail: turn.name().to_owned(), level: 1, streamed: false, _lease: lease })
            })
            .collect()
    }

    /// `plain`: nothing was guessed.
    fn worth(&self, decoded: &[u8], writing: Writing, plain: bool) -> bool {
        match kind(decoded) {
            Kind::Empty => false,
            // Digests stand in lines by the thousand, and pictures in RTF, whose objects are read apart.
            Kind::Data => plain && decoded.len() >= ANONYMOUS && (writing != Writing::Hex || self.text != Kind::Rtf),
            // A short word decodes to a text by chance; hardly to a whole one.
            Kind::Text if decoded.len() >= SHORTEST => decoded.len() >= LONG || std::str::from_utf8(decoded).is_ok(),
            Kind::Text => self.calls != Calls::default() && decoded.len() >= SHORTEST_UNDONE && decoded.is_ascii(),
            Kind::Utf16 => decoded.len() >= SHORTEST,
            _ => true,
        }
    }

    /// False: there were too many.
    fn member(
        &mut self,
        walk: &mut Walk<'_>,
        run: &Run,
        trail: &str,
        bytes: &[u8],
        streamed: bool,
    ) -> Result<bool, Stop> {
        self.given += 1;
        if self.given > MAX_BLOBS {
            walk.unread(Cut::new(Reason::Count, format!("more than {MAX_BLOBS} blobs in a text")));
            return Ok(false);
        }
        let name = format!("{}{trail}", run.name());
        if streamed {
            walk.member(&Entry::named(name.as_bytes()), Body::Bytes(bytes))?;
        } else {
            give(walk, &name, bytes, run.end - run.start)?;
        }
        Ok(true)
    }
}

impl Run {
    fn name(&self) -> String {
        format!("{} at {}", self.writing.name(), self.start)
    }
}

fn decode(text: &[u8], writing: Writing) -> Option<Vec<u8>> {
    match writing {
        Writing::Base64 => {
            // Pieces in quotes are one text to who reads them.
            let text = &runs::joined(text)[..];
            // A run may end in the middle of a group, where a quote or a word follows.
            let digits = text.iter().filter(|b| !b.is_ascii_whitespace()).count();
            base64(text).or_else(|| (digits % 4 == 1).then(|| base64(&text[..text.len() - 1])).flatten())
        }
        Writing::Base32 => base32(&runs::joined(text)),
        Writing::Base85 => base85(text).or_else(|| ascii85(text)),
        Writing::Hex => hex(text),
        Writing::Escapes => {
            let pairs = text.chunks_exact(4).map(|escape| std::str::from_utf8(&escape[2..]).ok());
            pairs.map(|hex| u8::from_str_radix(hex?, 16).ok()).collect()
        }
        Writing::Octals => runs::octals(text),
        Writing::Numbers => runs::numbers(text),
        Writing::Percent => Some(crate::format::escape::undone(text, b'%')),
        Writing::Codes => written::codes(text).map(|(bytes, _)| bytes),
        Writing::Units => written::units(text).map(|(bytes, _)| bytes),
        Writing::References => written::references(text).map(|(bytes, _)| bytes),
        Writing::Dump => written::dump(text).map(|(bytes, _)| bytes),
    }
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let (bytes, odd) = codec::hex(text);
    (!odd).then_some(bytes)
}

/// One more decoding.
struct Step {
    name: &'static str,
    bytes: Vec<u8>,
    streamed: bool,
    /// It is not all.
    cut: Option<Cut>,
}

/// Of what is encoded from its first to its last character.
fn encoded(bytes: &[u8]) -> Option<Step> {
    let text = bytes.trim_ascii();
    let is_digit = |byte: &u8| sextet(*byte).is_some() || *byte == b'=' || byte.is_ascii_whitespace();
    if text.len() < SHORTEST_ENCODED || !text.iter().all(is_digit) {
        return None;
    }
    let all = |such: fn(&u8) -> bool| text.iter().all(|byte| such(byte) || byte.is_ascii_whitespace());
    let step = |name, bytes: Option<Vec<u8>>| Some(Step { name, bytes: bytes?, streamed: false, cut: None });
    if all(u8::is_ascii_hexdigit) {
        return step("hex", hex(text));
    }
    if all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7' | b'=')) {
        return step("base32", base32(text));
    }
    step("base64", base64(text))
}

/// Raw deflate or zlib, as a script's own call would undo it.
fn inflated(walk: &Walk<'_>, bytes: &[u8], calls: Calls) -> Option<Step> {
    if !calls.has(Calls::INFLATE) || !matches!(kind(bytes), Kind::Data | Kind::Text | Kind::Utf16) {
        return None;
    }
    [Format::Zlib, Format::Raw].into_iter().find_map(|format| inflated_as(walk, bytes, format))
}

fn inflated_as(walk: &Walk<'_>, bytes: &[u8], format: Format) -> Option<Step> {
    let meter = walk.meter();
    meter.forget_trip();
    let mut stream = walk.expanding(Inflate::new(bytes, format), Rc::new(Cell::new(bytes.len() as u64)));
    let mut lease = meter.lease(0).ok()?;
    let (mut out, mut buffer) = (Vec::new(), [0; 8 << 10]);
    let cut = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break None,
            Ok(n) if (out.len() + n) as u64 > meter.limits.member_bytes => {
                break Some(Cut::new(Reason::MemberSize, format!("more than {} bytes", meter.limits.member_bytes)));
            }
            Ok(n) => {
                if let Err(cut) = lease.grow(n as u64) {
                    break Some(cut);
                }
                out.extend_from_slice(&buffer[..n]);
            }
            Err(error) => break Some(meter.cut(&error)),
        }
    };
    let good = match &cut {
        None => out.len() > 8,
        // Bytes that are no stream may look like one for a while.
        Some(cut) if matches!(cut.reason, Reason::Damaged | Reason::Truncated) => {
            let told = match kind(&out) {
                Kind::Data => false,
                // Raw deflate has no checksum, and gives letters of letters.
                Kind::Text | Kind::Utf16 => format == Format::Zlib,
                _ => true,
            };
            out.len() > 256 && told
        }
        Some(_) => true,
    };
    good.then_some(Step { name: "inflated", bytes: out, streamed: true, cut })
}
