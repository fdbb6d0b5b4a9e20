//! The frame of a compiled database: a header, a table of sections, the sections.
//!
//! Everything is little-endian. 32 bytes of header: magic, version, number of sections, length of the file, CRC-32 of the table.
//! Each section has 24 bytes of the table: kind, index, offset, length. Opening checks the frame alone, so that it costs the same for
//! ten million digests as for one; what a section says is checked where it is read, by bounds, and a section that lies gives
//! [`Corrupt`], never a panic. That the content is what the publisher made is what the manifest's digest says.

use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;

const MAGIC: &[u8; 8] = b"TAMONSIG";
/// Counted up when the meaning of a section changes; a file of another version is built anew, not guessed at.
pub const VERSION: u32 = 1;
const HEADER: usize = 32;
const ENTRY: usize = 24;
const MAX_SECTIONS: usize = 256;

/// A database whose content contradicts itself. What was asked of it is then unknown, which is not the same as "nothing found".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature database is damaged: {0}")]
pub struct Corrupt(pub &'static str);

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("reading the signature database: {0}")]
    Io(#[from] io::Error),
    #[error("not a compiled signature database")]
    NotOne,
    #[error("the signature database is of version {0}, this program reads {VERSION}: build it anew")]
    Version(u32),
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Section {
    Info = 1,
    Names = 2,
    HashKeys = 10,
    HashRecords = 11,
    HashDirectory = 12,
    HashFilter = 13,
    HashSizes = 14,
    Patterns = 20,
    PatternIndex = 21,
    Owners = 22,
    OwnerIndex = 23,
    Logicals = 24,
    LogicalIndex = 25,
    Unanchored = 26,
    FrontFilter = 30,
    FrontStarts = 31,
    FrontEntries = 32,
    Members = 40,
}

/// Writes sections one after the other; the table goes in front at the end.
pub struct Writer<W> {
    out: W,
    table: Vec<(Section, u32, u64, u64)>,
    at: u64,
}

impl<W: Write + Seek> Writer<W> {
    pub fn new(mut out: W) -> io::Result<Self> {
        let at = (HEADER + MAX_SECTIONS * ENTRY) as u64;
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&vec![0; at as usize])?;
        Ok(Writer { out, table: Vec::new(), at })
    }

    pub fn section(&mut self, kind: Section, index: u32, bytes: &[u8]) -> io::Result<()> {
        self.section_from(kind, index, bytes)
    }

    pub fn section_from(&mut self, kind: Section, index: u32, mut from: impl io::Read) -> io::Result<()> {
        if self.table.len() == MAX_SECTIONS {
            return Err(io::Error::other("too many sections"));
        }
        let length = io::copy(&mut from, &mut self.out)?;
        self.table.push((kind, index, self.at, length));
        let pad = (8 - length % 8) % 8;
        self.out.write_all(&[0; 8][..pad as usize])?;
        self.at += length + pad;
        Ok(())
    }

    pub fn finish(mut self) -> io::Result<W> {
        let mut table = Vec::with_capacity(self.table.len() * ENTRY);
        for (kind, index, at, length) in &self.table {
            table.extend((*kind as u32).to_le_bytes());
            table.extend(index.to_le_bytes());
            table.extend(at.to_le_bytes());
            table.extend(length.to_le_bytes());
        }
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend((self.table.len() as u32).to_le_bytes());
        header.extend(self.at.to_le_bytes());
        header.extend(checksum(&header, &table).to_le_bytes());
        header.extend([0; 4]);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.write_all(&table)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn checksum(header: &[u8], table: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(header);
    crc.update(table);
    crc.finalize()
}

/// Where each section lies, all within the file.
#[derive(Clone, Debug)]
pub struct Table(Vec<(u32, u32, Range<usize>)>);

impl Table {
    /// Reads the frame of a whole file.
    pub fn parse(file: &[u8]) -> Result<Table, OpenError> {
        let header = file.get(..HEADER).ok_or(OpenError::NotOne)?;
        if &header[..8] != MAGIC {
            return Err(OpenError::NotOne);
        }
        let version = u32_at(header, 8)?;
        if version != VERSION {
            return Err(OpenError::Version(version));
        }
        let sections = u32_at(header, 12)? as usize;
        if sections > MAX_SECTIONS {
            return Err(Corrupt("more sections than a file may have").into());
        }
        if u64_at(header, 16)? != file.len() as u64 {
            return Err(Corrupt("the file is cut, or longer than it says").into());
        }
        let table = file.get(HEADER..HEADER + sections * ENTRY).ok_or(Corrupt("the table is cut"))?;
        if u32_at(header, 24)? != checksum(&header[..24], table) {
            return Err(Corrupt("the table does not match its checksum").into());
        }
        let mut found = Vec::with_capacity(sections);
        for entry in table.chunks_exact(ENTRY) {
            let (at, length) = (u64_at(entry, 8)?, u64_at(entry, 16)?);
            let end = at.checked_add(length).filter(|end| *end <= file.len() as u64);
            let end = end.ok_or(Corrupt("a section lies outside of the file"))?;
            found.push((u32_at(entry, 0)?, u32_at(entry, 4)?, at as usize..end as usize));
        }
        Ok(Table(found))
    }

    pub fn get(&self, kind: Section, index: u32) -> Option<Range<usize>> {
        self.0.iter().find(|(k, i, _)| (*k, *i) == (kind as u32, index)).map(|(.., range)| range.clone())
    }

    /// An absent section is an empty one.
    pub fn get_or_empty(&self, kind: Section, index: u32) -> Range<usize> {
        self.get(kind, index).unwrap_or(0..0)
    }
}

pub fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Corrupt> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(Corrupt("a number lies outside"))?;
    Ok(u32::from_le_bytes(*found))
}

pub fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Corrupt> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(Corrupt("a number lies outside"))?;
    Ok(u64::from_le_bytes(*found))
}
