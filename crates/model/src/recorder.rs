//! How a layout writes its row: value, name and words in one place, so that they can never go out of step.
//!
//! An extractor calls [`Recorder::put`] for each feature, always the same ones in the same order whatever the input is. When a row
//! is made, only the values are kept; when the layout is asked who it is, the same code runs once over an empty input and
//! names and words are kept instead.

use crate::layout::{Layout, Words};
use std::borrow::Cow;
use std::sync::OnceLock;

/// What an analyst would say of a feature that is there, and of one that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Features with one key are told as one reason.
    pub key: &'static str,
    pub en: &'static str,
    pub ja: &'static str,
    /// For a value of zero.
    pub none_en: &'static str,
    pub none_ja: &'static str,
}

impl Phrase {
    pub fn words(&self, value: f32) -> Words {
        let (en, ja) = if value == 0.0 { (self.none_en, self.none_ja) } else { (self.en, self.ja) };
        Words { key: self.key, en, ja }
    }
}

/// Name and words of each feature, in order.
type Legend = Vec<(String, Phrase)>;

/// A layout whose features one function writes.
pub struct Recorded {
    id: &'static str,
    write: fn(&[u8], &mut Recorder),
    /// For an index that it does not have.
    otherwise: Phrase,
    legend: OnceLock<Legend>,
}

impl Recorded {
    pub(crate) const fn new(id: &'static str, write: fn(&[u8], &mut Recorder), otherwise: Phrase) -> Recorded {
        Recorded { id, write, otherwise, legend: OnceLock::new() }
    }

    fn legend(&self) -> &Legend {
        self.legend.get_or_init(|| {
            let (mut row, mut legend) = (Vec::new(), Vec::new());
            (self.write)(&[], &mut Recorder { row: &mut row, legend: Some(&mut legend) });
            legend
        })
    }
}

impl Layout for Recorded {
    fn id(&self) -> &'static str {
        self.id
    }

    fn width(&self) -> usize {
        self.legend().len()
    }

    fn extract(&self, bytes: &[u8], row: &mut Vec<f32>) {
        row.clear();
        (self.write)(bytes, &mut Recorder { row, legend: None });
    }

    fn name(&self, index: usize) -> Cow<'static, str> {
        self.legend().get(index).map_or(Cow::Borrowed("unknown"), |(name, _)| Cow::Owned(name.clone()))
    }

    fn words(&self, index: usize, value: f32) -> Words {
        self.legend().get(index).map_or(self.otherwise, |(_, phrase)| *phrase).words(value)
    }
}

pub struct Recorder<'a> {
    row: &'a mut Vec<f32>,
    legend: Option<&'a mut Legend>,
}

impl Recorder<'_> {
    /// One feature. What is not finite becomes zero, since a tree cannot split on it.
    pub fn put(&mut self, phrase: Phrase, name: &str, value: impl Number) {
        let value = value.number();
        self.row.push(if value.is_finite() { value } else { 0.0 });
        if let Some(legend) = &mut self.legend {
            legend.push((name.to_owned(), phrase));
        }
    }

    /// As `put`, for a name that has a part of its own; no text is made while values are written.
    pub fn put_of(&mut self, phrase: Phrase, group: &str, part: &str, value: impl Number) {
        let value = value.number();
        self.row.push(if value.is_finite() { value } else { 0.0 });
        if let Some(legend) = &mut self.legend {
            legend.push((format!("{group}.{part}"), phrase));
        }
    }
}

/// What a feature's value may be given as.
pub trait Number {
    fn number(self) -> f32;
}

impl Number for f32 {
    fn number(self) -> f32 {
        self
    }
}

impl Number for f64 {
    fn number(self) -> f32 {
        self as f32
    }
}

impl Number for bool {
    fn number(self) -> f32 {
        f32::from(u8::from(self))
    }
}

impl Number for usize {
    fn number(self) -> f32 {
        self as f32
    }
}

impl Number for u64 {
    fn number(self) -> f32 {
        self as f32
    }
}

impl Number for u32 {
    fn number(self) -> f32 {
        self as f32
    }
}

/// log2(1 + n): sizes and counts span many orders.
pub fn log(n: impl Number) -> f32 {
    (1.0 + n.number().max(0.0)).log2()
}

/// part / whole, 0 where there is no whole.
pub fn share(part: impl Number, whole: impl Number) -> f32 {
    let whole = whole.number();
    if whole > 0.0 { part.number() / whole } else { 0.0 }
}
