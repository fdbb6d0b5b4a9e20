//! The story told twice: event by event for who wants to know exactly, and act by act for who wants to understand.

use crate::act::Act;
use crate::fact::Fact;
use crate::model::{Sentence, TimelineEntry};
use crate::sentence::say;
use crate::story::Story;
use crate::strip::{self, clock, user_of};
use crate::time::Time;
use event::OutcomeStatus;

/// Entries shown; the newest beyond them are in the alert list.
const ENTRIES: usize = 500;

pub fn entries(story: &Story) -> Vec<TimelineEntry> {
    let facts = story.facts.iter().take(ENTRIES);
    facts
        .map(|fact| TimelineEntry {
            time: Time(fact.time),
            severity: fact.severity,
            host: fact.host.clone(),
            node: fact.lineage.first().cloned(),
            alert: Some(fact.alert.clone()),
            techniques: fact.techniques.iter().map(ToString::to_string).collect(),
            sentence: say(event_key(&fact.event_action), arguments(story, fact), [fact.alert.clone()]),
        })
        .collect()
}

fn event_key(action: &str) -> &'static str {
    match action {
        "process-exec" => "event.exec",
        "file-open-read" => "event.file_read",
        "file-create" | "file-open-write" | "file-write-close" | "file-truncate" => "event.file_write",
        "file-unlink" | "directory-remove" => "event.file_remove",
        "network-connect" | "network-flow" => "event.connect",
        "network-accept" | "network-listen" | "network-bind" => "event.serve",
        "dns-query" => "event.dns",
        "process-ptrace" | "process-vm-write" => "event.access",
        "privilege-identity" | "privilege-capabilities" => "event.privilege",
        "module-load" => "event.module",
        "memory-memfd-create" | "memory-write-execute" => "event.memory",
        "mount" | "unmount" | "pivot-root" | "chroot" | "namespace-unshare" | "namespace-setns" => "event.namespace",
        "process-exec-refused" | "process-ptrace-refused" | "process-signal-refused" | "module-load-refused" => {
            "event.refused"
        }
        "kernel-log-clear" => "event.kernel_log",
        "bpf-load" => "event.bpf",
        "io-uring-setup" | "io-uring-operation" => "event.io_uring",
        action if action.starts_with("file-") || action.starts_with("directory-") => "event.file_change",
        _ => "event.other",
    }
}

fn arguments(story: &Story, fact: &Fact) -> Vec<(&'static str, String)> {
    let acting = fact.lineage.first().and_then(|entity| story.processes.get(entity));
    let above = acting.and_then(|known| strip::parent(story, known));
    let name = |known: Option<&crate::story::Known>| known.map_or_else(|| "?".to_owned(), |k| k.snapshot.name.clone());
    let remote = fact.remote.map_or_else(|| "?".to_owned(), |(ip, port)| format!("{ip}:{port}"));
    vec![
        ("name", name(acting)),
        ("pid", acting.map_or(0, |known| known.snapshot.pid).to_string()),
        ("parent", name(above)),
        ("command", acting.map(|known| known.snapshot.command_line.clone()).unwrap_or_default()),
        ("file", fact.file.clone().unwrap_or_else(|| "?".into())),
        ("remote", remote),
        ("target", fact.target_executable.clone().or_else(|| fact.target.clone()).unwrap_or_else(|| "?".into())),
        ("title", fact.title.clone()),
        ("object", object(fact, acting.map(|known| known.snapshot.command_line.as_str()))),
    ]
}

/// What the act was done to, or else with which command.
pub(crate) fn object(fact: &Fact, command_line: Option<&str>) -> String {
    let remote = fact.remote.map(|(ip, port)| format!("{ip}:{port}"));
    let file = fact.file.clone().filter(|_| fact.event_action.starts_with("file-"));
    let target = fact.target_executable.clone().filter(|_| fact.event_action != "process-fork");
    let command = command_line.filter(|text| !text.is_empty()).map(str::to_owned);
    file.or(remote).or(target).or(command).unwrap_or_else(|| fact.title.clone())
}

/// How it began, each kind of act once in the order of first appearance, and what was done against it.
pub fn story(story: &Story) -> Vec<Sentence> {
    let mut out = Vec::new();
    if let Some((fact, known)) = strip::entry(story) {
        let args = [
            ("time", clock(known.snapshot.started.max(event::Timestamp(0)), false)),
            ("name", known.snapshot.name.clone()),
            ("pid", known.snapshot.pid.to_string()),
            ("user", user_of(known)),
            ("command", known.snapshot.command_line.clone()),
        ];
        out.push(say("story.began", args, [fact.alert.clone()]));
        out.push(strip::reason(story, known, true, [fact.alert.clone()]));
    }
    let mut told: Vec<Act> = Vec::new();
    for fact in &story.facts {
        if told.contains(&fact.act) {
            continue;
        }
        told.push(fact.act);
        let of_act = story.facts.iter().filter(|other| other.act == fact.act);
        let evidence = of_act.map(|other| other.alert.clone());
        out.push(say(&format!("story.{}", fact.act.name()), arguments(story, fact), evidence));
    }
    out.push(ending(story));
    out.extend(failures(story));
    out
}

fn ending(story: &Story) -> Sentence {
    if story.stopped.is_empty() {
        return say("story.not_stopped", [], story.facts.iter().map(|fact| fact.alert.clone()));
    }
    let done =
        story.facts.iter().filter(|fact| fact.outcome == OutcomeStatus::Done && fact.action > event::Action::Alert);
    say("story.stopped", [("stopped", strip::stopped(story))], done.map(|fact| fact.alert.clone()))
}

fn failures(story: &Story) -> Option<Sentence> {
    let failed: Vec<String> = story
        .facts
        .iter()
        .filter(|fact| fact.outcome == OutcomeStatus::Failed)
        .map(|fact| fact.alert.clone())
        .collect();
    (!failed.is_empty()).then(|| say("story.failed", [("alerts", failed.len().to_string())], failed))
}
