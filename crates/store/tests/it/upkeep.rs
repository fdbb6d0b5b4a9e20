//! Segments are merged and let go; nothing else changes by it.

use crate::world::{World, batch, config, row, rows};
use event::{Column, Timestamp, Value};
use store::Config;

async fn settle(world: &World, done: impl Fn(&store::Stats) -> bool) -> store::Stats {
    for _ in 0..300 {
        let stats = world.events.stats();
        if done(&stats) {
            return stats;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{:?}", world.events.stats());
}

#[tokio::test]
async fn small_segments_become_one() {
    let world = World::new().await;
    for n in 0..8 {
        world.append(n * 10, rows(n * 10..n * 10 + 10)).await;
        world.events.flush().await.unwrap();
    }
    let stats = settle(&world, |s| s.segments == 1).await;
    assert_eq!((stats.segment_rows, stats.recent_rows), (80, 0));
    let sql = "SELECT count(*), count(DISTINCT event_sequence), sum(event_sequence) FROM events";
    assert_eq!(world.rows(sql).await, ["[80,80,3160]"]);
    let files = walk(&world.dir.path().join("events/segments"));
    assert_eq!(files, 1);
    let world = world.reopen().await;
    assert_eq!(world.rows(sql).await, ["[80,80,3160]"]);
    assert_eq!(world.append(0, rows(0..81)).await.stored, 1);
}

fn walk(dir: &std::path::Path) -> usize {
    std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).map(|p| if p.is_dir() { walk(&p) } else { 1 }).sum()
}

#[tokio::test]
async fn the_oldest_go_when_there_is_too_much() {
    let world = World::with(Config { max_bytes: 100_000, merge_rows: 10, ..config() }).await;
    for n in 0..6u64 {
        world.append(n * 500, rows(n * 500..n * 500 + 500)).await;
        world.events.flush().await.unwrap();
    }
    let stats = settle(&world, |s| s.segment_bytes <= 100_000).await;
    assert!(stats.retired_segments > 0 && stats.retired_rows == 500 * stats.retired_segments);
    assert_eq!(stats.segment_rows + stats.retired_rows, 3000);
    assert_eq!(world.number("SELECT min(event_sequence) FROM events").await, stats.retired_rows);
    // What was let go is not taken again.
    assert_eq!(world.append(0, rows(0..10)).await.duplicates, 10);
}

#[tokio::test]
async fn the_old_go_by_age_and_a_fast_clock_makes_no_heap_of_files() {
    let world = World::with(Config { max_age: Some(std::time::Duration::from_secs(1)), ..config() }).await;
    let wild: Vec<_> = (0..200i64)
        .map(|n| {
            let mut row = row(n as u64);
            row.set(Column::Time, Value::Time(Timestamp(i64::MIN / 2 + n * 86_400_000_000_000 * 400)));
            row
        })
        .collect();
    world.append(0, wild).await;
    world.events.flush().await.unwrap();
    let stats = world.events.stats();
    assert!(stats.segments + stats.retired_segments <= 16, "{stats:?}");
    let stats = settle(&world, |s| s.retired_rows > 0).await;
    assert_eq!(stats.segment_rows + stats.retired_rows, 200);
}

#[tokio::test]
async fn memory_becomes_segments_by_rows_and_by_age() {
    let world = World::with(Config { flush_rows: 50, ..config() }).await;
    world.append(0, rows(0..60)).await;
    settle(&world, |s| s.segment_rows == 60 && s.recent_rows == 0).await;
    let world = World::with(Config { flush_after: std::time::Duration::from_millis(1), ..config() }).await;
    world.events.append(batch("default", 1, 0), rows(0..5)).await.unwrap();
    settle(&world, |s| s.segment_rows == 5).await;
}
