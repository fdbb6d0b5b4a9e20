//! The structure of an ELF file, as far as it can be read: headers, segments, sections, symbols, dynamic entries, relocations.
//!
//! In: any bytes. Out: an [`Elf`], or `None` where not even the header is there. Nothing in a hostile file is believed: what
//! points outside the file is dropped and counted as a lie, every list has a limit, each is read once, so the time is linear in
//! the file's size. `object` knows the layout of the structures in both classes and byte orders.

mod lies;
mod symbols;
mod tables;

use object::elf;
use object::read::elf::FileHeader;
use object::{Endianness, pod};

#[derive(Clone, Debug, Default)]
pub struct Section<'a> {
    pub name: &'a [u8],
    pub kind: u32,
    pub flags: u64,
    pub address: u64,
    pub offset: u64,
    pub size: u64,
    pub link: u32,
    pub info: u32,
    /// The bytes in the file; empty for NOBITS and where they would lie outside.
    pub data: &'a [u8],
}

#[derive(Clone, Debug, Default)]
pub struct Segment<'a> {
    pub kind: u32,
    pub flags: u32,
    pub address: u64,
    pub file_size: u64,
    pub memory_size: u64,
    pub align: u64,
    pub data: &'a [u8],
}

/// A symbol that has a name, of the dynamic table.
#[derive(Clone, Copy, Debug)]
pub struct Symbol<'a> {
    pub name: &'a [u8],
    pub imported: bool,
    pub function: bool,
}

/// Symbols of a table by binding (local, global, weak) and type (none, object, function).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolCounts {
    pub all: u32,
    /// `[binding][type]`, bindings local, global, weak; types none, object, function, other.
    pub by: [[u32; 4]; 3],
}

impl SymbolCounts {
    pub fn of_binding(&self, binding: usize) -> u32 {
        self.by[binding].iter().sum()
    }

    pub fn of_type(&self, kind: usize) -> u32 {
        self.by.iter().map(|types| types[kind]).sum()
    }
}

/// Claims of the file that its bytes do not bear out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lies {
    pub header_size: bool,
    pub segment_entry_size: bool,
    pub section_entry_size: bool,
    pub version: bool,
    pub sections_outside: bool,
    pub segments_outside: bool,
    pub names_index: bool,
    /// Sections and segments whose bytes would lie outside the file.
    pub section_bytes_outside: u32,
    pub segment_bytes_outside: u32,
    pub overlapping_sections: u32,
    pub overlapping_segments: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Elf<'a> {
    pub bytes: &'a [u8],
    pub is_64: bool,
    pub is_big_endian: bool,
    pub abi: u8,
    pub padding: [u8; 7],
    pub kind: u16,
    pub machine: u16,
    pub version: u32,
    pub entry: u64,
    pub segment_offset: u64,
    pub section_offset: u64,
    pub header_size: u16,
    pub segment_entry_size: u16,
    pub segment_count: u16,
    pub section_entry_size: u16,
    pub section_count: u16,
    pub names_index: u16,
    pub segments: Vec<Segment<'a>>,
    pub sections: Vec<Section<'a>>,
    /// (tag, value), to and with the first DT_NULL.
    pub dynamic: Vec<(i64, u64)>,
    pub needed: Vec<&'a [u8]>,
    pub dynamic_symbols: Vec<Symbol<'a>>,
    pub dynamic_counts: SymbolCounts,
    pub static_counts: SymbolCounts,
    /// First names of the full symbol table, for what the language and the C library are told by.
    pub static_names: Vec<&'a [u8]>,
    /// (type, count), most frequent 32 types at most.
    pub relocations: Vec<(u32, u32)>,
    pub relocation_count: u32,
    /// End of what headers and sections cover; what is behind it is overlay.
    pub covered: u64,
    pub lies: Lies,
    /// Lists that were longer than their limit.
    pub cut: u32,
}

/// `None` where the bytes are no ELF header at all.
pub fn parse(bytes: &[u8]) -> Option<Elf<'_>> {
    if bytes.get(..4)? != elf::ELFMAG {
        return None;
    }
    match bytes.get(4)? {
        1 => read::<elf::FileHeader32<Endianness>>(bytes),
        2 => read::<elf::FileHeader64<Endianness>>(bytes),
        _ => None,
    }
}

fn read<H: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Option<Elf<'_>> {
    let (header, _) = pod::from_bytes::<H>(bytes).ok()?;
    let ident = header.e_ident();
    let endian = if ident.data == elf::ELFDATA2MSB { Endianness::Big } else { Endianness::Little };
    let mut elf = Elf {
        bytes,
        is_64: header.is_type_64(),
        is_big_endian: endian == Endianness::Big,
        abi: ident.os_abi,
        padding: ident.padding,
        kind: header.e_type(endian),
        machine: header.e_machine(endian),
        version: header.e_version(endian),
        entry: header.e_entry(endian).into(),
        segment_offset: header.e_phoff(endian).into(),
        section_offset: header.e_shoff(endian).into(),
        header_size: header.e_ehsize(endian),
        segment_entry_size: header.e_phentsize(endian),
        segment_count: header.e_phnum(endian),
        section_entry_size: header.e_shentsize(endian),
        section_count: header.e_shnum(endian),
        names_index: header.e_shstrndx(endian),
        covered: size_of::<H>() as u64,
        ..Elf::default()
    };
    tables::read_segments::<H>(&mut elf, endian);
    tables::read_sections::<H>(&mut elf, endian);
    symbols::read_dynamic::<H>(&mut elf, endian);
    symbols::read_symbols::<H>(&mut elf, endian);
    symbols::read_relocations::<H>(&mut elf, endian);
    lies::find::<H>(&mut elf);
    Some(elf)
}

impl<'a> Elf<'a> {
    /// Bytes of the file at a virtual address, to the end of its segment.
    pub fn at_address(&self, address: u64) -> Option<&'a [u8]> {
        self.segments.iter().filter(|segment| segment.kind == elf::PT_LOAD).find_map(|segment| {
            let inside = address.checked_sub(segment.address)?;
            segment.data.get(usize::try_from(inside).ok()?..).filter(|rest| !rest.is_empty())
        })
    }

    pub fn section(&self, name: &[u8]) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub fn dynamic_value(&self, tag: i64) -> Option<u64> {
        self.dynamic.iter().find(|(t, _)| *t == tag).map(|(_, value)| *value)
    }

    /// Bytes behind everything that headers, sections and segments cover.
    pub fn overlay(&self) -> &'a [u8] {
        usize::try_from(self.covered).ok().and_then(|at| self.bytes.get(at..)).unwrap_or(&[])
    }
}
