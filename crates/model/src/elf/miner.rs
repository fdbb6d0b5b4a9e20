//! The features of the public ELF-Miner tables, computed from bytes, so that what is trained on those tables can be held against
//! any file. Names are the tables' columns.
//!
//! Left out on purpose: columns that only say which processor, word size or address a file was built for (identification, machine,
//! entry point, header sizes, offsets, alignments, entry sizes, index links). In the tables those tell i386 from x86-64, which is how
//! nearly all malware there differs from nearly all that is benign. Sizes of tables are given in entries for the same reason.
//!
//! -1 stands for a section that is not there, as an empty cell does in the tables.

use super::parse::{Elf, SymbolCounts, parse};
use crate::recorder::{Recorded, Recorder};
use object::elf;

/// The layout `elf-miner-1`.
pub static LAYOUT: Recorded = Recorded::new("elf-miner-1", write, super::phrases::FILE);

/// Sections whose kind (1 NOBITS, 2 any other) and size in bytes are columns.
const SIZED: &[&str] = &[
    ".text",
    ".bss",
    ".comment",
    ".data",
    ".dynstr",
    ".fini",
    ".gnu.hash",
    ".init",
    ".got",
    ".plt",
    ".rodata",
    ".shstrtab",
    ".strtab",
    ".got.plt",
];

/// Dynamic tags and the column that counts each.
const TAGS: &[(&str, i64)] = &[
    ("DYNRELAENT", elf::DT_RELAENT),
    ("DYNFINI", elf::DT_FINI),
    ("DYNPLTRELSZ", elf::DT_PLTRELSZ),
    ("DYNVERNEEDNUM", elf::DT_VERNEEDNUM),
    ("DYNINIT_ARRAY", elf::DT_INIT_ARRAY),
    ("DYNSTRSZ", elf::DT_STRSZ),
    ("DYNSTRTAB", elf::DT_STRTAB),
    ("DYNPLTREL", elf::DT_PLTREL),
    ("DYNRELENT", elf::DT_RELENT),
    ("DYNJMPREL", elf::DT_JMPREL),
    ("DYNSYMTAB", elf::DT_SYMTAB),
    ("DYNRPATH", elf::DT_RPATH),
    ("DYNFINI_ARRAYSZ", elf::DT_FINI_ARRAYSZ),
    ("DYNNEEDED", elf::DT_NEEDED),
    ("DYNSYMENT", elf::DT_SYMENT),
    ("DYNINIT", elf::DT_INIT),
    ("DYNRELSZ", elf::DT_RELSZ),
    ("DYNINIT_ARRAYSZ", elf::DT_INIT_ARRAYSZ),
    ("DYNVERNEED", elf::DT_VERNEED),
    ("DYNRELASZ", elf::DT_RELASZ),
    ("DYNREL", elf::DT_REL),
    ("DYNRELA", elf::DT_RELA),
    ("DYNPLTGOT", elf::DT_PLTGOT),
    ("DYNHASH", elf::DT_HASH),
    ("DYNDEBUG", elf::DT_DEBUG),
    ("DYNFINI_ARRAY", elf::DT_FINI_ARRAY),
    ("DYNNULL", elf::DT_NULL),
];

fn write(bytes: &[u8], row: &mut Recorder) {
    use super::phrases::{HEADER, RELOCATIONS, SECTIONS, SYMBOLS};
    let file = parse(bytes).unwrap_or_default();
    row.put(HEADER, "EntriesProgram", u32::from(file.segment_count));
    row.put(HEADER, "EntriesSection", u32::from(file.section_count));
    for name in SIZED {
        let section = file.section(name.as_bytes());
        let kind = section.map_or(0.0, |section| if section.kind == elf::SHT_NOBITS { 1.0 } else { 2.0 });
        row.put(SECTIONS, &format!("{name}_type"), kind as f32);
        row.put(SECTIONS, &format!("{name}_size"), section.map_or(-1.0, |section| section.size as f32));
    }
    for name in [".dynamic", ".dynsym", ".symtab"] {
        let section = file.section(name.as_bytes());
        let entries = section.map_or(-1.0, |section| section.size as f32 / entry_size(name, file.is_64));
        row.put(SECTIONS, &format!("{name}_entries"), entries);
    }
    row.put(SYMBOLS, ".symtab_info", file.section(b".symtab").map_or(-1.0, |section| section.info as f32));
    row.put(SECTIONS, ".rodata_merged", file.section(b".rodata").is_some_and(|section| section.flags & 0x10 != 0));
    counts(&file.dynamic_counts, "", row);
    counts(&file.static_counts, "s_", row);
    row.put(RELOCATIONS, "DYN", file.dynamic.is_empty());
    let mut known = u32::from(file.dynamic.is_empty());
    for (name, tag) in TAGS {
        let count = file.dynamic.iter().filter(|(t, _)| t == tag).count() as u32;
        known += count;
        row.put(RELOCATIONS, name, count);
    }
    row.put(RELOCATIONS, "DYNCOUNT", known);
    let size = |name: &str| file.section(name.as_bytes()).map_or(0, |section| section.size);
    // In words, so that a table of one length is one number in both word sizes.
    let word = if file.is_64 { 8.0 } else { 4.0 };
    row.put(SECTIONS, "GOT_WORDS", (size(".got").saturating_add(size(".got.plt"))) as f32 / word);
    row.put(SECTIONS, "HASH_SIZE", size(".hash").saturating_add(size(".gnu.hash")));
}

/// Bytes of an entry of the section's table, by what the format says and not by what the file says.
fn entry_size(name: &str, is_64: bool) -> f32 {
    match (name, is_64) {
        (".dynamic", false) => 8.0,
        (".dynamic", true) | (_, false) => 16.0,
        (_, true) => 24.0,
    }
}

fn counts(counts: &SymbolCounts, prefix: &str, row: &mut Recorder) {
    use super::phrases::SYMBOLS;
    for (index, binding) in ["LOCAL", "GLOBAL", "WEAK"].iter().enumerate() {
        row.put(SYMBOLS, &format!("{prefix}STB_{binding}"), counts.of_binding(index));
    }
    for (index, kind) in ["NOTYPE", "OBJECT", "FUNC"].iter().enumerate() {
        row.put(SYMBOLS, &format!("{prefix}STT_{kind}"), counts.of_type(index));
        row.put(SYMBOLS, &format!("{prefix}STT_{kind}_STB_GLOBAL"), counts.by[1][index]);
        row.put(SYMBOLS, &format!("{prefix}STT_{kind}_STB_WEAK"), counts.by[2][index]);
    }
}

/// Word size, byte order and machine as in the tables' `MachineType`, for balancing.
pub fn machine(bytes: &[u8]) -> Option<u16> {
    parse(bytes).map(|file: Elf| file.machine)
}
