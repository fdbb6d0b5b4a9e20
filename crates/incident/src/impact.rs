//! So what: what the attack came to, the gravest first, what it planted to come back, and what of it still runs. Comes in: the
//! facts of a story, and from the node which processes were seen to end. Goes out: sentences, each with the alerts that prove it.
//! Nothing is guessed: where no alert speaks of harm, that is what is said.

use crate::act::Act;
use crate::fact::Fact;
use crate::model::{Incident, Node, NodeKind, Sentence};
use crate::sentence::say;
use crate::story::Story;
use crate::timeline::object;
use event::{Action, OutcomeStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of harm that are told; beyond them nobody reads.
const MOST: usize = 5;
/// Things named in one sentence.
const NAMED: usize = 3;

/// Acts that leave something worse than before, the gravest first; those of one line are told in one sentence, the first's.
pub(crate) const HARM: &[&[Act]] = &[
    &[Act::Encrypt],
    &[Act::Destroy],
    &[Act::Recovery],
    &[Act::Exfiltrate],
    &[Act::Credentials],
    &[Act::Kernel],
    &[Act::Escape],
    &[Act::Lateral],
    &[Act::Miner],
    &[Act::Malware],
    &[Act::Deface],
    &[Act::Flood],
    &[Act::ReverseShell],
    &[Act::ServerShell, Act::ServerCommand],
    &[Act::WebShell],
    &[Act::LogIn],
    &[Act::BackDoor],
    &[Act::Halt],
    &[Act::Privilege],
    &[Act::Account],
    &[Act::Alter],
    &[Act::Disable],
    &[Act::Erase],
];
/// Acts that make it come back.
const PLANTS: [Act; 3] = [Act::Schedule, Act::Service, Act::Persist];

pub fn sentences(story: &Story) -> Vec<Sentence> {
    let came: Vec<&Fact> = story.facts.iter().filter(|fact| !refused(fact)).collect();
    let harm = HARM.iter().filter_map(|acts| of(story, &came, acts, &format!("impact.{}", acts[0].name())));
    let mut out: Vec<Sentence> = harm.take(MOST).collect();
    out.extend(of(story, &came, &PLANTS, "impact.planted"));
    if out.is_empty() {
        out.push(say("impact.none", [], story.gravest().map(|fact| fact.alert.clone())));
    }
    out.extend(prevented(story));
    out
}

/// It did not come to pass.
fn refused(fact: &Fact) -> bool {
    fact.outcome == OutcomeStatus::Done && fact.action == Action::Deny
}

fn of(story: &Story, came: &[&Fact], acts: &[Act], key: &str) -> Option<Sentence> {
    let facts: Vec<&&Fact> = came.iter().filter(|fact| acts.contains(&fact.act)).collect();
    facts.first()?;
    let things: Vec<String> = distinct(facts.iter().map(|fact| thing(story, fact)));
    let hosts = distinct(facts.iter().filter_map(|fact| host_name(story, &fact.host)));
    let args = [("host", listed(&hosts)), ("things", listed(&things)), ("count", things.len().to_string())];
    Some(say(key, args, facts.iter().map(|fact| fact.alert.clone())))
}

fn thing(story: &Story, fact: &Fact) -> String {
    let acting = fact.lineage.first().and_then(|entity| story.processes.get(entity));
    object(fact, acting.map(|known| known.snapshot.command_line.as_str()))
}

fn host_name(story: &Story, id: &str) -> Option<String> {
    story.hosts.iter().find(|host| host.id == id).map(|host| host.name.clone())
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for one in all {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

/// Each no longer than leaves room for the others.
fn listed(all: &[String]) -> String {
    let short = |one: &String| {
        let clipped = event::text::clip(one, 70);
        format!("{clipped}{}", if clipped.len() < one.len() { "…" } else { "" })
    };
    let named: Vec<String> = all.iter().take(NAMED).map(short).collect();
    let more = all.len() - named.len();
    let named = named.join(", ");
    if more > 0 { format!("{named}, +{more}") } else { named }
}

fn prevented(story: &Story) -> Option<Sentence> {
    let facts: Vec<&Fact> = story.facts.iter().filter(|fact| refused(fact)).collect();
    facts.first()?;
    let acts = distinct(facts.iter().map(|fact| fact.act.name().to_owned())).join(",");
    Some(say("impact.prevented", [("acts", acts)], facts.iter().map(|fact| fact.alert.clone())))
}

impl Incident {
    /// Takes up which processes were seen to end, of those that were asked about, and says what of the attack still runs.
    /// Without an answer of the event store this is not called, and nothing is said: not to know is not to be over.
    pub fn note_ended(&mut self, asked: &BTreeSet<String>, ended: &BTreeSet<String>) {
        for node in self.graph.nodes.iter_mut().filter(|node| asked.contains(&node.id)) {
            node.ended = Some(ended.contains(&node.id));
        }
        let of_attack = |node: &&Node| node.kind == NodeKind::Process && !node.ordinary;
        let attack: Vec<&Node> = self.graph.nodes.iter().filter(of_attack).collect();
        let left: Vec<&Node> = attack.iter().filter(|node| node.ended == Some(false)).copied().collect();
        let alerts = |nodes: &[&Node]| -> Vec<String> { nodes.iter().flat_map(|node| node.alerts.clone()).collect() };
        if left.is_empty() {
            let known = attack.iter().all(|node| node.ended.is_some()) && self.graph.hidden == 0;
            if known && !attack.is_empty() {
                self.impact.push(say("impact.over", [("count", attack.len().to_string())], alerts(&attack)));
            }
            return;
        }
        let mut names: BTreeMap<&str, u64> = BTreeMap::new();
        for node in &left {
            *names.entry(&node.label).or_default() += 1;
        }
        let named =
            |(name, count): (&&str, &u64)| if *count > 1 { format!("{name} ({count})") } else { (*name).to_owned() };
        let names: Vec<String> = names.iter().map(named).collect();
        let args = [("count", left.len().to_string()), ("names", listed(&names))];
        // Where nothing was told of those that are left, it rests on what told of the way that they belong to.
        let mut evidence = alerts(&left);
        if evidence.is_empty() {
            evidence.clone_from(&self.how.sentence.evidence);
        }
        self.impact.push(say("impact.running", args, evidence));
    }
}
