//! `events` as the engine sees it for one hunt: one tenant's segments and recent rows, fixed at the hunt's start. Segments that
//! cannot hold an answer are left out by what the manifest knows of them; the engine does the rest inside the files.

use super::schema::{SEQUENCE, UTC, schema};
use super::segment::Segment;
use super::shared::Snapshot;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use event::Column;
use std::sync::Arc;

/// About what a row takes in memory, for the engine's choice of a join's sides.
const ROW_BYTES: usize = 400;

#[derive(Debug)]
pub(super) struct EventsTable {
    pub tenant: String,
    pub snapshot: Snapshot,
}

#[async_trait]
impl TableProvider for EventsTable {
    fn schema(&self) -> SchemaRef {
        schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// All rows are of one tenant, so its predicate is answered by the choice of segments; the others are also checked by the
    /// engine.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let how = |filter: &&Expr| match self.is_own_tenant(filter) {
            true => TableProviderFilterPushDown::Exact,
            false => TableProviderFilterPushDown::Inexact,
        };
        Ok(filters.iter().map(how).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let recent = [self.snapshot.recent.clone()];
        let recent = MemorySourceConfig::try_new_exec(&recent, schema(), projection.cloned())?;
        let segments: Vec<&Arc<Segment>> =
            self.snapshot.segments.iter().filter(|s| filters.iter().all(|f| may_match(f, s))).collect();
        if segments.is_empty() {
            return Ok(recent);
        }
        let files = self.files(state, segments, projection)?;
        match self.snapshot.recent.is_empty() {
            true => Ok(files),
            false => UnionExec::try_new(vec![files, recent]),
        }
    }
}

impl EventsTable {
    fn is_own_tenant(&self, filter: &Expr) -> bool {
        matches!(comparison(filter), Some((column, Operator::Eq, value))
            if column == Column::Tenant.name() && text(value) == Some(&self.tenant))
    }

    fn files(
        &self,
        state: &dyn Session,
        mut segments: Vec<&Arc<Segment>>,
        projection: Option<&Vec<usize>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = segments.iter().map(|segment| segment.record.rows as usize).sum::<usize>();
        // Newest first, so that a search for the latest rows soon knows what is too old.
        segments.sort_by_key(|s| std::cmp::Reverse(s.record.max_time));
        let lanes = state.config().target_partitions().min(segments.len()).max(1);
        let mut groups = vec![Vec::new(); lanes];
        for (i, segment) in segments.iter().enumerate() {
            groups[i % lanes].push(PartitionedFile::new(segment.record.file.clone(), segment.record.bytes));
        }
        let url = ObjectStoreUrl::local_filesystem();
        let env = state.runtime_env();
        let cache = env.cache_manager.get_file_metadata_cache();
        let reader = CachedParquetFileReaderFactory::new(env.object_store(&url)?, cache);
        let options = state.table_options().parquet.clone();
        let source = ParquetSource::new(schema())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader));
        // Without sizes the engine builds a join's table from whatever stands first, be it every event.
        let statistics = Statistics {
            num_rows: Precision::Inexact(rows),
            total_byte_size: Precision::Inexact(rows * ROW_BYTES),
            ..Statistics::new_unknown(&schema())
        };
        let scan = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_statistics(statistics)
            .with_file_groups(groups.into_iter().map(FileGroup::new).collect())
            .with_projection_indices(projection.cloned())?
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

/// False only when no row of the segment can meet the filter.
fn may_match(filter: &Expr, segment: &Segment) -> bool {
    if let Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) = filter {
        return may_match(left, segment) && may_match(right, segment);
    }
    if let Expr::InList(list) = filter {
        return list.negated || hosts_may_match(&list.expr, &list.list, segment);
    }
    let Some((column, op, value)) = comparison(filter) else { return true };
    let record = &segment.record;
    match (column, value) {
        (name, ScalarValue::TimestampNanosecond(Some(time), zone)) if name == Column::Time.name() => {
            zone.as_deref().is_some_and(|z| z != UTC) || within(op, *time, record.min_time, record.max_time)
        }
        (SEQUENCE, ScalarValue::UInt64(Some(n))) => within(op, *n, record.min_sequence, record.max_sequence),
        (SEQUENCE, ScalarValue::Int64(Some(n))) => {
            u64::try_from(*n).map_or(true, |n| within(op, n, record.min_sequence, record.max_sequence))
        }
        (name, value) if name == Column::HostId.name() && op == Operator::Eq => {
            text(value).is_none_or(|host| host_may_be_in(host, segment))
        }
        _ => true,
    }
}

fn within<T: PartialOrd>(op: Operator, value: T, min: T, max: T) -> bool {
    match op {
        Operator::Eq => min <= value && value <= max,
        Operator::Lt => min < value,
        Operator::LtEq => min <= value,
        Operator::Gt => max > value,
        Operator::GtEq => max >= value,
        _ => true,
    }
}

fn hosts_may_match(expr: &Expr, list: &[Expr], segment: &Segment) -> bool {
    let is_host = matches!(expr, Expr::Column(c) if c.name == Column::HostId.name());
    !is_host
        || list.iter().any(|e| match e {
            Expr::Literal(value, _) => text(value).is_none_or(|host| host_may_be_in(host, segment)),
            _ => true,
        })
}

fn host_may_be_in(host: &str, segment: &Segment) -> bool {
    segment.record.min_host.as_str() <= host && host <= segment.record.max_host.as_str()
}

/// `column op literal`, also written the other way round.
fn comparison(filter: &Expr) -> Option<(&str, Operator, &ScalarValue)> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return None };
    match (left.as_ref(), right.as_ref()) {
        (Expr::Column(column), Expr::Literal(value, _)) => Some((&column.name, *op, value)),
        (Expr::Literal(value, _), Expr::Column(column)) => Some((&column.name, op.swap()?, value)),
        _ => None,
    }
}

fn text(value: &ScalarValue) -> Option<&String> {
    match value {
        ScalarValue::Utf8(Some(t)) | ScalarValue::Utf8View(Some(t)) | ScalarValue::LargeUtf8(Some(t)) => Some(t),
        _ => None,
    }
}
