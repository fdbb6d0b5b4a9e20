//! Records of other origin: JSON lines, Windows events. Matched by field name, whatever the log source calls its fields.

use event::{Severity, Timestamp};

/// One log record, flat: nested names joined by `.`.
pub trait Record {
    /// Calls `visit` with each value of `field` as text: once for a scalar, once an element for a list; never for null or
    /// a field that is not there.
    fn each_value(&self, field: &str, visit: &mut dyn FnMut(&str));
    /// Calls `visit` with every value of the record: for keyword rules.
    fn each_text(&self, visit: &mut dyn FnMut(&str));
    /// When it happened, for correlations; None where that cannot be read.
    fn time(&self) -> Option<Timestamp> {
        None
    }
}

/// A rule that a foreign record met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub rule_id: String,
    pub title: String,
    pub level: Severity,
    /// The fields that matched and their values.
    pub matched: Vec<(String, String)>,
}

impl Record for std::collections::BTreeMap<String, String> {
    fn each_value(&self, field: &str, visit: &mut dyn FnMut(&str)) {
        if let Some(text) = self.get(field) {
            visit(text);
        }
    }
    fn each_text(&self, visit: &mut dyn FnMut(&str)) {
        self.values().for_each(|text| visit(text));
    }
}
