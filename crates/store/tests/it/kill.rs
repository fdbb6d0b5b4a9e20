//! kill -9 at any moment: what was told as stored is there, and nothing twice. The child is this very test binary.

use crate::world::{World, batch, config, rows};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use store::{Config, ControlStore, EventStore};

const CHILD: &str = "TAMON_STORE_TEST_CHILD";
const ROWS: u64 = 40;

/// Small segments, so that flushes and merges happen all the while.
fn restless() -> Config {
    Config { flush_rows: 150, merge_rows: 2_000, ..config() }
}

async fn open(dir: &Path) -> (ControlStore, EventStore) {
    let control = ControlStore::open(&dir.join("control.db")).await.unwrap();
    let events = EventStore::open(&dir.join("events"), control.clone(), restless()).await.unwrap();
    (control, events)
}

/// Not a test of its own: what the child runs.
#[tokio::test]
async fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let (_control, events) = open(Path::new(&dir)).await;
    let mut next = events.last_stored(&batch("default", 1, 0).agent, 1).map_or(1, |last| last + 1);
    // As an agent that never saw the last answers: it sends some again.
    next = next.saturating_sub(2 * ROWS).max(1);
    loop {
        events.append(batch("default", 1, next), rows(next..next + ROWS)).await.unwrap();
        next += ROWS;
        println!("acked {}", next - 1);
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut acked = 0;
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers = lines.map_while(Result::ok).filter_map(|l| l.split("acked ").nth(1)?.parse::<u64>().ok());
        for number in numbers.take(9 + round * 7) {
            acked = acked.max(number);
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(acked > 500, "{acked}");
    let (control, events) = open(dir.path()).await;
    let world = World { dir, control, events };
    let sql = "SELECT count(*), count(DISTINCT event_sequence), count(DISTINCT store_sequence), min(event_sequence), max(event_sequence) FROM events";
    let answer = world.hunt(sql).await.unwrap();
    let n = |i: usize| answer.rows[0][i].as_u64().unwrap();
    assert!(n(4) >= acked, "told {acked}, kept {}", n(4));
    assert_eq!((n(0), n(1), n(2), n(3)), (n(4), n(4), n(4), 1));
    assert_eq!(world.events.stats().damaged_places, 0);
}
