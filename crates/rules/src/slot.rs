//! The text of one field of the event at hand, as written and in lower case. Memory is kept from event to event, so that
//! reading a field allocates nothing.

use crate::pattern::lower_into;
use event::Value;
use std::fmt::Write as _;

#[derive(Debug, Default)]
pub(crate) struct SlotText {
    raw: String,
    lower: String,
    /// Ends of each value in `raw` and `lower`; a list has several.
    ends: Vec<(usize, usize)>,
    /// The event whose text this is.
    pub loaded: u32,
    /// The event for which the literals were looked for.
    pub scanned: u32,
}

impl SlotText {
    pub fn clear(&mut self) {
        self.raw.clear();
        self.lower.clear();
        self.ends.clear();
    }

    pub fn push(&mut self, text: &str) {
        self.raw.push_str(text);
        lower_into(text, &mut self.lower);
        self.ends.push((self.raw.len(), self.lower.len()));
    }

    pub fn push_value(&mut self, value: &Value<'_>) {
        match value {
            Value::Str(text) => self.push(text),
            other => {
                let start = self.raw.len();
                // Writing to a String cannot fail.
                let _ = write!(self.raw, "{other}");
                lower_into(&self.raw[start..], &mut self.lower);
                self.ends.push((self.raw.len(), self.lower.len()));
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Each value: as written, in lower case.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = std::iter::once((0, 0)).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| (&self.raw[start.0..end.0], &self.lower[start.1..end.1]))
    }
}
