//! What a pipeline does to a value.

use super::transform::Refusal;
use crate::document::{Detection, FieldItem};
use crate::expression::Expression;
use crate::modifier::Item;
use crate::pattern::{Part, Pattern};
use crate::predicate::{Number, Order, Test};

#[derive(Clone, Debug)]
pub(crate) enum StringChange {
    Replace {
        regex: regex::Regex,
        replacement: String,
        skip_special: bool,
        interpret_special: bool,
    },
    Map(Vec<(String, Vec<String>)>),
    Lower,
    Upper,
    Snake,
    /// To a regular expression; with this, one that ignores case.
    Regex {
        ignore_case: bool,
    },
}

/// What becomes of one value; other kinds than text stay as they are.
pub(super) fn change(change: &StringChange, test: Test) -> Result<Vec<Test>, String> {
    let Test::Text { pattern, cased } = test else { return Ok(vec![test]) };
    let text = |pattern| Ok(vec![Test::Text { pattern, cased }]);
    match change {
        StringChange::Replace { regex, replacement, skip_special: true, interpret_special } => {
            text(pattern.map_text(|part| {
                let changed = regex.replace_all(part, replacement.as_str());
                if *interpret_special { Pattern::parse(&changed) } else { Pattern::literal(changed) }
            }))
        }
        StringChange::Replace { regex, replacement, .. } => text(replace_whole(&pattern, regex, replacement)),
        StringChange::Map(map) => {
            let own = pattern.written();
            let Some((_, to)) = map.iter().find(|(from, _)| *from == own) else { return text(pattern) };
            Ok(to.iter().map(|to| Test::Text { pattern: Pattern::parse(to), cased }).collect())
        }
        StringChange::Lower => text(pattern.map_text(|part| Pattern::literal(part.to_lowercase()))),
        StringChange::Upper => text(pattern.map_text(|part| Pattern::literal(part.to_uppercase()))),
        StringChange::Snake => text(pattern.map_text(|part| Pattern::literal(snake(part)))),
        StringChange::Regex { ignore_case } => as_regex(&pattern, *ignore_case).map(|test| vec![test]),
    }
}

/// Placeholders come through a replacement as they were, unless it changed them.
fn replace_whole(pattern: &Pattern, regex: &regex::Regex, replacement: &str) -> Pattern {
    let written = pattern.written();
    let changed = regex.replace_all(&written, replacement);
    // A backslash that does not escape a wildcard is itself, whatever follows it.
    let mut doubled = String::with_capacity(changed.len());
    let mut chars = changed.chars().peekable();
    while let Some(c) = chars.next() {
        doubled.push(c);
        if c == '\\' && !matches!(chars.peek(), Some('*' | '?')) {
            doubled.push('\\');
        }
    }
    let out = Pattern::parse(&doubled);
    match pattern.placeholder() {
        Some(name) => {
            let mark = format!("%{name}%");
            out.map_text(|part| {
                let mut parts = Pattern::default();
                for (at, piece) in part.split(mark.as_str()).enumerate() {
                    if at > 0 {
                        parts.push(Part::Placeholder(name.to_owned()));
                    }
                    if !piece.is_empty() {
                        parts.push(Part::Text(piece.to_owned()));
                    }
                }
                parts
            })
        }
        None => out,
    }
}

fn snake(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut before = '_';
    for c in text.chars() {
        if c.is_uppercase() && before.is_alphanumeric() && !before.is_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = c;
    }
    out
}

fn as_regex(pattern: &Pattern, ignore_case: bool) -> Result<Test, String> {
    let mut source = if ignore_case { "(?i)^".to_owned() } else { "^".to_owned() };
    for part in &pattern.0 {
        match part {
            Part::Text(text) => source.push_str(&regex::escape(text)),
            Part::Any => source.push_str("(?s:.*)"),
            Part::One => source.push_str("(?s:.)"),
            Part::Placeholder(name) => return Err(format!("the placeholder %{name}% cannot become an expression")),
        }
    }
    source.push('$');
    Expression::new(source).map(Test::Regex).map_err(|error| error.to_string())
}

/// `convert_type: num`.
pub(super) fn number(test: Test) -> Result<Vec<Test>, String> {
    let Test::Text { pattern, .. } = &test else { return Ok(vec![test]) };
    let written = pattern.written();
    match Number::parse(&written) {
        Some(number) => Ok(vec![Test::Compare { order: Order::Equal, number }]),
        None => Err(format!("{:?} is no number", event::text::clip(&written, 80))),
    }
}

/// What a placeholder stands for; None to leave it.
type Choices = Result<Option<Vec<Pattern>>, Refusal>;

/// `values` gives what a placeholder stands for, or None to leave it.
pub(super) fn placeholders(test: Test, values: &dyn Fn(&str) -> Choices) -> Result<Vec<Test>, Refusal> {
    let Test::Text { pattern, cased } = test else { return Ok(vec![test]) };
    let mut done = vec![Pattern::default()];
    for part in pattern.0 {
        let choices = match &part {
            Part::Placeholder(name) => values(name)?.unwrap_or_else(|| vec![Pattern(vec![part.clone()])]),
            _ => vec![Pattern(vec![part])],
        };
        if done.len() * choices.len() > crate::limits::VALUES {
            return Err(Refusal::TooMany);
        }
        done = done
            .iter()
            .flat_map(|head| {
                choices.iter().map(|tail| {
                    let mut out = head.clone();
                    tail.0.iter().for_each(|part| out.push(part.clone()));
                    out
                })
            })
            .collect();
    }
    Ok(done.into_iter().map(|pattern| Test::Text { pattern, cased }).collect())
}

fn text_item(field: String, values: Vec<Test>) -> Detection {
    let values = values.into_iter().map(|value| vec![value]).collect();
    Detection::Item(FieldItem { field, item: Item { values, all: false, negated: false }, applied: Vec::new() })
}

/// `Hashes: MD5=…` → a field for each algorithm, any of which may match.
pub(super) fn hashes(
    found: &FieldItem,
    algorithms: &[String],
    prefix: &str,
    drop_algorithm: bool,
) -> Option<Detection> {
    let mut fields: Vec<(String, Vec<Test>)> = Vec::new();
    for test in found.item.values.iter().flatten() {
        let Test::Text { pattern, .. } = test else { return None };
        let written = pattern.written();
        let (algorithm, digest) = match written.split_once('|').or_else(|| written.split_once('=')) {
            Some((algorithm, digest)) => (algorithm.trim_start_matches('*').to_uppercase(), digest),
            None => (of_length(written.trim_matches(['*', '?'])).to_owned(), written.as_str()),
        };
        if !algorithms.contains(&algorithm) {
            continue;
        }
        let name = if drop_algorithm { prefix.to_owned() } else { format!("{prefix}{algorithm}") };
        let value = Test::Text { pattern: Pattern::literal(digest.trim_matches(['*', '?'])), cased: false };
        match fields.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => values.push(value),
            None => fields.push((name, vec![value])),
        }
    }
    if fields.is_empty() {
        return None;
    }
    let any = Detection::Or(fields.into_iter().map(|(field, values)| text_item(field, values)).collect());
    Some(if found.item.negated { Detection::Not(Box::new(any)) } else { any })
}

fn of_length(digest: &str) -> &'static str {
    match digest.len() {
        32 => "MD5",
        40 => "SHA1",
        64 => "SHA256",
        128 => "SHA512",
        _ => "",
    }
}

/// Named groups of the expression become fields; an item of which no value matches stays as it is.
pub(super) fn extract(found: FieldItem, regex: &regex::Regex, prefix: Option<&str>, keep: bool) -> Detection {
    let all_text = found.item.values.iter().flatten().all(|test| matches!(test, Test::Text { .. }));
    if !all_text {
        return Detection::Item(found);
    }
    let mut parts = Vec::new();
    for test in found.item.values.iter().flatten() {
        let Test::Text { pattern, .. } = test else { continue };
        let written = pattern.written();
        let Some(captures) =
            regex.captures(&written).filter(|captures| captures.get(0).is_some_and(|m| m.start() == 0))
        else {
            if keep {
                parts.push(text_item(found.field.clone(), vec![test.clone()]));
            }
            continue;
        };
        let fields: Vec<Detection> = regex
            .capture_names()
            .flatten()
            .filter_map(|name| Some((name, captures.name(name)?.as_str())))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| {
                let field = prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}.{name}"));
                let value = if matches!(value.to_lowercase().as_str(), "null" | "none") {
                    Test::Absent
                } else {
                    Test::Text { pattern: Pattern::literal(value), cased: false }
                };
                text_item(field, vec![value])
            })
            .collect();
        if !fields.is_empty() {
            parts.push(Detection::And(fields));
        }
    }
    if parts.is_empty() {
        return Detection::Item(found);
    }
    let tree = if found.item.all { Detection::And(parts) } else { Detection::Or(parts) };
    if found.item.negated { Detection::Not(Box::new(tree)) } else { tree }
}
