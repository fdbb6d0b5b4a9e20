//! Where words end in a text: one automaton, at several places of the text side by side, since each of its steps waits for the
//! one before it.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::{Anchored, dfa::DFA};

/// Parts of a text that are gone through side by side, and their length.
const LANES: usize = 4;
const LANE: usize = 4 << 10;

pub(crate) struct Lanes {
    automaton: DFA,
    start: StateID,
    longest: usize,
}

impl Lanes {
    /// Words are called by their place in the list. `any_case`: ASCII letters are the same in upper and lower case.
    pub fn new<W: AsRef<[u8]>>(words: &[W], any_case: bool) -> Lanes {
        let automaton = DFA::builder().ascii_case_insensitive(any_case).build(words);
        let automaton = automaton.expect("a fixed list of short words makes an automaton");
        let start = automaton.start_state(Anchored::No).expect("built for searches that begin anywhere");
        let longest = words.iter().map(|word| word.as_ref().len()).max().unwrap_or(0);
        Lanes { automaton, start, longest }
    }

    /// Calls `met` with each word and where it ends, by its end.
    pub fn each(&self, text: &[u8], mut met: impl FnMut(usize, usize)) {
        let mut ends: [Vec<(usize, StateID)>; LANES] = Default::default();
        for from in (0..text.len()).step_by(LANES * LANE) {
            self.stretch(text, from, &mut ends);
            for (end, state) in ends.iter_mut().flat_map(|lane| lane.drain(..)) {
                for n in 0..self.automaton.match_len(state) {
                    met(self.automaton.match_pattern(state, n).as_usize(), end);
                }
            }
        }
    }

    /// A lane begins as far before its place as the longest word is long.
    fn stretch(&self, text: &[u8], from: usize, ends: &mut [Vec<(usize, StateID)>; LANES]) {
        // A short text is shared out as well.
        let lane = LANE.min((text.len() - from).div_ceil(LANES));
        let starts: [usize; LANES] = std::array::from_fn(|n| (from + n * lane).min(text.len()));
        let mut states = starts.map(|start| {
            let before = &text[start.saturating_sub(self.longest)..start];
            before.iter().fold(self.start, |state, byte| self.automaton.next_state(Anchored::No, state, *byte))
        });
        let parts = starts.map(|start| &text[start..text.len().min(start + lane)]);
        // Each state in a variable of its own, and no place looked up: a step is then little more than what it waits for.
        let together = parts[LANES - 1].len();
        let [a, b, c, d] = parts.map(|part| &part[..together]);
        let [in_a, in_b, in_c, in_d] = &mut *ends;
        let [mut at_a, mut at_b, mut at_c, mut at_d] = states;
        for (n, (((a, b), c), d)) in a.iter().zip(b).zip(c).zip(d).enumerate() {
            at_a = self.step(at_a, *a, starts[0] + n + 1, in_a);
            at_b = self.step(at_b, *b, starts[1] + n + 1, in_b);
            at_c = self.step(at_c, *c, starts[2] + n + 1, in_c);
            at_d = self.step(at_d, *d, starts[3] + n + 1, in_d);
        }
        states = [at_a, at_b, at_c, at_d];
        for (n, (part, ends)) in parts.iter().zip(ends).enumerate() {
            for (at, byte) in part.iter().enumerate().skip(together) {
                states[n] = self.step(states[n], *byte, starts[n] + at + 1, ends);
            }
        }
    }

    #[inline(always)]
    fn step(&self, state: StateID, byte: u8, end: usize, ends: &mut Vec<(usize, StateID)>) -> StateID {
        let next = self.automaton.next_state(Anchored::No, state, byte);
        if self.automaton.is_special(next) && self.automaton.is_match(next) {
            ends.push((end, next));
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn each_word_is_met_where_it_ends(text in "[abAB ]{0,70}", longer in 0usize..40_000) {
            let words = ["ab", "abba", "b a", "bb"];
            let text = text.repeat(1 + longer / text.len().max(1));
            for any_case in [false, true] {
                let mut found = Vec::new();
                Lanes::new(&words, any_case).each(text.as_bytes(), |word, end| found.push((end, word)));
                let folded = if any_case { text.to_ascii_lowercase() } else { text.clone() };
                let mut expected: Vec<(usize, usize)> = Vec::new();
                for (n, word) in words.iter().enumerate() {
                    let starts = (0..folded.len()).filter(|at| folded[*at..].starts_with(word));
                    expected.extend(starts.map(|at| (at + word.len(), n)));
                }
                found.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
