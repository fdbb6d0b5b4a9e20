//! Watched files under the real agent: what is told of a change, by whom, before and after; what an agent that was away finds;
//! and that a baseline which somebody changed is not believed.

use crate::agent::Agent;
use crate::code;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn policy(tree: &Path) -> String {
    format!(
        "version = 1\n[gate]\nenabled = false\n[integrity]\nsets = []\nwatch = [{tree:?}]\nexclude = [\"**/*.swp\"]\n\
         [[integrity.rule]]\nid = \"settings\"\ntitle = \"The settings changed\"\npath = [\"**/*.conf\"]\nseverity = \"high\"\n"
    )
}

fn tree(folder: &Path) -> std::path::PathBuf {
    let tree = folder.join("watched");
    fs::create_dir_all(tree.join("sub")).unwrap();
    for name in ["app.conf", "sub/mode", "sub/old", "sub/gone", "sub/linked"] {
        fs::write(tree.join(name), format!("{name}\npassword = hunter22\n")).unwrap();
    }
    tree
}

/// Told changes of one file, as (change, found).
fn told(agent: &Agent, path: &Path) -> Vec<Value> {
    let answer = agent.json(&["integrity", "changes", "--path", path.to_str().unwrap()]);
    answer["changes"].as_array().unwrap().clone()
}

fn shell(command: &str) {
    assert!(Command::new("/bin/sh").args(["-c", command]).status().unwrap().success(), "{command}");
}

#[test]
fn what_changes_is_told_with_who_and_what_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let at = |name: &str| tree.join(name);
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    agent.until("it says that there is no baseline", |agent| {
        agent.json(&["status"])["integrity"]["state"].as_str().is_some_and(|state| state.starts_with("no baseline"))
    });
    assert_eq!(agent.json(&["integrity", "baseline"])["files"], 7);
    assert_eq!(code(&agent.run(&["integrity", "check"])), 0);

    shell(&format!("echo 'debug = 1' >> {}", at("app.conf").display()));
    fs::set_permissions(at("sub/mode"), fs::Permissions::from_mode(0o4755)).unwrap();
    fs::rename(at("sub/old"), at("sub/new")).unwrap();
    fs::remove_file(at("sub/gone")).unwrap();
    fs::hard_link(at("sub/linked"), at("sub/second")).unwrap();
    fs::write(at("sub/.x.swp"), "not watched").unwrap();
    let whats = |agent: &Agent, name: &str| -> Vec<String> {
        told(agent, &at(name)).iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect()
    };
    for (name, what) in [
        ("app.conf", "modify"),
        ("sub/mode", "attributes"),
        ("sub/new", "rename"),
        ("sub/gone", "delete"),
        ("sub/second", "create"),
        ("sub/linked", "attributes"),
    ] {
        agent.until(&format!("{name} is told"), |agent| !whats(agent, name).is_empty());
        assert_eq!(whats(&agent, name), [what], "{name}");
    }
    assert!(whats(&agent, "sub/old").is_empty(), "a rename is no deletion");
    assert!(whats(&agent, "sub/.x.swp").is_empty());
    let conf = &told(&agent, &at("app.conf"))[0];
    assert_eq!(
        (&conf["severity"], &conf["rule"], &conf["found"]),
        (&"high".into(), &"integrity.settings".into(), &"live".into())
    );
    let diff = conf["diff"].as_str().unwrap();
    assert!(diff.contains("+debug = 1") && !diff.contains("hunter22"), "{diff}");
    assert!(conf["who"]["command_line"].as_str().unwrap().contains("echo 'debug = 1'"), "{conf}");
    let mode = &told(&agent, &at("sub/mode"))[0];
    assert_eq!((&mode["rule"], &mode["changed"][0]["after"]), (&"integrity.set-uid".into(), &"4755".into()));

    assert_eq!(code(&agent.run(&["integrity", "check"])), 1);
    assert!(agent.json(&["integrity", "accept", "--all"])["approved"].as_u64().unwrap() >= 6);
    let check = agent.json(&["integrity", "check"]);
    assert_eq!(check["differences"], Value::Array(Vec::new()), "{check}");

    agent.stop();
    let alerts = agent.alerts();
    let of = |rule: &str| alerts.iter().filter(|one| one.findings[0].rule_id.as_str() == rule).count();
    assert_eq!((of("integrity.settings"), of("integrity.set-uid")), (1, 1), "{alerts:#?}");
}

#[test]
fn what_changed_while_the_agent_was_away_is_found_and_a_forged_baseline_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    agent.json(&["integrity", "baseline"]);
    agent.stop();
    fs::write(tree.join("app.conf"), "other\n").unwrap();

    let mut agent = Agent::start(folder.path(), &policy(&tree));
    agent.until("the change is found", |agent| !told(agent, &tree.join("app.conf")).is_empty());
    let found = &told(&agent, &tree.join("app.conf"))[0];
    assert_eq!((&found["found"], &found["who"]), (&"start".into(), &Value::Null), "{found}");
    assert!(found["diff"].as_str().unwrap().contains("+other"), "{found}");
    agent.stop();

    let baseline = agent.state().join("agent/integrity/baseline");
    let mut bytes = fs::read(&baseline).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&baseline, bytes).unwrap();
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    let state = |agent: &Agent| agent.json(&["status"])["integrity"]["state"].as_str().unwrap_or_default().to_owned();
    agent.until("it refuses the baseline", |agent| state(agent).starts_with("refused"));
    assert!(state(&agent).contains("`tamon integrity baseline` makes a new one"), "{}", state(&agent));
    agent.json(&["integrity", "baseline"]);
    agent.until("it watches again", |agent| state(agent) == "watching");
    assert_eq!(code(&agent.run(&["integrity", "check"])), 0);
    agent.stop();
    let alerts = agent.alerts();
    let refused = alerts.iter().filter(|one| one.findings[0].rule_id.as_str() == "integrity.baseline").count();
    assert_eq!(refused, 1, "{alerts:#?}");
}

#[test]
fn a_report_comes_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let agent = Agent::start(folder.path(), &policy(&tree));
    agent.json(&["integrity", "baseline"]);
    shell(&format!("rm {}", tree.join("sub/gone").display()));
    agent.until("the deletion is told", |agent| !told(agent, &tree.join("sub/gone")).is_empty());
    let report = agent.json(&["integrity", "report", "--view", "pci"]);
    assert_eq!(
        (&report["changes"][0]["what"], &report["differences"][0]["what"]),
        (&"delete".into(), &"delete".into()),
        "{report}"
    );
    for (format, begin) in
        [("csv", "kind,time"), ("html", "<!doctype html>"), ("pdf", "%PDF"), ("text", "File integrity")]
    {
        let file = folder.path().join(format!("report.{format}"));
        let output = agent.run(&["integrity", "report", "--format", format, "--to", file.to_str().unwrap()]);
        assert_eq!(code(&output), 0, "{format}");
        assert!(fs::read(&file).unwrap().starts_with(begin.as_bytes()), "{format}");
    }
    assert_eq!(code(&agent.run(&["integrity", "report", "--format", "pdf"])), 2, "a PDF is no text for a terminal");
}
