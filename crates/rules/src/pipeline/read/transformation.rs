//! What a transformation does, by its type; those that would read from outside or write a query's text are refused by name.

use super::map::Map;
use super::{items, log_source, regex};
use crate::modifier::{self, Placeholders};
use crate::pipeline::PipelineError;
use crate::pipeline::transform::Transformation;
use crate::pipeline::value::StringChange;
use crate::yaml::Node;

/// Keys that every transformation may have.
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

pub(super) fn transformation(map: &Map<'_>, kind: &str, depth: usize) -> Result<Transformation, PipelineError> {
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
