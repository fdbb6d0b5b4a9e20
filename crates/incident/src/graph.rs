//! The picture: processes, files and addresses of the attack, and how each led to the next. The page decides where they stand.

use crate::fact::{Fact, paths_run, writes};
use crate::model::{Counters, Edge, EdgeKind, Graph, Node, NodeKind, PathStep, ProcessFacts};
use crate::story::{Known, Story};
use crate::strip;
use crate::time::Time;
use event::{ProcessSnapshot, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes beyond these are counted in `hidden`.
const NODES: usize = 2_000;
/// Files drawn for one process.
const FILES: usize = 12;
/// Ordinary ancestors drawn above an entry.
const CONTEXT: usize = 3;

#[derive(Default)]
struct Drawing {
    nodes: BTreeMap<String, Node>,
    edges: BTreeMap<(String, String, EdgeKind), Edge>,
    hidden: BTreeSet<String>,
}

pub fn draw(story: &Story, path: &[PathStep]) -> Graph {
    let on_path: BTreeSet<&str> = path.iter().map(|step| step.node.as_str()).collect();
    let entry = strip::entry(story).map(|(_, known)| known.snapshot.entity_id.clone());
    let mut drawing = Drawing::default();
    for fact in &story.facts {
        drawing.lineage(story, fact);
        drawing.objects(story, fact);
    }
    drawing.runs(story);
    drawing.log_in(story);
    for node in drawing.nodes.values_mut() {
        node.on_path = on_path.contains(node.id.as_str());
        node.entry = entry.as_ref() == Some(&node.id);
    }
    for edge in drawing.edges.values_mut() {
        edge.on_path = on_path.contains(edge.from.as_str()) && on_path.contains(edge.to.as_str());
    }
    drawing.count_children();
    Graph {
        hidden: drawing.hidden.len() as u64,
        nodes: drawing.nodes.into_values().collect(),
        edges: drawing.edges.into_values().collect(),
    }
}

impl Drawing {
    fn lineage(&mut self, story: &Story, fact: &Fact) {
        let shown = &fact.lineage[..(fact.entry + 1 + CONTEXT).min(fact.lineage.len())];
        for (index, entity) in shown.iter().enumerate() {
            let Some(known) = story.processes.get(entity) else { continue };
            if !self.add(process_node(known, index > fact.entry)) {
                return;
            }
            if let (Some(node), true) = (self.nodes.get_mut(entity), index <= fact.entry) {
                node.ordinary = false;
            }
            if index > 0 {
                let started = story.processes.get(&shown[index - 1]).map(|child| child.snapshot.started);
                self.link(entity, &shown[index - 1], EdgeKind::Started, started.unwrap_or(fact.time));
            }
        }
        if let Some(node) = fact.lineage.first().and_then(|entity| self.nodes.get_mut(entity)) {
            node.alerts.push(fact.alert.clone());
            node.counters.alerts += fact.count;
            node.severity = node.severity.max(Some(fact.severity));
        }
    }

    fn objects(&mut self, story: &Story, fact: &Fact) {
        let Some(actor) = fact.lineage.first().filter(|entity| self.nodes.contains_key(*entity)).cloned() else {
            return;
        };
        if let Some(file) = fact.file.as_deref().filter(|_| fact.event_action.starts_with("file-")) {
            let kind = if writes(&fact.event_action) || fact.event_action == "file-unlink" {
                EdgeKind::Wrote
            } else {
                EdgeKind::Read
            };
            let drawn = self.edges.keys().filter(|(from, to, _)| *from == actor && to.starts_with("file:")).count();
            let node = file_node(&fact.host, file);
            let id = node.id.clone();
            if drawn >= FILES && !self.nodes.contains_key(&id) {
                self.hidden.insert(id);
            } else if self.add(node) {
                self.link(&actor, &id, kind, fact.time);
            }
        }
        if let Some((ip, port)) = fact.remote {
            let node = address_node(&fact.host, &format!("{ip}:{port}"));
            let id = node.id.clone();
            if self.add(node) {
                self.link(&actor, &id, EdgeKind::Connected, fact.time);
            }
        }
        if let Some(target) = fact.target.as_ref().filter(|_| !fact.event_action.ends_with("fork")) {
            let node = story.processes.get(target).map(|known| process_node(known, false));
            let drawn = self.add(node.unwrap_or_else(|| unseen_node(fact, target)));
            if drawn {
                self.link(&actor, target, EdgeKind::Injected, fact.time);
            }
        }
    }

    /// Files that were written and then run.
    fn runs(&mut self, story: &Story) {
        let processes: Vec<Node> = self.nodes.values().filter(|node| node.kind == NodeKind::Process).cloned().collect();
        for node in processes {
            let Some(known) = story.processes.get(&node.id) else { continue };
            for path in paths_run(&known.snapshot) {
                let file = format!("file:{}:{path}", known.host);
                let written = self.edges.keys().any(|(_, to, kind)| *to == file && *kind == EdgeKind::Wrote);
                if written {
                    self.link(&file, &node.id, EdgeKind::WroteThenRan, known.snapshot.started);
                }
            }
        }
    }

    /// The address that attacked the log-ins, and what a log-in from there led to.
    fn log_in(&mut self, story: &Story) {
        let Some((_, known)) = strip::entry(story) else { return };
        let sources = strip::outside(story);
        let Some(source) = strip::came_in_from(&sources, known) else { return };
        let mut node = address_node(&known.host, source);
        let of_source =
            |fact: &&Fact| fact.is_from_outside() && fact.source.is_some_and(|ip| ip.to_string() == *source);
        for fact in story.facts.iter().filter(of_source) {
            node.alerts.push(fact.alert.clone());
            node.counters.alerts += fact.count;
            node.severity = node.severity.max(Some(fact.severity));
        }
        let id = node.id.clone();
        if self.add(node) {
            self.link(&id, &known.snapshot.entity_id, EdgeKind::Connected, known.snapshot.started);
        }
    }

    fn count_children(&mut self) {
        let parents: Vec<String> = self
            .edges
            .keys()
            .filter(|(_, _, kind)| *kind == EdgeKind::Started)
            .map(|(from, _, _)| from.clone())
            .collect();
        for parent in parents {
            if let Some(node) = self.nodes.get_mut(&parent) {
                node.counters.children += 1;
            }
        }
    }

    /// False when there is no room.
    fn add(&mut self, node: Node) -> bool {
        if self.nodes.contains_key(&node.id) {
            return true;
        }
        if self.nodes.len() >= NODES {
            self.hidden.insert(node.id);
            return false;
        }
        self.nodes.insert(node.id.clone(), node);
        true
    }

    fn link(&mut self, from: &str, to: &str, kind: EdgeKind, time: Timestamp) {
        let edge = Edge { from: from.to_owned(), to: to.to_owned(), kind, time: Time(time), on_path: false };
        self.edges.entry((from.to_owned(), to.to_owned(), kind)).or_insert(edge);
    }
}

fn process_node(known: &Known, ordinary: bool) -> Node {
    let snapshot = &known.snapshot;
    Node {
        process: Some(process_facts(snapshot)),
        ordinary,
        ..bare(snapshot.entity_id.clone(), NodeKind::Process, &known.host, &snapshot.name)
    }
}

fn unseen_node(fact: &Fact, target: &str) -> Node {
    let executable = fact.target_executable.as_deref().unwrap_or(target);
    bare(target.to_owned(), NodeKind::Process, &fact.host, executable.rsplit('/').next().unwrap_or(executable))
}

fn file_node(host: &str, path: &str) -> Node {
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path);
    Node { path: Some(path.to_owned()), ..bare(format!("file:{host}:{path}"), NodeKind::File, host, name) }
}

fn address_node(host: &str, address: &str) -> Node {
    bare(format!("address:{address}"), NodeKind::Address, host, address)
}

fn bare(id: String, kind: NodeKind, host: &str, label: &str) -> Node {
    Node {
        id,
        kind,
        host: host.to_owned(),
        label: label.to_owned(),
        severity: None,
        on_path: false,
        entry: false,
        ordinary: false,
        alerts: Vec::new(),
        process: None,
        path: None,
        ended: None,
        counters: Counters::default(),
    }
}

/// A process as pages show it.
pub fn process_facts(snapshot: &ProcessSnapshot) -> ProcessFacts {
    let s = snapshot.clone();
    ProcessFacts {
        entity_id: s.entity_id,
        pid: s.pid,
        name: s.name,
        executable: s.executable,
        command_line: s.command_line,
        started: Time(s.started),
        user_id: s.user_id,
        user: s.user_name,
        login: s.login_name,
        session: s.session_id,
        login_source: s.login_source,
        unit: s.unit,
        container_id: s.container_id,
        container_image: s.container_image,
        sha256: s.sha256,
        package: s.package,
        fileless: s.fileless,
    }
}
