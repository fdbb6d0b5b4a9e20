//! A layer of the ATT&CK Navigator: each technique with the gravest severity it was told with, and the sentences that say so.

use crate::model::Incident;
use event::Severity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn layer(incident: &Incident) -> Value {
    json!({
        "name": format!("{} {}", incident.id, incident.title.text.en),
        "versions": { "attack": "17", "navigator": "5.1.0", "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": incident.sentences.iter().map(|said| said.text.en.as_str()).collect::<Vec<_>>().join(" "),
        "filters": { "platforms": ["Linux", "Containers"] },
        "techniques": techniques(incident),
        "gradient": { "colors": ["#ffe9a8", "#f59f00", "#c92a2a"], "minValue": 0, "maxValue": 100 },
        "legendItems": [],
        "metadata": [
            { "name": "hosts", "value": names(incident) },
            { "name": "first", "value": incident.first.0.to_string() },
            { "name": "last", "value": incident.last.0.to_string() },
        ],
        "showTacticRowBackground": false,
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
    })
}

fn names(incident: &Incident) -> String {
    incident.hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn techniques(incident: &Incident) -> Vec<Value> {
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
    let one = |(id, (severity, said)): (&str, (Severity, Vec<&str>))| {
        json!({
            "techniqueID": id,
            "score": score(severity),
            "comment": said.join("\n"),
            "enabled": true,
            // A sub-technique is only seen when the technique above it is folded out.
            "showSubtechniques": id.contains('.'),
        })
    };
    told.into_iter().map(one).collect()
}

const MOST_SENTENCES: usize = 10;

fn score(severity: Severity) -> u32 {
    match severity {
        Severity::Info => 10,
        Severity::Low => 30,
        Severity::Medium => 50,
        Severity::High => 75,
        Severity::Critical => 100,
    }
}
