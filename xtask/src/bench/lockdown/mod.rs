//! What a lock costs: starts of a known program, a real compile, and an upgrade of a hundred packages; bare, with the agent,
//! with the agent and a lock over the whole host, and with fapolicyd; alternating in one run, medians of the ratios.
//!
//! The lock observes: it judges, and writes down, as one that enforces does, and the machine is not put at stake. fapolicyd is
//! permissive for the same reason, and verifies content by SHA-256 as the lock does (its `integrity`).

mod fapolicyd;
mod packages;

use super::beside::{compile, in_folder, median, ratio, starts, timed};
use crate::guarded::Guarded;
use anyhow::{Context, Result, bail};
use fapolicyd::Fapolicyd;
use packages::Packages;
use std::path::{Path, PathBuf};
use std::time::Duration;

const STARTS: u32 = 3_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Setup {
    Bare,
    Agent,
    Locked,
    Fapolicyd,
}

#[derive(Default)]
struct Samples {
    /// A program that stands; a shell that is asked about each time, since it may be told anything.
    starts: Vec<f64>,
    shells: Vec<f64>,
    compile: Vec<f64>,
    upgrade: Vec<f64>,
    /// Of the lock's gate, µs: after starts of what is known, and after all.
    p99_known: Vec<f64>,
    p99_all: Vec<f64>,
}

pub fn lockdown(tamon: &Path, rounds: usize) -> Result<Vec<(String, f64)>> {
    in_folder("lockdown", |folder| measure(tamon, rounds, folder))
}

fn measure(tamon: &Path, rounds: usize, folder: &Path) -> Result<Vec<(String, f64)>> {
    compile(folder, &[]).context("the compile, first time")?;
    let packages = Packages::build(folder)?;
    let mut setups = vec![Setup::Bare, Setup::Agent, Setup::Locked];
    match Fapolicyd::start(folder) {
        Ok(_) => setups.push(Setup::Fapolicyd),
        Err(error) => eprintln!("bench lockdown: fapolicyd cannot run here: {error:#}; measured without it"),
    }
    let mut samples: Vec<(Setup, Samples)> = setups.iter().map(|setup| (*setup, Samples::default())).collect();
    for round in 0..rounds {
        for (setup, samples) in &mut samples {
            packages.install_old()?;
            let world = World::start(*setup, tamon, folder, &packages.root)?;
            let within = world.within();
            let known = timed(|| starts(&within, "/bin/true", STARTS))?;
            let shells = timed(|| starts(&within, "/bin/sh -c :", STARTS))?;
            samples.p99_known.extend(world.p99()?);
            let compiled = timed(|| compile(folder, &within))?;
            let upgraded = timed(|| packages.upgrade(&within))?;
            samples.p99_all.extend(world.p99()?);
            drop(world);
            println!(
                "round {round} {setup:?}: {STARTS} starts {known:.2} s, of a shell {shells:.2} s, compile {compiled:.2} s, \
                 upgrade {upgraded:.2} s"
            );
            samples.starts.push(known);
            samples.shells.push(shells);
            samples.compile.push(compiled);
            samples.upgrade.push(upgraded);
        }
    }
    Ok(figures(&samples))
}

fn figures(samples: &[(Setup, Samples)]) -> Vec<(String, f64)> {
    let mut figures = Vec::new();
    let of = |wanted: Setup| samples.iter().find(|(setup, _)| *setup == wanted).map(|(_, with)| with);
    let Some(bare) = of(Setup::Bare) else { return figures };
    for (setup, with) in samples {
        let name = format!("{setup:?}").to_lowercase();
        let each = |of: &[f64]| median(of) / f64::from(STARTS) * 1e6;
        figures.push((format!("start_us_{name}"), each(&with.starts)));
        figures.push((format!("shell_us_{name}"), each(&with.shells)));
        if *setup != Setup::Bare {
            figures.push((format!("start_ratio_{name}"), ratio(&with.starts, &bare.starts)));
            figures.push((format!("compile_ratio_{name}"), ratio(&with.compile, &bare.compile)));
            figures.push((format!("upgrade_ratio_{name}"), ratio(&with.upgrade, &bare.upgrade)));
        }
        if !with.p99_all.is_empty() {
            figures.push((format!("gate_p99_us_{name}"), median(&with.p99_known)));
            figures.push((format!("gate_p99_us_with_new_{name}"), median(&with.p99_all)));
        }
    }
    if let (Some(agent), Some(locked)) = (of(Setup::Agent), of(Setup::Locked)) {
        // What the lock itself adds to one start of what is known, which the kernel answers.
        let more = locked.starts.iter().zip(&agent.starts).map(|(locked, agent)| locked - agent).collect::<Vec<_>>();
        figures.push(("known_start_more_us".into(), median(&more) / f64::from(STARTS) * 1e6));
    }
    if let (Some(locked), Some(peer)) = (of(Setup::Locked), of(Setup::Fapolicyd)) {
        figures.push(("upgrade_fapolicyd_over_locked".into(), ratio(&peer.upgrade, &locked.upgrade)));
    }
    figures
}

/// What stands beside the work; all of it ends when this is dropped.
#[derive(Default)]
struct World {
    agent: Option<Guarded>,
    locked: bool,
    peer: Option<Fapolicyd>,
}

impl World {
    /// An agent keeps its state from round to round, each setup its own.
    fn start(setup: Setup, tamon: &Path, folder: &Path, root: &Path) -> Result<World> {
        let agent = |name: &str| Guarded::start(tamon, &folder.join(name), "version = 1\n", &[]);
        let mut world = World::default();
        match setup {
            Setup::Bare => {}
            Setup::Agent => world.agent = Some(agent("agent")?),
            Setup::Locked => {
                lock(world.agent.insert(agent("locked")?), root)?;
                world.locked = true;
            }
            Setup::Fapolicyd => world.peer = Some(Fapolicyd::start(folder)?),
        }
        std::thread::sleep(Duration::from_secs(2));
        Ok(world)
    }

    fn within(&self) -> Vec<String> {
        self.peer.as_ref().map(Fapolicyd::within).unwrap_or_default()
    }

    /// None where no lock stands.
    fn p99(&self) -> Result<Option<f64>> {
        let Some(agent) = self.agent.as_ref().filter(|_| self.locked) else { return Ok(None) };
        let status = agent.status().context("the agent does not answer")?;
        let waits = &status["gate"]["waits"];
        Ok(Some(waits["p99_us"].as_f64().with_context(|| format!("the lock has no gate: {status}"))?))
    }
}

/// What is no package's here, the Rust toolchain above all, is learned first, as an operator would.
fn lock(agent: &Guarded, root: &Path) -> Result<()> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_else(|| "/root".into());
    let more = ["rustup/toolchains", "cargo/bin"].map(|part| home.join(format!(".{part}")));
    let learned = more.iter().filter(|path| path.exists()).map(PathBuf::as_path).chain([root]);
    crate::run::output(agent.asking(&["lockdown", "learn"]).args(learned))?;
    // Ends with 1 where something that runs now would be refused: told, and no matter here.
    let output = agent.asking(&["lockdown", "lock", "--mode", "observe"]).output()?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("lock: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
