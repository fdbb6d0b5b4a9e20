//! What a browser gets: files, headers, hunts, and hostile text as data.

use crate::world::{Browser, World, exec, web_shell};
use serde_json::{Value, json};

const HOST: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread")]
async fn pages_carry_their_policy_and_unknown_paths_are_the_apps() {
    let world = World::new().await;
    let none = Browser::default();
    for path in ["/", "/incidents/INC-1", "/login"] {
        let page = world.browse(&none, "GET", path, Value::Null).await;
        assert_eq!(page.status, 200);
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
        assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
    }
    world.browse(&none, "GET", "/api/v2/anything", Value::Null).await.problem(404, "not_found");
    world.browse(&none, "GET", "/assets/none.js", Value::Null).await.problem(404, "not_found");
    world.browse(&none, "DELETE", "/", Value::Null).await.problem(405, "method_not_allowed");
    for path in ["/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"] {
        assert!(!world.browse(&none, "GET", path, Value::Null).await.text.contains("root:"), "{path}");
    }
    let document = world.browse(&none, "GET", "/api/openapi.json", Value::Null).await;
    assert_eq!(document.text, console_api::openapi_json());
    assert_eq!(document.headers["cache-control"], "no-store");
    assert_eq!(world.browse(&none, "GET", "/readyz", Value::Null).await.text, "ready\n");
    assert!(world.browse(&none, "GET", "/metrics", Value::Null).await.text.contains("\ntamon_hosts 0\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hunts_read_and_do_nothing_else() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.event(&exec("sh -c 'echo one'"));
    agent.event(&exec("sh -c 'echo two'"));
    world.until("/api/v1/events", |page| page["items"].as_array().is_some_and(|all| all.len() == 2)).await;
    let hunt = async |sql: &str| world.root("POST", "/api/v1/hunt", json!({ "sql": sql })).await;
    let found =
        hunt("SELECT process_command_line, host_name FROM events WHERE process_command_line LIKE '%two%'").await.ok();
    assert_eq!(found["rows"], json!([["sh -c 'echo two'", "srv-1"]]));
    assert_eq!(found["columns"][0]["name"], "process_command_line");
    assert_eq!((&found["truncated"], &found["coverage"]["answered"]), (&json!(false), &json!(1)));
    for sql in [
        "DELETE FROM events",
        "INSERT INTO events VALUES (1)",
        "COPY events TO '/tmp/x'",
        "DROP TABLE events",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM users",
        "SELECT read_file('/etc/passwd')",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
    ] {
        let answer = hunt(sql).await;
        assert_eq!(answer.status, 422, "{sql}: {}", answer.text);
    }
    let wrong = hunt("SELECT\n  process_nme FROM events").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let syntax = hunt("SELECT process_name FROM events WHERE").await.problem(422, "query_invalid");
    assert_eq!(syntax["line"], 1);
    world.root("POST", "/api/v1/hunt", json!({ "sql": "SELECT 1", "limit": 0 })).await.problem(422, "invalid");
    let schema = world.get("/api/v1/hunt/schema").await;
    assert!(schema["tables"][0]["columns"].as_array().unwrap().len() > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_held_against_what_is_stored() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    ["sh -c 'curl one'", "sh -c 'curl two'", "sh -c ls"].iter().for_each(|line| agent.event(&exec(line)));
    world.until("/api/v1/events", |page| page["items"].as_array().is_some_and(|all| all.len() == 3)).await;
    let rule = |id: &str, word: &str| {
        let text = format!(
            "title: {word} is run\nid: {id}\nlogsource: {{product: linux, category: process_creation}}\n\
             detection: {{a: {{CommandLine|contains: {word}}}, condition: a}}\nlevel: medium\n"
        );
        json!({ "name": format!("{word}.yml"), "text": text })
    };
    let rules = json!([
        rule("0e6f1f0a-5b0e-4c55-8f4e-1d2f6a3c9b77", "curl"),
        rule("0e6f1f0a-5b0e-4c55-8f4e-1d2f6a3c9b78", "wget"),
        { "name": "broken.yml", "text": "title: [" },
    ]);
    let told = world.root("POST", "/api/v1/rules/backtest", json!({ "rules": rules })).await.ok();
    assert_eq!((&told["usable"], &told["events"], &told["complete"]), (&json!(2), &json!(3), &json!(true)));
    assert_eq!(told["rejected"][0]["file"], "broken.yml");
    let hits = told["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!((&hits[0]["title"], &hits[0]["count"]), (&json!("curl is run"), &json!(2)));
    assert_eq!(hits[0]["hosts"], json!([{ "host": "srv-1", "count": 2 }]));
    assert!(hits[0]["samples"][0]["detail"].as_str().unwrap().contains("curl"));

    let none = world.root("POST", "/api/v1/rules/backtest", json!({ "rules": [] })).await.ok();
    assert_eq!((&none["usable"], &none["events"]), (&json!(0), &json!(0)));
    let hours = json!({ "rules": [], "hours": 0 });
    world.root("POST", "/api/v1/rules/backtest", hours).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_saved_queries_run_and_the_teams_can_be_kept() {
    let world = World::new().await;
    let saved = world.get("/api/v1/saved-queries").await;
    for query in saved["items"].as_array().unwrap() {
        let answer = world.root("POST", "/api/v1/hunt", json!({ "sql": query["sql"] })).await;
        assert_eq!(answer.status, 200, "{}: {}", query["name"], answer.text);
    }
    let write = json!({ "name": "mine", "sql": "SELECT host_name FROM events" });
    let kept = world.root("POST", "/api/v1/saved-queries", write).await;
    assert_eq!(kept.status, 201);
    let path = format!("/api/v1/saved-queries/{}", kept.json()["id"].as_str().unwrap());
    world.root("PUT", &path, json!({ "name": "mine", "sql": "DROP TABLE x" })).await.problem(422, "query_refused");
    let changed = world.root("PUT", &path, json!({ "name": "ours", "sql": "SELECT 1" })).await.ok();
    assert_eq!(changed["name"], "ours");
    assert_eq!(world.root("DELETE", &path, Value::Null).await.status, 204);
    world.root("DELETE", &path, Value::Null).await.problem(404, "not_found");
    world.root("DELETE", "/api/v1/saved-queries/tamon-1", Value::Null).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_can_be_paged_and_followed() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let start = world.get("/api/v1/events?limit=1").await;
    let follow = start["follow"].as_str().unwrap().to_owned();
    for n in 0..25 {
        agent.event(&exec(&format!("step-{n}")));
    }
    world.until("/api/v1/events?limit=100", |page| page["items"].as_array().unwrap().len() == 25).await;
    let (mut path, mut lines) = ("/api/v1/events?limit=10".to_owned(), Vec::new());
    loop {
        let page = world.get(&path).await;
        lines.extend(
            page["items"].as_array().unwrap().iter().map(|e| e["process_command_line"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/events?limit=10&before={next}");
    }
    let expected: Vec<String> = (0..25).rev().map(|n| format!("step-{n}")).collect();
    assert_eq!(lines, expected);
    let (mut cursor, mut followed) = (follow, 0);
    while followed < 25 {
        let page = world.get(&format!("/api/v1/events?since={cursor}&limit=10&wait=20")).await;
        followed += page["items"].as_array().unwrap().len();
        cursor = page["follow"].as_str().unwrap().to_owned();
    }
    assert_eq!(followed, 25);
    let waiting = tokio::spawn({
        let app = world.app.clone();
        let path = format!("/api/v1/events?since={cursor}&wait=20");
        async move {
            use tower::ServiceExt as _;
            let mut request = crate::world::request("GET", &path, &Value::Null);
            request.extensions_mut().insert(node::Peer::Socket { uid: 0 });
            app.oneshot(request).await.unwrap().status()
        }
    });
    agent.event(&exec("late"));
    assert_eq!(waiting.await.unwrap(), 200);
    let found = world.get("/api/v1/events?text=STEP-7").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    world.root("GET", "/api/v1/events?since=zz", Value::Null).await.problem(422, "invalid");
    world.root("GET", "/api/v1/events?colour=red", Value::Null).await.problem(400, "bad_request");
}

/// Whatever a process calls itself, it comes out as the same text in JSON, and as nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_passes_through_as_data() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let nasty = "</script><script>alert(document.cookie)</script>\u{1b}[2J\u{202e}\" onload=\"x' OR 1=1 --";
    agent.event(&exec(nasty));
    agent.alert(&web_shell("a1", nasty));
    let page = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let answer = world.root("GET", &format!("/api/v1/incidents/{id}"), Value::Null).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let story = answer.ok();
    assert_eq!(story["alerts"][0]["process_command_line"], nasty);
    let shown = world.get("/api/v1/alerts/a1").await;
    assert_eq!(shown["event"]["process_command_line"], nasty);
    let events = world.get("/api/v1/events").await;
    assert_eq!(events["items"][0]["process_command_line"], nasty);
    let hunt = json!({ "sql": "SELECT process_command_line FROM events" });
    assert_eq!(world.root("POST", "/api/v1/hunt", hunt).await.ok()["rows"][0][0], nasty);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_bounded_and_must_be_json() {
    let world = World::new().await;
    let long = json!({ "sql": "x".repeat(300 * 1024) });
    world.root("POST", "/api/v1/hunt", long).await.problem(413, "body_too_large");
    world.root("POST", "/api/v1/hunt", json!({ "sql": "SELECT 1", "extra": true })).await.problem(422, "invalid");
    world.root("POST", "/api/v1/hunt", Value::Null).await.problem(400, "bad_request");
}
