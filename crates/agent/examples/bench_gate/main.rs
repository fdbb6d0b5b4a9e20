//! `cargo xtask bench gate`: what waiting at the gate adds to a program's start, to a script's and to a plain open: known and
//! at first sight, with the real agent and without one, alternating. All on a tmpfs of the bench's own in a mount namespace of
//! its own, so that nobody else's opens wait. (fapolicyd and clamonacc watch mounts of the whole host and are not run.)

#[path = "../support/agent.rs"]
mod agent;

use agent::{Agent, machine, median, quantile, round, tamon};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 3;
const KNOWN: usize = 300;
const FIRST: usize = 25;
const OPENS: usize = 3_000;
const FIRST_BYTES: usize = 1 << 20;
const INSIDE: &str = "TAMON_BENCH_GATE";

/// By what was timed, in µs.
type Samples = BTreeMap<&'static str, Vec<f64>>;

fn main() -> Result<()> {
    let Some(folder) = std::env::var_os(INSIDE).map(PathBuf::from) else { return in_a_namespace() };
    let tamon = tamon()?;
    let state = tempfile::tempdir()?;
    let scope = folder.join("scope");
    fs::create_dir(&scope)?;
    let gate = format!("directories = [{:?}]", scope.display().to_string());
    let (mut bare, mut with) = (Samples::new(), Samples::new());
    for number in 0..ROUNDS {
        measure(&folder, number * 2, &mut bare)?;
        let agent = Agent::start(&tamon, state.path(), &gate)?;
        measure(&folder, number * 2 + 1, &mut with)?;
        agent.stop()?;
    }
    let mut figures = serde_json::Map::new();
    for (name, samples) in &mut with {
        let bare = bare.get_mut(name).context("measured without the agent too")?;
        let added = |share: f64, with: &mut [f64], bare: &mut [f64]| quantile(with, share) - quantile(bare, share);
        let (p50, p99) = (added(0.5, samples, bare), added(0.99, samples, bare));
        println!("{name:16} {:9.1} µs without, {p50:9.1} µs added, {p99:9.1} µs at the 99th", median(bare));
        figures.insert(format!("{name}_added_p50_us"), round(p50).into());
        figures.insert(format!("{name}_added_p99_us"), round(p99).into());
    }
    println!("{}", serde_json::json!({ "bench": "gate", "machine": machine(), "figures": figures }));
    Ok(())
}

/// This program again, where a new tmpfs is seen by nobody else.
fn in_a_namespace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let line = "mount -t tmpfs tmpfs \"$1\" && shift && exec \"$@\"";
    let own = std::env::current_exe()?;
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", line, "sh"]).arg(folder.path()).arg(own);
    let status = command.env(INSIDE, folder.path()).status()?;
    if !status.success() {
        bail!("the bench in its namespace ended with {status}");
    }
    Ok(())
}

fn measure(folder: &Path, number: usize, samples: &mut Samples) -> Result<()> {
    let scope = folder.join("scope");
    let known = program(&scope, "known", 0, 0)?;
    let script = script(&scope, "known.sh", 0)?;
    let sh = Path::new("/bin/sh");
    let mut take = |name: &'static str, micros: f64| samples.entry(name).or_default().push(micros);
    for n in 0..KNOWN + 10 {
        let (ran, read) = (timed(|| run(&known, None))?, timed(|| run(sh, Some(&script)))?);
        if n >= 10 {
            take("program_known", ran);
            take("script_known", read);
        }
    }
    for n in 0..FIRST {
        let salt = number * FIRST + n + 1;
        let fresh = program(&scope, &format!("fresh-{salt}"), FIRST_BYTES, salt)?;
        take("program_first", timed(|| run(&fresh, None))?);
        let text = self::script(&scope, &format!("fresh-{salt}.sh"), salt)?;
        take("script_first", timed(|| run(sh, Some(&text)))?);
        fs::remove_file(fresh)?;
        fs::remove_file(text)?;
    }
    let (inside, outside) = (scope.join("data"), folder.join("data"));
    for path in [&inside, &outside] {
        fs::write(path, [0u8; 4096])?;
    }
    for _ in 0..OPENS {
        take("data_open", timed(|| open(&inside))?);
        take("outside_open", timed(|| open(&outside))?);
    }
    Ok(())
}

fn timed(act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    act()?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

fn open(path: &Path) -> Result<()> {
    fs::File::open(path)?;
    Ok(())
}

fn run(program: &Path, argument: Option<&Path>) -> Result<()> {
    let mut command = Command::new(program);
    let status = command.args(argument).stdin(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", program.display()) }
}

/// /bin/true, made longer and another file by what follows its own end.
fn program(scope: &Path, name: &str, bytes: usize, salt: usize) -> Result<PathBuf> {
    let path = scope.join(name);
    let mut content = fs::read("/bin/true")?;
    let mut state = salt as u64 ^ 0x9e37_79b9_7f4a_7c15;
    while content.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        content.extend((state >> 33).to_le_bytes());
    }
    fs::write(&path, content)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

fn script(scope: &Path, name: &str, salt: usize) -> Result<PathBuf> {
    let path = scope.join(name);
    let lines: String = (0..200).map(|n| format!("value_{n}={}\n", n * 7 + salt)).collect();
    fs::write(&path, format!("#!/bin/sh\n{lines}exit 0\n"))?;
    Ok(path)
}
