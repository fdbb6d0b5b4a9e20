//! One file of systemd's journal, read as it grows: its objects one after the other, and of each entry the fields that are
//! asked for. The layout is that of systemd's `journal-def.h` documentation; nothing is written, nothing is mapped. Lengths and
//! offsets come from a file that may be damaged: each is held against the file's size and a bound.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;

const SIGNATURE: &[u8; 8] = b"LPKSHHRH";
const HEADER: usize = 208;
const OBJECT: u64 = 16;
const DATA: u8 = 1;
const ENTRY: u8 = 3;
const XZ: u8 = 1;
const LZ4: u8 = 2;
const ZSTD: u8 = 4;
const COMPACT: u32 = 16;
/// Known ways to be incompatible: compressions, keyed hashes, compact.
const KNOWN: u32 = 1 | 2 | 4 | 8 | COMPACT;
/// Fields of one entry, and bytes of one value.
const FIELDS: usize = 512;
const VALUE: usize = 64 << 10;

/// File, place and size of an entry.
type OnEntry<'a> = dyn FnMut(&File, u64, u64) + 'a;

pub(super) struct JournalFile {
    file: File,
    compact: bool,
    /// Of the next object.
    offset: u64,
    /// Entries that were passed.
    passed: u64,
    pub damaged: u64,
}

#[derive(Clone, Copy)]
struct Header {
    flags: u32,
    archived: bool,
    size: u64,
    tail: u64,
    entries: u64,
}

/// An entry: when the journal took it, in microseconds, and its fields.
pub(super) struct Entry {
    pub realtime: u64,
    pub fields: Vec<(String, Vec<u8>)>,
}

impl JournalFile {
    pub fn open(file: File) -> io::Result<JournalFile> {
        let header = header(&file)?;
        if header.flags & !KNOWN != 0 {
            return Err(io::Error::other(format!("a journal of a form that is not known ({:#x})", header.flags)));
        }
        let compact = header.flags & COMPACT != 0;
        Ok(JournalFile { file, compact, offset: header.size, passed: 0, damaged: 0 })
    }

    /// Passes over all entries that there are.
    pub fn skip(&mut self) -> io::Result<()> {
        self.walk(u64::MAX, &mut |_, _, _| {})
    }

    /// Entries that came since, at most so many. True when the file is archived and at its end.
    pub fn read(&mut self, most: u64, wanted: &[&str], take: &mut dyn FnMut(Entry)) -> io::Result<bool> {
        let compact = self.compact;
        let mut damaged = 0;
        self.walk(most, &mut |file, at, size| match entry(file, at, size, compact, wanted, &mut damaged) {
            Ok(entry) => take(entry),
            Err(_) => damaged += 1,
        })?;
        self.damaged += damaged;
        let header = header(&self.file)?;
        Ok(header.archived && self.passed >= header.entries)
    }

    fn walk(&mut self, most: u64, on_entry: &mut OnEntry<'_>) -> io::Result<()> {
        let header = header(&self.file)?;
        let mut seen = 0;
        // What is linked is whole; what is only laid down may still be written.
        while self.passed < header.entries && self.offset <= header.tail && seen < most {
            let mut head = [0; OBJECT as usize];
            self.file.read_exact_at(&mut head, self.offset)?;
            let size = u64::from_le_bytes(word(&head, 8));
            if !(OBJECT..=1 << 32).contains(&size) {
                return Err(io::Error::other(format!("an object of {size} bytes at {}", self.offset)));
            }
            if head[0] == ENTRY {
                self.passed += 1;
                seen += 1;
                on_entry(&self.file, self.offset, size);
            }
            self.offset += size.next_multiple_of(8);
        }
        Ok(())
    }
}

fn header(file: &File) -> io::Result<Header> {
    let mut bytes = [0; HEADER];
    file.read_exact_at(&mut bytes, 0)?;
    if bytes[..8] != *SIGNATURE {
        return Err(io::Error::other("it is no file of the journal"));
    }
    let number = |at: usize| u64::from_le_bytes(word(&bytes, at));
    Ok(Header {
        flags: u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]),
        archived: bytes[16] == 2,
        size: number(88),
        tail: number(136),
        entries: number(152),
    })
}

fn word(bytes: &[u8], at: usize) -> [u8; 8] {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    word
}

fn entry(file: &File, at: u64, size: u64, compact: bool, wanted: &[&str], damaged: &mut u64) -> io::Result<Entry> {
    let width = if compact { 4 } else { 16 };
    let count = (size.saturating_sub(64) / width).min(FIELDS as u64) as usize;
    let mut bytes = vec![0; 64 + count * width as usize];
    file.read_exact_at(&mut bytes, at)?;
    let realtime = u64::from_le_bytes(word(&bytes, 24));
    let mut fields = Vec::new();
    for item in 0..count {
        let at = 64 + item * width as usize;
        let offset = match compact {
            true => u64::from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])),
            false => u64::from_le_bytes(word(&bytes, at)),
        };
        match data(file, offset, compact, wanted) {
            Ok(Some(field)) => fields.push(field),
            Ok(None) => {}
            Err(_) => *damaged += 1,
        }
    }
    Ok(Entry { realtime, fields })
}

/// None for a field that nobody wants.
fn data(file: &File, at: u64, compact: bool, wanted: &[&str]) -> io::Result<Option<(String, Vec<u8>)>> {
    let head = if compact { 72 } else { 64 };
    // Enough for the header and most values at once.
    let mut first = [0; 512];
    let got = file.read_at(&mut first, at)?;
    if got < head || first[0] != DATA {
        return Err(io::Error::other("no data where an entry says"));
    }
    let (flags, size) = (first[1], u64::from_le_bytes(word(&first, 8)));
    let length = usize::try_from(size).ok().and_then(|size| size.checked_sub(head));
    let length = length.ok_or_else(|| io::Error::other("data of no size"))?;
    let raw = if flags & (XZ | LZ4 | ZSTD) == 0 {
        let seen = &first[head..got.min(head + length)];
        let name = memchr::memchr(b'=', seen).map(|at| &seen[..at]);
        if name.is_none_or(|name| !wanted.iter().any(|wanted| wanted.as_bytes() == name)) {
            return Ok(None);
        }
        if seen.len() == length {
            seen.to_vec()
        } else {
            let mut raw = vec![0; length.min(VALUE)];
            file.read_exact_at(&mut raw, at + head as u64)?;
            raw
        }
    } else {
        let mut packed = vec![0; length.min(VALUE)];
        file.read_exact_at(&mut packed, at + head as u64)?;
        unpacked(&packed, flags)?
    };
    let Some(equals) = memchr::memchr(b'=', &raw) else { return Ok(None) };
    let name = event::text::from_bytes(&raw[..equals]).into_owned();
    let is_wanted = wanted.contains(&name.as_str());
    Ok(is_wanted.then(|| (name, raw[equals + 1..].to_vec())))
}

/// The beginning, up to [`VALUE`]; what follows was compressed and is let go.
fn unpacked(packed: &[u8], flags: u8) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    if flags & ZSTD != 0 {
        let decoder = zstd::stream::read::Decoder::new(packed)?;
        decoder.take(VALUE as u64).read_to_end(&mut raw)?;
        return Ok(raw);
    }
    if flags & LZ4 != 0 && packed.len() > 8 {
        let size = u64::from_le_bytes(word(packed, 0));
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(VALUE * 16);
        return lz4_flex::block::decompress(&packed[8..], size).map_err(|error| io::Error::other(error.to_string()));
    }
    Err(io::Error::other("a compression that is not read here"))
}
