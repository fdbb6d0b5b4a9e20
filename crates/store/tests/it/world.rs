//! One setup for all: a store in a folder of its own, and rows that look like telemetry.

use event::{AgentId, Column, Row, TenantId, Timestamp, Value};
use store::{Answer, Appended, BatchId, Config, ControlStore, EventStore, HuntFailure};
use tempfile::TempDir;

pub struct World {
    pub dir: TempDir,
    pub control: ControlStore,
    pub events: EventStore,
}

/// 2026-01-31T00:00:00Z.
pub const T0: i64 = 1_769_817_600_000_000_000;
pub const SECOND: i64 = 1_000_000_000;

pub fn config() -> Config {
    Config { max_age: None, hunt_threads: 2, ..Config::default() }
}

impl World {
    pub async fn new() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (control, events) = open(&dir, config).await;
        World { dir, control, events }
    }

    /// Ends it and opens it again, as a restart does.
    pub async fn reopen(self) -> Self {
        self.events.close().await;
        self.control.close().await;
        let World { dir, control, events } = self;
        drop((control, events));
        let (control, events) = open(&dir, config()).await;
        World { dir, control, events }
    }

    pub async fn append(&self, first_seq: u64, rows: Vec<Row>) -> Appended {
        self.events.append(batch("default", 1, first_seq), rows).await.unwrap()
    }

    pub async fn hunt(&self, sql: &str) -> Result<Answer, HuntFailure> {
        hunt_as(&self.events, "default", sql).await
    }

    /// Rows of the answer, each as JSON text.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        texts(&self.hunt(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}")))
    }

    pub async fn number(&self, sql: &str) -> u64 {
        let answer = self.hunt(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        answer.rows[0][0].as_u64().unwrap_or_else(|| panic!("{sql}: {:?}", answer.rows))
    }
}

async fn open(dir: &TempDir, config: Config) -> (ControlStore, EventStore) {
    let control = ControlStore::open(&dir.path().join("control.db")).await.unwrap();
    let events = EventStore::open(&dir.path().join("events"), control.clone(), config).await.unwrap();
    (control, events)
}

pub fn texts(answer: &Answer) -> Vec<String> {
    answer.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect()
}

pub async fn hunt_as(events: &EventStore, tenant: &str, sql: &str) -> Result<Answer, HuntFailure> {
    let scope = hunt::Scope::new(TenantId::new(tenant), Timestamp(T0 + 3600 * SECOND));
    let plan = hunt::plan(sql, &scope).unwrap_or_else(|e| panic!("{sql}: {e}"));
    events.hunt(&plan).await?.collect().await
}

pub fn batch(tenant: &str, epoch: u64, first_seq: u64) -> BatchId {
    BatchId { tenant: TenantId::new(tenant), agent: AgentId::new(format!("agent-{tenant}")), epoch, first_seq }
}

/// Event `n`: one a second, ten hosts in turn, each process the child of the one ten before it.
pub fn row(n: u64) -> Row {
    let mut row = Row::default();
    row.set(Column::Time, Value::Time(Timestamp(T0 + n as i64 * SECOND)));
    row.set(Column::Sequence, Value::U64(n));
    row.set_text(Column::Category, "process");
    row.set_text(Column::Action, "process-exec");
    row.set_text(Column::HostId, format!("host-{}", n % 10));
    row.set_text(Column::HostName, format!("web{}", n % 10));
    row.set_text(Column::ProcessEntityId, format!("p-{n}"));
    if n >= 10 {
        row.set_text(Column::ParentEntityId, format!("p-{}", n - 10));
    }
    row.set(Column::ProcessPid, Value::U64(1000 + n));
    row.set_text(Column::ProcessName, if n.is_multiple_of(7) { "curl" } else { "bash" });
    row.set_text(Column::ProcessCommandLine, format!("run --step {n}"));
    row.set(Column::DestinationIp, Value::Ip(format!("10.0.{}.{}", n / 250 % 250, n % 250).parse().unwrap()));
    row.set(Column::ProcessInteractive, Value::Bool(n.is_multiple_of(2)));
    if n.is_multiple_of(5) {
        row.labels.insert("memfd".into(), "true".into());
    }
    row
}

pub fn rows(numbers: std::ops::Range<u64>) -> Vec<Row> {
    numbers.map(row).collect()
}
