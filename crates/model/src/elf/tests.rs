//! Features by value on files that the test writes, and hostile ones.

use super::*;
use crate::Layout;
use proptest::prelude::*;

/// A small 64-bit little-endian program: header, two segments, five sections, entry in .text.
fn program() -> Vec<u8> {
    let text = [0x90u8; 64];
    let data = b"stratum+tcp://pool.example:3333\0/etc/cron.d/x\0";
    let names = b"\0.text\0.data\0.shstrtab\0.bss\0";
    let (text_at, data_at) = (64 + 2 * 56, 64 + 2 * 56 + text.len());
    let names_at = data_at + data.len();
    let sections_at = (names_at + names.len()).next_multiple_of(8);
    let mut file = Vec::new();
    file.extend_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for half in [2u16, 62] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    file.extend_from_slice(&1u32.to_le_bytes());
    for word in [0x40_0000 + text_at as u64, 64, sections_at as u64] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    file.extend_from_slice(&0u32.to_le_bytes());
    for half in [64u16, 56, 2, 64, 5, 3] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    let all = names_at as u64;
    for (kind, flags, offset, address, size, memory) in
        [(1u32, 7u32, 0u64, 0x40_0000u64, all, all), (0x6474_e551, 7, 0, 0, 0, 0)]
    {
        file.extend_from_slice(&kind.to_le_bytes());
        file.extend_from_slice(&flags.to_le_bytes());
        for word in [offset, address, address, size, memory, 0x1000] {
            file.extend_from_slice(&word.to_le_bytes());
        }
    }
    file.extend_from_slice(&text);
    file.extend_from_slice(data);
    file.extend_from_slice(names);
    file.resize(sections_at, 0);
    for (name, kind, flags, address, offset, size) in [
        (0u32, 0u32, 0u64, 0u64, 0u64, 0u64),
        (1, 1, 6, 0x40_0000 + text_at as u64, text_at as u64, text.len() as u64),
        (7, 1, 3, 0x40_0000 + data_at as u64, data_at as u64, data.len() as u64),
        (13, 3, 0, 0, names_at as u64, names.len() as u64),
        (23, 8, 3, 0x50_0000, data_at as u64, 4_096),
    ] {
        file.extend_from_slice(&name.to_le_bytes());
        file.extend_from_slice(&kind.to_le_bytes());
        for word in [flags, address, offset, size] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(&[0; 8]);
        for word in [1u64, 0] {
            file.extend_from_slice(&word.to_le_bytes());
        }
    }
    file
}

fn value_of(layout: &dyn Layout, bytes: &[u8], name: &str) -> f32 {
    let mut row = Vec::new();
    layout.extract(bytes, &mut row);
    let index = (0..layout.width()).find(|index| layout.name(*index) == name);
    row[index.unwrap_or_else(|| panic!("no feature {name}"))]
}

#[test]
fn a_program_shows_how_it_is_built() {
    let file = program();
    let check = |name: &str, expected: f32| assert_eq!(value_of(&LAYOUT, &file, name), expected, "{name}");
    check("header.is_64", 1.0);
    check("header.type.exec", 1.0);
    check("machine.amd64", 1.0);
    check("machine.i386", 0.0);
    check("segments.load", 1.0);
    check("segments.write_exec", 1.0);
    check("segments.executable_stack", 1.0);
    check("entry.in_text", 1.0);
    check("entry.depth_in_text", 0.0);
    check("section.size..text", 1.0 + 65f32.log2());
    check("section.size..bss", 1.0 + 4097f32.log2());
    check("section.entropy..text", 0.0);
    check("says.stratum", 1.0);
    check("says.cron", 1.0);
    check("together.stratum_and_persist", 1.0);
    check("overlay.size", 0.0);
    check("lies.names_index", 0.0);
    check("runtime.static", 1.0);
    check("build.stripped", 1.0);
}

#[test]
fn the_tables_of_elf_miner_are_reproduced() {
    let file = program();
    let check = |name: &str, expected: f32| assert_eq!(value_of(&miner::LAYOUT, &file, name), expected, "{name}");
    check("EntriesProgram", 2.0);
    check("EntriesSection", 5.0);
    check(".text_type", 2.0);
    check(".text_size", 64.0);
    check(".bss_type", 1.0);
    check(".bss_size", 4096.0);
    check(".plt_type", 0.0);
    check(".plt_size", -1.0);
    check("DYN", 1.0);
    check("DYNCOUNT", 1.0);
    check("s_STT_FUNC", 0.0);
}

#[test]
fn what_the_headers_claim_wrongly_is_told() {
    let mut file = program();
    file[60] = 0xff; // 255 sections
    assert_eq!(value_of(&LAYOUT, &file, "lies.sections_outside"), 1.0);
    let mut file = program();
    file.truncate(300);
    assert_eq!(value_of(&LAYOUT, &file, "lies.sections_outside"), 1.0);
    let mut file = program();
    file.extend_from_slice(&[0xaa; 1000]);
    assert_eq!(value_of(&LAYOUT, &file, "overlay.size"), 1001f32.log2());
}

#[test]
fn names_are_unique_and_have_no_spaces() {
    for layout in [&LAYOUT as &dyn Layout, &miner::LAYOUT] {
        let mut names: Vec<_> = (0..layout.width()).map(|index| layout.name(index).into_owned()).collect();
        assert!(names.iter().all(|name| !name.contains(char::is_whitespace)));
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        let words = (0..layout.width()).map(|index| layout.words(index, 1.0));
        assert!(words.into_iter().all(|words| !words.en.is_empty() && !words.ja.is_empty()));
    }
    assert!((200..=400).contains(&LAYOUT.width()), "{}", LAYOUT.width());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn hostile_files_give_a_whole_row(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..40),
        cut in any::<proptest::sample::Index>(),
        more in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut file = program();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let end = cut.index(file.len() + 1);
        if end % 3 == 0 {
            file.truncate(end);
        }
        file.extend_from_slice(&more);
        for layout in [&LAYOUT as &dyn Layout, &miner::LAYOUT] {
            let mut row = vec![9.0; 3];
            layout.extract(&file, &mut row);
            prop_assert_eq!(row.len(), layout.width());
            prop_assert!(row.iter().all(|value| value.is_finite()));
        }
        evidence(&file);
    }
}

/// A table of as many sections as the format allows, all over the whole file: work stays a small multiple of the size.
#[test]
fn sections_on_top_of_each_other_are_not_read_again_and_again() {
    let mut file = program();
    let at = file.len().next_multiple_of(8);
    let size = 1 << 20;
    file.resize(at, 0);
    let one = |offset: u64, size: u64| -> Vec<u8> {
        let mut entry = Vec::new();
        entry.extend_from_slice(&1u32.to_le_bytes());
        entry.extend_from_slice(&1u32.to_le_bytes());
        for word in [2u64, 0, offset, size] {
            entry.extend_from_slice(&word.to_le_bytes());
        }
        entry.extend_from_slice(&[0; 24]);
        entry
    };
    for _ in 0..60_000 {
        file.extend_from_slice(&one(0, size as u64));
    }
    file[40..48].copy_from_slice(&(at as u64).to_le_bytes());
    file[60..62].copy_from_slice(&60_000u16.to_le_bytes());
    let parsed = parse::parse(&file).unwrap();
    assert_eq!(parsed.sections.len(), 2_048);
    assert_eq!(parsed.cut, 1);
    let mut row = Vec::new();
    LAYOUT.extract(&file, &mut row);
    assert_eq!(row.len(), LAYOUT.width());
}
