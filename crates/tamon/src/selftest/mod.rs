//! `tamon selftest`: plays harmless attack steps in front of the running agent and reports what was seen, told and
//! stopped. Each step is a child process of its own, so that what it does can be told from everything else on the host.

mod service_namespace;
mod stand_in;
mod steps;
mod watch;
mod watched_file;

use crate::arguments::SelfTest;
use crate::local::Local;
use crate::output::{self, Output};
use crate::place::Place;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use steps::{STEPS, Step};
use watch::{Observed, Watch};

#[derive(Serialize)]
struct Report {
    steps: Vec<StepReport>,
    /// Events that the sensor lost while the steps ran.
    lost: u64,
}

#[derive(Serialize)]
struct StepReport {
    name: &'static str,
    /// The technique that the step plays.
    technique: event::Technique,
    seen: bool,
    told: bool,
    /// Techniques that were told.
    techniques: Vec<event::Technique>,
    alerts: Vec<String>,
    /// The alert that named the technique.
    told_as: Option<String>,
    stopped: bool,
    delay_ms: Option<i64>,
    /// Why the step could not be played to its end, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub fn run(options: &SelfTest, place: &Place, print: Output) -> Result<ExitCode> {
    let chosen = chosen(&options.only)?;
    if options.list {
        for step in chosen {
            output::line(&format!("{:20} {:10} {}", step.name, step.technique.to_string(), step.what))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let local = Local::open(place)?;
    let before = lost(&local)?;
    let decoy = local.status()?["decoy"].as_str().unwrap_or_default().to_owned();
    let folder = tempfile::Builder::new().prefix("tamon-selftest-").tempdir_in("/tmp")?;
    let watch = Watch::start(&local)?;
    if print == Output::Text {
        output::line(&format!(
            "{:20} {:10} {:5} {:5} {:8} {:>7}  told as",
            "step", "technique", "seen", "told", "stopped", "delay"
        ))?;
    }
    let mut report = Report { steps: Vec::new(), lost: 0 };
    for step in chosen {
        let own = folder.path().join(step.name);
        std::fs::create_dir(&own)?;
        let told = play(step, &own, &decoy, &local, &watch, Duration::from_secs(options.wait))?;
        match print {
            Output::Text => output::line(&line(&told))?,
            Output::Ndjson => output::json(&told)?,
            Output::Json => {}
        }
        report.steps.push(told);
    }
    report.lost = lost(&local)?.saturating_sub(before);
    let missed = report.steps.iter().filter(|step| !(step.seen && step.told)).count();
    match print {
        Output::Text => output::line(&format!(
            "{} of {} steps seen and told; the sensor lost {} events",
            report.steps.len() - missed,
            report.steps.len(),
            report.lost
        ))?,
        Output::Json => output::json(&report)?,
        Output::Ndjson => {}
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One stand-in, in the child.
pub fn step(step: &str, folder: &Path) -> Result<()> {
    if step == "encrypt" { stand_in::encrypt(folder) } else { stand_in::play(step, folder) }
}

fn chosen(only: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|step| step.name == **name)) {
        bail!("no step {unknown:?}; `tamon selftest --list` shows them");
    }
    Ok(STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

fn play(
    step: &'static Step,
    folder: &Path,
    decoy: &str,
    local: &Local,
    watch: &Watch,
    limit: Duration,
) -> Result<StepReport> {
    if step.name == watched_file::STEP.name
        && let Err(error) = watched_file::prepare(local, folder)
    {
        return Ok(judge(step, Observed::default(), Some(format!("{error:#}"))));
    }
    watch.drain();
    let child = Command::new(std::env::current_exe()?)
        .args(["selftest-step", step.name])
        .arg(folder)
        .env(stand_in::DECOY, decoy)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start the step")?;
    let pid = child.id();
    let ended = std::thread::spawn(move || child.wait_with_output());
    let observed = watch.wait(pid, step.technique, step.seen, limit);
    let error = match ended.join() {
        Ok(Ok(out)) if out.status.success() => None,
        Ok(Ok(out)) => Some(format!("{}: {}", out.status, String::from_utf8_lossy(&out.stderr).trim())),
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the waiting thread panicked".into()),
    };
    Ok(judge(step, observed, error))
}

fn judge(step: &'static Step, observed: Observed, error: Option<String>) -> StepReport {
    let told = observed.techniques.iter().any(|t| *t == step.technique || *t == step.technique.parent());
    StepReport {
        name: step.name,
        technique: step.technique,
        seen: observed.seen,
        told,
        techniques: observed.techniques,
        alerts: observed.titles,
        told_as: observed.told_as,
        stopped: observed.stopped,
        delay_ms: observed.delay_ms,
        error,
    }
}

fn line(step: &StepReport) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let delay = step.delay_ms.map_or("-".into(), |ms| format!("{ms} ms"));
    let title = step.told_as.as_ref().or(step.alerts.first());
    let mut title = title.map(|title| event::text::printable(title).into_owned()).unwrap_or_default();
    if let Some(error) = &step.error {
        title.push_str(&format!(" (step: {})", event::text::printable(error)));
    }
    format!(
        "{:20} {:10} {:5} {:5} {:8} {:>7}  {title}",
        step.name,
        step.technique.to_string(),
        yes(step.seen),
        yes(step.told),
        yes(step.stopped),
        delay
    )
}

fn lost(local: &Local) -> Result<u64> {
    let status = local.status()?;
    Ok(status["sensor"]["lost"].as_object().map_or(0, |kinds| kinds.values().filter_map(|n| n.as_u64()).sum()))
}
