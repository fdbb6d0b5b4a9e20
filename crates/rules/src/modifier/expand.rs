//! `expand`: placeholders in a value → every value that they stand for, within a limit.

use super::{Draft, ModifierError, Placeholders, misplaced};
use crate::limits;
use crate::pattern::{Part, Pattern};

/// `%name%` → each of its values.
pub(super) fn expand(draft: Draft, modifier: &str, places: &Placeholders) -> Result<Vec<Draft>, ModifierError> {
    let Draft::Text(pattern) = draft else { return Err(misplaced(modifier, &draft)) };
    let mut done = vec![Pattern::default()];
    for part in pattern.0 {
        let choices = match part {
            Part::Text(text) => expand_text(&text, places)?,
            other => vec![Pattern(vec![other])],
        };
        if done.len() * choices.len() > limits::VALUES {
            return Err(ModifierError::TooMany);
        }
        done = done.iter().flat_map(|head| choices.iter().map(|tail| joined(head, tail))).collect();
    }
    Ok(done.into_iter().map(Draft::Text).collect())
}

fn expand_text(text: &str, places: &Placeholders) -> Result<Vec<Pattern>, ModifierError> {
    let mut done = vec![Pattern::default()];
    let mut rest = text;
    while let Some((head, name, tail)) = placeholder(rest) {
        let unknown = || vec![Pattern(vec![Part::Placeholder(name.to_owned())])];
        let values =
            places.get(name).map_or_else(unknown, |values| values.iter().map(|value| Pattern::parse(value)).collect());
        if done.len() * values.len() > limits::VALUES {
            return Err(ModifierError::TooMany);
        }
        let head = unescaped(head);
        done = done.iter().flat_map(|start| values.iter().map(|value| joined(&joined(start, &head), value))).collect();
        rest = tail;
    }
    Ok(done.iter().map(|start| joined(start, &unescaped(rest))).collect())
}

/// What stands before the first placeholder, its name, and the rest. A percent sign behind a backslash begins none.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find('%')?;
        from = at + 1;
        if text[..at].ends_with('\\') {
            continue;
        }
        let (name, tail) = text[at + 1..].split_once('%')?;
        let named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        return named.then_some((&text[..at], name, tail));
    }
}

/// Plain text around placeholders, its escaped percent signs without their backslash.
fn unescaped(text: &str) -> Pattern {
    Pattern::literal(text.replace("\\%", "%"))
}

fn joined(head: &Pattern, tail: &Pattern) -> Pattern {
    let mut out = head.clone();
    tail.0.iter().filter(|part| **part != Part::Text(String::new())).for_each(|part| out.push(part.clone()));
    out
}
