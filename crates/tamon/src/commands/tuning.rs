//! `tamon rules add`, `indicator`, `list`, `versions`, `remove`: what the node itself watches for. `suppress`, `suppressions`, `accept`,
//! `unsuppress`, `history`: what people have learned about rules.

use super::rules::sources;
use crate::api::{Api, parameter};
use crate::arguments::{IndicatorKind, Rules};
use crate::output::{self, Output, items, table, text};
use crate::place::Place;
use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Exit status 1 when rules were rejected.
pub fn run(command: &Rules, place: &Place, print: Output) -> Result<ExitCode> {
    let api = Api::open(place)?;
    match command {
        // Theirs in `rules`.
        Rules::Check { .. } | Rules::Backtest { .. } => {}
        Rules::Add { rules, only_new_events, reason } => {
            return add(&api, rules, *only_new_events, reason.as_deref(), print);
        }
        Rules::Indicator { kind, values, note, severity, only_new_events } => {
            let one = |value: &String| json!({ "kind": name(*kind), "value": value, "note": note, "severity": severity.name() });
            let indicators: Vec<Value> = values.iter().map(one).collect();
            let body = json!({ "indicators": indicators, "only_new_events": only_new_events });
            return added(&api.post("/indicators", &body)?, print);
        }
        Rules::List => output::list(print, &api.get("/rules/node")?, "items", watched)?,
        Rules::Versions { name, version } => versions(&api, name, *version, print)?,
        Rules::Remove { name, reason } => {
            let why = reason.as_ref().map(|reason| format!("?{}", parameter("reason", reason))).unwrap_or_default();
            api.delete(&format!("/rules/node/{}{why}", segment(name)))?;
        }
        Rules::Suppress { rule, host, fields, reason, days, stops } => {
            let fields: Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
            let body = json!({
                "rule": rule, "host_id": host, "fields": fields, "reason": reason, "days": days, "stops": stops,
            });
            one(&api.post("/rules/suppressions", &body)?, print)?;
        }
        Rules::Suppressions => {
            let all = api.get("/rules/suppressions")?;
            output::list(print, &all, "items", silenced)?;
            let behind = items(&all["hosts_behind"]);
            if matches!(print, Output::Text) && !behind.is_empty() {
                output::line(&format!("{} hosts do not hold these yet; the node keeps quiet for them", behind.len()))?;
            }
        }
        Rules::Accept { id, reason, days } => {
            let path = format!("/rules/suppressions/{}/accept", segment(id));
            one(&api.post(&path, &json!({ "reason": reason, "days": days }))?, print)?;
        }
        Rules::Unsuppress { id, reason } => {
            let path = format!("/rules/suppressions/{}/remove", segment(id));
            one(&api.post(&path, &json!({ "reason": reason }))?, print)?;
        }
        Rules::History { rule: None } => output::list(print, &api.get("/rules/history")?, "items", histories)?,
        Rules::History { rule: Some(rule) } => {
            let answer = api.get(&format!("/rules/history?{}", parameter("rule", rule)))?;
            let history = items(&answer["items"]).first().with_context(|| format!("{rule} has told nothing yet"))?;
            match print {
                Output::Text => history_of(history)?,
                Output::Json | Output::Ndjson => output::json(history)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

const fn name(kind: IndicatorKind) -> &'static str {
    match kind {
        IndicatorKind::Ip => "ip",
        IndicatorKind::Domain => "domain",
        IndicatorKind::Sha256 => "sha256",
        IndicatorKind::Path => "path",
    }
}

/// A name as one part of a path.
fn segment(name: &str) -> String {
    parameter("", name).trim_start_matches('=').to_owned()
}

fn add(api: &Api, path: &Path, only_new: bool, reason: Option<&str>, print: Output) -> Result<ExitCode> {
    // On the node a rule goes by its file's name, wherever that lies.
    let file = |(name, text): (String, String)| {
        let name = Path::new(&name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or(name);
        json!({ "name": name, "text": text })
    };
    let rules: Vec<Value> = sources(path)?.into_iter().map(file).collect();
    let body = json!({ "rules": rules, "only_new_events": only_new, "reason": reason });
    added(&api.post("/rules/node", &body)?, print)
}

fn versions(api: &Api, name: &str, version: Option<u64>, print: Output) -> Result<()> {
    let answer = api.get(&format!("/rules/node/{}", segment(name)))?;
    let Some(version) = version else { return output::list(print, &answer, "versions", changed) };
    let found = items(&answer["versions"]).iter().find(|one| one["version"] == version);
    let found = found.with_context(|| format!("{name} has no version {version}"))?;
    match print {
        Output::Text => {
            let text = found["text"].as_str().unwrap_or_default();
            text.lines().try_for_each(|line| output::line(&event::text::printable(line)))
        }
        Output::Json | Output::Ndjson => output::json(found),
    }
}

fn changed(versions: &[Value]) -> Result<()> {
    let row = |one: &Value| {
        let what = if one["removed"] == true { "removed" } else { "changed" };
        vec![text(&one["version"]), text(&one["time"]), what.to_owned(), text(&one["by"]), text(&one["reason"])]
    };
    table(&["version", "time", "", "by", "reason"], &versions.iter().map(row).collect::<Vec<_>>())
}

fn added(answer: &Value, print: Output) -> Result<ExitCode> {
    let rejected = items(&answer["rejected"]);
    match print {
        Output::Text => {
            for one in rejected {
                output::line(&format!("{}  {}", text(&one["file"]), text(&one["reason"])))?;
            }
            match rejected.is_empty() {
                true => output::line(&format!("{} added", items(&answer["names"]).len()))?,
                false => output::line("nothing was added")?,
            }
        }
        Output::Json | Output::Ndjson => output::json(answer)?,
    }
    Ok(if rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn watched(rules: &[Value]) -> Result<()> {
    let row = |rule: &Value| {
        let history = &rule["history"];
        vec![
            text(&rule["name"]),
            text(&rule["kind"]),
            text(&rule["added"]),
            text(&rule["added_by"]),
            text(&history["state"]),
            text(&history["hits"]),
            text(&history["alerts"]),
            text(&history["detail"]),
        ]
    };
    let head = ["name", "kind", "added", "by", "history", "hits", "alerts", ""];
    table(&head, &rules.iter().map(row).collect::<Vec<_>>())
}

fn one(suppression: &Value, print: Output) -> Result<()> {
    match print {
        Output::Text => silenced(std::slice::from_ref(suppression)),
        Output::Json | Output::Ndjson => output::json(suppression),
    }
}

fn silenced(all: &[Value]) -> Result<()> {
    let row = |one: &Value| {
        let fields = one["fields"].as_object().into_iter().flatten();
        let fields: Vec<String> = fields.map(|(name, value)| format!("{name}={}", text(value))).collect();
        let or_every = |value: &Value| if value.is_null() { "every".to_owned() } else { text(value) };
        vec![
            text(&one["id"]),
            text(&one["state"]),
            or_every(&one["rule"]),
            or_every(&one["host_id"]),
            event::text::clip(&fields.join(" "), 80).to_owned(),
            text(&one["expires"]),
            text(&one["hits"]),
            if one["stops"] == true { "held back" } else { "happen" }.to_owned(),
            text(&one["reason"]),
        ]
    };
    let head = ["id", "state", "rule", "host", "fields", "until", "silenced", "stops", "reason"];
    table(&head, &all.iter().map(row).collect::<Vec<_>>())
}

fn histories(all: &[Value]) -> Result<()> {
    let row = |one: &Value| {
        vec![
            text(&one["rule_id"]),
            text(&one["alerts"]),
            text(&one["suppressed"]),
            text(&one["true_positive"]),
            text(&one["benign"]),
            text(&one["false_positive"]),
            precision(one),
            text(&one["last"]),
            text(&one["title"]),
        ]
    };
    let head = ["rule", "alerts", "silenced", "true", "benign", "false", "precision", "last", "title"];
    table(&head, &all.iter().map(row).collect::<Vec<_>>())
}

/// Nothing while nobody has decided about a case of it.
fn precision(one: &Value) -> String {
    one["precision"].as_f64().map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default()
}

fn history_of(one: &Value) -> Result<()> {
    histories(std::slice::from_ref(one))?;
    output::line("")?;
    for day in items(&one["days"]) {
        output::line(&format!("  {}  {}", text(&day["day"]), text(&day["alerts"])))?;
    }
    for change in items(&one["changes"]) {
        let line = ["time", "actor", "action", "detail"].map(|name| text(&change[name])).join("  ");
        output::line(&format!("  {line}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_part_of_a_path() {
        assert_eq!(segment("indicator-path-/tmp/x y"), "indicator-path-%2Ftmp%2Fx%20y");
        assert_eq!(segment("a=b"), "a%3Db");
    }
}
