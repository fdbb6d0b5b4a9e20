//! The words of which a text must contain at least one, in any case, if an expression is to match in it. Found by the
//! expression's form: what stands in a row is needed, of what stands side by side one is, and what may be left out is not.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Shorter ones are in every text.
const SHORTEST: usize = 2;
const MOST: usize = 128;

/// In lower case; `None` where no such words are known.
pub(super) fn words(expression: &str) -> Option<Vec<Vec<u8>>> {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(expression).ok()?;
    of(&parsed)
}

fn of(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => set(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => in_a_row(parts),
        HirKind::Alternation(ways) => {
            let mut all = Vec::new();
            for way in ways {
                all.extend(of(way)?);
            }
            set(all)
        }
        _ => None,
    }
}

/// The best of what its parts need: whose shortest word is longest.
fn in_a_row(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let mut ways: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut run = Vec::new();
    for part in parts {
        match letters(part) {
            Some(letters) => run.extend(letters),
            None if matches!(part.kind(), HirKind::Look(_)) => {}
            None => {
                ways.extend(set(vec![std::mem::take(&mut run)]));
                ways.extend(of(part));
            }
        }
    }
    ways.extend(set(vec![run]));
    let shortest = |words: &Vec<Vec<u8>>| words.iter().map(Vec::len).min();
    ways.into_iter().max_by_key(|words| (shortest(words), std::cmp::Reverse(words.len())))
}

/// What is the same in any case: a literal, or a letter in both its cases.
fn letters(part: &Hir) -> Option<Vec<u8>> {
    match part.kind() {
        HirKind::Literal(literal) => Some(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Bytes(class)) => {
            let mut all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let first = all.next()?.to_ascii_lowercase();
            all.all(|byte| byte.to_ascii_lowercase() == first).then_some(vec![first])
        }
        _ => None,
    }
}

fn set(mut words: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    words.sort();
    words.dedup();
    (words.len() <= MOST && words.iter().all(|word| word.len() >= SHORTEST)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_cannot_do_without() {
        let check = |expression: &str, expected: Option<&[&str]>| {
            let found = words(expression)
                .map(|words| words.into_iter().map(|w| String::from_utf8(w).unwrap()).collect::<Vec<_>>());
            assert_eq!(found, expected.map(|e| e.iter().map(|w| w.to_string()).collect::<Vec<_>>()), "{expression}");
        };
        check("curl", Some(&["curl"]));
        check(r"(curl|wget)\b[^\n]*\|\s*sh", Some(&["curl", "wget"]));
        check(r"a?xmrig+", Some(&["xmri"]));
        check(r"(?i)ransom", Some(&["ransom"]));
        check(r"(?i)pay\s+me", Some(&["pay"]));
        check(r"chmod\s+(\+x|777)", Some(&["chmod"]));
        check(r"(curl)?", None);
        check(r"curl|\d", None);
        check(r"id|w", None);
    }
}
