//! What goes in comes out, in order, once acknowledged never again, over restarts.

use crate::small;
use spool::{AckError, AppendError, OpenError, Priority, Spool};

#[test]
fn merges_priorities_by_sequence_and_resumes_behind_the_acknowledgement() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    let mut given = Vec::new();
    for i in 0..500u32 {
        let priority = Priority::ALL[(i % 7 % 3) as usize];
        given.push((spool.append(priority, &i.to_le_bytes()).unwrap(), priority, i));
    }
    let read = spool.read_from(1, usize::MAX).unwrap();
    let as_given: Vec<_> =
        read.iter().map(|r| (r.seq, r.priority, u32::from_le_bytes(r.payload[..].try_into().unwrap()))).collect();
    assert_eq!(as_given, given);

    spool.ack(given[122].0).unwrap();
    assert_eq!(spool.stats().pending.total(), 377);
    let epoch = spool.epoch();
    drop(spool);
    let spool = Spool::open(dir.path(), small()).unwrap();
    assert_eq!((spool.epoch(), spool.acked(), spool.next_seq()), (epoch, given[122].0, given[499].0 + 1));
    assert_eq!(spool.stats().pending.total(), 377);
    let rest = spool.read_from(spool.acked() + 1, usize::MAX).unwrap();
    assert_eq!(rest.iter().map(|r| r.seq).collect::<Vec<_>>(), given[123..].iter().map(|g| g.0).collect::<Vec<_>>());
    let stats = spool.stats();
    assert_eq!((stats.corrupt.total(), stats.torn_tails, stats.evicted.total()), (0, 0, 0));
}

#[test]
fn a_read_is_bounded_but_never_empty_when_something_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    for _ in 0..10 {
        spool.append(Priority::Normal, &[7; 100]).unwrap();
    }
    let check = |max, expected| assert_eq!(spool.read_from(1, max).unwrap().len(), expected);
    check(0, 1);
    check(299, 2);
    check(300, 3);
    check(usize::MAX, 10);
    assert!(spool.read_from(11, 1000).unwrap().is_empty());
}

#[test]
fn refuses_what_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    assert!(matches!(spool.append(Priority::High, &[0; 4097]), Err(AppendError::TooLong { .. })));
    assert!(matches!(spool.ack(1), Err(AckError::NeverGiven { seq: 1, next: 1 })));
    assert!(matches!(Spool::open(dir.path(), small()), Err(OpenError::InUse(_))));
}

#[test]
fn acknowledged_segments_leave_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    let mut last = 0;
    for _ in 0..1000 {
        last = spool.append(Priority::Low, &[1; 100]).unwrap();
    }
    spool.sync().unwrap();
    assert!(spool.stats().segments > 10);
    spool.ack(last).unwrap();
    assert!(spool.stats().segments <= 1);
    assert_eq!(spool.stats().pending.total(), 0);
}

#[test]
fn sequences_never_come_back_and_a_lost_state_is_a_new_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    let last = (0..100).map(|_| spool.append(Priority::High, b"x").unwrap()).max().unwrap();
    let epoch = spool.epoch();
    drop(spool);
    let every_segment = || std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path());
    every_segment().filter(|p| p.extension().is_some()).for_each(|p| std::fs::remove_file(p).unwrap());
    let spool = Spool::open(dir.path(), small()).unwrap();
    assert_eq!(spool.epoch(), epoch);
    let next = spool.append(Priority::High, b"y").unwrap();
    assert!(next > last);
    drop(spool);
    std::fs::remove_file(dir.path().join("state")).unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    assert_ne!(spool.epoch(), epoch);
    assert!(spool.stats().recreated);
    assert_eq!(spool.read_from(1, 100).unwrap()[0].payload, b"y");
    assert!(spool.append(Priority::High, b"z").unwrap() > next);
}
