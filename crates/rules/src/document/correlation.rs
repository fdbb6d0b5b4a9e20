//! The `correlation` section: what is counted over which rules' events, by which fields, within what time.

use super::{Header, RuleError};
use crate::condition::{self, Condition};
use crate::predicate::{Number, Order};
use crate::yaml::Node;

/// Referenced rules of one correlation; each is a step of it.
const MAX_RULES: usize = 64;
const MAX_FIELDS: usize = 32;
/// A correlation holds state for so long at most.
const MAX_SECONDS: u64 = 366 * 86_400;

#[derive(Debug)]
pub(crate) struct Correlation {
    pub header: Header,
    /// The level stands in the document; else the highest of the referenced rules is taken.
    pub has_level: bool,
    pub kind: Kind,
    /// Ids or names, in order.
    pub rules: Vec<String>,
    pub group_by: Vec<String>,
    pub span_nanos: i64,
    /// (alias, rule, field)
    pub aliases: Vec<(String, String, String)>,
    /// The referenced rules speak for themselves too.
    pub generate: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    EventCount(Criterion),
    /// Distinct combinations of the fields' values.
    ValueCount(Vec<String>, Criterion),
    Amount(Amount, String, Criterion),
    /// The percentage that each value of the field has among all.
    Share(String, Criterion),
    Temporal {
        ordered: bool,
        need: Need,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Amount {
    Sum,
    Average,
    Median,
    Percentile(f64),
}

/// Which of the referenced rules must have matched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Need {
    /// So many different ones.
    Count(Criterion),
    /// Over the steps' indices.
    Expression(Condition),
}

/// `gte: 10`, `lt: 20`: all must hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Criterion(pub Vec<(Comparison, f64)>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Comparison {
    Order(Order),
    NotEqual,
}

impl Criterion {
    pub fn holds(&self, amount: f64) -> bool {
        self.0.iter().all(|(comparison, limit)| match comparison {
            Comparison::Order(order) => order.holds(amount, *limit),
            Comparison::NotEqual => amount != *limit,
        })
    }

    /// Once true it stays so while the amount grows: it can be told at once, not only when the time is over.
    pub fn only_grows(&self) -> bool {
        self.0.iter().all(|(c, _)| matches!(c, Comparison::Order(Order::Greater | Order::GreaterOrEqual)))
    }

    /// The highest limit.
    pub fn limit(&self) -> f64 {
        self.0.iter().map(|(_, limit)| *limit).fold(0.0, f64::max)
    }
}

pub(super) fn parse(header: Header, section: &Node, document: &Node) -> Result<Correlation, RuleError> {
    let Node::Map(entries) = section else {
        return Err(RuleError::Type { field: "correlation".into(), expected: "a map" });
    };
    const KEYS: [&str; 7] = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];
    if let Some((key, _)) = entries.iter().find(|(key, _)| !KEYS.contains(&key.as_str())) {
        let reason = format!("the key {:?} is not known", event::text::clip(key, 40));
        return Err(RuleError::Invalid { field: "correlation", reason });
    }
    let mut rules = names(section, "rules", MAX_RULES)?;
    let kind_name = section.get("type").and_then(Node::scalar).ok_or(RuleError::Missing("correlation.type"))?;
    let kind = kind(kind_name, section.get("condition"), &mut rules)?;
    if rules.is_empty() {
        return Err(RuleError::Missing("correlation.rules"));
    }
    let generate = |node: Option<&Node>| matches!(node, Some(Node::Bool(true)));
    Ok(Correlation {
        has_level: document.get("level").is_some_and(|level| *level != Node::Null),
        header,
        kind,
        rules,
        group_by: names(section, "group-by", MAX_FIELDS)?,
        span_nanos: span(
            section.get("timespan").and_then(Node::scalar).ok_or(RuleError::Missing("correlation.timespan"))?,
        )?,
        aliases: aliases(section.get("aliases"))?,
        generate: generate(section.get("generate")) || generate(document.get("generate")),
    })
}

fn names(section: &Node, key: &'static str, most: usize) -> Result<Vec<String>, RuleError> {
    let wrong = || RuleError::Type { field: format!("correlation.{key}"), expected: "a list of names" };
    let list = match section.get(key) {
        None | Some(Node::Null) => return Ok(Vec::new()),
        Some(Node::List(list)) => list.as_slice(),
        Some(other) => std::slice::from_ref(other),
    };
    if list.len() > most {
        return Err(RuleError::Invalid { field: "correlation", reason: format!("{key} has more than {most} names") });
    }
    list.iter().map(|node| node.scalar().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn kind(name: &str, condition: Option<&Node>, rules: &mut Vec<String>) -> Result<Kind, RuleError> {
    let bad = |reason: String| RuleError::Invalid { field: "correlation.condition", reason };
    let needs = || condition.ok_or(RuleError::Missing("correlation.condition"));
    let one_field = || -> Result<String, RuleError> {
        let mut fields = fields(needs()?)?;
        if fields.len() != 1 {
            return Err(bad(format!("{name} takes one field")));
        }
        Ok(fields.remove(0))
    };
    let amount = |amount| Ok(Kind::Amount(amount, one_field()?, criterion(needs()?)?));
    match name {
        "event_count" => Ok(Kind::EventCount(criterion(needs()?)?)),
        "value_count" => {
            let fields = fields(needs()?)?;
            if fields.is_empty() {
                return Err(bad("value_count needs a field".into()));
            }
            Ok(Kind::ValueCount(fields, criterion(needs()?)?))
        }
        "value_sum" => amount(Amount::Sum),
        "value_avg" => amount(Amount::Average),
        "value_median" => amount(Amount::Median),
        "value_percentile" => match needs()?.get("percentile") {
            // Without one, as the specification's example has it: how rare the value is among all.
            None => Ok(Kind::Share(one_field()?, criterion(needs()?)?)),
            Some(node) => match node.scalar().and_then(Number::parse) {
                Some(Number(percentile)) if (0.0..=100.0).contains(&percentile) => {
                    amount(Amount::Percentile(percentile))
                }
                _ => Err(bad("percentile must be a number from 0 to 100".into())),
            },
        },
        "temporal" | "temporal_ordered" | "temporal_extended" | "temporal_ordered_extended" => {
            let ordered = name.starts_with("temporal_ordered");
            Ok(Kind::Temporal { ordered, need: need(condition, rules)? })
        }
        other => Err(RuleError::Invalid {
            field: "correlation.type",
            reason: format!("{:?} is no type of correlation", event::text::clip(other, 40)),
        }),
    }
}

fn need(condition: Option<&Node>, rules: &mut Vec<String>) -> Result<Need, RuleError> {
    match condition {
        None | Some(Node::Null) => {
            let all = rules.len() as f64;
            Ok(Need::Count(Criterion(vec![(Comparison::Order(Order::GreaterOrEqual), all)])))
        }
        Some(node @ Node::Map(_)) => Ok(Need::Count(criterion(node)?)),
        Some(node) => {
            let wrong = RuleError::Type { field: "correlation.condition".into(), expected: "a map or an expression" };
            let text = node.scalar().ok_or(wrong)?;
            if rules.is_empty() {
                // The expression itself then names the rules, in their order.
                for word in text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')')) {
                    let keyword = ["and", "or", "not", ""].iter().any(|k| word.eq_ignore_ascii_case(k));
                    if !keyword && !rules.iter().any(|known| known == word) {
                        rules.push(word.to_owned());
                    }
                }
                if rules.len() > MAX_RULES {
                    let reason = format!("more than {MAX_RULES} rules");
                    return Err(RuleError::Invalid { field: "correlation", reason });
                }
            }
            Ok(Need::Expression(condition::parse(text, rules)?))
        }
    }
}

fn fields(condition: &Node) -> Result<Vec<String>, RuleError> {
    let wrong =
        || RuleError::Type { field: "correlation.condition.field".into(), expected: "a name or a list of names" };
    let list = match condition.get("field") {
        None => return Ok(Vec::new()),
        Some(Node::List(list)) => list.as_slice(),
        Some(other) => std::slice::from_ref(other),
    };
    if list.len() > MAX_FIELDS {
        return Err(wrong());
    }
    list.iter().map(|node| node.scalar().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn criterion(condition: &Node) -> Result<Criterion, RuleError> {
    let bad = |reason: String| RuleError::Invalid { field: "correlation.condition", reason };
    let Node::Map(entries) = condition else {
        return Err(RuleError::Type { field: "correlation.condition".into(), expected: "a map" });
    };
    let mut out = Vec::new();
    for (key, value) in entries {
        let comparison = match key.as_str() {
            "gt" => Comparison::Order(Order::Greater),
            "gte" => Comparison::Order(Order::GreaterOrEqual),
            "lt" => Comparison::Order(Order::Less),
            "lte" => Comparison::Order(Order::LessOrEqual),
            "eq" => Comparison::Order(Order::Equal),
            "neq" => Comparison::NotEqual,
            "field" | "percentile" => continue,
            other => return Err(bad(format!("the key {:?} is not known", event::text::clip(other, 40)))),
        };
        let Some(number) = value.scalar().and_then(Number::parse) else {
            return Err(bad(format!("{key} needs a number")));
        };
        out.push((comparison, number.0));
    }
    if out.is_empty() { Err(bad("it compares with nothing".into())) } else { Ok(Criterion(out)) }
}

fn span(text: &str) -> Result<i64, RuleError> {
    let bad = |reason: String| RuleError::Invalid { field: "correlation.timespan", reason };
    let unit = text.chars().last().unwrap_or(' ');
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'M' => 2_629_746,
        'y' => 31_556_952,
        _ => 0,
    };
    let count = text.strip_suffix(unit).and_then(|digits| digits.parse::<u64>().ok()).filter(|n| *n > 0);
    match count.filter(|_| seconds > 0).and_then(|count| count.checked_mul(seconds)) {
        None => Err(bad(format!("{:?} is no time like 90s, 10m, 1h or 7d", event::text::clip(text, 40)))),
        Some(total) if total > MAX_SECONDS => Err(bad("more than a year".into())),
        Some(total) => Ok(total as i64 * 1_000_000_000),
    }
}

fn aliases(node: Option<&Node>) -> Result<Vec<(String, String, String)>, RuleError> {
    let wrong = || RuleError::Type {
        field: "correlation.aliases".into(),
        expected: "a map of aliases, each a map of rules and their fields",
    };
    let entries = match node {
        None | Some(Node::Null) => return Ok(Vec::new()),
        Some(Node::Map(entries)) if entries.len() <= MAX_FIELDS => entries,
        Some(_) => return Err(wrong()),
    };
    let mut out = Vec::new();
    for (alias, mapping) in entries {
        let Node::Map(mapping) = mapping else { return Err(wrong()) };
        for (rule, field) in mapping {
            out.push((alias.clone(), rule.clone(), field.scalar().ok_or_else(wrong)?.to_owned()));
        }
    }
    Ok(out)
}
