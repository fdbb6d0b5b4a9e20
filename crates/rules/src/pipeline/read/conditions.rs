//! Under which conditions a transformation is applied: those of the rule, of its detection items and of their fields.

use super::map::Map;
use super::{log_source, regex};
use crate::condition;
use crate::pipeline::PipelineError;
use crate::pipeline::condition::{Conditions, FieldCondition, ItemCondition, Op, RuleCondition};
use crate::predicate::Order;
use crate::yaml::Node;

pub(super) fn conditions<C>(
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

pub(super) fn rule_condition(map: &Map<'_>) -> Result<RuleCondition, PipelineError> {
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

pub(super) fn item_condition(map: &Map<'_>) -> Result<ItemCondition, PipelineError> {
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

pub(super) fn field_condition(map: &Map<'_>) -> Result<FieldCondition, PipelineError> {
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
