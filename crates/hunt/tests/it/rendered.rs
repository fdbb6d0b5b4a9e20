//! What is let through, and what the engine is given for it.

use crate::{plan, scope};
use event::{TenantId, Timestamp};
use hunt::{EventQuery, Order, Table};

const EVENTS: &str = "(SELECT * FROM events WHERE tenant_id = 'acme')";

/// The engine's text; EVENTS stands for the tenant's part of the table.
fn check(sql: &str, expected: &str) {
    let plan = plan(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let short = plan.sql.replace(EVENTS, "EVENTS").replace(&EVENTS.replace("events", "alerts"), "ALERTS");
    assert_eq!(short, expected, "{sql}");
}

#[test]
fn every_table_gets_its_tenant() {
    check("SELECT * FROM events", "SELECT * FROM EVENTS AS events LIMIT 101");
    check("select * from Events e;", "SELECT * FROM EVENTS e LIMIT 101");
    check(
        "SELECT * FROM events a JOIN alerts b ON a.host_id = b.host_id",
        "SELECT * FROM EVENTS a JOIN ALERTS b ON a.host_id = b.host_id LIMIT 101",
    );
    check("SELECT 1 FROM events, (events)", "SELECT 1 FROM EVENTS AS events, EVENTS AS events LIMIT 101");
    check(
        "WITH x AS (SELECT * FROM events) SELECT * FROM x WHERE EXISTS (SELECT 1 FROM \"alerts\")",
        "WITH x AS (SELECT * FROM EVENTS AS events) SELECT * FROM x WHERE EXISTS (SELECT 1 FROM ALERTS AS alerts) LIMIT 101",
    );
    check(
        "SELECT host_id FROM events UNION ALL SELECT host_id FROM alerts",
        "SELECT host_id FROM EVENTS AS events UNION ALL SELECT host_id FROM ALERTS AS alerts LIMIT 101",
    );
    check("SELECT * FROM (SELECT * FROM events) s", "SELECT * FROM (SELECT * FROM EVENTS AS events) s LIMIT 101");
}

#[test]
fn a_tenant_cannot_be_escaped() {
    let tricks = [
        "SELECT * FROM events WHERE tenant_id = 'other'",
        "SELECT * FROM events WHERE 1=1 OR tenant_id = 'other'",
        "SELECT * FROM events -- WHERE",
        "SELECT * FROM events /* ' */ WHERE '--' = '--'",
        "SELECT * FROM events WHERE process_name = ''' OR 1=1 --'",
        "SELECT tenant_id FROM events GROUP BY tenant_id HAVING true",
        "SELECT * FROM events AS tenant_id",
        "SELECT * FROM events e FULL OUTER JOIN events f ON false",
    ];
    for sql in tricks {
        let plan = plan(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        let tables = plan.sql.matches("FROM events").count();
        assert_eq!(tables, plan.sql.matches("FROM events WHERE tenant_id = 'acme')").count(), "{}", plan.sql);
        assert_eq!(tables, sql.matches("events").count(), "{}", plan.sql);
        assert_eq!(plan.tenant, TenantId::new("acme"));
    }
    let mut scope = scope();
    scope.tenant = TenantId::new("o'neil'; DROP TABLE events; --\\");
    let plan = hunt::plan("SELECT 1 FROM events", &scope).unwrap();
    assert!(plan.sql.contains("tenant_id = 'o''neil''; DROP TABLE events; --\\')"), "{}", plan.sql);
}

#[test]
fn the_limit_is_the_lesser() {
    check("SELECT 1 LIMIT 7", "SELECT 1 LIMIT 7");
    check("SELECT 1 LIMIT 100", "SELECT 1 LIMIT 100");
    check("SELECT 1 LIMIT 5000 OFFSET 3", "SELECT 1 LIMIT 101 OFFSET 3");
    check("SELECT 1 LIMIT ALL", "SELECT 1 LIMIT 101");
    check("(SELECT 1 LIMIT 5000)", "(SELECT 1 LIMIT 5000) LIMIT 101");
    check("SELECT * FROM (SELECT 1 LIMIT 5000) x", "SELECT * FROM (SELECT 1 LIMIT 5000) x LIMIT 101");
}

#[test]
fn labels_and_the_clock_have_short_forms() {
    check("SELECT label('memfd') FROM events", "SELECT label(labels, 'memfd') FROM EVENTS AS events LIMIT 101");
    check("SELECT label(e.labels, 'x') FROM events e", "SELECT label(e.labels, 'x') FROM EVENTS e LIMIT 101");
    check(
        "SELECT 1 FROM events e WHERE e.labels['a''b'] = '1' AND labels['x'] IS NULL",
        "SELECT 1 FROM EVENTS e WHERE label(e.labels, 'a''b') = '1' AND label(labels, 'x') IS NULL LIMIT 101",
    );
    check(
        "SELECT now(), CURRENT_TIMESTAMP, current_date",
        "SELECT TIMESTAMP '2026-01-31T00:00:00.000000000Z', TIMESTAMP '2026-01-31T00:00:00.000000000Z', \
         CAST(TIMESTAMP '2026-01-31T00:00:00.000000000Z' AS DATE) LIMIT 101",
    );
}

#[test]
fn the_usual_questions_are_let_through() {
    for sql in [
        "SELECT process_name, count(*) AS n, count(DISTINCT host_id) FROM events WHERE timestamp > now() - INTERVAL '1 day' GROUP BY process_name HAVING count(*) < 5 ORDER BY n DESC LIMIT 20",
        "SELECT * FROM events WHERE process_command_line ILIKE '%base64 -d%' OR regexp_like(process_command_line, 'curl.+\\|.+sh')",
        "SELECT e.*, a.title FROM events e LEFT JOIN alerts a ON a.process_entity_id = e.process_entity_id",
        "SELECT date_trunc('hour', timestamp) AS h, count(*) FILTER (WHERE event_outcome = 'failure') FROM events GROUP BY 1 ORDER BY 1",
        "SELECT host_id, row_number() OVER (PARTITION BY host_id ORDER BY timestamp) FROM events",
        "SELECT DISTINCT destination_ip FROM events JOIN indicators ON indicators.value = destination_ip",
        "SELECT CASE WHEN user_id = 0 THEN 'root' ELSE 'other' END, extract(hour FROM timestamp) FROM events",
        "SELECT CAST(process_pid AS BIGINT), process_pid::text, -process_pid FROM events WHERE process_pid NOT BETWEEN 1 AND 5",
        "SELECT substring(process_name FROM 1 FOR 3), trim(both ' ' from process_name), position('a' in process_name) FROM events",
        "SELECT 'it''s', \"process_name\" FROM events WHERE file_path IS NOT NULL",
        "SELECT coalesce(user_name, 'none') FROM events WHERE (host_id, process_pid) IN (('a', 1))",
    ] {
        plan(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    assert_eq!(plan("SELECT 1 FROM alerts").unwrap().tables, [Table::Alerts].into());
}

#[test]
fn typed_questions_quote_their_words() {
    let query = EventQuery {
        tenant: TenantId::new("a'b"),
        hosts: vec!["h'1".into(), "h2".into()],
        from: Some(Timestamp(0)),
        after: Some(7),
        order: Order::Arrival,
        limit: 5,
        ..EventQuery::default()
    };
    let sql = query.plan().sql;
    assert_eq!(
        sql,
        "SELECT * FROM events WHERE tenant_id = 'a''b' AND host_id IN ('h''1', 'h2') AND timestamp >= TIMESTAMP \
         '1970-01-01T00:00:00.000000000Z' AND store_sequence > 7 ORDER BY store_sequence LIMIT 6"
    );
    assert!(hunt::process_events(&TenantId::default(), &[], 3).sql.contains("IN (NULL)"));
}
