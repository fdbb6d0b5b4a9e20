//! An event laid flat: what crosses the wire, stands in the store and comes out of a hunt. Only the columns that the event
//! carries are there; the rest of its facts are `labels`.

use crate::{Column, ColumnType, Fields, Sha256, Timestamp, Value};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// JSON form: one object, a key a present column (`timestamp` as RFC 3339 text), and `labels` when there are any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    values: BTreeMap<Column, Value<'static>>,
    pub labels: BTreeMap<String, String>,
}

impl Row {
    pub fn of(event: &impl Fields) -> Row {
        let mut row = Row::default();
        for column in Column::ALL {
            if let Some(value) = event.field(*column) {
                row.set(*column, value.into_owned());
            }
        }
        event.each_label(&mut |name, text| {
            row.labels.insert(name.to_owned(), text.to_owned());
        });
        row
    }

    pub fn get(&self, column: Column) -> Option<Value<'_>> {
        self.values.get(&column).map(|value| match value {
            Value::Str(text) => Value::Str(Cow::Borrowed(text.as_ref())),
            other => other.clone(),
        })
    }

    /// Text of a column, for display and tests.
    pub fn text(&self, column: Column) -> Option<Cow<'_, str>> {
        self.values.get(&column).map(Value::text)
    }

    pub fn time(&self) -> Timestamp {
        match self.values.get(&Column::Time) {
            Some(Value::Time(time)) => *time,
            _ => Timestamp::default(),
        }
    }

    pub fn set(&mut self, column: Column, value: Value<'static>) {
        self.values.insert(column, value);
    }

    pub fn set_text(&mut self, column: Column, text: impl Into<String>) {
        self.set(column, Value::Str(Cow::Owned(text.into())));
    }

    /// Present columns in field-number order.
    pub fn columns(&self) -> impl Iterator<Item = (Column, &Value<'static>)> {
        self.values.iter().map(|(column, value)| (*column, value))
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (column, value) in self.columns() {
            match value {
                Value::U64(n) => map.serialize_entry(column.name(), n)?,
                Value::I64(n) => map.serialize_entry(column.name(), n)?,
                Value::Bool(b) => map.serialize_entry(column.name(), b)?,
                other => map.serialize_entry(column.name(), &other.to_string())?,
            }
        }
        if !self.labels.is_empty() {
            map.serialize_entry("labels", &self.labels)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Row {
    /// Reads what [`Serialize`] wrote; `timestamp` and `process_start` also as integer nanoseconds. An unknown key is an error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of event columns")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "labels" {
                row.labels = map.next_value()?;
                continue;
            }
            let column = Column::from_name(&key).ok_or_else(|| de::Error::custom(format!("unknown column {key:?}")))?;
            let value = map.next_value::<serde_json::Value>()?;
            let typed = typed(column, &value)
                .ok_or_else(|| de::Error::custom(format!("{key}: {value} is not a {:?}", column.kind())))?;
            row.set(column, typed);
        }
        Ok(row)
    }
}

fn typed(column: Column, value: &serde_json::Value) -> Option<Value<'static>> {
    Some(match column.kind() {
        ColumnType::Text => Value::Str(Cow::Owned(value.as_str()?.to_owned())),
        ColumnType::Unsigned => Value::U64(value.as_u64()?),
        ColumnType::Signed => Value::I64(value.as_i64()?),
        ColumnType::Boolean => Value::Bool(value.as_bool()?),
        ColumnType::Time => match value.as_i64() {
            Some(nanos) => Value::Time(Timestamp(nanos)),
            None => Value::Time(value.as_str()?.parse().ok()?),
        },
        ColumnType::Ip => Value::Ip(value.as_str()?.parse().ok()?),
        ColumnType::Digest => Value::Digest(value.as_str()?.parse::<Sha256>().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_round_trips() {
        let mut row = Row::default();
        row.set(Column::Time, Value::Time(Timestamp(1_709_210_096_000_000_001)));
        row.set(Column::ProcessPid, Value::U64(7));
        row.set(Column::DestinationIp, Value::Ip("127.0.0.1".parse().unwrap()));
        row.set(Column::ProcessHashSha256, Value::Digest(Sha256([9; 32])));
        row.set_text(Column::ProcessCommandLine, "sh -c \u{1b}[2J");
        row.labels.insert("memfd_name".into(), "x".into());
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<Row>(&json).unwrap(), row, "{json}");
    }

    #[test]
    fn an_unknown_or_ill_typed_column_is_refused() {
        for bad in [r#"{"proces_pid":1}"#, r#"{"process_pid":"one"}"#, r#"{"source_ip":"here"}"#] {
            assert!(serde_json::from_str::<Row>(bad).is_err(), "{bad}");
        }
    }
}
