//! When a transformation is applied: to this rule, to this item, to this field name.

use super::apply::State;
use crate::condition::Condition;
use crate::document::{Detection, FieldItem, Rule};
use crate::logsource::LogSource;
use crate::predicate::{Number, Order, Test};

/// Conditions of one kind, joined.
#[derive(Clone, Debug)]
pub(crate) struct Conditions<C> {
    pub list: Vec<C>,
    /// Over the list's indices; None: all of them (or any, see `any`).
    pub expression: Option<Condition>,
    pub any: bool,
    pub negated: bool,
}

impl<C> Default for Conditions<C> {
    fn default() -> Self {
        Conditions { list: Vec::new(), expression: None, any: false, negated: false }
    }
}

impl<C> Conditions<C> {
    /// True without conditions.
    pub fn hold(&self, mut check: impl FnMut(&C) -> bool) -> bool {
        if self.list.is_empty() {
            return true;
        }
        let value = match &self.expression {
            Some(expression) => evaluate(expression, &mut |index| check(&self.list[index])),
            None if self.any => self.list.iter().any(check),
            None => self.list.iter().all(check),
        };
        value != self.negated
    }
}

fn evaluate(expression: &Condition, check: &mut dyn FnMut(usize) -> bool) -> bool {
    match expression {
        Condition::Name(index) => check(*index),
        Condition::Not(inner) => !evaluate(inner, check),
        Condition::And(parts) => parts.iter().all(|part| evaluate(part, check)),
        Condition::Or(parts) => parts.iter().any(|part| evaluate(part, check)),
    }
}

/// `eq`, `ne`, `gte` … of state and attribute conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Order(Order),
    NotEqual,
    In,
    NotIn,
}

#[derive(Clone, Debug)]
pub(crate) enum RuleCondition {
    LogSource(LogSource),
    ContainsField(String),
    ContainsItem { field: String, value: String },
    Applied(String),
    State { key: String, value: String, op: Op },
    IsRule,
    IsCorrelation,
    Attribute { attribute: String, value: String, op: Op },
    Tag(String),
}

#[derive(Clone, Debug)]
pub(crate) enum ItemCondition {
    MatchString { any: bool, pattern: regex::Regex, negate: bool },
    MatchValue { any: bool, value: String },
    ContainsWildcard { any: bool },
    IsNull { any: bool },
    Applied(String),
    State { key: String, value: String, op: Op },
}

#[derive(Clone, Debug)]
pub(crate) enum FieldCondition {
    Include { fields: Vec<String>, patterns: Vec<regex::Regex>, negated: bool },
    Applied(String),
    State { key: String, value: String, op: Op },
}

impl RuleCondition {
    pub fn holds(&self, rule: &Rule, state: &State) -> bool {
        match self {
            RuleCondition::LogSource(asked) => asked.covers(&rule.log_source),
            RuleCondition::ContainsField(field) => any_item(&rule.detection, &mut |item| item.field == *field),
            RuleCondition::ContainsItem { field, value } => any_item(&rule.detection, &mut |item| {
                item.field == *field
                    && values(item).any(|test| plain(test).is_some_and(|text| text.eq_ignore_ascii_case(value)))
            }),
            RuleCondition::Applied(id) => state.applied.iter().any(|applied| applied == id),
            RuleCondition::State { key, value, op } => state_holds(state, key, value, *op),
            RuleCondition::IsRule => true,
            RuleCondition::IsCorrelation => false,
            RuleCondition::Attribute { attribute, value, op } => attribute_holds(rule, attribute, value, *op),
            RuleCondition::Tag(tag) => rule.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)),
        }
    }
}

impl ItemCondition {
    pub fn holds(&self, item: &FieldItem, state: &State) -> bool {
        let quantified = |any: bool, check: &dyn Fn(&Test) -> bool| {
            if any { values(item).any(check) } else { values(item).all(check) }
        };
        match self {
            ItemCondition::MatchString { any, pattern, negate } => {
                quantified(*any, &|test| text(test).is_some_and(|text| at_start(pattern, &text))) != *negate
            }
            ItemCondition::MatchValue { any, value } => {
                quantified(*any, &|test| text(test).is_some_and(|text| text == *value))
            }
            ItemCondition::ContainsWildcard { any } => quantified(*any, &|test| match test {
                Test::Text { pattern, .. } => pattern.plain().is_none() && pattern.placeholder().is_none(),
                _ => false,
            }),
            ItemCondition::IsNull { any } => quantified(*any, &|test| *test == Test::Absent),
            ItemCondition::Applied(id) => item.applied.iter().any(|applied| applied == id),
            ItemCondition::State { key, value, op } => state_holds(state, key, value, *op),
        }
    }
}

impl FieldCondition {
    pub fn holds(&self, field: &str, applied: &[String], state: &State) -> bool {
        match self {
            FieldCondition::Include { fields, patterns, negated } => {
                let found = !field.is_empty()
                    && (fields.iter().any(|name| name == field) || patterns.iter().any(|p| at_start(p, field)));
                found != *negated
            }
            FieldCondition::Applied(id) => applied.iter().any(|other| other == id),
            FieldCondition::State { key, value, op } => state_holds(state, key, value, *op),
        }
    }
}

/// Python's `re.match`: from the start of the text.
fn at_start(pattern: &regex::Regex, text: &str) -> bool {
    pattern.find(text).is_some_and(|found| found.start() == 0)
}

fn any_item(detection: &Detection, check: &mut dyn FnMut(&FieldItem) -> bool) -> bool {
    let mut found = false;
    detection.each_item(&mut |item| found = found || check(item));
    found
}

fn values(item: &FieldItem) -> impl Iterator<Item = &Test> {
    item.item.values.iter().flatten()
}

/// A string value as it would be written; None for what is no string.
fn text(test: &Test) -> Option<String> {
    match test {
        Test::Text { pattern, .. } => Some(pattern.written()),
        _ => None,
    }
}

fn plain(test: &Test) -> Option<&str> {
    match test {
        Test::Text { pattern, .. } => pattern.plain(),
        _ => None,
    }
}

fn state_holds(state: &State, key: &str, value: &str, op: Op) -> bool {
    state.values.get(key).is_some_and(|own| compare(own, value, op))
}

fn compare(left: &str, right: &str, op: Op) -> bool {
    match op {
        Op::NotEqual | Op::NotIn => left != right,
        Op::In | Op::Order(Order::Equal) => left == right,
        Op::Order(order) => match (Number::parse(left), Number::parse(right)) {
            (Some(left), Some(right)) => order.holds(left.0, right.0),
            // Dates of the form 2024-02-29 are in order as text.
            _ => order.holds_of(left.cmp(right)),
        },
    }
}

fn attribute_holds(rule: &Rule, attribute: &str, value: &str, op: Op) -> bool {
    const STATUS: [&str; 5] = ["unsupported", "deprecated", "experimental", "test", "stable"];
    if attribute == "tags" {
        let has = rule.tags.iter().any(|tag| tag == value);
        return match op {
            Op::In => has,
            Op::NotIn => !has,
            Op::NotEqual => true,
            Op::Order(_) => false,
        };
    }
    let own = rule.custom.get(attribute).or_else(|| rule.attributes.get(attribute));
    let Some(own) = own else { return false };
    let rank = |text: &str| match attribute {
        "level" => text.parse::<event::Severity>().ok().map(|level| level as usize),
        "status" => STATUS.iter().position(|status| *status == text.to_lowercase()),
        _ => None,
    };
    match (rank(own), rank(value), op) {
        (Some(left), Some(right), Op::Order(order)) => order.holds_of(left.cmp(&right)),
        (Some(left), Some(right), Op::NotEqual) => left != right,
        _ => compare(own, value, op),
    }
}
