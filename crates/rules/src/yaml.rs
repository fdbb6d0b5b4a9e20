//! YAML text → a small tree, with limits. Takes any bytes of a rule file; gives documents of [`Node`]s or a reason.
//!
//! The parser yields events, so that depth, node count and the cost of aliases are bounded before anything is built.
//! Scalars keep their text: `010` or `1.10` in a rule is what the analyst wrote, whatever type YAML sees in it.

use crate::limits;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// A number as it was written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// In the order written; keys are unique.
    Map(Vec<(String, Node)>),
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn scalar(&self) -> Option<&str> {
        match self {
            Node::Text(text) | Node::Number(text) => Some(text),
            Node::Bool(true) => Some("true"),
            Node::Bool(false) => Some("false"),
            _ => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Node::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Node::Map(entries) => 1 + entries.iter().map(|(_, node)| 1 + node.size()).sum::<usize>(),
            _ => 1,
        }
    }
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub(crate) enum YamlError {
    #[error("not YAML: {0}")]
    Syntax(String),
    #[error("more than {} YAML nodes, aliases counted as what they stand for", limits::YAML_NODES)]
    TooManyNodes,
    #[error("nested deeper than {} levels", limits::YAML_DEPTH)]
    TooDeep,
    #[error("more than {} documents", limits::DOCUMENTS)]
    TooManyDocuments,
    #[error("line {line}: a map of more than {} keys", limits::YAML_KEYS)]
    TooManyKeys { line: usize },
    #[error("line {line}: the key {key:?} stands twice")]
    DuplicateKey { line: usize, key: String },
    #[error("line {line}: a key must be a scalar")]
    ComplexKey { line: usize },
    #[error("line {line}: alias of an anchor that is not there")]
    UnknownAlias { line: usize },
}

/// The documents that could be read, and the error that ended the reading.
pub(crate) fn documents(text: &str) -> (Vec<Node>, Option<YamlError>) {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let outcome = match event {
            Ok((event, span)) => builder.take(event, span.start.line()),
            Err(error) => Err(YamlError::Syntax(error.to_string())),
        };
        if let Err(error) = outcome {
            return (builder.done, Some(error));
        }
    }
    (builder.done, None)
}

#[derive(Default)]
struct Builder {
    done: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

/// A collection that is being filled.
struct Open {
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<(String, Node)>, key: Option<String> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or(YamlError::UnknownAlias { line })?;
                self.count(node.size())?;
                self.put(node, line)?;
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1)?;
                let as_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let node = if as_text { Node::Text(text.into_owned()) } else { plain(&text) };
                self.remember(anchor, &node);
                self.put(node, line)?;
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, OpenKind::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => self.begin(anchor, OpenKind::Map { entries: Vec::new(), key: None })?,
            Event::SequenceEnd | Event::MappingEnd => self.end(line)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), YamlError> {
        self.nodes += nodes;
        if self.nodes > limits::YAML_NODES { Err(YamlError::TooManyNodes) } else { Ok(()) }
    }

    fn begin(&mut self, anchor: usize, kind: OpenKind) -> Result<(), YamlError> {
        self.count(1)?;
        self.open.push(Open { anchor, kind });
        if self.open.len() > limits::YAML_DEPTH { Err(YamlError::TooDeep) } else { Ok(()) }
    }

    fn end(&mut self, line: usize) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let node = match open.kind {
            OpenKind::List(items) => Node::List(items),
            OpenKind::Map { entries, .. } => Node::Map(entries),
        };
        self.remember(open.anchor, &node);
        self.put(node, line)
    }

    fn remember(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn put(&mut self, node: Node, line: usize) -> Result<(), YamlError> {
        let Some(open) = self.open.last_mut() else {
            self.done.push(node);
            let full = self.done.len() > limits::DOCUMENTS;
            return if full { Err(YamlError::TooManyDocuments) } else { Ok(()) };
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, key } => match key.take() {
                Some(name) => entries.push((name, node)),
                None => {
                    let name = match &node {
                        Node::Null => String::new(),
                        other => other.scalar().ok_or(YamlError::ComplexKey { line })?.to_owned(),
                    };
                    if entries.iter().any(|(other, _)| *other == name) {
                        return Err(YamlError::DuplicateKey { line, key: name });
                    }
                    if entries.len() >= limits::YAML_KEYS {
                        return Err(YamlError::TooManyKeys { line });
                    }
                    *key = Some(name);
                }
            },
        }
        Ok(())
    }
}

/// YAML's core schema, reduced to the types that Sigma knows.
fn plain(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" => Node::Bool(true),
        "false" | "False" | "FALSE" => Node::Bool(false),
        _ if is_number(text) => Node::Number(text.to_owned()),
        _ => Node::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let hex = digits.strip_prefix("0x").is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit()));
    hex || digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && digits.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_have_sigmas_types() {
        let check = |text: &str, expected: Node| assert_eq!(documents(text).0, [expected], "{text}");
        check("4444", Node::Number("4444".into()));
        check("'4444'", Node::Text("4444".into()));
        check("0x1F", Node::Number("0x1F".into()));
        check("1e3", Node::Number("1e3".into()));
        check("e3", Node::Text("e3".into()));
        check("infinity", Node::Text("infinity".into()));
        check("TRUE", Node::Bool(true));
        check("yes", Node::Text("yes".into()));
        check("~", Node::Null);
        check("\"\"", Node::Text(String::new()));
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let previous = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", previous.trim_end_matches(", ")));
        }
        let check = |text: &str, expected: YamlError| assert_eq!(documents(text).1, Some(expected));
        check(&bomb, YamlError::TooManyNodes);
        check(&"[".repeat(100), YamlError::TooDeep);
        check("a: 1\na: 2", YamlError::DuplicateKey { line: 2, key: "a".into() });
        assert!(matches!(documents("a: [1").1, Some(YamlError::Syntax(_))));
        assert!(matches!(documents("a: *gone").1, Some(YamlError::Syntax(_) | YamlError::UnknownAlias { .. })));
    }
}
