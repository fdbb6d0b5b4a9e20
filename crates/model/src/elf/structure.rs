//! Features of how a file is built: header, segments, sections, symbols, relocations, packing, runtime.

use super::entropy::Measured;
use super::parse::{Elf, Section};
use super::phrases::*;
use super::runtime;
use crate::recorder::{Recorder, log, share};
use memchr::memmem;
use object::elf;

const MACHINES: &[(&str, u16)] = &[
    ("i386", elf::EM_386),
    ("amd64", elf::EM_X86_64),
    ("arm", elf::EM_ARM),
    ("arm64", elf::EM_AARCH64),
    ("mips", elf::EM_MIPS),
    ("ppc", elf::EM_PPC),
    ("ppc64", elf::EM_PPC64),
    ("riscv", elf::EM_RISCV),
    ("s390", elf::EM_S390),
    ("sparc", elf::EM_SPARC),
    ("sh", elf::EM_SH),
    ("m68k", elf::EM_68K),
];

/// Sections whose presence, size and density say something.
const SECTION_NAMES: &[&str] = &[
    ".text",
    ".rodata",
    ".data",
    ".bss",
    ".data.rel.ro",
    ".init",
    ".fini",
    ".init_array",
    ".fini_array",
    ".ctors",
    ".dtors",
    ".plt",
    ".got",
    ".got.plt",
    ".dynamic",
    ".dynsym",
    ".dynstr",
    ".symtab",
    ".strtab",
    ".shstrtab",
    ".interp",
    ".eh_frame",
    ".eh_frame_hdr",
    ".gcc_except_table",
    ".tdata",
    ".tbss",
    ".comment",
    ".note.ABI-tag",
    ".note.gnu.build-id",
    ".note.gnu.property",
    ".gnu_debuglink",
    ".gnu.hash",
    ".hash",
    ".gnu.version_r",
    ".gopclntab",
    ".modinfo",
];

/// Sections that hold code or data worth a density of their own.
const DENSE: &[&str] = &[".text", ".rodata", ".data", ".init_array", ".eh_frame", ".data.rel.ro"];

pub fn write(elf: &Elf, measured: &Measured, row: &mut Recorder) {
    header(elf, row);
    segments(elf, measured, row);
    sections(elf, measured, row);
    symbols(elf, row);
    packing(elf, measured, row);
    made_with(elf, row);
}

fn header(elf: &Elf, row: &mut Recorder) {
    row.put(HEADER, "header.is_elf", !elf.bytes.is_empty() && elf.header_size > 0);
    row.put(HEADER, "header.is_64", elf.is_64);
    row.put(HEADER, "header.is_big_endian", elf.is_big_endian);
    row.put(HEADER, "header.abi", u32::from(elf.abi));
    row.put(HEADER, "header.padding_used", elf.padding.iter().any(|byte| *byte != 0));
    for (name, kind) in [("rel", elf::ET_REL), ("exec", elf::ET_EXEC), ("dyn", elf::ET_DYN), ("core", elf::ET_CORE)] {
        row.put_of(HEADER, "header.type", name, elf.kind == kind);
    }
    for (name, machine) in MACHINES {
        row.put_of(MACHINE, "machine", name, elf.machine == *machine);
    }
    row.put(MACHINE, "machine.other", elf.machine != 0 && MACHINES.iter().all(|(_, machine)| elf.machine != *machine));
    row.put(HEADER, "header.segments", u32::from(elf.segment_count));
    row.put(HEADER, "header.sections", u32::from(elf.section_count));
    row.put(HEADER, "header.no_sections", elf.kind != 0 && elf.section_count == 0);
    let lies = &elf.lies;
    for (name, lie) in [
        ("header_size", u32::from(lies.header_size)),
        ("segment_entry_size", u32::from(lies.segment_entry_size)),
        ("section_entry_size", u32::from(lies.section_entry_size)),
        ("version", u32::from(lies.version && elf.kind != 0)),
        ("sections_outside", u32::from(lies.sections_outside)),
        ("segments_outside", u32::from(lies.segments_outside)),
        ("names_index", u32::from(lies.names_index)),
        ("section_bytes_outside", lies.section_bytes_outside),
        ("segment_bytes_outside", lies.segment_bytes_outside),
        ("overlapping_sections", lies.overlapping_sections),
        ("overlapping_segments", lies.overlapping_segments),
    ] {
        row.put_of(LIES, "lies", name, lie);
    }
}

fn segments(elf: &Elf, measured: &Measured, row: &mut Recorder) {
    let of_kind = |kind: u32| elf.segments.iter().filter(move |segment| segment.kind == kind);
    for (name, kind) in [
        ("load", elf::PT_LOAD),
        ("dynamic", elf::PT_DYNAMIC),
        ("interp", elf::PT_INTERP),
        ("note", elf::PT_NOTE),
        ("tls", elf::PT_TLS),
        ("gnu_stack", elf::PT_GNU_STACK),
        ("gnu_relro", elf::PT_GNU_RELRO),
        ("gnu_property", elf::PT_GNU_PROPERTY),
        ("gnu_eh_frame", elf::PT_GNU_EH_FRAME),
        ("phdr", elf::PT_PHDR),
    ] {
        row.put_of(SEGMENTS, "segments", name, of_kind(kind).count());
    }
    let loads = || of_kind(elf::PT_LOAD);
    let executable = || loads().filter(|segment| segment.flags & elf::PF_X != 0);
    row.put(WRITE_EXEC, "segments.write_exec", executable().filter(|segment| segment.flags & elf::PF_W != 0).count());
    row.put(SEGMENTS, "segments.executable", executable().count());
    row.put(
        STACK,
        "segments.executable_stack",
        of_kind(elf::PT_GNU_STACK).any(|segment| segment.flags & elf::PF_X != 0),
    );
    let entry = |range: (u64, u64)| elf.entry.wrapping_sub(range.0) < range.1;
    let home = loads().position(|segment| entry((segment.address, segment.memory_size)));
    let holder = home.and_then(|at| loads().nth(at));
    let begins = elf.kind == elf::ET_EXEC || (elf.kind == elf::ET_DYN && elf.entry != 0);
    row.put(ENTRY, "entry.zero", elf.entry == 0);
    row.put(ENTRY, "entry.outside", begins && home.is_none());
    row.put(ENTRY, "entry.writable", holder.is_some_and(|segment| segment.flags & elf::PF_W != 0));
    row.put(ENTRY, "entry.not_executable", holder.is_some_and(|segment| segment.flags & elf::PF_X == 0));
    row.put(ENTRY, "entry.in_last_segment", home.is_some_and(|at| at > 0 && at + 1 == loads().count()));
    row.put(
        ENTRY,
        "entry.in_text",
        elf.section(b".text").is_some_and(|section| entry((section.address, section.size))),
    );
    let text = elf.section(b".text");
    let depth = text
        .filter(|section| entry((section.address, section.size)))
        .map_or(0.0, |section| share(elf.entry.wrapping_sub(section.address), section.size));
    row.put(ENTRY, "entry.depth_in_text", depth);
    let growth = |segment: &super::parse::Segment| share(segment.memory_size, segment.file_size.max(1));
    row.put(SEGMENTS, "segments.growth", log(loads().map(growth).fold(0.0, f32::max)));
    row.put(SEGMENTS, "segments.no_file_bytes", loads().filter(|s| s.file_size == 0 && s.memory_size > 0).count());
    row.put(SEGMENTS, "segments.memory", log(loads().map(|segment| segment.memory_size).fold(0, u64::saturating_add)));
    row.put(
        SEGMENTS,
        "segments.executable_entropy",
        executable().map(|s| measured.entropy(s.data)).fold(0.0, f32::max),
    );
    let writable = loads().filter(|segment| segment.flags & elf::PF_W != 0);
    row.put(SEGMENTS, "segments.writable_entropy", writable.map(|s| measured.entropy(s.data)).fold(0.0, f32::max));
    row.put(SEGMENTS, "segments.alignment", log(loads().map(|segment| segment.align).max().unwrap_or(0)));
    let interpreter = of_kind(elf::PT_INTERP).next().map_or(&[][..], |segment| segment.data);
    let usual = [&b"/ld-linux"[..], b"/ld64", b"/ld.so", b"/ld-musl"]
        .iter()
        .any(|part| memmem::find(interpreter, part).is_some());
    row.put(SEGMENTS, "segments.interpreter_length", interpreter.len().min(1_000));
    row.put(LIES, "segments.interpreter_unusual", !interpreter.is_empty() && !usual);
}

fn sections(elf: &Elf, measured: &Measured, row: &mut Recorder) {
    let whole = elf.bytes.len();
    // One pass over the sections, since a hostile file may have two thousand.
    let mut named: Vec<Option<&Section>> = vec![None; SECTION_NAMES.len()];
    let (mut write_exec, mut nameless, mut odd, mut alloc, mut exec, mut unusual) =
        (0u32, 0u32, 0u32, 0u32, 0u32, 0u32);
    for section in elf.sections.iter().skip(1) {
        let flags = section.flags;
        write_exec += u32::from(flags & 1 != 0 && flags & 4 != 0);
        alloc += u32::from(flags & 2 != 0);
        exec += u32::from(flags & 4 != 0);
        nameless += u32::from(section.name.is_empty());
        odd += u32::from(section.name.iter().any(|byte| !byte.is_ascii_graphic()));
        match SECTION_NAMES.iter().position(|name| name.as_bytes() == section.name) {
            Some(index) => named[index] = named[index].or(Some(section)),
            None => unusual += u32::from(!section.name.starts_with(b".debug") && !section.name.starts_with(b".note")),
        }
    }
    row.put(WRITE_EXEC, "sections.write_exec", write_exec);
    row.put(SECTIONS, "sections.allocated", alloc);
    row.put(SECTIONS, "sections.executable", exec);
    row.put(LIES, "sections.nameless", nameless);
    row.put(LIES, "sections.odd_names", odd);
    row.put(SECTIONS, "sections.unusual_names", unusual);
    for (name, section) in SECTION_NAMES.iter().zip(&named) {
        let size = section.map_or(0.0, |section| 1.0 + log(section.size));
        row.put_of(SECTIONS, "section.size", name, size);
    }
    for name in DENSE {
        let section = SECTION_NAMES.iter().position(|n| n == name).and_then(|index| named[index]);
        row.put_of(SECTION_ENTROPY, "section.entropy", name, section.map_or(0.0, |s| measured.entropy(s.data)));
        row.put_of(SECTIONS, "section.share", name, section.map_or(0.0, |s| share(s.data.len(), whole)));
    }
    // Where hostile sections lie on each other: four times the file is the end.
    let mut budget = whole.saturating_mul(4);
    let (mut highest, mut dense) = (0.0f32, 0u32);
    for section in &elf.sections {
        if section.data.len() < 64 || section.data.len() > budget {
            continue;
        }
        budget -= section.data.len();
        let entropy = measured.entropy(section.data);
        highest = highest.max(entropy);
        dense += u32::from(entropy > 7.2);
    }
    row.put(SECTION_ENTROPY, "sections.highest_entropy", highest);
    row.put(SECTION_ENTROPY, "sections.dense", dense);
}

fn symbols(elf: &Elf, row: &mut Recorder) {
    for (table, counts) in [("dynamic", &elf.dynamic_counts), ("static", &elf.static_counts)] {
        row.put_of(SYMBOLS, "symbols.all", table, log(counts.all));
        row.put_of(SYMBOLS, "symbols.local", table, log(counts.of_binding(0)));
        row.put_of(SYMBOLS, "symbols.global", table, log(counts.of_binding(1)));
        row.put_of(SYMBOLS, "symbols.weak", table, log(counts.of_binding(2)));
        row.put_of(SYMBOLS, "symbols.functions", table, log(counts.of_type(2)));
        row.put_of(SYMBOLS, "symbols.objects", table, log(counts.of_type(1)));
    }
    row.put(RELOCATIONS, "relocations.all", log(elf.relocation_count));
    // The commonest kinds, without their numbers, which differ by processor.
    for rank in 0..3 {
        let names = ["first", "second", "third"];
        let count = elf.relocations.get(rank).map_or(0, |(_, count)| *count);
        row.put_of(RELOCATIONS, "relocations", names[rank], log(count));
    }
    let has = |tag: i64| elf.dynamic_value(tag).is_some();
    row.put(WRITE_EXEC, "dynamic.text_relocations", has(elf::DT_TEXTREL));
    row.put(RELOCATIONS, "dynamic.bind_now", has(elf::DT_BIND_NOW) || has(elf::DT_FLAGS_1));
    row.put(IMPORTS, "dynamic.needed", elf.needed.len());
    row.put(IMPORTS, "dynamic.run_path", has(elf::DT_RPATH) || has(elf::DT_RUNPATH));
    row.put(RELOCATIONS, "dynamic.entries", elf.dynamic.len());
    row.put(HEADER, "dynamic.soname", has(elf::DT_SONAME));
    row.put(RELOCATIONS, "dynamic.gnu_hash", has(elf::DT_GNU_HASH));
    row.put(RELOCATIONS, "dynamic.sysv_hash", has(elf::DT_HASH));
}

fn packing(elf: &Elf, measured: &Measured, row: &mut Recorder) {
    let profile = &measured.profile;
    row.put(FILE, "file.size", log(elf.bytes.len()));
    row.put(PACKED, "file.entropy", profile.whole);
    row.put(PACKED, "file.entropy_lowest", profile.lowest);
    row.put(PACKED, "file.entropy_highest", profile.highest);
    row.put(PACKED, "file.entropy_mean", profile.mean);
    row.put(PACKED, "file.dense_windows", profile.dense);
    row.put(FILE, "file.empty_windows", profile.empty);
    const BINS: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"];
    for (name, bin) in BINS.iter().zip(profile.bins) {
        row.put_of(FILE, "file.bytes", name, bin);
    }
    let overlay = elf.overlay();
    let overlay = if elf.kind == 0 { &[][..] } else { overlay };
    row.put(OVERLAY, "overlay.size", log(overlay.len()));
    row.put(OVERLAY, "overlay.share", share(overlay.len(), elf.bytes.len()));
    row.put(OVERLAY, "overlay.entropy", measured.entropy(&overlay[..overlay.len().min(1 << 20)]));
    let head = &elf.bytes[..elf.bytes.len().min(4_096)];
    let tail = &elf.bytes[elf.bytes.len().saturating_sub(4_096)..];
    let upx = memmem::find(head, b"UPX!").is_some() || memmem::find(tail, b"UPX!").is_some();
    row.put(PACKED, "packed.upx", upx && elf.kind != 0);
    let few = elf.dynamic_counts.all < 8 && elf.static_counts.all == 0 && elf.section_count < 8;
    row.put(PACKED, "packed.dense_without_names", elf.kind != 0 && few && profile.mean > 6.8);
}

fn made_with(elf: &Elf, row: &mut Recorder) {
    let made = runtime::read(elf);
    for (name, is) in [
        ("cpp", made.cpp),
        ("rust", made.rust),
        ("go", made.go),
        ("fortran", made.fortran),
        ("glibc", made.glibc),
        ("musl", made.musl),
        ("uclibc", made.uclibc),
        ("dietlibc", made.dietlibc),
        ("klibc", made.klibc),
        ("kernel_module", made.module),
    ] {
        row.put_of(RUNTIME, "runtime", name, is);
    }
    row.put(STATIC, "runtime.static", made.is_static);
    row.put(SYMBOLS, "build.stripped", made.stripped && elf.kind != 0);
    row.put(BUILD, "build.debug_info", made.debug_info);
    row.put(BUILD, "build.id", made.build_id);
    row.put(BUILD, "build.gcc", made.gcc);
    row.put(BUILD, "build.clang", made.clang);
}
