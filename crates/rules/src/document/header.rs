//! Who the rule is: id, title, level, ATT&CK tags, and what it asks to be done (`tamon: {action: kill}`, our own field).

use super::RuleError;
use crate::yaml::Node;
use event::{Action, Severity, Tactic, Technique};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub id: Option<String>,
    /// By which correlations and filters refer to it.
    pub name: Option<String>,
    pub title: String,
    pub level: Severity,
    pub techniques: Vec<Technique>,
    pub tactics: Vec<Tactic>,
    pub asks: Option<Action>,
}

pub(super) fn parse(document: &Node) -> Result<Header, RuleError> {
    let name = text(document, "name")?.map(|name| event::text::clip(&name, 256).to_owned());
    // Only the outermost rule of a correlation needs a title; the others may have a name alone.
    let title = text(document, "title")?.or_else(|| name.clone()).ok_or(RuleError::Missing("title"))?;
    if title.trim().is_empty() {
        return Err(RuleError::Type { field: "title".into(), expected: "text that is not empty" });
    }
    let tags = tags(document)?;
    Ok(Header {
        id: text(document, "id")?.map(|id| event::text::clip(&id, 128).to_owned()),
        name,
        title: event::text::clip(&title, 256).to_owned(),
        level: level(document)?,
        techniques: distinct(tags.iter().filter_map(|tag| tag.parse().ok())),
        tactics: distinct(tags.iter().filter_map(|tag| tactic(tag))),
        asks: action(document)?,
    })
}

fn text(document: &Node, field: &'static str) -> Result<Option<String>, RuleError> {
    match document.get(field) {
        None | Some(Node::Null) => Ok(None),
        Some(node) => match node.scalar() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(RuleError::Type { field: field.into(), expected: "text" }),
        },
    }
}

/// A rule without a level is medium: neither hidden nor loud.
fn level(document: &Node) -> Result<Severity, RuleError> {
    let Some(text) = text(document, "level")? else { return Ok(Severity::Medium) };
    text.parse().map_err(|_| RuleError::Invalid {
        field: "level",
        reason: format!("{:?} is none of informational, low, medium, high, critical", event::text::clip(&text, 40)),
    })
}

pub(super) fn tags(document: &Node) -> Result<Vec<String>, RuleError> {
    match document.get("tags") {
        None | Some(Node::Null) => Ok(Vec::new()),
        Some(Node::List(items)) => Ok(items.iter().filter_map(Node::scalar).map(str::to_owned).collect()),
        Some(_) => Err(RuleError::Type { field: "tags".into(), expected: "a list" }),
    }
}

/// Sigma still writes the tactic that ATT&CK split as `stealth` and `defense-impairment`; both are defence evasion.
fn tactic(tag: &str) -> Option<Tactic> {
    match tag.strip_prefix("attack.")? {
        "stealth" | "defense-impairment" => Some(Tactic::DefenseEvasion),
        _ => tag.parse().ok(),
    }
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut out = Vec::new();
    for item in items {
        if !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

fn action(document: &Node) -> Result<Option<Action>, RuleError> {
    let Some(ours) = document.get("tamon") else { return Ok(None) };
    let Node::Map(entries) = ours else {
        return Err(RuleError::Type { field: "tamon".into(), expected: "a map" });
    };
    let bad = |reason: String| RuleError::Invalid { field: "tamon", reason };
    let mut asks = None;
    for (key, value) in entries {
        if key != "action" {
            return Err(bad(format!("the key {:?} is not known; only action is", event::text::clip(key, 40))));
        }
        asks = Some(match value.scalar() {
            Some("alert") => Action::Alert,
            Some("deny") => Action::Deny,
            Some("kill") => Action::Kill,
            Some("quarantine") => Action::Quarantine,
            _ => return Err(bad("action is none of alert, deny, kill, quarantine".into())),
        });
    }
    Ok(asks)
}
