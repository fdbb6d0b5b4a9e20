//! ISO 9660 with its two layers of better names: Joliet (a tree of its own) and Rock Ridge (in the plain one). Trees may
//! differ, so all are walked; files that lie in the same place are given once.

use super::udf;
use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::{Part, Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::collections::BTreeSet;

const SECTOR: u64 = 2048;
const MAX_FOLDER: u64 = 64 << 20;
const MAX_FOLDERS: usize = 50_000;
const FOLDER: u8 = 2;
const MORE_EXTENTS: u8 = 0x80;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let udf = udf::is_announced(source);
    if udf && read_array::<6>(source, 16 * SECTOR).is_ok_and(|start| &start[1..] == b"BEA01") {
        return udf::read(walk, source, BTreeSet::new());
    }
    let mut iso = Iso { source, folders: BTreeSet::new(), files: BTreeSet::new(), position: 0 };
    let mut trees = 0;
    for sector in 16..16 + 64 {
        let descriptor: [u8; SECTOR as usize] = match read_array(source, sector * SECTOR) {
            Ok(descriptor) => descriptor,
            Err(error) => {
                walk.unread_error(&error);
                return Ok(());
            }
        };
        if &descriptor[1..6] != b"CD001" {
            walk.damaged("volume descriptors without an end");
            break;
        }
        let joliet = descriptor[0] == 2 && matches!(&descriptor[88..91], b"%/@" | b"%/C" | b"%/E");
        match descriptor[0] {
            255 => break,
            1 | 2 => {
                let blocks = u64::from(u32::from_le_bytes(descriptor[80..84].try_into().expect("four bytes")));
                if trees == 0 && blocks * SECTOR > source.len() {
                    walk.truncated("the volume is longer");
                }
                trees += 1;
                iso.tree(walk, &descriptor[156..190], joliet)?;
            }
            _ => {}
        }
    }
    if trees == 0 {
        walk.unread(Cut::unsupported("an image without an ISO 9660 tree"));
    }
    if udf { udf::read(walk, source, iso.files) } else { Ok(()) }
}

struct Iso<'s> {
    source: &'s dyn Source,
    /// Folders and files seen, by place and size.
    folders: BTreeSet<(u64, u64)>,
    files: BTreeSet<(u64, u64)>,
    position: u64,
}

struct Record {
    place: u64,
    size: u64,
    flags: u8,
    name: Vec<u8>,
    /// Only part of a file; the next records hold the rest.
    more: bool,
    /// A folder that was moved here; its record says where from.
    child: Option<u64>,
}

impl Iso<'_> {
    fn tree(&mut self, walk: &mut Walk<'_>, root: &[u8], joliet: bool) -> Walked {
        let Some(root) = record(root, joliet) else {
            walk.damaged("no root folder");
            return Ok(());
        };
        let mut open = vec![(root.place, root.size, Vec::new(), vec![root.place])];
        while let Some((place, size, path, ancestors)) = open.pop() {
            walk.step()?;
            if !self.folders.insert((place, size)) {
                continue;
            }
            if self.folders.len() > MAX_FOLDERS {
                walk.unread(Cut::new(Reason::Count, format!("more than {MAX_FOLDERS} folders")));
                return Ok(());
            }
            let at = place * SECTOR;
            if size > MAX_FOLDER || at + size > self.source.len() {
                walk.at(&path, |walk| walk.truncated("a folder reaches past the end"));
                if at >= self.source.len() {
                    continue;
                }
            }
            let bytes = match read_vec(self.source, at, size.min(MAX_FOLDER) as usize) {
                Ok(bytes) => bytes,
                Err(error) => {
                    walk.unread_error(&error);
                    continue;
                }
            };
            self.folder(walk, &bytes, &path, &ancestors, joliet, &mut open)?;
        }
        Ok(())
    }

    fn folder(
        &mut self,
        walk: &mut Walk<'_>,
        bytes: &[u8],
        path: &[u8],
        ancestors: &[u64],
        joliet: bool,
        open: &mut Vec<(u64, u64, Vec<u8>, Vec<u64>)>,
    ) -> Walked {
        let mut at = 0;
        // Place and size of the parts of a file of several.
        let mut first: Option<(u64, u64)> = None;
        while at < bytes.len() {
            let len = usize::from(bytes[at]);
            if len == 0 {
                // Records do not cross sectors.
                at = (at / SECTOR as usize + 1) * SECTOR as usize;
                continue;
            }
            let Some(record) = bytes.get(at..at + len).and_then(|raw| record(raw, joliet)) else {
                walk.at(path, |walk| walk.damaged("a record of a folder"));
                return Ok(());
            };
            at += len;
            if matches!(&record.name[..], b"\0" | b"\x01") {
                continue;
            }
            let mut name = path.to_vec();
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend(&record.name);
            name.truncate(2_000);
            if record.flags & FOLDER != 0 || record.child.is_some() {
                let place = record.child.unwrap_or(record.place);
                if ancestors.contains(&place) {
                    walk.at(&name, |walk| walk.unread(Cut::new(Reason::Cyclic, "a folder within itself")));
                    continue;
                }
                // Deep trees are hostile: eight levels are what the standard allows, Rock Ridge more.
                if ancestors.len() > 255 {
                    walk.at(&name, |walk| walk.unread(Cut::new(Reason::Depth, "folders")));
                    continue;
                }
                let size = if record.child.is_some() { self.folder_size(walk, &name, place) } else { record.size };
                open.push((place, size, name, [ancestors, &[place]].concat()));
                continue;
            }
            // Parts follow each other on the disk in all that tools write; others are given part by part.
            let (place, size) = match first {
                Some((place, size)) if place * SECTOR + size == record.place * SECTOR => (place, size + record.size),
                Some((place, size)) => {
                    self.file(walk, &name, place, size)?;
                    (record.place, record.size)
                }
                None => (record.place, record.size),
            };
            if record.more {
                first = Some((place, size));
                continue;
            }
            first = None;
            self.file(walk, &name, place, size)?;
        }
        Ok(())
    }

    /// What the folder's own first record says.
    fn folder_size(&self, walk: &mut Walk<'_>, name: &[u8], place: u64) -> u64 {
        let first = read_vec(self.source, place * SECTOR, 34).ok().and_then(|bytes| record(&bytes, false));
        let Some(first) = first else {
            walk.at(name, |walk| walk.truncated("a folder that was moved cannot be read"));
            return 0;
        };
        first.size
    }

    fn file(&mut self, walk: &mut Walk<'_>, name: &[u8], place: u64, size: u64) -> Walked {
        if size == 0 || !self.files.insert((place, size)) {
            return Ok(());
        }
        let at = place * SECTOR;
        if at.saturating_add(size) > self.source.len() {
            walk.at(name, |walk| walk.truncated("its data reach past the end"));
        }
        let part = Part::new(self.source, at, size);
        let entry = Entry {
            position: self.position,
            declared: Some(size),
            stored: Some(size),
            ..Entry::named(name.strip_suffix(b";1").unwrap_or(name))
        };
        self.position += 1;
        walk.member(&entry, Body::At(&part))
    }
}

/// One record of a folder; `None` if it is none.
fn record(raw: &[u8], joliet: bool) -> Option<Record> {
    let word = |at: usize| Some(u64::from(u32::from_le_bytes(raw.get(at..at + 4)?.try_into().ok()?)));
    let name_len = usize::from(*raw.get(32)?);
    let name = raw.get(33..33 + name_len)?;
    let flags = *raw.get(25)?;
    let mut out = Record {
        place: word(2)? + u64::from(raw[1]),
        size: word(10)?,
        flags,
        name: name.to_vec(),
        more: flags & MORE_EXTENTS != 0,
        child: None,
    };
    if joliet && name_len > 1 {
        let units: Vec<u16> = name.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        out.name = String::from_utf16_lossy(&units).into_bytes();
    }
    rock_ridge(raw.get((33 + name_len).next_multiple_of(2)..).unwrap_or_default(), &mut out);
    Some(out)
}

/// NM is the name (in pieces), CL the place of a folder that was moved.
fn rock_ridge(mut fields: &[u8], record: &mut Record) {
    let mut name = Vec::new();
    while fields.len() >= 4 {
        let len = usize::from(fields[2]);
        if len < 4 || len > fields.len() {
            break;
        }
        match &fields[..2] {
            // Flags 2 and 4: this folder and its parent.
            b"NM" if len > 5 && fields[4] & 6 == 0 => name.extend(&fields[5..len]),
            b"CL" if len >= 8 => {
                record.child = Some(u64::from(u32::from_le_bytes(fields[4..8].try_into().expect("four bytes"))));
            }
            _ => {}
        }
        fields = &fields[len..];
    }
    if !name.is_empty() {
        record.name = name;
    }
}
