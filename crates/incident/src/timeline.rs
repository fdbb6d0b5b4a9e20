//! The story told twice: event by event for who wants to know exactly, and act by act for who wants to understand.

use crate::act::Act;
use crate::fact::Fact;
use crate::model::{Sentence, TimelineEntry};
use crate::sentence::say;
use crate::story::Story;
use crate::strip::{self, clock, user_of};
use crate::time::Time;
use event::{Mode, OutcomeStatus};

/// Entries shown; the newest beyond them are in the alert list.
const ENTRIES: usize = 500;
/// From this many on, how often an act was seen is worth a sentence.
const OFTEN: u64 = 5;

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
            sentence: say(event_key(fact), arguments(story, fact), [fact.alert.clone()]),
        })
        .collect()
}

fn event_key(fact: &Fact) -> &'static str {
    match fact.event_action.as_str() {
        "user-login" if fact.source.is_some() && fact.succeeded == Some(true) => "event.log_in",
        "user-login" if fact.source.is_some() && fact.succeeded == Some(false) => "event.log_in_failed",
        "web-request" if fact.source.is_some() => "event.request",
        _ if fact.lineage.is_empty() => "event.untraced",
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
    let pid = acting.map_or_else(|| "?".to_owned(), |known| known.snapshot.pid.to_string());
    vec![
        ("name", name(acting)),
        ("pid", pid),
        ("parent", name(above)),
        ("command", acting.map(|known| known.snapshot.command_line.clone()).unwrap_or_default()),
        ("file", fact.file.clone().unwrap_or_else(|| "?".into())),
        ("remote", remote),
        ("target", fact.target_executable.clone().or_else(|| fact.target.clone()).unwrap_or_else(|| "?".into())),
        ("source", fact.source.map_or_else(|| "?".to_owned(), |ip| ip.to_string())),
        ("accounts", strip::list(fact.accounts.iter().cloned(), 5)),
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
    let source = fact.source.filter(|_| fact.lineage.is_empty()).map(|ip| match fact.accounts.is_empty() {
        true => ip.to_string(),
        false => format!("{} ({ip})", strip::list(fact.accounts.iter().cloned(), 3)),
    });
    file.or(remote).or(target).or(command).or(source).unwrap_or_else(|| fact.title.clone())
}

/// How it began, each kind of act once in the order of first appearance, and what was done against it.
pub fn story(story: &Story) -> Vec<Sentence> {
    let mut out = Vec::new();
    if let Some((fact, known)) = strip::entry(story) {
        let args = [
            ("time", began(story, known.snapshot.started.max(event::Timestamp(0)))),
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
        let of_act: Vec<&Fact> = story.facts.iter().filter(|other| other.act == fact.act).collect();
        let evidence: Vec<String> = of_act.iter().map(|other| other.alert.clone()).collect();
        let key = story_key(fact);
        out.push(say(&key, arguments(story, fact), evidence.iter().cloned()));
        let count: u64 = of_act.iter().map(|other| other.count).sum();
        if count >= OFTEN {
            out.push(say("story.more", [("count", count.to_string())], evidence));
        }
    }
    out.push(ending(story));
    out.extend(failures(story));
    out
}

/// Of one whom no process is known of, the sentence speaks of an address or of what was told.
fn story_key(fact: &Fact) -> String {
    match (fact.lineage.is_empty(), fact.act) {
        (true, _) if fact.is_from_outside() => format!("story.{}_from", fact.act.name()),
        (true, act) if act != Act::Sensor => "story.untraced".to_owned(),
        (_, act) => format!("story.{}", act.name()),
    }
}

/// The time of day; with its date where that is not the day of the first alert.
fn began(story: &Story, started: event::Timestamp) -> String {
    let day = |time: event::Timestamp| clock(time, true).get(..10).map(str::to_owned);
    let first = story.earliest().map_or(started, |fact| fact.time);
    clock(started, day(started) != day(first))
}

fn ending(story: &Story) -> Sentence {
    if story.stopped.is_empty() {
        let asked: Vec<&Fact> = story.facts.iter().filter(|fact| fact.asks_for_a_stop()).collect();
        let key = match asked.iter().all(|fact| fact.mode != Mode::Enforce) {
            _ if asked.is_empty() => "story.not_asked",
            true => "story.observed",
            false => "story.not_stopped",
        };
        let rests_on = if asked.is_empty() { story.facts.iter().collect() } else { asked };
        return say(key, [], rests_on.iter().map(|fact| fact.alert.clone()));
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
