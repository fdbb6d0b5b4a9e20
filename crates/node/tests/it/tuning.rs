//! What people have learned about rules is in force for the next alert, ends when it should, and is never in secret.

use crate::world::{World, web_shell};
use serde_json::{Value, json};

const HOST: &str = "0123456789abcdef0123456789abcdef";
const LIST: &str = "/api/v1/rules/suppressions";

async fn closed(world: &World, id: &Value, disposition: &str) -> Value {
    let body = json!({ "status": "resolved", "disposition": disposition, "reason": "the deployment does that" });
    world.root("PATCH", &format!("/api/v1/incidents/{}", id.as_str().unwrap()), body).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_closed_as_harmless_proposes_and_an_accepted_proposal_silences() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let mut told = web_shell("a1", "sh -c deploy");
    told.event.set_text(event::Column::ProcessExecutable, "/usr/bin/dash");
    agent.alert(&told);
    let page = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    let detail = closed(&world, &page["items"][0]["id"], "benign").await;
    let proposal = &detail["proposals"][0];
    assert_eq!((&proposal["state"], &proposal["rule"]), (&json!("proposed"), &json!("shell-from-server")));
    assert_eq!(proposal["fields"], json!({ "process_executable": "/usr/bin/dash" }));

    // A proposal does nothing by itself.
    let again = |id: &str| {
        let mut told = told.clone();
        told.id = event::AlertId::new(id);
        told
    };
    agent.alert(&again("a2"));
    world.until("/api/v1/incidents?status=open", |page| page["total"] == 1).await;
    let path = format!("{LIST}/{}", proposal["id"].as_str().unwrap());
    world.root("POST", &format!("{path}/accept"), json!({ "reason": "" })).await.problem(422, "invalid");
    let accepted = world.root("POST", &format!("{path}/accept"), json!({ "reason": "agreed", "days": 7 })).await.ok();
    assert_eq!(accepted["state"], "active");
    world.root("POST", &format!("{path}/accept"), json!({ "reason": "again" })).await.problem(409, "conflict");

    agent.alert(&again("a3"));
    let alerts = world.until("/api/v1/alerts", |page| page["items"].as_array().unwrap().len() == 3).await;
    let silent = alerts["items"].as_array().unwrap().iter().find(|alert| alert["id"] == "a3").unwrap();
    assert_eq!((&silent["suppression_id"], &silent["incident_id"]), (&proposal["id"], &Value::Null));
    let listed = world.until(LIST, |list| list["items"][0]["hits"] == 1).await;
    assert!(!listed["items"][0]["last_hit"].is_null());
    // Another program is told of all the same.
    let mut other = again("a4");
    other.event.set_text(event::Column::ProcessExecutable, "/tmp/x");
    agent.alert(&other);
    let kept = world.until("/api/v1/alerts/a4", |alert| alert["summary"]["id"] == "a4").await;
    assert!(!kept["summary"]["incident_id"].is_null());

    // It outlives a restart, and ends when somebody says so.
    drop(agent);
    let world = world.again().await;
    assert_eq!(world.get(LIST).await["items"][0]["hits"], 1);
    let removed = world.root("POST", &format!("{path}/remove"), json!({ "reason": "moved" })).await.ok();
    assert_eq!(removed["state"], "removed");
    let agent = world.agent(HOST).await;
    agent.alert(&again("a5"));
    let told = world.until("/api/v1/alerts/a5", |alert| alert["summary"]["id"] == "a5").await;
    assert_eq!(told["summary"]["suppression_id"], Value::Null);
    let audit = world.get("/api/v1/audit").await.to_string();
    assert!(audit.contains("rules.suppress") && audit.contains("rules.unsuppress") && audit.contains("agreed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_silence_too_much_is_refused() {
    let world = World::new().await;
    let _agent = world.agent(HOST).await;
    for (body, code) in [
        (json!({ "reason": "x" }), 422),
        (json!({ "rule": "*", "reason": "x" }), 422),
        (json!({ "rule": "r", "reason": " " }), 422),
        (json!({ "rule": "r", "reason": "x", "days": 0 }), 422),
        (json!({ "rule": "r", "reason": "x", "days": 400 }), 422),
        (json!({ "fields": { "nothing": "x" }, "reason": "x" }), 422),
        (json!({ "rule": "r", "host_id": "elsewhere", "reason": "x" }), 404),
    ] {
        let answer = world.root("POST", LIST, body.clone()).await;
        assert_eq!(answer.status, code, "{body}: {}", answer.text);
    }
    assert_eq!(world.get(LIST).await["items"], json!([]));
    let made = world.root("POST", LIST, json!({ "rule": "r*", "host_id": HOST, "reason": "x", "days": 1 })).await.ok();
    assert_eq!((&made["created_by"], &made["state"]), (&json!("root"), &json!("active")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rules_history_says_how_often_it_was_right() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let path = "/api/v1/rules/history";
    assert_eq!(world.get(path).await["items"], json!([]));
    for (number, disposition) in ["true_positive", "false_positive", "true_positive"].iter().enumerate() {
        agent.alert(&web_shell(&format!("a{number}"), "sh -c id"));
        let open = world.until("/api/v1/incidents?status=open", |page| page["total"] == 1).await;
        closed(&world, &open["items"][0]["id"], disposition).await;
    }
    agent.alert(&web_shell("a9", "sh -c id"));
    world.until("/api/v1/incidents?status=open", |page| page["total"] == 1).await;
    let all = world.get(path).await;
    let one = &all["items"][0];
    assert_eq!((&one["rule_id"], &one["alerts"]), (&json!("shell-from-server"), &json!(4)));
    assert_eq!((&one["true_positive"], &one["false_positive"], &one["undecided"]), (&json!(2), &json!(1), &json!(1)));
    assert!((one["precision"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9);
    let body = json!({ "rule": "shell-from-server", "fields": { "user_name": "deploy" }, "reason": "known" });
    let made = world.root("POST", LIST, body).await.ok();
    let detail = world.get(&format!("{path}?rule=shell-from-server")).await;
    let one = &detail["items"][0];
    assert_eq!((&one["suppressions"], &one["days"][0]["alerts"]), (&json!([made["id"]]), &json!(4)));
    let change = &one["changes"][0];
    assert_eq!((&change["action"], &change["actor"]), (&json!("rules.suppress"), &json!("root")));
    assert!(change["detail"].as_str().unwrap().ends_with("known"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_hold_what_is_suppressed_and_a_stop_that_was_held_back_is_told() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let held = |agent: &crate::world::Agent| -> Value {
        serde_json::from_str(&agent.memory.quiet.lock()).unwrap_or(Value::Null)
    };
    let body = json!({ "rule": "shell-from-server", "host_id": HOST, "reason": "known", "days": 1, "stops": true });
    let made = world.root("POST", LIST, body).await.ok();
    assert_eq!(made["stops"], true);
    world.until(LIST, |list| list["hosts_behind"] == json!([])).await;
    let list = held(&agent);
    assert_eq!((&list[0]["id"], &list[0]["stops"], &list[0]["by"]), (&made["id"], &json!(true), &json!("root")));
    assert!(world.get("/api/v1/audit").await.to_string().contains("stops held back"));

    // The host says of the first that it was held back and told, of the next that it was kept quiet; of a third that it acted.
    let mut told = web_shell("h1", "sh -c deploy");
    told.event.labels.insert("stop_held_back".into(), "kill".into());
    agent.alert(&told);
    let first = world.until("/api/v1/alerts/h1", |alert| alert["summary"]["id"] == "h1").await;
    assert!(!first["summary"]["incident_id"].is_null(), "{first:#}");
    told.id = event::AlertId::new("h2");
    told.event.labels.insert("suppressed_by".into(), made["id"].as_str().unwrap().into());
    agent.alert(&told);
    let second = world.until("/api/v1/alerts/h2", |alert| alert["summary"]["id"] == "h2").await;
    assert_eq!((&second["summary"]["suppression_id"], &second["summary"]["incident_id"]), (&made["id"], &Value::Null));
    let mut stopped = web_shell("h3", "sh -c deploy");
    stopped.decision.action = event::Action::Kill;
    stopped.outcome.action = event::Action::Kill;
    agent.alert(&stopped);
    let third = world.until("/api/v1/alerts/h3", |alert| alert["summary"]["id"] == "h3").await;
    assert_eq!(third["summary"]["suppression_id"], Value::Null, "a stop is told whatever is suppressed");

    // What is taken back is taken back there too; a host that comes back is told all anew.
    let path = format!("{LIST}/{}", made["id"].as_str().unwrap());
    world.root("POST", &format!("{path}/remove"), json!({ "reason": "moved" })).await.ok();
    world.until(LIST, |list| list["hosts_behind"] == json!([])).await;
    assert_eq!(held(&agent), json!([]));
    let made = world.root("POST", LIST, json!({ "rule": "r", "reason": "x" })).await.ok();
    drop(agent);
    let world = world.again().await;
    let agent = world.agent(HOST).await;
    world.until(LIST, |list| list["hosts_behind"] == json!([])).await;
    assert_eq!(held(&agent)[0]["id"], made["id"]);
}
