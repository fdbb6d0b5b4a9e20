//! `Field|modifier|modifier: value` → tests. Each modifier takes the values as the one before left them, as the Sigma 2.1
//! specification chains them.

mod encode;
mod expand;
mod pcre;

use crate::expression::Expression;
use crate::limits;
use crate::pattern::{Part, Pattern};
use crate::predicate::{ClockPart, Edge, Number, Order, Test};
use crate::yaml::Node;
use std::collections::BTreeMap;

/// Values for `%name%` under `expand`.
pub(crate) type Placeholders = BTreeMap<String, Vec<String>>;

#[derive(Debug, thiserror::Error, PartialEq)]
pub(crate) enum ModifierError {
    #[error("the modifier {0:?} is not one of Sigma 2.1's")]
    Unknown(String),
    #[error("the modifier {modifier:?} cannot take {value}")]
    Misplaced { modifier: String, value: &'static str },
    #[error("{modifier} needs {expected}, not {text:?}")]
    Value { modifier: String, expected: &'static str, text: String },
    #[error("regular expression {source_text:?}: {reason}")]
    Regex { source_text: String, reason: String },
    #[error("the placeholder %{0}% has no value here")]
    Placeholder(String),
    #[error("a value of {0} bytes; at most {max} are taken", max = limits::VALUE_BYTES)]
    TooLong(usize),
    #[error("more than {} values", limits::VALUES)]
    TooMany,
    #[error("a value has {0} dashes under windash; at most {max} are taken", max = encode::MAX_DASHES)]
    Dashes(usize),
    #[error("a map or list stands where a value is expected")]
    Nested,
}

/// What one field item asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Item {
    /// A value each; the inner tests of one value are alternatives (base64offset, windash, expand).
    pub values: Vec<Vec<Test>>,
    /// All values must pass, not one.
    pub all: bool,
    /// The item holds when the values do not.
    pub negated: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Draft {
    Null,
    Bool(bool),
    Number(String),
    Text(Pattern),
    /// Text whose wildcards are not Sigma's: a regular expression's source.
    Pattern {
        source: String,
        flags: String,
    },
    Test(Test),
    Field {
        name: String,
        edge: Edge,
    },
    Clock(ClockPart, Order, Number),
}

impl Draft {
    const fn kind(&self) -> &'static str {
        match self {
            Draft::Null => "null",
            Draft::Bool(_) => "a boolean",
            Draft::Number(_) => "a number",
            Draft::Text(_) => "text",
            Draft::Pattern { .. } => "a regular expression",
            Draft::Test(_) => "what an earlier modifier made",
            Draft::Field { .. } => "a field reference",
            Draft::Clock(..) => "a part of a time",
        }
    }
}

/// `keyword` values are looked for anywhere in any field.
pub(crate) fn item(
    modifiers: &[&str],
    value: &Node,
    keyword: bool,
    places: &Placeholders,
) -> Result<Item, ModifierError> {
    let mut out = Item::default();
    let mut cased = false;
    let mut steps = Vec::new();
    for modifier in modifiers {
        match *modifier {
            "all" => out.all = true,
            "cased" => cased = true,
            "neq" => out.negated = true,
            other => steps.push(other),
        }
    }
    let raw_text = steps.first() == Some(&"re");
    for node in values(value) {
        let mut drafts = vec![draft(node, raw_text)?];
        for (at, step) in steps.iter().enumerate() {
            drafts = apply(drafts, step, &steps[..at], places)?;
        }
        let tests =
            drafts.into_iter().flat_map(|draft| finish(draft, cased, keyword)).collect::<Result<Vec<_>, _>>()?;
        out.values.push(tests);
        if out.values.len() > limits::VALUES {
            return Err(ModifierError::TooMany);
        }
    }
    Ok(out)
}

fn values(node: &Node) -> &[Node] {
    match node {
        Node::List(items) => items,
        other => std::slice::from_ref(other),
    }
}

fn draft(node: &Node, raw: bool) -> Result<Draft, ModifierError> {
    let length = node.scalar().map_or(0, str::len);
    if length > limits::VALUE_BYTES {
        return Err(ModifierError::TooLong(length));
    }
    Ok(match node {
        Node::Null => Draft::Null,
        Node::Bool(value) => Draft::Bool(*value),
        Node::Number(text) => Draft::Number(text.clone()),
        Node::Text(text) if raw => Draft::Text(Pattern::literal(text.clone())),
        Node::Text(text) => Draft::Text(Pattern::parse(text)),
        Node::List(_) | Node::Map(_) => return Err(ModifierError::Nested),
    })
}

fn apply(
    drafts: Vec<Draft>,
    modifier: &str,
    before: &[&str],
    places: &Placeholders,
) -> Result<Vec<Draft>, ModifierError> {
    let mut out = Vec::with_capacity(drafts.len());
    for draft in drafts {
        out.extend(apply_one(draft, modifier, before, places)?);
        if out.len() > limits::VALUES {
            return Err(ModifierError::TooMany);
        }
    }
    Ok(out)
}

fn apply_one(
    draft: Draft,
    modifier: &str,
    before: &[&str],
    places: &Placeholders,
) -> Result<Vec<Draft>, ModifierError> {
    let one = |draft| Ok(vec![draft]);
    let texts = |patterns: Vec<Pattern>| Ok(patterns.into_iter().map(Draft::Text).collect());
    match modifier {
        "contains" => one(place(draft, modifier, Edge::Anywhere)?),
        "startswith" => one(place(draft, modifier, Edge::Start)?),
        "endswith" => one(place(draft, modifier, Edge::End)?),
        "re" => one(Draft::Pattern { source: plain(&draft, modifier)?, flags: String::new() }),
        "i" | "ignorecase" | "m" | "multiline" | "s" | "dotall" => one(flag(draft, modifier, before)?),
        "base64" => texts(vec![encode::base64(&encode::bytes(&plain(&draft, modifier)?, before))]),
        "base64offset" => texts(encode::base64_offsets(&encode::bytes(&plain(&draft, modifier)?, before))),
        "wide" | "utf16le" | "utf16be" | "utf16" => wide(draft, modifier),
        "windash" => match draft {
            Draft::Text(pattern) => texts(encode::dashes(&pattern)?),
            other => Err(misplaced(modifier, &other)),
        },
        "cidr" => one(Draft::Test(cidr(&draft, modifier)?)),
        "exists" => one(Draft::Test(exists(&draft, modifier)?)),
        "lt" => one(compare(draft, modifier, Order::Less)?),
        "lte" => one(compare(draft, modifier, Order::LessOrEqual)?),
        "gt" => one(compare(draft, modifier, Order::Greater)?),
        "gte" => one(compare(draft, modifier, Order::GreaterOrEqual)?),
        "fieldref" => one(Draft::Field { name: plain(&draft, modifier)?, edge: Edge::Whole }),
        "expand" => expand::expand(draft, modifier, places),
        "minute" => one(clock(draft, modifier, ClockPart::Minute)?),
        "hour" => one(clock(draft, modifier, ClockPart::Hour)?),
        "day" => one(clock(draft, modifier, ClockPart::Day)?),
        "week" => one(clock(draft, modifier, ClockPart::Week)?),
        "month" => one(clock(draft, modifier, ClockPart::Month)?),
        "year" => one(clock(draft, modifier, ClockPart::Year)?),
        unknown => Err(ModifierError::Unknown(unknown.to_owned())),
    }
}

fn misplaced(modifier: &str, draft: &Draft) -> ModifierError {
    ModifierError::Misplaced { modifier: modifier.to_owned(), value: draft.kind() }
}

fn place(draft: Draft, modifier: &str, edge: Edge) -> Result<Draft, ModifierError> {
    let pattern = match draft {
        Draft::Text(pattern) => pattern,
        Draft::Number(text) => Pattern::literal(text),
        Draft::Bool(value) => Pattern::literal(value.to_string()),
        Draft::Field { name, .. } => return Ok(Draft::Field { name, edge }),
        other => return Err(misplaced(modifier, &other)),
    };
    Ok(Draft::Text(match edge {
        Edge::Whole => pattern,
        Edge::Start => pattern.at_start(),
        Edge::End => pattern.at_end(),
        Edge::Anywhere => pattern.anywhere(),
    }))
}

/// The value's text where wildcards make no sense.
fn plain(draft: &Draft, modifier: &str) -> Result<String, ModifierError> {
    match draft {
        Draft::Text(pattern) => pattern
            .plain()
            .map(str::to_owned)
            .ok_or(ModifierError::Misplaced { modifier: modifier.to_owned(), value: "a value with wildcards" }),
        Draft::Number(text) => Ok(text.clone()),
        Draft::Bool(value) => Ok(value.to_string()),
        other => Err(misplaced(modifier, other)),
    }
}

fn flag(draft: Draft, modifier: &str, before: &[&str]) -> Result<Draft, ModifierError> {
    match draft {
        Draft::Pattern { source, mut flags } if before.contains(&"re") => {
            flags.push(match modifier {
                "i" | "ignorecase" => 'i',
                "m" | "multiline" => 'm',
                _ => 's',
            });
            Ok(Draft::Pattern { source, flags })
        }
        other => Err(misplaced(modifier, &other)),
    }
}

/// UTF-16 text without base64 behind it is matched as the NUL-ridden text that logs show.
fn wide(draft: Draft, modifier: &str) -> Result<Vec<Draft>, ModifierError> {
    match draft {
        Draft::Text(pattern) => {
            let wide = |text: &str| Pattern::literal(encode::as_text(&encode::utf16(text, modifier)));
            Ok(vec![Draft::Text(pattern.map_text(wide))])
        }
        other => Err(misplaced(modifier, &other)),
    }
}

fn cidr(draft: &Draft, modifier: &str) -> Result<Test, ModifierError> {
    let text = plain(draft, modifier)?;
    let net = text.parse::<ipnet::IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(Into::into));
    let bad = |_| ModifierError::Value {
        modifier: modifier.into(),
        expected: "a network like 10.0.0.0/8",
        text: clip(&text),
    };
    net.map(Test::Cidr).map_err(bad)
}

fn exists(draft: &Draft, modifier: &str) -> Result<Test, ModifierError> {
    match plain(draft, modifier)?.as_str() {
        "true" => Ok(Test::Present),
        "false" => Ok(Test::Absent),
        other => Err(ModifierError::Value { modifier: modifier.into(), expected: "true or false", text: clip(other) }),
    }
}

fn number(draft: &Draft, modifier: &str) -> Result<Number, ModifierError> {
    let text = plain(draft, modifier)?;
    Number::parse(&text).ok_or_else(|| ModifierError::Value {
        modifier: modifier.into(),
        expected: "a number",
        text: clip(&text),
    })
}

fn compare(draft: Draft, modifier: &str, order: Order) -> Result<Draft, ModifierError> {
    match draft {
        Draft::Clock(part, _, number) => Ok(Draft::Clock(part, order, number)),
        other => Ok(Draft::Test(Test::Compare { order, number: number(&other, modifier)? })),
    }
}

fn clock(draft: Draft, modifier: &str, part: ClockPart) -> Result<Draft, ModifierError> {
    match draft {
        Draft::Test(Test::Compare { order, number }) => Ok(Draft::Clock(part, order, number)),
        other => Ok(Draft::Clock(part, Order::Equal, number(&other, modifier)?)),
    }
}

fn finish(draft: Draft, cased: bool, keyword: bool) -> Vec<Result<Test, ModifierError>> {
    let text = |pattern: Pattern| {
        let pattern = if keyword { pattern.anywhere() } else { pattern };
        let pattern = Pattern(pattern.0.into_iter().filter(|part| *part != Part::Text(String::new())).collect());
        Test::Text { pattern, cased }
    };
    match draft {
        Draft::Null => vec![Ok(Test::Absent)],
        Draft::Bool(value) => vec![Ok(text(Pattern::literal(value.to_string())))],
        Draft::Number(written) => {
            let mut tests = vec![Ok(text(Pattern::literal(written.clone())))];
            // `0x1F` and `31` are one number, as is `1.0` and `1`; as keywords they are only text.
            let plain_integer =
                (written == "0" || !written.starts_with('0')) && written.bytes().all(|b| b.is_ascii_digit());
            if let Some(number) = Number::parse(&written).filter(|_| !keyword && !plain_integer) {
                tests.push(Ok(Test::Compare { order: Order::Equal, number }));
            }
            tests
        }
        Draft::Text(pattern) => vec![Ok(text(pattern))],
        Draft::Pattern { source, flags } => vec![regex(&source, &flags)],
        Draft::Test(test) => vec![Ok(test)],
        Draft::Field { name, edge } => vec![Ok(Test::SameAs { field: name, edge, cased })],
        Draft::Clock(part, order, number) => vec![Ok(Test::Clock { part, order, number })],
    }
}

fn regex(source: &str, flags: &str) -> Result<Test, ModifierError> {
    let own = pcre::written_for_us(source);
    let full = if flags.is_empty() { own } else { format!("(?{flags}){own}") };
    let bad = |error: regex::Error| ModifierError::Regex { source_text: clip(source), reason: explain(&error, source) };
    Expression::new(full).map(Test::Regex).map_err(bad)
}

fn explain(error: &regex::Error, source: &str) -> String {
    let look = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|mark| source.contains(mark));
    match error {
        regex::Error::CompiledTooBig(limit) => format!("compiled it would take more than {limit} bytes"),
        _ if look => "look-around is not supported: expressions are matched in linear time".to_owned(),
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    }
}

fn clip(text: &str) -> String {
    event::text::clip(text, 120).to_owned()
}
