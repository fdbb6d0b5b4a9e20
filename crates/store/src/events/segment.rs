//! A segment: one Parquet file of one tenant and day, sorted by host and time, with Bloom filters on what hunts look up. It
//! never changes once the manifest names it, and its file goes when nobody reads it any more.

use super::schema::{SEQUENCE, position, schema};
use crate::control::SegmentRecord;
use arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::parquet::schema::types::ColumnPath;
use event::Column;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Looked up by value, far apart in the sort order.
const BLOOM: [Column; 8] = [
    Column::ProcessEntityId,
    Column::ParentEntityId,
    Column::TargetEntityId,
    Column::ProcessHashSha256,
    Column::FileHashSha256,
    Column::SourceIp,
    Column::DestinationIp,
    Column::DnsQuestionName,
];
/// Numbers that run up: kept as differences.
const RISING: [Column; 3] = [Column::Time, Column::Sequence, Column::ProcessStart];
const ROW_GROUP: usize = 131_072;
const PAGE_ROWS: usize = 8_192;
const SLICE: usize = 32_768;
const DAY: i64 = 86_400 * 1_000_000_000;
/// A flush makes at most this many files a tenant, so that hostile clocks cannot make one of each row.
const MAX_DAYS: usize = 16;

/// A segment that the manifest names.
#[derive(Debug)]
pub(super) struct Segment {
    pub record: SegmentRecord,
    path: PathBuf,
    doomed: AtomicBool,
}

impl Segment {
    pub fn new(root: &Path, record: SegmentRecord) -> Self {
        Segment { path: root.join(&record.file), record, doomed: AtomicBool::new(false) }
    }

    /// The manifest no longer names it: the file goes with the last reader.
    pub fn doom(&self) {
        self.doomed.store(true, Ordering::Release);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if self.doomed.load(Ordering::Acquire)
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(file = %self.path.display(), %error, "a segment's file could not be removed");
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error("cannot write a segment: {0}")]
    Io(#[from] std::io::Error),
    #[error("cannot write a segment: {0}")]
    Parquet(#[from] ParquetError),
    #[error("cannot sort a segment: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
}

/// Sorts rows of one tenant into files below `root`, one a day, synced. `name` is unique to this call.
pub(super) fn write(
    root: &Path,
    tenant: &str,
    batches: &[RecordBatch],
    name: &str,
) -> Result<Vec<SegmentRecord>, WriteError> {
    let whole = concat_batches(&schema(), batches)?;
    let mut records = Vec::new();
    for (day, order) in days(&whole) {
        let folder = format!("{}/{day}", safe_name(tenant));
        std::fs::create_dir_all(root.join(&folder))?;
        let file = format!("{folder}/{name}.parquet");
        let written = write_file(&root.join(&file), &whole, &order);
        if written.is_err() {
            let _ = std::fs::remove_file(root.join(&file));
        }
        sync_folders(root, &folder)?;
        records.push(record(tenant, day, file, &whole, &order, written?));
    }
    Ok(records)
}

/// A tenant's name as a folder: itself when it is plain, else its bytes in hex.
fn safe_name(tenant: &str) -> String {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !tenant.is_empty() && tenant.len() <= 64 && tenant.bytes().all(plain) {
        return tenant.to_owned();
    }
    let bytes = event::text::clip(tenant, 60).bytes();
    let hash = crc32fast::hash(tenant.as_bytes());
    format!("_{}_{hash:08x}", bytes.map(|b| format!("{b:02x}")).collect::<String>())
}

fn sync_folders(root: &Path, folder: &str) -> std::io::Result<()> {
    let mut at = root.join(folder);
    loop {
        File::open(&at)?.sync_all()?;
        if at == root || !at.pop() {
            return Ok(());
        }
    }
}

/// Row numbers of each day, sorted by host and time. Beyond [`MAX_DAYS`] the scarcest share the file of the first of them.
fn days(batch: &RecordBatch) -> Vec<(i64, Vec<u32>)> {
    let times = batch.column(position(Column::Time)).as_primitive::<TimestampNanosecondType>();
    let mut days: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for (i, time) in times.values().iter().enumerate() {
        days.entry(time.div_euclid(DAY)).or_default().push(i as u32);
    }
    let mut days: Vec<(i64, Vec<u32>)> = days.into_iter().collect();
    if days.len() > MAX_DAYS {
        days.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        let scarce = days.split_off(MAX_DAYS - 1);
        let day = scarce[0].0;
        days.push((day, scarce.into_iter().flat_map(|(_, rows)| rows).collect()));
    }
    let hosts = host_ranks(batch);
    for (_, rows) in &mut days {
        rows.sort_unstable_by_key(|i| (hosts[*i as usize], times.value(*i as usize), *i));
    }
    days
}

/// For each row the rank of its host, so that sorting compares numbers.
fn host_ranks(batch: &RecordBatch) -> Vec<u32> {
    let hosts = batch.column(position(Column::HostId)).as_string_view();
    let mut ranks: BTreeMap<Option<&str>, u32> = hosts.iter().map(|host| (host, 0)).collect();
    for (rank, slot) in ranks.values_mut().enumerate() {
        *slot = rank as u32;
    }
    hosts.iter().map(|host| ranks[&host]).collect()
}

fn write_file(path: &Path, whole: &RecordBatch, order: &[u32]) -> Result<u64, WriteError> {
    let file = File::create(path)?;
    let mut writer = ArrowWriter::try_new(BufWriter::new(file), schema(), Some(properties(whole, order)))?;
    for slice in order.chunks(SLICE) {
        let sorted = take_record_batch(whole, &UInt32Array::from(slice.to_vec()))?;
        writer.write(&sorted)?;
    }
    let file = writer.into_inner()?.into_inner().map_err(|e| e.into_error())?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

fn properties(whole: &RecordBatch, order: &[u32]) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS / 4)
        .set_dictionary_page_size_limit(4 << 20)
        .set_column_index_truncate_length(Some(64));
    for column in BLOOM {
        let distinct = distinct(whole, column, order);
        if distinct > 0 {
            let path = ColumnPath::from(column.name());
            builder = builder
                .set_column_bloom_filter_enabled(path.clone(), true)
                .set_column_bloom_filter_fpp(path.clone(), 0.01)
                .set_column_bloom_filter_max_ndv(path, distinct.min(ROW_GROUP) as u64);
        }
    }
    for name in RISING.map(Column::name).into_iter().chain([SEQUENCE]) {
        let path = ColumnPath::from(name);
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    builder.build()
}

/// How many different values a column has, to size its filter.
fn distinct(whole: &RecordBatch, column: Column, order: &[u32]) -> usize {
    let values = whole.column(position(column)).as_string_view();
    if values.null_count() == values.len() {
        return 0;
    }
    let hasher = RandomState::new();
    let present = order.iter().map(|i| *i as usize).filter(|i| values.is_valid(*i));
    present.map(|i| hasher.hash_one(values.value(i))).collect::<HashSet<u64>>().len()
}

fn record(tenant: &str, day: i64, file: String, whole: &RecordBatch, order: &[u32], bytes: u64) -> SegmentRecord {
    let times = whole.column(position(Column::Time)).as_primitive::<TimestampNanosecondType>();
    let sequences = whole.column(whole.num_columns() - 1).as_primitive::<UInt64Type>();
    let hosts = whole.column(position(Column::HostId)).as_string_view();
    let host =
        |i: Option<&u32>| i.map(|i| *i as usize).filter(|i| hosts.is_valid(*i)).map(|i| hosts.value(i).to_owned());
    let time = |i: &u32| times.value(*i as usize);
    let sequence = |i: &u32| sequences.value(*i as usize);
    SegmentRecord {
        file,
        tenant: tenant.to_owned(),
        day,
        rows: order.len() as u64,
        bytes,
        min_time: order.iter().map(time).min().unwrap_or_default(),
        max_time: order.iter().map(time).max().unwrap_or_default(),
        min_sequence: order.iter().map(sequence).min().unwrap_or_default(),
        max_sequence: order.iter().map(sequence).max().unwrap_or_default(),
        min_host: host(order.first()).unwrap_or_default(),
        max_host: host(order.last()).unwrap_or_default(),
    }
}
