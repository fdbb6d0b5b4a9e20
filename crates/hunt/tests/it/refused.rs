//! Everything that is not one harmless question.

use crate::plan;
use hunt::HuntError;

/// Refused, and the words hold `part`.
fn check(sql: &str, part: &str) {
    match plan(sql) {
        Ok(plan) => panic!("{sql} was let through as {}", plan.sql),
        Err(error) => assert!(error.to_string().contains(part), "{sql}: {error}"),
    }
}

#[test]
fn what_writes_or_sets() {
    for sql in [
        "INSERT INTO events VALUES (1)",
        "insert into events select * from events",
        "UPDATE events SET host_id = 'x'",
        "DELETE FROM events",
        "MERGE INTO events USING alerts ON true WHEN MATCHED THEN DELETE",
        "TRUNCATE TABLE events",
        "DROP TABLE events",
        "CREATE TABLE x AS SELECT * FROM events",
        "CREATE VIEW x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '/etc/passwd'",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "ALTER TABLE events ADD COLUMN x INT",
        "COPY events TO '/tmp/x'",
        "COPY (SELECT * FROM events) TO '/tmp/x' STORED AS PARQUET",
        "COPY events FROM '/etc/passwd'",
        "SET datafusion.execution.batch_size = 1",
        "SHOW TABLES",
        "SHOW ALL",
        "DESCRIBE events",
        "EXPLAIN SELECT * FROM events",
        "EXPLAIN ANALYZE SELECT * FROM events",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "GRANT ALL ON events TO x",
        "BEGIN",
        "COMMIT",
        "CALL f()",
        "DO 1",
        "ATTACH DATABASE '/etc/passwd' AS x",
        "PRAGMA table_info(events)",
        "LOAD DATA INPATH '/x' INTO TABLE events",
        "LISTEN x",
        "KILL 1",
        "USE x",
        "VALUES (1)",
        "TABLE events",
        "FROM events SELECT 1",
        "hello",
    ] {
        check(sql, "hunts only read");
    }
    check("WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x", "hunts only read");
    check("WITH x AS (INSERT INTO events SELECT 1 RETURNING *) SELECT * FROM x", "hunts only read");
    check("WITH x AS (SELECT 1) INSERT INTO events SELECT * FROM x", "hunts only read");
    check("SELECT * INTO x FROM events", "SELECT INTO");
    check("SELECT * FROM events FOR UPDATE", "FOR UPDATE");
}

#[test]
fn what_is_more_than_one_or_nothing() {
    check("", "nothing to run");
    check(" ; ;", "nothing to run");
    check("-- only a comment", "nothing to run");
    check("SELECT 1; DROP TABLE events", "second statement begins (at line 1, column 11)");
    check("SELECT 1;\n SELECT 2", "(at line 2, column 2)");
    check("SELECT 1 /* ; */; -- x\n DELETE FROM events", "second statement");
    check("SELECT 1 FROM events) UNION (SELECT 2", "nothing is expected at )");
}

#[test]
fn other_tables_and_files() {
    for sql in [
        "SELECT * FROM users",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM `/etc/passwd`",
        "SELECT * FROM 'http://169.254.169.254/'",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM datafusion.public.events",
        "SELECT * FROM public.events",
        "SELECT * FROM other.events",
        "SELECT * FROM \"EVENTS\"",
        "SELECT * FROM \"events \"",
        "SELECT * FROM events, users",
        "SELECT * FROM events JOIN users ON true",
        "SELECT * FROM (SELECT * FROM users) u",
        "SELECT (SELECT max(x) FROM users) FROM events",
        "SELECT * FROM events WHERE EXISTS (SELECT 1 FROM users)",
        "SELECT * FROM events WHERE host_id IN (SELECT id FROM users)",
        "SELECT * FROM events UNION ALL SELECT * FROM users",
        "WITH u AS (SELECT * FROM users) SELECT * FROM u",
        "SELECT * FROM events ORDER BY (SELECT 1 FROM users)",
        "SELECT CASE WHEN (SELECT true FROM users) THEN 1 END FROM events",
        "SELECT count(*) FILTER (WHERE (SELECT true FROM users)) FROM events",
        "SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM users)) FROM events",
    ] {
        check(sql, "there is no table");
    }
}

#[test]
fn table_functions_and_odd_sources() {
    for sql in [
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM generate_series(1, 1000000000)",
        "SELECT * FROM events('x')",
        "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
        "SELECT * FROM UNNEST(array_agg(1))",
        "SELECT * FROM events, LATERAL (SELECT 1) x",
        "SELECT * FROM events TABLESAMPLE BERNOULLI (10)",
        "SELECT * FROM JSON_TABLE('{}', '$' COLUMNS(a INT PATH '$.a')) t",
        "SELECT * FROM events FOR SYSTEM_TIME AS OF '2020-01-01'",
    ] {
        assert!(plan(sql).is_err(), "{sql}");
    }
}

#[test]
fn other_functions() {
    check("SELECT read_text('/etc/passwd') FROM events", "no function \"read_text\"");
    check("SELECT version() FROM events", "no function");
    check("SELECT pg_read_file('/etc/passwd')", "no function");
    check("SELECT arrow_cast(host_id, 'Binary') FROM events", "no function");
    check("SELECT repeat('x', 1000000000) FROM events", "no function");
    check("SELECT range(1, 1000000000) FROM events", "no function");
    check("SELECT random() FROM events", "no function");
    check("SELECT main.count(*) FROM events", "no function");
    check("SELECT lenght(host_id) FROM events", "did you mean \"length\"? (at line 1, column 8)");
}

#[test]
fn names_that_would_hide_a_table() {
    check("WITH events AS (SELECT 1) SELECT * FROM events", "takes the name of the table");
    check("WITH x AS (WITH Alerts AS (SELECT 1) SELECT * FROM alerts) SELECT * FROM x", "takes the name of the table");
    check("WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x", "WITH RECURSIVE");
}

#[test]
fn what_is_too_big() {
    check(&format!("SELECT {}1{} FROM events", "(".repeat(200), ")".repeat(200)), "nested brackets");
    check(&format!("SELECT 1 FROM events WHERE {}", vec!["a = 1"; 500].join(" OR ")), "operators");
    check(&format!("SELECT {} 1", "NOT ".repeat(5000)), "operators");
    check(&format!("SELECT {} 1", "- ".repeat(5000)), "operators");
    check(&format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(300)), "operators");
    check(&format!("SELECT '{}'", "x".repeat(70_000)), "characters");
    check(&format!("SELECT {}1", "1,".repeat(15_000)), "words and signs");
    check(&format!("SELECT 1 FROM {}", vec!["events"; 30].join(",")), "tables");
    check(&format!("SELECT {}", vec!["(SELECT 1)"; 60].join(",")), "subqueries");
    check(&format!("SELECT {}1{}", "CASE WHEN true THEN ".repeat(500), " END".repeat(500)), "operators");
}

#[test]
fn what_is_not_sql_says_where() {
    check("SELECT FROM WHERE", "(at line 1, column ");
    check("SELECT 'open", "not SQL that we read");
    check("SELECT *\nFROM events\nWHERE host_id ==", "line 3");
    check("SELECT \u{1b}[2J", "not SQL");
    assert!(!plan("SELECT 1 FROM \u{1b}[2J").unwrap_err().to_string().contains('\u{1b}'));
}

#[test]
fn limits_that_are_no_numbers() {
    check("SELECT * FROM events LIMIT 1 + 1", "LIMIT that is not a number");
    check("SELECT * FROM events LIMIT (SELECT 1000000)", "LIMIT that is not a number");
    check("SELECT * FROM events FETCH FIRST 10 ROWS ONLY", "FETCH");
    check("SELECT * FROM events LIMIT sleep(1)", "no function");
    check("SELECT TOP 5 * FROM events", "TOP");
}

#[test]
fn the_error_is_data_too() {
    let error = plan("SELECT a\nFROM nothing").unwrap_err();
    assert_eq!(error.position().map(|p| (p.line, p.column)), Some((2, 6)));
    assert!(
        matches!(&error, HuntError::UnknownTable { name, known, .. } if name == "nothing" && known.contains("indicators"))
    );
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!((&json["kind"], &json["position"]["line"]), (&"unknown_table".into(), &2.into()));
}
