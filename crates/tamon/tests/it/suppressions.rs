//! A suppression under the real agent, with real processes: a stop that it covers is held back and told aloud once, what it
//! does not cover is stopped.

use crate::agent::Agent;
use event::Action;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus};

const POLICY: &str = "version = 1\nmode = \"enforce\"\n[gate]\nenabled = false\n[ransomware]\nenabled = false\n\
                      [scan]\non_exec = false\non_write = false\n";

fn rule(folder: &Path, id: &str, mark: &str) {
    let text = format!(
        "title: marked {id}\nid: {id}\nlogsource: {{product: linux, category: process_creation}}\n\
         detection: {{a: {{CommandLine|contains: '{mark}'}}, condition: a}}\nlevel: high\ntags: [attack.t1059]\n\
         tamon: {{action: kill}}\n"
    );
    fs::write(folder.join(format!("{id}.yml")), text).unwrap();
}

/// Two seconds of a shell whose command line bears the mark.
fn run(mark: &str) -> ExitStatus {
    Command::new("sh").args(["-c", "sleep 2; exit 0", mark]).status().unwrap()
}

#[test]
fn a_stop_that_is_suppressed_is_held_back_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content/sigma");
    fs::create_dir_all(&content).unwrap();
    rule(&content, "held", "--marked-to-be-held");
    rule(&content, "stopped", "--marked-to-be-stopped");
    let state = folder.path().join("state/agent");
    fs::create_dir_all(&state).unwrap();
    // As the node gives it; until the year 2100.
    let list = r#"[{"id":"q1","rule":"held","fields":{"process_executable":"*sh"},"reason":"known","by":"ana","expires":4102444800000000000,"stops":true},
        {"id":"q2","rule":"stopped","reason":"known","by":"ana","expires":4102444800000000000}]"#;
    fs::write(state.join("quiet.json"), list).unwrap();
    let config = format!("content = [{:?}]\n", folder.path().join("content"));
    let mut agent = Agent::configured(folder.path(), POLICY, &config);
    assert_eq!(agent.json(&["status"])["suppressions"][0]["stops"], true);
    assert!(run("--marked-to-be-held").success() && run("--marked-to-be-held").success());
    assert!(!run("--marked-to-be-stopped").success(), "a suppression that is not about stops stops nothing less");
    agent.until("all is told", |agent| {
        let status = agent.json(&["status"]);
        let held = &status["suppressions"][0];
        (&held["held_back"], &held["silenced"]) == (&2.into(), &1.into()) && status["alerts"].as_u64() >= Some(2)
    });
    agent.stop();
    let alerts = agent.alerts();
    let of = |rule: &str| -> Vec<_> {
        alerts.iter().filter(|alert| alert.findings.iter().any(|finding| finding.rule_id.as_str() == rule)).collect()
    };
    let held = of("held");
    let label = |at: usize, name: &str| held[at].event.labels.get(name).map(String::as_str);
    assert_eq!(held.len(), 2, "{alerts:#?}");
    assert_eq!((label(0, "stop_held_back"), label(0, "suppressed_by")), (Some("kill"), None));
    assert_eq!((label(1, "stop_held_back"), label(1, "suppressed_by")), (Some("kill"), Some("q1")));
    assert!(held.iter().all(|alert| alert.decision.action == Action::Alert && alert.decision.wanted == Action::Kill));
    assert!(held[0].decision.reasons.iter().any(|reason| reason.text.contains("kill is held back: known")));
    let stopped = of("stopped");
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0].outcome.action, Action::Kill);
    assert!(!stopped[0].event.labels.contains_key("suppressed_by"), "a stop is told whatever is suppressed");
}
