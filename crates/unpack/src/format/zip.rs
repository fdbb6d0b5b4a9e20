//! zip and what is made of it (jar, apk, OOXML, OpenDocument). The directory at the end is read first, since that is what
//! tools go by; each member's own header is held against it; and what the directory does not list is looked for between
//! the members. No library does that: to them what the directory hides is not there.

mod data;
mod records;

use crate::meter::Cut;
use crate::outcome::{Oddity, Reason};
use crate::source::{Part, Source, SourceReader, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use records::{Directory, Local, Record};
use std::collections::BTreeMap;
use std::io::BufReader;

/// Bytes that are searched for a header before it is given up.
const SEARCHED: u64 = 64 << 20;
const LOCAL: &[u8; 4] = b"PK\x03\x04";

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let directory = match records::directory(source) {
        Ok(Some(directory)) => directory,
        Ok(None) => {
            walk.truncated("no directory at the end");
            return Zip::new(source).search(walk, 0, source.len(), None);
        }
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    if directory.volumes {
        walk.unread(Cut::unsupported("a part of an archive of several volumes"));
    }
    if directory.after > 0 {
        walk.odd(Oddity::TrailingData, format!("{} bytes", directory.after));
    }
    let mut zip = Zip::new(source);
    zip.listed(walk, &directory)?;
    zip.between(walk, directory.start)
}

struct Zip<'s> {
    source: &'s dyn Source,
    /// Where members lie, header included: start and end.
    ranges: BTreeMap<u64, u64>,
    position: u64,
}

impl<'s> Zip<'s> {
    fn new(source: &'s dyn Source) -> Self {
        Zip { source, ranges: BTreeMap::new(), position: 0 }
    }

    /// Members that the directory lists.
    fn listed(&mut self, walk: &mut Walk<'_>, directory: &Directory) -> Walked {
        let part = Part::new(self.source, directory.start, directory.len);
        let mut input = BufReader::with_capacity(super::BUFFER, SourceReader::new(&part, 0));
        let mut count = 0;
        loop {
            walk.step()?;
            let record = match records::central(&mut input) {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(error) => {
                    walk.unread_error(&error);
                    break;
                }
            };
            count += 1;
            self.one(walk, &record, directory.shift)?;
        }
        if count != directory.entries {
            walk.odd(Oddity::HeaderMismatch, format!("{} members declared, {count} listed", directory.entries));
            if count < directory.entries {
                walk.damaged(format!("{} members declared, {count} listed", directory.entries));
            }
        }
        Ok(())
    }

    fn one(&mut self, walk: &mut Walk<'_>, record: &Record, shift: i64) -> Walked {
        let name = &record.name[..];
        let Some(at) = record.offset.checked_add_signed(shift) else {
            walk.at(name, |walk| walk.damaged("its place is before the file"));
            return Ok(());
        };
        let local = match records::local(self.source, at) {
            Ok(Some(local)) => local,
            Ok(None) => {
                walk.at(name, |walk| walk.damaged("no member where the directory says"));
                return Ok(());
            }
            Err(error) => {
                walk.at(name, |walk| walk.unread_error(&error));
                return Ok(());
            }
        };
        let end = local.data.saturating_add(record.packed);
        if self.ranges.get(&at) == Some(&end) {
            // The same bytes under another name: seen already.
            walk.at(name, |walk| walk.odd(Oddity::Shared, ""));
            return Ok(());
        }
        if self.overlaps(at, end) {
            walk.at(name, |walk| walk.unread(Cut::new(Reason::Overlapping, "")));
            return Ok(());
        }
        self.ranges.insert(at, end);
        if record.is_folder() {
            return Ok(());
        }
        let differs = record.differs(&local.record);
        if let Some(what) = differs {
            walk.at(name, |walk| walk.odd(Oddity::HeaderMismatch, what));
        }
        let encrypted = record.encrypted() && local.record.encrypted();
        self.give(walk, record, local.data, encrypted, name)?;
        // A tool that goes by the member's own header would see something else.
        if differs.is_some() && local.record.reads_otherwise(record) {
            let name = [name, b" (by its own header)"].concat();
            self.give(walk, &local.record, local.data, local.record.encrypted(), &name)?;
        }
        Ok(())
    }

    fn overlaps(&self, start: u64, end: u64) -> bool {
        let before = self.ranges.range(..=start).next_back().is_some_and(|(_, other)| *other > start);
        before || self.ranges.range(start..).next().is_some_and(|(other, _)| *other < end)
    }

    fn give(&mut self, walk: &mut Walk<'_>, record: &Record, at: u64, encrypted: bool, name: &[u8]) -> Walked {
        let entry = Entry {
            name,
            position: self.position,
            declared: Some(record.size),
            stored: Some(record.packed),
            crc32: Some(record.crc),
            kind: None,
        };
        self.position += 1;
        if encrypted {
            return walk.member(&entry, Body::Encrypted);
        }
        if at.saturating_add(record.packed) > self.source.len() {
            walk.at(name, |walk| walk.truncated("its data reach past the end"));
        }
        let part = Part::new(self.source, at, record.packed);
        data::member(walk, &entry, record, &part)
    }

    /// What lies before, between and after the members up to the directory.
    fn between(&mut self, walk: &mut Walk<'_>, end: u64) -> Walked {
        let mut gaps = Vec::new();
        let mut at = 0;
        for (start, stop) in &self.ranges {
            if *start > at {
                gaps.push((at, *start));
            }
            at = at.max(*stop);
        }
        gaps.push((at, end));
        for (start, stop) in gaps {
            // A data descriptor, alignment: nothing that holds a member.
            if stop.saturating_sub(start) > 30 {
                self.search(walk, start, stop, Some(Oddity::Unlisted))?;
            }
        }
        Ok(())
    }

    /// Members by their own headers.
    fn search(&mut self, walk: &mut Walk<'_>, mut at: u64, end: u64, oddity: Option<Oddity>) -> Walked {
        let mut searched = 0;
        while at + 30 <= end {
            walk.step()?;
            if searched > SEARCHED {
                walk.unread(Cut::new(Reason::TotalSize, format!("not searched for members beyond {at}")));
                return Ok(());
            }
            let chunk = match read_vec(self.source, at, (end - at).min(1 << 20) as usize) {
                Ok(chunk) => chunk,
                Err(error) => {
                    walk.unread_error(&error);
                    return Ok(());
                }
            };
            let Some(found) = memchr::memmem::find(&chunk, LOCAL) else {
                let step = (chunk.len() as u64).saturating_sub(3).max(1);
                at += step;
                searched += step;
                continue;
            };
            at += found as u64;
            searched += found as u64;
            at = match records::local(self.source, at) {
                Ok(Some(local)) if local.plausible(end) => {
                    if let Some(oddity) = oddity {
                        walk.at(&local.record.name, |walk| walk.odd(oddity, format!("at {at}")));
                    }
                    self.unlisted(walk, &local, end)?.max(at + 4)
                }
                _ => at + 4,
            };
        }
        Ok(())
    }

    /// Returns where it ends.
    fn unlisted(&mut self, walk: &mut Walk<'_>, local: &Local, end: u64) -> Result<u64, crate::walk::Stop> {
        let record = &local.record;
        if record.packed > 0 || !record.streamed() {
            if !record.is_folder() {
                self.give(walk, record, local.data, record.encrypted(), &record.name)?;
            }
            return Ok(local.data.saturating_add(record.packed));
        }
        // Written without knowing its size, which stands behind the data: the decoder finds the end.
        let rest = Part::new(self.source, local.data, end.saturating_sub(local.data));
        let entry = Entry { name: &record.name, position: self.position, ..Entry::default() };
        self.position += 1;
        if record.encrypted() {
            walk.member(&entry, Body::Encrypted)?;
            return Ok(local.data);
        }
        data::streamed(walk, &entry, record, &rest).map(|taken| local.data + taken)
    }
}

/// Where the zip at the source's end begins, if there is one: for what has one hung behind it.
pub(crate) fn appended(source: &dyn Source) -> Option<u64> {
    let directory = records::directory(source).ok()??;
    let part = Part::new(source, directory.start, directory.len);
    let mut input = BufReader::with_capacity(super::BUFFER, SourceReader::new(&part, 0));
    let mut first: Option<u64> = None;
    // Tools list members in their order; those that do not hardly hide the first one behind so many.
    for _ in 0..1_000 {
        let Ok(Some(record)) = records::central(&mut input) else { break };
        let at = record.offset.checked_add_signed(directory.shift)?;
        first = Some(first.map_or(at, |first| first.min(at)));
    }
    first.filter(|at| records::local(source, *at).is_ok_and(|local| local.is_some()))
}

/// Whether the source ends as the last of several volumes does.
pub(crate) fn is_last_volume(source: &dyn Source) -> bool {
    matches!(records::directory(source), Ok(Some(directory)) if directory.volumes)
}
