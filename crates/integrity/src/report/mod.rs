//! The comparison report of a period: what was told, what differs from the approved baseline at its end, and both by the
//! requirements of PCI DSS and the subjects of the CIS benchmarks. The same value is written as text, CSV, HTML and PDF.

mod csv;
mod html;
mod paged;
mod text;

pub use csv::csv;
pub use html::html;
pub use paged::pdf;
pub use text::text;

use crate::{Difference, Judge, Told};
use event::{Attribute, ChangeKind, Severity, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows of one report; the rest is counted.
const MOST: usize = 20_000;

/// What a report is arranged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    #[default]
    All,
    Pci,
    Cis,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub view: View,
    pub host: String,
    pub from: Timestamp,
    pub to: Timestamp,
    pub baseline: Option<BaselineFacts>,
    /// Why the disk was not compared, if so.
    pub not_compared: Option<String>,
    /// Files looked at in the comparison, and those of them that could not be read.
    pub files: u64,
    pub unread: u64,
    pub expected: u64,
    pub by_severity: BTreeMap<&'static str, u64>,
    pub by_user: BTreeMap<String, u64>,
    /// Of the view; empty for [`View::All`].
    pub sections: Vec<Section>,
    /// Told and not expected, newest first.
    pub changes: Vec<Line>,
    /// On the disk and not as approved.
    pub differences: Vec<Line>,
    pub left_out: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct BaselineFacts {
    pub number: u64,
    pub taken: Timestamp,
    pub digest: String,
}

/// One requirement, or one subject.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Section {
    pub id: String,
    /// Rules that answer it.
    pub rules: Vec<String>,
    pub changes: u64,
    pub highest: Option<Severity>,
    /// Files of it that are not as approved.
    pub open: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    /// None of a difference: when it came about is not known.
    pub time: Option<Timestamp>,
    pub what: String,
    pub path: String,
    pub attributes: Vec<&'static str>,
    pub severity: Severity,
    pub rule: String,
    pub user: String,
    pub program: String,
    pub why: String,
    pub pci: Vec<String>,
    pub cis: Vec<String>,
}

/// What a report is made of.
#[derive(Default)]
pub struct Inputs<'a> {
    pub host: String,
    pub from: Timestamp,
    pub to: Timestamp,
    pub baseline: Option<BaselineFacts>,
    pub told: &'a [Told],
    pub found: Option<&'a crate::Found>,
    pub not_compared: Option<String>,
}

pub fn report(view: View, judge: &Judge, inputs: &Inputs<'_>) -> Report {
    let mut report = Report {
        view,
        host: inputs.host.clone(),
        from: inputs.from,
        to: inputs.to,
        baseline: inputs.baseline.clone(),
        not_compared: inputs.not_compared.clone(),
        ..Report::default()
    };
    for told in inputs.told.iter().rev() {
        if told.is_expected() {
            report.expected += if told.what == "expected" { told.files } else { 0 };
            continue;
        }
        let line = line_of_told(judge, told);
        *report.by_severity.entry(line.severity.name()).or_default() += 1;
        if !line.user.is_empty() {
            *report.by_user.entry(line.user.clone()).or_default() += 1;
        }
        report.changes.push(line);
    }
    if let Some(found) = inputs.found {
        report.files = found.report.files;
        report.unread = found.report.unread;
        report.differences = found.differences.iter().map(|one| line_of_difference(judge, one)).collect();
        report.left_out = found.left_out;
    }
    report.sections = sections(view, judge, &report);
    for lines in [&mut report.changes, &mut report.differences] {
        report.left_out += lines.len().saturating_sub(MOST) as u64;
        lines.truncate(MOST);
    }
    report
}

impl Line {
    pub fn time_text(&self) -> String {
        self.time.map(|time| time.to_string()).unwrap_or_default()
    }
}

fn line_of_told(judge: &Judge, told: &Told) -> Line {
    let attributes: Vec<Attribute> = told.changed.iter().map(|one| one.attribute).collect();
    let who = told.who.clone().unwrap_or_default();
    let user = who.login.or(who.user).unwrap_or_default();
    let line = Line {
        time: Some(told.time),
        what: told.what.clone(),
        path: told.path.clone(),
        attributes: attributes.iter().map(|one| one.name()).collect(),
        severity: told.severity,
        rule: told.rule.clone().unwrap_or_default(),
        user,
        program: who.executable,
        why: told.why.clone(),
        ..Line::default()
    };
    with_requirements(judge, line)
}

fn line_of_difference(judge: &Judge, found: &Difference) -> Line {
    let attributes: Vec<Attribute> = found.changed.iter().map(|one| one.attribute).collect();
    let ruling = judge.rule(&found.path, &found.what, &attributes, raises(found));
    let line = Line {
        what: found.what.action().trim_start_matches("integrity-").to_owned(),
        path: found.path.clone(),
        attributes: attributes.iter().map(|one| one.name()).collect(),
        severity: ruling.severity,
        rule: ruling.id,
        why: "not as it was approved".into(),
        ..Line::default()
    };
    with_requirements(judge, line)
}

/// It lends its owner's rights and did not before.
pub fn raises(found: &Difference) -> bool {
    let special = |facts: &Option<crate::Facts>| {
        facts.as_ref().is_some_and(|facts| facts.kind == crate::Kind::File && facts.mode & 0o6000 != 0)
    };
    !matches!(found.what, ChangeKind::Deleted) && special(&found.after) && !special(&found.before)
}

fn with_requirements(judge: &Judge, mut line: Line) -> Line {
    if let Some(rule) = judge.answering(&line.rule, &line.path) {
        (line.pci, line.cis) = (rule.pci.clone(), rule.cis.clone());
    }
    line
}

fn sections(view: View, judge: &Judge, report: &Report) -> Vec<Section> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    if view == View::All {
        return Vec::new();
    }
    for rule in judge.rules() {
        for id in if view == View::Pci { &rule.pci } else { &rule.cis } {
            let section =
                sections.entry(id.clone()).or_insert_with(|| Section { id: id.clone(), ..Section::default() });
            if !section.rules.contains(&rule.title) {
                section.rules.push(rule.title.clone());
            }
        }
    }
    let ids = |line: &Line| if view == View::Pci { line.pci.clone() } else { line.cis.clone() };
    for line in &report.changes {
        for id in ids(line) {
            if let Some(section) = sections.get_mut(&id) {
                section.changes += 1;
                section.highest = section.highest.max(Some(line.severity));
            }
        }
    }
    for line in &report.differences {
        for id in ids(line) {
            if let Some(section) = sections.get_mut(&id) {
                section.open += 1;
            }
        }
    }
    let mut out: Vec<Section> = sections.into_values().collect();
    // 10.2 comes after 8.3.
    out.sort_by_key(|one| one.id.split('.').map(|part| part.parse::<u32>().unwrap_or(u32::MAX)).collect::<Vec<_>>());
    out
}

#[cfg(test)]
mod tests;
