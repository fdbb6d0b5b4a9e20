//! A report as one HTML page without scripts or links out: to be opened, mailed, or printed.

use super::text::{heading, view_title};
use super::{Line, Report};
use event::text::printable;
use std::fmt::Write as _;

const STYLE: &str = "body{font:13px/1.5 system-ui,sans-serif;margin:2em;color:#1d2029}h1{font-size:20px}h2{font-size:15px;\
margin-top:2em}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:3px 8px;\
border-bottom:1px solid #ccd0d8}td.path{font-family:monospace;word-break:break-all}@media print{body{margin:0}tr{break-inside:avoid}}";

pub fn html(report: &Report) -> String {
    let lines = heading(report);
    let (title, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{STYLE}</style></head>\
         <body><h1>{0}</h1>",
        escaped(title)
    );
    for line in rest {
        let _ = write!(out, "<p>{}</p>", escaped(line));
    }
    if !report.sections.is_empty() {
        let _ = write!(out, "<h2>{}</h2>", view_title(report.view));
        out.push_str("<table><thead><tr><th>Id</th><th>Changes</th><th>Highest</th><th>Open</th><th>Answered by</th></tr></thead><tbody>");
        for section in &report.sections {
            let highest = section.highest.map_or("-", |severity| severity.name());
            let _ = write!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{highest}</td><td>{}</td><td>{}</td></tr>",
                escaped(&section.id),
                section.changes,
                section.open,
                escaped(&section.rules.join("; "))
            );
        }
        out.push_str("</tbody></table>");
    }
    table(&mut out, "Changes that nobody expected", &report.changes);
    table(&mut out, "Not as approved", &report.differences);
    out.push_str("</body></html>\n");
    out
}

fn table(out: &mut String, title: &str, lines: &[Line]) {
    let _ = write!(out, "<h2>{title}: {}</h2>", lines.len());
    if lines.is_empty() {
        return;
    }
    out.push_str("<table><thead><tr><th>Time</th><th>Severity</th><th>Change</th><th>File</th><th>Who</th><th>Why</th></tr></thead><tbody>");
    for line in lines {
        let who = [line.user.as_str(), line.program.as_str()]
            .iter()
            .filter(|text| !text.is_empty())
            .copied()
            .collect::<Vec<_>>();
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{} {}</td><td class=\"path\">{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&line.time_text()),
            line.severity.name(),
            escaped(&line.what),
            escaped(&line.attributes.join(", ")),
            escaped(&line.path),
            escaped(&who.join(", ")),
            escaped(&line.why)
        );
    }
    out.push_str("</tbody></table>");
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
