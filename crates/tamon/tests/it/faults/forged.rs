//! Somebody who may write into a log, or whose name a daemon writes there, lays words into it: terminal escapes, a text that turns
//! round, line breaks with whole lines behind them, other people's pids. What a person then reads, in the terminal and over the API.

use super::world::{World, is_root};
use serde_json::Value;
use std::fs;
use std::path::Path;

const FROM: &str = "203.0.113.9";

/// Only the one log is read.
fn config(log: &Path) -> String {
    format!(
        "[logs]\njournal = []\nauth = [{log:?}]\nsystem = []\naudit = []\naudit_socket = \"\"\nweb = []\ndocker = \"\"\ncontainerd = \"\"\nprograms = {{}}\n"
    )
}

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    event::Timestamp(since.as_nanos() as i64).to_string()
}

#[test]
fn forged_lines_are_shown_escaped_and_make_nobody_a_suspect() {
    needs_root!();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("auth.log");
    fs::write(&log, "").unwrap();
    let world = World::start(&config(&log));
    world.until("the log is followed", |world| {
        world.json(&["status"])["logs"][log.to_str().unwrap()]["state"] == "followed"
    });
    // No process has that pid. The name colours the terminal, sets its title and turns the text round.
    let tried = |n: u32| {
        format!(
            "{} here sshd[4190000]: Failed password for invalid user x\u{1b}[31m\u{1b}]0;gone\u{7}\u{202e}{n} from {FROM} port 1 ssh2\n",
            now()
        )
    };
    // A name with a line break: whole lines of its own, one with the pid of a process that wrote nothing.
    let innocent = std::process::id();
    let injected = format!(
        "{0} here app[4190001]: user a\r\n{0} here sshd[{innocent}]: Accepted password for root from 198.51.100.20 port 9 ssh2\n",
        now()
    );
    fs::write(&log, (0..12).map(tried).chain([injected]).collect::<String>()).unwrap();
    world.until("both are told", |world| {
        !world.alerts_of("behaviour.log-ins-tried").is_empty() && !world.alerts_of("behaviour.log-forged").is_empty()
    });

    let tried = &world.alerts_of("behaviour.log-ins-tried")[0];
    assert!(
        tried["detail"].as_str().unwrap().contains("Nobody saw the log-in daemon write 10 of these lines"),
        "{tried}"
    );
    let incident = |alert: &Value| alert["incident_id"].as_str().unwrap().to_owned();
    let story = world.json(&["incidents", "show", &incident(tried)])["incident"].clone();
    assert_eq!(story["who"]["sentence"]["key"], "who.address", "{story:#}");
    assert_eq!(
        (&story["who"]["source"], &story["who"]["user"], &story["who"]["session"]),
        (&Value::from(FROM), &Value::Null, &Value::Null)
    );

    // The test's own process bore the pid of the forged line, and is no part of any incident.
    let forged = &world.alerts_of("behaviour.log-forged")[0];
    assert_eq!(forged["process_entity_id"], Value::Null, "{forged}");
    let told = world.json(&["incidents", "show", &incident(forged)])["incident"].clone();
    assert_eq!((&told["who"]["source"], &told["who"]["user"]), (&Value::Null, &Value::Null), "{told:#}");
    assert_eq!(told["graph"]["nodes"], serde_json::json!([]), "{told:#}");
    assert!(!told["next_steps"].to_string().contains("kill_tree"), "{told:#}");
    let framed = world
        .hunt("SELECT count(*) AS n FROM events WHERE labels['login_source_ip'] IN ('203.0.113.9', '198.51.100.20')");
    assert_eq!(framed[0]["n"], 0, "no process bears a forged address");

    // One alert is one line, whatever the name holds.
    let listed = world.shown(&["alerts"]);
    assert_eq!(listed.lines().filter(|line| line.contains("Log-ins are tried")).count(), 1, "{listed}");
    for arguments in [&["incidents", "list"][..], &["events", "-n", "500"]] {
        world.shown(arguments);
    }
    for (id, language) in
        [(incident(tried), "en"), (incident(tried), "ja"), (incident(forged), "en"), (incident(forged), "ja")]
    {
        world.shown(&["incidents", "show", &id, "--language", language]);
        world.shown(&["incidents", "export", &id, "--format", "html", "--language", language]);
    }
}
