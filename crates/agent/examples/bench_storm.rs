//! `cargo xtask bench storm [SECONDS] [EVENTS_PER_SECOND]`: a paced storm of file events through sensor → enrich → rules →
//! spool of the real agent, reconciled to the event: what the load did, what the sensor saw, what the spool holds.
//!
//! The load writes files in a folder of its own, so that its events are told from everything else on the host by path.

use anyhow::{Context, Result, bail};
use event::Column;
use spool::{Spool, SpoolConfig};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Events that one turn of the load makes: create, close after write, unlink.
const EVENTS_A_TURN: u64 = 3;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, folder, turns, rate] = arguments.as_slice()
        && role == "load"
    {
        return load(Path::new(folder), turns.parse()?, rate.parse()?);
    }
    let number = |n: usize, default: u64| arguments.get(n).map_or(Ok(default), |text| text.parse());
    let (seconds, rate) = (number(0, 30)?, number(1, 50_000)?);
    let tamon: PathBuf = std::env::var_os("TAMON").context("TAMON must name the binary; use cargo xtask bench")?.into();
    let folder = std::env::temp_dir().join(format!("tamon-storm-{}", std::process::id()));
    fs::create_dir_all(folder.join("state"))?;
    let result = storm(&tamon, &folder, seconds, rate);
    fs::remove_dir_all(&folder)?;
    result
}

fn storm(tamon: &Path, folder: &Path, seconds: u64, rate: u64) -> Result<()> {
    let turns = seconds * rate / EVENTS_A_TURN;
    let mut agent = Agent::start(tamon, folder)?;
    let load_folder = folder.join("load");
    fs::create_dir_all(&load_folder)?;
    let idle = agent.status()?;
    let start = Instant::now();
    let status = Command::new(std::env::current_exe()?)
        .arg("load")
        .arg(&load_folder)
        .args([turns.to_string(), (rate / EVENTS_A_TURN).to_string()])
        .status()?;
    if !status.success() {
        bail!("the load ended with {status}");
    }
    let took = start.elapsed().as_secs_f64();
    let after = agent.quiet()?;
    agent.stop()?;
    let stored = stored(&folder.join("state/agent/spool"), &load_folder)?;
    report(turns, took, &idle, &after, &stored)
}

fn report(
    turns: u64,
    took: f64,
    idle: &serde_json::Value,
    after: &serde_json::Value,
    stored: &BTreeMap<String, u64>,
) -> Result<()> {
    let submitted = turns * EVENTS_A_TURN;
    let lost: u64 =
        after["sensor"]["lost"].as_object().map_or(0, |kinds| kinds.values().filter_map(|n| n.as_u64()).sum());
    let held: u64 =
        ["file-create", "file-write-close", "file-unlink"].iter().filter_map(|action| stored.get(*action)).sum();
    println!("submitted  {submitted} events in {took:.1} s, {:.0} a second", submitted as f64 / took);
    println!("stored     {held} of them: {stored:?}");
    for stage in ["seen", "enriched", "matched", "stored"] {
        println!("{stage:10} {} events of the whole host", after["stages"][stage]);
    }
    println!("lost       {lost}");
    println!("memory     {} MB before, {} MB after", megabytes(idle), megabytes(after));
    let figures = serde_json::json!({
        "submitted": submitted, "stored": held, "missing": submitted.saturating_sub(held), "lost": lost,
        "events_per_second": (submitted as f64 / took).round(), "rss_mb_after": megabytes(after),
    });
    println!("{}", serde_json::json!({ "bench": "storm", "machine": machine(), "figures": figures }));
    if held != submitted {
        bail!("{submitted} events were made and {held} are stored");
    }
    Ok(())
}

fn megabytes(status: &serde_json::Value) -> u64 {
    status["resident_bytes"].as_u64().unwrap_or(0) / 1_000_000
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores, Linux {}", kernel.trim())
}

/// Paced in slices of 10 ms, so that the rate holds without a sleep for each turn.
fn load(folder: &Path, turns: u64, rate: u64) -> Result<()> {
    let slice = (rate / 100).max(1);
    let start = Instant::now();
    for turn in 0..turns {
        let path = folder.join(format!("f{}", turn % 512));
        fs::write(&path, b"x")?;
        fs::remove_file(&path)?;
        if turn % slice == slice - 1 {
            let due = Duration::from_secs_f64((turn + 1) as f64 / rate as f64);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
    }
    Ok(())
}

/// Counts by action, of the events about files of the load.
fn stored(spool: &Path, load: &Path) -> Result<BTreeMap<String, u64>> {
    let spool = Spool::open(spool, SpoolConfig { max_bytes: 8 << 30, ..SpoolConfig::default() })?;
    let below = format!("{}/", load.display());
    let mut counts = BTreeMap::new();
    let mut next = spool.acked() + 1;
    loop {
        let records = spool.read_from(next, 8 << 20)?;
        let Some(last) = records.last() else { return Ok(counts) };
        next = last.seq + 1;
        for record in &records {
            if let wire::RecordBody::Event(row) = wire::Record::decode(&record.payload)?.body
                && row.text(Column::FilePath).is_some_and(|path| path.starts_with(&below))
                && let Some(action) = row.text(Column::Action)
            {
                *counts.entry(action.into_owned()).or_insert(0) += 1;
            }
        }
    }
}

struct Agent {
    tamon: PathBuf,
    state: PathBuf,
    child: Child,
}

impl Agent {
    fn start(tamon: &Path, folder: &Path) -> Result<Agent> {
        let state = folder.join("state");
        fs::write(folder.join("agent.toml"), "[spool]\nmax_mib = 8192\n")?;
        let log = fs::File::create(folder.join("agent.log"))?;
        let child = Command::new(tamon)
            .arg("--state")
            .arg(&state)
            .arg("agent")
            .arg("--config")
            .arg(folder.join("agent.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let agent = Agent { tamon: tamon.into(), state, child };
        let start = Instant::now();
        while agent.status().is_err() {
            if start.elapsed() > Duration::from_secs(30) {
                bail!("the agent is not ready: {}", fs::read_to_string(folder.join("agent.log"))?);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(agent)
    }

    fn status(&self) -> Result<serde_json::Value> {
        let out =
            Command::new(&self.tamon).arg("--state").arg(&self.state).args(["status", "--output", "json"]).output()?;
        if !out.status.success() {
            bail!("status: {}", out.status);
        }
        Ok(serde_json::from_slice(&out.stdout)?)
    }

    /// When the pipeline has taken all that the sensor saw, and nothing more comes in bulk.
    fn quiet(&self) -> Result<serde_json::Value> {
        let mut before = self.status()?;
        for _ in 0..120 {
            std::thread::sleep(Duration::from_millis(500));
            let now = self.status()?;
            let moved =
                now["stages"]["stored"].as_u64().unwrap_or(0) - before["stages"]["stored"].as_u64().unwrap_or(0);
            if moved < 1000 {
                return Ok(now);
            }
            before = now;
        }
        Ok(before)
    }

    fn stop(&mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}
