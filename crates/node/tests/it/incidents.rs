//! From an agent's records to the story on the page, and back to the agent as an order.

use crate::world::{World, exec, web_shell};
use event::ProcessKey;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const HOST: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_stands_on_the_page_within_a_second_as_a_story() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let begin = Instant::now();
    agent.event(&exec("sh -c id"));
    agent.alert(&web_shell("a1", "sh -c id"));
    let alerts =
        world.until("/api/v1/alerts", |page| page["items"].as_array().is_some_and(|all| !all.is_empty())).await;
    println!("alert after {:?}", begin.elapsed());
    let alert = &alerts["items"][0];
    assert_eq!(
        (alert["host_id"].as_str(), alert["host_name"].as_str()),
        (Some(HOST), Some("srv-1")),
        "by certificate, not by claim"
    );
    let incident = alert["incident_id"].as_str().unwrap();
    let detail = world.get(&format!("/api/v1/incidents/{incident}")).await;
    let story = &detail["incident"];
    assert_eq!(story["title"]["text"]["en"], "Web server nginx started a shell from a server, on srv-1");
    assert_eq!(
        story["how"]["sentence"]["text"]["en"],
        "nginx started the shell dash: a service does not start shells in its usual role"
    );
    assert_eq!(story["root_cause"][0]["name"], "nginx");
    assert_eq!(detail["counters"], "counted");
    // Nobody saw the shell end.
    assert_eq!(story["impact"].as_array().unwrap().last().unwrap()["key"], "impact.running");
    for (format, media, beginning) in [
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
        ("pdf", "application/pdf", "%PDF-"),
        ("json", "application/json", "{"),
        ("stix", "application/stix+json;version=2.1", "{"),
        ("navigator", "application/json", "{"),
    ] {
        let path = format!("/api/v1/incidents/{incident}/export?format={format}&language=ja");
        let file = world.root("GET", &path, Value::Null).await;
        assert_eq!((file.status.as_u16(), file.headers["content-type"].to_str().unwrap()), (200, media));
        assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"INC-"));
        assert!(file.text.starts_with(beginning), "{format}");
    }
    let audit = world.get("/api/v1/audit").await;
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["target"]),
        (&json!("incident.export"), &json!(incident))
    );
    world.root("GET", "/api/v1/incidents/INC-999/export", Value::Null).await.problem(404, "not_found");
    assert_eq!(detail["alerts"][0]["id"], "a1");
    let listed = world.get("/api/v1/incidents?status=open&severity=high&text=NGINX").await;
    assert_eq!((listed["total"].as_u64(), &listed["items"][0]["id"]), (Some(1), &json!(incident)));
    let shown = world.get("/api/v1/alerts/a1").await;
    assert_eq!(shown["lineage"][1]["name"], "nginx");
    assert_eq!(shown["decision"]["reasons"][0]["text"], "the policy only observes");
    let overview = world.get("/api/v1/overview").await;
    assert_eq!(overview["alerts"].as_array().unwrap().iter().map(|b| b["high"].as_u64().unwrap()).sum::<u64>(), 1);
    assert_eq!(
        (&overview["hosts"]["gate"], &overview["hosts"]["losing"], &overview["incidents"]["open"]),
        (&json!(1), &json!(1), &json!(1))
    );
    world.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_alert_twice_is_one() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    agent.alert(&web_shell("a1", "sh -c id"));
    agent.alert(&web_shell("a2", "sh -c id"));
    world.until("/api/v1/incidents", |page| page["items"][0]["alert_count"] == 2).await;
    assert_eq!(world.get("/api/v1/alerts").await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_goes_on_after_a_restart() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    let before = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    let id = before["items"][0]["id"].as_str().unwrap().to_owned();
    drop(agent);
    let world = world.again().await;
    assert!(world.running.first_login.is_none());
    assert_eq!(world.get("/api/v1/hosts").await["items"][0]["connected"], false);
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a2", "sh -c id"));
    let after = world.until("/api/v1/incidents", |page| page["items"][0]["alert_count"] == 2).await;
    assert_eq!((after["total"].as_u64(), after["items"][0]["id"].as_str()), (Some(1), Some(id.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_decide_is_kept_with_its_reason() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    let page = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    let path = format!("/api/v1/incidents/{}", page["items"][0]["id"].as_str().unwrap());
    world.root("PATCH", &path, json!({ "status": "resolved", "reason": " " })).await.problem(422, "invalid");
    world.root("PATCH", &path, json!({ "status": "gone", "reason": "x" })).await.problem(422, "invalid");
    let update = json!({ "status": "resolved", "disposition": "benign", "reason": "our own self-test" });
    let changed = world.root("PATCH", &path, update).await.ok();
    assert_eq!(changed["incident"]["status"], "resolved");
    let kept = world.get(&path).await;
    assert_eq!(
        (&kept["incident"]["disposition"], &kept["incident"]["status_reason"]),
        (&json!("benign"), &json!("our own self-test"))
    );
    assert_eq!(world.get("/api/v1/incidents?status=open,investigating").await["total"], 0);
    agent.alert(&web_shell("a2", "sh -c id"));
    world.until("/api/v1/incidents?status=open", |page| page["total"] == 1).await;
    world.root("PATCH", "/api/v1/incidents/INC-999", json!({ "reason": "x" })).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_reaches_the_host_and_its_answer_the_page() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    let page = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    let path = format!("/api/v1/incidents/{}/actions", page["items"][0]["id"].as_str().unwrap());
    let entity = ProcessKey { tgid: 900, start_ticks: 100, ..ProcessKey::default() }.entity_id();
    let action = json!({ "kind": "kill_tree", "host_id": HOST, "entity_id": entity });
    let preview = world.root("POST", &path, json!({ "action": action, "preview": true })).await.ok();
    assert_eq!(preview["command"], Value::Null);
    assert_eq!(preview["preview"]["processes"][0]["pid"], 900);
    assert!(agent.memory.commands.lock().is_empty(), "a preview does nothing");
    world.root("POST", &path, json!({ "action": action })).await.problem(422, "invalid");
    let done = world.root("POST", &path, json!({ "action": action, "reason": "contain it" })).await.ok();
    let command = format!("/api/v1/commands/{}", done["command"]["id"].as_str().unwrap());
    let command = world.until(&command, |command| command["status"] == "done").await;
    assert_eq!((&command["detail"], &command["reason"]), (&json!("as told"), &json!("contain it")));
    let told = agent.memory.commands.lock()[0].clone();
    assert!(matches!(told.body, wire::CommandBody::KillTree { pid: 900, start_ticks: 100, .. }), "{told:?}");
    for (target, code) in [("/etc/../x\0", "invalid"), ("relative", "invalid")] {
        let action = json!({ "kind": "quarantine", "host_id": HOST, "path": target });
        world.root("POST", &path, json!({ "action": action, "reason": "x" })).await.problem(422, code);
    }
    let action = json!({ "kind": "quarantine", "host_id": "elsewhere", "path": "/x" });
    world.root("POST", &path, json!({ "action": action, "reason": "x" })).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_a_host_that_is_away_waits_for_it() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.client.stop();
    world.until("/api/v1/hosts", |hosts| hosts["items"][0]["connected"] == false).await;
    let restore = json!({ "host_id": HOST, "reason": "it was clean" });
    let command = world.root("POST", "/api/v1/quarantine/item1/restore", restore).await.ok();
    assert_eq!(command["status"], "queued");
    let processes = world.get(&format!("/api/v1/hosts/{HOST}/processes")).await;
    assert_eq!(processes["answer"]["status"], "offline");
    let _agent = world.agent(HOST).await;
    // Another agent of the same host is not the one that was told; the order stays for the one it was for.
    let path = format!("/api/v1/commands/{}", command["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await["status"], "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_answer_questions_and_silence_is_shown() {
    let world = World::new().await;
    let _agent = world.agent(HOST).await;
    let tree = world.get(&format!("/api/v1/hosts/{HOST}/processes")).await;
    assert_eq!((&tree["answer"]["status"], &tree["processes"][0]["name"]), (&json!("answered"), &json!("<b>sh</b>")));
    let vaults = world.get("/api/v1/quarantine").await;
    assert_eq!((&vaults["items"][0]["id"], &vaults["items"][0]["host_name"]), (&json!("item1"), &json!("srv-1")));
    assert_eq!(vaults["hosts"][0]["status"], "answered");
}

/// Over a real socket, as a browser or the command line reads it.
#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_of_alerts_as_they_come() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let socket = world.folder.path().join("run/node.sock");
    let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    stream.write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut seen = String::new();
    let mut sent = false;
    let all = ["event: overview", "event: alert", "event: incident"];
    while !all.iter().all(|word| seen.contains(word)) {
        let mut buffer = [0; 65_536];
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut buffer)).await.expect(&seen).unwrap();
        assert!(read > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
        if !sent && seen.contains("event: overview") {
            sent = true;
            agent.alert(&web_shell("a1", "marker-7"));
        }
    }
    assert!(seen.contains("marker-7") && seen.contains("text/event-stream"), "{seen}");
    world.running.stop().await;
    let mut rest = Vec::new();
    assert!(stream.read_to_end(&mut rest).await.is_ok(), "the stream ends with the node");
}

/// Large incidents are told anew now and then only; nothing of them is missing in the end, nor after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_one_incident_with_every_alert() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    for n in 0..200u32 {
        let mut alert = web_shell(&format!("a{n}"), "sh");
        alert.lineage[0].entity_id = format!("0-{:x}-64", 10_000 + n);
        agent.alert(&alert);
    }
    let page = world.until("/api/v1/incidents", |page| page["items"][0]["alert_count"] == 200).await;
    assert_eq!(page["total"], 1);
    drop(agent);
    let world = world.again().await;
    let page = world.until("/api/v1/incidents", |page| page["items"][0]["alert_count"] == 200).await;
    let detail = world.get(&format!("/api/v1/incidents/{}", page["items"][0]["id"].as_str().unwrap())).await;
    assert_eq!(detail["alerts"].as_array().unwrap().len(), 200);
}
