//! Stored events handed to who judges events one by one, read where they lie in the batch: no row is built.

use super::answer::HuntStream;
use super::columns;
use super::error::HuntFailure;
use super::schema::LABELS;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use event::{Column, Fields, Value};
use futures::TryStreamExt;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Some events, with the columns that were asked for.
pub struct StoredBatch {
    batch: RecordBatch,
    /// Where a column stands, by its number among [`Column::ALL`].
    places: Vec<Option<usize>>,
    labels: Option<usize>,
}

/// One of them. What was not asked for is not there.
pub struct StoredFields<'a> {
    batch: &'a StoredBatch,
    at: usize,
}

impl HuntStream {
    /// The next batch of a plan that selects columns of `events`; None at the end.
    pub async fn next_events(&mut self) -> Result<Option<StoredBatch>, HuntFailure> {
        Ok(self.batches.try_next().await?.map(StoredBatch::new))
    }
}

impl StoredBatch {
    fn new(batch: RecordBatch) -> StoredBatch {
        let schema = batch.schema();
        let place = |name: &str| schema.column_with_name(name).map(|(at, _)| at);
        let mut places = Vec::new();
        for column in Column::ALL {
            let number = *column as usize;
            places.resize(places.len().max(number + 1), None);
            places[number] = place(column.name());
        }
        StoredBatch { labels: place(LABELS), places, batch }
    }

    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = StoredFields<'_>> {
        (0..self.len()).map(|at| StoredFields { batch: self, at })
    }
}

impl StoredFields<'_> {
    fn cell(&self, place: usize) -> Option<&ArrayRef> {
        Some(self.batch.batch.column(place)).filter(|array| array.is_valid(self.at))
    }

    fn labels(&self) -> BTreeMap<Cow<'_, str>, Cow<'_, str>> {
        let texts = self.batch.labels.and_then(|place| self.cell(place)).and_then(|array| array.as_string_view_opt());
        texts.map(|texts| columns::read_labels(texts.value(self.at))).unwrap_or_default()
    }
}

impl Fields for StoredFields<'_> {
    fn field(&self, column: Column) -> Option<Value<'_>> {
        let place = self.batch.places.get(column as usize).copied().flatten()?;
        columns::value(column.kind(), self.cell(place)?, self.at)
    }

    fn label(&self, name: &str) -> Option<Cow<'_, str>> {
        self.labels().remove(name)
    }

    fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        self.labels().iter().for_each(|(name, text)| visit(name, text));
    }
}
