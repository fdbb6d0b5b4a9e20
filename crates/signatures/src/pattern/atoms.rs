//! Which few bytes of a pattern the front looks for. A good atom is long and rare: rare in files, so that it seldom wakes the
//! verifier for nothing, and rare among the other patterns, so that no bucket grows long as sets grow.

use super::{Element, Pattern};

/// Bytes of an atom at most; that is what a front entry compares before anything else.
pub const LONGEST: usize = 7;

/// Bytes to look for, and how far they stand from the begin of the anchor element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    pub bytes: Vec<u8>,
    pub shift: u16,
}

/// An element and the atoms of which one must stand in a file where the element matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub element: u16,
    pub atoms: Vec<Atom>,
    /// The lower the better.
    pub cost: u64,
}

/// How often each run of four bytes occurs in the patterns of a set, roughly: by hash, counts of colliding runs add up.
pub struct Commonness {
    counts: Vec<u16>,
}

const SLOTS: usize = 1 << 21;

impl Default for Commonness {
    fn default() -> Self {
        Commonness { counts: vec![0; SLOTS] }
    }
}

impl Commonness {
    pub fn add(&mut self, pattern: &Pattern) {
        for element in &pattern.elements {
            if let Element::Literal(literal) = element {
                for gram in literal.windows(4) {
                    let slot = &mut self.counts[slot(gram)];
                    *slot = slot.saturating_add(1);
                }
            }
        }
    }

    fn of(&self, gram: &[u8]) -> u64 {
        u64::from(self.counts[slot(gram)])
    }
}

fn slot(gram: &[u8]) -> usize {
    let value = gram.iter().fold(0u32, |value, byte| value << 8 | u32::from(byte | 0x20));
    (value.wrapping_mul(0x9e37_79b1) >> 11) as usize
}

/// The best choice of a pattern; None: no two literal bytes stand together in it.
pub fn choose(pattern: &Pattern, common: Option<&Commonness>) -> Option<Choice> {
    let choices = pattern.elements.iter().enumerate().filter_map(|(index, element)| {
        let atoms = of_element(element, common)?;
        let cost = atoms.iter().map(|atom| cost(&atom.bytes, common)).sum();
        Some(Choice { element: u16::try_from(index).ok()?, atoms, cost })
    });
    choices.min_by_key(|choice| choice.cost)
}

/// The atoms of which one must stand where the element matches.
pub fn of_element(element: &Element, common: Option<&Commonness>) -> Option<Vec<Atom>> {
    match element {
        Element::Literal(literal) => Some(vec![best_window(literal, common)?]),
        Element::OneOf { strings, negated: false } => strings.iter().map(|s| best_window(s, common)).collect(),
        Element::Alternates(rows) => rows
            .iter()
            .map(|row| match row.first() {
                Some(Element::Literal(literal)) => best_window(literal, common),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

fn best_window(literal: &[u8], common: Option<&Commonness>) -> Option<Atom> {
    if literal.len() < 2 {
        return None;
    }
    // A pattern of a megabyte is not searched to its end for the best bytes.
    let literal = &literal[..literal.len().min(4096)];
    let width = literal.len().min(LONGEST);
    let (shift, bytes) = literal.windows(width).enumerate().min_by_key(|(_, window)| cost(window, common))?;
    Some(Atom { bytes: bytes.to_vec(), shift: shift as u16 })
}

/// Roughly how often the verifier wakes for it in a megabyte, in arbitrary units.
pub fn cost(bytes: &[u8], common: Option<&Commonness>) -> u64 {
    let class = match bytes.len() {
        0..=1 => 1_000_000_000,
        2 => 10_000_000,
        3 => 1_000_000,
        4 => 20_000,
        5 | 6 => 5_000,
        _ => 0,
    };
    let usual: u64 = bytes.iter().map(|byte| byte_cost(*byte)).sum();
    let spread = bytes.iter().enumerate().filter(|(at, byte)| bytes[..*at].contains(byte)).count() as u64;
    let shared = common.map_or(0, |common| bytes.windows(4).map(|gram| common.of(gram)).max().unwrap_or(0));
    class + usual + spread * 20 + shared * 50
}

/// Zero fills files, 0xff and spaces too; letters are many in text; the rest is rare.
fn byte_cost(byte: u8) -> u64 {
    match byte {
        0 => 60,
        0xff => 30,
        b' ' => 20,
        b'a'..=b'z' | b'0'..=b'9' => 6,
        b'A'..=b'Z' | b'\n' | b'\r' | b'\t' | b'.' | b'/' | b'_' | b'-' => 8,
        0x8b | 0x89 | 0xcc | 0x90 => 10,
        _ => 2,
    }
}
