//! Bad records, forged identities, wrong clocks, a store that says no.

use crate::world::*;
use bytes::Bytes;
use event::{Column, Timestamp, Value};
use ingest::Origin;
use transport::RefusalCode;
use wire::{Batch, RecordEncoder};

#[test]
fn who_sent_it_the_certificate_says() {
    let disk = Disk::default();
    let ingest = ingest(&disk);
    run(async {
        ingest.resume(&agent(), 1).await.unwrap();
        ingest.batch(&origin(), batch(0, [9, 10])).await.unwrap();
    });
    let kept = disk.0.lock().unwrap();
    let row = kept.rows.values().next().unwrap();
    let text = |column| row.text(column).unwrap().into_owned();
    assert_eq!(text(Column::HostId), "h1");
    assert_eq!(text(Column::HostName), "web-1");
    assert_eq!(text(Column::Tenant), "acme");
    assert_eq!(text(Column::BootId), boot().to_string());
    let alert = kept.alerts.values().next().unwrap();
    assert_eq!((alert.agent.as_str(), alert.host.as_str()), (agent().as_str(), "h1"));
    assert_eq!((alert.tenant.as_str(), alert.host_name.as_str()), ("acme", "web-1"));
    assert_eq!(alert.event.text(Column::HostId).unwrap(), "h1");
}

#[test]
fn a_bad_record_is_counted_and_holds_up_nothing() {
    let disk = Disk::default();
    let ingest = ingest(&disk);
    let mut timeless = row(3);
    timeless = {
        let mut without = event::Row::default();
        timeless.columns().filter(|(c, _)| *c != Column::Time).for_each(|(c, v)| without.set(c, v.clone()));
        without
    };
    let timeless = Bytes::copy_from_slice(RecordEncoder::new(boot()).event(&timeless));
    let records = vec![
        (1, record(1)),
        (2, Bytes::from_static(b"\xff\xff\xff")),
        (3, timeless),
        (4, Bytes::new()),
        (5, Bytes::from_static(&[0x4a, 1, 0])),
        (6, record(6)),
    ];
    run(async {
        ingest.resume(&agent(), 1).await.unwrap();
        let last = ingest.batch(&origin(), Batch { epoch: 1, after: 0, records }).await;
        assert_eq!(last.unwrap(), 6);
    });
    let stats = ingest.stats();
    assert_eq!((stats.received, stats.stored, stats.refused_total()), (6, 2, 4));
    assert_eq!(
        stats.refused.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "a record of a newer agent",
            "a record that is not protobuf",
            "a record without a body",
            "an event without a time",
        ]
    );
}

#[test]
fn a_full_store_is_told_and_loses_nothing() {
    let disk = Disk::default();
    let ingest = ingest(&disk);
    run(async {
        ingest.resume(&agent(), 1).await.unwrap();
        disk.0.lock().unwrap().room = Some(1);
        // Events 1 to 9 fit, the alert 10 does not.
        let refusal = ingest.batch(&origin(), batch(0, 1..=15)).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Unavailable);
        disk.0.lock().unwrap().room = None;
        assert_eq!(ingest.batch(&origin(), batch(0, 1..=15)).await.unwrap(), 15);
    });
    assert_eq!(disk.0.lock().unwrap().log.len(), 15);
    let stats = ingest.stats();
    assert_eq!((stats.unavailable, stats.stored, stats.duplicates, stats.alerts), (1, 5, 9, 1));
}

#[test]
fn what_is_too_big_is_cut_and_what_is_never_taken_is_refused_alone() {
    let disk = Disk::default();
    (disk.0.lock().unwrap().most_rows, disk.0.lock().unwrap().poison) = (Some(4), None);
    disk.0.lock().unwrap().poison = Some(3);
    let ingest = ingest(&disk);
    run(async {
        ingest.resume(&agent(), 1).await.unwrap();
        assert_eq!(ingest.batch(&origin(), batch(0, 1..=9)).await.unwrap(), 9);
    });
    let kept = disk.0.lock().unwrap();
    assert_eq!(kept.log, ["e1", "e2", "e4", "e5", "e6", "e7", "e8", "e9"]);
    assert_eq!(ingest.stats().refused["an event that the store refuses"], 1);
}

#[test]
fn a_wrong_clock_is_told_and_an_old_event_is_not_blamed() {
    let check = |event_seconds: i64, skew_seconds: i64, expected: Option<&str>| {
        let disk = Disk::default();
        let ingest = ingest(&disk);
        let mut late = row(1);
        let time = NOW.plus_nanos(event_seconds * 1_000_000_000);
        late.set(Column::Time, Value::Time(time));
        let bytes = Bytes::copy_from_slice(RecordEncoder::new(boot()).event(&late));
        let origin = Origin { skew_seconds, ..origin() };
        run(async {
            ingest.resume(&agent(), 1).await.unwrap();
            ingest.batch(&origin, Batch { epoch: 1, after: 0, records: vec![(1, bytes)] }).await.unwrap();
        });
        let kept = disk.0.lock().unwrap();
        let row = kept.rows.values().next().unwrap();
        assert_eq!(row.labels.get("clock_skew_seconds").map(String::as_str), expected);
        assert_eq!(row.time(), time, "the agent's time is kept");
    };
    check(0, 0, None);
    check(-3600, 0, None);
    check(200, 0, None);
    check(3600, 0, Some("3600"));
    check(0, -900, Some("-900"));
    assert!(NOW > Timestamp(0));
}
