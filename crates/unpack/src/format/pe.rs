//! The headers of a Windows program, as far as its parts, its end and what it does first are told by them.

use super::fields::Fields;
use crate::source::{Source, read_array, read_vec};

const MACHINES: [u16; 6] = [0x14c, 0x8664, 0x1c0, 0x1c4, 0xaa64, 0x200];
const X86: u16 = 0x14c;
const WIDE: u16 = 0x20b;
const MOST_SECTIONS: usize = 96;
const SECTION: usize = 40;
const WRITABLE: u32 = 0x8000_0000;

pub(crate) struct Pe {
    pub machine: u16,
    pub base: u32,
    /// Relative to the base, as all places in memory are.
    pub entry: u32,
    pub image_bytes: u32,
    /// Bytes of the file that lie at the base.
    pub header_bytes: u32,
    /// Where the headers end in the file.
    pub headers_end: u64,
    /// Place and size of the import directory, in memory.
    pub imports: (u32, u32),
    /// Place and size of the signatures, in the file.
    pub signatures: Option<(u64, u64)>,
    pub sections: Vec<Section>,
}

pub(crate) struct Section {
    pub name: [u8; 8],
    pub at: u32,
    pub bytes: u32,
    /// In the file.
    pub raw_at: u32,
    pub raw_bytes: u32,
    pub flags: u32,
}

impl Section {
    pub fn writable(&self) -> bool {
        self.flags & WRITABLE != 0
    }

    pub fn holds(&self, place: u32) -> bool {
        place.checked_sub(self.at).is_some_and(|within| within < self.bytes.max(self.raw_bytes))
    }
}

impl Pe {
    /// `None` for what has no headers that a loader would take.
    pub fn read(source: &dyn Source) -> Option<Pe> {
        let dos: [u8; 64] = read_array(source, 0).ok()?;
        let at = u64::from(u32::from_le_bytes(dos[60..].try_into().expect("four bytes")));
        let raw = read_vec(source, at, 24 + 240).ok()?;
        let header = Fields(&raw);
        let (machine, count) = (header.u16(4).ok()?, usize::from(header.u16(6).ok()?));
        if header.bytes(0, 4).ok()? != b"PE\0\0" || !MACHINES.contains(&machine) {
            return None;
        }
        if count == 0 || count > MOST_SECTIONS {
            return None;
        }
        let optional = u64::from(header.u16(20).ok()?);
        let wide = header.u16(24).ok()? == WIDE;
        let directories = if wide { 24 + 112 } else { 24 + 96 };
        let directory =
            |n: usize| Some((header.u32(directories + 8 * n).ok()?, header.u32(directories + 8 * n + 4).ok()?));
        let table = at + 24 + optional;
        let sections = read_vec(source, table, count * SECTION).ok()?;
        Some(Pe {
            machine,
            base: header.u32(if wide { 48 } else { 52 }).ok()?,
            entry: header.u32(40).ok()?,
            image_bytes: header.u32(80).ok()?,
            header_bytes: header.u32(84).ok()?,
            headers_end: table + sections.len() as u64,
            imports: directory(1).unwrap_or_default(),
            signatures: directory(4).map(|(at, bytes)| (at.into(), bytes.into())),
            sections: sections.chunks_exact(SECTION).map(section).collect(),
        })
    }

    /// Where the file ends by its own headers; signatures behind the last section belong to the program.
    pub fn end(&self) -> u64 {
        let sections = self.sections.iter().map(|one| u64::from(one.raw_at) + u64::from(one.raw_bytes)).max();
        // A small program ends with its headers: its section lies within them.
        let end = sections.unwrap_or(0).max(self.headers_end);
        match self.signatures {
            Some((at, bytes)) if at == end.next_multiple_of(8) => at + bytes,
            _ => end,
        }
    }

    pub fn is_x86(&self) -> bool {
        self.machine == X86
    }

    /// The section in which it begins to run.
    pub fn first(&self) -> Option<&Section> {
        self.sections.iter().find(|section| section.holds(self.entry))
    }
}

fn section(raw: &[u8]) -> Section {
    let word = |at: usize| u32::from_le_bytes(raw[at..at + 4].try_into().expect("four bytes"));
    Section {
        name: raw[..8].try_into().expect("eight bytes"),
        bytes: word(8),
        at: word(12),
        raw_bytes: word(16),
        raw_at: word(20),
        flags: word(36),
    }
}
