//! A report laid out on pages, for `paper` to write.

use super::text::{heading, one, view_title};
use super::{Line, Report};
use paper::{Face, Pages};

/// Lines of each list: a PDF is for reading, CSV has all.
const SHOWN: usize = 1_000;

pub fn pdf(report: &Report) -> Vec<u8> {
    let mut pages = Pages::new(format!("File integrity of {}", report.host));
    let lines = heading(report);
    if let Some((title, rest)) = lines.split_first() {
        pages.line(Face::Title, title);
        rest.iter().for_each(|line| pages.line(Face::Plain, line));
    }
    if !report.sections.is_empty() {
        pages.line(Face::Heading, view_title(report.view));
        for section in &report.sections {
            let highest = section.highest.map_or("-", |severity| severity.name());
            let facts = format!(
                "{:14} {:5} changes  highest {highest:8}  {:5} open",
                section.id, section.changes, section.open
            );
            pages.line(Face::Fixed, &facts);
            pages.line(Face::Small, &format!("    {}", section.rules.join("; ")));
        }
    }
    list(&mut pages, "Changes that nobody expected", &report.changes);
    list(&mut pages, "Not as approved", &report.differences);
    pages.finish()
}

fn list(pages: &mut Pages, title: &str, lines: &[Line]) {
    pages.line(Face::Heading, &format!("{title}: {}", lines.len()));
    for line in lines.iter().take(SHOWN) {
        pages.line(Face::Fixed, &one(line));
    }
    if lines.len() > SHOWN {
        pages.line(Face::Plain, &format!("and {} more; the CSV has all", lines.len() - SHOWN));
    }
}
