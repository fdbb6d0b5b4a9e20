//! `cargo xtask attack`: Atomic Red Team's Linux tests, each in a root and namespaces of its own, in front of the real
//! agent. Prints for each what the agent made of it, then the same by technique, and ends with one line of JSON.
//!
//! A test counts as run when its commands ran, whatever they returned: an attack that fails is still one. What could not
//! run says why, and is no part of any share.

mod atomics;
mod judged;

use crate::guarded::{Guarded, Told};
use crate::throwaway::sandbox::{self, Ended, Inside, Layers};
use crate::{paths, throwaway};
use anyhow::{Context, Result, bail};
use atomics::Atomic;
use clap::Args;
use judged::{Judged, Level, Tactics};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Args)]
pub struct Options {
    /// Only this technique (`T1053.003`), or all below one (`T1053`).
    #[arg(long)]
    technique: Vec<String>,
    /// Say what there is and what could not run anywhere, and run nothing.
    #[arg(long)]
    list: bool,
    /// Seconds for one test; what has not ended by then is ended and counts as run.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// A binary that stands already, instead of building one.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Folder of rules besides those built in.
    #[arg(long)]
    content: Vec<PathBuf>,
}

pub fn attack(options: &Options) -> Result<()> {
    let data = paths::shared_data();
    throwaway::within("attack", |work| {
        let atomics = chosen(options, &data, work)?;
        if options.list {
            list(&atomics);
            return Ok(());
        }
        if throwaway::is_apart() { run(options, &atomics, &data, work) } else { throwaway::apart() }
    })
}

fn chosen(options: &Options, data: &Path, work: &Path) -> Result<Vec<Atomic>> {
    let archive = data.join("atomic-red-team/atomic-linux-dev.tar.xz");
    if !archive.exists() {
        bail!("{} is not there: the tests are public data beside the checkout", archive.display());
    }
    let mut atomics = atomics::read(&archive, &work.join("atomics"))?;
    let wanted = |atomic: &Atomic| {
        let below = |asked: &String| atomic.technique == *asked || atomic.technique.starts_with(&format!("{asked}."));
        options.technique.is_empty() || options.technique.iter().any(below)
    };
    atomics.retain(wanted);
    if atomics.is_empty() {
        bail!("no test of {}", options.technique.join(", "));
    }
    Ok(atomics)
}

fn list(atomics: &[Atomic]) {
    for atomic in atomics {
        let unfit = atomic.unfit.as_deref().map(|why| format!("  (cannot run here: {why})")).unwrap_or_default();
        println!("{:10} {:>2}  {}{unfit}", atomic.technique, atomic.number, atomic.name);
    }
    println!("{} tests", atomics.len());
}

/// How a test went.
struct Outcome {
    technique: String,
    /// Why it could not run here.
    prevented: Option<String>,
    seen: bool,
    alerted: Level,
    told: Level,
    stopped: bool,
}

fn run(options: &Options, atomics: &[Atomic], data: &Path, work: &Path) -> Result<()> {
    let tamon = throwaway::binary(options.binary.as_deref())?;
    let tactics = judged::tactics(&fs::read_to_string(data.join("attack/enterprise-techniques.csv"))?);
    let layers = Layers::prepare(&paths::target().join("throwaway"), work, throwaway::TOOLS)?;
    // Before the agent starts: it looks up the folders that it watches then.
    for (at, _) in atomics.iter().enumerate().filter(|(_, atomic)| atomic.unfit.is_none()) {
        let root = layers.root(&at.to_string())?;
        for (name, text) in atomics::STAND_INS {
            let path = root.join(atomics::SOURCES.trim_start_matches('/')).join(name);
            fs::create_dir_all(path.parent().context("a file without a folder")?)?;
            fs::write(path, text)?;
        }
    }
    let agent = Guarded::start(&tamon, &work.join("agent"), &throwaway::policy(&layers.roots)?, &options.content)?;
    let mut told = agent.listen()?;
    println!(
        "{:10} {:>2} {:7} {:5} {:10} {:10} {:7} what",
        "technique", "", "ran", "seen", "alerted", "told", "stopped"
    );
    let mut outcomes = Vec::new();
    for (at, atomic) in atomics.iter().enumerate() {
        let (outcome, what) = one(options, atomic, at, &layers, &mut told, &tactics)?;
        println!("{}", line(atomic, &outcome, &what));
        outcomes.push(outcome);
    }
    by_technique(&outcomes);
    totals(&outcomes, agent.lost());
    Ok(())
}

fn one(
    options: &Options,
    atomic: &Atomic,
    at: usize,
    layers: &Layers,
    told: &mut Told,
    tactics: &Tactics,
) -> Result<(Outcome, String)> {
    let mut outcome = Outcome {
        technique: atomic.technique.clone(),
        prevented: atomic.unfit.clone(),
        seen: false,
        alerted: Level::Nothing,
        told: Level::Nothing,
        stopped: false,
    };
    if let Some(why) = &atomic.unfit {
        return Ok((outcome, why.clone()));
    }
    let root = layers.roots.join(at.to_string());
    let limit = Duration::from_secs(options.seconds);
    outcome.prevented = missing(atomic, &root, limit)?;
    let mut what = outcome.prevented.clone().unwrap_or_default();
    if outcome.prevented.is_none() {
        let mut inside = Inside::start(&root, &atomic.shell, &atomic.command)?;
        let mut judged = Judged::new(inside.pid());
        inside.ready()?;
        told.until_now(Duration::ZERO, &mut |line| judged.learn(&line))?;
        let ended = inside.go(limit)?;
        told.until_now(Duration::from_millis(300), &mut |line| judged.take(&line, &atomic.technique, tactics))?;
        outcome.prevented = prevented(&ended);
        outcome.seen = judged.events > 0;
        (outcome.alerted, outcome.told, outcome.stopped) = (judged.alerted, judged.told(), judged.stopped);
        what = match (&outcome.prevented, ended.code) {
            (Some(why), _) => why.clone(),
            (None, Some(0)) => atomic.name.clone(),
            (None, Some(code)) => format!("{} (exit {code})", atomic.name),
            (None, None) => format!("{} (ended after {} s)", atomic.name, options.seconds),
        };
        if !judged.said.is_empty() {
            what.push_str(&format!(" <- {}", judged.said.into_iter().collect::<Vec<_>>().join("; ")));
        }
        if !atomic.cleanup.is_empty() {
            // Nothing of it stays anyway; that it is asked for belongs to the test's record, not to its judgement.
            sandbox::run(&root, &atomic.shell, &atomic.cleanup, limit, &mut || Ok(()))?;
        }
    }
    // What a test's last processes still hold is gone with the run at the latest.
    if let Err(error) = layers.drop_root(&at.to_string()) {
        eprintln!("xtask: the root of {} {} stays until the end: {error:#}", atomic.technique, atomic.number);
    }
    Ok((outcome, what))
}

/// What the test needs and cannot have here.
fn missing(atomic: &Atomic, root: &Path, limit: Duration) -> Result<Option<String>> {
    for need in &atomic.needs {
        let met = |script: &str| {
            Ok::<_, anyhow::Error>(sandbox::run(root, &atomic.shell, script, limit, &mut || Ok(()))?.code == Some(0))
        };
        if !need.check.is_empty() && !met(&need.check)? {
            met(&need.get)?;
            if !met(&need.check)? {
                return Ok(Some(format!("needs: {}", first_line(&need.what))));
            }
        }
    }
    Ok(None)
}

/// A test whose program is not there, or whose words all go to the internet, did not run.
fn prevented(ended: &Ended) -> Option<String> {
    let line = |marks: &[&str]| ended.output.lines().find(|line| marks.iter().any(|mark| line.contains(mark)));
    match ended.code {
        Some(127) => line(&["not found", "No such file"]).map(|line| first_line(line).to_owned()),
        Some(6) => line(&["Could not resolve host"]).map(|line| format!("needs the internet: {}", first_line(line))),
        _ => None,
    }
}

fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.char_indices().nth(140).map_or(line, |(at, _)| &line[..at])
}

fn line(atomic: &Atomic, outcome: &Outcome, what: &str) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let ran = outcome.prevented.is_none();
    format!(
        "{:10} {:>2} {:7} {:5} {:10} {:10} {:7} {what}",
        atomic.technique,
        atomic.number,
        yes(ran),
        if ran { yes(outcome.seen) } else { "" },
        if ran { outcome.alerted.name() } else { "" },
        if ran { outcome.told.name() } else { "" },
        if ran { yes(outcome.stopped) } else { "" },
    )
}

fn by_technique(outcomes: &[Outcome]) {
    let mut techniques: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        techniques.entry(&outcome.technique).or_default().push(outcome);
    }
    println!(
        "\n{:10} {:>5} {:>4} {:>5} {:>8} {:>7} {:>10} {:>8}",
        "technique", "tests", "ran", "seen", "general", "tactic", "technique", "stopped"
    );
    for (technique, all) in techniques {
        let ran: Vec<&&Outcome> = all.iter().filter(|outcome| outcome.prevented.is_none()).collect();
        let at = |level: Level| ran.iter().filter(|outcome| outcome.told >= level).count();
        println!(
            "{technique:10} {:>5} {:>4} {:>5} {:>8} {:>7} {:>10} {:>8}",
            all.len(),
            ran.len(),
            ran.iter().filter(|outcome| outcome.seen).count(),
            at(Level::General),
            at(Level::Tactic),
            at(Level::Technique),
            ran.iter().filter(|outcome| outcome.stopped).count(),
        );
    }
}

fn totals(outcomes: &[Outcome], lost: u64) {
    let ran: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.prevented.is_none()).collect();
    let told = |level: Level| ran.iter().filter(|outcome| outcome.told >= level).count();
    let alerted = ran.iter().filter(|outcome| outcome.alerted == Level::Technique).count();
    let share = |part: usize| 100.0 * part as f64 / ran.len().max(1) as f64;
    println!(
        "\n{} tests: {} ran, {} could not run here. Of those that ran: {} seen; told {} (tactic {}, technique {} = {:.1} %); technique by an alert {} = {:.1} %; stopped {}; the sensor lost {lost} events",
        outcomes.len(),
        ran.len(),
        outcomes.len() - ran.len(),
        ran.iter().filter(|outcome| outcome.seen).count(),
        told(Level::General),
        told(Level::Tactic),
        told(Level::Technique),
        share(told(Level::Technique)),
        alerted,
        share(alerted),
        ran.iter().filter(|outcome| outcome.stopped).count(),
    );
    let figures = [
        ("tests", outcomes.len() as f64),
        ("ran", ran.len() as f64),
        ("seen", ran.iter().filter(|outcome| outcome.seen).count() as f64),
        ("told", told(Level::General) as f64),
        ("told_tactic", told(Level::Tactic) as f64),
        ("told_technique", told(Level::Technique) as f64),
        ("told_technique_percent", share(told(Level::Technique))),
        ("alerted_technique", alerted as f64),
        ("alerted_technique_percent", share(alerted)),
        ("stopped", ran.iter().filter(|outcome| outcome.stopped).count() as f64),
        ("lost", lost as f64),
    ];
    crate::bench::print("attack", figures.map(|(name, figure)| (name.to_owned(), figure)).to_vec());
}
