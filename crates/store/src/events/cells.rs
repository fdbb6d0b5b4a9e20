//! Cells of an answer as JSON.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampNanosecondType, UInt64Type};
use arrow::util::display::array_value_to_string;
use event::Timestamp;
use serde_json::{Number, Value};

/// The word for a column's type.
pub(super) fn kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Boolean => "boolean",
        DataType::Timestamp(..) => "time",
        DataType::List(_) | DataType::LargeList(_) => "list",
        DataType::Dictionary(_, value) => kind(value),
        other if other.is_numeric() => "number",
        _ => "other",
    }
}

pub(super) fn rows(batch: &RecordBatch) -> Vec<Vec<Value>> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for array in batch.columns() {
        for (row, cell) in rows.iter_mut().zip(cells(array)) {
            row.push(cell);
        }
    }
    rows
}

fn cells(array: &ArrayRef) -> Vec<Value> {
    let plain = plain(array);
    let array = plain.as_ref().unwrap_or(array);
    (0..array.len()).map(|i| if array.is_null(i) { Value::Null } else { cell(array, i) }).collect()
}

/// The few types that cells are written from; None when it is one of them or has no such form.
fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    let to = match array.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 => DataType::Int64,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::UInt64,
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Dictionary(_, value) if kind(value) == "text" => DataType::Utf8View,
        DataType::Timestamp(unit, zone) if *unit != TimeUnit::Nanosecond => {
            DataType::Timestamp(TimeUnit::Nanosecond, zone.clone())
        }
        _ => return None,
    };
    cast(array, &to).ok()
}

fn cell(array: &ArrayRef, i: usize) -> Value {
    match array.data_type() {
        DataType::Utf8View => Value::from(array.as_string_view().value(i)),
        DataType::Int64 => Value::from(array.as_primitive::<Int64Type>().value(i)),
        DataType::UInt64 => Value::from(array.as_primitive::<UInt64Type>().value(i)),
        DataType::Float64 => {
            let n = array.as_primitive::<Float64Type>().value(i);
            Number::from_f64(n).map_or_else(|| Value::from(n.to_string()), Value::Number)
        }
        DataType::Boolean => Value::from(array.as_boolean().value(i)),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Value::from(Timestamp(array.as_primitive::<TimestampNanosecondType>().value(i)).to_string())
        }
        DataType::List(_) => Value::Array(cells(&array.as_list::<i32>().value(i))),
        DataType::LargeList(_) => Value::Array(cells(&array.as_list::<i64>().value(i))),
        _ => array_value_to_string(array, i).map_or(Value::Null, Value::from),
    }
}
