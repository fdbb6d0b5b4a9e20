//! What stands at the head of rules, for who lists them. Whether a rule can be used, compiling says.

use crate::document::{self, Document};
use crate::limits;
use crate::modifier::Placeholders;
use crate::yaml::{self, Node};
use event::{Severity, Tactic, Technique};

/// One rule or correlation of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// As findings bear it: the rule's own id, else its file and title.
    pub id: String,
    pub title: String,
    pub description: String,
    pub severity: Severity,
    pub techniques: Vec<Technique>,
    pub tactics: Vec<Tactic>,
}

/// Of the documents that can be read; filters tell nothing by themselves and are left out.
pub fn about(file: &str, text: &str) -> Vec<About> {
    if text.len() > limits::FILE_BYTES {
        return Vec::new();
    }
    let (documents, _) = yaml::documents(text);
    documents.iter().filter_map(|document| one(file, document)).collect()
}

fn one(file: &str, document: &Node) -> Option<About> {
    let header = match document::parse(document, &Placeholders::default()).ok()? {
        Document::Rule(rule) => rule.header,
        Document::Correlation(correlation) => correlation.header,
        Document::Filter(_) => return None,
    };
    let description = document.get("description").and_then(Node::scalar).unwrap_or_default();
    Some(About {
        id: header.id.unwrap_or_else(|| format!("{file}:{}", header.title)),
        title: header.title,
        description: event::text::clip(description.trim(), 4_000).to_owned(),
        severity: header.level,
        techniques: header.techniques,
        tactics: header.tactics,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_by_its_head_and_what_is_none_is_left_out() {
        let text = "title: A shell\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a11\ndescription: Why.\n\
                    logsource: {product: linux, category: process_creation}\n\
                    detection: {a: {Image|endswith: /sh}, condition: a}\nlevel: high\ntags: [attack.execution, attack.t1059.004]\n\
                    ---\ntitle: broken\n";
        let told = about("a.yml", text);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].title.as_str(), told[0].description.as_str()), ("A shell", "Why."));
        assert_eq!((told[0].severity, told[0].techniques[0]), (Severity::High, Technique::sub(1059, 4)));
        assert_eq!(about("b.yml", "title: ["), []);
    }
}
