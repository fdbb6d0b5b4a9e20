//! The `detection` section → one boolean tree over field tests.

use super::RuleError;
use crate::condition::{self, Condition};
use crate::limits;
use crate::modifier::{self, Item, Placeholders};
use crate::predicate::Test;
use crate::yaml::Node;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Detection {
    Test {
        /// As the rule has it; empty for a keyword, which is looked for in every field.
        field: String,
        test: Test,
    },
    Not(Box<Detection>),
    And(Vec<Detection>),
    Or(Vec<Detection>),
}

pub(super) fn parse(section: &Node, places: &Placeholders) -> Result<Detection, RuleError> {
    let Node::Map(entries) = section else {
        return Err(RuleError::Type { field: "detection".into(), expected: "a map" });
    };
    let named: Vec<&(String, Node)> =
        entries.iter().filter(|(name, _)| name != "condition" && name != "timeframe").collect();
    let names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
    let conditions = conditions(section.get("condition").ok_or(RuleError::Missing("condition"))?, &names)?;
    let mut values = 0;
    let parts =
        named.iter().map(|(name, node)| search(name, node, places, &mut values)).collect::<Result<Vec<_>, _>>()?;
    // Names that the condition repeats repeat their tests: counted before they are made.
    let sizes: Vec<usize> = parts.iter().map(Detection::size).collect();
    if conditions.iter().map(|condition| resolved_size(condition, &sizes)).sum::<usize>() > 2 * limits::VALUES {
        return Err(too_many());
    }
    Ok(any(conditions.iter().map(|condition| resolve(condition, &parts)).collect()))
}

fn conditions(node: &Node, names: &[String]) -> Result<Vec<Condition>, RuleError> {
    let texts = match node {
        Node::List(items) if !items.is_empty() => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let wrong = || RuleError::Type { field: "condition".into(), expected: "text or a list of texts" };
    texts.iter().map(|text| Ok(condition::parse(text.scalar().ok_or_else(wrong)?, names)?)).collect()
}

fn too_many() -> RuleError {
    RuleError::Invalid { field: "detection", reason: format!("more than {} values", limits::VALUES) }
}

impl Detection {
    fn size(&self) -> usize {
        match self {
            Detection::Test { .. } => 1,
            Detection::Not(inner) => 1 + inner.size(),
            Detection::And(parts) | Detection::Or(parts) => 1 + parts.iter().map(Detection::size).sum::<usize>(),
        }
    }
}

fn resolved_size(condition: &Condition, sizes: &[usize]) -> usize {
    match condition {
        Condition::Name(index) => sizes[*index],
        Condition::Not(inner) => resolved_size(inner, sizes),
        Condition::And(list) | Condition::Or(list) => list.iter().map(|inner| resolved_size(inner, sizes)).sum(),
    }
}

fn resolve(condition: &Condition, parts: &[Detection]) -> Detection {
    let all = |list: &[Condition]| list.iter().map(|inner| resolve(inner, parts)).collect();
    match condition {
        Condition::Name(index) => parts[*index].clone(),
        Condition::Not(inner) => Detection::Not(Box::new(resolve(inner, parts))),
        Condition::And(list) => Detection::And(all(list)),
        Condition::Or(list) => Detection::Or(all(list)),
    }
}

/// A search identifier: a map is all of its fields; a list is any of its maps or keywords.
fn search(name: &str, node: &Node, places: &Placeholders, values: &mut usize) -> Result<Detection, RuleError> {
    match node {
        Node::Map(entries) if !entries.is_empty() => {
            let fields = entries.iter().map(|(key, value)| field(key, value, places, values));
            fields.collect::<Result<Vec<_>, _>>().map(Detection::And)
        }
        Node::List(items) if !items.is_empty() => {
            let any = items.iter().map(|item| match item {
                Node::Map(_) => search(name, item, places, values),
                keyword => field("", keyword, places, values),
            });
            any.collect::<Result<Vec<_>, _>>().map(Detection::Or)
        }
        Node::Map(_) | Node::List(_) | Node::Null => {
            Err(RuleError::Type { field: name.to_owned(), expected: "something to look for; it is empty" })
        }
        keyword => field("", keyword, places, values),
    }
}

fn field(key: &str, value: &Node, places: &Placeholders, values: &mut usize) -> Result<Detection, RuleError> {
    let mut words = key.split('|');
    let field = words.next().unwrap_or_default().trim();
    let modifiers: Vec<&str> = words.collect();
    if matches!(value, Node::List(items) if items.is_empty()) {
        return Err(RuleError::Type { field: key.to_owned(), expected: "something to look for; it is empty" });
    }
    let Item { values: found, all, negated } = modifier::item(&modifiers, value, field.is_empty(), places)
        .map_err(|source| RuleError::Modifier { field: shown(key), source })?;
    *values += found.iter().map(Vec::len).sum::<usize>();
    if *values > limits::VALUES {
        return Err(too_many());
    }
    let test = |test: Test| Detection::Test { field: field.to_owned(), test };
    let one = |alternatives: Vec<Test>| any(alternatives.into_iter().map(test).collect());
    let parts: Vec<Detection> = found.into_iter().map(one).collect();
    let tree = if all { Detection::And(parts) } else { any(parts) };
    Ok(if negated { Detection::Not(Box::new(tree)) } else { tree })
}

fn any(mut parts: Vec<Detection>) -> Detection {
    if parts.len() == 1 { parts.remove(0) } else { Detection::Or(parts) }
}

fn shown(key: &str) -> String {
    let key = if key.is_empty() { "keywords" } else { key };
    event::text::clip(key, 80).to_owned()
}
