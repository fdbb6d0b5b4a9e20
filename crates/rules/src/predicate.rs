//! One test on one field, ready to run, and how it reads to a person. Tests are values: equal tests of many rules are one
//! predicate in the matcher.
//!
//! Text without `cased` is compared in lower case on both sides; [`Test::folded`] lowers the literals when a rule enters a
//! group, so that pipelines see them as they were written.

use crate::expression::Expression;
use crate::pattern::{self, Part, Pattern};
use event::Timestamp;
use std::fmt;
use std::net::IpAddr;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// The field is there, whatever it holds.
    Present,
    /// The field is not there (or null).
    Absent,
    Text {
        pattern: Pattern,
        cased: bool,
    },
    Regex(Expression),
    Cidr(ipnet::IpNet),
    Compare {
        order: Order,
        number: Number,
    },
    /// Equal to (or, with `edge`, part of) another field: its name as the rule has it.
    SameAs {
        field: String,
        edge: Edge,
        cased: bool,
    },
    /// A part of a time, compared with a number.
    Clock {
        part: ClockPart,
        order: Order,
        number: Number,
    },
}

/// Where the other field's text must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Edge {
    Whole,
    Start,
    End,
    Anywhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Order {
    /// Of two things already compared.
    pub const fn holds_of(self, found: std::cmp::Ordering) -> bool {
        match self {
            Order::Less => found.is_lt(),
            Order::LessOrEqual => found.is_le(),
            Order::Equal => found.is_eq(),
            Order::GreaterOrEqual => found.is_ge(),
            Order::Greater => found.is_gt(),
        }
    }
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Order::Less => left < right,
            Order::LessOrEqual => left <= right,
            Order::Equal => left == right,
            Order::GreaterOrEqual => left >= right,
            Order::Greater => left > right,
        }
    }
    const fn words(self) -> &'static str {
        match self {
            Order::Less => "is less than",
            Order::LessOrEqual => "is at most",
            Order::Equal => "is",
            Order::GreaterOrEqual => "is at least",
            Order::Greater => "is more than",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ClockPart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A finite number that can stand in a hash map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number(pub f64);

impl Number {
    /// Decimal, or hexadecimal with `0x`; never NaN or infinite.
    pub fn parse(text: &str) -> Option<Number> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1.0, rest),
            None => (1.0, text.strip_prefix('+').unwrap_or(text)),
        };
        let value = match digits.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok()? as f64,
            None if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => digits.parse().ok()?,
            None => return None,
        };
        f64::is_finite(value).then_some(Number(sign * value))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}
impl Eq for Number {}
impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl Test {
    /// As the matcher runs it: text that is not `cased` in lower case, a lone `*` as a question for presence.
    pub fn folded(&self) -> Test {
        match self {
            Test::Text { pattern, .. } if pattern.0 == [Part::Any] => Test::Present,
            Test::Text { pattern, cased: false } => Test::Text { pattern: pattern.clone().lowercase(), cased: false },
            other => other.clone(),
        }
    }

    /// Whether one value of the field passes. `lower` is `raw` in lower case. [`Test::Absent`] and [`Test::SameAs`] need
    /// more than one value and are the matcher's.
    pub fn passes(&self, raw: &str, lower: &str) -> bool {
        match self {
            Test::Present => true,
            Test::Absent | Test::SameAs { .. } => false,
            Test::Text { pattern, cased } => text_passes(&pattern.0, if *cased { raw } else { lower }),
            Test::Regex(regex) => regex.is_match(raw),
            Test::Cidr(net) => raw.parse::<IpAddr>().is_ok_and(|ip| net.contains(&canonical(ip))),
            Test::Compare { order, number } => Number::parse(raw).is_some_and(|left| order.holds(left.0, number.0)),
            Test::Clock { part, order, number } => {
                time(raw).is_some_and(|at| order.holds(clock(*part, at) as f64, number.0))
            }
        }
    }
}

fn text_passes(parts: &[Part], text: &str) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Text(whole)] => text == whole,
        [Part::Any, Part::Text(inner), Part::Any] => text.contains(inner.as_str()),
        parts => pattern::glob(parts, text),
    }
}

/// IPv4-mapped IPv6 addresses are IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// RFC 3339, and what Windows writes: `2024-02-29 12:34:56.123` (UTC).
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

fn clock(part: ClockPart, at: Timestamp) -> i64 {
    const DAY: i64 = 86_400_000_000_000;
    let text = at.to_string();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0);
    match part {
        ClockPart::Year => number(0, 4),
        ClockPart::Month => number(5, 7),
        ClockPart::Day => number(8, 10),
        ClockPart::Hour => number(11, 13),
        ClockPart::Minute => number(14, 16),
        ClockPart::Week => {
            // ISO 8601: the week belongs to the year that its Thursday is in.
            let day = at.nanos().div_euclid(DAY);
            let thursday = day - (day + 3).rem_euclid(7) + 3;
            let year = Timestamp(thursday * DAY).to_string();
            let first = format!("{}-01-01T00:00:00Z", &year[..4]).parse::<Timestamp>().unwrap_or_default();
            (thursday - first.nanos().div_euclid(DAY)) / 7 + 1
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Present => f.write_str("is there"),
            Test::Absent => f.write_str("is not there"),
            Test::Text { pattern, .. } => match pattern.0.as_slice() {
                [] => f.write_str("is empty"),
                [Part::Text(text)] => write!(f, "is {}", quoted(text)),
                [Part::Any, Part::Text(text), Part::Any] => write!(f, "contains {}", quoted(text)),
                [Part::Any, Part::Text(text)] => write!(f, "ends with {}", quoted(text)),
                [Part::Text(text), Part::Any] => write!(f, "starts with {}", quoted(text)),
                parts => {
                    let shown: String = parts
                        .iter()
                        .map(|part| match part {
                            Part::Text(text) => text.as_str(),
                            Part::Any => "*",
                            Part::One => "?",
                            Part::Placeholder(name) => name.as_str(),
                        })
                        .collect();
                    write!(f, "is like {}", quoted(&shown))
                }
            },
            Test::Regex(regex) => write!(f, "matches {}", quoted(&regex.source)),
            Test::Cidr(net) => write!(f, "is in {net}"),
            Test::Compare { order, number } => write!(f, "{} {}", order.words(), number.0),
            Test::SameAs { field, edge, .. } => {
                let words = match edge {
                    Edge::Whole => "equals",
                    Edge::Start => "starts with",
                    Edge::End => "ends with",
                    Edge::Anywhere => "contains",
                };
                write!(f, "{words} the field {field}")
            }
            Test::Clock { part, order, number } => {
                write!(f, "has a {} that {} {}", format!("{part:?}").to_lowercase(), order.words(), number.0)
            }
        }
    }
}

fn quoted(text: &str) -> String {
    let clipped = event::text::clip(text, 120);
    let more = if clipped.len() < text.len() { "…" } else { "" };
    format!("“{}{more}”", event::text::printable(clipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_parts() {
        let check = |part, text: &str, expected| assert_eq!(clock(part, time(text).unwrap()), expected, "{text}");
        check(ClockPart::Week, "2021-01-03T00:00:00Z", 53);
        check(ClockPart::Week, "2021-01-04T00:00:00Z", 1);
        check(ClockPart::Week, "2024-12-30 08:00:00.500", 1);
        check(ClockPart::Week, "2026-11-22T00:00:00Z", 47);
        check(ClockPart::Hour, "2024-02-29 23:34:56.123", 23);
        check(ClockPart::Minute, "2024-02-29T23:34:56Z", 34);
        check(ClockPart::Year, "2024-02-29T23:34:56Z", 2024);
    }

    #[test]
    fn numbers() {
        let check =
            |text: &str, expected: Option<f64>| assert_eq!(Number::parse(text).map(|n| n.0), expected, "{text}");
        check("0x10", Some(16.0));
        check("-3", Some(-3.0));
        check("1.5", Some(1.5));
        check("inf", None);
        check("nan", None);
        check("-", None);
        check("1e400", None);
    }
}
