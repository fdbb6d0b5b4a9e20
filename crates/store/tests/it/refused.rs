//! The engine's own locks, for a plan whose text did not come from the planner.

use crate::world::{T0, World, batch, rows};
use event::{TenantId, Timestamp};

#[tokio::test]
async fn the_engine_refuses_by_itself() {
    let world = World::new().await;
    world.append(1, rows(1..4)).await;
    world.events.append(batch("other", 1, 1), rows(1..3)).await.unwrap();
    world.events.flush().await.unwrap();
    std::fs::write(world.dir.path().join("secret.csv"), "secret\n1\n").unwrap();
    let secret = world.dir.path().join("secret.csv").display().to_string();
    let scope = hunt::Scope::new(TenantId::default(), Timestamp(T0));
    for sql in [
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'".to_owned(),
        format!("COPY (SELECT * FROM events) TO '{}/out.parquet'", world.dir.path().display()),
        format!("SELECT * FROM '{secret}'"),
        format!("SELECT * FROM read_csv('{secret}')"),
        "SELECT * FROM range(1, 3)".to_owned(),
        "SELECT * FROM generate_series(1, 3)".to_owned(),
        "INSERT INTO events SELECT * FROM events".to_owned(),
        "CREATE TABLE y AS SELECT 1".to_owned(),
        "CREATE VIEW y AS SELECT 1".to_owned(),
        "DROP TABLE events".to_owned(),
        "SET datafusion.execution.target_partitions = 100".to_owned(),
        "SHOW ALL".to_owned(),
        "SELECT * FROM information_schema.tables".to_owned(),
        "SELECT * FROM alerts".to_owned(),
        "SELECT version()".to_owned(),
    ] {
        let mut plan = hunt::plan("SELECT count(*) FROM events", &scope).unwrap();
        plan.sql = sql.clone();
        let answer = match world.events.hunt(&plan).await {
            Ok(stream) => stream.collect().await,
            Err(failure) => Err(failure),
        };
        assert!(answer.is_err(), "{sql}: {answer:?}");
    }
    // A plan without the planner's predicate still sees one tenant only.
    let mut plan = hunt::plan("SELECT count(*) FROM events", &scope).unwrap();
    plan.sql = "SELECT count(*) FROM events".into();
    assert_eq!(world.events.hunt(&plan).await.unwrap().collect().await.unwrap().rows[0][0], 3);
    plan.sql = "SELECT count(*) FROM events WHERE tenant_id = 'other'".into();
    assert_eq!(world.events.hunt(&plan).await.unwrap().collect().await.unwrap().rows[0][0], 0);
    assert!(!world.dir.path().join("out.parquet").exists());
    assert_eq!(world.number("SELECT count(*) FROM events").await, 3);
}
