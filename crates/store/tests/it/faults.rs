//! A disk that lies, ends or loses: told, counted, and the rest goes on.

use crate::world::{World, batch, config, rows};
use std::path::{Path, PathBuf};
use std::process::Command;
use store::{AppendError, Config, ControlStore, EventStore};

fn logs(world: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(world.join("events/log")).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

/// Three appends of ten rows each; then the log is spoilt; then it is opened again.
async fn spoilt(spoil: impl FnOnce(&mut Vec<u8>)) -> World {
    let world = World::new().await;
    for n in 0..3 {
        world.append(n * 10, rows(n * 10..n * 10 + 10)).await;
    }
    world.events.close().await;
    world.control.close().await;
    let log = logs(world.dir.path()).pop().unwrap();
    let mut bytes = std::fs::read(&log).unwrap();
    spoil(&mut bytes);
    std::fs::write(&log, bytes).unwrap();
    world.reopen().await
}

#[tokio::test]
async fn a_torn_end_is_recovered_up_to_the_last_good_append() {
    let world = spoilt(|bytes| bytes.truncate(bytes.len() - 7)).await;
    assert_eq!(world.number("SELECT count(*) FROM events").await, 20);
    assert_eq!(world.events.stats().damaged_places, 0);
    assert_eq!(world.append(20, rows(20..30)).await.stored, 10);
}

#[tokio::test]
async fn damage_in_the_middle_is_told_and_the_rest_is_kept() {
    let world = spoilt(|bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 40].fill(0x55);
    })
    .await;
    assert_eq!(world.number("SELECT count(*) FROM events").await, 20);
    let stats = world.events.stats();
    assert_eq!((stats.damaged_places, stats.damage.len()), (1, 1));
    assert!(stats.damage[0].bytes > 0 && stats.damage[0].file.starts_with("log/"));
    // The agent may send the lost ones again.
    assert_eq!(world.append(0, rows(0..30)).await.stored, 10);
    world.events.flush().await.unwrap();
    let kept = logs(world.dir.path()).into_iter().filter(|p| p.extension().is_some_and(|e| e == "damaged")).count();
    assert_eq!(kept, 1);
    let world = world.reopen().await;
    assert_eq!(world.number("SELECT count(*) FROM events").await, 30);
    assert_eq!(world.events.stats().damaged_places, 0);
}

#[tokio::test]
async fn a_lost_segment_is_told_and_the_others_answer() {
    let world = World::new().await;
    for n in 0..2 {
        world.append(n * 10, rows(n * 10..n * 10 + 10)).await;
        world.events.flush().await.unwrap();
    }
    world.events.close().await;
    let folder = world.dir.path().join("events/segments/default");
    let day = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut files: Vec<_> = std::fs::read_dir(day).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    std::fs::remove_file(&files[0]).unwrap();
    let world = world.reopen().await;
    assert_eq!(world.events.stats().damaged_places, 1);
    assert_eq!(world.number("SELECT count(*) FROM events").await, 10);
    // Bytes changed inside a file of the right length show when they are read.
    world.events.close().await;
    let mut bytes = std::fs::read(&files[1]).unwrap();
    let half = bytes.len() / 2;
    bytes[4..half].fill(0);
    std::fs::write(&files[1], bytes).unwrap();
    let world = world.reopen().await;
    let said = world.hunt("SELECT * FROM events").await.unwrap_err();
    assert!(!said.is_callers(), "{said}");
}

#[tokio::test]
async fn what_a_kill_left_unnamed_is_removed() {
    let world = World::new().await;
    world.append(0, rows(0..10)).await;
    world.events.flush().await.unwrap();
    world.events.close().await;
    let orphan = world.dir.path().join("events/segments/default/1/orphan.parquet");
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, "half").unwrap();
    let world = world.reopen().await;
    assert!(!orphan.exists());
    assert_eq!(world.number("SELECT count(*) FROM events").await, 10);
}

const FULL: &str = "TAMON_STORE_TEST_FULL";

/// Not a test of its own: runs in a mount namespace with a small file system at the folder it is given.
#[tokio::test]
async fn on_a_small_disk() {
    let Some(dir) = std::env::var_os(FULL) else { return };
    let dir = Path::new(&dir);
    let control = ControlStore::open(&dir.join("control.db")).await.unwrap();
    let events = EventStore::open(&dir.join("small/events"), control.clone(), config()).await.unwrap();
    let mut stored = 0;
    let refused = loop {
        match events.append(batch("default", 1, stored), rows(stored..stored + 1000)).await {
            Ok(appended) => stored += appended.stored as u64,
            Err(refused) => break refused,
        }
        assert!(stored < 1_000_000);
    };
    assert!(matches!(refused, AppendError::Disk(_)) && refused.is_retryable(), "{refused}");
    assert!(events.append(batch("default", 1, stored), rows(stored..stored + 1000)).await.is_err());
    assert!(stored >= 2000 && events.stats().refused_batches == 2);
    // Room again: the same batch goes in, once.
    std::fs::remove_file(dir.join("small/ballast")).unwrap();
    assert_eq!(events.append(batch("default", 1, stored), rows(stored..stored + 1000)).await.unwrap().stored, 1000);
    stored += 1000;
    events.close().await;
    drop(events);
    let events = EventStore::open(&dir.join("small/events"), control, Config::default()).await.unwrap();
    let sql = "SELECT count(*), count(DISTINCT event_sequence) FROM events";
    let answer = crate::world::hunt_as(&events, "default", sql).await.unwrap();
    assert_eq!(answer.rows[0], [stored, stored].map(serde_json::Value::from));
    assert_eq!(events.stats().damaged_places, 0);
    println!("held");
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("small")).unwrap();
    let script = "mount -t tmpfs -o size=24m none \"$1/small\" && head -c 20m /dev/zero > \"$1/small/ballast\" && exec \"$2\" --exact faults::on_a_small_disk --nocapture";
    let ran = Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(dir.path())
        .arg(std::env::current_exe().unwrap())
        .env(FULL, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    if said.contains("unshare failed") || said.contains("permission denied") {
        println!("skipped: a mount namespace needs root");
        return;
    }
    assert!(ran.status.success() && said.contains("held"), "{said}");
}
