//! The `detection` section → one boolean tree over field items, as pipelines transform it; [`Detection::tree`] then lowers
//! it to single tests, as the matcher runs them.

use super::RuleError;
use crate::condition::{self, Condition};
use crate::limits;
use crate::modifier::{self, Item, Placeholders};
use crate::predicate::Test;
use crate::yaml::Node;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Detection {
    Item(FieldItem),
    Not(Box<Detection>),
    And(Vec<Detection>),
    Or(Vec<Detection>),
}

/// `Field|modifiers: values`, modifiers applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FieldItem {
    /// As the rule has it; empty for a keyword, which is looked for in every field.
    pub field: String,
    pub item: Item,
    /// Ids of the processing items that were applied to it.
    pub applied: Vec<String>,
}

/// One boolean tree over single tests.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Test { field: String, test: Test },
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

pub(super) fn parse(section: &Node, places: &Placeholders) -> Result<Detection, RuleError> {
    parse_section(section, &["condition", "timeframe"], places)
}

/// `aside` are keys of the section that are no searches.
pub(super) fn parse_section(section: &Node, aside: &[&str], places: &Placeholders) -> Result<Detection, RuleError> {
    let Node::Map(entries) = section else {
        return Err(RuleError::Type { field: "detection".into(), expected: "a map" });
    };
    let named: Vec<&(String, Node)> = entries.iter().filter(|(name, _)| !aside.contains(&name.as_str())).collect();
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

/// A search as a pipeline adds one: a map of fields, values without placeholders.
pub(crate) fn search_of(node: &Node) -> Result<Detection, RuleError> {
    search("conditions", node, &Placeholders::new(), &mut 0)
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
    pub fn tree(&self) -> Tree {
        let list = |parts: &[Detection]| parts.iter().map(Detection::tree).collect();
        match self {
            Detection::Item(item) => item.tree(),
            Detection::Not(inner) => Tree::Not(Box::new(inner.tree())),
            Detection::And(parts) => Tree::And(list(parts)),
            Detection::Or(parts) => Tree::Or(list(parts)),
        }
    }

    /// Each item, wherever it stands.
    pub fn each_item<'a>(&'a self, visit: &mut dyn FnMut(&'a FieldItem)) {
        match self {
            Detection::Item(item) => visit(item),
            Detection::Not(inner) => inner.each_item(visit),
            Detection::And(parts) | Detection::Or(parts) => parts.iter().for_each(|part| part.each_item(visit)),
        }
    }

    fn size(&self) -> usize {
        match self {
            Detection::Item(item) => item.item.values.iter().map(Vec::len).sum::<usize>().max(1),
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
    let item = modifier::item(&modifiers, value, field.is_empty(), places)
        .map_err(|source| RuleError::Modifier { field: shown(key), source })?;
    *values += item.values.iter().map(Vec::len).sum::<usize>();
    if *values > limits::VALUES {
        return Err(too_many());
    }
    Ok(Detection::Item(FieldItem { field: field.to_owned(), item, applied: Vec::new() }))
}

impl fmt::Display for Detection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |parts: &[Detection], word: &str| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(word);
        match self {
            Detection::Item(item) => item.fmt(f),
            Detection::Not(inner) => write!(f, "not ({inner})"),
            Detection::And(parts) if parts.is_empty() => f.write_str("always"),
            Detection::And(parts) => write!(f, "({})", list(parts, " and ")),
            Detection::Or(parts) => write!(f, "({})", list(parts, " or ")),
        }
    }
}

impl fmt::Display for FieldItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() { "any field" } else { &self.field };
        let values: Vec<String> = self.item.values.iter().flatten().map(|test| format!("{field} {test}")).collect();
        let joined = values.join(if self.item.all { " and " } else { " or " });
        match (self.item.negated, values.len()) {
            (true, _) => write!(f, "not ({joined})"),
            (false, 1) => f.write_str(&joined),
            (false, _) => write!(f, "({joined})"),
        }
    }
}

impl FieldItem {
    fn tree(&self) -> Tree {
        let test = |test: &Test| Tree::Test { field: self.field.clone(), test: test.folded() };
        let one = |alternatives: &Vec<Test>| any_tree(alternatives.iter().map(test).collect());
        let parts: Vec<Tree> = self.item.values.iter().map(one).collect();
        let tree = if self.item.all { Tree::And(parts) } else { any_tree(parts) };
        if self.item.negated { Tree::Not(Box::new(tree)) } else { tree }
    }
}

fn any_tree(mut parts: Vec<Tree>) -> Tree {
    if parts.len() == 1 { parts.remove(0) } else { Tree::Or(parts) }
}

fn any(mut parts: Vec<Detection>) -> Detection {
    if parts.len() == 1 { parts.remove(0) } else { Detection::Or(parts) }
}

fn shown(key: &str) -> String {
    let key = if key.is_empty() { "keywords" } else { key };
    event::text::clip(key, 80).to_owned()
}
