use super::table::Found;
use super::*;
use crate::file::{Section, Table as Sections, Writer};
use proptest::prelude::*;
use std::io::Cursor;

fn entry(digest: Vec<u8>, size: Option<u64>, severity: Severity) -> HashEntry {
    let algorithm = Algorithm::of_size(digest.len()).unwrap();
    HashEntry { place: Place::File, algorithm, digest, size, name: String::new(), severity, pua: false }
}

fn build(entries: &[(HashEntry, u64)], memory: usize) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    let mut hashes = HashWriter::new(&crate::build::Scratch::Folder(scratch.path().into()), memory);
    for (entry, name) in entries {
        hashes.push(entry, NameRef(*name)).unwrap();
    }
    let mut out = Writer::new(Cursor::new(Vec::new())).unwrap();
    hashes.finish(&mut out).unwrap();
    out.section(Section::Names, 0, &[]).unwrap();
    out.finish().unwrap().into_inner()
}

fn digest_of(n: u64, width: usize) -> Vec<u8> {
    let full = Digests::of(&n.to_le_bytes(), Wanted::ALL);
    full.get(Algorithm::of_size(width).unwrap()).unwrap().to_vec()
}

fn find(file: &[u8], digest: &[u8], size: u64) -> Result<Option<Found>, Corrupt> {
    let sections = Sections::parse(file).unwrap();
    let table = Table::open(&sections, Place::File, Algorithm::of_size(digest.len()).unwrap())?;
    table.map_or(Ok(None), |table| Ok(table.find(file, digest, size)?.first().copied()))
}

#[test]
fn what_was_put_in_is_found_and_nothing_else_whatever_the_memory() {
    for (memory, width) in [(0, 16), (1 << 24, 16), (0, 20), (0, 32)] {
        let entries: Vec<_> = (0..5000).map(|n| (entry(digest_of(n, width), Some(n), Severity::High), n)).collect();
        let file = build(&entries, memory);
        for n in 0..5000 {
            assert_eq!(find(&file, &digest_of(n, width), n).unwrap().map(|f| f.name), Some(NameRef(n)), "{n}");
            assert_eq!(find(&file, &digest_of(n, width), n + 1).unwrap(), None);
            assert_eq!(find(&file, &digest_of(n + 5000, width), n).unwrap(), None);
        }
    }
}

#[test]
fn sizes_and_gravity() {
    let d = digest_of(1, 16);
    let file = build(
        &[
            (entry(d.clone(), Some(10), Severity::Low), 1),
            (entry(d.clone(), Some(10), Severity::Critical), 2),
            (entry(d.clone(), Some(20), Severity::High), 3),
        ],
        1 << 20,
    );
    let name = |size| find(&file, &d, size).unwrap().map(|f| f.name.0);
    assert_eq!((name(10), name(20), name(30)), (Some(2), Some(3), None));
    // What is told only when asked for hides nothing of another size.
    let unwanted = HashEntry { pua: true, ..entry(d.clone(), Some(10), Severity::Low) };
    let both = build(&[(unwanted, 4), (entry(d.clone(), None, Severity::High), 5)], 1 << 20);
    let table = Table::open(&Sections::parse(&both).unwrap(), Place::File, Algorithm::Md5).unwrap().unwrap();
    let names: Vec<u64> = table.find(&both, &d, 10).unwrap().iter().map(|found| found.name.0).collect();
    assert_eq!(names, [4, 5]);
    let any = build(&[(entry(d.clone(), None, Severity::High), 9)], 1 << 20);
    assert_eq!(find(&any, &d, 12345).unwrap().unwrap().name, NameRef(9));
    let sections = Sections::parse(&file).unwrap();
    let table = Table::open(&sections, Place::File, Algorithm::Md5).unwrap().unwrap();
    assert_eq!((table.wants_size(&file, 10), table.wants_size(&file, 11)), (true, false));
    let sections = Sections::parse(&any).unwrap();
    assert!(Table::open(&sections, Place::File, Algorithm::Md5).unwrap().unwrap().wants_size(&any, 77));
}

#[test]
fn digests_that_share_their_beginning_are_told_apart() {
    let hostile = |n: u32| [vec![0xab; 12], n.to_be_bytes().to_vec()].concat();
    let entries: Vec<_> = (0..3000).map(|n| (entry(hostile(n), None, Severity::High), u64::from(n))).collect();
    let file = build(&entries, 1 << 20);
    for n in 0..3000 {
        assert_eq!(find(&file, &hostile(n), 0).unwrap().unwrap().name, NameRef(u64::from(n)));
    }
    assert_eq!(find(&file, &hostile(3000), 0).unwrap(), None);
}

proptest! {
    #[test]
    fn a_damaged_file_is_an_error_or_an_answer_and_never_a_panic(
        at in 0usize..20_000, value: u8, cut in 0usize..20_000
    ) {
        let entries: Vec<_> = (0..100).map(|n| (entry(digest_of(n, 16), Some(n), Severity::High), n)).collect();
        let whole = build(&entries, 1 << 20);
        let mut file = whole.clone();
        let at = at % file.len();
        file[at] = value;
        for file in [&file[..], &whole[..cut % whole.len()]] {
            if let Ok(sections) = Sections::parse(file)
                && let Ok(Some(table)) = Table::open(&sections, Place::File, Algorithm::Md5)
            {
                for n in 0..100 {
                    let _ = table.find(file, &digest_of(n, 16), n);
                    let _ = table.wants_size(file, n);
                }
            }
        }
    }
}
