//! A byte pattern as it is kept and matched: a row of elements, where its first byte may stand, and the literal by which the
//! front finds it.

pub mod atoms;
pub mod front;
pub mod verify;

use serde::{Deserialize, Serialize};

/// Elements a pattern, alternates included; a pattern of more is refused.
pub const MAX_ELEMENTS: usize = 2048;
/// Places where matching may branch; bounds the depth of recursion.
pub const MAX_BRANCHES: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pattern {
    pub elements: Vec<Element>,
    pub offset: Offset,
    /// ASCII letters match in either case; literals are kept in lower case.
    pub nocase: bool,
    /// Not part of a longer word.
    pub fullword: Option<Width>,
    /// The element that the front or a search finds first.
    pub anchor: u16,
}

/// Of the characters that border a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Width {
    Ascii,
    Wide,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Element {
    Literal(Vec<u8>),
    /// A byte of which only some bits are given: value, mask.
    Masked(u8, u8),
    /// Any bytes, so many of them.
    Any(u32),
    /// Any bytes, so many at least; `max` None: as many as there are.
    Gap {
        min: u32,
        max: Option<u32>,
    },
    /// One of strings of one length.
    OneOf {
        strings: Vec<Vec<u8>>,
        negated: bool,
    },
    /// One of rows of elements that may differ in length; a row has no `Gap`, no `OneOf` and no further `Alternates`.
    Alternates(Vec<Vec<Element>>),
    Class(Class),
}

/// Character classes `(B)`, `(L)`, `(W)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// A byte that ends a word, or the begin or end of the file, which takes no byte.
    WordBoundary,
    /// LF, CRLF, or the begin or end of the file.
    LineBoundary,
    /// A byte that is not alphanumeric.
    NotAlphanumeric,
}

/// Where the first byte of a match may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Offset {
    pub base: Base,
    /// Bytes that it may lie further back in the file.
    pub shift: u32,
}

impl Offset {
    pub const ANY: Offset = Offset { base: Base::Any, shift: 0 };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Base {
    Any,
    Absolute(u32),
    /// So many bytes before the end.
    FromEnd(u32),
    EntryPoint(i32),
    Section(u16, u32),
    LastSection(u32),
    WholeSection(u16),
    /// The key of any string of a PE file's version information.
    VersionInfo,
}

impl Element {
    /// Bytes that it takes, if that is one number.
    pub fn fixed(&self) -> Option<usize> {
        match self {
            Element::Literal(bytes) => Some(bytes.len()),
            Element::Masked(..) => Some(1),
            Element::Any(n) => Some(*n as usize),
            Element::OneOf { strings, .. } => strings.first().map(Vec::len),
            Element::Gap { min, max } => (Some(*min) == *max).then_some(*min as usize),
            Element::Class(Class::NotAlphanumeric) => Some(1),
            Element::Class(_) | Element::Alternates(_) => None,
        }
    }
}
