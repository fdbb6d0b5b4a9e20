//! What a pipeline does to a rule.

use super::ProcessingItem;
use super::apply::State;
use super::value::{self, StringChange};
use crate::document::{Detection, FieldItem, Rule};
use crate::limits;
use crate::logsource::LogSource;
use crate::modifier::Item;
use crate::pattern::{Part, Pattern};
use crate::predicate::Test;
use crate::yaml::Node;

#[derive(Clone, Debug)]
pub(crate) enum Transformation {
    /// By whole name.
    FieldMap(Vec<(String, Vec<String>)>),
    /// By the name's beginning.
    PrefixMap(Vec<(String, Vec<String>)>),
    Suffix(String),
    Prefix(String),
    Drop,
    AddCondition {
        conditions: Vec<(String, Node)>,
        template: bool,
        negated: bool,
    },
    ChangeLogSource(LogSource),
    String(StringChange),
    SetValue(Test),
    ToText,
    ToNumber,
    Placeholders {
        wildcard: bool,
        include: Option<Vec<String>>,
        exclude: Option<Vec<String>>,
    },
    Hashes {
        algorithms: Vec<String>,
        prefix: String,
        drop_algorithm: bool,
        fields: Vec<String>,
    },
    ExtractFields {
        regex: regex::Regex,
        prefix: Option<String>,
        keep: bool,
    },
    SetState {
        key: String,
        value: String,
    },
    SetAttribute {
        attribute: String,
        value: String,
    },
    RuleFailure(String),
    ItemFailure(String),
    StrictMapping,
    /// The rule's list of fields to show, which a matcher does not use.
    OutputFields,
    Nest(Vec<ProcessingItem>),
}

/// Why a rule does not come through.
#[derive(Debug)]
pub(super) enum Refusal {
    Rule(String),
    TooMany,
}

pub(super) fn run(items: &[ProcessingItem], rule: &mut Rule, state: &mut State) -> Result<(), Refusal> {
    for item in items {
        if item.rule.hold(|condition| condition.holds(rule, state)) {
            one(item, rule, state)?;
            state.applied.extend(item.id.clone());
        }
    }
    Ok(())
}

fn one(item: &ProcessingItem, rule: &mut Rule, state: &mut State) -> Result<(), Refusal> {
    match &item.transformation {
        Transformation::AddCondition { conditions, template, negated } => {
            let added = added(conditions, *template, &rule.log_source)?;
            rule.gate.push(if *negated { Detection::Not(Box::new(added)) } else { added });
            rule.handled = true;
        }
        Transformation::ChangeLogSource(source) => {
            rule.log_source = source.clone();
            rule.handled = true;
        }
        Transformation::SetState { key, value } => {
            state.values.insert(key.clone(), value.clone());
        }
        Transformation::SetAttribute { attribute, value } => {
            rule.custom.insert(attribute.clone(), value.clone());
        }
        Transformation::RuleFailure(message) => return Err(Refusal::Rule(message.clone())),
        Transformation::StrictMapping => strict(rule, state)?,
        Transformation::OutputFields => {}
        Transformation::Nest(items) => run(items, rule, state)?,
        _ => {
            rule.detection = visit(std::mem::replace(&mut rule.detection, Detection::And(Vec::new())), item, state)?
                .unwrap_or(Detection::And(Vec::new()));
            let gate = std::mem::take(&mut rule.gate);
            for part in gate {
                rule.gate.extend(visit(part, item, state)?);
            }
            wanted(item, rule, state);
        }
    }
    if size(&rule.detection) > 2 * limits::VALUES { Err(Refusal::TooMany) } else { Ok(()) }
}

fn size(detection: &Detection) -> usize {
    let mut size = 0;
    detection.each_item(&mut |item| size += item.item.values.iter().map(Vec::len).sum::<usize>());
    size
}

/// The fields that correlations read of this rule's events follow its mappings.
fn wanted(item: &ProcessingItem, rule: &mut Rule, state: &State) {
    for wanted in &mut rule.wanted {
        let mut fields = Vec::new();
        for field in std::mem::take(&mut wanted.fields) {
            let asked = item.field_name.hold(|condition| condition.holds(&field, &[], state));
            match asked.then(|| new_names(&item.transformation, &field)).flatten() {
                Some(names) => fields.extend(names),
                None => fields.push(field),
            }
        }
        wanted.fields = fields;
    }
}

fn added(conditions: &[(String, Node)], template: bool, source: &LogSource) -> Result<Detection, Refusal> {
    let filled: Vec<(String, Node)> = match template {
        true => conditions.iter().map(|(field, node)| (field.clone(), fill(node, source))).collect(),
        false => conditions.to_vec(),
    };
    crate::document::search_of(&Node::Map(filled)).map_err(|error| Refusal::Rule(error.to_string()))
}

fn fill(node: &Node, source: &LogSource) -> Node {
    match node {
        Node::Text(text) => {
            let mut text = text.clone();
            for (name, value) in
                [("category", &source.category), ("product", &source.product), ("service", &source.service)]
            {
                let value = value.as_deref().unwrap_or_default();
                text = text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
            }
            Node::Text(text)
        }
        Node::List(items) => Node::List(items.iter().map(|item| fill(item, source)).collect()),
        other => other.clone(),
    }
}

/// None: nothing is left of it.
fn visit(detection: Detection, item: &ProcessingItem, state: &mut State) -> Result<Option<Detection>, Refusal> {
    let mut list = |parts: Vec<Detection>| -> Result<Vec<Detection>, Refusal> {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            out.extend(visit(part, item, state)?);
        }
        Ok(out)
    };
    Ok(match detection {
        Detection::And(parts) => Some(list(parts)?).filter(|parts| !parts.is_empty()).map(Detection::And),
        Detection::Or(parts) => Some(list(parts)?).filter(|parts| !parts.is_empty()).map(Detection::Or),
        Detection::Not(inner) => visit(*inner, item, state)?.map(|inner| Detection::Not(Box::new(inner))),
        Detection::Item(found) => {
            let fits = item.detection_item.hold(|condition| condition.holds(&found, state))
                && item.field_name.hold(|condition| condition.holds(&found.field, &found.applied, state));
            if fits { change(found, item, state)? } else { Some(Detection::Item(found)) }
        }
    })
}

fn change(mut found: FieldItem, item: &ProcessingItem, state: &mut State) -> Result<Option<Detection>, Refusal> {
    let applied = |mut found: FieldItem| {
        found.applied.extend(item.id.clone());
        Detection::Item(found)
    };
    if let Some(names) = new_names(&item.transformation, &found.field) {
        state.mapped.insert(found.field.clone());
        state.mapped.extend(names.iter().cloned());
        let mut parts: Vec<Detection> = names
            .into_iter()
            .map(|field| applied(FieldItem { field, item: found.item.clone(), applied: found.applied.clone() }))
            .collect();
        return Ok(Some(if parts.len() == 1 { parts.remove(0) } else { either(parts, &found.item) }));
    }
    match &item.transformation {
        Transformation::Drop => return Ok(None),
        Transformation::ItemFailure(message) => return Err(Refusal::Rule(message.clone())),
        Transformation::String(change) => {
            each_value(&mut found.item, |test| value::change(change, test).map_err(Refusal::Rule))?;
        }
        Transformation::SetValue(value) => found.item.values = vec![vec![value.clone()]],
        Transformation::ToText => each_value(&mut found.item, |test| {
            Ok(if matches!(test, Test::Compare { .. }) { Vec::new() } else { vec![test] })
        })?,
        Transformation::ToNumber => each_value(&mut found.item, |test| value::number(test).map_err(Refusal::Rule))?,
        Transformation::Placeholders { wildcard, include, exclude } => {
            let handled = |name: &str| match (include, exclude) {
                (Some(names), _) => names.iter().any(|other| other == name),
                (None, Some(names)) => !names.iter().any(|other| other == name),
                (None, None) => true,
            };
            let vars = &state.vars;
            each_value(&mut found.item, |test| {
                value::placeholders(test, &|name| match (handled(name), wildcard) {
                    (false, _) => Ok(None),
                    (true, true) => Ok(Some(vec![Pattern(vec![Part::Any])])),
                    (true, false) => match vars.get(name) {
                        Some(values) => Ok(Some(values.iter().map(|value| Pattern::parse(value)).collect())),
                        None => Err(Refusal::Rule(format!("the placeholder %{name}% has no value here"))),
                    },
                })
            })?;
        }
        Transformation::Hashes { algorithms, prefix, drop_algorithm, fields } => {
            if fields.contains(&found.field)
                && let Some(parts) = value::hashes(&found, algorithms, prefix, *drop_algorithm)
            {
                return Ok(Some(parts));
            }
        }
        Transformation::ExtractFields { regex, prefix, keep } => {
            return Ok(Some(mark(value::extract(found, regex, prefix.as_deref(), *keep), item)));
        }
        _ => {}
    }
    if found.item.values.is_empty() {
        return Ok(None);
    }
    Ok(Some(applied(found)))
}

fn mark(detection: Detection, item: &ProcessingItem) -> Detection {
    match detection {
        Detection::Item(mut found) => {
            found.applied.extend(item.id.clone());
            Detection::Item(found)
        }
        other => other,
    }
}

/// One field became several: any of them may hold the value; under `neq` none of them.
fn either(parts: Vec<Detection>, item: &Item) -> Detection {
    let absent = item.values.iter().flatten().all(|test| *test == Test::Absent);
    if item.negated || absent { Detection::And(parts) } else { Detection::Or(parts) }
}

fn each_value(item: &mut Item, mut change: impl FnMut(Test) -> Result<Vec<Test>, Refusal>) -> Result<(), Refusal> {
    let mut total = 0;
    for alternatives in &mut item.values {
        let mut out = Vec::with_capacity(alternatives.len());
        for test in alternatives.drain(..) {
            out.extend(change(test)?);
            if out.len() > limits::VALUES {
                return Err(Refusal::TooMany);
            }
        }
        total += out.len();
        *alternatives = out;
    }
    item.values.retain(|alternatives| !alternatives.is_empty());
    if total > limits::VALUES { Err(Refusal::TooMany) } else { Ok(()) }
}

fn new_names(transformation: &Transformation, field: &str) -> Option<Vec<String>> {
    match transformation {
        Transformation::FieldMap(map) => map.iter().find(|(from, _)| from == field).map(|(_, to)| to.clone()),
        Transformation::PrefixMap(map) if !field.is_empty() => map.iter().find_map(|(from, to)| {
            let rest = field.strip_prefix(from.as_str())?;
            Some(to.iter().map(|to| format!("{to}{rest}")).collect())
        }),
        Transformation::Suffix(suffix) if !field.is_empty() => Some(vec![format!("{field}{suffix}")]),
        Transformation::Prefix(prefix) if !field.is_empty() => Some(vec![format!("{prefix}{field}")]),
        _ => None,
    }
}

fn strict(rule: &Rule, state: &State) -> Result<(), Refusal> {
    let mut unmapped: Vec<&str> = Vec::new();
    rule.detection.each_item(&mut |item| {
        if !item.field.is_empty() && !state.mapped.contains(&item.field) && !unmapped.contains(&item.field.as_str()) {
            unmapped.push(&item.field);
        }
    });
    match unmapped.as_slice() {
        [] => Ok(()),
        fields => Err(Refusal::Rule(format!("fields that the pipeline does not map: {}", fields.join(", ")))),
    }
}
