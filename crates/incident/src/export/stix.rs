//! An incident as STIX 2.1 (OASIS standard of 2021): a report that holds the attack patterns, what was observed, and the
//! sightings that tie the one to the other. What is observed (files, addresses, accounts, processes) has the identifiers
//! that the standard derives from content, so that bundles of several incidents merge.

use super::uuid;
use crate::investigation::Investigation;
use crate::model::{Incident, Node, NodeKind, ProcessFacts};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

pub fn bundle(incident: &Incident, investigation: Option<&Investigation>) -> Value {
    let identity = told("identity", "tamon", json!({ "name": "Tamon", "identity_class": "system" }), incident);
    let patterns: Vec<Value> = incident.techniques.iter().map(|id| pattern(id, incident)).collect();
    let observed = Observed::of(incident);
    let mut objects = vec![identity];
    objects.extend(patterns.iter().cloned());
    // The standard wants something in it; an incident whose processes are all gone from the graph has nothing to show.
    if !observed.0.is_empty() {
        let data = told(
            "observed-data",
            &incident.id,
            json!({
                "first_observed": incident.first, "last_observed": incident.last,
                "number_observed": incident.alert_count.clamp(1, 999_999_999),
                "object_refs": observed.0.keys().collect::<Vec<_>>(),
            }),
            incident,
        );
        let sightings = patterns.iter().map(|pattern| sighting(&pattern["id"], &data["id"], incident));
        objects.extend(sightings.collect::<Vec<_>>());
        objects.push(data);
        objects.extend(observed.0.into_values());
    }
    let note = investigation.map(|investigation| note(investigation, &objects, incident));
    objects.extend(note);
    let refs: Vec<&Value> = objects.iter().map(|object| &object["id"]).collect();
    let report = told(
        "report",
        &incident.id,
        json!({
            "name": incident.title.text.en,
            "description": incident.sentences.iter().map(|said| said.text.en.as_str()).collect::<Vec<_>>().join("\n"),
            "report_types": ["threat-report", "observed-data", "attack-pattern"],
            "published": incident.updated,
            "lang": "en",
            "object_refs": refs,
            "external_references": [{ "source_name": "tamon", "external_id": incident.id }],
        }),
        incident,
    );
    objects.push(report);
    let id = format!("bundle--{}", uuid::told(&format!("bundle {} {}", incident.id, incident.updated.0)));
    json!({ "type": "bundle", "id": id, "objects": objects })
}

/// What this product tells, as opposed to what anybody would observe.
fn told(kind: &str, name: &str, rest: Value, incident: &Incident) -> Value {
    let author = format!("identity--{}", uuid::told("identity tamon"));
    let id = format!("{kind}--{}", uuid::told(&format!("{kind} {name}")));
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": id, "created": incident.first, "modified": incident.updated,
    });
    if id != author {
        object["created_by_ref"] = author.into();
    }
    merged(object, rest)
}

fn merged(mut object: Value, rest: Value) -> Value {
    if let (Value::Object(object), Value::Object(rest)) = (&mut object, rest) {
        object.extend(rest);
    }
    object
}

fn pattern(technique: &str, incident: &Incident) -> Value {
    let url = format!("https://attack.mitre.org/techniques/{}/", technique.replace('.', "/"));
    let reference = json!({ "source_name": "mitre-attack", "external_id": technique, "url": url });
    let rest = json!({ "name": technique, "external_references": [reference] });
    told("attack-pattern", technique, rest, incident)
}

/// What was asked and found, beside all that the bundle names.
fn note(investigation: &Investigation, objects: &[Value], incident: &Incident) -> Value {
    let line = |answered: &crate::investigation::Answered| format!("{} {}", answered.question.en, answered.answer.en);
    let content: Vec<String> = investigation.answers.iter().map(line).collect();
    let rest = json!({
        "abstract": investigation.conclusion.en,
        "content": content.join("\n"),
        "authors": [investigation.by],
        "object_refs": objects.iter().map(|object| &object["id"]).collect::<Vec<_>>(),
    });
    told("note", &incident.id, rest, incident)
}

fn sighting(pattern: &Value, data: &Value, incident: &Incident) -> Value {
    let name = format!("{} {}", incident.id, pattern.as_str().unwrap_or_default());
    let rest = json!({
        "sighting_of_ref": pattern, "observed_data_refs": [data],
        "first_seen": incident.first, "last_seen": incident.last,
    });
    told("sighting", &name, rest, incident)
}

/// By identifier.
struct Observed(BTreeMap<String, Value>);

impl Observed {
    fn of(incident: &Incident) -> Observed {
        let mut all = Observed(BTreeMap::new());
        for node in incident.graph.nodes.iter().filter(|node| !node.ordinary) {
            match node.kind {
                NodeKind::Process => all.process(node, incident),
                NodeKind::File => {
                    all.file(node.path.as_deref().unwrap_or(&node.label), None);
                }
                NodeKind::Address => all.address(&node.label),
            }
        }
        all
    }

    /// Adds it under the identifier that follows from `naming`, the properties that the standard names for this.
    fn add(&mut self, kind: &str, naming: &Value, all: Value) -> String {
        // Keys in order and no blanks: the canonical form that the standard asks for (RFC 8785), for texts.
        let id = format!("{kind}--{}", uuid::observed(&naming.to_string()));
        let object = merged(json!({ "type": kind, "spec_version": "2.1", "id": id }), all);
        self.0.insert(id.clone(), object);
        id
    }

    fn file(&mut self, path: &str, sha256: Option<&str>) -> String {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut facts = Map::new();
        if let Some(sha256) = sha256 {
            facts.insert("hashes".into(), json!({ "SHA-256": sha256 }));
        }
        facts.insert("name".into(), name.into());
        if path.starts_with('/') {
            let folder = json!({ "path": if folder.is_empty() { "/" } else { folder } });
            facts.insert("parent_directory_ref".into(), self.add("directory", &folder, folder.clone()).into());
        }
        let facts = Value::Object(facts);
        self.add("file", &facts, facts.clone())
    }

    fn address(&mut self, label: &str) {
        let with_port = || label.parse::<SocketAddr>().map(|address| address.ip());
        let Ok(ip) = label.parse::<IpAddr>().or_else(|_| with_port()) else { return };
        let kind = if ip.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
        let value = json!({ "value": ip });
        self.add(kind, &value, value.clone());
    }

    fn process(&mut self, node: &Node, incident: &Incident) {
        let Some(facts) = &node.process else { return };
        let mut all = json!({ "pid": facts.pid, "created_time": facts.started, "command_line": facts.command_line });
        if facts.executable.starts_with('/') {
            all["image_ref"] = self.file(&facts.executable, facts.sha256.as_deref()).into();
        }
        all["creator_user_ref"] = self.account(facts).into();
        let started_by = |edge: &&crate::Edge| edge.to == node.id && edge.kind == crate::EdgeKind::Started;
        let shown = |id: &str| incident.graph.nodes.iter().any(|n| n.id == id && !n.ordinary && n.process.is_some());
        if let Some(edge) = incident.graph.edges.iter().find(started_by).filter(|edge| shown(&edge.from)) {
            all["parent_ref"] = process_id(&edge.from).into();
        }
        let id = process_id(&node.id);
        let object = merged(json!({ "type": "process", "spec_version": "2.1", "id": id }), all);
        self.0.insert(id, object);
    }

    fn account(&mut self, facts: &ProcessFacts) -> String {
        let mut naming = json!({ "account_type": "unix", "user_id": facts.user_id.to_string() });
        if let Some(name) = &facts.user {
            naming["account_login"] = name.as_str().into();
        }
        self.add("user-account", &naming, naming.clone())
    }
}

/// Nothing of a process names it everywhere; its entity does here.
fn process_id(entity: &str) -> String {
    format!("process--{}", uuid::told(&format!("process {entity}")))
}
