//! A report as RFC 4180 CSV, a line a change or difference. A cell that a spreadsheet would take for a formula gets a
//! quote before it: file names are anybody's.

use super::{Line, Report};
use std::fmt::Write as _;

const HEAD: &str = "kind,time,change,path,attributes,severity,rule,user,program,why,pci,cis";

pub fn csv(report: &Report) -> String {
    let mut out = format!("{HEAD}\r\n");
    let lists = [("change", &report.changes), ("difference", &report.differences)];
    for (kind, lines) in lists {
        for line in lines {
            row(&mut out, kind, line);
        }
    }
    out
}

fn row(out: &mut String, kind: &str, line: &Line) {
    let cells = [
        kind,
        &line.time_text(),
        &line.what,
        &line.path,
        &line.attributes.join(" "),
        line.severity.name(),
        &line.rule,
        &line.user,
        &line.program,
        &line.why,
        &line.pci.join(" "),
        &line.cis.join(" "),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    let _ = write!(out, "{}\r\n", cells.join(","));
}

fn cell(text: &str) -> String {
    let text = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells() {
        let check = |text: &str, expected: &str| assert_eq!(cell(text), expected);
        check("/etc/x", "/etc/x");
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("=cmd()", "'=cmd()");
        check("two\nlines", "\"two\nlines\"");
    }
}
