//! Damaged segments: what is whole is delivered, what is not is counted, nothing is made up.

use crate::small;
use proptest::prelude::*;
use spool::{Priority, Spool};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn segments(dir: &Path) -> Vec<PathBuf> {
    let named = |p: &PathBuf| p.extension().is_some_and(|e| e == "low" || e == "normal" || e == "high");
    let mut all: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(named).collect();
    all.sort();
    all
}

fn fill(dir: &Path, records: u64) -> BTreeMap<u64, Vec<u8>> {
    let spool = Spool::open(dir, small()).unwrap();
    let one = |i: u64| {
        let payload: Vec<u8> = (0..i * 37 % 600).map(|b| (b ^ i) as u8).collect();
        (spool.append(Priority::ALL[(i % 3) as usize], &payload).unwrap(), payload)
    };
    (0..records).map(one).collect()
}

/// Records missing, and how many the spool owns up to.
fn reopen(dir: &Path, given: &BTreeMap<u64, Vec<u8>>) -> (u64, u64, u64) {
    let spool = Spool::open(dir, small()).unwrap();
    let read = spool.read_from(1, usize::MAX).unwrap();
    assert!(read.is_sorted_by(|a, b| a.seq < b.seq));
    for record in &read {
        assert_eq!(given.get(&record.seq), Some(&record.payload), "record {} was made up", record.seq);
    }
    let stats = spool.stats();
    assert_eq!(stats.pending.total(), read.len() as u64);
    (given.len() as u64 - read.len() as u64, stats.corrupt.total(), stats.torn_tails)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_flipped_bit_costs_at_most_one_record_and_is_counted(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8u8
    ) {
        let dir = tempfile::tempdir().unwrap();
        let given = fill(dir.path(), 120);
        let all = segments(dir.path());
        let path = &all[which.index(all.len())];
        let mut bytes = fs::read(path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(path, bytes).unwrap();
        let (missing, counted, torn) = reopen(dir.path(), &given);
        prop_assert!(missing <= 1);
        prop_assert!(missing <= counted + torn, "{missing} missing, {counted} counted, {torn} torn");
        // Mended: the second opening finds nothing wrong.
        let (again, counted, torn) = reopen(dir.path(), &given);
        prop_assert_eq!((again, counted, torn), (missing, 0, 0));
    }

    #[test]
    fn any_overwriting_and_cutting_is_survived(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..300), any::<bool>()), 1..6)
    ) {
        let dir = tempfile::tempdir().unwrap();
        let given = fill(dir.path(), 120);
        let all = segments(dir.path());
        for (which, at, noise, cut) in hits {
            let path = &all[which.index(all.len())];
            let mut bytes = fs::read(path).unwrap();
            let at = at.index(bytes.len().max(1));
            bytes.truncate(if cut { at } else { bytes.len().max(at) });
            if !cut {
                bytes.splice(at..(at + noise.len()).min(bytes.len()), noise);
            }
            fs::write(path, bytes).unwrap();
        }
        reopen(dir.path(), &given);
        prop_assert_eq!(reopen(dir.path(), &given).1, 0);
    }
}

#[test]
fn a_segment_cut_short_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let given = fill(dir.path(), 300);
    let path = segments(dir.path()).remove(0);
    let bytes = fs::read(&path).unwrap();
    // Even between two records, where every remaining byte is whole: the footer is gone.
    fs::write(&path, &bytes[..36]).unwrap();
    let (missing, counted, _) = reopen(dir.path(), &given);
    assert!(missing > 1 && counted >= 1);
}

#[test]
fn damage_done_while_open_is_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    drop(Spool::open(dir.path(), small()).unwrap());
    let spool = Spool::open(dir.path(), small()).unwrap();
    for i in 0..100u8 {
        spool.append(Priority::Normal, &[i; 200]).unwrap();
    }
    spool.sync().unwrap();
    let path = segments(dir.path()).remove(0);
    let mut bytes = fs::read(&path).unwrap();
    bytes[1000] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    for _ in 0..3 {
        assert_eq!(spool.read_from(1, usize::MAX).unwrap().len(), 99);
    }
    assert_eq!(spool.stats().corrupt.of(Priority::Normal), 1);
    assert!(spool.stats().corrupt_bytes >= 224);
}
