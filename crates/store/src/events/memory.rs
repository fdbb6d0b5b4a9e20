//! Rows that are in the log but not yet in a segment, as batches that hunts read.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use std::collections::BTreeMap;
use std::time::Instant;

/// A batch is merged into the one before it while both are small, so that a trickle of single rows does not become a
/// thousand batches.
const MERGE_BELOW: usize = 8_192;

#[derive(Clone, Default)]
pub(super) struct Memory {
    tenants: BTreeMap<String, Vec<RecordBatch>>,
    rows: usize,
    bytes: usize,
    oldest: Option<Instant>,
}

impl Memory {
    pub fn push(&mut self, tenant: &str, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.oldest.get_or_insert_with(Instant::now);
        let batches = self.tenants.entry(tenant.to_owned()).or_default();
        let mut new = batch;
        while let Some(last) = batches.last() {
            if last.num_rows() + new.num_rows() > MERGE_BELOW || last.num_rows() > new.num_rows() * 2 {
                break;
            }
            match concat_batches(last.schema_ref(), [last, &new]) {
                Ok(merged) => {
                    batches.pop();
                    new = merged;
                }
                Err(_) => break,
            }
        }
        batches.push(new);
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn oldest(&self) -> Option<Instant> {
        self.oldest
    }

    pub fn of(&self, tenant: &str) -> &[RecordBatch] {
        self.tenants.get(tenant).map_or(&[], Vec::as_slice)
    }

    pub fn tenants(&self) -> impl Iterator<Item = (&String, &Vec<RecordBatch>)> {
        self.tenants.iter()
    }
}
