//! A disk that takes no more: low value goes, alerts stay, nothing panics, all is counted. Runs on a tmpfs of 1 MiB in a mount
//! namespace of its own, and once under a limit on the size of files.

use crate::small;
use spool::{Priority, Spool, SpoolConfig, SyncError};
use std::process::Command;

const DIR: &str = "SPOOL_FULL_DIR";

fn run(test: &str, setup: &str) {
    if !rustix_is_root() {
        eprintln!("skipped: needs root for a mount namespace");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let script = format!("{setup} exec \"$1\" --exact full_disk::{test} --nocapture");
    let status = Command::new("unshare")
        .args(["-m", "sh", "-c", &script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .env(DIR, dir.path())
        .status()
        .unwrap();
    assert!(status.success());
}

fn rustix_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

#[test]
fn alerts_survive_a_full_disk() {
    run("child_fills_a_small_disk", "mount -t tmpfs -o size=1m none \"$SPOOL_FULL_DIR\" &&");
}

/// Not a test by itself: see above.
#[test]
fn child_fills_a_small_disk() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let dir = std::path::Path::new(&dir).join("spool");
    let config = SpoolConfig { max_bytes: 64 << 20, segment_bytes: 64 << 10, ballast_bytes: 128 << 10, ..small() };
    let spool = Spool::open(&dir, config.clone()).unwrap();
    let mut alerts = Vec::new();
    for i in 0..6000u32 {
        let _ = spool.append(Priority::Low, &[i as u8; 500]);
        if i % 50 == 0 {
            alerts.push(spool.append(Priority::High, &[0xa; 500]).unwrap());
        }
        let _ = spool.sync();
    }
    let stats = spool.stats();
    assert!(stats.write_errors > 0 && stats.evicted.of(Priority::Low) > 3000, "{stats:?}");
    let held = |spool: &Spool| {
        let read = spool.read_from(1, usize::MAX).unwrap();
        read.iter().filter(|r| r.priority == Priority::High).map(|r| r.seq).collect::<Vec<_>>()
    };
    assert_eq!((held(&spool), stats.evicted.of(Priority::High)), (alerts.clone(), 0));
    assert_eq!(stats.appended.of(Priority::Low), stats.evicted.of(Priority::Low) + stats.pending.of(Priority::Low));

    // Somebody else takes what is left: alerts wait in memory, are told as not durable, and still can be delivered.
    let hog = dir.with_file_name("hog");
    let mut refused = None;
    for _ in 0..300 {
        alerts.extend(spool.append(Priority::High, &[0xb; 500]));
        while append_to(&hog, 4096) {}
        refused = spool.sync().err().or(refused);
    }
    assert!(matches!(refused, Some(SyncError::Write { .. })), "{refused:?}");
    assert_eq!(held(&spool), alerts);
    assert!(spool.stats().degraded);
    spool.ack(alerts[20]).unwrap();

    std::fs::remove_file(hog).unwrap();
    // Its room comes back once nobody holds it open any more; a scanner on this host may.
    let start = std::time::Instant::now();
    while spool.sync().is_err() && start.elapsed() < std::time::Duration::from_secs(10) {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    spool.sync().unwrap();
    assert!(!spool.stats().degraded);
    drop(spool);
    let spool = Spool::open(&dir, config).unwrap();
    assert_eq!(held(&spool).last(), alerts.last());
    assert_eq!(spool.read_from(spool.acked() + 1, 0).unwrap()[0].seq, alerts[21]);
    assert_eq!(spool.stats().corrupt.total(), 0);
}

fn append_to(path: &std::path::Path, bytes: usize) -> bool {
    let file = std::fs::File::options().append(true).create(true).open(path);
    file.and_then(|mut f| std::io::Write::write_all(&mut f, &vec![0; bytes])).is_ok()
}

#[test]
fn a_file_that_may_not_grow_is_no_panic() {
    run("child_meets_a_file_limit", "trap '' XFSZ; ulimit -f 32;");
}

/// Not a test by itself: see above.
#[test]
fn child_meets_a_file_limit() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let config = SpoolConfig { segment_bytes: 1 << 20, max_bytes: 64 << 20, ..small() };
    let spool = Spool::open(dir, config).unwrap();
    for _ in 0..200 {
        spool.append(Priority::Low, &[1; 500]).unwrap();
        spool.append(Priority::High, &[2; 500]).unwrap();
    }
    let _ = spool.sync();
    let stats = spool.stats();
    assert!(stats.write_errors > 0, "{stats:?}");
    let read = spool.read_from(1, usize::MAX).unwrap();
    assert_eq!(read.iter().filter(|r| r.priority == Priority::High).count(), 200);
    assert_eq!(stats.appended.of(Priority::Low), stats.evicted.of(Priority::Low) + stats.pending.of(Priority::Low));
}
