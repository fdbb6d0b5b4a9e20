//! What came back of a question: a hunt's rows or a host's list, as one shape. And the tests by which an answer is chosen.

use event::quiet::wildcard;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Cells are text, number, boolean, null or a list of those.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// There was more than is here.
    pub truncated: bool,
    /// What could not be looked at.
    pub notes: Vec<String>,
}

/// One test of a table; all that is set must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    pub rows_at_least: Option<u64>,
    pub rows_at_most: Option<u64>,
    /// The column that the following are about.
    pub column: Option<String>,
    /// Of the first row's number.
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
    /// Some row's text is one of these; `*` stands for any run of characters.
    pub any: Vec<String>,
    /// No row's text is one of these.
    pub none: Vec<String>,
    /// There are rows, and every one's text is one of these.
    pub every: Vec<String>,
}

impl Table {
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Texts of a column, in the order of the rows; empty cells are left out.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let Some(at) = self.column(name) else { return Vec::new() };
        self.rows.iter().filter_map(|row| row.get(at)).map(shown).filter(|text| !text.is_empty()).collect()
    }

    fn first_number(&self, name: &str) -> Option<f64> {
        let at = self.column(name)?;
        match self.rows.first()?.get(at)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// A cell as text; nothing for null.
pub fn shown(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl Test {
    pub fn holds(&self, table: &Table) -> bool {
        let rows = table.rows.len() as u64;
        if self.rows_at_least.is_some_and(|least| rows < least) || self.rows_at_most.is_some_and(|most| rows > most) {
            return false;
        }
        let Some(column) = &self.column else { return true };
        let number = || table.first_number(column);
        if self.at_least.is_some_and(|least| number().is_none_or(|n| n < least))
            || self.at_most.is_some_and(|most| number().is_none_or(|n| n > most))
        {
            return false;
        }
        let texts = table.texts(column);
        let among = |text: &String, globs: &[String]| globs.iter().any(|glob| wildcard(glob, text));
        (self.any.is_empty() || texts.iter().any(|text| among(text, &self.any)))
            && !texts.iter().any(|text| among(text, &self.none))
            && (self.every.is_empty() || (!texts.is_empty() && texts.iter().all(|text| among(text, &self.every))))
    }

    /// A mistake in the catalogue that would make it hold always or never.
    pub fn mistake(&self) -> Option<&'static str> {
        let about_column = self.at_least.is_some()
            || self.at_most.is_some()
            || !self.any.is_empty()
            || !self.none.is_empty()
            || !self.every.is_empty();
        match (&self.column, about_column) {
            (None, true) => Some("a test of values without a column"),
            (Some(_), false) => Some("a column without a test"),
            _ if self.column.is_none() && self.rows_at_least.is_none() && self.rows_at_most.is_none() => {
                Some("a test of nothing")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table() -> Table {
        let rows = vec![vec![json!("/usr/bin/curl"), json!(3)], vec![json!("/tmp/x"), Value::Null]];
        Table { columns: vec!["path".into(), "n".into()], rows, ..Table::default() }
    }

    #[track_caller]
    fn check(test: &str, expected: bool) {
        let test: Test = toml::from_str(test).unwrap();
        assert_eq!(test.mistake(), None);
        assert_eq!(test.holds(&table()), expected, "{test:?}");
    }

    #[test]
    fn tests_of_a_table() {
        check("rows_at_least = 2", true);
        check("rows_at_most = 1", false);
        check("column = 'n'\nat_least = 3", true);
        check("column = 'n'\nat_most = 2", false);
        check("column = 'path'\nany = ['*/curl']", true);
        check("column = 'path'\nevery = ['/usr/*']", false);
        check("column = 'path'\nevery = ['/usr/*', '/tmp/*']", true);
        check("column = 'path'\nnone = ['/tmp/*']", false);
        check("column = 'path'\nnone = ['/home/*']", true);
        check("column = 'missing'\nany = ['*']", false);
    }
}
