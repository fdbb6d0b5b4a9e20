//! What a text must hold, and where, if an expression is to match in it; found by the expression's form. What stands in a row
//! is needed, of what stands side by side one is, and what may be left out is not.
//!
//! An expression is told as its alternatives. Of each: sets of words, in any case, one word of every set being somewhere in
//! what is matched, and whether it may stand within a longer one; and how often a match may go on over the end of a line, so
//! that around such a word it is known how far a match can reach.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Shorter words are in every text, if they may stand within longer ones.
const SHORTEST: usize = 2;
/// Words of a set.
const MOST: usize = 160;
/// Sets of an alternative; more would tell little more.
const MOST_SETS: usize = 3;
/// A class of more characters is no part of words.
const MOST_CHARACTERS: usize = 40;
/// Further than this a match is not followed from line to line.
const MOST_CROSSINGS: u32 = 8;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alternative {
    /// At least one.
    pub sets: Vec<Vec<Word>>,
    /// Runs of blanks and line ends that a match may hold; `None`: it may hold anything.
    pub crossings: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    /// In lower case.
    pub text: Vec<u8>,
    /// No letter, digit or `_` stands before it.
    pub begins: bool,
    /// Nor behind it.
    pub ends: bool,
}

/// `None` where one of the alternatives needs no words that are known.
pub(super) fn alternatives(expression: &str) -> Option<Vec<Alternative>> {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(expression).ok()?;
    let mut all = Vec::new();
    flatten(&parsed, &mut all);
    all.into_iter()
        .map(|one| {
            let crossings = crossings(one).filter(|crossings| *crossings <= MOST_CROSSINGS);
            let sets = telling(sets(one, Around::default()));
            (!sets.is_empty()).then_some(Alternative { sets, crossings })
        })
        .collect()
}

fn flatten<'h>(hir: &'h Hir, all: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => flatten(&capture.sub, all),
        HirKind::Alternation(ways) => ways.iter().for_each(|way| flatten(way, all)),
        _ => all.push(hir),
    }
}

fn shortest(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.len()).min().unwrap_or(0)
}

/// Those with the longest words; short ones only where there is nothing better.
fn telling(mut sets: Vec<Vec<Word>>) -> Vec<Vec<Word>> {
    sets.sort_by_key(|words| (std::cmp::Reverse(shortest(words).min(6)), words.len()));
    sets.dedup();
    let best = sets.first().map_or(0, |words| shortest(words));
    sets.retain(|words| shortest(words) + 1 >= best.min(4));
    sets.truncate(MOST_SETS);
    sets
}

/// Whether what is matched before, or behind, keeps a word from going on there.
#[derive(Clone, Copy, Default)]
struct Around {
    before: bool,
    behind: bool,
}

/// Sets of words that all matches of it hold.
fn sets(hir: &Hir, around: Around) -> Vec<Vec<Word>> {
    match hir.kind() {
        HirKind::Capture(capture) => sets(&capture.sub, around),
        HirKind::Concat(parts) => in_a_row(parts, around),
        HirKind::Alternation(ways) if strings(hir).is_none() => {
            let best = ways.iter().map(|way| telling(sets(way, around)).into_iter().next());
            let all: Option<Vec<Vec<Word>>> = best.collect();
            all.and_then(|all| set(all.concat())).into_iter().collect()
        }
        HirKind::Repetition(repetition) if repetition.min > 0 && strings(hir).is_none() => {
            sets(&repetition.sub, Around::default())
        }
        _ => in_a_row(std::slice::from_ref(hir), around),
    }
}

/// Words that are put together from parts of a row.
struct Run {
    words: Vec<Vec<u8>>,
    begins: bool,
}

impl Run {
    fn new() -> Run {
        Run { words: vec![Vec::new()], begins: false }
    }

    fn is_empty(&self) -> bool {
        self.words.iter().all(Vec::is_empty)
    }

    /// `ends`: nothing goes on behind the words.
    fn close(&mut self, ends: bool) -> Option<Vec<Word>> {
        let Run { words, begins } = std::mem::replace(self, Run::new());
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let word = |text: Vec<u8>| {
            let (begins, ends) = (begins && is_word(text.first()), ends && is_word(text.last()));
            Word { text, begins, ends }
        };
        set(words.into_iter().map(word).collect())
    }
}

fn in_a_row(parts: &[Hir], around: Around) -> Vec<Vec<Word>> {
    let mut found: Vec<Vec<Word>> = Vec::new();
    let mut run = Run::new();
    let mut inside = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let before = if at == 0 { around.before } else { keeps_apart(&parts[at - 1], Side::Last) };
        let behind = parts.get(at + 1).map_or(around.behind, |next| keeps_apart(next, Side::First));
        // Of what was put together so far: what comes now stands behind it.
        let ended = keeps_apart(part, Side::First) || at > 0 && is_boundary(&parts[at - 1]);
        match strings(part) {
            Some(next) => {
                if run.words.len() * next.words.len() > MOST {
                    found.extend(run.close(ended));
                }
                if run.is_empty() {
                    run.begins = before;
                }
                run.words = crossed(&run.words, &next.words);
                if next.goes_on {
                    found.extend(run.close(false));
                }
            }
            None if matches!(part.kind(), HirKind::Repetition(repetition) if repetition.min == 0) => {
                found.extend(run.close(at > 0 && is_boundary(&parts[at - 1])));
            }
            None if matches!(part.kind(), HirKind::Class(_)) => found.extend(run.close(ended)),
            None => {
                found.extend(run.close(ended));
                inside.extend(sets(part, Around { before, behind }));
            }
        }
    }
    found.extend(run.close(around.behind || parts.last().is_some_and(is_boundary)));
    found.extend(inside);
    found
}

fn is_boundary(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Look(Look::WordAscii))
}

#[derive(Clone, Copy)]
enum Side {
    First,
    Last,
}

/// Whether a word cannot go on from its neighbour into this, or at all where the two meet: it is an edge of words or of
/// the text, or begins (ends) with what is in no word in each of its matches.
fn keeps_apart(hir: &Hir, side: Side) -> bool {
    let apart = |byte: u8| !(byte.is_ascii_alphanumeric() || byte == b'_');
    match (hir.kind(), side) {
        (HirKind::Look(Look::WordAscii), _) => true,
        (HirKind::Look(Look::Start | Look::StartLF), Side::Last) => true,
        (HirKind::Look(Look::End | Look::EndLF), Side::First) => true,
        (HirKind::Literal(literal), Side::First) => literal.0.first().is_some_and(|byte| apart(*byte)),
        (HirKind::Literal(literal), Side::Last) => literal.0.last().is_some_and(|byte| apart(*byte)),
        (HirKind::Class(Class::Bytes(class)), _) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).all(apart)
        }
        (HirKind::Repetition(repetition), _) => repetition.min > 0 && keeps_apart(&repetition.sub, side),
        (HirKind::Capture(capture), _) => keeps_apart(&capture.sub, side),
        (HirKind::Concat(parts), Side::First) => parts.first().is_some_and(|part| keeps_apart(part, side)),
        (HirKind::Concat(parts), Side::Last) => parts.last().is_some_and(|part| keeps_apart(part, side)),
        (HirKind::Alternation(ways), _) => ways.iter().all(|way| keeps_apart(way, side)),
        _ => false,
    }
}

/// What something begins with in each of its matches.
struct Strings {
    words: Vec<Vec<u8>>,
    /// More may follow before what stands behind it.
    goes_on: bool,
}

/// `None` where it may be anything, or nothing.
fn strings(hir: &Hir) -> Option<Strings> {
    let exactly = |words| Some(Strings { words, goes_on: false });
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => exactly(vec![Vec::new()]),
        HirKind::Literal(literal) => exactly(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(Class::Bytes(class)) => {
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let mut all: Vec<Vec<u8>> = all.map(|byte| vec![byte.to_ascii_lowercase()]).collect();
            all.sort();
            all.dedup();
            if all.len() <= MOST_CHARACTERS { exactly(all) } else { None }
        }
        HirKind::Class(Class::Unicode(_)) => None,
        HirKind::Capture(capture) => strings(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let once = strings(&repetition.sub)?;
            if repetition.max == Some(repetition.min) && repetition.min <= 3 && once.words.len() == 1 && !once.goes_on {
                return exactly(vec![once.words[0].repeat(repetition.min as usize)]);
            }
            Some(Strings { goes_on: true, ..once })
        }
        HirKind::Repetition(_) => None,
        HirKind::Concat(parts) => {
            let mut words = vec![Vec::new()];
            for part in parts {
                let next = strings(part).filter(|next| !next.goes_on && next.words.len() * words.len() <= MOST)?;
                words = crossed(&words, &next.words);
            }
            exactly(words)
        }
        HirKind::Alternation(ways) => {
            let mut words = Vec::new();
            for way in ways {
                words.extend(strings(way).filter(|way| !way.goes_on)?.words);
            }
            if words.len() <= MOST { exactly(words) } else { None }
        }
    }
}

fn crossed(before: &[Vec<u8>], after: &[Vec<u8>]) -> Vec<Vec<u8>> {
    before.iter().flat_map(|before| after.iter().map(move |after| [&before[..], after].concat())).collect()
}

fn set(mut words: Vec<Word>) -> Option<Vec<Word>> {
    words.sort();
    words.dedup();
    let long = |word: &Word| word.text.len() >= SHORTEST || !word.text.is_empty() && word.begins && word.ends;
    (words.len() <= MOST && words.iter().all(long)).then_some(words)
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ')
}

fn crossings(hir: &Hir) -> Option<u32> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(literal) => Some(literal.0.iter().filter(|byte| **byte == b'\n').count() as u32),
        HirKind::Class(class) => Some(u32::from(holds_line_end(class))),
        HirKind::Capture(capture) => crossings(&capture.sub),
        HirKind::Repetition(repetition) => match (crossings(&repetition.sub)?, repetition.max) {
            (0, _) => Some(0),
            // However many blanks, it is one run of them.
            (_, _) if is_blank_class(&repetition.sub) => Some(1),
            (each, Some(most)) => each.checked_mul(most),
            (_, None) => None,
        },
        HirKind::Concat(parts) => parts.iter().map(crossings).try_fold(0u32, |sum, one| sum.checked_add(one?)),
        HirKind::Alternation(ways) => ways.iter().map(crossings).try_fold(0, |most, one| Some(one?.max(most))),
    }
}

fn holds_line_end(class: &Class) -> bool {
    match class {
        Class::Bytes(class) => class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&b'\n')),
        Class::Unicode(class) => class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'\n')),
    }
}

fn is_blank_class(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).all(is_blank)
        }
        HirKind::Capture(capture) => is_blank_class(&capture.sub),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets of each alternative, words joined by blanks; `<` and `>` where no word goes on.
    fn told(expression: &str) -> Option<Vec<(Vec<String>, Option<u32>)>> {
        let one = |word: &Word| {
            let (begins, ends) = (if word.begins { "<" } else { "" }, if word.ends { ">" } else { "" });
            format!("{begins}{}{ends}", String::from_utf8_lossy(&word.text).replace(' ', "_"))
        };
        let text = |words: &Vec<Word>| words.iter().map(one).collect::<Vec<_>>().join(" ");
        let all = alternatives(expression)?;
        Some(all.iter().map(|one| (one.sets.iter().map(text).collect(), one.crossings)).collect())
    }

    #[test]
    fn what_a_text_cannot_do_without() {
        let check = |expression: &str, expected: Option<&[(&[&str], Option<u32>)]>| {
            let expected = expected.map(|all| {
                all.iter().map(|(sets, n)| (sets.iter().map(|set| set.to_string()).collect(), *n)).collect::<Vec<_>>()
            });
            assert_eq!(told(expression), expected, "{expression}");
        };
        check("curl", Some(&[(&["curl"], Some(0))]));
        check(r"(curl|wget)\b[^\n]*\|\s*bash", Some(&[(&["bash", "curl> wget>"], Some(1))]));
        check(
            r"curl|wget\s+now",
            Some(&[(&["curl"], Some(0)), (&["wget\t wget\n wget\u{b} wget\u{c} wget\r wget_", "<now"], Some(1))]),
        );
        check(r"a?xmrig+", Some(&[(&["xmrig"], Some(0))]));
        check(r"(?i)ransom", Some(&[(&["ransom"], Some(0))]));
        check(r"(?s)socket.*dup2", Some(&[(&["socket", "dup2"], None)]));
        check(r"x(-\w+\s+)*now", Some(&[(&["now"], None)]));
        check(r"(\\x[0-9]{2}){6}", Some(&[(&[r"\x0 \x1 \x2 \x3 \x4 \x5 \x6 \x7 \x8 \x9"], Some(0))]));
        check(r"q'{2}w", Some(&[(&["q''w"], Some(0))]));
        check(r"(ba|z)?sh!", Some(&[(&["sh!"], Some(0))]));
        check(r"\bcurl\b", Some(&[(&["<curl>"], Some(0))]));
        check(
            r"\b(nc|netcat)\s+-e",
            Some(&[(
                &[
                    "<nc\t <nc\n <nc\u{b} <nc\u{c} <nc\r <nc_ <netcat\t <netcat\n <netcat\u{b} <netcat\u{c} <netcat\r <netcat_",
                    "-e",
                ],
                Some(1),
            )]),
        );
        check(
            r"\b(id|w|who\s+am)(\s|;|$)",
            Some(&[(&["<id> <w> <who\t <who\n <who\u{b} <who\u{c} <who\r <who_"], Some(2))]),
        );
        check(r"\bx[0-9]*yz", Some(&[(&["yz"], Some(0))]));
        check(r"-\bopt[^0]", Some(&[(&["-opt"], Some(1))]));
        check(r"[^a]tool.", Some(&[(&["tool"], Some(1))]));
        check(r"[;|]tool(;|$)", Some(&[(&[";tool ;tool; |tool |tool;"], Some(0))]));
        check(r"(curl)?", None);
        check(r"curl|\d", None);
        check(r"id|w", None);
    }
}
