//! The title and the strip above an incident: who, what, when, where, how.

use crate::act::Act;
use crate::fact::Fact;
use crate::model::{How, Place, Sentence, What, When, Who};
use crate::role::{self, Role};
use crate::sentence::say;
use crate::story::{Known, Story};
use crate::time::Time;
use event::Timestamp;
use std::collections::BTreeSet;

/// The process with which the story began: the entry of its first fact that has one.
pub fn entry(story: &Story) -> Option<(&Fact, &Known)> {
    story.facts.iter().find_map(|fact| {
        let entity = fact.lineage.get(fact.entry)?;
        Some((fact, story.processes.get(entity)?))
    })
}

/// The process that all of the attack hangs under: the deepest link below the entry that every fact shares. An entry may be
/// an old odd parent of much else; this is what to name and, if need be, to end. The entry where there is no such link.
pub fn core(story: &Story) -> Option<(&Fact, &Known)> {
    let (first, entry) = entry(story)?;
    let odd = |fact: &Fact| fact.lineage[..(fact.entry + 1).min(fact.lineage.len())].to_vec();
    let all = story.facts.iter().filter(|fact| !fact.lineage.is_empty()).map(odd);
    let shared = all.reduce(|shared, other| shared.into_iter().filter(|entity| other.contains(entity)).collect());
    // The acting process stands first in a lineage, so the deepest shared link does too.
    let deepest = shared.and_then(|shared| story.processes.get(shared.first()?));
    Some((first, deepest.unwrap_or(entry)))
}

pub fn parent<'a>(story: &'a Story, known: &Known) -> Option<&'a Known> {
    story.processes.get(known.parent.as_deref()?)
}

pub fn user_of(known: &Known) -> String {
    known.snapshot.user_name.clone().unwrap_or_else(|| format!("uid {}", known.snapshot.user_id))
}

/// Addresses that attacked this host's log-ins or servers, in the order in which they were told of.
pub fn outside(story: &Story) -> Vec<String> {
    let attacks = story.facts.iter().filter(|fact| fact.is_from_outside());
    distinct(attacks.filter_map(|fact| fact.source).map(|ip| ip.to_string()))
}

/// Whether the process is one that a log-in from an attacking address led to.
pub fn came_in_from<'a>(sources: &'a [String], known: &Known) -> Option<&'a String> {
    sources.iter().find(|source| known.snapshot.login_source.as_ref() == Some(*source))
}

pub fn title(story: &Story) -> Sentence {
    let host = host_names(story);
    let evidence = story.gravest().map(|fact| fact.alert.clone());
    let sources = outside(story);
    let led_in = entry(story).is_none_or(|(_, entry)| came_in_from(&sources, entry).is_some());
    if !sources.is_empty() && led_in {
        let args = [("host", host), ("acts", headline_acts(story, true)), ("source", list(sources.into_iter(), 2))];
        return say("title.source", args, evidence);
    }
    let acts = headline_acts(story, false);
    let (Some((_, entry)), Some((_, core))) = (entry(story), core(story)) else {
        let of_host = story.facts.iter().all(|fact| matches!(fact.act, Act::Sensor | Act::Policy | Act::Change));
        let key = if of_host { "title.host" } else { "title.unknown" };
        return say(key, [("host", host), ("acts", acts)], evidence);
    };
    let mut args = vec![("host", host), ("acts", acts), ("name", core.snapshot.name.clone()), ("user", user_of(entry))];
    let above = parent(story, entry);
    // A service that nobody knows, far above what acted, says less than the program that all of it hangs under.
    let near = above.is_some_and(|p| role::server_kind(&p.snapshot.name).is_some())
        || core.snapshot.entity_id == entry.snapshot.entity_id;
    let key = match above.and_then(|p| p.judgement.role) {
        Some(Role::Service) if near => {
            let name = above.map(|p| p.snapshot.name.clone()).unwrap_or_default();
            args.push(("server", role::server_kind(&name).unwrap_or("service").to_owned()));
            args[2] = ("name", name);
            "title.server"
        }
        Some(Role::Scheduler) => "title.job",
        Some(Role::SessionDaemon) => "title.remote",
        Some(Role::PersonShell | Role::AccountTool | Role::Terminal) if entries(story) > 1 => "title.person",
        _ => "title.program",
    };
    say(key, args, evidence)
}

fn entries(story: &Story) -> usize {
    story.facts.iter().filter_map(|fact| fact.lineage.get(fact.entry)).collect::<BTreeSet<_>>().len()
}

/// The three gravest acts in the order they happened, and how many more there are; with those of somebody outside or without.
fn headline_acts(story: &Story, with_outside: bool) -> String {
    let mut seen: Vec<Act> = Vec::new();
    for fact in story.facts.iter().filter(|fact| with_outside || !fact.is_from_outside()) {
        if !seen.contains(&fact.act) {
            seen.push(fact.act);
        }
    }
    let mut gravest = seen.clone();
    gravest.sort_by_key(|act| std::cmp::Reverse(act.weight()));
    gravest.truncate(3);
    let shown: Vec<&str> = seen.iter().filter(|act| gravest.contains(act)).map(|act| act.name()).collect();
    match seen.len() - shown.len() {
        0 => shown.join(","),
        more => format!("{}+{more}", shown.join(",")),
    }
}

fn host_names(story: &Story) -> String {
    list(story.hosts.iter().map(|host| host.name.clone()), 3)
}

/// At most `most` of the items, and `+n` for the rest.
pub(crate) fn list(items: impl Iterator<Item = String>, most: usize) -> String {
    let all: Vec<String> = items.collect();
    let shown = all.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > most { format!("{shown}, +{}", all.len() - most) } else { shown }
}

pub fn who(story: &Story) -> Who {
    let users: BTreeSet<String> = acting(story).map(user_of).collect();
    // Where the log-in came from that led here; else who connected to what was attacked.
    let logged = acting(story).find_map(|known| known.snapshot.login_source.clone());
    let source = logged.clone().or_else(|| story.facts.iter().find_map(|fact| fact.source).map(|ip| ip.to_string()));
    let Some((fact, known)) = entry(story) else {
        let sources = outside(story);
        let sentence = match sources.is_empty() {
            true => say("who.unknown", [], []),
            false => say("who.address", [("source", list(sources.into_iter(), 3))], alerts_from_outside(story)),
        };
        return Who { user: None, user_id: None, login: None, session: None, source, users: Vec::new(), sentence };
    };
    let (user, snapshot) = (user_of(known), &known.snapshot);
    let login = snapshot.login_name.clone().or_else(|| snapshot.login_id.map(|id| format!("uid {id}")));
    let evidence = [fact.alert.clone()];
    let sentence = match (&login, snapshot.session_id, &source) {
        (Some(login), Some(session), Some(source)) if logged.is_some() => say(
            "who.login_from",
            [
                ("user", user.clone()),
                ("login", login.clone()),
                ("session", session.to_string()),
                ("source", source.clone()),
            ],
            evidence,
        ),
        (Some(login), Some(session), _) => say(
            "who.login",
            [("user", user.clone()), ("login", login.clone()), ("session", session.to_string())],
            evidence,
        ),
        (_, _, Some(source)) => say("who.source", [("user", user.clone()), ("source", source.clone())], evidence),
        _ => say("who.user", [("user", user.clone())], evidence),
    };
    Who {
        user: Some(user),
        user_id: Some(snapshot.user_id),
        login,
        session: snapshot.session_id,
        source,
        users: users.into_iter().collect(),
        sentence,
    }
}

fn alerts_from_outside(story: &Story) -> impl Iterator<Item = String> {
    story.facts.iter().filter(|fact| fact.is_from_outside()).map(|fact| fact.alert.clone())
}

fn acting(story: &Story) -> impl Iterator<Item = &Known> {
    story.facts.iter().filter_map(|fact| story.processes.get(fact.lineage.first()?))
}

pub fn what(story: &Story) -> What {
    let total: u64 = story.alerts.values().sum();
    let mut args = vec![("alerts", total.to_string()), ("severity", story.severity().name().to_owned())];
    let key = if story.stopped.is_empty() { "what.open" } else { "what.stopped" };
    args.push(("stopped", stopped(story)));
    let evidence = story.gravest().map(|fact| fact.alert.clone());
    What { alerts: story.alerts.clone(), stopped: story.stopped.clone(), sentence: say(key, args, evidence) }
}

pub fn stopped(story: &Story) -> String {
    story.stopped.iter().map(|(action, n)| format!("{action}={n}")).collect::<Vec<_>>().join(",")
}

pub fn when(story: &Story, first: Timestamp, last: Timestamp) -> When {
    let duration_ms = last.since(first) / 1_000_000;
    let evidence = story.earliest().map(|fact| fact.alert.clone());
    let args = [("first", clock(first, true)), ("last", clock(last, false)), ("duration", duration_ms.to_string())];
    let key = if first == last { "when.once" } else { "when.span" };
    When { first: Time(first), last: Time(last), duration_ms, sentence: say(key, args, evidence) }
}

/// `2026-11-22 12:00:03`, or the time of day alone.
pub fn clock(time: Timestamp, with_date: bool) -> String {
    let text = time.to_string();
    let day_time = text.get(11..19).unwrap_or_default();
    if with_date { format!("{} {day_time}", text.get(..10).unwrap_or_default()) } else { day_time.to_owned() }
}

pub fn place(story: &Story) -> Place {
    let of = |pick: fn(&Known) -> Option<String>| -> Vec<String> {
        acting(story).filter_map(pick).collect::<BTreeSet<_>>().into_iter().take(20).collect()
    };
    let containers = of(|known| known.snapshot.container_id.as_ref().map(|id| id.chars().take(12).collect()));
    let units = of(|known| known.snapshot.unit.clone());
    let mut by_weight: Vec<&Fact> = story.facts.iter().collect();
    by_weight.sort_by_key(|fact| std::cmp::Reverse((fact.severity, fact.act.weight())));
    let files = distinct(by_weight.iter().filter_map(|fact| fact.file.clone()));
    let reached = by_weight.iter().filter_map(|fact| fact.remote).map(|(ip, port)| format!("{ip}:{port}"));
    let addresses = distinct(reached.chain(outside(story)));
    let mut args = vec![("hosts", host_names(story))];
    args.push(("units", list(units.iter().cloned(), 3)));
    args.push(("containers", list(containers.iter().cloned(), 3)));
    let key = match (containers.is_empty(), units.is_empty()) {
        (false, _) => "where.container",
        (true, false) => "where.unit",
        _ => "where.host",
    };
    let sentence = say(key, args, story.earliest().map(|fact| fact.alert.clone()));
    Place { hosts: story.hosts.iter().cloned().collect(), containers, units, files, addresses, sentence }
}

fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for item in items {
        if out.len() < 20 && !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

pub fn how(story: &Story) -> How {
    let sources = outside(story);
    let Some((fact, known)) = entry(story) else {
        let sentence = match sources.is_empty() {
            true => say("how.none", [], []),
            false => say(
                "how.outside",
                [("source", list(sources.into_iter(), 3)), ("host", host_names(story))],
                alerts_from_outside(story),
            ),
        };
        return How { entry: None, sentence };
    };
    let entry = Some(known.snapshot.entity_id.clone());
    if let Some(source) = came_in_from(&sources, known) {
        let evidence: Vec<String> = alerts_from_outside(story).chain([fact.alert.clone()]).collect();
        let args = [("source", source.clone()), ("name", known.snapshot.name.clone()), ("user", user_of(known))];
        return How { entry, sentence: say("how.log_in", args, evidence) };
    }
    How { entry, sentence: reason(story, known, true, [fact.alert.clone()]) }
}

/// Why a process is thought ordinary or not; `acted` for one that something was told of.
pub fn reason(story: &Story, known: &Known, acted: bool, evidence: impl IntoIterator<Item = String>) -> Sentence {
    let key = if acted && known.judgement.ordinary() { "odd.told" } else { known.judgement.reason };
    let above = parent(story, known).map(|p| p.snapshot.name.clone()).unwrap_or_default();
    let args = [
        ("name", known.snapshot.name.clone()),
        ("executable", known.snapshot.executable.clone()),
        ("user", user_of(known)),
        ("parent", above),
    ];
    say(key, args, evidence)
}
