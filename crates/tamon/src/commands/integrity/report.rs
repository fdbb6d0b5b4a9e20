//! `tamon integrity report`: the changes of a period and what differs at its end, as text, JSON, CSV, HTML or PDF.

use super::{folder, host_name, now, policy, told};
use crate::arguments::{IntegrityPolicy, ReportFormat, ReportView};
use crate::output::{self, Output};
use crate::place::Place;
use anyhow::{Context, Result, bail};
use integrity::report::{self, BaselineFacts, Inputs, View};
use integrity::{Home, Judge, Options, Scope, Side};
use std::path::Path;
use std::process::ExitCode;

pub struct Wanted<'a> {
    pub days: u32,
    pub view: ReportView,
    pub format: ReportFormat,
    pub to: Option<&'a Path>,
}

pub fn run(
    wanted: &Wanted<'_>,
    no_check: bool,
    asked: &IntegrityPolicy,
    place: &Place,
    print: Output,
) -> Result<ExitCode> {
    if wanted.to.is_none() && matches!(wanted.format, ReportFormat::Html | ReportFormat::Pdf | ReportFormat::Csv) {
        bail!("give --to FILE: this form is written to a file");
    }
    let policy = policy(asked, place)?;
    let told = told(place, wanted.days, usize::MAX)?;
    let home = Home::create(&folder(place))?;
    let mut inputs = Inputs {
        host: host_name(),
        from: now().plus_nanos(-i64::from(wanted.days) * super::DAY),
        to: now(),
        told: &told,
        ..Inputs::default()
    };
    let found = match (no_check, home.open()) {
        (true, _) => Err("it was not asked for".to_owned()),
        (false, Err(error)) => Err(error.to_string()),
        (false, Ok(known)) => {
            inputs.baseline = Some(BaselineFacts {
                number: known.header().number,
                taken: known.header().taken,
                digest: known.digest().iter().map(|byte| format!("{byte:02x}")).collect(),
            });
            let scope = Scope::new(&policy).without(&place.state);
            integrity::differences(&known, Side::Approved, &scope, &Options::default())
                .map_err(|error| error.to_string())
        }
    };
    match &found {
        Ok(found) => inputs.found = Some(found),
        Err(why) => inputs.not_compared = Some(why.clone()),
    }
    let view = match wanted.view {
        ReportView::All => View::All,
        ReportView::Pci => View::Pci,
        ReportView::Cis => View::Cis,
    };
    let report = report::report(view, &Judge::new(&policy), &inputs);
    if let Some(path) = wanted.to {
        let bytes = match wanted.format {
            ReportFormat::Text => report::text(&report).into_bytes(),
            ReportFormat::Csv => report::csv(&report).into_bytes(),
            ReportFormat::Html => report::html(&report).into_bytes(),
            ReportFormat::Pdf => report::pdf(&report),
        };
        std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        output::line(&format!("{} written", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    match print {
        Output::Text => output::line(report::text(&report).trim_end())?,
        Output::Json => output::json(&report)?,
        Output::Ndjson => report.changes.iter().chain(&report.differences).try_for_each(output::json)?,
    }
    Ok(ExitCode::SUCCESS)
}
