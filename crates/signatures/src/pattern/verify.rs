//! Does a pattern match where its anchor was found? Forward from the anchor to the end, backward from it to the begin.
//!
//! Branches (gaps, alternates, boundaries) are tried in order, depth first. Two memories keep a hostile file from making that
//! quadratic: what failed after a gap without an end fails from any later place too, and what once led up to such a gap leads
//! up to any later place. What remains is paid from a budget of bytes looked at; when it is used up, the scan says so.

use super::{Class, Element, Pattern, Width};

/// Bytes that may still be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: u64,
}

impl Budget {
    pub fn new(bytes: u64) -> Self {
        Budget { left: bytes }
    }
    pub fn pay(&mut self, bytes: usize) -> bool {
        self.left = self.left.saturating_sub(bytes as u64);
        self.left > 0
    }
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// What was learned of one pattern in one buffer.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Element of an unbounded gap: from this place on nothing follows it.
    dead: Vec<(usize, usize)>,
    /// Element of an unbounded gap: what stands before it ended here; and where that match began.
    reached: Vec<(usize, usize, usize)>,
}

/// `starts(place)`: whether a match may begin there.
pub struct Verifier<'a> {
    pub bytes: &'a [u8],
    pub pattern: &'a Pattern,
    pub memory: &'a mut Memory,
    pub budget: &'a mut Budget,
    pub starts: &'a dyn Fn(usize) -> bool,
}

impl Verifier<'_> {
    /// The anchor element begins at `at`: the whole match, begin and end.
    pub fn verify(&mut self, at: usize) -> Option<(usize, usize)> {
        let anchor = usize::from(self.pattern.anchor);
        let end = self.forward(anchor, at)?;
        let begin = self.backward(anchor, at)?;
        Some((begin, end))
    }

    /// Matches elements from `index` on at `at`; the end.
    fn forward(&mut self, index: usize, mut at: usize) -> Option<usize> {
        let pattern = self.pattern;
        let bytes = self.bytes;
        for (here, element) in pattern.elements.iter().enumerate().skip(index) {
            if !self.budget.pay(1) {
                return None;
            }
            match element {
                Element::Gap { min, max } if Some(*min) != *max => {
                    return self.forward_gap(here, at.checked_add(*min as usize)?, max.map(|max| at + max as usize));
                }
                Element::Alternates(rows) => {
                    return rows.iter().find_map(|row| {
                        let end = fixed_row(row, bytes, at, pattern.nocase)?;
                        self.forward(here + 1, end)
                    });
                }
                Element::Class(class @ (Class::WordBoundary | Class::LineBoundary)) => {
                    let (lengths, count) = class.lengths_at(bytes, at, self.side(here));
                    return lengths[..count].iter().find_map(|length| self.forward(here + 1, at + length));
                }
                _ => at = step(element, bytes, at, pattern.nocase)?,
            }
        }
        let whole = match pattern.fullword {
            None => true,
            Some(Width::Ascii) => !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric),
            Some(Width::Wide) => {
                !(bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) && bytes.get(at + 1) == Some(&0))
            }
        };
        whole.then_some(at)
    }

    fn forward_gap(&mut self, gap: usize, from: usize, to: Option<usize>) -> Option<usize> {
        let unbounded = to.is_none();
        if unbounded && self.memory.dead.iter().any(|(g, place)| *g == gap && from >= *place) {
            return None;
        }
        let last = to.unwrap_or(self.bytes.len()).min(self.bytes.len());
        let mut at = from;
        let found = loop {
            let Some(place) = self.next_place(gap + 1, at, last) else { break None };
            if let Some(end) = self.forward(gap + 1, place) {
                break Some(end);
            }
            if self.budget.is_spent() {
                return None;
            }
            at = place + 1;
        };
        if found.is_none() && unbounded {
            self.memory.dead.push((gap, from));
        }
        found
    }

    /// The first place in `from..=last` where the element may begin.
    fn next_place(&mut self, element: usize, from: usize, last: usize) -> Option<usize> {
        if from > last {
            return None;
        }
        match self.pattern.elements.get(element) {
            Some(Element::Literal(literal)) => {
                let end = (last + literal.len()).min(self.bytes.len());
                let window = self.bytes.get(from..end)?;
                let found = find(window, literal, self.pattern.nocase);
                let looked = found.map_or(window.len(), |at| at + literal.len());
                // A search is many times cheaper a byte than a try of an element.
                self.budget.pay(looked / 16 + 1);
                found.map(|at| from + at)
            }
            _ => {
                self.budget.pay(1);
                Some(from)
            }
        }
    }

    /// Matches elements before `index` so that they end at `end`; the begin.
    fn backward(&mut self, index: usize, mut end: usize) -> Option<usize> {
        let pattern = self.pattern;
        let bytes = self.bytes;
        for here in (0..index).rev() {
            if !self.budget.pay(1) {
                return None;
            }
            let element = &pattern.elements[here];
            match element {
                Element::Gap { min, max } if Some(*min) != *max => return self.backward_gap(here, end, *min, *max),
                Element::Alternates(rows) => {
                    return rows.iter().find_map(|row| {
                        let length: usize = row.iter().map(|e| e.fixed().unwrap_or(0)).sum();
                        let begin = end.checked_sub(length)?;
                        (fixed_row(row, bytes, begin, pattern.nocase)? == end).then_some(())?;
                        self.backward(here, begin)
                    });
                }
                Element::Class(class @ (Class::WordBoundary | Class::LineBoundary)) => {
                    return (0..=2usize).find_map(|length| {
                        let begin = end.checked_sub(length)?;
                        let (lengths, count) = class.lengths_at(bytes, begin, self.side(here));
                        lengths[..count].contains(&length).then_some(())?;
                        self.backward(here, begin)
                    });
                }
                _ => {
                    let begin = end.checked_sub(element.fixed()?)?;
                    step(element, bytes, begin, pattern.nocase)?;
                    end = begin;
                }
            }
        }
        let whole = match pattern.fullword {
            None => true,
            Some(Width::Ascii) => end == 0 || !bytes[end - 1].is_ascii_alphanumeric(),
            Some(Width::Wide) => end < 2 || !(bytes[end - 2].is_ascii_alphanumeric() && bytes[end - 1] == 0),
        };
        (whole && (self.starts)(end)).then_some(end)
    }

    fn backward_gap(&mut self, gap: usize, end: usize, min: u32, max: Option<u32>) -> Option<usize> {
        let high = end.checked_sub(min as usize)?;
        let low = max.map_or(0, |max| end.saturating_sub(max as usize));
        if max.is_none()
            && let Some((.., begin)) = self.memory.reached.iter().find(|(g, place, _)| *g == gap && high >= *place)
        {
            return Some(*begin);
        }
        let mut at = high;
        loop {
            let place = self.previous_place(gap, low, at)?;
            if let Some(begin) = self.backward(gap, place) {
                if max.is_none() {
                    self.memory.reached.push((gap, place, begin));
                }
                return Some(begin);
            }
            if self.budget.is_spent() {
                return None;
            }
            at = place.checked_sub(1)?;
        }
    }

    /// The last place in `low..=high` where the element before the gap may end.
    fn previous_place(&mut self, gap: usize, low: usize, high: usize) -> Option<usize> {
        if low > high {
            return None;
        }
        match gap.checked_sub(1).map(|before| &self.pattern.elements[before]) {
            Some(Element::Literal(literal)) if !self.pattern.nocase => {
                let from = low.saturating_sub(literal.len());
                let window = self.bytes.get(from..high)?;
                let found = memchr::memmem::rfind(window, literal);
                self.budget.pay((window.len() - found.unwrap_or(0)) / 16 + 1);
                found.map(|at| from + at + literal.len()).filter(|end| *end >= low)
            }
            _ => {
                self.budget.pay(1);
                Some(high)
            }
        }
    }
}

/// On which side of a word a boundary stands.
const LEFT: u8 = 1;
const RIGHT: u8 = 2;

/// On which sides a byte bounds a word; what ClamAV takes for one is not all that is no letter.
const fn bounds(byte: u8) -> u8 {
    match byte {
        b' ' | b'-' | b'/' | b'_' => LEFT | RIGHT,
        b'.' | b'<' | b'@' => LEFT,
        b'\n' | b'\r' | b'"' | b'\'' | b'=' | b'>' => RIGHT,
        _ => 0,
    }
}

impl Verifier<'_> {
    /// A boundary that begins a pattern is left of its word, one that ends it right; between words it may be either.
    fn side(&self, element: usize) -> u8 {
        match element {
            0 => LEFT,
            last if last + 1 == self.pattern.elements.len() => RIGHT,
            _ => LEFT | RIGHT,
        }
    }
}

impl Class {
    /// How many bytes it may take at `at`.
    fn lengths_at(self, bytes: &[u8], at: usize, side: u8) -> ([usize; 2], usize) {
        let border = at == 0 || at >= bytes.len();
        let taken = match (self, bytes.get(at)) {
            (Class::LineBoundary, Some(b'\n')) => Some(1),
            (Class::LineBoundary, Some(b'\r')) if bytes.get(at + 1) == Some(&b'\n') => Some(2),
            (Class::LineBoundary, _) => None,
            (_, Some(byte)) if bounds(*byte) & side != 0 => Some(1),
            _ => None,
        };
        match (taken, border) {
            (Some(length), true) => ([length, 0], 2),
            (Some(length), false) => ([length, 0], 1),
            (None, true) => ([0, 0], 1),
            (None, false) => ([0, 0], 0),
        }
    }
}

/// An element of one length; where it ends.
fn step(element: &Element, bytes: &[u8], at: usize, nocase: bool) -> Option<usize> {
    let length = element.fixed()?;
    let end = at.checked_add(length)?;
    let here = bytes.get(at..end)?;
    let matches = match element {
        Element::Literal(literal) => same(here, literal, nocase),
        Element::Masked(value, mask) => {
            let byte = if nocase { here[0].to_ascii_lowercase() } else { here[0] };
            here[0] & mask == *value || byte & mask == *value
        }
        Element::Any(_) | Element::Gap { .. } => true,
        Element::OneOf { strings, negated } => strings.iter().any(|string| same(here, string, nocase)) != *negated,
        Element::Class(_) => !here[0].is_ascii_alphanumeric(),
        Element::Alternates(_) => false,
    };
    matches.then_some(end)
}

fn fixed_row(row: &[Element], bytes: &[u8], at: usize, nocase: bool) -> Option<usize> {
    row.iter().try_fold(at, |at, element| step(element, bytes, at, nocase))
}

fn same(here: &[u8], literal: &[u8], nocase: bool) -> bool {
    if nocase { here.eq_ignore_ascii_case(literal) } else { here == literal }
}

/// The first place of a literal; with `nocase` it is in lower case.
pub fn find(haystack: &[u8], literal: &[u8], nocase: bool) -> Option<usize> {
    if !nocase {
        return memchr::memmem::find(haystack, literal);
    }
    let first = *literal.first()?;
    let mut from = 0;
    while let Some(found) = memchr::memchr2(first, first.to_ascii_uppercase(), haystack.get(from..)?) {
        let at = from + found;
        if haystack.get(at..at + literal.len())?.eq_ignore_ascii_case(literal) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}
