//! At the cap: the oldest of the least worth goes first, counted; alerts survive.

use crate::small;
use spool::{AppendError, Priority, Spool};

fn seqs(spool: &Spool, priority: Priority) -> Vec<u64> {
    let read = spool.read_from(1, usize::MAX).unwrap();
    read.into_iter().filter(|r| r.priority == priority).map(|r| r.seq).collect()
}

#[test]
fn low_goes_first_and_oldest_first() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    let alerts: Vec<_> = (0..20).map(|_| spool.append(Priority::High, &[1; 300]).unwrap()).collect();
    let normal: Vec<_> = (0..100).map(|_| spool.append(Priority::Normal, &[2; 300]).unwrap()).collect();
    let low: Vec<_> = (0..3000).map(|_| spool.append(Priority::Low, &[3; 300]).unwrap()).collect();
    let stats = spool.stats();
    assert!(stats.bytes <= small().max_bytes);
    assert_eq!((seqs(&spool, Priority::High), seqs(&spool, Priority::Normal)), (alerts, normal));
    let left = seqs(&spool, Priority::Low);
    assert_eq!(left, low[low.len() - left.len()..]);
    assert_eq!(stats.evicted.of(Priority::Low), (low.len() - left.len()) as u64);
    assert_eq!(stats.evicted.total(), stats.evicted.of(Priority::Low));
}

#[test]
fn alerts_displace_everything_and_nothing_displaces_alerts() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    for priority in [Priority::Low, Priority::Normal] {
        for _ in 0..300 {
            spool.append(priority, &[1; 300]).unwrap();
        }
    }
    for _ in 0..700 {
        spool.append(Priority::High, &[1; 300]).unwrap();
    }
    assert!(seqs(&spool, Priority::Low).is_empty());
    let full = |p| matches!(spool.append(p, &[0; 4000]), Err(AppendError::Full { priority }) if priority == p);
    while spool.append(Priority::High, &[1; 4000]).is_ok() && !(full(Priority::Low) && full(Priority::Normal)) {}
    let stats = spool.stats();
    assert!(stats.refused.of(Priority::Low) >= 1 && stats.refused.of(Priority::Normal) == 1);
    assert!(stats.bytes <= small().max_bytes);
    // Among alerts alone the oldest goes.
    let before = stats.evicted.of(Priority::High);
    for _ in 0..100 {
        spool.append(Priority::High, &[1; 300]).unwrap();
    }
    assert!(spool.stats().evicted.of(Priority::High) > before);
    let stats = spool.stats();
    let accounted = stats.pending.of(Priority::High) + stats.evicted.of(Priority::High);
    assert_eq!(stats.appended.of(Priority::High), accounted);
}

#[test]
fn what_was_acknowledged_is_not_counted_as_lost() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), small()).unwrap();
    let given: Vec<_> = (0..400).map(|_| spool.append(Priority::Low, &[3; 300]).unwrap()).collect();
    spool.ack(given[399]).unwrap();
    for _ in 0..600 {
        spool.append(Priority::Low, &[3; 300]).unwrap();
    }
    assert_eq!(spool.stats().evicted.total(), 0);
}

#[test]
fn what_can_never_fit_displaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = spool::SpoolConfig { max_bytes: 8 << 10, max_record_bytes: 1 << 20, ..small() };
    let spool = Spool::open(dir.path(), config).unwrap();
    spool.append(Priority::Low, b"small").unwrap();
    assert!(matches!(spool.append(Priority::High, &[0; 9000]), Err(AppendError::Full { .. })));
    assert_eq!((spool.stats().pending.total(), spool.stats().evicted.total()), (1, 0));
}
