//! Once, at once, and still there afterwards.

use crate::world::{World, batch, row, rows};
use event::{Column, Row, TenantId, Timestamp, Value};
use hunt::{EventQuery, Order};

#[tokio::test]
async fn rows_are_visible_at_once_and_survive_flush_and_restart() {
    let world = World::new().await;
    assert_eq!(world.append(1, rows(1..101)).await.stored, 100);
    assert_eq!(world.number("SELECT count(*) FROM events").await, 100);
    let world = world.reopen().await;
    assert_eq!(world.number("SELECT count(*) FROM events").await, 100);
    world.append(101, rows(101..151)).await;
    world.events.flush().await.unwrap();
    assert_eq!(world.events.stats().recent_rows, 0);
    world.append(151, rows(151..161)).await;
    let world = world.reopen().await;
    assert_eq!(world.number("SELECT count(*) FROM events").await, 160);
    assert_eq!(world.number("SELECT count(DISTINCT store_sequence) FROM events").await, 160);
    assert_eq!(world.events.stats().damaged_places, 0);
}

#[tokio::test]
async fn a_sequence_is_stored_once() {
    let world = World::new().await;
    let check = async |first: u64, numbers: std::ops::Range<u64>, stored: usize, duplicates: usize| {
        let appended = world.append(first, rows(numbers)).await;
        assert_eq!((appended.stored, appended.duplicates), (stored, duplicates));
    };
    check(1, 1..11, 10, 0).await;
    check(1, 1..11, 0, 10).await;
    check(6, 6..16, 5, 5).await;
    check(30, 30..31, 1, 0).await;
    check(10, 10..40, 23, 7).await;
    world.events.flush().await.unwrap();
    let world = world.reopen().await;
    assert_eq!(world.append(1, rows(1..41)).await.stored, 1);
    assert_eq!(world.number("SELECT count(*) FROM events").await, 40);
    assert_eq!(world.events.last_stored(&batch("default", 1, 0).agent, 1), Some(40));
    assert_eq!(world.events.last_stored(&batch("default", 1, 0).agent, 2), None);
    // Another run of the same agent counts from the start.
    assert_eq!(world.events.append(batch("default", 2, 1), rows(1..3)).await.unwrap().stored, 2);
}

#[tokio::test]
async fn rows_come_back_as_they_went_in() {
    let world = World::new().await;
    let mut hostile = row(3);
    hostile.set_text(Column::ProcessCommandLine, "\u{1b}[2J';DROP TABLE events;--\0\u{202e}\u{ffff} é 日本");
    hostile.set_text(Column::FilePath, "");
    hostile.set(Column::ProcessExitCode, Value::I64(i64::MIN));
    hostile.set(Column::FileInode, Value::U64(u64::MAX));
    hostile.set(Column::ProcessHashSha256, Value::Digest(event::Sha256([0xab; 32])));
    hostile.set(Column::ProcessStart, Value::Time(Timestamp(-1)));
    hostile.set(Column::SourceIp, Value::Ip("fe80::1".parse().unwrap()));
    hostile.labels.insert("a\"b\\c\n".into(), "<script>".repeat(1000));
    let mut long = row(4);
    long.set_text(Column::ProcessCommandLine, "x".repeat(2 << 20));
    let mut sent = vec![hostile, long, Row::default()];
    world.append(1, sent.clone()).await;
    for row in &mut sent {
        row.set_text(Column::Tenant, "default");
    }
    sent[2].set(Column::Time, Value::Time(Timestamp(0)));
    let arrivals = EventQuery { order: Order::Arrival, ..EventQuery::default() };
    for flushed in [false, true] {
        let got = world.events.events(&arrivals).await.unwrap();
        assert_eq!(got.events.into_iter().map(|e| e.row).collect::<Vec<_>>(), sent, "flushed: {flushed}");
        world.events.flush().await.unwrap();
    }
    let sql = r#"SELECT length(label('a"b\c
')) FROM events WHERE label('a"b\c
') IS NOT NULL"#;
    assert_eq!(world.rows(sql).await, ["[8000]"]);
}

#[tokio::test]
async fn a_tenant_sees_its_own_only() {
    let world = World::new().await;
    let lying = |n| {
        let mut row = row(n);
        row.set_text(Column::Tenant, "default");
        row
    };
    world.append(1, rows(1..4)).await;
    for (i, tenant) in ["other", "Weird/../Tenant'\"", ""].into_iter().enumerate() {
        world.events.append(batch(tenant, 1, 1), vec![lying(i as u64)]).await.unwrap();
    }
    for flushed in [false, true] {
        for (tenant, count) in [("default", 3), ("other", 1), ("Weird/../Tenant'\"", 1), ("", 1), ("nobody", 0)] {
            let answer = crate::world::hunt_as(&world.events, tenant, "SELECT tenant_id FROM events").await.unwrap();
            assert_eq!(answer.rows.len(), count, "{tenant} {flushed}");
            assert!(answer.rows.iter().all(|r| r[0] == tenant));
        }
        world.events.flush().await.unwrap();
    }
}

#[tokio::test]
async fn followers_resume_where_they_were() {
    let world = World::new().await;
    let mut arrivals = world.events.arrivals();
    let at = world.append(1, rows(1..6)).await.last_sequence;
    arrivals.changed().await.unwrap();
    assert_eq!(*arrivals.borrow_and_update(), at);
    world.events.flush().await.unwrap();
    world.append(6, rows(6..9)).await;
    let query =
        EventQuery { tenant: TenantId::default(), after: Some(at), order: Order::Arrival, ..Default::default() };
    let got = world.events.events(&query).await.unwrap();
    assert_eq!(got.events.iter().map(|e| e.sequence - at).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(*arrivals.borrow() > at);
}

#[tokio::test]
async fn appends_at_once_share_one_order() {
    let world = World::new().await;
    let writers = (0..8u64).map(|epoch| {
        let events = world.events.clone();
        tokio::spawn(async move {
            for n in 0..20 {
                events.append(batch("default", epoch, n * 5), rows(n * 5..n * 5 + 5)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let sql = "SELECT count(*), count(DISTINCT store_sequence), max(store_sequence) FROM events";
    assert_eq!(world.rows(sql).await, ["[800,800,800]"]);
}

#[tokio::test]
async fn only_one_opens_it() {
    let world = World::new().await;
    let second =
        store::EventStore::open(&world.dir.path().join("events"), world.control.clone(), crate::world::config()).await;
    assert!(matches!(second, Err(store::OpenError::Locked { .. })));
}

#[tokio::test]
async fn a_batch_beyond_bounds_is_refused_for_good() {
    let world = World::new().await;
    let mut big = row(1);
    big.set_text(Column::ProcessCommandLine, "x".repeat(33 << 20));
    let refused = world.events.append(batch("default", 1, 1), vec![big]).await.unwrap_err();
    assert!(!refused.is_retryable() && refused.to_string().contains("too big"));
    assert_eq!(world.append(1, rows(1..2)).await.stored, 1);
}
