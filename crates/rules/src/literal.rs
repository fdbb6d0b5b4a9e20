//! What text must stand in a field for a test to pass, and one automaton that looks for the literals of all tests of a
//! field at once.
//!
//! A needle *decides* when its place alone makes the test pass (`endswith`), or *hints* when the test must then be run
//! (regular expressions, inner wildcards, `cased`). Either way, no needle means no match.

mod regular;

use crate::pattern::{Part, lower};
use crate::predicate::Test;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use std::collections::HashMap;

/// Lower-case text that must be found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Needle {
    pub text: String,
    pub at_start: bool,
    pub at_end: bool,
    pub decides: bool,
}

impl Needle {
    /// How rare such a text is in events, roughly: long and anchored texts are.
    pub fn rarity(&self) -> usize {
        let anchors = usize::from(self.at_start) * 2 + usize::from(self.at_end) * 3;
        self.text.len().min(12) + anchors
    }
}

/// One of these must be there for `test` to pass; None where no literal is needed.
pub(crate) fn needles(test: &Test) -> Option<Vec<Needle>> {
    match test {
        Test::Text { pattern, cased } => of_parts(&pattern.0, *cased).map(|needle| vec![needle]),
        Test::Regex(regex) => regular::required(&regex.source).map(|texts| texts.into_iter().map(hint).collect()),
        _ => None,
    }
}

fn hint(text: String) -> Needle {
    Needle { text, at_start: false, at_end: false, decides: false }
}

fn of_parts(parts: &[Part], cased: bool) -> Option<Needle> {
    let length = |part: &Part| match part {
        Part::Text(text) => text.len(),
        Part::Any | Part::One | Part::Placeholder(_) => 0,
    };
    let at = (0..parts.len()).max_by_key(|at| length(&parts[*at]))?;
    let Part::Text(text) = &parts[at] else { return None };
    let only_text = parts.iter().enumerate().all(|(index, part)| index == at || *part == Part::Any);
    let decides = only_text && !cased;
    Some(Needle { text: lower(text), at_start: at == 0, at_end: at + 1 == parts.len(), decides })
}

/// What a found literal says of one predicate.
#[derive(Clone, Copy, Debug)]
struct Entry {
    predicate: u32,
    at_start: bool,
    at_end: bool,
    decides: bool,
}

/// All needles of one field.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    automaton: Option<AhoCorasick>,
    /// By pattern of the automaton.
    entries: Vec<Vec<Entry>>,
    /// Whole values, by their text: (predicate, decides).
    whole: HashMap<Box<str>, Vec<(u32, bool)>>,
    /// Bit n: a whole value of n bytes exists; bit 63 stands for all longer ones.
    lengths: u64,
}

/// Above this many bytes of literals the compact automaton is taken: the fast one would cost some 256 bytes a byte.
const FAST_BYTES: usize = 24 * 1024;

impl Literals {
    pub fn build(needles: impl Iterator<Item = (u32, Needle)>) -> Result<Literals, aho_corasick::BuildError> {
        let mut out = Literals::default();
        let mut index: HashMap<String, usize> = HashMap::new();
        let mut texts: Vec<String> = Vec::new();
        for (predicate, needle) in needles {
            if needle.at_start && needle.at_end {
                out.lengths |= 1 << needle.text.len().min(63);
                out.whole.entry(needle.text.into()).or_default().push((predicate, needle.decides));
                continue;
            }
            let at = *index.entry(needle.text.clone()).or_insert_with(|| {
                texts.push(needle.text.clone());
                out.entries.push(Vec::new());
                texts.len() - 1
            });
            let Needle { at_start, at_end, decides, .. } = needle;
            out.entries[at].push(Entry { predicate, at_start, at_end, decides });
        }
        if !texts.is_empty() {
            let fast = texts.iter().map(String::len).sum::<usize>() <= FAST_BYTES;
            let kind = if fast { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
            let builder = AhoCorasickBuilder::new().match_kind(MatchKind::Standard).kind(Some(kind)).build(&texts)?;
            out.automaton = Some(builder);
        }
        Ok(out)
    }

    /// Calls `found(predicate, decides)` for each needle in `text`, which is lower case.
    pub fn find(&self, text: &str, found: &mut impl FnMut(u32, bool)) {
        if self.lengths & (1 << text.len().min(63)) != 0
            && let Some(entries) = self.whole.get(text)
        {
            entries.iter().for_each(|(predicate, decides)| found(*predicate, *decides));
        }
        let Some(automaton) = &self.automaton else { return };
        for hit in automaton.find_overlapping_iter(text) {
            for entry in &self.entries[hit.pattern().as_usize()] {
                if (!entry.at_start || hit.start() == 0) && (!entry.at_end || hit.end() == text.len()) {
                    found(entry.predicate, entry.decides);
                }
            }
        }
    }
}
