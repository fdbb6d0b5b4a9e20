//! A pipeline's YAML → [`Pipeline`], strictly: every key is known, every type is checked, every expression compiles.

mod conditions;
mod map;
mod transformation;

use super::{Pipeline, PipelineError, ProcessingItem};
use crate::logsource::LogSource;
use crate::yaml::Node;
use conditions::{conditions, field_condition, item_condition, rule_condition};
use map::{Map, texts};
use std::collections::BTreeMap;
use transformation::transformation;

/// Of nested lists of transformations.
const MAX_DEPTH: usize = 8;

pub(super) fn pipeline(name: &str, document: &Node) -> Result<Pipeline, PipelineError> {
    const KEYS: &[&str] =
        &["name", "priority", "vars", "transformations", "postprocessing", "finalizers", "allowed_backends"];
    let map = Map::new(document, name, KEYS)?;
    for key in ["postprocessing", "finalizers"] {
        if map.get(key).is_some() {
            return Err(map.refused(format!("{key} write a query's text; rules are matched here, not written")));
        }
    }
    let mut vars = BTreeMap::new();
    if let Some(node) = map.get("vars") {
        let Node::Map(entries) = node else { return Err(map.wrong("vars", "a map")) };
        for (key, value) in entries {
            vars.insert(key.clone(), texts(value).ok_or_else(|| map.wrong(key, "text or a list of texts"))?);
        }
    }
    let priority = match map.get("priority") {
        None => 0,
        Some(node) => {
            node.scalar().and_then(|text| text.parse().ok()).ok_or_else(|| map.wrong("priority", "a whole number"))?
        }
    };
    let items = match map.get("transformations") {
        None | Some(Node::Null) => Vec::new(),
        Some(node) => items(node, name, 0)?,
    };
    Ok(Pipeline { name: map.text("name")?.unwrap_or_else(|| name.to_owned()), priority, vars, items })
}

fn items(node: &Node, place: &str, depth: usize) -> Result<Vec<ProcessingItem>, PipelineError> {
    let Node::List(list) = node else {
        return Err(PipelineError::Type { place: place.into(), key: "transformations".into(), expected: "a list" });
    };
    if depth > MAX_DEPTH {
        let reason = format!("lists of transformations nested deeper than {MAX_DEPTH}");
        return Err(PipelineError::Refused { place: place.into(), reason });
    }
    list.iter()
        .enumerate()
        .map(|(at, node)| item(node, &format!("{place}, transformation {}", at + 1), depth))
        .collect()
}

fn item(node: &Node, place: &str, depth: usize) -> Result<ProcessingItem, PipelineError> {
    let map = Map::any(node, place)?;
    let kind = map.needs("type")?;
    let transformation = transformation(&map, &kind, depth)?;
    let id = map.text("id")?;
    Ok(ProcessingItem {
        rule: conditions(&map, "rule", rule_condition)?,
        detection_item: conditions(&map, "detection_item", item_condition)?,
        field_name: conditions(&map, "field_name", field_condition)?,
        transformation,
        id,
    })
}

fn log_source(map: &Map<'_>) -> Result<LogSource, PipelineError> {
    let part = |key: &str| Ok::<_, PipelineError>(map.text(key)?.map(|text| text.to_lowercase()));
    Ok(LogSource { product: part("product")?, category: part("category")?, service: part("service")? })
}

fn regex(map: &Map<'_>, source: &str) -> Result<regex::Regex, PipelineError> {
    regex::RegexBuilder::new(source)
        .size_limit(crate::limits::REGEX_BYTES)
        .dfa_size_limit(crate::limits::REGEX_BYTES)
        .nest_limit(crate::limits::REGEX_NEST)
        .build()
        .map_err(|error| map.refused(format!("the expression {source:?} cannot be used: {error}")))
}
