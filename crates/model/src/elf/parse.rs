//! The structure of an ELF file, as far as it can be read: headers, segments, sections, symbols, dynamic entries, relocations.
//!
//! In: any bytes. Out: an [`Elf`], or `None` where not even the header is there. Nothing in a hostile file is believed: what
//! points outside the file is dropped and counted as a lie, every list has a limit, each is read once, so the time is linear in
//! the file's size. `object` knows the layout of the structures in both classes and byte orders.

use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, Rel, Rela, SectionHeader, Sym};
use object::{Endianness, pod};

/// Limits; what is past them is counted in [`Elf::cut`].
const SECTIONS: usize = 2_048;
const SEGMENTS: usize = 256;
const DYNAMIC: usize = 1_024;
const SYMBOLS: usize = 200_000;
const RELOCATIONS: usize = 400_000;
const NAME: usize = 200;

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
    read_segments::<H>(&mut elf, endian);
    read_sections::<H>(&mut elf, endian);
    read_dynamic::<H>(&mut elf, endian);
    read_symbols::<H>(&mut elf, endian);
    read_relocations::<H>(&mut elf, endian);
    find_lies::<H>(&mut elf);
    Some(elf)
}

/// Entries of `T` from `offset` on, as many as are there, `count` and `limit` at most; and whether all `count` were there.
fn table<T: pod::Pod>(bytes: &[u8], offset: u64, count: usize, limit: usize) -> (&[T], bool) {
    let rest = usize::try_from(offset).ok().and_then(|start| bytes.get(start..)).unwrap_or(&[]);
    let there = rest.len() / size_of::<T>().max(1);
    let take = count.min(there).min(limit);
    (pod::slice_from_bytes::<T>(rest, take).map_or(&[][..], |(slice, _)| slice), count <= there)
}

fn part(bytes: &[u8], offset: u64, size: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    bytes.get(start..end)
}

fn read_segments<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let count = usize::from(elf.segment_count);
    let (entries, complete) = table::<H::ProgramHeader>(elf.bytes, elf.segment_offset, count, SEGMENTS);
    elf.lies.segments_outside = !complete;
    elf.cut += u32::from(count > SEGMENTS);
    elf.covered = elf.covered.max(elf.segment_offset.saturating_add(std::mem::size_of_val(entries) as u64));
    for entry in entries {
        let (offset, size) = (entry.p_offset(endian).into(), entry.p_filesz(endian).into());
        let data = part(elf.bytes, offset, size);
        elf.lies.segment_bytes_outside += u32::from(data.is_none());
        if data.is_some() {
            elf.covered = elf.covered.max(offset.saturating_add(size));
        }
        elf.segments.push(Segment {
            kind: entry.p_type(endian),
            flags: entry.p_flags(endian),
            address: entry.p_vaddr(endian).into(),
            file_size: size,
            memory_size: entry.p_memsz(endian).into(),
            align: entry.p_align(endian).into(),
            data: data.unwrap_or(&[]),
        });
    }
}

fn read_sections<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let count = usize::from(elf.section_count);
    let (entries, complete) = table::<H::SectionHeader>(elf.bytes, elf.section_offset, count, SECTIONS);
    elf.lies.sections_outside = !complete;
    elf.cut += u32::from(count > SECTIONS);
    if !entries.is_empty() {
        elf.covered = elf.covered.max(elf.section_offset.saturating_add(std::mem::size_of_val(entries) as u64));
    }
    let names = entries
        .get(usize::from(elf.names_index))
        .and_then(|entry| part(elf.bytes, entry.sh_offset(endian).into(), entry.sh_size(endian).into()));
    elf.lies.names_index = count > 0 && names.is_none();
    let names = names.unwrap_or(&[]);
    for entry in entries {
        let (offset, size) = (entry.sh_offset(endian).into(), entry.sh_size(endian).into());
        let kind = entry.sh_type(endian);
        let data =
            if matches!(kind, elf::SHT_NOBITS | elf::SHT_NULL) { Some(&[][..]) } else { part(elf.bytes, offset, size) };
        elf.lies.section_bytes_outside += u32::from(data.is_none());
        if data.is_some_and(|data| !data.is_empty()) {
            elf.covered = elf.covered.max(offset.saturating_add(size));
        }
        elf.sections.push(Section {
            name: text_at(names, entry.sh_name(endian)),
            kind,
            flags: entry.sh_flags(endian).into(),
            address: entry.sh_addr(endian).into(),
            offset,
            size,
            link: entry.sh_link(endian),
            info: entry.sh_info(endian),
            data: data.unwrap_or(&[]),
        });
    }
}

/// A name in a string table: to its NUL, [`NAME`] bytes at most.
fn text_at(table: &[u8], offset: u32) -> &[u8] {
    let rest = table.get(offset as usize..).unwrap_or(&[]);
    let rest = &rest[..rest.len().min(NAME)];
    &rest[..rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len())]
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

/// From the segment, which is what the loader reads; the section may lie.
fn read_dynamic<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let Some(segment) = elf.segments.iter().find(|segment| segment.kind == elf::PT_DYNAMIC) else {
        return;
    };
    let data = segment.data;
    let count = data.len() / size_of::<H::Dyn>().max(1);
    let (entries, _) = table::<H::Dyn>(data, 0, count, DYNAMIC);
    elf.cut += u32::from(count > DYNAMIC);
    for entry in entries {
        let (tag, value) = (entry.d_tag(endian).into(), entry.d_val(endian).into());
        elf.dynamic.push((tag, value));
        if tag == elf::DT_NULL {
            break;
        }
    }
    let strings = elf
        .dynamic_value(elf::DT_STRTAB)
        .and_then(|address| elf.at_address(address))
        .or_else(|| elf.section(b".dynstr").map(|section| section.data))
        .unwrap_or(&[]);
    let needed = elf.dynamic.iter().filter(|(tag, _)| *tag == elf::DT_NEEDED);
    elf.needed = needed.map(|(_, at)| text_at(strings, u32::try_from(*at).unwrap_or(u32::MAX))).collect();
}

fn read_symbols<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let size = size_of::<H::Sym>().max(1);
    let of_kind = |kind: u32| elf.sections.iter().find(|section| section.kind == kind && !section.data.is_empty());
    let strings_of = |section: &Section<'a>| elf.sections.get(section.link as usize).map_or(&[][..], |s| s.data);
    let dynamic = of_kind(elf::SHT_DYNSYM).map(|section| (section.data, strings_of(section)));
    let complete = of_kind(elf::SHT_SYMTAB).map(|section| (section.data, strings_of(section)));
    // Without sections (a packer, or a liar) the dynamic table still names its symbols; its length is where the strings begin.
    let dynamic = dynamic.or_else(|| {
        let (table, strings) = (elf.dynamic_value(elf::DT_SYMTAB)?, elf.dynamic_value(elf::DT_STRTAB)?);
        let length = usize::try_from(strings.checked_sub(table)?).ok()?;
        let data = elf.at_address(table)?;
        Some((&data[..length.min(data.len())], elf.at_address(strings)?))
    });
    let mut cut = 0;
    if let Some((data, strings)) = dynamic {
        cut += u32::from(data.len() / size > SYMBOLS);
        let (entries, _) = table::<H::Sym>(data, 0, data.len() / size, SYMBOLS);
        elf.dynamic_counts = count_symbols::<H>(entries, endian);
        elf.dynamic_symbols = entries
            .iter()
            .map(|entry| Symbol {
                name: text_at(strings, entry.st_name(endian)),
                imported: entry.st_shndx(endian) == elf::SHN_UNDEF,
                function: matches!(entry.st_type(), elf::STT_FUNC | elf::STT_GNU_IFUNC | elf::STT_NOTYPE),
            })
            .filter(|symbol| !symbol.name.is_empty())
            .collect();
    }
    if let Some((data, strings)) = complete {
        cut += u32::from(data.len() / size > SYMBOLS);
        let (entries, _) = table::<H::Sym>(data, 0, data.len() / size, SYMBOLS);
        elf.static_counts = count_symbols::<H>(entries, endian);
        let names = entries.iter().map(|entry| text_at(strings, entry.st_name(endian)));
        elf.static_names = names.filter(|name| !name.is_empty()).take(20_000).collect();
    }
    elf.cut += cut;
}

fn count_symbols<H: FileHeader<Endian = Endianness>>(entries: &[H::Sym], _endian: Endianness) -> SymbolCounts {
    let mut counts = SymbolCounts { all: entries.len() as u32, ..SymbolCounts::default() };
    for entry in entries {
        let binding = match entry.st_bind() {
            elf::STB_LOCAL => 0,
            elf::STB_WEAK => 2,
            _ => 1,
        };
        let kind = match entry.st_type() {
            elf::STT_NOTYPE => 0,
            elf::STT_OBJECT => 1,
            elf::STT_FUNC => 2,
            _ => 3,
        };
        counts.by[binding][kind] += 1;
    }
    counts
}

fn read_relocations<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let mut counts = std::collections::BTreeMap::<u32, u32>::new();
    let mut left = RELOCATIONS;
    for section in &elf.sections {
        let data = section.data;
        match section.kind {
            elf::SHT_REL => {
                let (entries, _) = table::<H::Rel>(data, 0, data.len() / size_of::<H::Rel>().max(1), left);
                left -= entries.len();
                entries.iter().for_each(|entry| *counts.entry(entry.r_type(endian)).or_default() += 1);
            }
            elf::SHT_RELA => {
                let (entries, _) = table::<H::Rela>(data, 0, data.len() / size_of::<H::Rela>().max(1), left);
                left -= entries.len();
                entries.iter().for_each(|entry| *counts.entry(entry.r_type(endian, false)).or_default() += 1);
            }
            _ => {}
        }
    }
    elf.cut += u32::from(left == 0);
    elf.relocation_count = counts.values().sum();
    elf.relocations = counts.into_iter().collect();
    elf.relocations.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    elf.relocations.truncate(32);
}

fn find_lies<H: FileHeader>(elf: &mut Elf) {
    let lies = &mut elf.lies;
    lies.header_size = usize::from(elf.header_size) != size_of::<H>();
    lies.segment_entry_size =
        elf.segment_count > 0 && usize::from(elf.segment_entry_size) != size_of::<H::ProgramHeader>();
    lies.section_entry_size =
        elf.section_count > 0 && usize::from(elf.section_entry_size) != size_of::<H::SectionHeader>();
    lies.version = elf.version != 1;
    let sections = elf.sections.iter().filter(|section| !section.data.is_empty());
    lies.overlapping_sections = overlaps(sections.map(|section| (section.offset, section.size)));
    let loads = elf.segments.iter().filter(|segment| segment.kind == elf::PT_LOAD && segment.file_size > 0);
    lies.overlapping_segments = overlaps(loads.map(|segment| (segment.address, segment.file_size)));
}

/// Ranges that begin before an earlier one has ended.
fn overlaps(ranges: impl Iterator<Item = (u64, u64)>) -> u32 {
    let mut ranges: Vec<(u64, u64)> = ranges.collect();
    ranges.sort_unstable();
    let mut end = 0u64;
    let mut found = 0;
    for (start, size) in ranges {
        found += u32::from(start < end);
        end = end.max(start.saturating_add(size));
    }
    found
}
