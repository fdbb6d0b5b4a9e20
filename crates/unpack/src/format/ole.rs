//! OLE2 (MS-CFB), the container of old Office documents, of installers and of macros. Every directory entry is read,
//! those too that no tree leads to: what an Office program would not find, a loader may. Macros are decompressed.

mod fat;
mod vba;

use super::package;
use crate::meter::Cut;
use crate::outcome::{Oddity, Reason};
use crate::source::Source;
use crate::walk::{Body, Entry, Walk, Walked};
use fat::{Chain, Fat};
use std::io::Read;

const MAX_ENTRIES: usize = 100_000;
const MAX_PRESENTATION: u64 = 64 << 20;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

struct Dirent {
    name: String,
    kind: u8,
    start: u32,
    size: u64,
    child: u32,
    left: u32,
    right: u32,
}

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let fat = match Fat::open(source) {
        Ok(fat) => fat,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    if let Some(detail) = fat.incomplete {
        walk.unread(Cut::new(Reason::Truncated, detail));
    }
    let entries = match directory(walk, &fat) {
        Some(entries) => entries,
        None => return Ok(()),
    };
    let Some(root) = entries.iter().find(|entry| entry.kind == ROOT) else {
        walk.damaged("no root");
        return Ok(());
    };
    let mini = match fat.mini(root.start, root.size) {
        Ok(mini) => mini,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let paths = paths(walk, &entries);
    let encrypted = entries.iter().any(|entry| entry.name == "EncryptedPackage");
    let mut project = vba::Project::default();
    for (n, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.kind == STREAM) {
        walk.step()?;
        let path = match &paths[n] {
            Some(path) => path.clone(),
            None => {
                walk.at(entry.name.as_bytes(), |walk| walk.odd(Oddity::Unlisted, "in no storage"));
                entry.name.clone()
            }
        };
        let member = Entry {
            position: n as u64,
            declared: Some(entry.size),
            stored: Some(entry.size),
            ..Entry::named(path.as_bytes())
        };
        if encrypted && entry.name == "EncryptedPackage" {
            walk.member(&member, Body::Encrypted)?;
            continue;
        }
        let chain = || {
            let small = entry.size < fat.mini_cutoff;
            if small { mini.stream(entry.start, entry.size) } else { fat.stream(entry.start, entry.size) }
        };
        walk.member(&member, Body::Stream(&mut chain()))?;
        if entry.name == "PowerPoint Document" {
            presented(walk, chain())?;
        }
        if entry.name.ends_with("Ole10Native") {
            packaged(walk, chain())?;
        }
        if path.contains("VBA/") {
            project.add(walk, &path, chain());
        }
    }
    project.modules(walk)
}

/// The file that the object packager put into a stream.
fn packaged(walk: &mut Walk<'_>, stream: impl Read) -> Walked {
    let mut bytes = Vec::new();
    let held = walk.meter().lease(MAX_PRESENTATION);
    // An error was said when the stream was given as a member.
    if held.is_err()
        || stream.take(MAX_PRESENTATION).read_to_end(&mut bytes).is_ok_and(|n| n as u64 == MAX_PRESENTATION)
    {
        walk.unread(Cut::new(Reason::MemberSize, "a packaged file"));
    }
    package::within(walk, &bytes)
}

/// Objects in a presentation: records of type 0x1011 whose first instance is compressed, behind the size of what comes out.
fn presented(walk: &mut Walk<'_>, stream: impl Read) -> Walked {
    let mut bytes = Vec::new();
    let held = walk.meter().lease(MAX_PRESENTATION);
    // An error was said when the stream was given as a member.
    if held.is_err()
        || stream.take(MAX_PRESENTATION).read_to_end(&mut bytes).is_ok_and(|n| n as u64 == MAX_PRESENTATION)
    {
        walk.unread(Cut::new(Reason::MemberSize, "objects of a presentation"));
    }
    for at in memchr::memmem::find_iter(&bytes, b"\x10\0\x11\x10") {
        walk.step()?;
        let Some(len) = bytes.get(at + 4..at + 8) else { break };
        let len = u32::from_le_bytes(len.try_into().expect("four bytes")) as usize;
        let Some(packed) = bytes.get(at + 12..).filter(|_| len > 4).map(|rest| &rest[..rest.len().min(len - 4)]) else {
            continue;
        };
        // A zlib header: what else has these four bytes is not meant.
        if packed.len() > 2 && packed[0] == 0x78 && u16::from_be_bytes([packed[0], packed[1]]) % 31 == 0 {
            let name = format!("object at {at}");
            let entry = Entry { kind: Some(crate::Kind::Zlib), ..Entry::named(name.as_bytes()) };
            walk.member(&entry, Body::Bytes(packed))?;
        }
    }
    Ok(())
}

fn directory(walk: &Walk<'_>, fat: &Fat<'_>) -> Option<Vec<Dirent>> {
    let mut entries = Vec::new();
    let mut chain = Chain::new(fat.directory_start);
    while let Some(sector) = chain.current() {
        let bytes = match fat.sector(sector) {
            Ok(bytes) => bytes,
            Err(error) => {
                walk.unread_error(&error);
                break;
            }
        };
        for raw in bytes.chunks_exact(128) {
            entries.push(dirent(raw, fat.wide));
        }
        if entries.len() > MAX_ENTRIES {
            walk.unread(Cut::new(Reason::Count, "directory entries"));
            return None;
        }
        if let Err(error) = chain.advance(&fat.table) {
            walk.unread_error(&error);
            break;
        }
    }
    Some(entries)
}

fn dirent(raw: &[u8], wide: bool) -> Dirent {
    let word = |at: usize| u32::from_le_bytes(raw[at..at + 4].try_into().expect("four bytes"));
    let len = usize::from(u16::from_le_bytes([raw[64], raw[65]])).clamp(2, 64) / 2 - 1;
    let units: Vec<u16> = raw[..2 * len].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let size = u64::from(word(120)) | if wide { u64::from(word(124)) << 32 } else { 0 };
    Dirent {
        name: String::from_utf16_lossy(&units),
        kind: raw[66],
        left: word(68),
        right: word(72),
        child: word(76),
        start: word(116),
        size,
    }
}

/// The path of each entry that a storage's tree leads to. A tree that runs in a ring is said.
fn paths(walk: &Walk<'_>, entries: &[Dirent]) -> Vec<Option<String>> {
    let mut paths: Vec<Option<String>> = vec![None; entries.len()];
    let mut seen = vec![false; entries.len()];
    let Some(root) = entries.iter().position(|entry| entry.kind == ROOT) else { return paths };
    seen[root] = true;
    let mut open = vec![(entries[root].child, String::new())];
    let mut ring = false;
    while let Some((at, prefix)) = open.pop() {
        let Some(entry) = entries.get(at as usize) else { continue };
        if std::mem::replace(&mut seen[at as usize], true) {
            ring = true;
            continue;
        }
        let path = format!("{}{}", event::text::clip(&prefix, 2_000), entry.name);
        open.push((entry.left, prefix.clone()));
        open.push((entry.right, prefix));
        if entry.kind != STREAM {
            open.push((entry.child, format!("{path}/")));
        }
        paths[at as usize] = Some(path);
    }
    if ring {
        walk.unread(Cut::new(Reason::Cyclic, "a storage"));
    }
    paths
}
