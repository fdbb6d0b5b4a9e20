//! What the node asks by itself: of the store, of the hosts, within its budget, and never unseen.

use crate::world::{World, exec, web_shell};
use serde_json::{Value, json};
use wire::CommandBody;

const HOST: &str = "0123456789abcdef0123456789abcdef";

fn answer<'a>(investigation: &'a Value, question: &str) -> &'a Value {
    let answers = investigation["answers"].as_array().unwrap();
    answers.iter().find(|answer| answer["question_id"] == question).unwrap_or_else(|| panic!("{question}: {answers:?}"))
}

async fn only_incident(world: &World) -> String {
    let page = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    format!("/api/v1/incidents/{}", page["items"][0]["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_looked_into_without_anybody_asking() {
    let world = World::with("[investigate]\nsettle_seconds = 0\n").await;
    let agent = world.agent(HOST).await;
    agent.event(&exec("sh -c id"));
    agent.alert(&web_shell("a1", "sh -c id"));
    let path = only_incident(&world).await;
    let detail = world.until(&path, |detail| !detail["investigation"].is_null()).await;
    let investigation = &detail["investigation"];
    assert_eq!((&investigation["by"], &investigation["left_out"]), (&json!("system"), &json!(0)));

    let before = answer(investigation, "server.shells_before");
    assert_eq!(before["answer"]["en"], "Never in the week before: this is new.");
    assert_eq!((&before["state"], &before["method"]), (&json!("answered"), &json!("hunt")));
    let again = world.root("POST", "/api/v1/hunt", json!({ "sql": before["sql"] })).await.ok();
    assert_eq!(again["rows"], json!([]), "the query that gave the answer can be run again");

    let hidden = answer(investigation, "host.hidden");
    let said = "Yes: pid 4242 (x) answers by its number and is not listed in /proc.";
    assert_eq!((&hidden["answer"]["en"], &hidden["host"]["id"]), (&json!(said), &json!(HOST)));
    assert_eq!(hidden["notes"], json!(["compared: 100 processes"]));
    let broken = answer(investigation, "host.modules");
    assert_eq!((&broken["state"], &broken["weights"]), (&json!("unanswered"), &json!({})), "no table is no answer");

    let hypotheses = investigation["hypotheses"].as_array().unwrap();
    let of = |id: &str| hypotheses.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id}"));
    assert!(of("web_shell")["support"].as_u64().unwrap() >= 7);
    assert!(of("rootkit")["support"].as_u64().unwrap() >= 5);
    assert!(of("admin_work")["against"].as_u64().unwrap() > of("admin_work")["support"].as_u64().unwrap());

    // Every look at the host is in the audit log and says on the host what it is for.
    let commands = agent.memory.commands.lock().clone();
    let looks: Vec<_> = commands.iter().filter(|c| matches!(c.body, CommandBody::Collect(_))).collect();
    let audit = world.get("/api/v1/audit?limit=200").await;
    let kept = audit["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "investigate.collect");
    assert_eq!(
        (looks.len() as u64, kept.count()),
        (investigation["spent"]["collections"].as_u64().unwrap(), looks.len())
    );
    assert!(looks.len() >= 8 && looks.iter().all(|look| look.issued_by == "system" && look.reason.ends_with("INC-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_kept_and_an_absent_host_is_said() {
    let world = World::with("[investigate]\nautomatic = false\nmax_questions = 6\nmax_collections = 1\n").await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    let path = only_incident(&world).await;
    assert_eq!(world.get(&path).await["investigation"], Value::Null);
    agent.client.stop();
    world.until("/api/v1/hosts", |hosts| hosts["items"][0]["connected"] == false).await;
    let asked = world.root("POST", &format!("{path}/investigate"), Value::Null).await.ok();
    assert_eq!(asked["spent"]["hunts"], 6);
    assert!(asked["left_out"].as_u64().unwrap() > 5, "{asked}");
    let wanted = world.get(&path).await;
    assert_eq!(wanted["investigation"], asked, "it is kept");

    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    let path = only_incident(&world).await;
    agent.client.stop();
    world.until("/api/v1/hosts", |hosts| hosts["items"][0]["connected"] == false).await;
    let asked = world.root("POST", &format!("{path}/investigate"), Value::Null).await.ok();
    let hidden = answer(&asked, "host.hidden");
    assert_eq!(hidden["answer"]["en"], "The host is not connected, so it could not be asked.");
    assert_eq!((&hidden["state"], &asked["spent"]["collections"]), (&json!("unanswered"), &json!(0)));
    world.root("POST", "/api/v1/incidents/INC-999/investigate", Value::Null).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_into_the_case() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c id"));
    let path = only_incident(&world).await;
    let files = format!("{path}/files");
    let body = |path: &str, reason: &str| json!({ "host_id": HOST, "path": path, "content": true, "reason": reason });
    world.root("POST", &files, body("relative", "x")).await.problem(422, "invalid");
    world.root("POST", &files, body("/tmp/x", "")).await.problem(422, "invalid");
    let taken = world.root("POST", &files, body("/tmp/x", "to look at it")).await.ok();
    assert_eq!((&taken["number"], &taken["content_bytes"]), (&json!(1), &json!(3)));
    assert_eq!((&taken["facts"]["kind"], &taken["facts"]["size"]), (&json!("script"), &json!("3")));
    let asked = agent.memory.commands.lock()[0].clone();
    assert!(matches!(&asked.body, CommandBody::Collect(look) if look.max_bytes == 1 << 20), "{asked:?}");
    let kept = world.get(&format!("{files}/1")).await;
    assert_eq!((&kept["content"], &kept["file"]), (&json!("616263"), &taken));
    let detail = world.get(&path).await;
    assert_eq!(detail["files"], json!([taken]));
    world.root("GET", &format!("{files}/2"), Value::Null).await.problem(404, "not_found");
    assert!(world.get("/api/v1/audit").await.to_string().contains("to look at it"));
    agent.client.stop();
    world.until("/api/v1/hosts", |hosts| hosts["items"][0]["connected"] == false).await;
    world.root("POST", &files, body("/tmp/x", "again")).await.problem(503, "unavailable");
}
