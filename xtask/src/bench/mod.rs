//! Numbers, each from one command. A bench is an example of the crate that it measures, built with the `up` profile; it
//! prints lines for people and ends with one line of JSON. `overhead` drives the whole binary from outside and stands here.

mod beside;
mod console;
mod lockdown;
mod overhead;
mod pipeline;
mod prevention;

use crate::prevention::service::Quiet;
use crate::{build, packages, paths, run};
use anyhow::{Result, bail};

/// Name, crate, example.
const BENCHES: &[(&str, &str, &str)] = &[
    ("probes", "sensor", "bench_probes"),
    ("rules", "rules", "bench_rules"),
    ("detect", "detect", "bench_detect"),
    ("normal", "detect", "bench_normal"),
    ("sigma", "logs", "bench_sigma"),
    ("storm", "agent", "bench_storm"),
    ("memory", "agent", "bench_memory"),
    ("miners", "agent", "bench_miners"),
    ("gate", "agent", "bench_gate"),
    ("upgrade", "agent", "bench_upgrade"),
    ("store", "store", "bench_store"),
    ("retro", "store", "bench_retro"),
    ("incident", "node", "bench_incident"),
    ("model", "model", "bench_model"),
    ("ransomware", "respond", "bench_ransomware"),
    ("rollback-cost", "respond", "bench_rollback_cost"),
    ("node", "transport", "bench_node"),
    ("scan", "scan", "bench_scan"),
    ("unpack", "unpack", "bench_unpack"),
    ("signatures", "signatures", "bench_signatures"),
    ("reload", "scan", "bench_reload"),
    ("integrity", "integrity", "bench_integrity"),
];

pub fn bench(name: &str, rest: &[String]) -> Result<()> {
    let yes = rest.iter().any(|word| word == "--yes") || std::env::var_os("CI").is_some();
    let rest: Vec<String> = rest.iter().filter(|word| *word != "--yes").cloned().collect();
    packages::ensure(packages::BUILD, yes)?;
    match name {
        "all" => {
            BENCHES.iter().try_for_each(|(name, ..)| example(name, yes, &rest))?;
            pipeline(&rest)?;
            console(yes)?;
            overhead(yes, &rest)
        }
        "overhead" => overhead(yes, &rest),
        "console" => console(yes),
        "pipeline" => pipeline(&rest),
        "prevention" => prevention(yes, &rest),
        "lockdown" => lockdown(yes, &rest),
        _ => example(name, yes, &rest),
    }
}

fn example(name: &str, yes: bool, rest: &[String]) -> Result<()> {
    let Some((_, package, example)) = BENCHES.iter().find(|(known, ..)| *known == name) else {
        let known: Vec<&str> = BENCHES.iter().map(|(name, ..)| *name).collect();
        bail!(
            "no bench {name:?}; there are {}, console, lockdown, overhead, pipeline, prevention and all",
            known.join(", ")
        );
    };
    if name == "miners" {
        packages::ensure(packages::WORK, yes)?;
    }
    if name == "rollback-cost" {
        let _quiet = Quiet::packages()?;
        packages::ensure(packages::GUARDED_WORK, yes)?;
    }
    if matches!(name, "signatures" | "reload") {
        packages::ensure(packages::SIGNATURE_PEERS, yes)?;
    }
    if name == "scan" {
        packages::ensure(packages::SCAN_PEERS, yes)?;
    }
    if name == "integrity" {
        packages::ensure(packages::INTEGRITY_PEERS, yes)?;
    }
    if name == "unpack" {
        // They make the archives, and are the peers.
        packages::ensure(packages::ARCHIVERS, yes)?;
    }
    let mut choice = vec!["build", "--profile", "up", "-p", package, "--example", example];
    if matches!(*package, "store" | "node") {
        // Its heavy libraries stand already as `up` built them; chosen alone it would build them with other features.
        choice.extend(["-p", "tamon"]);
    }
    run::run(&format!("build bench {name}"), &mut run::cargo(&choice))?;
    let mut command = std::process::Command::new(paths::target().join("up/examples").join(example));
    command.current_dir(paths::root());
    if name == "ransomware" {
        packages::ensure(packages::WORKLOADS, yes)?;
        // The simulators stand beside the bench that runs them.
        let mut simulators = run::cargo(&["build", "--profile", "up", "-p", package, "--example", "attack_sim"]);
        run::run("the simulators", &mut simulators)?;
    }
    if matches!(
        name,
        "gate"
            | "integrity"
            | "memory"
            | "miners"
            | "node"
            | "ransomware"
            | "reload"
            | "rollback-cost"
            | "scan"
            | "storm"
            | "upgrade"
    ) {
        // These drive the binary itself, so it must stand: whole, as it is installed and as `up` built it.
        command.env("TAMON", build::all("up")?);
    }
    if paths::shared_data().exists() {
        command.env("TAMON_SHARED_DATA", paths::shared_data());
    }
    command.args(rest);
    run::run(&format!("bench {name}"), &mut command)
}

fn overhead(yes: bool, rest: &[String]) -> Result<()> {
    packages::ensure(packages::AUDIT_PEERS, yes)?;
    let tamon = build::all("up")?;
    let rounds = rest.first().map_or(Ok(5), |n| n.parse())?;
    let figures = overhead::overhead(&tamon, rounds)?;
    print("overhead", figures);
    Ok(())
}

fn lockdown(yes: bool, rest: &[String]) -> Result<()> {
    // Its package would start it at once, over this machine as it is.
    let _quiet = Quiet::packages()?;
    packages::ensure(packages::LOCKDOWN_PEERS, yes)?;
    let tamon = match std::env::var_os("TAMON") {
        Some(binary) => binary.into(),
        None => build::all("up")?,
    };
    let rounds = rest.first().map_or(Ok(5), |n| n.parse())?;
    print("lockdown", lockdown::lockdown(&tamon, rounds)?);
    Ok(())
}

fn prevention(yes: bool, rest: &[String]) -> Result<()> {
    crate::prevention::install(yes)?;
    let tamon = match std::env::var_os("TAMON") {
        Some(binary) => binary.into(),
        None => build::all("up")?,
    };
    let rounds = rest.first().map_or(Ok(5), |n| n.parse())?;
    print("prevention", prevention::prevention(&tamon, rounds)?);
    Ok(())
}

fn console(yes: bool) -> Result<()> {
    packages::ensure(packages::TEST, yes)?;
    print("console", console::console()?);
    Ok(())
}

fn pipeline(rest: &[String]) -> Result<()> {
    let tamon = build::all("up")?;
    let rounds = rest.first().map_or(Ok(100), |n| n.parse())?;
    print("pipeline", pipeline::pipeline(&tamon, rounds)?);
    Ok(())
}

/// The last line of every bench, and of whatever else measures.
pub fn print(bench: &str, figures: Vec<(String, f64)>) {
    let figures: serde_json::Map<String, serde_json::Value> =
        figures.into_iter().map(|(name, figure)| (name, ((figure * 1000.0).round() / 1000.0).into())).collect();
    println!("{}", serde_json::json!({ "bench": bench, "machine": machine(), "figures": figures }));
}

/// Processor and kernel, so that a figure can be placed.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}, Linux {}", model.unwrap_or("unknown processor"), kernel.trim())
}
