//! `tamon integrity`: takes, checks and tells of the watched files. What writes is asked of the agent where one runs, since
//! it holds the baseline; what reads is read here.

mod report;
mod show;

use crate::arguments::{Integrity, IntegrityBaseline, IntegrityPolicy};
use crate::local::Local;
use crate::output::{self, Output};
use crate::place::Place;
use anyhow::{Context, Result, bail};
use event::Timestamp;
use integrity::{Home, Judge, Options, Scope, Side, TakeOptions, Told};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400_000_000_000;

pub fn run(command: &Integrity, place: &Place, print: Output) -> Result<ExitCode> {
    match command {
        Integrity::Baseline(options) => baseline(options, place, print),
        Integrity::Check { full, policy } => check(*full, policy, place, print),
        Integrity::Changes { days, limit, expected, path, diff } => {
            let told = told(place, *days, usize::MAX)?;
            let path = path.as_ref().map(std::path::absolute).transpose()?;
            let wanted = |one: &Told| {
                (*expected || !one.is_expected())
                    && path.as_ref().is_none_or(|path| Path::new(&one.path).starts_with(path))
            };
            let told: Vec<Told> = told.into_iter().filter(wanted).collect();
            show::changes(&told[told.len().saturating_sub(*limit)..], *diff, print)?;
            Ok(ExitCode::SUCCESS)
        }
        Integrity::Accept { paths, all } => accept(paths, *all, place, print),
        Integrity::Report { days, view, format, to, no_check, policy } => {
            let wanted = report::Wanted { days: *days, view: *view, format: *format, to: to.as_deref() };
            report::run(&wanted, *no_check, policy, place, print)
        }
    }
}

fn baseline(options: &IntegrityBaseline, place: &Place, print: Output) -> Result<ExitCode> {
    let taken = match (&options.to, Local::open(place)) {
        (None, Ok(_)) if options.jobs > 0 || options.policy.policy.is_some() => {
            bail!("the agent that runs here takes the baseline, by its own policy: leave out --jobs and --policy")
        }
        (None, Ok(agent)) => agent.ask(&json!({ "request": "integrity_baseline" }))?,
        (to, _) => {
            let policy = policy(&options.policy, place)?;
            let folder = to.clone().unwrap_or_else(|| folder(place));
            let home = Home::create(&folder)?;
            let _lock = home.lock()?;
            let scope = match options.tree.is_empty() {
                true => Scope::new(&policy).without(&place.state),
                false => {
                    let trees: Result<Vec<PathBuf>, _> = options.tree.iter().map(std::path::absolute).collect();
                    Scope::of(trees?.iter().map(|tree| tree.display().to_string()), [])
                }
            };
            let take = TakeOptions {
                threads: options.jobs,
                host: host_name(),
                now: now(),
                keep_text_bytes: policy.keep_text_bytes,
                keep_total_bytes: policy.keep_total_bytes,
            };
            serde_json::to_value(integrity::take(&home, &scope.without(&folder), &take)?)?
        }
    };
    match print {
        Output::Text => show::taken(&taken)?,
        Output::Json | Output::Ndjson => output::json(&taken)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(full: bool, asked: &IntegrityPolicy, place: &Place, print: Output) -> Result<ExitCode> {
    let policy = policy(asked, place)?;
    let home = Home::create(&folder(place))?;
    let known = home.open()?;
    let scope = Scope::new(&policy).without(&place.state);
    let options = Options { full, ..Options::default() };
    let found = integrity::differences(&known, Side::Approved, &scope, &options)?;
    show::found(&found, &Judge::new(&policy), print)?;
    Ok(ExitCode::from(u8::from(!found.differences.is_empty())))
}

fn accept(paths: &[PathBuf], all: bool, place: &Place, print: Output) -> Result<ExitCode> {
    let paths: Vec<PathBuf> = match all {
        true => vec!["/".into()],
        false => paths.iter().map(std::path::absolute).collect::<Result<_, _>>()?,
    };
    let answer = Local::open(place)?.ask(&json!({ "request": "integrity_accept", "paths": paths }))?;
    match print {
        Output::Text => output::line(&format!("{} changes approved", answer["approved"]))?,
        Output::Json | Output::Ndjson => output::json(&answer)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn folder(place: &Place) -> PathBuf {
    place.state.join("agent/integrity")
}

/// What was told in the last so many days, oldest first.
fn told(place: &Place, days: u32, most: usize) -> Result<Vec<Told>> {
    let home = Home::create(&folder(place))?;
    let since = now().plus_nanos(-i64::from(days) * DAY);
    let read = home.journal().read(since, most)?;
    if read.damaged > 0 {
        eprintln!("tamon: {} lines of what was told cannot be read", read.damaged);
    }
    Ok(read.rows.iter().filter_map(Told::of).collect())
}

/// The file that was given, else what the agent has in force, else what was applied last, else the built-in.
fn policy(asked: &IntegrityPolicy, place: &Place) -> Result<verdict::Integrity> {
    let read = |path: &Path| -> Result<verdict::Integrity> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(verdict::Policy::parse(&path.display().to_string(), &text)?.integrity)
    };
    if let Some(path) = &asked.policy {
        return read(path);
    }
    if let Ok(agent) = Local::open(place)
        && let Ok(answer) = agent.ask(&json!({ "request": "policy_show" }))
    {
        let text = answer["policy"].as_str().context("the agent's answer holds no policy")?;
        return Ok(verdict::Policy::parse("the policy in force", text)?.integrity);
    }
    let applied = place.state.join("agent/policy.toml");
    if applied.exists() { read(&applied) } else { Ok(verdict::Policy::default().integrity) }
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
