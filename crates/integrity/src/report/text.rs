//! A report for a terminal or a mail. Paths and names are escaped: they are anybody's.

use super::{Line, Report, View};
use event::text::printable;
use std::fmt::Write as _;

/// Lines of each list; CSV has all.
const SHOWN: usize = 200;

pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for line in heading(report) {
        let _ = writeln!(out, "{line}");
    }
    if !report.sections.is_empty() {
        let _ = writeln!(out, "\n{}", view_title(report.view));
        for section in &report.sections {
            let highest = section.highest.map_or("-", |severity| severity.name());
            let (id, rules) = (&section.id, section.rules.join("; "));
            let _ = writeln!(
                out,
                "  {id:12} {:5} changes, highest {highest:8} {:5} open  {rules}",
                section.changes, section.open
            );
        }
    }
    list(&mut out, "Changes that nobody expected", &report.changes);
    list(&mut out, "Not as approved", &report.differences);
    out
}

/// The facts above everything, a line each; HTML and PDF begin with them too.
pub(super) fn heading(report: &Report) -> Vec<String> {
    let mut lines = vec![
        format!("File integrity of {}", printable(&report.host)),
        format!("From {} to {}", report.from, report.to),
    ];
    lines.push(match &report.baseline {
        Some(baseline) => format!("Baseline {} of {}, SHA-256 {}", baseline.number, baseline.taken, baseline.digest),
        None => "No baseline".into(),
    });
    lines.push(match &report.not_compared {
        Some(why) => format!("The disk was not compared: {}", printable(why)),
        None => format!(
            "{} files compared, {} could not be read, {} not as approved",
            report.files,
            report.unread,
            report.differences.len()
        ),
    });
    let severities: Vec<String> = report.by_severity.iter().map(|(name, n)| format!("{n} {name}")).collect();
    let severities = if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
    lines.push(format!(
        "{} changes{severities}, and {} expected ones of packages",
        report.by_severity.values().sum::<u64>(),
        report.expected
    ));
    if !report.by_user.is_empty() {
        let users: Vec<String> = report.by_user.iter().map(|(name, n)| format!("{} {n}", printable(name))).collect();
        lines.push(format!("By user: {}", users.join(", ")));
    }
    if report.left_out > 0 {
        lines.push(format!("{} more lines are left out", report.left_out));
    }
    lines
}

pub(super) const fn view_title(view: View) -> &'static str {
    match view {
        View::All => "",
        View::Pci => "By requirement of PCI DSS v4",
        View::Cis => "By subject of the CIS benchmarks",
    }
}

fn list(out: &mut String, title: &str, lines: &[Line]) {
    let _ = writeln!(out, "\n{title}: {}", if lines.is_empty() { "none".to_owned() } else { lines.len().to_string() });
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(out, "  {}", one(line));
    }
    if lines.len() > SHOWN {
        let _ = writeln!(out, "  and {} more", lines.len() - SHOWN);
    }
}

/// One line in words.
pub(super) fn one(line: &Line) -> String {
    let mut text = String::new();
    if line.time.is_some() {
        text.push_str(&line.time_text());
        text.push(' ');
    }
    let _ = write!(text, "{:8} {:10} {}", line.severity.name(), line.what, printable(&line.path));
    if !line.attributes.is_empty() && line.what != "create" && line.what != "delete" {
        let _ = write!(text, " ({})", line.attributes.join(", "));
    }
    if !line.program.is_empty() {
        let _ = write!(text, " by {}", printable(&line.program));
    }
    if !line.user.is_empty() {
        let _ = write!(text, ", user {}", printable(&line.user));
    }
    text
}
