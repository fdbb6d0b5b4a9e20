//! A YAML map whose keys and types are checked as they are asked for.

use crate::pipeline::PipelineError;
use crate::yaml::Node;

pub(super) fn texts(node: &Node) -> Option<Vec<String>> {
    match node {
        Node::List(items) => items.iter().map(|item| item.scalar().map(str::to_owned)).collect(),
        other => other.scalar().map(|text| vec![text.to_owned()]),
    }
}

/// A YAML map and where it stands, for what is said when it is wrong.
pub(super) struct Map<'a> {
    entries: &'a [(String, Node)],
    pub place: String,
}

impl<'a> Map<'a> {
    pub fn any(node: &'a Node, place: &str) -> Result<Map<'a>, PipelineError> {
        match node {
            Node::Map(entries) => Ok(Map { entries, place: place.to_owned() }),
            _ => Err(PipelineError::Type { place: place.into(), key: "it".into(), expected: "a map" }),
        }
    }

    pub fn new(node: &'a Node, place: &str, keys: &[&str]) -> Result<Map<'a>, PipelineError> {
        let map = Map::any(node, place)?;
        map.only(keys, &[])?;
        Ok(map)
    }

    pub fn only(&self, keys: &[&str], more: &[&str]) -> Result<(), PipelineError> {
        match self.entries.iter().find(|(key, _)| !keys.contains(&key.as_str()) && !more.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => Err(PipelineError::UnknownKey { place: self.place.clone(), key: key.clone() }),
        }
    }

    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub fn text(&self, key: &str) -> Result<Option<String>, PipelineError> {
        match self.get(key) {
            None | Some(Node::Null) => Ok(None),
            Some(node) => node.scalar().map(|text| Some(text.to_owned())).ok_or_else(|| self.wrong(key, "text")),
        }
    }

    pub fn needs(&self, key: &'static str) -> Result<String, PipelineError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>, PipelineError> {
        match self.get(key) {
            None | Some(Node::Null) => Ok(None),
            Some(node) => texts(node).map(Some).ok_or_else(|| self.wrong(key, "a list of texts")),
        }
    }

    pub fn boolean(&self, key: &str) -> Result<bool, PipelineError> {
        match self.get(key) {
            None | Some(Node::Null) => Ok(false),
            Some(Node::Bool(value)) => Ok(*value),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    pub fn mapping(&self) -> Result<Vec<(String, Vec<String>)>, PipelineError> {
        let Some(Node::Map(entries)) = self.get("mapping") else { return Err(self.wrong("mapping", "a map")) };
        entries
            .iter()
            .map(|(from, to)| match texts(to) {
                Some(to) if !to.is_empty() => Ok((from.clone(), to)),
                _ => Err(self.wrong(from, "a name or a list of names")),
            })
            .collect()
    }

    pub fn missing(&self, key: &'static str) -> PipelineError {
        PipelineError::Missing { place: self.place.clone(), key }
    }
    pub fn wrong(&self, key: &str, expected: &'static str) -> PipelineError {
        PipelineError::Type { place: self.place.clone(), key: key.to_owned(), expected }
    }
    pub fn refused(&self, reason: String) -> PipelineError {
        PipelineError::Refused { place: self.place.clone(), reason }
    }
}
