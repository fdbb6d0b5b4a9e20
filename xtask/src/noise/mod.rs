//! `cargo xtask noise`: harmless work with real software (package operations, builds, back-ups, log rotation, scheduled
//! jobs, administrators' sessions, databases, a web server) in throw-away roots in front of the real agent, again and again
//! for so many minutes. Prints each alert that it set off, what stood on events without an alert, and one line of JSON.

mod jobs;

use crate::guarded::Guarded;
use crate::throwaway::sandbox::{Inside, Layers};
use crate::{paths, throwaway};
use anyhow::{Context, Result};
use clap::Args;
use jobs::JOBS;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Options {
    /// How long; a round of all jobs that has begun is ended.
    #[arg(long, default_value_t = 20)]
    minutes: u64,
    /// Only these jobs.
    #[arg(long)]
    job: Vec<String>,
    /// A binary that stands already, instead of building one.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Folder of rules besides those built in.
    #[arg(long)]
    content: Vec<PathBuf>,
}

pub fn noise(options: &Options) -> Result<()> {
    throwaway::within("noise", |work| if throwaway::is_apart() { run(options, work) } else { throwaway::apart() })
}

/// What was told of one job's processes.
#[derive(Default)]
struct Heard {
    family: HashSet<u64>,
    events: u64,
    /// Events that carry a rule's name, by it.
    signs: BTreeMap<String, u64>,
    alerts: Vec<Value>,
}

impl Heard {
    fn take(&mut self, told: &Value) {
        let event = &told["event"];
        let pid = |name: &str| event[name].as_u64();
        if pid("process_parent_pid").is_some_and(|parent| self.family.contains(&parent)) {
            self.family.extend(pid("process_pid"));
        }
        if pid("process_pid").is_some_and(|pid| self.family.contains(&pid)) {
            self.events += 1;
            for name in event["labels"]["rule_name"].as_str().unwrap_or_default().split("; ").filter(|n| !n.is_empty())
            {
                *self.signs.entry(name.to_owned()).or_default() += 1;
            }
        }
        let lineage = told["alert"]["lineage"].as_array();
        let ours = |process: &Value| process["pid"].as_u64().is_some_and(|pid| self.family.contains(&pid));
        if lineage.is_some_and(|all| all.iter().any(ours)) {
            self.alerts.push(told["alert"].clone());
        }
    }
}

fn run(options: &Options, work: &Path) -> Result<()> {
    let tamon = throwaway::binary(options.binary.as_deref())?;
    let cache = paths::target().join("throwaway");
    let layers = Layers::prepare(&cache, work, throwaway::TOOLS)?;
    let chosen: Vec<&jobs::Job> =
        JOBS.iter().filter(|job| options.job.is_empty() || options.job.iter().any(|name| name == job.name)).collect();
    for job in &chosen {
        let root = layers.root(job.name)?;
        packages_into(&cache.join("debs"), &root)?;
    }
    let agent = Guarded::start(&tamon, &work.join("agent"), &throwaway::policy(&layers.roots)?, &options.content)?;
    let mut told = agent.listen()?;
    let (mut signs, mut alerts, mut events): (BTreeMap<String, u64>, Vec<(&str, Value)>, u64) = Default::default();
    let (begun, mut rounds, mut failed) = (Instant::now(), 0u64, 0u64);
    while begun.elapsed() < Duration::from_secs(options.minutes * 60) {
        rounds += 1;
        for job in &chosen {
            let mut inside = Inside::start(&layers.roots.join(job.name), "bash", job.script)?;
            let mut heard = Heard { family: HashSet::from([u64::from(inside.pid())]), ..Heard::default() };
            inside.ready()?;
            told.until_now(Duration::ZERO, &mut |line| heard.take(&line))?;
            // What sets the root up is ours, not the job's.
            (heard.events, heard.signs, heard.alerts) = Default::default();
            let ended = inside.go(Duration::from_secs(300))?;
            told.until_now(Duration::from_secs(1), &mut |line| heard.take(&line))?;
            if ended.code != Some(0) {
                failed += 1;
                let last = ended.output.lines().last().unwrap_or_default();
                println!("round {rounds}: {} ended with {:?}: {last}", job.name, ended.code);
            }
            println!("round {rounds}: {:12} {:>6} events, {} alerts", job.name, heard.events, heard.alerts.len());
            for (name, count) in heard.signs {
                *signs.entry(name).or_default() += count;
            }
            events += heard.events;
            alerts.extend(heard.alerts.into_iter().map(|alert| (job.name, alert)));
        }
    }
    report(&alerts, &signs);
    let of = |severity: &str| alerts.iter().filter(|(_, alert)| alert["severity"] == severity).count() as f64;
    let figures = [
        ("minutes", begun.elapsed().as_secs_f64() / 60.0),
        ("rounds", rounds as f64),
        ("jobs_failed", failed as f64),
        ("events", events as f64),
        ("lost", agent.lost() as f64),
        ("critical", of("critical")),
        ("high", of("high")),
        ("medium", of("medium")),
        ("low", of("low")),
    ];
    crate::bench::print("noise", figures.map(|(name, figure)| (name.to_owned(), figure)).to_vec());
    Ok(())
}

fn report(alerts: &[(&str, Value)], signs: &BTreeMap<String, u64>) {
    println!("\nalerts: {}", alerts.len());
    for (job, alert) in alerts {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let names: Vec<String> =
            alert["findings"].as_array().into_iter().flatten().map(|finding| text(&finding["name"])).collect();
        println!(
            "  {:8} {job}: {} <- {} ({})",
            text(&alert["severity"]),
            names.join("; "),
            text(&alert["event"]["process_command_line"]).chars().take(120).collect::<String>(),
            text(&alert["event"]["file_path"]),
        );
        if names.iter().any(|name| name == "Small signs add up") {
            println!("           {}", text(&alert["findings"][0]["detail"]));
        }
    }
    println!("\nsigns on events, by rule:");
    let mut signs: Vec<(&String, &u64)> = signs.iter().collect();
    signs.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    signs.iter().for_each(|(name, count)| println!("  {count:>6} {name}"));
}

/// Packages for the job that installs and removes them.
fn packages_into(debs: &Path, root: &Path) -> Result<()> {
    let inside = root.join("var/cache/packages");
    fs::create_dir_all(&inside)?;
    for entry in fs::read_dir(debs).with_context(|| format!("no packages in {}", debs.display()))?.flatten() {
        let name = entry.file_name();
        if ["nmap-common", "ed_", "xclip", "telnet", "sshpass"]
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            fs::copy(entry.path(), inside.join(name))?;
        }
    }
    Ok(())
}
