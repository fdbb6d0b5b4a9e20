//! Stored events handed on one by one are the events that were appended.

use crate::world::{SECOND, T0, World, rows};
use event::{Column, Row, TenantId, Timestamp};
use hunt::ReplayQuery;
use std::collections::BTreeSet;
use std::time::Duration;
use store::HuntFailure;

fn query(columns: BTreeSet<Column>, labels: bool) -> ReplayQuery {
    ReplayQuery {
        tenant: TenantId::new("default"),
        columns,
        labels,
        actions: vec!["process-exec".into()],
        from: Timestamp(T0 + 100 * SECOND),
        to: Timestamp(T0 + 400 * SECOND),
        in_order: true,
        time_limit: Duration::from_secs(60),
    }
}

async fn replayed(world: &World, query: &ReplayQuery) -> Result<Vec<Row>, HuntFailure> {
    let mut stream = world.events.hunt(&query.plan()).await?;
    let mut seen = Vec::new();
    while let Some(batch) = stream.next_events().await? {
        assert!(!batch.is_empty());
        seen.extend(batch.iter().map(|event| Row::of(&event)));
    }
    Ok(seen)
}

#[tokio::test]
async fn every_column_comes_back_from_segments_and_from_what_is_recent() {
    let world = World::new().await;
    world.append(0, rows(0..250)).await;
    world.events.flush().await.unwrap();
    world.append(250, rows(250..500)).await;
    let seen = replayed(&world, &query(Column::ALL.iter().copied().collect(), true)).await.unwrap();
    let expected: Vec<Row> = rows(100..400)
        .into_iter()
        .map(|mut row| {
            row.set_text(Column::Tenant, "default");
            row
        })
        .collect();
    assert_eq!(seen.len(), 300);
    for (seen, expected) in seen.iter().zip(&expected) {
        for (column, value) in expected.columns() {
            assert_eq!(seen.text(column).as_deref(), Some(&*value.text()), "{column:?}");
        }
        assert_eq!(seen.labels, expected.labels);
    }
}

#[tokio::test]
async fn only_what_was_asked_for_is_there() {
    let world = World::new().await;
    world.append(0, rows(0..500)).await;
    let columns = BTreeSet::from([Column::Time, Column::ProcessName]);
    let seen = replayed(&world, &query(columns, false)).await.unwrap();
    assert_eq!(seen.len(), 300);
    assert!(seen.iter().all(|row| row.columns().count() == 2 && row.labels.is_empty()));

    let none = ReplayQuery { actions: vec!["file-create".into()], ..query(BTreeSet::from([Column::Time]), false) };
    assert_eq!(replayed(&world, &none).await.unwrap(), Vec::<Row>::new());
    let other = ReplayQuery { tenant: TenantId::new("other"), ..query(BTreeSet::from([Column::Time]), false) };
    assert_eq!(replayed(&world, &other).await.unwrap(), Vec::<Row>::new());
}
