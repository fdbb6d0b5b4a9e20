//! A pipeline's YAML → [`Pipeline`], strictly: every key is known, every type is checked, every expression compiles.

use super::condition::{Conditions, FieldCondition, ItemCondition, Op, RuleCondition};
use super::transform::Transformation;
use super::value::StringChange;
use super::{Pipeline, PipelineError, ProcessingItem};
use crate::condition;
use crate::logsource::LogSource;
use crate::modifier::{self, Placeholders};
use crate::predicate::Order;
use crate::yaml::Node;
use std::collections::BTreeMap;

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

const ITEM_KEYS: &[&str] = &[
    "id",
    "type",
    "rule_conditions",
    "rule_cond_expr",
    "rule_cond_op",
    "rule_cond_not",
    "detection_item_conditions",
    "detection_item_cond_expr",
    "detection_item_cond_op",
    "detection_item_cond_not",
    "field_name_conditions",
    "field_name_cond_expr",
    "field_name_cond_op",
    "field_name_cond_not",
];

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

fn conditions<C>(
    map: &Map<'_>,
    kind: &str,
    read: fn(&Map<'_>) -> Result<C, PipelineError>,
) -> Result<Conditions<C>, PipelineError> {
    let key = format!("{kind}_conditions");
    let (names, nodes): (Vec<String>, Vec<&Node>) = match map.get(&key) {
        None | Some(Node::Null) => (Vec::new(), Vec::new()),
        Some(Node::List(list)) => list.iter().enumerate().map(|(at, node)| ((at + 1).to_string(), node)).unzip(),
        Some(Node::Map(entries)) => entries.iter().map(|(name, node)| (name.clone(), node)).unzip(),
        Some(_) => return Err(map.wrong(&key, "a list or a map")),
    };
    let mut list = Vec::new();
    for (name, node) in names.iter().zip(nodes) {
        list.push(read(&Map::any(node, &format!("{}, {key} {name}", map.place))?)?);
    }
    let expression = match map.text(&format!("{kind}_cond_expr"))? {
        None => None,
        Some(text) => Some(condition::parse(&text, &names).map_err(|error| map.refused(error.to_string()))?),
    };
    let any = match map.text(&format!("{kind}_cond_op"))?.as_deref() {
        None | Some("and") => false,
        Some("or") => true,
        Some(_) => return Err(map.wrong(&format!("{kind}_cond_op"), "and or or")),
    };
    let negated = map.boolean(&format!("{kind}_cond_not"))?;
    Ok(Conditions { list, expression, any, negated })
}

fn rule_condition(map: &Map<'_>) -> Result<RuleCondition, PipelineError> {
    let kind = map.needs("type")?;
    let known = |keys: &[&str]| map.only(&["type"], keys);
    Ok(match kind.as_str() {
        "logsource" => {
            known(&["category", "product", "service"])?;
            RuleCondition::LogSource(log_source(map)?)
        }
        "contains_field" => {
            known(&["field"])?;
            RuleCondition::ContainsField(map.needs("field")?)
        }
        "contains_detection_item" => {
            known(&["field", "value"])?;
            RuleCondition::ContainsItem { field: map.needs("field")?, value: map.needs("value")? }
        }
        "processing_item_applied" => {
            known(&["processing_item_id"])?;
            RuleCondition::Applied(map.needs("processing_item_id")?)
        }
        "processing_state" => {
            known(&["key", "val", "op"])?;
            RuleCondition::State { key: map.needs("key")?, value: map.needs("val")?, op: op(map, false)? }
        }
        "is_sigma_rule" => known(&[]).map(|()| RuleCondition::IsRule)?,
        "is_sigma_correlation_rule" => known(&[]).map(|()| RuleCondition::IsCorrelation)?,
        "rule_attribute" => {
            known(&["attribute", "value", "op"])?;
            RuleCondition::Attribute {
                attribute: map.needs("attribute")?,
                value: map.needs("value")?,
                op: op(map, true)?,
            }
        }
        "tag" => {
            known(&["tag"])?;
            RuleCondition::Tag(map.needs("tag")?)
        }
        other => return Err(map.refused(format!("there is no rule condition {other:?}"))),
    })
}

fn item_condition(map: &Map<'_>) -> Result<ItemCondition, PipelineError> {
    let kind = map.needs("type")?;
    let known = |keys: &[&str]| map.only(&["type"], keys);
    let any = match map.text("cond")?.as_deref() {
        Some("any") | None => true,
        Some("all") => false,
        Some(_) => return Err(map.wrong("cond", "any or all")),
    };
    Ok(match kind.as_str() {
        "match_string" => {
            known(&["cond", "pattern", "negate"])?;
            let pattern = regex(map, &map.needs("pattern")?)?;
            ItemCondition::MatchString { any, pattern, negate: map.boolean("negate")? }
        }
        "match_value" => {
            known(&["cond", "value"])?;
            ItemCondition::MatchValue { any, value: map.needs("value")? }
        }
        "contains_wildcard" => known(&["cond"]).map(|()| ItemCondition::ContainsWildcard { any })?,
        "is_null" => known(&["cond"]).map(|()| ItemCondition::IsNull { any })?,
        "processing_item_applied" => {
            known(&["processing_item_id"])?;
            ItemCondition::Applied(map.needs("processing_item_id")?)
        }
        "processing_state" => {
            known(&["key", "val", "op"])?;
            ItemCondition::State { key: map.needs("key")?, value: map.needs("val")?, op: op(map, false)? }
        }
        other => return Err(map.refused(format!("there is no detection item condition {other:?}"))),
    })
}

fn field_condition(map: &Map<'_>) -> Result<FieldCondition, PipelineError> {
    let kind = map.needs("type")?;
    let known = |keys: &[&str]| map.only(&["type"], keys);
    Ok(match kind.as_str() {
        "include_fields" | "exclude_fields" => {
            known(&["fields", "mode", "type"])?;
            let fields = map.texts("fields")?.ok_or_else(|| map.missing("fields"))?;
            let negated = kind == "exclude_fields";
            match map.text("mode")?.as_deref() {
                None | Some("plain") => FieldCondition::Include { fields, patterns: Vec::new(), negated },
                Some("re") => {
                    let patterns = fields.iter().map(|source| regex(map, source)).collect::<Result<_, _>>()?;
                    FieldCondition::Include { fields: Vec::new(), patterns, negated }
                }
                Some(_) => return Err(map.wrong("mode", "plain or re")),
            }
        }
        "processing_item_applied" => {
            known(&["processing_item_id"])?;
            FieldCondition::Applied(map.needs("processing_item_id")?)
        }
        "processing_state" => {
            known(&["key", "val", "op"])?;
            FieldCondition::State { key: map.needs("key")?, value: map.needs("val")?, op: op(map, false)? }
        }
        other => return Err(map.refused(format!("there is no field name condition {other:?}"))),
    })
}

fn op(map: &Map<'_>, lists: bool) -> Result<Op, PipelineError> {
    Ok(match map.text("op")?.as_deref() {
        None | Some("eq") => Op::Order(Order::Equal),
        Some("ne") => Op::NotEqual,
        Some("gte") => Op::Order(Order::GreaterOrEqual),
        Some("gt") => Op::Order(Order::Greater),
        Some("lte") => Op::Order(Order::LessOrEqual),
        Some("lt") => Op::Order(Order::Less),
        Some("in") if lists => Op::In,
        Some("not_in") if lists => Op::NotIn,
        Some(_) => return Err(map.wrong("op", "one of eq, ne, gte, gt, lte, lt")),
    })
}

fn transformation(map: &Map<'_>, kind: &str, depth: usize) -> Result<Transformation, PipelineError> {
    let known = |keys: &[&str]| map.only(ITEM_KEYS, keys);
    Ok(match kind {
        "field_name_mapping" => known(&["mapping"]).and_then(|()| Ok(Transformation::FieldMap(map.mapping()?)))?,
        "field_name_prefix_mapping" => {
            known(&["mapping"]).and_then(|()| Ok(Transformation::PrefixMap(map.mapping()?)))?
        }
        "field_name_suffix" => known(&["suffix"]).and_then(|()| Ok(Transformation::Suffix(map.needs("suffix")?)))?,
        "field_name_prefix" => known(&["prefix"]).and_then(|()| Ok(Transformation::Prefix(map.needs("prefix")?)))?,
        "drop_detection_item" => known(&[]).map(|()| Transformation::Drop)?,
        "add_condition" => {
            known(&["conditions", "template", "negated", "name"])?;
            let Some(Node::Map(conditions)) = map.get("conditions") else {
                return Err(map.wrong("conditions", "a map of fields and values"));
            };
            Transformation::AddCondition {
                conditions: conditions.clone(),
                template: map.boolean("template")?,
                negated: map.boolean("negated")?,
            }
        }
        "change_logsource" => {
            known(&["category", "product", "service"])?;
            Transformation::ChangeLogSource(log_source(map)?)
        }
        "replace_string" => {
            known(&["regex", "replacement", "skip_special", "interpret_special"])?;
            Transformation::String(StringChange::Replace {
                regex: regex(map, &map.needs("regex")?)?,
                replacement: replacement(&map.needs("replacement")?),
                skip_special: map.boolean("skip_special")?,
                interpret_special: map.boolean("interpret_special")?,
            })
        }
        "map_string" => {
            known(&["mapping"]).and_then(|()| Ok(Transformation::String(StringChange::Map(map.mapping()?))))?
        }
        "case" => {
            known(&["method"])?;
            Transformation::String(match map.text("method")?.as_deref() {
                None | Some("lower") => StringChange::Lower,
                Some("upper") => StringChange::Upper,
                Some("snake_case") => StringChange::Snake,
                Some(_) => return Err(map.wrong("method", "lower, upper or snake_case")),
            })
        }
        "regex" => {
            known(&["method"])?;
            Transformation::String(match map.text("method")?.as_deref() {
                Some("plain") => StringChange::Regex { ignore_case: false },
                None | Some("ignore_case_flag" | "ignore_case_brackets") => StringChange::Regex { ignore_case: true },
                Some(_) => return Err(map.wrong("method", "plain, ignore_case_flag or ignore_case_brackets")),
            })
        }
        "set_value" => set_value(map)?,
        "convert_type" => {
            known(&["target_type"])?;
            match map.needs("target_type")?.as_str() {
                "str" => Transformation::ToText,
                "num" => Transformation::ToNumber,
                _ => return Err(map.wrong("target_type", "str or num")),
            }
        }
        "value_placeholders" | "wildcard_placeholders" => {
            known(&["include", "exclude"])?;
            let (include, exclude) = (map.texts("include")?, map.texts("exclude")?);
            if include.is_some() && exclude.is_some() {
                return Err(map.refused("include and exclude exclude each other".into()));
            }
            Transformation::Placeholders { wildcard: kind == "wildcard_placeholders", include, exclude }
        }
        "hashes_fields" => {
            known(&["valid_hash_algos", "field_prefix", "drop_algo_prefix", "field_to_parse"])?;
            Transformation::Hashes {
                algorithms: map.texts("valid_hash_algos")?.ok_or_else(|| map.missing("valid_hash_algos"))?,
                prefix: map.text("field_prefix")?.unwrap_or_default(),
                drop_algorithm: map.boolean("drop_algo_prefix")?,
                fields: map.texts("field_to_parse")?.unwrap_or_else(|| vec!["Hashes".into(), "Hash".into()]),
            }
        }
        "extract_fields" => {
            known(&["regex", "field_prefix", "preserve_unmatched"])?;
            let regex = regex(map, &map.needs("regex")?)?;
            if regex.capture_names().flatten().next().is_none() {
                return Err(map.refused("the expression has no named group".into()));
            }
            Transformation::ExtractFields {
                regex,
                prefix: map.text("field_prefix")?,
                keep: map.boolean("preserve_unmatched")?,
            }
        }
        "set_state" => {
            known(&["key", "val"])?;
            Transformation::SetState { key: map.needs("key")?, value: map.needs("val")? }
        }
        "set_custom_attribute" => {
            known(&["attribute", "value"])?;
            Transformation::SetAttribute { attribute: map.needs("attribute")?, value: map.needs("value")? }
        }
        "rule_failure" => known(&["message"]).and_then(|()| Ok(Transformation::RuleFailure(map.needs("message")?)))?,
        "detection_item_failure" => {
            known(&["message"]).and_then(|()| Ok(Transformation::ItemFailure(map.needs("message")?)))?
        }
        "strict_field_mapping_failure" => known(&[]).map(|()| Transformation::StrictMapping)?,
        "add_field" | "remove_field" | "set_field" => {
            known(&["field", "fields"]).map(|()| Transformation::OutputFields)?
        }
        "nest" => {
            known(&["items"])?;
            let list = map.get("items").ok_or_else(|| map.missing("items"))?;
            Transformation::Nest(items(list, &map.place, depth + 1)?)
        }
        "query_expression_placeholders" => {
            return Err(map.refused(format!("{kind} writes a query's text; rules are matched here, not written")));
        }
        "file_placeholders" | "http_placeholders" | "command_placeholders" => {
            return Err(map.refused(format!("{kind} reads from outside; put the values into vars")));
        }
        "field_name_transform" => {
            return Err(map.refused("field_name_transform names a Python function; there is none here".into()));
        }
        other => return Err(map.refused(format!("there is no transformation {other:?}"))),
    })
}

fn set_value(map: &Map<'_>) -> Result<Transformation, PipelineError> {
    map.only(ITEM_KEYS, &["value", "force_type"])?;
    let node = map.get("value").unwrap_or(&Node::Null);
    let forced = match (map.text("force_type")?.as_deref(), node.scalar()) {
        (None, _) => node.clone(),
        (Some("str"), Some(text)) => Node::Text(text.to_owned()),
        (Some("num"), Some(text)) => Node::Number(text.to_owned()),
        _ => return Err(map.wrong("force_type", "str or num, of a text or number")),
    };
    let item =
        modifier::item(&[], &forced, false, &Placeholders::new()).map_err(|error| map.refused(error.to_string()))?;
    match item.values.into_iter().flatten().next() {
        Some(test) => Ok(Transformation::SetValue(test)),
        None => Err(map.wrong("value", "one value")),
    }
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

/// Python's `\1` and `\g<name>` → `${1}` and `${name}`.
fn replacement(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '$' => out.push_str("$$"),
            '\\' if rest.starts_with(|d: char| d.is_ascii_digit()) => {
                let end = rest.find(|d: char| !d.is_ascii_digit()).unwrap_or(rest.len());
                out.push_str(&format!("${{{}}}", &rest[..end]));
                rest = &rest[end..];
            }
            '\\' if rest.starts_with("g<") && rest.contains('>') => {
                let end = rest.find('>').unwrap_or(rest.len());
                out.push_str(&format!("${{{}}}", &rest[2..end]));
                rest = &rest[end + 1..];
            }
            '\\' if rest.starts_with('\\') => {
                out.push('\\');
                rest = &rest[1..];
            }
            other => out.push(other),
        }
    }
    out
}

fn texts(node: &Node) -> Option<Vec<String>> {
    match node {
        Node::List(items) => items.iter().map(|item| item.scalar().map(str::to_owned)).collect(),
        other => other.scalar().map(|text| vec![text.to_owned()]),
    }
}

/// A YAML map and where it stands, for what is said when it is wrong.
struct Map<'a> {
    entries: &'a [(String, Node)],
    place: String,
}

impl<'a> Map<'a> {
    fn any(node: &'a Node, place: &str) -> Result<Map<'a>, PipelineError> {
        match node {
            Node::Map(entries) => Ok(Map { entries, place: place.to_owned() }),
            _ => Err(PipelineError::Type { place: place.into(), key: "it".into(), expected: "a map" }),
        }
    }

    fn new(node: &'a Node, place: &str, keys: &[&str]) -> Result<Map<'a>, PipelineError> {
        let map = Map::any(node, place)?;
        map.only(keys, &[])?;
        Ok(map)
    }

    fn only(&self, keys: &[&str], more: &[&str]) -> Result<(), PipelineError> {
        match self.entries.iter().find(|(key, _)| !keys.contains(&key.as_str()) && !more.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => Err(PipelineError::UnknownKey { place: self.place.clone(), key: key.clone() }),
        }
    }

    fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    fn text(&self, key: &str) -> Result<Option<String>, PipelineError> {
        match self.get(key) {
            None | Some(Node::Null) => Ok(None),
            Some(node) => node.scalar().map(|text| Some(text.to_owned())).ok_or_else(|| self.wrong(key, "text")),
        }
    }

    fn needs(&self, key: &'static str) -> Result<String, PipelineError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    fn texts(&self, key: &str) -> Result<Option<Vec<String>>, PipelineError> {
        match self.get(key) {
            None | Some(Node::Null) => Ok(None),
            Some(node) => texts(node).map(Some).ok_or_else(|| self.wrong(key, "a list of texts")),
        }
    }

    fn boolean(&self, key: &str) -> Result<bool, PipelineError> {
        match self.get(key) {
            None | Some(Node::Null) => Ok(false),
            Some(Node::Bool(value)) => Ok(*value),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    fn mapping(&self) -> Result<Vec<(String, Vec<String>)>, PipelineError> {
        let Some(Node::Map(entries)) = self.get("mapping") else { return Err(self.wrong("mapping", "a map")) };
        entries
            .iter()
            .map(|(from, to)| match texts(to) {
                Some(to) if !to.is_empty() => Ok((from.clone(), to)),
                _ => Err(self.wrong(from, "a name or a list of names")),
            })
            .collect()
    }

    fn missing(&self, key: &'static str) -> PipelineError {
        PipelineError::Missing { place: self.place.clone(), key }
    }
    fn wrong(&self, key: &str, expected: &'static str) -> PipelineError {
        PipelineError::Type { place: self.place.clone(), key: key.to_owned(), expected }
    }
    fn refused(&self, reason: String) -> PipelineError {
        PipelineError::Refused { place: self.place.clone(), reason }
    }
}
