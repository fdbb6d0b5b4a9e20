//! `cargo xtask bench memory [PROCESSES]`: resident memory of the real agent: idle, after a storm of file events, and after
//! a million short processes.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn main() -> Result<()> {
    let processes: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let tamon: PathBuf = std::env::var_os("TAMON").context("TAMON must name the binary; use cargo xtask bench")?.into();
    let folder = std::env::temp_dir().join(format!("tamon-memory-{}", std::process::id()));
    fs::create_dir_all(folder.join("state"))?;
    let mut agent = start(&tamon, &folder)?;
    let result = measure(&tamon, &folder, processes);
    Command::new("kill").args(["-TERM", &agent.id().to_string()]).status()?;
    agent.wait()?;
    fs::remove_dir_all(&folder)?;
    result
}

fn measure(tamon: &Path, folder: &Path, processes: u64) -> Result<()> {
    std::thread::sleep(Duration::from_secs(3));
    let idle = resident(tamon, folder)?;
    println!("idle                      {idle} MB");
    let files = folder.join("files");
    fs::create_dir_all(&files)?;
    for turn in 0..200_000 {
        let path = files.join(format!("f{}", turn % 512));
        fs::write(&path, b"x")?;
        fs::remove_file(path)?;
    }
    let storm = resident(tamon, folder)?;
    println!("after 600,000 file events {storm} MB");
    let start = Instant::now();
    let script = format!("i=0; while [ $i -lt {} ]; do (:); i=$((i+1)); done", processes / 2);
    let shells: Vec<Child> =
        (0..2).map(|_| Command::new("dash").args(["-c", &script]).spawn()).collect::<std::io::Result<_>>()?;
    for mut shell in shells {
        if !shell.wait()?.success() {
            bail!("a shell of the churn failed");
        }
    }
    // What is free goes back within ten seconds.
    std::thread::sleep(Duration::from_secs(12));
    let churn = resident(tamon, folder)?;
    println!("after {processes} processes and a rest, {:.0} s: {churn} MB", start.elapsed().as_secs_f64());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let figures = serde_json::json!({ "idle_mb": idle, "storm_mb": storm, "churn_mb": churn, "processes": processes });
    let machine = format!("{cores} cores, Linux {}", kernel.trim());
    println!("{}", serde_json::json!({ "bench": "memory", "machine": machine, "figures": figures }));
    Ok(())
}

fn start(tamon: &Path, folder: &Path) -> Result<Child> {
    let log = fs::File::create(folder.join("agent.log"))?;
    let child = Command::new(tamon)
        .arg("--state")
        .arg(folder.join("state"))
        .arg("agent")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let start = Instant::now();
    while resident(tamon, folder).is_err() {
        if start.elapsed() > Duration::from_secs(30) {
            bail!("the agent is not ready: {}", fs::read_to_string(folder.join("agent.log"))?);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(child)
}

fn resident(tamon: &Path, folder: &Path) -> Result<u64> {
    let state = folder.join("state");
    let out = Command::new(tamon).arg("--state").arg(state).args(["status", "--output", "json"]).output()?;
    if !out.status.success() {
        bail!("status: {}", out.status);
    }
    let status: serde_json::Value = serde_json::from_slice(&out.stdout)?;
    Ok(status["resident_bytes"].as_u64().context("no resident_bytes")? / 1_000_000)
}
