//! Hunts answer right, the same from memory, from segments and from both.

use crate::world::{T0, World, row, rows};
use event::{Column, TenantId, Timestamp};
use hunt::EventQuery;
use store::HuntFailure;

async fn mixed() -> World {
    let world = World::new().await;
    world.append(0, rows(0..300)).await;
    world.events.flush().await.unwrap();
    world.append(300, rows(300..600)).await;
    world.events.flush().await.unwrap();
    world.append(600, rows(600..1000)).await;
    world
}

#[tokio::test]
async fn people_ask() {
    let world = mixed().await;
    let check = async |sql: &str, expected: &[&str]| assert_eq!(world.rows(sql).await, expected, "{sql}");
    check("SELECT count(*) FROM events", &["[1000]"]).await;
    check("SELECT count(*) FROM events WHERE host_id = 'host-3'", &["[100]"]).await;
    check(
        "SELECT process_entity_id FROM events WHERE host_id = 'host-3' AND timestamp >= TIMESTAMP '2026-01-31T00:05:00Z' AND timestamp < TIMESTAMP '2026-01-31T00:05:15Z' ORDER BY timestamp",
        &[r#"["p-303"]"#, r#"["p-313"]"#],
    )
    .await;
    check("SELECT event_sequence FROM events WHERE process_entity_id = 'p-777'", &["[777]"]).await;
    check("SELECT count(*) FROM events WHERE process_command_line LIKE '%step 99%'", &["[11]"]).await;
    check(
        "SELECT process_name, count(*) AS n, count(DISTINCT host_id) AS hosts FROM events GROUP BY process_name ORDER BY n",
        &[r#"["curl",143,10]"#, r#"["bash",857,10]"#],
    )
    .await;
    check("SELECT count(*) FROM events WHERE labels['memfd'] = 'true'", &["[200]"]).await;
    check("SELECT count(*) FROM events AS e WHERE label(e.labels, 'memfd') IS NULL", &["[800]"]).await;
    check("SELECT max(timestamp) FROM events", &[r#"["2026-01-31T00:16:39.000000000Z"]"#]).await;
    check("SELECT count(*) FROM events WHERE timestamp > now() - INTERVAL '50 minutes'", &["[399]"]).await;
    check("SELECT count(*) FROM events WHERE timestamp > '2026-01-31T00:16:00Z'", &["[39]"]).await;
    check("SELECT count(*) FROM events WHERE destination_ip IN ('10.0.0.1', '10.0.2.7')", &["[2]"]).await;
    check(
        "SELECT c.process_entity_id FROM events p JOIN events c ON c.process_parent_entity_id = p.process_entity_id WHERE p.process_entity_id = 'p-42'",
        &[r#"["p-52"]"#],
    )
    .await;
    check(
        "WITH h AS (SELECT host_id, count(*) AS n FROM events WHERE process_name = 'curl' GROUP BY host_id) SELECT max(n), min(n), sum(n) FROM h",
        &["[15,14,143]"],
    )
    .await;
    check("SELECT event_sequence FROM events ORDER BY timestamp DESC LIMIT 2", &["[999]", "[998]"]).await;
    check("SELECT event_sequence FROM events ORDER BY event_sequence LIMIT 2 OFFSET 5", &["[5]", "[6]"]).await;
    check("SELECT count(*) FROM events WHERE process_interactive", &["[500]"]).await;
    check("SELECT count(*) FROM events WHERE process_pid BETWEEN 1000 AND 1009", &["[10]"]).await;
    check("SELECT count(*) FROM events WHERE regexp_like(process_command_line, 'step [0-9]$')", &["[10]"]).await;
    check(
        "SELECT date_trunc('minute', timestamp) AS m, count(*) FROM events GROUP BY m ORDER BY m LIMIT 1",
        &[r#"["2026-01-31T00:00:00.000000000Z",60]"#],
    )
    .await;
    check(
        "SELECT count(*) FROM (SELECT process_name FROM events UNION ALL SELECT process_name FROM events) u",
        &["[2000]"],
    )
    .await;
    check(
        "SELECT process_name, array_agg(DISTINCT event_action) FROM events GROUP BY 1 ORDER BY 1 LIMIT 1",
        &[r#"["bash",["process-exec"]]"#],
    )
    .await;
    check("SELECT row_number() OVER (ORDER BY event_sequence) FROM events ORDER BY 1 LIMIT 1", &["[1]"]).await;
    check(
        "SELECT count(*) FROM events WHERE event_sequence > (SELECT max(event_sequence) - 10 FROM events)",
        &["[10]"],
    )
    .await;
}

#[tokio::test]
async fn the_product_asks() {
    let world = mixed().await;
    let tree = world.events.process_tree(&TenantId::default(), "p-905", 100).await.unwrap();
    let ids: Vec<_> = tree.events.iter().map(|e| e.row.text(Column::ProcessEntityId).unwrap().into_owned()).collect();
    assert_eq!(ids, (905..1000).step_by(10).map(|n| format!("p-{n}")).collect::<Vec<_>>());
    let near = world.events.hunt(&hunt::tree_events(&TenantId::default(), &["p-500".into()], 10)).await.unwrap();
    assert_eq!(near.events().await.unwrap().events.len(), 2);
    let query = EventQuery {
        hosts: vec!["host-4".into(), "host-5".into()],
        from: Some(Timestamp(T0 + 100_000_000_000)),
        to: Some(Timestamp(T0 + 120_000_000_000)),
        ..EventQuery::default()
    };
    let found = world.events.events(&query).await.unwrap();
    assert_eq!(
        found.events.iter().map(|e| e.row.clone()).map(without_tenant).collect::<Vec<_>>(),
        [row(115), row(114), row(105), row(104)]
    );
    let newest = EventQuery { limit: 3, ..EventQuery::default() };
    let found = world.events.events(&newest).await.unwrap();
    assert!(found.truncated && found.events.len() == 3);
    let none = EventQuery { processes: vec!["' OR 1=1 --".into()], ..EventQuery::default() };
    assert!(world.events.events(&none).await.unwrap().events.is_empty());
}

fn without_tenant(row: event::Row) -> event::Row {
    let mut out = event::Row::default();
    out.labels = row.labels.clone();
    row.columns().filter(|(c, _)| *c != Column::Tenant).for_each(|(c, v)| out.set(c, v.clone()));
    out
}

#[tokio::test]
async fn lists_are_joined() {
    let world = mixed().await;
    let mut scope = hunt::Scope::new(TenantId::default(), Timestamp(T0));
    scope.lists.insert("indicators".into());
    let sql = "SELECT count(*) FROM events JOIN indicators ON destination_ip = value";
    let values = (0..50_000).map(|n| format!("10.0.{}.{}", n / 250, n % 250)).chain(["10.0.0.1".into()]);
    let plan = hunt::plan(sql, &scope).unwrap().with_list("indicators", values.collect());
    let answer = world.events.hunt(&plan).await.unwrap().collect().await.unwrap();
    assert_eq!(answer.rows[0][0], 1001);
}

#[tokio::test]
async fn limits_hold() {
    let world = mixed().await;
    let mut scope = hunt::Scope::new(TenantId::default(), Timestamp(T0));
    scope.row_limit = 10;
    let run = async |sql: &str, scope: &hunt::Scope| {
        world.events.hunt(&hunt::plan(sql, scope).unwrap()).await?.collect().await
    };
    let answer = run("SELECT * FROM events", &scope).await.unwrap();
    assert!(answer.truncated && answer.rows.len() == 10);
    let answer = run("SELECT * FROM events LIMIT 10", &scope).await.unwrap();
    assert!(!answer.truncated && answer.rows.len() == 10);
    scope.time_limit = std::time::Duration::from_millis(150);
    let slow =
        "SELECT count(*) FROM events a, events b, events c WHERE a.process_pid + b.process_pid * c.process_pid = 7";
    assert!(matches!(run(slow, &scope).await, Err(HuntFailure::TimeLimit(_))));
    // Pairs that an equality lets through by the million, and a condition that holds for none of them.
    let slow = "SELECT count(*) FROM events a JOIN events b ON a.host_id = b.host_id JOIN events c ON a.host_id = c.host_id AND a.process_pid + b.process_pid * c.process_pid = 7";
    assert!(matches!(run(slow, &scope).await, Err(HuntFailure::TimeLimit(_))));
    let slow = "SELECT count(*) FROM events a, events b, events c";
    assert!(matches!(run(slow, &scope).await, Err(HuntFailure::TimeLimit(_))));
    assert_eq!(
        run("SELECT count(*) FROM events", &hunt::Scope::new(TenantId::default(), Timestamp(T0))).await.unwrap().rows
            [0][0],
        1000
    );
}

#[tokio::test]
async fn memory_is_bounded() {
    let world = World::with(store::Config { hunt_memory: 1 << 20, ..crate::world::config() }).await;
    world.append(0, rows(0..20_000)).await;
    let greedy = "SELECT process_command_line, process_entity_id, count(*) FROM events GROUP BY 1, 2 ORDER BY 3";
    assert_eq!(world.hunt(greedy).await, Err(HuntFailure::MemoryLimit));
    assert_eq!(world.number("SELECT count(*) FROM events").await, 20_000);
}

#[tokio::test]
async fn mistakes_are_worded() {
    let world = mixed().await;
    let check = async |sql: &str, part: &str| {
        let said = world.hunt(sql).await.unwrap_err();
        assert!(said.is_callers() && said.to_string().contains(part), "{sql}: {said}");
        assert!(!said.to_string().contains("DataFusion") && !said.to_string().contains("arrow"), "{said}");
    };
    check("SELECT proces_name FROM events", "did you mean \"process_name\"").await;
    check("SELECT process_name, count(*) FROM events", "neither grouped by").await;
    check(
        "SELECT e.host_id FROM events e JOIN events f ON e.host_id = f.host_id WHERE host_id = 'x'",
        "more than one table",
    )
    .await;
    check("SELECT substr(1, 2, 3, 4, 5) FROM events", "arguments").await;
    check("SELECT count(*) FROM events WHERE regexp_like(process_name, '(')", "regular expression").await;
    check("SELECT 1 / 0 FROM events", "divided by zero").await;
    check("SELECT count(*) FROM events WHERE timestamp > 'yesterday'", "time cannot be read").await;
    check("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", "outside the WITH").await;
}

#[tokio::test]
async fn the_deepest_query_that_is_let_through_runs() {
    let world = mixed().await;
    let chain = |n: usize| (0..n).map(|i| format!("process_pid = {i}")).collect::<Vec<_>>().join(" OR ");
    assert_eq!(world.number(&format!("SELECT count(*) FROM events WHERE {}", chain(190))).await, 0);
    let nested = format!("SELECT count(*) FROM events WHERE {}process_pid{} >= 0", "(".repeat(25), ")".repeat(25));
    assert_eq!(world.number(&nested).await, 1000);
    let list = (0..5000).map(|i| format!("'p-{i}'")).collect::<Vec<_>>().join(",");
    assert_eq!(world.number(&format!("SELECT count(*) FROM events WHERE process_entity_id IN ({list})")).await, 1000);
}
