//! The literal text that every match of a regular expression must hold, in lower case.

use crate::pattern::lower;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this are not worth looking for.
const MAX_ALTERNATIVES: usize = 64;

/// Any one of these stands in the lower-cased text that the expression matches; None when nothing is certain.
pub(super) fn required(source: &str) -> Option<Vec<String>> {
    let hir = ParserBuilder::new().nest_limit(crate::limits::REGEX_NEST).build().parse(source).ok()?;
    of(&hir)
}

fn of(hir: &Hir) -> Option<Vec<String>> {
    if let Some(text) = exact(hir) {
        return (!text.is_empty()).then(|| vec![text]);
    }
    match hir.kind() {
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => of_sequence(parts),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(of(part)?);
            }
            (all.len() <= MAX_ALTERNATIVES).then_some(all)
        }
        _ => None,
    }
}

fn of_sequence(parts: &[Hir]) -> Option<Vec<String>> {
    let mut candidates = Vec::new();
    let mut run = String::new();
    for part in parts {
        match exact(part) {
            Some(text) => run.push_str(&text),
            None => {
                candidates.extend(of(part));
                candidates.push(vec![std::mem::take(&mut run)]);
            }
        }
    }
    candidates.push(vec![run]);
    let shortest = |texts: &Vec<String>| texts.iter().map(String::len).min().unwrap_or(0);
    candidates.into_iter().max_by_key(shortest).filter(|texts| shortest(texts) > 0)
}

/// The one text (in lower case) that the expression stands for; empty for an anchor.
fn exact(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(lower),
        HirKind::Class(Class::Unicode(class)) => one_letter(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(exact).collect(),
        _ => None,
    }
}

/// `[Aa]` is one letter once lowered; `[Ssſ]` is not.
fn one_letter(class: &regex_syntax::hir::ClassUnicode) -> Option<String> {
    let mut letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
    let first = lower(&letters.next()?.to_string());
    letters.take(8).all(|letter| lower(&letter.to_string()) == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_text() {
        let check = |source: &str, expected: Option<&[&str]>| {
            let got = required(source);
            assert_eq!(
                got.as_ref().map(|t| t.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(),
                expected,
                "{source}"
            );
        };
        check(r"/dev/tcp/\d+", Some(&["/dev/tcp/"]));
        check(r"(?i)Cu+rl", Some(&["rl"]));
        check(r"(?i)abc", Some(&["abc"]));
        check(r"^(foo|barbaz)+\s", Some(&["foo", "barbaz"]));
        check(r"(foo)?x*", None);
        check(r"[a-z]{3}", None);
        check(r"a\.b$", Some(&["a.b"]));
        check(r"(?i)\bS3\b", Some(&["3"]));
        check(r"", None);
    }
}
