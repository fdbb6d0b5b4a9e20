//! Finds where in a text expressions could match, without asking them: one automaton looks for the words that they cannot do
//! without, and only the lines around such words are left to ask about.

use super::needed::{self, is_blank};
use crate::lanes::Lanes;
use std::ops::Range;

pub(super) struct Seeker {
    lanes: Lanes,
    words: Vec<Word>,
    alternatives: Vec<Alternative>,
    expressions: usize,
    /// Expressions that need no word: they are asked about every text.
    wordless: Vec<usize>,
}

struct Word {
    length: usize,
    needed_by: Vec<Need>,
}

/// An alternative that needs a word or one of its like.
struct Need {
    alternative: usize,
    /// As which of its sets.
    set: u8,
    /// Not where it is the end, or the beginning, of a longer one.
    begins: bool,
    ends: bool,
}

struct Alternative {
    expression: usize,
    /// A bit for each set.
    sets: u8,
    crossings: Option<u32>,
}

/// Lines around words of one alternative that are not asked about yet.
#[derive(Clone, Copy, Default)]
struct Open {
    start: usize,
    /// End of the last line with a word.
    line_end: usize,
    /// How far a match may reach.
    end: usize,
    /// Whose words were met.
    sets: u8,
}

impl Seeker {
    pub fn new<'e>(expressions: impl Iterator<Item = &'e str>) -> Seeker {
        let mut texts: Vec<Vec<u8>> = Vec::new();
        let (mut words, mut alternatives, mut wordless): (Vec<Word>, Vec<Alternative>, Vec<usize>) = Default::default();
        let mut count = 0;
        for (expression, text) in expressions.enumerate() {
            count = expression + 1;
            let Some(all) = needed::alternatives(text) else {
                wordless.push(expression);
                continue;
            };
            for one in all {
                let sets = (1u8 << one.sets.len()) - 1;
                for (set, word) in
                    one.sets.iter().enumerate().flat_map(|(n, set)| set.iter().map(move |word| (n, word)))
                {
                    let at = texts.iter().position(|known| *known == word.text).unwrap_or_else(|| {
                        texts.push(word.text.clone());
                        words.push(Word { length: word.text.len(), needed_by: Vec::new() });
                        texts.len() - 1
                    });
                    let (alternative, set) = (alternatives.len(), 1 << set);
                    words[at].needed_by.push(Need { alternative, set, begins: word.begins, ends: word.ends });
                }
                alternatives.push(Alternative { expression, sets, crossings: one.crossings });
            }
        }
        Seeker { lanes: Lanes::new(&texts, true), words, alternatives, expressions: count, wordless }
    }

    #[cfg(test)]
    pub fn wordless(&self) -> &[usize] {
        &self.wordless
    }

    /// Asks whether an expression matches within a part of `text`, for all parts where it could; no more of one once it did.
    pub fn each(&self, text: &[u8], mut ask: impl FnMut(usize, Range<usize>) -> bool) {
        let mut round = Round {
            seeker: self,
            text,
            open: vec![Open::default(); self.alternatives.len()],
            settled: vec![false; self.expressions],
            line: 0..0,
            ask: &mut ask,
        };
        for expression in &self.wordless {
            (round.ask)(*expression, 0..text.len());
        }
        self.lanes.each(text, |word, end| round.meet(&self.words[word], end));
        (0..self.alternatives.len()).for_each(|n| round.close(n));
    }
}

/// One text.
struct Round<'s, 't> {
    seeker: &'s Seeker,
    text: &'t [u8],
    open: Vec<Open>,
    /// Nothing more is to be asked about this expression.
    settled: Vec<bool>,
    /// The line that was looked up last.
    line: Range<usize>,
    ask: &'s mut dyn FnMut(usize, Range<usize>) -> bool,
}

impl Round<'_, '_> {
    fn meet(&mut self, word: &Word, end: usize) {
        let start = end - word.length;
        let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let (before, behind) = (goes_on(start.checked_sub(1).map(|at| &self.text[at])), goes_on(self.text.get(end)));
        for &Need { alternative: n, set, begins, ends } in &word.needed_by {
            let one = &self.seeker.alternatives[n];
            if begins && before || ends && behind || self.settled[one.expression] {
                continue;
            }
            let open = self.open[n];
            if open.sets != 0 && end <= open.line_end {
                self.open[n].sets |= set;
                continue;
            }
            let around = match one.crossings {
                None => Open { start: 0, line_end: self.text.len(), end: self.text.len(), sets: set },
                Some(crossings) => self.around(start, end, crossings, set),
            };
            if open.sets != 0 && around.start <= open.end {
                self.open[n] = Open { start: open.start, sets: open.sets | set, ..around };
            } else {
                self.close(n);
                self.open[n] = around;
            }
        }
    }

    /// The lines that a match which holds these bytes may reach into.
    fn around(&mut self, start: usize, end: usize, crossings: u32, sets: u8) -> Open {
        let line_start = |at: usize| memchr::memrchr(b'\n', &self.text[..at]).map_or(0, |end| end + 1);
        let line_end = |at: usize| memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |end| at + end);
        if !(self.line.start <= start && end <= self.line.end) {
            self.line = line_start(start)..line_end(end);
        }
        let (mut first, last) = (self.line.start, self.line.end);
        let mut reach = last;
        for _ in 0..crossings {
            // Over the blanks, however many lines of them, to the next line that holds more.
            first = self.text[..first].iter().rposition(|byte| !is_blank(*byte)).map_or(0, line_start);
            let blanks = self.text[reach..].iter().position(|byte| !is_blank(*byte));
            reach = blanks.map_or(self.text.len(), |blanks| line_end(reach + blanks));
        }
        Open { start: first, line_end: last, end: reach, sets }
    }

    fn close(&mut self, n: usize) {
        let one = &self.seeker.alternatives[n];
        let open = std::mem::take(&mut self.open[n]);
        if open.sets == one.sets && !self.settled[one.expression] {
            // What does not match in the whole text matches nowhere.
            let whole = open.start == 0 && open.end == self.text.len();
            self.settled[one.expression] = (self.ask)(one.expression, open.start..open.end) || whole;
        }
    }
}
