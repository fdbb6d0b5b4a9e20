//! The columns of `events`, from the one table of the vocabulary: all text as views (Parquet keeps what repeats as a
//! dictionary), labels as JSON text that `label(name)` reads, and `store_sequence` as what a follower resumes from.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use event::{Column, ColumnType};
use std::sync::{Arc, OnceLock};

pub(super) const LABELS: &str = "labels";
pub(super) const SEQUENCE: &str = "store_sequence";

/// Every event column in field-number order, then `labels`, then `store_sequence`.
pub(super) fn schema() -> SchemaRef {
    static SCHEMA: OnceLock<SchemaRef> = OnceLock::new();
    SCHEMA
        .get_or_init(|| {
            let mut fields: Vec<Field> =
                Column::ALL.iter().map(|c| Field::new(c.name(), data_type(c.kind()), true)).collect();
            fields.push(Field::new(LABELS, DataType::Utf8View, true));
            fields.push(Field::new(SEQUENCE, DataType::UInt64, false));
            Arc::new(Schema::new(fields))
        })
        .clone()
}

/// Where a column stands in [`schema`].
pub(super) fn position(column: Column) -> usize {
    Column::ALL.iter().position(|c| *c == column).unwrap_or(usize::MAX)
}

pub(super) fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text | ColumnType::Ip | ColumnType::Digest => DataType::Utf8View,
        ColumnType::Unsigned => DataType::UInt64,
        ColumnType::Signed => DataType::Int64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Time => time_type(),
    }
}

pub(super) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some(UTC.into()))
}

/// As the engine writes it.
pub(super) const UTC: &str = "+00:00";
