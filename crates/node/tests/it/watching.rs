//! Rules and indicators that are added on the node: over what arrives, from whatever host, and over what is stored.

use crate::world::{World, exec, now, process};
use event::{Column, Row, Value as Held};
use serde_json::{Value, json};

const HOST: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";
const RULES: &str = "/api/v1/rules/node";

fn rule(id: u8, title: &str, contains: &str) -> String {
    format!(
        "title: {title}\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a{id:02}\nname: base{id}\n\
         logsource: {{product: linux, category: process_creation}}\n\
         detection: {{a: {{CommandLine|contains: {contains}}}, condition: a}}\nlevel: high\ntags: [attack.t1059]\n"
    )
}

fn named(name: &str, text: &str) -> Value {
    json!({ "rules": [{ "name": name, "text": text }] })
}

fn connection(ip: &str) -> Row {
    let mut row = Row::default();
    row.set(Column::Time, Held::Time(now()));
    row.set_text(Column::Category, "network");
    row.set_text(Column::Action, "network-connect");
    row.set_text(Column::ProcessEntityId, process(901, "/usr/bin/curl", "").entity_id);
    row.set_text(Column::ProcessName, "curl");
    row.set_text(Column::ProcessExecutable, "/usr/bin/curl");
    row.set(Column::DestinationIp, Held::Ip(ip.parse().unwrap()));
    row
}

/// Waits until the search through history of a rule has come to its end.
async fn searched(world: &World, name: &str) -> Value {
    let of = |list: &Value| list["items"].as_array().unwrap().iter().find(|rule| rule["name"] == name).cloned();
    let list = world.until(RULES, |list| of(list).is_some_and(|rule| rule["history"]["state"] != "running")).await;
    of(&list).unwrap()["history"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_rule_is_held_to_what_arrives_and_to_what_is_stored() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.event(&exec("sh -c 'marker-old 1'"));
    agent.event(&exec("sh -c 'marker-old 2'"));
    agent.event(&exec("sh -c other"));
    world.until("/api/v1/events", |page| page["items"].as_array().is_some_and(|all| all.len() == 3)).await;
    let answer = world.root("POST", RULES, named("marker.yml", &rule(1, "A marker", "marker"))).await.ok();
    assert_eq!(answer, json!({ "names": ["marker.yml"], "rejected": [] }));
    let history = searched(&world, "marker.yml").await;
    assert_eq!(
        (&history["state"], &history["hits"], &history["alerts"]),
        (&json!("done"), &json!(2), &json!(1)),
        "{history}"
    );
    let alerts = world.get("/api/v1/alerts").await;
    let back = &alerts["items"][0];
    assert_eq!((&back["title"], &back["retrospective"]), (&json!("A marker (in history)"), &json!(true)));
    assert!(back["detail"].as_str().unwrap().starts_with("Found in the stored history, 2 times from "), "{back}");
    assert_eq!((&back["host_id"], &back["process_name"]), (&json!(HOST), &json!("dash")));
    assert!(!back["incident_id"].is_null());

    agent.event(&exec("sh -c 'marker-new'"));
    let alerts = world.until("/api/v1/alerts", |page| page["items"].as_array().unwrap().len() == 2).await;
    let live = alerts["items"].as_array().unwrap().iter().find(|alert| alert["retrospective"] == false).unwrap();
    assert_eq!((&live["title"], &live["host_name"]), (&json!("A marker"), &json!("srv-1")));
    let shown = world.get(&format!("/api/v1/alerts/{}", live["id"].as_str().unwrap())).await;
    assert_eq!(shown["decision"]["reasons"][0]["text"], "found by a rule on the node");
    assert_eq!(world.get(RULES).await["told"][0]["alerts"], 1);

    // Still in force after a restart, and no more once it is off.
    drop(agent);
    let world = world.again().await;
    let agent = world.agent(HOST).await;
    agent.event(&exec("sh -c 'marker-again'"));
    world.until("/api/v1/alerts", |page| page["items"].as_array().unwrap().len() == 3).await;
    assert_eq!(world.root("DELETE", &format!("{RULES}/marker.yml"), Value::Null).await.status, 204);
    world.root("DELETE", &format!("{RULES}/marker.yml"), Value::Null).await.problem(404, "not_found");
    let before = world.get("/api/v1/events").await["items"].as_array().unwrap().len();
    agent.event(&exec("sh -c 'marker-off'"));
    world.until("/api/v1/events", |page| page["items"].as_array().unwrap().len() == before + 1).await;
    assert_eq!(world.get("/api/v1/alerts").await["items"].as_array().unwrap().len(), 3);
}

/// Two hosts that each do it once are what no agent can see.
#[tokio::test(flavor = "multi_thread")]
async fn a_correlation_counts_over_hosts() {
    let world = World::new().await;
    let text = format!(
        "{}---\ntitle: On several hosts\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a77\ncorrelation:\n  type: value_count\n  rules: [base1]\n  \
         group-by: [process_name]\n  timespan: 10m\n  condition: {{field: host_id, gte: 2}}\nlevel: high\n",
        rule(1, "One sign", "marker")
    );
    let answer = world.root("POST", RULES, named("spread.yml", &text)).await.ok();
    assert_eq!(answer["rejected"], json!([]));
    let (first, second) = (world.agent(HOST).await, world.agent(OTHER).await);
    let many =
        |page: &Value| page["items"].as_array().unwrap().iter().any(|alert| alert["title"] == "On several hosts");
    first.event(&exec("sh -c 'marker a'"));
    world.until("/api/v1/events", |page| page["items"].as_array().unwrap().len() == 1).await;
    assert!(!many(&world.get("/api/v1/alerts").await));
    second.event(&exec("sh -c 'marker b'"));
    world.until("/api/v1/alerts", many).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicator_finds_what_was_before_it() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.event(&connection("203.0.113.9"));
    agent.event(&connection("198.51.100.1"));
    world.until("/api/v1/events", |page| page["items"].as_array().is_some_and(|all| all.len() == 2)).await;
    let body = json!({ "indicators": [
        { "kind": "ip", "value": "203.0.113.9", "note": "list of a partner", "severity": "critical" },
        { "kind": "domain", "value": "evil.example" },
    ] });
    let answer = world.root("POST", "/api/v1/indicators", body).await.ok();
    assert_eq!(answer["names"], json!(["indicator-ip-203.0.113.9", "indicator-domain-evil.example"]));
    assert_eq!(searched(&world, "indicator-ip-203.0.113.9").await["alerts"], 1);
    assert_eq!(searched(&world, "indicator-domain-evil.example").await["hits"], 0);
    let alert = &world.get("/api/v1/alerts").await["items"][0];
    let title = "Known bad ip: 203.0.113.9 (list of a partner) (in history)";
    assert_eq!((&alert["title"], &alert["severity"]), (&json!(title), &json!("critical")));
    // The very same again: it is known, and told once.
    let body = json!({ "indicators": [{ "kind": "ip", "value": "203.0.113.9", "severity": "critical" }] });
    world.root("POST", "/api/v1/indicators", body).await.ok();
    assert_eq!(searched(&world, "indicator-ip-203.0.113.9").await["alerts"], 0);
    let wrong = json!({ "indicators": [{ "kind": "ip", "value": "example" }] });
    world.root("POST", "/api/v1/indicators", wrong).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_cannot_be_used_adds_nothing() {
    let world = World::new().await;
    let broken =
        "title: x\nlogsource: {product: windows, category: process_creation}\ndetection: {a: {b: c}, condition: a}\n";
    let body =
        json!({ "rules": [{ "name": "good.yml", "text": rule(1, "A", "a") }, { "name": "bad.yml", "text": broken }] });
    let answer = world.root("POST", RULES, body).await.ok();
    assert_eq!((&answer["names"], &answer["rejected"][0]["file"]), (&json!([]), &json!("bad.yml")));
    assert_eq!(world.get(RULES).await["items"], json!([]));
    world.root("POST", RULES, named("../x", &rule(1, "A", "a"))).await.problem(422, "invalid");
    world.root("POST", RULES, json!({ "rules": [] })).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_keeps_what_it_said_before_and_who_changed_it() {
    let world = World::new().await;
    let path = format!("{RULES}/mine.yml");
    world.root("GET", &path, Value::Null).await.problem(404, "not_found");
    let save = |text: &str, base: u64, reason: &str| {
        let mut body = named("mine.yml", text);
        (body["base"], body["reason"]) = (json!(base), json!(reason));
        body
    };
    let (first, second) = (rule(1, "First", "marker"), rule(1, "Second", "marker"));
    world.root("POST", RULES, save(&first, 0, "a new sign")).await.ok();
    // Who began from what is no more the newest changes nothing.
    world.root("POST", RULES, save(&second, 0, "also new")).await.problem(409, "conflict");
    world.root("POST", RULES, save(&second, 1, "a better name")).await.ok();
    let list = world.get("/api/v1/rules").await;
    let one = list["items"].as_array().unwrap().iter().find(|one| one["node"] == "mine.yml").unwrap().clone();
    assert_eq!((&one["title"], &one["builtin"], &one["hosts"]), (&json!("Second"), &json!(false), &json!([])));
    let detail = world.get(&format!("/api/v1/rules/{}", one["id"].as_str().unwrap())).await;
    assert_eq!((&detail["text"], &detail["summary"]["node"]), (&json!(second), &json!("mine.yml")));
    assert_eq!(detail["on_node"]["rule"]["version"], 2);
    assert_eq!(world.root("DELETE", &format!("{path}?reason=too+loud"), Value::Null).await.status, 204);
    let after = world.get(&path).await;
    assert_eq!(after["rule"], Value::Null);
    let said = |one: &Value| (one["version"].clone(), one["reason"].clone(), one["removed"].clone());
    let versions: Vec<_> = after["versions"].as_array().unwrap().iter().map(said).collect();
    assert_eq!(
        versions,
        [
            (json!(3), json!("too loud"), json!(true)),
            (json!(2), json!("a better name"), json!(false)),
            (json!(1), json!("a new sign"), json!(false))
        ]
    );
    assert_eq!((&after["versions"][2]["text"], &after["versions"][2]["by"]), (&json!(first), &json!("root")));
    let audit = world.get("/api/v1/audit").await;
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["detail"]),
        (&json!("rules.remove"), &json!("too loud"))
    );
}

/// An alert says by its rule's id what told it: two rules of one id could not be told apart.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_the_product_is_not_given_to_another_rule() {
    let world = World::new().await;
    let list = world.get("/api/v1/rules").await;
    let ours = list["items"].as_array().unwrap().iter().find(|one| one["kind"] == "sigma").unwrap();
    let text = world.get(&format!("/api/v1/rules/{}", ours["id"].as_str().unwrap())).await["text"].clone();
    let answer = world.root("POST", RULES, named("copy.yml", text.as_str().unwrap())).await.ok();
    assert_eq!((&answer["names"], &answer["rejected"][0]["rule_id"]), (&json!([]), &ours["id"]));
    assert_eq!(world.get(RULES).await["items"], json!([]));
}

/// One rule that everything meets does not make an alert of everything; what is left out is counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_met_by_everything_is_told_of_now_and_then() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let mut body = named("all.yml", &rule(1, "Everything", "sh"));
    body["only_new_events"] = json!(true);
    world.root("POST", RULES, body).await.ok();
    for n in 0..60 {
        agent.event(&exec(&format!("sh {n}")));
    }
    let count = |list: &Value, name: &str| list["told"][0][name].as_u64().unwrap_or(0);
    let list = world.until(RULES, |list| count(list, "alerts") + count(list, "shed") == 60).await;
    // In one minute, or in two.
    assert!(matches!(count(&list, "alerts"), 20..=40), "{list}");
    assert_eq!(list["items"][0]["history"]["state"], "none");
}
