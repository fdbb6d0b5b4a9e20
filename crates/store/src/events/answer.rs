//! What a hunt gives back: batches as they come, or all of it as JSON rows, or typed events.

use super::error::HuntFailure;
use super::{cells, columns};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use event::Row;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Batches of the answer, at most the plan's row limit in all. Dropping it ends the hunt.
pub struct HuntStream {
    pub schema: SchemaRef,
    pub batches: BoxStream<'static, Result<RecordBatch, HuntFailure>>,
    pub(super) truncated: Arc<AtomicBool>,
    pub(super) row_limit: usize,
    pub(super) started: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub row_limit: usize,
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
    /// Whether there was more than the row limit; known when `batches` has ended.
    pub fn truncated(&self) -> bool {
        self.truncated.load(Ordering::Acquire)
    }

    /// Reads it to its end.
    pub async fn collect(mut self) -> Result<Answer, HuntFailure> {
        let mut rows = Vec::new();
        while let Some(batch) = self.batches.try_next().await? {
            rows.extend(cells::rows(&batch));
        }
        let column = |f: &Arc<arrow::datatypes::Field>| AnswerColumn {
            name: f.name().clone(),
            kind: cells::kind(f.data_type()),
        };
        Ok(Answer {
            columns: self.schema.fields().iter().map(column).collect(),
            rows,
            truncated: self.truncated(),
            row_limit: self.row_limit,
            elapsed: self.started.elapsed(),
        })
    }

    /// As events, for a plan that selects columns of `events`.
    pub async fn events(mut self) -> Result<StoredEvents, HuntFailure> {
        let mut events = Vec::new();
        while let Some(batch) = self.batches.try_next().await? {
            events.extend(columns::rows(&batch));
        }
        Ok(StoredEvents { events, truncated: self.truncated() })
    }
}
