//! `bench_retro [EVENTS]`: a new rule held against all that is stored, and a whole pack of rules; rows a second. The last
//! line is one JSON object; everything before it is for people.

#[path = "../bench_store/figures.rs"]
mod figures;
#[path = "../bench_store/telemetry.rs"]
#[expect(dead_code, reason = "the other bench's hunts are not run here")]
mod telemetry;

use event::{AgentId, Column, TenantId, Timestamp};
use figures::{Figures, cpu_seconds};
use hunt::ReplayQuery;
use rules::RuleSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{BatchId, Config, ControlStore, EventStore};
use telemetry::Telemetry;

const BATCH: u64 = 2_000;
const DAY: i64 = 86_400_000_000_000;

const RULE: &str = "title: A token on a command line\nid: 0e6f1f0a-5b0e-4c55-8f4e-1d2f6a3c9b77\n\
    logsource: {product: linux, category: process_creation}\n\
    detection: {a: {CommandLine|contains: '--token=7f3a'}, condition: a}\nlevel: low\n";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let events: u64 = std::env::args().nth(1).unwrap_or_else(|| "5000000".into()).replace('_', "").parse()?;
    let dir = tempfile::tempdir()?;
    let control = ControlStore::open(&dir.path().join("control.db")).await?;
    let config = Config { max_age: None, ..Config::default() };
    let store = EventStore::open(&dir.path().join("events"), control, config).await?;
    let telemetry = Telemetry::new(events);
    for first in (0..events).step_by(BATCH as usize) {
        let id = BatchId { tenant: TenantId::default(), agent: AgentId::new("bench"), epoch: 1, first_seq: first };
        store.append(id, telemetry.rows(first..(first + BATCH).min(events))).await?;
    }
    store.flush().await?;
    let mut figures = Figures::default();
    figures.put("events", events as f64);
    replay(&store, "one_rule", vec![("rule.yml".into(), RULE.into())], events, &mut figures).await?;
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/sigma");
    replay(&store, "our_pack", files(&pack)?, events, &mut figures).await?;
    store.close().await;
    figures.print("retro");
    Ok(())
}

fn files(folder: &std::path::Path) -> std::io::Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            all.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    Ok(all)
}

async fn replay(
    store: &EventStore,
    name: &str,
    files: Vec<(String, String)>,
    events: u64,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let (rules, report) = RuleSet::compile(files);
    let reads = rules.reads();
    let query = ReplayQuery {
        tenant: TenantId::default(),
        columns: reads.columns.into_iter().chain([Column::HostName]).collect(),
        labels: reads.labels,
        actions: reads.actions.iter().map(|action| (*action).to_owned()).collect(),
        from: Timestamp(telemetry::T0 - DAY),
        to: Timestamp(telemetry::T0 + 2 * DAY),
        in_order: reads.in_order,
        time_limit: Duration::from_secs(3_600),
    };
    let mut matcher = Arc::new(rules).matcher();
    let (started, before) = (Instant::now(), cpu_seconds()?);
    let mut stream = store.hunt(&query.plan()).await?;
    let (mut judged, mut hits) = (0, 0);
    while let Some(batch) = stream.next_events().await? {
        judged += batch.len();
        hits += batch.iter().map(|event| matcher.find(&event).len()).sum::<usize>();
    }
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds()? - before);
    println!("{name}: {} rules, {judged} of {events} events judged, {hits} hits, {wall:.2} s", report.usable);
    figures.put(&format!("{name}_rows_per_second"), events as f64 / wall);
    figures.put(&format!("{name}_judged_per_cpu_second"), judged as f64 / cpu);
    figures.put(&format!("{name}_judged"), judged as f64);
    figures.put(&format!("{name}_hits"), hits as f64);
    Ok(())
}
