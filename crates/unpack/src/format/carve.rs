//! Containers in files of other kinds: hung at the end of a program, a picture or a script, or lying within. Only what
//! proves itself is taken (a checksum, a length that fits, an end record), since a program that can read a format has
//! its magic in it too, and a false find would make a clean file look unread.

use super::{auto_it, install_shield, nsis, zip};
use crate::codec::{Format, Inflate};
use crate::meter::Cut;
use crate::source::{Part, Source, SourceReader, read_array, read_vec};
use crate::walk::{Walk, Walked};
use crate::{KIND_BYTES, Kind, kind};
use std::io::{self, BufReader};

const STEP: usize = 1 << 20;
/// The longest magic, and what is looked at behind one.
const LOOKED_AT: usize = 128;

/// A zip at the end of anything that is none.
pub(crate) fn zip_at_end(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    match zip::appended(source) {
        Some(start) => walk.embedded(b"(zip)", &Part::new(source, start, u64::MAX), format!("zip at {start}")),
        None => {
            if zip::is_last_volume(source) {
                walk.unread(Cut::unsupported("a part of a zip of several volumes"));
            }
            Ok(())
        }
    }
}

/// What follows a program's own last byte.
pub(crate) fn overlay(walk: &mut Walk<'_>, source: &dyn Source, end: u64) -> Walked {
    let start = match read_vec(source, end, KIND_BYTES) {
        Ok(start) if start.is_empty() => return Ok(()),
        Ok(start) => start,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    // Alignment is not worth a word.
    let zeros = start.iter().take_while(|b| **b == 0).count();
    let (end, start) = (end + zeros as u64, &start[zeros..]);
    if let Some(at) = memchr::memmem::find(&start[..start.len().min(64)], nsis::MAGIC) {
        return nsis::read(walk, source, end + at as u64);
    }
    if let Some(at) = memchr::memmem::find(&start[..start.len().min(512)], install_shield::TABLE) {
        return install_shield::masked(walk, source, end + at as u64);
    }
    if let Some(first) = install_shield::listed(source, end) {
        return install_shield::list(walk, source, first);
    }
    if start.starts_with(auto_it::MAGIC) {
        return auto_it::read(walk, &Part::new(source, end, u64::MAX));
    }
    if start.starts_with(b"zlb\x1a") {
        walk.at(b"(overlay)", |walk| walk.unread(Cut::unsupported("an Inno Setup installer's data")));
    }
    let kind = kind(start);
    // A zip is found by its end.
    let zip = matches!(kind, Kind::Zip | Kind::Jar | Kind::Apk | Kind::Ooxml | Kind::OpenDocument);
    if kind.is_container() && !zip || kind.is_script() || kind.is_program() {
        let part = Part::new(source, end, u64::MAX);
        return walk.embedded(b"(overlay)", &part, format!("{} at {end}", kind.name()));
    }
    Ok(())
}

/// Containers and programs within: an archive that a loader unpacks, a program that a dropper writes.
pub(crate) fn within(walk: &mut Walk<'_>, source: &dyn Source, from: u64) -> Walked {
    const MAGICS: [(&[u8], Find); 6] = [
        (b"7z\xbc\xaf\x27\x1c", seven_zip),
        (b"MSCF\0\0\0\0", cabinet),
        (b"Rar!\x1a\x07", rar),
        (b"hsqs", squashfs),
        (b"\x7fELF", elf),
        (b"MZ", pe),
    ];
    search(walk, source, from, &MAGICS)
}

/// Behind a script: its archive.
pub(crate) fn scripts(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    const MAGICS: [(&[u8], Find); 8] = [
        (b"\n\x1f\x8b\x08", gzip),
        (b"\nBZh", bzip2),
        (b"\n\xfd7zXZ\0", xz),
        (b"\n\x28\xb5\x2f\xfd", zstd),
        (b"\n\x04\x22\x4d\x18", behind_line),
        (b"7z\xbc\xaf\x27\x1c", seven_zip),
        (b"\n\x7fELF", elf_behind_line),
        (b"ustar", tar),
    ];
    search(walk, source, 1, &MAGICS)
}

/// Where it begins and how long it is, if there is one at the place of a magic.
type Find = fn(&dyn Source, u64) -> Option<(u64, u64)>;

fn search(walk: &mut Walk<'_>, source: &dyn Source, from: u64, magics: &[(&[u8], Find)]) -> Walked {
    // As far as patterns see a file; one that is longer counts as not read whole.
    let end = source.len().min(from.saturating_add(walk.meter().limits.window_bytes as u64));
    let mut at = from;
    while at < end {
        walk.step()?;
        let chunk = match read_vec(source, at, STEP + LOOKED_AT) {
            Ok(chunk) => chunk,
            Err(error) => {
                walk.unread_error(&error);
                return Ok(());
            }
        };
        if chunk.is_empty() {
            return Ok(());
        }
        let own = chunk.len().min(STEP);
        let mut found: Vec<(u64, u64)> = Vec::new();
        for (magic, find) in magics {
            for place in memchr::memmem::find_iter(&chunk, magic).take_while(|place| *place < own) {
                found.extend(find(source, at + place as u64));
            }
        }
        found.sort();
        let mut next = at + own as u64;
        let mut taken = 0;
        for (start, len) in found {
            // What lies in one that was taken comes out of it.
            if start < taken {
                continue;
            }
            let name = format!("(at {start})");
            let start_bytes = read_vec(source, start, KIND_BYTES).unwrap_or_default();
            let detail = format!("{} at {start}", kind(&start_bytes).name());
            walk.embedded(name.as_bytes(), &Part::new(source, start, len), detail)?;
            taken = start.saturating_add(len);
            next = next.max(taken);
        }
        at = next;
    }
    Ok(())
}

fn word(source: &dyn Source, at: u64) -> Option<u64> {
    read_array(source, at).ok().map(|bytes| u64::from(u32::from_le_bytes(bytes)))
}

fn seven_zip(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let header: [u8; 32] = read_array(source, at).ok()?;
    let crc = u32::from_le_bytes(header[8..12].try_into().expect("four bytes"));
    let long = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().expect("eight bytes"));
    (crc32fast::hash(&header[12..]) == crc).then(|| (at, 32u64.saturating_add(long(12)).saturating_add(long(20))))
}

fn cabinet(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let (len, files) = (word(source, at + 8)?, word(source, at + 16)?);
    let version: [u8; 2] = read_array(source, at + 24).ok()?;
    (version == [3, 1] && files < len && len > 44 && at + len <= source.len()).then_some((at, len))
}

/// Its first block must bear the checksum that it says: what reads the format has the magic alone.
fn rar(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let found = (at, source.len() - at);
    let behind = read_vec(source, at + 6, 64).ok()?;
    match behind.get(..2)? {
        // Version 5: checksum, size of the header, header.
        [1, 0] => {
            let crc = u32::from_le_bytes(behind.get(2..6)?.try_into().ok()?);
            let size = usize::from(*behind.get(6)?);
            (size < 50 && crc32fast::hash(behind.get(6..7 + size)?) == crc).then_some(found)
        }
        // Version 4: the lower half of a checksum over a header of 13 bytes.
        [0, low] => {
            let crc = u16::from_le_bytes([*low, *behind.get(2)?]);
            (crc32fast::hash(behind.get(3..14)?) as u16 == crc).then_some(found)
        }
        _ => None,
    }
}

fn squashfs(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let part = Part::new(source, at, u64::MAX);
    let superblock = super::squashfs::Superblock::read(&part).ok()?;
    (superblock.bytes_used > 96 && superblock.bytes_used <= part.len()).then_some((at, part.len()))
}

fn elf(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let part = Part::new(source, at, u64::MAX);
    let end = super::program::elf_end(&part)?;
    (end <= part.len() && end > 64).then_some((at, end))
}

fn elf_behind_line(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    elf(source, at + 1)
}

fn pe(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let offset = word(source, at + 60)?;
    if !(64..4096).contains(&offset) {
        return None;
    }
    let part = Part::new(source, at, u64::MAX);
    let end = super::pe::Pe::read(&part)?.end();
    (end <= part.len()).then_some((at, end))
}

/// Its first bytes must inflate.
fn gzip(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let at = at + 1;
    let header: [u8; 10] = read_array(source, at).ok()?;
    if header[3] & 0xe0 != 0 {
        return None;
    }
    let part = Part::new(source, at + 10, 64 << 10);
    let mut input = BufReader::new(SourceReader::new(&part, 0));
    if header[3] & 8 != 0 {
        let mut name = Vec::new();
        io::BufRead::read_until(&mut input, 0, &mut name).ok()?;
    }
    let mut start = [0; 64];
    // A small archive ends before.
    let n = crate::source::read_full(&mut Inflate::new(input, Format::Raw), &mut start);
    n.is_ok_and(|n| n > 0).then(|| (at, source.len() - at))
}

fn bzip2(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let behind: [u8; 7] = read_array(source, at + 4).ok()?;
    (behind[0].is_ascii_digit() && &behind[1..] == b"1AY&SY").then(|| (at + 1, source.len() - at - 1))
}

fn xz(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let flags: [u8; 6] = read_array(source, at + 7).ok()?;
    let crc = u32::from_le_bytes(flags[2..].try_into().expect("four bytes"));
    (crc32fast::hash(&flags[..2]) == crc).then(|| (at + 1, source.len() - at - 1))
}

fn zstd(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let descriptor: [u8; 1] = read_array(source, at + 5).ok()?;
    (descriptor[0] & 8 == 0).then(|| (at + 1, source.len() - at - 1))
}

fn behind_line(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    Some((at + 1, source.len() - at - 1))
}

/// The magic stands in the middle of the header.
fn tar(source: &dyn Source, at: u64) -> Option<(u64, u64)> {
    let at = at.checked_sub(257)?;
    let header = read_vec(source, at, 512).ok()?;
    super::tar::is_header(&header).then(|| (at, source.len() - at))
}
