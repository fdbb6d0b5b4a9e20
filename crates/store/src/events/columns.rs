//! Rows to a record batch, and back.

use super::answer::StoredEvent;
use super::schema::{LABELS, SEQUENCE, UTC, schema};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Int64Builder, RecordBatch, StringViewBuilder, TimestampNanosecondBuilder,
    UInt64Array, UInt64Builder,
};
use arrow::datatypes::{Int64Type, TimestampNanosecondType, UInt64Type};
use arrow::error::ArrowError;
use event::{Column, ColumnType, Row, Timestamp, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// `rows` with the `store_sequence` of each.
pub(super) fn batch(tenant: &str, rows: &[(u64, Row)]) -> Result<RecordBatch, ArrowError> {
    let mut arrays: Vec<ArrayRef> = Column::ALL.iter().map(|column| array(*column, tenant, rows)).collect();
    arrays.push(labels(rows));
    arrays.push(Arc::new(UInt64Array::from_iter_values(rows.iter().map(|(n, _)| *n))));
    RecordBatch::try_new(schema(), arrays)
}

fn array(column: Column, tenant: &str, rows: &[(u64, Row)]) -> ArrayRef {
    let values = rows.iter().map(|(_, row)| row.get(column));
    match column.kind() {
        _ if column == Column::Tenant => {
            let mut builder = StringViewBuilder::with_capacity(rows.len());
            let block = builder.append_block(tenant.as_bytes().to_vec().into());
            let whole = tenant.len() as u32;
            rows.iter().for_each(|_| {
                if builder.try_append_view(block, 0, whole).is_err() {
                    builder.append_value(tenant);
                }
            });
            Arc::new(builder.finish())
        }
        ColumnType::Text | ColumnType::Ip | ColumnType::Digest => text_array(values, rows.len()),
        ColumnType::Unsigned => {
            let mut builder = UInt64Builder::with_capacity(rows.len());
            values.for_each(|v| builder.append_option(v.and_then(|v| unsigned(&v))));
            Arc::new(builder.finish())
        }
        ColumnType::Signed => {
            let mut builder = Int64Builder::with_capacity(rows.len());
            values.for_each(|v| builder.append_option(v.and_then(|v| signed(&v))));
            Arc::new(builder.finish())
        }
        ColumnType::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(rows.len());
            values.for_each(|v| builder.append_option(v.and_then(|v| boolean(&v))));
            Arc::new(builder.finish())
        }
        ColumnType::Time => {
            let mut builder = TimestampNanosecondBuilder::with_capacity(rows.len());
            let always = column == Column::Time;
            values.for_each(|v| {
                builder.append_option(v.and_then(|v| time(&v)).or(always.then_some(0)));
            });
            Arc::new(builder.finish().with_timezone(UTC))
        }
    }
}

fn text_array<'a>(values: impl Iterator<Item = Option<Value<'a>>>, rows: usize) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows).with_deduplicate_strings();
    let mut scratch = String::new();
    for value in values {
        match value {
            None => builder.append_null(),
            Some(Value::Str(text)) => builder.append_value(text.as_ref()),
            Some(other) => {
                scratch.clear();
                let _ = write!(scratch, "{other}");
                builder.append_value(&scratch);
            }
        }
    }
    Arc::new(builder.finish())
}

// An agent of another version may send a value as another type; what can be read is read, and the whole is never refused.
fn unsigned(value: &Value<'_>) -> Option<u64> {
    match value {
        Value::U64(n) => Some(*n),
        Value::I64(n) => u64::try_from(*n).ok(),
        other => other.text().parse().ok(),
    }
}

fn signed(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::I64(n) => Some(*n),
        Value::U64(n) => i64::try_from(*n).ok(),
        other => other.text().parse().ok(),
    }
}

fn boolean(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        other => other.text().parse().ok(),
    }
}

fn time(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Time(t) => Some(t.nanos()),
        other => other.text().parse::<Timestamp>().ok().map(Timestamp::nanos),
    }
}

fn labels(rows: &[(u64, Row)]) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows.len()).with_deduplicate_strings();
    for (_, row) in rows {
        match (row.labels.is_empty(), serde_json::to_string(&row.labels)) {
            (false, Ok(json)) => builder.append_value(json),
            _ => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}

/// Set instead of an event's labels where their text cannot be read: an event without labels is another thing.
const UNREADABLE: &str = "labels_unreadable";

/// A stored text back to labels.
pub(super) fn read_labels<'a, T>(text: &'a str) -> BTreeMap<T, T>
where
    T: serde::Deserialize<'a> + From<String> + Ord,
{
    serde_json::from_str(text)
        .unwrap_or_else(|_| BTreeMap::from([(UNREADABLE.to_owned().into(), "true".to_owned().into())]))
}

/// A batch that has columns of `events`, back to rows.
pub(super) fn rows(batch: &RecordBatch) -> Vec<StoredEvent> {
    let mut out = vec![StoredEvent { sequence: 0, row: Row::default() }; batch.num_rows()];
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let present = (0..array.len()).filter(|i| array.is_valid(*i));
        match (field.name().as_str(), Column::from_name(field.name())) {
            (SEQUENCE, _) => {
                if let Some(numbers) = array.as_primitive_opt::<UInt64Type>() {
                    present.for_each(|i| out[i].sequence = numbers.value(i));
                }
            }
            (LABELS, _) => {
                if let Some(texts) = array.as_string_view_opt() {
                    present.for_each(|i| out[i].row.labels = read_labels(texts.value(i)));
                }
            }
            (_, Some(column)) => present.for_each(|i| {
                if let Some(value) = value(column.kind(), array, i) {
                    out[i].row.set(column, value.into_owned());
                }
            }),
            _ => {}
        }
    }
    out
}

/// What stands in a cell that is not null.
pub(super) fn value(kind: ColumnType, array: &ArrayRef, i: usize) -> Option<Value<'_>> {
    let text = || array.as_string_view_opt().map(|a| a.value(i));
    Some(match kind {
        ColumnType::Text => Value::str(text()?),
        ColumnType::Ip => text()?.parse().map(Value::Ip).unwrap_or_else(|_| Value::str(text().unwrap_or_default())),
        ColumnType::Digest => {
            text()?.parse().map(Value::Digest).unwrap_or_else(|_| Value::str(text().unwrap_or_default()))
        }
        ColumnType::Unsigned => Value::U64(array.as_primitive_opt::<UInt64Type>()?.value(i)),
        ColumnType::Signed => Value::I64(array.as_primitive_opt::<Int64Type>()?.value(i)),
        ColumnType::Boolean => Value::Bool(array.as_boolean_opt()?.value(i)),
        ColumnType::Time => Value::Time(Timestamp(array.as_primitive_opt::<TimestampNanosecondType>()?.value(i))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_cannot_be_read_are_not_told_as_none() {
        let read = |text: &str| read_labels::<String>(text).into_iter().collect::<Vec<_>>();
        assert_eq!(read(r#"{"a":"b"}"#), [("a".to_owned(), "b".to_owned())]);
        assert_eq!(read("{}"), []);
        assert_eq!(read(r#"{"a":"#), [(UNREADABLE.to_owned(), "true".to_owned())]);
    }
}
