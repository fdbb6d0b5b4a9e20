//! What in an incident a question can be about, most telling first, each with the arguments that questions name.

use crate::fact;
use crate::model::{Graph, HostRef, Incident, Node, NodeKind, ProcessFacts};
use crate::ordinary::is_temporary;
use crate::role;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A program file that is no package's, or lies where no package puts any.
    Program,
    /// A process of the attack.
    Process,
    /// A well-known server out of which the attack came.
    Server,
    /// A remote address.
    Connection,
    /// A login session.
    Login,
    /// A file that the attack wrote.
    File,
    Host,
}

/// Subjects of one kind that are asked about.
const MOST: usize = 3;

/// One thing to ask about. Arguments are raw text: whoever puts them in a query or on a page quotes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub about: About,
    pub host: HostRef,
    pub args: BTreeMap<&'static str, String>,
    pub alerts: Vec<String>,
}

pub fn subjects(incident: &Incident) -> Vec<Subject> {
    let mut out = Vec::new();
    let processes = processes(incident);
    out.extend(programs(incident, &processes));
    out.extend(processes.iter().take(MOST).map(|(node, facts)| process(incident, node, facts)));
    out.extend(server(incident));
    out.extend(connections(incident));
    out.extend(login(incident));
    out.extend(files(incident));
    out.extend(incident.hosts.iter().take(MOST).map(|host| Subject {
        about: About::Host,
        host: host.clone(),
        args: BTreeMap::from([("host", host.name.clone()), ("host_id", host.id.clone())]),
        alerts: incident.alert_ids.iter().take(3).cloned().collect(),
    }));
    out
}

/// Processes of the attack: on the path and told of before others, the gravest first.
fn processes(incident: &Incident) -> Vec<(&Node, &ProcessFacts)> {
    let odd = incident.graph.nodes.iter().filter(|node| !node.ordinary && node.kind == NodeKind::Process);
    let mut all: Vec<(&Node, &ProcessFacts)> =
        odd.filter_map(|node| Some((node, node.process.as_ref()?))).filter(|(_, facts)| facts.pid > 1).collect();
    let is_shell = |facts: &ProcessFacts| role::is_shell(&facts.name);
    all.sort_by_key(|(node, facts)| {
        (std::cmp::Reverse(node.severity), !node.on_path, is_shell(facts), facts.started, node.id.clone())
    });
    all
}

fn base(incident: &Incident, node: &Node) -> (HostRef, BTreeMap<&'static str, String>) {
    let known = incident.hosts.iter().find(|host| host.id == node.host);
    let host = known.cloned().unwrap_or_else(|| HostRef { id: node.host.clone(), name: node.host.clone() });
    let args = BTreeMap::from([("host", host.name.clone()), ("host_id", host.id.clone())]);
    (host, args)
}

fn process(incident: &Incident, node: &Node, facts: &ProcessFacts) -> Subject {
    let (host, mut args) = base(incident, node);
    let started = |edge: &&crate::model::Edge| edge.to == node.id && edge.kind == crate::model::EdgeKind::Started;
    let parent = incident.graph.edges.iter().find(started).map(|edge| edge.from.clone());
    let facts_of = |id: &str| node_of(&incident.graph, id).and_then(|node| node.process.as_ref());
    args.insert("name", facts.name.clone());
    args.insert("path", facts.executable.clone());
    args.insert("command", facts.command_line.clone());
    args.insert("entity", facts.entity_id.clone());
    args.insert("pid", facts.pid.to_string());
    args.insert("user", facts.user.clone().unwrap_or_else(|| facts.user_id.to_string()));
    args.insert("sha256", facts.sha256.clone().unwrap_or_default());
    args.insert("package", facts.package.clone().unwrap_or_default());
    args.insert("container", facts.container_id.clone().unwrap_or_default());
    args.insert("parent_name", parent.as_deref().and_then(facts_of).map(|p| p.name.clone()).unwrap_or_default());
    args.insert("parent", parent.unwrap_or_default());
    Subject { about: About::Process, host, args, alerts: node.alerts.iter().take(3).cloned().collect() }
}

fn node_of<'a>(graph: &'a Graph, id: &str) -> Option<&'a Node> {
    graph.nodes.iter().find(|node| node.id == id)
}

/// One subject a file, however many processes ran it.
fn programs(incident: &Incident, processes: &[(&Node, &ProcessFacts)]) -> Vec<Subject> {
    let mut seen = BTreeSet::new();
    let foreign = |facts: &&(&Node, &ProcessFacts)| {
        let facts = facts.1;
        let path = facts.executable.as_str();
        path.starts_with('/') && (facts.fileless || is_temporary(path) || (facts.package.is_none() && !is_system(path)))
    };
    let new = processes.iter().filter(foreign).filter(|(node, facts)| seen.insert((&node.host, &facts.executable)));
    new.take(MOST).map(|(node, facts)| Subject { about: About::Program, ..process(incident, node, facts) }).collect()
}

fn is_system(path: &str) -> bool {
    fact::SYSTEM_PLACES.iter().any(|place| path.starts_with(place))
}

fn server(incident: &Incident) -> Option<Subject> {
    let step = incident.root_cause.iter().find(|step| step.ordinary && role::server_kind(&step.name).is_some())?;
    let node = node_of(&incident.graph, &step.node)?;
    let facts = node.process.as_ref()?;
    let alerts = incident.alert_ids.iter().take(3).cloned().collect();
    Some(Subject { about: About::Server, alerts, ..process(incident, node, facts) })
}

fn connections(incident: &Incident) -> Vec<Subject> {
    let mut out: Vec<Subject> = Vec::new();
    let addresses = incident.graph.nodes.iter().filter(|node| node.kind == NodeKind::Address);
    for node in addresses {
        let (ip, port) = match node.label.parse::<std::net::SocketAddr>() {
            Ok(address) => (address.ip(), address.port().to_string()),
            Err(_) => match node.label.parse() {
                Ok(ip) => (ip, String::new()),
                Err(_) => continue,
            },
        };
        if ip.is_loopback() || out.iter().any(|subject| subject.args["ip"] == ip.to_string()) {
            continue;
        }
        let from = incident.graph.edges.iter().find(|edge| edge.to == node.id || edge.from == node.id);
        let actor = from.and_then(|edge| node_of(&incident.graph, &edge.from)).filter(|node| node.process.is_some());
        let (host, mut args) = base(incident, node);
        args.insert("ip", ip.to_string());
        args.insert("port", port);
        args.insert("name", actor.map(|node| node.label.clone()).unwrap_or_default());
        args.insert("entity", actor.map(|node| node.id.clone()).unwrap_or_default());
        let mut alerts = node.alerts.clone();
        alerts.extend(actor.iter().flat_map(|node| node.alerts.iter().cloned()));
        alerts.truncate(3);
        out.push(Subject { about: About::Connection, host, args, alerts });
        if out.len() >= MOST {
            break;
        }
    }
    out
}

fn login(incident: &Incident) -> Option<Subject> {
    let session = incident.who.session?;
    let node = incident.graph.nodes.iter().find(|node| {
        node.process.as_ref().is_some_and(|facts| facts.session == Some(session) && facts.login.is_some())
    })?;
    let facts = node.process.as_ref()?;
    let (host, mut args) = base(incident, node);
    args.insert("session", session.to_string());
    args.insert("login", facts.login.clone().unwrap_or_default());
    args.insert("user", facts.user.clone().unwrap_or_else(|| facts.user_id.to_string()));
    args.insert("source", incident.who.source.clone().unwrap_or_default());
    let alerts = incident.alert_ids.iter().take(3).cloned().collect();
    Some(Subject { about: About::Login, host, args, alerts })
}

/// Files that the attack wrote; what is run or started by itself before others.
fn files(incident: &Incident) -> Vec<Subject> {
    use crate::model::EdgeKind::{Wrote, WroteThenRan};
    let mut all: Vec<(&Node, &Node)> = Vec::new();
    for edge in incident.graph.edges.iter().filter(|edge| matches!(edge.kind, Wrote | WroteThenRan)) {
        let (Some(writer), Some(file)) = (node_of(&incident.graph, &edge.from), node_of(&incident.graph, &edge.to))
        else {
            continue;
        };
        if file.kind == NodeKind::File && !all.iter().any(|(_, known)| known.id == file.id) {
            all.push((writer, file));
        }
    }
    all.sort_by_key(|(writer, file)| (std::cmp::Reverse(writer.severity), !file.on_path, file.id.clone()));
    let subject = |(writer, file): &(&Node, &Node)| {
        let path = file.path.clone()?;
        let (host, mut args) = base(incident, file);
        args.insert("file", file.label.clone());
        args.insert("path", path);
        args.insert("name", writer.label.clone());
        args.insert("entity", writer.id.clone());
        let alerts = file.alerts.iter().chain(&writer.alerts).take(3).cloned().collect();
        Some(Subject { about: About::File, host, args, alerts })
    };
    all.iter().filter_map(subject).take(MOST).collect()
}
