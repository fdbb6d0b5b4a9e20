//! `bench_store [EVENTS]`: rows a second into the store while hunts run, bytes an event, five typical hunts, and a kill under
//! ingest. The last line is one JSON object; everything before it is for people.

mod figures;
mod kill;
mod telemetry;

use event::{AgentId, TenantId, Timestamp};
use figures::{Figures, cpu_seconds};
use hunt::{HuntPlan, Scope};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use store::{BatchId, Config, ControlStore, EventStore};
use telemetry::{HOSTS, Telemetry};

const BATCH: u64 = 2_000;
const RUNS: usize = 7;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let first = args.next().unwrap_or_else(|| "5000000".into());
    if first == kill::CHILD {
        return kill::child(Path::new(&args.next().ok_or("the child needs its folder")?)).await;
    }
    let events: u64 = first.replace('_', "").parse()?;
    let dir = tempfile::tempdir()?;
    let mut figures = Figures::default();
    let (_control, store) = open(dir.path()).await?;
    ingest(&store, events, &mut figures).await?;
    hunts(&store, events, &mut figures).await?;
    store.close().await;
    kill::check(&mut figures).await?;
    figures.print("store");
    Ok(())
}

async fn open(dir: &Path) -> Result<(ControlStore, EventStore), Failure> {
    let control = ControlStore::open(&dir.join("control.db")).await?;
    let config = Config { max_age: None, ..Config::default() };
    let store = EventStore::open(&dir.join("events"), control.clone(), config).await?;
    Ok((control, store))
}

/// What making the rows costs is measured apart and taken off: it is the bench's, not the store's.
async fn ingest(store: &EventStore, events: u64, figures: &mut Figures) -> Result<(), Failure> {
    let sample = (events / 10).clamp(1, 200_000);
    let before = cpu_seconds()?;
    let mut made = 0;
    for first in (0..sample).step_by(BATCH as usize) {
        made += Telemetry::new(events).rows(first..(first + BATCH).min(sample)).len();
    }
    let making = (cpu_seconds()? - before) / made as f64 * events as f64;

    let running = Arc::new(AtomicBool::new(true));
    let hunter = tokio::spawn(hunt_meanwhile(store.clone(), Arc::clone(&running), events));
    let (started, before) = (Instant::now(), cpu_seconds()?);
    let lanes = 4;
    let tasks = (0..lanes).map(|lane| tokio::spawn(lane_of(store.clone(), lane, lanes, events)));
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    let wall = started.elapsed().as_secs_f64();
    store.flush().await?;
    let cpu = cpu_seconds()? - before - making;
    running.store(false, Ordering::Relaxed);
    let hunts_meanwhile = hunter.await?;
    let stats = store.stats();
    figures.put("events", events as f64);
    figures.put("rows_per_second", events as f64 / wall);
    figures.put("rows_per_cpu_second", events as f64 / cpu);
    figures.put("hunts_meanwhile", hunts_meanwhile as f64);
    figures.put("bytes_per_event", stats.segment_bytes as f64 / stats.segment_rows as f64);
    figures.put("segments", stats.segments as f64);
    figures.put("missing", events as f64 - stats.segment_rows as f64);
    Ok(())
}

async fn lane_of(store: EventStore, lane: u64, lanes: u64, events: u64) -> Result<(), String> {
    let telemetry = Telemetry::new(events);
    for first in (lane * BATCH..events).step_by((lanes * BATCH) as usize) {
        let rows = telemetry.rows(first..(first + BATCH).min(events));
        let agent = AgentId::new(format!("lane-{lane}"));
        let id = BatchId { tenant: TenantId::default(), agent, epoch: 1, first_seq: first };
        store.append(id, rows).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// An analyst who looks every second.
async fn hunt_meanwhile(store: EventStore, running: Arc<AtomicBool>, events: u64) -> u64 {
    let mut done = 0;
    while running.load(Ordering::Relaxed) {
        let sql = Telemetry::new(events).host_minute(7);
        if run(&store, &plan(&sql)).await.is_ok() {
            done += 1;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    done
}

fn plan(sql: &str) -> HuntPlan {
    let mut scope = Scope::new(TenantId::default(), Timestamp(telemetry::T0));
    scope.lists.insert("indicators".into());
    hunt::plan(sql, &scope).unwrap_or_else(|e| panic!("{sql}: {e}"))
}

async fn run(store: &EventStore, plan: &HuntPlan) -> Result<usize, Failure> {
    Ok(store.hunt(plan).await?.collect().await?.rows.len())
}

async fn hunts(store: &EventStore, events: u64, figures: &mut Figures) -> Result<(), Failure> {
    let telemetry = Telemetry::new(events);
    let indicators = (0..200_000u32).map(|n| format!("203.{}.{}.{}", n >> 16, (n >> 8) & 255, n & 255)).collect();
    let process = telemetry.process_of(events / 2);
    let plans = [
        ("host_minute", plan(&telemetry.host_minute(events / 3))),
        ("tree", hunt::tree_events(&TenantId::default(), &[process], 10_000)),
        ("substring", plan("SELECT timestamp, host_id, process_command_line FROM events WHERE process_command_line LIKE '%--token=7f3a%'")),
        (
            "indicators",
            plan("SELECT host_id, destination_ip, count(*) FROM events JOIN indicators ON destination_ip = value GROUP BY 1, 2")
                .with_list("indicators", indicators),
        ),
        (
            "rare_pairs",
            plan("SELECT process_parent_name, process_name, count(*) AS n, count(DISTINCT host_id) AS hosts FROM events \
                  WHERE event_action = 'process-exec' GROUP BY 1, 2 HAVING count(DISTINCT host_id) <= 2 ORDER BY n LIMIT 50"),
        ),
    ];
    for (name, plan) in plans {
        let rows = run(store, &plan).await?;
        let (mut walls, cpu) = (Vec::new(), cpu_seconds()?);
        for _ in 0..RUNS {
            let started = Instant::now();
            run(store, &plan).await?;
            walls.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        let cpu = (cpu_seconds()? - cpu) / RUNS as f64 * 1000.0;
        walls.sort_by(f64::total_cmp);
        println!("{name}: {rows} rows, {:.1} ms median, {:.1} best, {cpu:.1} CPU-ms", walls[RUNS / 2], walls[0]);
        figures.put(&format!("{name}_ms"), walls[RUNS / 2]);
        figures.put(&format!("{name}_best_ms"), walls[0]);
        figures.put(&format!("{name}_cpu_ms"), cpu);
        figures.put(&format!("{name}_rows"), rows as f64);
    }
    println!("over {events} events of {HOSTS} hosts in one day");
    Ok(())
}
