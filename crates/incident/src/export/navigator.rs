//! A layer of the ATT&CK Navigator: each technique with the gravest severity it was told with, and the sentences that say so.

use crate::model::Incident;
use event::Severity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A technique in a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    pub id: String,
    /// 0 to 100; the darker, the more.
    pub score: u32,
    pub comment: String,
}

pub fn layer(incident: &Incident) -> Value {
    let said = incident.sentences.iter().map(|said| said.text.en.as_str()).collect::<Vec<_>>().join(" ");
    let facts =
        [("hosts", names(incident)), ("first", incident.first.0.to_string()), ("last", incident.last.0.to_string())];
    of(&format!("{} {}", incident.id, incident.title.text.en), &said, &techniques(incident), &facts)
}

/// Any techniques as a layer; `facts` stand in its metadata.
pub fn of(name: &str, description: &str, techniques: &[Marked], facts: &[(&str, String)]) -> Value {
    let metadata: Vec<Value> = facts.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "name": name,
        "versions": { "attack": "17", "navigator": "5.1.0", "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": description,
        "filters": { "platforms": ["Linux", "Containers"] },
        "techniques": techniques.iter().map(written).collect::<Vec<_>>(),
        "gradient": { "colors": ["#ffe9a8", "#f59f00", "#c92a2a"], "minValue": 0, "maxValue": 100 },
        "legendItems": [],
        "metadata": metadata,
        "showTacticRowBackground": false,
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
    })
}

fn written(one: &Marked) -> Value {
    json!({
        "techniqueID": one.id,
        "score": one.score,
        "comment": one.comment,
        "enabled": true,
        // A sub-technique is only seen when the technique above it is folded out.
        "showSubtechniques": one.id.contains('.'),
    })
}

fn names(incident: &Incident) -> String {
    incident.hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn techniques(incident: &Incident) -> Vec<Marked> {
    let mut told: BTreeMap<&str, (Severity, Vec<&str>)> =
        incident.techniques.iter().map(|id| (id.as_str(), (Severity::Info, Vec::new()))).collect();
    for entry in &incident.timeline {
        for id in &entry.techniques {
            let (severity, said) = told.entry(id).or_insert((entry.severity, Vec::new()));
            *severity = entry.severity.max(*severity);
            if said.len() < MOST_SENTENCES && !said.contains(&entry.sentence.text.en.as_str()) {
                said.push(&entry.sentence.text.en);
            }
        }
    }
    let one = |(id, (severity, said)): (&str, (Severity, Vec<&str>))| Marked {
        id: id.to_owned(),
        score: score(severity),
        comment: said.join("\n"),
    };
    told.into_iter().map(one).collect()
}

const MOST_SENTENCES: usize = 10;

/// How dark a severity is.
pub fn score(severity: Severity) -> u32 {
    match severity {
        Severity::Info => 10,
        Severity::Low => 30,
        Severity::Medium => 50,
        Severity::High => 75,
        Severity::Critical => 100,
    }
}
