//! Hunts by DataFusion, behind locks of its own: only the tables of one tenant, only the functions on the planner's list, no
//! statement that writes or sets, no file but the store's segments, bounded memory, time and rows.

use super::alerts_table;
use super::answer::HuntStream;
use super::config::Config;
use super::deadline::Deadline;
use super::error::HuntFailure;
use super::label::label;
use super::shared::{Shared, segment_dir};
use super::table::EventsTable;
use super::worded::worded;
use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemTable, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider,
};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use futures::stream;
use hunt::{HuntPlan, Table};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout_at;

/// Bytes of footers and page indexes kept ready.
const METADATA_CACHE: usize = 128 << 20;

pub(super) struct Engine {
    template: SessionState,
    slots: Arc<Semaphore>,
    runtime: Handle,
}

type Batches = mpsc::Sender<Option<Result<RecordBatch, HuntFailure>>>;

impl Engine {
    pub fn new(dir: &Path, config: &Config, runtime: Handle) -> Result<Self, DataFusionError> {
        let env = runtime_env(dir, config)?;
        let mut session = SessionConfig::new()
            .with_target_partitions(config.hunt_threads)
            .with_information_schema(false)
            .with_create_default_catalog_and_schema(true);
        let options = session.options_mut();
        options.execution.parquet.pushdown_filters = true;
        options.execution.parquet.reorder_filters = true;
        options.execution.parquet.bloom_filter_on_read = true;
        options.execution.parquet.max_in_list_size = 64;
        options.sql_parser.enable_options_value_normalization = false;
        let full =
            SessionStateBuilder::new().with_config(session).with_runtime_env(env).with_default_features().build();
        let template = only_allowed(full);
        Ok(Engine { template, slots: Arc::new(Semaphore::new(config.hunts_at_once)), runtime })
    }

    /// Runs the plan on the engine's own threads; dropping the stream ends it.
    pub async fn run(&self, shared: Arc<Shared>, plan: HuntPlan) -> Result<HuntStream, HuntFailure> {
        let started = Instant::now();
        let deadline = tokio::time::Instant::now() + plan.time_limit;
        let slot = timeout_at(deadline, Arc::clone(&self.slots).acquire_owned());
        let slot = slot.await.map_err(|_| HuntFailure::TimeLimit(plan.time_limit))?;
        let slot = slot.map_err(|_| HuntFailure::Closed)?;
        let (batches, received) = mpsc::channel(4);
        let (tell, told) = oneshot::channel();
        let (template, time_limit) = (self.template.clone(), plan.time_limit);
        let (truncated, row_limit) = (Arc::new(AtomicBool::new(false)), plan.row_limit);
        let ends = Deadline { at: deadline.into_std(), limit: time_limit };
        let hunt = Hunt { shared, template, plan, ends, tell: Some(tell), batches, truncated: Arc::clone(&truncated) };
        self.runtime.spawn(async move {
            let _slot = slot;
            hunt.drive().await;
        });
        // A hunt that died leaves the channel closed without its last word.
        let schema: SchemaRef = told.await.map_err(|_| HuntFailure::Internal)??;
        Ok(HuntStream { schema, batches: until_end(received).boxed(), truncated, row_limit, started })
    }
}

fn runtime_env(dir: &Path, config: &Config) -> Result<Arc<RuntimeEnv>, DataFusionError> {
    let no_disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let env = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(config.hunt_memory)))
        .with_disk_manager_builder(no_disk)
        .with_metadata_cache_limit(METADATA_CACHE)
        .build_arc()?;
    // Takes the place of the whole file system: a path outside this folder cannot be named.
    let segments = LocalFileSystem::new_with_prefix(segment_dir(dir))?;
    env.register_object_store(ObjectStoreUrl::local_filesystem().as_ref(), Arc::new(segments));
    Ok(env)
}

/// The engine's functions cut down to the planner's list, its readers of foreign formats and table functions to none.
fn only_allowed(full: SessionState) -> SessionState {
    let scalars = full.scalar_functions().iter().filter(|(name, _)| keep(name)).map(|(_, f)| Arc::clone(f));
    let scalars: Vec<_> = scalars.chain([Arc::new(label())]).collect();
    let aggregates: Vec<_> =
        full.aggregate_functions().iter().filter(|(name, _)| keep(name)).map(|(_, f)| Arc::clone(f)).collect();
    let windows: Vec<_> =
        full.window_functions().iter().filter(|(name, _)| keep(name)).map(|(_, f)| Arc::clone(f)).collect();
    SessionStateBuilder::new_from_existing(full)
        .with_scalar_functions(scalars)
        .with_aggregate_functions(aggregates)
        .with_window_functions(windows)
        .with_table_functions(Default::default())
        .with_table_factories(Default::default())
        .with_file_formats(Vec::new())
        .build()
}

/// Besides what people may write, what the engine's own planner writes for them.
fn keep(name: &str) -> bool {
    hunt::is_allowed(name) || matches!(name, "get_field" | "make_array" | "named_struct" | "struct" | "array_slice")
}

/// One catalog with one empty schema, by the names that the engine looks under.
fn only_catalog(state: &SessionState) -> Result<Arc<dyn CatalogProviderList>, DataFusionError> {
    let names = &state.config().options().catalog;
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(&names.default_schema, Arc::new(MemorySchemaProvider::new()))?;
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(names.default_catalog.clone(), Arc::new(catalog));
    Ok(Arc::new(catalogs))
}

struct Hunt {
    shared: Arc<Shared>,
    template: SessionState,
    plan: HuntPlan,
    ends: Deadline,
    tell: Option<oneshot::Sender<Result<SchemaRef, HuntFailure>>>,
    batches: Batches,
    truncated: Arc<AtomicBool>,
}

impl Hunt {
    async fn drive(mut self) {
        let Deadline { at, limit } = self.ends;
        let ended = timeout_at(at.into(), self.answer()).await.unwrap_or(Err(HuntFailure::TimeLimit(limit)));
        self.count(ended.is_err());
        match (ended, self.tell.take()) {
            (Err(failure), Some(tell)) => drop(tell.send(Err(failure))),
            (Err(failure), None) => drop(self.batches.send(Some(Err(failure))).await),
            (Ok(()), _) => drop(self.batches.send(None).await),
        }
    }

    fn count(&self, failed: bool) {
        let mut stats = self.shared.stats.lock();
        stats.hunts += 1;
        stats.failed_hunts += u64::from(failed);
    }

    async fn answer(&mut self) -> Result<(), HuntFailure> {
        let context = self.context().await?;
        let only_reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let frame = context.sql_with_options(&self.plan.sql, only_reads).await.map_err(worded)?;
        let mut rows = frame.execute_stream().await.map_err(worded)?;
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Ok(rows.schema()));
        }
        let mut left = self.plan.row_limit;
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(worded)?;
            if batch.num_rows() > left {
                self.truncated.store(true, Ordering::Release);
            }
            let cut = batch.slice(0, batch.num_rows().min(left));
            left -= cut.num_rows();
            if cut.num_rows() > 0 && self.batches.send(Some(Ok(cut))).await.is_err() {
                return Ok(());
            }
            if self.truncated.load(Ordering::Acquire) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A session that holds this tenant's tables and nothing else.
    async fn context(&self) -> Result<SessionContext, HuntFailure> {
        let catalogs = only_catalog(&self.template).map_err(worded)?;
        let state = SessionStateBuilder::new_from_existing(self.template.clone())
            .with_catalog_list(catalogs)
            .with_physical_optimizer_rule(Arc::new(self.ends))
            .build();
        let context = SessionContext::new_with_state(state);
        let tenant = self.plan.tenant.as_str();
        if self.plan.tables.contains(&Table::Events) {
            let snapshot = self.shared.snapshot(tenant);
            let table = EventsTable { tenant: tenant.to_owned(), snapshot };
            context.register_table("events", Arc::new(table)).map_err(worded)?;
        }
        if self.plan.tables.contains(&Table::Alerts) {
            let alerts = self.shared.control.newest_alerts(&self.plan.tenant, self.shared.config.hunt_alerts).await;
            let batch = alerts_table::batch(&alerts.map_err(control_failure)?).map_err(|e| worded(e.into()))?;
            register(&context, "alerts", batch)?;
        }
        for (name, values) in &self.plan.lists {
            let schema = Schema::new(vec![Field::new("value", DataType::Utf8, false)]);
            let values = Arc::new(StringArray::from_iter_values(values));
            let batch = RecordBatch::try_new(Arc::new(schema), vec![values]).map_err(|e| worded(e.into()))?;
            register(&context, name, batch)?;
        }
        Ok(context)
    }
}

fn register(context: &SessionContext, name: &str, batch: RecordBatch) -> Result<(), HuntFailure> {
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(worded)?;
    context.register_table(name, Arc::new(table)).map_err(worded)?;
    Ok(())
}

fn control_failure(error: crate::ControlError) -> HuntFailure {
    tracing::error!(%error, "alerts cannot be read for a hunt");
    HuntFailure::Internal
}

/// Ends at the hunt's last word; a channel that closes without one is a failure, not an end.
fn until_end(
    received: mpsc::Receiver<Option<Result<RecordBatch, HuntFailure>>>,
) -> impl futures::Stream<Item = Result<RecordBatch, HuntFailure>> + Send + 'static {
    stream::unfold(Some(received), |received| async move {
        let mut received = received?;
        match received.recv().await {
            Some(Some(Ok(batch))) => Some((Ok(batch), Some(received))),
            Some(Some(Err(failure))) => Some((Err(failure), None)),
            Some(None) => None,
            None => Some((Err(HuntFailure::Internal), None)),
        }
    })
}
