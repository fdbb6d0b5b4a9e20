//! The dimensions of PE files: small programs of ours, whole and damaged, held against what the original extractor gave for the same
//! bytes (`tests/fixtures/make_pe.py`), and then damaged at random.

use model::{Layout as _, ember};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(serde::Deserialize)]
struct Fixture {
    programs: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    program: String,
    /// Place and byte.
    edits: Vec<(usize, u8)>,
    length: usize,
    /// Dimensions that are not zero.
    vector: BTreeMap<usize, f64>,
    #[serde(default)]
    line: Option<String>,
}

static FIXTURE: LazyLock<Fixture> =
    LazyLock::new(|| serde_json::from_str(&crate::ensemble::fixture("ember-pe.json")).unwrap());

fn program(name: &str) -> Vec<u8> {
    let hex = &FIXTURE.programs[name];
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

#[track_caller]
fn check(what: &str, row: &[f32], expected: &BTreeMap<usize, f64>) {
    assert_eq!(row.len(), ember::FULL);
    for (index, value) in row.iter().enumerate() {
        let expected = expected.get(&index).copied().unwrap_or(0.0) as f32;
        assert_eq!(*value, expected, "{what}: {} ({index})", ember::Full.name(index));
    }
}

#[test]
fn vectors_are_the_originals() {
    let (mut row, mut from_line) = (Vec::new(), Vec::new());
    let mut lines = 0;
    for case in &FIXTURE.cases {
        let mut file = program(&case.program);
        case.edits.iter().for_each(|(place, byte)| file[*place] = *byte);
        file.truncate(case.length);
        let what = format!("{} with {:?} cut at {}", case.program, case.edits, case.length);
        ember::Full.extract(&file, &mut row);
        check(&what, &row, &case.vector);
        if let Some(line) = &case.line {
            ember::vectorize(line, &mut from_line).unwrap();
            check(&format!("the line of {what}"), &from_line, &case.vector);
            ember::vectorize_general(line, &mut from_line).unwrap();
            assert_eq!(from_line, row[..ember::GENERAL]);
            lines += 1;
        }
    }
    assert!(FIXTURE.cases.len() > 100 && lines >= 10);
}

#[test]
fn lines_that_are_none() {
    let mut row = Vec::new();
    for line in ["", "{}", "[]", "{\"general\":1}"] {
        assert!(ember::vectorize(line, &mut row).is_err(), "{line}");
    }
    let line = FIXTURE.cases.iter().find_map(|case| case.line.clone()).unwrap();
    let short = line.replacen("\"histogram\": [", "\"histogram\": [1, ", 1);
    assert!(ember::vectorize(&short, &mut row).unwrap_err().to_string().contains("histogram has 257 values"));
}

/// A program whose 2,000 sections all cover the whole file, and whose directories point everywhere.
#[test]
fn sections_that_all_cover_the_file_cost_no_more_than_a_few_readings() {
    let mut file = program("bare");
    let head = u32::from_le_bytes(file[60..64].try_into().unwrap()) as usize;
    file[head + 6..head + 8].copy_from_slice(&2000u16.to_le_bytes());
    let table = head + 24 + 96 + 128;
    file.resize(table, 0);
    let size = (table + 2000 * 40 + (4 << 20)) as u32;
    for index in 0..2000u32 {
        file.extend(*b"everyone");
        // Virtual size, address, raw size, raw pointer: each a little shorter, so that none was seen before.
        for value in [size, 0x1000 + index, size - 0x200 * (index + 1), 0x200] {
            file.extend(value.to_le_bytes());
        }
        file.extend([0; 12]);
        file.extend(0xe000_0020u32.to_le_bytes());
    }
    file.resize(size as usize, 0x41);
    let mut row = Vec::new();
    ember::Full.extract(&file, &mut row);
    assert_eq!(row[770], 2000.0, "all sections are counted");
    assert!(row.iter().all(|value| value.is_finite()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Edits are dense in the headers and tables, where they hurt.
    #[test]
    fn damaged_programs_have_finite_features(
        which in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((0usize..0x1200, any::<u8>()), 1..40),
        words in proptest::collection::vec((0usize..0x480, prop::sample::select(vec![0u32, 1, 0x1000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])), 0..6),
        cut in 0usize..0x2000,
    ) {
        let names: Vec<&String> = FIXTURE.programs.keys().collect();
        let mut file = program(names[which.index(names.len())]);
        for (place, word) in words {
            if let Some(bytes) = file.get_mut(place * 4..place * 4 + 4) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
        }
        for (place, byte) in edits {
            if let Some(old) = file.get_mut(place) {
                *old = byte;
            }
        }
        file[..2].copy_from_slice(b"MZ");
        file.truncate(cut.max(64));
        let mut row = Vec::new();
        ember::Full.extract(&file, &mut row);
        prop_assert_eq!(row.len(), ember::FULL);
        prop_assert!(row.iter().all(|value| value.is_finite()));
    }
}
