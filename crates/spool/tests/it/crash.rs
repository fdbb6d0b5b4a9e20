//! kill -9 at any moment: nothing that was synced is lost, nothing is made up, no sequence is given twice.

use crate::small;
use spool::{Fsync, Priority, Spool, SpoolConfig};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const DIR: &str = "SPOOL_CRASH_DIR";

fn config() -> SpoolConfig {
    SpoolConfig { max_bytes: 64 << 20, fsync: Fsync::Always, ..small() }
}

fn payload(seq_hint: u64) -> Vec<u8> {
    (0..20 + seq_hint % 300).map(|i| (seq_hint.wrapping_mul(31) + i) as u8).collect()
}

/// Not a test by itself: the process that gets killed. Says `sequence hint` of each record once it is synced.
#[test]
fn child_appends_until_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let spool = Spool::open(dir, config()).unwrap();
    let mut out = std::io::stdout();
    for batch in 0.. {
        let hints = batch * 7..batch * 7 + 7;
        let given: Vec<_> =
            hints.map(|h| (spool.append(Priority::ALL[(h % 3) as usize], &payload(h)).unwrap(), h)).collect();
        spool.sync().unwrap();
        let said: String = given.iter().map(|(seq, hint)| format!("said {seq} {hint}\n")).collect();
        out.write_all(said.as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

/// Runs the child for so many lines, kills it, and gives all that it had said by then.
fn run_and_kill(dir: &Path, lines: usize) -> BTreeMap<u64, u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_appends_until_killed", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut said = BTreeMap::new();
    let mut killed = false;
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 0 {
        // The test harness writes to the same output; a record's line may follow its words.
        if let Some(at) = line.find("said ").filter(|_| line.ends_with('\n')) {
            let mut numbers = line[at + 5..].split_whitespace().map(|n| n.parse::<u64>().unwrap());
            said.insert(numbers.next().unwrap(), numbers.next().unwrap());
        }
        line.clear();
        if said.len() >= lines && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    said
}

#[test]
fn kill_nine_loses_nothing_synced() {
    let dir = tempfile::tempdir().unwrap();
    let mut said = BTreeMap::new();
    let mut epoch = None;
    for round in 0..5 {
        let now = run_and_kill(dir.path(), 40 + round * 61);
        assert!(now.len() >= 40);
        let highest = said.last_key_value().map_or(0, |(seq, _)| *seq);
        assert!(now.keys().all(|seq| *seq > highest), "a sequence came back");
        said.extend(now);

        let spool = Spool::open(dir.path(), config()).unwrap();
        assert_eq!(*epoch.get_or_insert(spool.epoch()), spool.epoch());
        assert!(spool.next_seq() > *said.last_key_value().unwrap().0);
        let read = spool.read_from(spool.acked() + 1, usize::MAX).unwrap();
        let found: BTreeMap<_, _> = read.iter().map(|r| (r.seq, &r.payload)).collect();
        for (seq, hint) in said.range(spool.acked() + 1..) {
            assert_eq!(found.get(seq).copied(), Some(&payload(*hint)), "record {seq} of round {round}");
        }
        assert_eq!(spool.stats().corrupt.total(), 0);
        let middle = read[read.len() / 2].seq;
        spool.ack(middle).unwrap();
        // Forgotten, not dropped: this process ends as badly as the child did.
        if round % 2 == 0 {
            let copy = tempfile::tempdir().unwrap();
            copy_all(dir.path(), copy.path());
            let again = Spool::open(copy.path(), config()).unwrap();
            assert_eq!(again.acked(), middle);
            assert_eq!(again.read_from(middle + 1, usize::MAX).unwrap().len(), read.len() - read.len() / 2 - 1);
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn threads_that_sync_at_once_share_fsyncs() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), config()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for i in 0..50 {
                    spool.append(Priority::Normal, &payload(i)).unwrap();
                    spool.sync().unwrap();
                }
            });
        }
    });
    let stats = spool.stats();
    assert_eq!(stats.pending.total(), 400);
    assert!(stats.fsyncs <= 420, "{stats:?}");
}
