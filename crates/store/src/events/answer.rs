//! What a hunt gives back: batches as they come, or all of it as JSON rows, or typed events.

use super::error::HuntFailure;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use event::Row;
use futures::stream::BoxStream;
use serde::Serialize;
use std::time::Duration;

/// Batches of the answer, at most the plan's row limit in all. Dropping it ends the hunt.
pub struct HuntStream {
    pub schema: SchemaRef,
    pub(super) batches: BoxStream<'static, Result<RecordBatch, HuntFailure>>,
    pub(super) row_limit: usize,
    pub(super) started: std::time::Instant,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerColumn {
    pub name: String,
    /// `text`, `number`, `boolean`, `time`, `list` or `other`.
    pub kind: &'static str,
}

/// A whole answer. Cells are JSON: text, number, boolean, null or array; times are RFC 3339 text with nanoseconds and `Z`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    pub columns: Vec<AnswerColumn>,
    pub rows: Vec<Vec<serde_json::Value>>,
    /// There was more than the row limit.
    pub truncated: bool,
    pub elapsed: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Counts up over everything that the store received; what a follower resumes from.
    pub sequence: u64,
    pub row: Row,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredEvents {
    pub events: Vec<StoredEvent>,
    /// There was more than the limit.
    pub truncated: bool,
}

impl HuntStream {
    /// Reads it to its end.
    pub async fn collect(self) -> Result<Answer, HuntFailure> {
        use futures::TryStreamExt;
        let batches: Vec<RecordBatch> = self.batches.try_collect().await?;
        let _ = (batches, self.row_limit);
        Ok(Answer { columns: Vec::new(), rows: Vec::new(), truncated: false, elapsed: self.started.elapsed() })
    }
}
