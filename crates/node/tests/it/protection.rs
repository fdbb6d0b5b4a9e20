//! What the pages on malware, lockdown, policies, recovery, rules and ATT&CK ask: the hosts' answers read into the contract,
//! orders kept and sent, and who may not.

use crate::world::{Browser, World, exec, web_shell};
use serde_json::{Value, json};
use wire::CommandBody;

const HOST: &str = "0123456789abcdef0123456789abcdef";
const DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[tokio::test(flavor = "multi_thread")]
async fn hosts_say_what_they_judge_files_by_and_scan_on_order() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let scanners = world.get("/api/v1/malware/scanners").await;
    let one = &scanners["items"][0];
    assert_eq!(one["answer"]["status"], "answered", "{one}");
    assert_eq!(
        (&one["state"]["signatures"]["version"], &one["state"]["model"]["block"]),
        (&json!(4), &json!("second-voice"))
    );

    let order = json!({ "host_ids": [HOST], "paths": ["/srv", "/home"], "reason": "odd" });
    let sent = world.root("POST", "/api/v1/scans", order).await.ok();
    let id = sent["items"][0]["id"].as_str().unwrap().to_owned();
    world.until(&format!("/api/v1/commands/{id}"), |command| command["status"] == "done").await;
    let paths = vec!["/srv".to_owned(), "/home".to_owned()];
    assert!(agent.memory.commands.lock().iter().any(|one| one.body == CommandBody::StartScan { paths: paths.clone() }));
    for bad in [
        json!({ "host_ids": [HOST], "paths": ["relative"], "reason": "x" }),
        json!({ "host_ids": [], "paths": ["/"], "reason": "x" }),
    ] {
        world.root("POST", "/api/v1/scans", bad).await.problem(422, "invalid");
    }
    let scans = world.get("/api/v1/scans").await;
    let found = &scans["items"][0]["found"][0];
    assert_eq!((&scans["items"][0]["state"], &found["verdict"]), (&json!("done"), &json!("malicious")));
    assert_eq!(found["findings"][0]["matched"][0], json!({ "field": "model_reason.a", "value": "+1.2 decodes" }));
    let preview = world.get(&format!("/api/v1/quarantine/item1/preview?host={HOST}")).await;
    assert_eq!((&preview["item"]["taken"], &preview["item"]["scan"]["verdict"]), (&json!(true), &json!("malicious")));
    world
        .root("GET", &format!("/api/v1/quarantine/..%2fx/preview?host={HOST}"), Value::Null)
        .await
        .problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_away_is_named_and_never_shown_as_empty() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.client.stop();
    world.until(&format!("/api/v1/hosts/{HOST}"), |host| host["summary"]["connected"] == false).await;
    for (path, answer) in [
        ("/api/v1/malware/scanners", "/items/0/answer/status"),
        ("/api/v1/scans", "/hosts/0/status"),
        ("/api/v1/lockdown", "/items/0/answer/status"),
        ("/api/v1/recovery", "/hosts/0/answer/status"),
        ("/api/v1/rules", "/hosts/0/answer/status"),
        (&format!("/api/v1/hosts/{HOST}/lockdown"), "/answer/status"),
        (&format!("/api/v1/hosts/{HOST}/policy"), "/answer/status"),
    ] {
        assert_eq!(world.get(path).await.pointer(answer), Some(&json!("offline")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_shown_and_a_content_is_trusted_after_its_consequence() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let locks = world.get("/api/v1/lockdown").await;
    let state = &locks["items"][0]["state"];
    assert_eq!(
        (&state["phase"], &state["mode"], &state["break_glass"]["by"]),
        (&json!("locked"), &json!("alert"), &json!("root"))
    );
    assert_eq!((&state["kernel"]["state"], &state["kernel"]["refused_modules"]), (&json!("in force"), &json!(3)));
    let report = world.get(&format!("/api/v1/hosts/{HOST}/lockdown")).await;
    assert_eq!((&report["unknown"][0]["usage"], &report["unknown"][0]["is_file"]), (&json!("program"), &json!(true)));
    assert_eq!(report["trusted"][0]["source"], "hand: ours");
    assert!(report["package_errors"][0].as_str().unwrap().starts_with("rpm: "), "{report}");

    let path = format!("/api/v1/hosts/{HOST}/lockdown");
    let asked = json!({ "path": "/opt/x", "sha256": DIGEST });
    let answer = world.root("POST", &format!("{path}/consequence"), asked).await.ok();
    assert_eq!(
        (&answer["consequence"]["same"], &answer["consequence"]["file"]["package_says"]),
        (&json!(true), &json!("no-digest"))
    );

    let trust =
        json!({ "change": { "kind": "trust", "path": "/opt/x", "sha256": DIGEST, "days": 30 }, "reason": "our build" });
    let command = world.root("POST", &path, trust).await.ok();
    world.until(&format!("/api/v1/commands/{}", command["id"].as_str().unwrap()), |one| one["status"] == "done").await;
    let asks: Vec<Value> = agent
        .memory
        .commands
        .lock()
        .iter()
        .filter_map(|one| match &one.body {
            CommandBody::AskLockdown { ask } => serde_json::from_str(ask).ok(),
            _ => None,
        })
        .collect();
    let wanted = json!({ "do": "trust", "what": "/opt/x", "sha256": DIGEST, "reason": "our build", "days": 30 });
    assert!(asks.contains(&wanted), "{asks:?}");
    let audit = world.get("/api/v1/audit").await;
    assert_eq!(audit["items"][0]["action"], "command.lockdown");
    for bad in [
        json!({ "change": { "kind": "trust", "path": "opt/x", "sha256": DIGEST }, "reason": "r" }),
        json!({ "change": { "kind": "trust", "path": "/opt/x", "sha256": "zz" }, "reason": "r" }),
        json!({ "change": { "kind": "lock", "mode": "enforce", "days": 0 }, "reason": "r" }),
        json!({ "change": { "kind": "unlock" }, "reason": "r" }),
        json!({ "change": { "kind": "learn" }, "reason": " " }),
    ] {
        world.root("POST", &path, bad).await.problem(422, "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_checked_kept_simulated_and_rolled_out() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.event(&exec("sh -c one"));
    agent.alert(&web_shell("a1", "sh -c one"));
    world.until("/api/v1/alerts", |page| page["items"].as_array().is_some_and(|all| all.len() == 1)).await;

    let check = async |text: &str| world.root("POST", "/api/v1/policies/check", json!({ "text": text })).await.ok();
    assert_eq!(check("version = 1\n").await["ok"], true);
    let fault = check("version = 1\nmoed = \"enforce\"\n").await["fault"].clone();
    assert_eq!((&fault["line"], &fault["field"]), (&json!(2), &json!("moed")));

    let write = async |name: &str, base: Value, text: &str| {
        let body = json!({ "text": text, "reason": "because", "base": base });
        world.root("PUT", &format!("/api/v1/policies/{name}"), body).await
    };
    write("web", Value::Null, "moed = 1").await.problem(422, "invalid");
    write("check", Value::Null, "version = 1").await.problem(405, "method_not_allowed");
    write("a%20b", Value::Null, "version = 1").await.problem(422, "invalid");
    assert_eq!(write("web", Value::Null, "version = 1\n").await.ok()["version"], 1);
    write("web", Value::Null, "version = 1\n").await.problem(409, "conflict");
    let enforce = "version = 1\nmode = \"enforce\"\n";
    assert_eq!(write("web", json!(1), enforce).await.ok()["version"], 2);
    assert_eq!(world.get("/api/v1/policies/web/versions/1").await["text"], "version = 1\n");
    world.root("GET", "/api/v1/policies/none", Value::Null).await.problem(404, "not_found");

    let asked = json!({ "text": enforce, "host_ids": [HOST], "days": 1 });
    let simulated = world.root("POST", "/api/v1/policies/simulate", asked).await.ok();
    let host = &simulated["hosts"][0];
    assert_eq!(host["starts"]["would_refuse"][0]["outcome"], "denied", "{host}");
    assert_eq!((&host["alerts"]["alerts"], &host["alerts"]["changes"][0]["from"]), (&json!(1), &json!("alert")));
    assert_eq!(host["prevention"], Value::Null, "it has no profile: {host}");

    // What those did that a profile names goes to the host, which judges it.
    let profile = format!("{enforce}[[prevention]]\nid = \"web\"\nexecutable = [\"/usr/bin/dash\"]\nrun = []\n");
    let asked = json!({ "text": profile, "host_ids": [HOST], "days": 1 });
    let simulated = world.root("POST", "/api/v1/policies/simulate", asked).await.ok();
    let denied = &simulated["hosts"][0]["prevention"]["would_deny"][0];
    assert_eq!((&denied["program"], &denied["count"]), (&json!("/usr/bin/dash"), &json!(1)), "{simulated}");

    let rollout = async |body: Value| world.root("POST", "/api/v1/policies/web/rollout", body).await;
    let preview = rollout(json!({ "host_ids": [HOST], "preview": true })).await.ok();
    assert_eq!((&preview["version"], &preview["commands"]), (&json!(2), &json!([])));
    assert_eq!(preview["hosts"][0]["given"], Value::Null);
    rollout(json!({ "host_ids": [HOST] })).await.problem(422, "invalid");
    let done = rollout(json!({ "host_ids": [HOST], "version": 1, "reason": "canary" })).await.ok();
    assert_eq!(done["commands"][0]["target"], "web 1");
    let given = |state: &'static str| move |list: &Value| list["hosts"][0]["given"]["state"] == state;
    world.until("/api/v1/policies", given("in_force")).await;
    let sent = CommandBody::SetPolicy { version: 1, toml: "version = 1\n".into() };
    assert!(agent.memory.commands.lock().iter().any(|one| one.body == sent));
    let there = world.get(&format!("/api/v1/hosts/{HOST}/policy")).await;
    assert_eq!((&there["text"], &there["as_given"]), (&json!("version = 1"), &json!(false)));

    assert_eq!(write("web", json!(2), "version = 1\nname = \"refuse-me\"\n").await.ok()["version"], 3);
    rollout(json!({ "host_ids": [HOST], "reason": "all" })).await.ok();
    let list = world.until("/api/v1/policies", given("refused")).await;
    assert!(list["hosts"][0]["given"]["detail"].as_str().unwrap().contains("sshd"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_given_back_after_a_preview_and_reported_one_by_one() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    agent.alert(&web_shell("a1", "sh -c one"));
    let page = world.until("/api/v1/incidents", |page| page["total"] == 1).await;
    let incident = page["items"][0]["id"].as_str().unwrap();
    let list = world.get("/api/v1/recovery").await;
    assert_eq!((&list["items"][0]["kept"], &list["items"][0]["incident_id"]), (&json!(2), &json!(incident)));
    assert_eq!(list["hosts"][0]["store"]["too_large"], 1);

    let ask = async |body: Value| world.root("POST", "/api/v1/recovery", body).await;
    let preview = ask(json!({ "host_id": HOST, "incident_id": incident, "preview": true })).await.ok();
    assert_eq!(
        (&preview["report"]["preview"], &preview["report"]["files"][0]["done"]),
        (&json!(true), &json!("failed"))
    );
    ask(json!({ "host_id": HOST, "trees": ["0-2a-64"] })).await.problem(422, "invalid");
    ask(json!({ "host_id": HOST, "trees": ["../x"], "preview": true })).await.problem(422, "invalid");
    ask(json!({ "host_id": HOST, "preview": true })).await.problem(422, "invalid");
    let done =
        ask(json!({ "host_id": HOST, "trees": ["0-2a-64"], "incident_id": incident, "reason": "ransom" })).await.ok();
    let id = done["command"]["id"].as_str().unwrap();
    world.until(&format!("/api/v1/commands/{id}"), |command| command["status"] == "done").await;
    let report = world.get(&format!("/api/v1/commands/{id}/rollback")).await;
    assert_eq!((&report["preview"], report["files"].as_array().unwrap().len()), (&json!(false), 2));
    let detail = world.get(&format!("/api/v1/incidents/{incident}")).await;
    assert_eq!(detail["commands"][0]["kind"], "roll_back");
    world.root("GET", "/api/v1/commands/none/rollback", Value::Null).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_listed_shown_and_tested() {
    let world = World::new().await;
    let _agent = world.agent(HOST).await;
    let list = world.get("/api/v1/rules").await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(list["hosts"][0]["answer"]["status"], "answered", "{}", list["hosts"]);
    let own = items.iter().find(|rule| rule["builtin"] == false).unwrap();
    assert_eq!((&own["title"], &own["hosts"]), (&json!("Our own"), &json!(["srv-1"])));
    assert!(own["rejected"].as_str().unwrap().contains("bad"));
    let sigma = items.iter().find(|rule| rule["kind"] == "sigma" && rule["builtin"] == true).unwrap();
    let detail = world.get(&format!("/api/v1/rules/{}", sigma["id"].as_str().unwrap())).await;
    assert!(detail["text"].as_str().unwrap().contains("detection:"));
    assert_eq!((detail["history"].as_array().unwrap().len(), &detail["events_known"]), (30, &json!(true)));
    // Its own samples do what they say.
    let row = |case: &Value| case["events"][0].clone();
    let events = json!([row(&detail["fires"][0]), row(&detail["silent"][0]), { "no_such_column": 1 }]);
    let body = json!({ "rules": [{ "name": "own.yml", "text": detail["text"] }, { "name": "bad.yml", "text": "title: [" }], "events": events });
    let tested = world.root("POST", "/api/v1/rules/test", body).await.ok();
    let hits: Vec<usize> =
        tested["events"].as_array().unwrap().iter().map(|one| one["hits"].as_array().unwrap().len()).collect();
    assert_eq!(hits, [1, 0, 0], "{tested}");
    assert!(tested["events"][2]["fault"].as_str().unwrap().contains("no_such_column"));
    assert_eq!(tested["rejected"][0]["file"], "bad.yml");
    let theirs = world.get("/api/v1/rules/11111111-2222-4333-8444-555555555555").await;
    assert!(theirs["text"].as_str().unwrap().contains("ours"));
    world.root("GET", "/api/v1/rules/none", Value::Null).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_counts_what_was_told_and_exports_layers() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let mut row = exec("sh -c one");
    row.labels.insert("threat_technique_id".into(), "T1059.004 T1105".into());
    row.labels.insert("rule_id".into(), "behaviour.reverse-shell".into());
    agent.event(&row);
    agent.alert(&web_shell("a1", "sh -c one"));
    world.until("/api/v1/alerts", |page| page["items"].as_array().is_some_and(|all| all.len() == 1)).await;
    world.until("/api/v1/events", |page| page["items"].as_array().is_some_and(|all| all.len() == 1)).await;
    let matrix = world.get("/api/v1/attack?hours=24").await;
    let find = |id: &str| {
        let tactics = matrix["tactics"].as_array().unwrap().iter();
        tactics.flat_map(|tactic| tactic["techniques"].as_array().unwrap()).find(|one| one["id"] == id).unwrap().clone()
    };
    assert_eq!((&find("T1505.003")["alerts"], &find("T1505.003")["severity"]), (&json!(1), &json!("high")));
    assert_eq!((&find("T1059.004")["events"], &matrix["events_known"]), (&json!(1), &json!(true)));
    assert!(!find("T1059.004")["rules"].as_array().unwrap().is_empty());
    let history = world.get("/api/v1/rules/behaviour.reverse-shell").await;
    assert_eq!(history["history"][29]["events"], 1);
    for kind in ["coverage", "told"] {
        let layer = world.root("GET", &format!("/api/v1/attack/layer?kind={kind}"), Value::Null).await;
        assert!(layer.headers["content-disposition"].to_str().unwrap().contains(kind));
        let layer = layer.ok();
        assert_eq!(layer["domain"], "enterprise-attack");
        assert!(layer["techniques"].as_array().unwrap().iter().any(|one| one["techniqueID"] == "T1505.003"));
    }
    world.root("GET", "/api/v1/attack?hours=0", Value::Null).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hunt_found_is_acted_upon_with_one_reason() {
    let world = World::new().await;
    let agent = world.agent(HOST).await;
    let entity = crate::world::process(900, "/usr/bin/dash", "").entity_id;
    let kill = json!({ "kind": "kill_tree", "host_id": HOST, "entity_id": entity });
    let put = json!({ "kind": "quarantine", "host_id": HOST, "path": "/opt/x" });
    let act = async |body: Value| world.root("POST", "/api/v1/actions", body).await;
    let preview = act(json!({ "actions": [kill, put], "preview": true })).await.ok();
    assert_eq!((&preview["items"][0]["asked"], &preview["items"][0]["command"]), (&json!(true), &Value::Null));
    act(json!({ "actions": [kill] })).await.problem(422, "invalid");
    act(json!({ "actions": [] })).await.problem(422, "invalid");
    act(json!({ "actions": [{ "kind": "quarantine", "host_id": HOST, "path": "x" }], "preview": true }))
        .await
        .problem(422, "invalid");
    let done = act(json!({ "actions": [kill, put], "reason": "mines" })).await.ok();
    for item in done["items"].as_array().unwrap() {
        let id = item["command"]["id"].as_str().unwrap();
        world.until(&format!("/api/v1/commands/{id}"), |command| command["status"] == "done").await;
    }
    let ended =
        agent.memory.commands.lock().iter().any(|one| matches!(&one.body, CommandBody::KillTree { pid: 900, .. }));
    assert!(ended);
    let files = world.get("/api/v1/alerts?engines=hash,yara").await;
    assert_eq!(files["items"], json!([]));
    world.root("GET", "/api/v1/alerts?engines=oracle", Value::Null).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_changes_locks_and_policies() {
    let world = World::new().await;
    world.root("POST", "/api/v1/admin/users", json!({ "username": "ana", "role": "analyst" })).await.ok();
    let analyst = world.sign_in("ana").await;
    let lock = json!({ "change": { "kind": "learn" }, "reason": "r" });
    for (method, path, body) in [
        ("POST", format!("/api/v1/hosts/{HOST}/lockdown"), lock),
        ("PUT", "/api/v1/policies/web".into(), json!({ "text": "version = 1", "reason": "r" })),
        ("POST", "/api/v1/policies/web/rollout".into(), json!({ "host_ids": [HOST], "reason": "r" })),
    ] {
        world.browse(&analyst, method, &path, body).await.problem(403, "forbidden");
    }
    world.browse(&Browser::default(), "GET", "/api/v1/lockdown", Value::Null).await.problem(401, "not_signed_in");
}
