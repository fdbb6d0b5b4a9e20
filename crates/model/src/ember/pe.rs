//! A PE file as the original extractor's reader sees it.
//!
//! EMBER's features are what that reader (pefile) makes of a file, its tolerance and its complaints included: which section an address falls
//! into when sections overlap, when a table of imports is given up, and 87 kinds of complaints, each a dimension. The PE crates that
//! are well kept (goblin, object, pelite) refuse files on which it goes on and complain of nothing, so the tables are
//! read here. Every directory is a file of its own; all share [`Image`], which turns addresses into bytes.
//!
//! Hostile files: every look-up costs from one [`Image::budget`], and when it is spent every further read fails, so that the time is bounded
//! whatever the tables say.

mod bound_imports;
mod debug;
mod exceptions;
mod exports;
mod header;
mod imports;
mod load_config;
mod relocations;
mod resources;
mod rich;
mod section;
mod version;
mod warning;

pub(super) use header::Header;
pub(super) use imports::{Library, Symbol};
pub(super) use section::Section;
pub(super) use warning::{COUNT as WARNINGS, Warning, by_text as warning_by_text};

use std::cell::Cell;

/// Look-ups a file may cost: a second of one core at the very most.
const BUDGET: u64 = 20_000_000;

/// Why a table was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes cannot be had; the directory ends here.
    Unreadable,
    /// The original stumbles in a way after which it takes the file for no PE at all.
    NotPe,
}

pub(super) type Read<T> = Result<T, Stop>;

/// What the features need of a PE file.
pub(super) struct Pe<'a> {
    pub image: Image<'a>,
    /// `None` without a directory of imports, or one that has none.
    pub imports: Vec<Library>,
    /// Names, or ordinals where there is none.
    pub exports: Vec<Export>,
    pub has_relocations: bool,
    pub has_dynamic_relocations: bool,
    /// The Rich header's values, pairs of product and count.
    pub rich: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Export {
    Name(String),
    Ordinal(u64),
}

impl<'a> Pe<'a> {
    /// `None` for what the original does not take for a PE. `counts` says how often each byte value stands in `data`.
    pub(super) fn read(data: &'a [u8], counts: &[u64; 256]) -> Option<Self> {
        let image = Image::read(data).ok()?;
        image.warn_of_majorities(counts);
        let mut pe = Pe {
            image,
            imports: Vec::new(),
            exports: Vec::new(),
            has_relocations: false,
            has_dynamic_relocations: false,
            rich: Vec::new(),
        };
        pe.directories().ok()?;
        pe.rich = rich::read(&pe.image);
        Some(pe)
    }

    /// In the original's order, since some counts and the last section looked at go on from one to the next.
    fn directories(&mut self) -> Read<()> {
        let image = &self.image;
        for index in [1, 0, 2, 6, 5, 9, 10, 13, 11, 3] {
            let Some(&(rva, size)) = image.header.directories.get(index) else { break };
            if rva == 0 {
                continue;
            }
            let rva = i64::from(rva);
            let read = match index {
                1 => imports::read(image, rva).map(|libraries| self.imports = libraries),
                0 => exports::read(image, rva, size).map(|exports| self.exports = exports),
                2 => resources::read(image, rva),
                6 => debug::read(image, rva, size),
                5 => relocations::read(image, rva, i64::from(size)).map(|blocks| self.has_relocations = blocks > 0),
                9 => read_tls(image, rva),
                10 => load_config::read(image, rva).map(|dynamic| self.has_dynamic_relocations = dynamic),
                13 => imports::read_delayed(image, rva),
                11 => bound_imports::read(image, rva),
                _ => exceptions::read(image, rva, size),
            };
            match read {
                Err(Stop::Unreadable) => image.warn(Warning::DirectoryFailed),
                Err(Stop::NotPe) => return Err(Stop::NotPe),
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

fn read_tls(image: &Image<'_>, rva: i64) -> Read<()> {
    let size = if image.header.is_64() { 40 } else { 24 };
    match image.bytes(rva, size) {
        Ok(bytes) => {
            let _ = image.complete(bytes, size as usize);
        }
        Err(stop) => {
            image.warn(Warning::Tls);
            if stop == Stop::NotPe {
                return Err(stop);
            }
        }
    }
    Ok(())
}

/// Headers and sections, and how an address becomes bytes.
pub(super) struct Image<'a> {
    pub data: &'a [u8],
    pub header: Header,
    /// By virtual address.
    pub sections: Vec<Section>,
    /// How much of the file's beginning stands at address 0.
    header_end: usize,
    /// The section in which the last address was found is asked first, which decides when sections overlap.
    last: Cell<Option<usize>>,
    warnings: Cell<u128>,
    budget: Cell<u64>,
    /// Entries of import tables looked at in the whole file.
    import_entries: Cell<u64>,
}

impl<'a> Image<'a> {
    fn read(data: &'a [u8]) -> Read<Self> {
        let mut image = Image {
            data,
            header: Header::default(),
            sections: Vec::new(),
            header_end: 0,
            last: Cell::new(None),
            warnings: Cell::new(0),
            budget: Cell::new(BUDGET),
            import_entries: Cell::new(0),
        };
        header::read(&mut image)?;
        let end = section::read(&mut image)?;
        let lowest =
            image.sections.iter().filter(|s| s.raw_pointer > 0).map(|s| i64::from(s.raw_pointer) & !0x1ff).min();
        let end = lowest.filter(|lowest| *lowest != 0 && *lowest >= end).unwrap_or(end);
        image.header_end = end.clamp(0, data.len() as i64) as usize;
        image.warn_of_entry();
        Ok(image)
    }

    /// One byte value that makes up much of the file.
    fn warn_of_majorities(&self, counts: &[u64; 256]) {
        let size = self.data.len() as f64;
        let mut shares = counts.iter().map(|count| *count as f64 / size);
        if shares.next().is_some_and(|zeros| zeros > 0.5) || shares.any(|share| share > 0.15) {
            self.warn(Warning::ByteMajority);
        }
    }

    fn warn_of_entry(&self) {
        let entry = i64::from(self.header.entry);
        match self.section_at(entry) {
            None => self.warn(Warning::EntryOutsideSections),
            Some(section) if section.offset(entry) > self.data.len() as i64 => self.warn(Warning::EntryOutsideFile),
            Some(_) => {}
        }
    }

    pub(super) fn warn(&self, warning: Warning) {
        self.warnings.set(self.warnings.get() | 1 << warning as u32);
    }

    /// A bit a kind of warning.
    pub(super) fn warnings(&self) -> u128 {
        self.warnings.get()
    }

    fn spend(&self, cost: u64) -> bool {
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(cost));
        left > 0
    }

    /// The section that an address falls into.
    pub(super) fn section_at(&self, rva: i64) -> Option<&Section> {
        self.spend(1);
        if let Some(section) = self.last.get().and_then(|last| self.sections.get(last)).filter(|s| s.contains(rva)) {
            return Some(section);
        }
        self.spend(self.sections.len() as u64 / 4);
        let found = self.sections.iter().position(|section| section.contains(rva))?;
        self.last.set(Some(found));
        Some(&self.sections[found])
    }

    /// The first section whose raw data covers a file offset.
    fn section_at_offset(&self, offset: i64) -> Option<&Section> {
        self.spend(1 + self.sections.len() as u64 / 4);
        self.sections.iter().find(|section| {
            let start = section.raw_adjusted;
            start <= offset && offset < start + i64::from(section.raw_size)
        })
    }

    /// The whole of a section's raw data.
    pub(super) fn section_bytes(&self, section: &Section) -> &'a [u8] {
        self.section_slice(section, section.raw_adjusted, section.raw_adjusted + i64::from(section.raw_size))
    }

    fn section_slice(&self, section: &Section, start: i64, end: i64) -> &'a [u8] {
        let limit = i64::from(section.raw_pointer) + i64::from(section.raw_size);
        slice(self.data, start, end.min(limit))
    }

    /// Up to `length` bytes at an address: fewer where the section or the file ends.
    fn bytes(&self, rva: i64, length: i64) -> Read<&'a [u8]> {
        if !self.spend(1) {
            return Err(Stop::Unreadable);
        }
        let end = rva.saturating_add(length);
        match self.section_at(rva) {
            Some(section) => {
                let start = section.offset(rva);
                Ok(self.section_slice(section, start, start.saturating_add(length)))
            }
            None if rva < self.header_end as i64 => Ok(slice(&self.data[..self.header_end], rva, end)),
            None if rva < self.data.len() as i64 => Ok(slice(self.data, rva, end)),
            None => Err(Stop::Unreadable),
        }
    }

    /// The file offset of an address.
    pub(super) fn offset(&self, rva: i64) -> Read<i64> {
        if !self.spend(1) {
            return Err(Stop::Unreadable);
        }
        match self.section_at(rva) {
            Some(section) => Ok(section.offset(rva)),
            None if rva < self.data.len() as i64 => Ok(rva),
            None => Err(Stop::Unreadable),
        }
    }

    /// Bytes up to a zero, at most `most`; empty where nothing can be read.
    fn text(&self, rva: i64, most: i64) -> &'a [u8] {
        let bytes = match self.section_at(rva) {
            Some(section) => {
                let start = section.offset(rva);
                self.section_slice(section, start, start.saturating_add(most))
            }
            None => slice(self.data, rva, rva.saturating_add(most)),
        };
        until_zero(bytes)
    }

    /// The first `size` bytes of a structure; a warning if there are not so many.
    fn complete<'b>(&self, bytes: &'b [u8], size: usize) -> Option<&'b [u8]> {
        let found = bytes.get(..size);
        if found.is_none() {
            self.warn(Warning::CorruptHeader);
        }
        found
    }

    /// A structure of `size` bytes at an address; `Ok(None)` (and a warning) if it is cut off.
    fn structure(&self, rva: i64, size: usize) -> Read<Option<&'a [u8]>> {
        let bytes = self.bytes(rva, size as i64)?;
        self.offset(rva)?;
        Ok(self.complete(bytes, size))
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())]
}

/// A slice as Python takes it: an index below zero counts from the end, and what is beyond is left out.
fn slice(data: &[u8], start: i64, end: i64) -> &[u8] {
    let length = data.len() as i64;
    let place = |index: i64| (if index < 0 { index + length } else { index }).clamp(0, length) as usize;
    data.get(place(start)..place(end)).unwrap_or(&[])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
