//! Databases and files that are made to hurt: an error or a bounded answer, never a panic, never for ever.

use crate::world::world;
use proptest::prelude::*;
use signatures::{Database, Digests, Object, ScanOptions, Wanted, parse_line};

const KINDS: [&str; 8] = ["x.ndb", "x.ldb", "x.hdb", "x.mdb", "x.cdb", "x.ign2", "x.txt", "x.body"];

#[test]
fn a_gap_in_a_file_full_of_beginnings_is_bounded_and_told() {
    let body = "61626364*65666768*696a6b6c*6d6e6f70";
    let world = world(&[("t.ndb", &format!("T:0:*:{body}\n"))]);
    let bytes = b"abcdefghijkl".repeat(20_000);
    assert_eq!(world.scan(&bytes).hits, []);
    let options = ScanOptions { work: 1 << 16, work_per_byte: 0, ..ScanOptions::default() };
    let hostile = crate::world::world(&[("t.ndb", "T:0:*:61616161{1-200000}62626262\n")]);
    let outcome = hostile.database.scan(&Object::file(&vec![b'a'; 4 << 20]), &options).unwrap();
    assert!(outcome.incomplete.is_some());
}

#[test]
fn a_file_full_of_what_a_pattern_is_found_by_is_not_clean() {
    let world = world(&[("t.ldb", "T;Target:0;0&1;6d61726b6572;616261??63\n")]);
    let decoy = b"ab".repeat(1_200_000);
    let outcome = world.scan(&[&b"marker "[..], &decoy].concat());
    assert!(outcome.hits.is_empty() && outcome.incomplete.is_some(), "{outcome:?}");
    let outcome = world.scan(&[&b"marker "[..], &decoy[..2_000], b"aba.c"].concat());
    assert_eq!((outcome.hits.len(), outcome.incomplete), (1, None));
}

#[test]
fn a_line_without_end_and_alternates_without_number_are_refused() {
    let long = world(&[("t.ndb", &format!("T:0:*:{}\nU:0:*:61626364\n", "61".repeat(5 << 20)))]);
    assert_eq!((long.report.rejected.len(), long.report.usable), (1, 1));
    let many = format!("T:0:*:61626364{}65666768\n", "(61|6263)".repeat(5000));
    assert_eq!(world(&[("t.ndb", &many)]).report.rejected.len(), 1);
    let deep = format!("T;Target:0;{}0{};61626364\n", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(world(&[("t.ldb", &deep)]).report.rejected.len(), 1);
    let wide = format!("T;Target:0;0;{}\n", vec!["61626364"; 100].join(";"));
    assert_eq!(world(&[("t.ldb", &wide)]).report.rejected.len(), 1);
}

#[test]
fn exponential_alternates_end() {
    let body = format!("61626364{}78797a", "(61|6161)".repeat(60));
    let world = world(&[("t.ndb", &format!("T:0:*:{body}\n"))]);
    assert_eq!(world.report.rejected, []);
    let bytes = [&b"abcd"[..], &[b'a'; 200]].concat();
    let options = ScanOptions { work: 1 << 20, ..ScanOptions::default() };
    let outcome = world.database.scan(&Object::file(&bytes), &options).unwrap();
    assert!(outcome.hits.is_empty() && outcome.incomplete.is_some());
}

fn every_kind() -> Vec<u8> {
    let digest = hex::encode(Digests::of(b"x", Wanted::ALL).md5.unwrap());
    let world = world(&[
        ("a.hdb", &format!("{digest}:1:One-1-0\n")),
        ("a.ndb", "A:0:*:6162636465*6667\nB:6:EP+0:7f454c46\nC:0:0:61??\n"),
        ("a.ldb", "L;Target:0;0&1&2&(3|4=0);61626364::i;65666768;0(>>1#hl4#=5);1/x+/;(61|6263)6465\n"),
        ("a.cdb", "M:CL_TYPE_ZIP:*:x:*:*:*:*:*:*\n"),
    ]);
    std::fs::read(world.folder.path().join("set.tsig")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lines_of_any_kind(kind in 0usize..KINDS.len(), line in "[0-9a-f?*{}()|!;:&=<>,\\[\\]$#/TargetLSBWEPOF+-]{0,80}") {
        let _ = parse_line(KINDS[kind], &line);
        let _ = parse_line("x.ldb", &format!("N;Target:0;{line}"));
        let _ = parse_line("x.ldb", &format!("N;Target:0;0&1;61626364;{line}"));
        let _ = parse_line("x.ndb", &format!("N:0:*:{line}"));
    }

    #[test]
    fn a_body_that_is_taken_can_be_matched(body in "(61|62|63|\\?\\?|6\\?|\\*|\\{1-3\\}|\\(61\\|62\\)|\\(61\\|6263\\)|!\\(61\\|62\\)|\\(B\\)){1,12}", bytes in "[abc ]{0,40}") {
        let world = world(&[("t.ndb", &format!("T:0:*:{body}\n"))]);
        let _ = world.scan(bytes.as_bytes());
    }

    #[test]
    fn a_damaged_database(changes in proptest::collection::vec((0usize..1 << 16, any::<u8>()), 1..8), cut in any::<Option<u16>>()) {
        let mut bytes = EVERY.with(Clone::clone);
        for (at, value) in changes {
            // The first pages are header and table; the payload follows.
            let at = 6000 + at % (bytes.len() - 6000);
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        if let Ok(database) = Database::from_bytes(bytes) {
            let text = b"abcdefgh ABCDefgh abcde 0005 fg x \x7fELF".repeat(3);
            let _ = database.scan(&Object::file(&text), &ScanOptions::default());
            let _ = database.lookup(&Digests::of(b"x", Wanted::ALL), 1, true);
        }
    }
}

thread_local! {
    static EVERY: Vec<u8> = every_kind();
}
