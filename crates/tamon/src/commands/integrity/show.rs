//! How baselines, differences and changes are printed. File names and command lines are escaped: they are anybody's.

use super::number;
use crate::output::{self, Output, severity, table};
use anyhow::Result;
use event::text::printable;
use integrity::{Found, Judge, Told};
use serde_json::{Value, json};

/// Differences of a text answer; JSON has all.
const SHOWN: usize = 1_000;

pub fn taken(taken: &Value) -> Result<()> {
    output::line(&format!(
        "baseline {} of {} files ({} read, {} MB) in {} KB; {} texts kept",
        taken["number"],
        taken["files"],
        taken["hashed"],
        number(&taken["bytes"]) / 1_000_000,
        number(&taken["size"]).div_ceil(1_000),
        taken["texts"],
    ))?;
    for fault in taken["faults"].as_array().into_iter().flatten() {
        output::line(&format!("not read: {}", output::text(fault)))?;
    }
    Ok(())
}

pub fn found(found: &Found, judge: &Judge, print: Output) -> Result<()> {
    let shown = |one: &integrity::Difference| {
        let attributes: Vec<event::Attribute> = one.changed.iter().map(|one| one.attribute).collect();
        let ruling = judge.rule(&one.path, &one.what, &attributes, integrity::report::raises(one));
        json!({
            "path": one.path,
            "what": one.what.action().trim_start_matches("integrity-"),
            "severity": ruling.severity,
            "rule": ruling.id,
            "changed": one.changed,
        })
    };
    match print {
        Output::Text => {
            let mut lines = Vec::new();
            for one in found.differences.iter().take(SHOWN).map(shown) {
                let changed = one["changed"].as_array().into_iter().flatten();
                let words: Vec<String> = changed.map(words).collect();
                let cell = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
                lines.push(vec![severity(&cell("severity")), cell("what"), cell("path"), words.join(", ")]);
            }
            if !lines.is_empty() {
                table(&["severity", "change", "file", "what differs"], &lines)?;
            }
            let more = found.differences.len().saturating_sub(SHOWN) as u64 + found.left_out;
            if more > 0 {
                output::line(&format!("and {more} more"))?;
            }
            output::line(&format!(
                "{} files looked at, {} read, {} could not be read, {} not as approved",
                found.report.files,
                found.report.hashed,
                found.report.unread,
                found.differences.len() as u64 + found.left_out,
            ))?;
            found.report.faults.iter().try_for_each(|fault| output::line(&format!("not read: {}", printable(fault))))
        }
        Output::Json => output::json(&json!({
            "files": found.report.files,
            "read": found.report.hashed,
            "unread": found.report.unread,
            "faults": found.report.faults,
            "differences": found.differences.iter().map(shown).collect::<Vec<_>>(),
            "left_out": found.left_out,
        })),
        Output::Ndjson => found.differences.iter().map(shown).try_for_each(|one| output::json(&one)),
    }
}

/// `mode 0644 → 4755`; of a content that it is another is enough.
fn words(changed: &Value) -> String {
    let text = |key: &str| changed[key].as_str().unwrap_or_default();
    let (attribute, before, after) = (text("attribute"), text("before"), text("after"));
    match (attribute, before.is_empty(), after.is_empty()) {
        ("content", ..) | (_, true, true) => attribute.to_owned(),
        (_, true, _) => format!("{attribute} {after}"),
        (_, _, true) => format!("{attribute} was {before}"),
        _ => format!("{attribute} {before} → {after}"),
    }
}

pub fn changes(told: &[Told], diff: bool, print: Output) -> Result<()> {
    match print {
        Output::Json => return output::json(&json!({ "changes": told })),
        Output::Ndjson => return told.iter().try_for_each(output::json),
        Output::Text => {}
    }
    for one in told {
        output::line(&line(one))?;
        if diff {
            let note = one.diff_note.as_deref().map(|note| format!("({note})"));
            for line in one.diff.as_deref().unwrap_or_default().lines().chain(note.as_deref()) {
                output::line(&format!("    {}", printable(line)))?;
            }
        }
    }
    Ok(())
}

fn line(one: &Told) -> String {
    let mut text = format!("{}  {}  {:10} ", one.time, severity(one.severity.name()), one.what);
    if one.what == "baseline" {
        return text + &printable(&one.why);
    }
    if one.is_expected() {
        text.push_str(&format!("{} files of {}", one.files, printable(one.package.as_deref().unwrap_or("packages"))));
    } else {
        text.push_str(&printable(&one.path));
    }
    if let Some(from) = &one.from {
        text.push_str(&format!(" (was {})", printable(from)));
    }
    let names: Vec<&str> = one.changed.iter().map(|one| one.attribute.name()).collect();
    if !names.is_empty() && matches!(one.what.as_str(), "modify" | "attributes" | "rename") {
        text.push_str(&format!(" ({})", names.join(", ")));
    }
    match &one.who {
        Some(who) => {
            text.push_str(&format!(" by {} (pid {})", printable(&who.command_line), who.pid));
            if let Some(user) = &who.user {
                text.push_str(&format!(", user {}", printable(user)));
            }
            if let Some(login) = who.login.as_ref().filter(|login| who.user.as_ref() != Some(login)) {
                text.push_str(&format!(" who signed in as {}", printable(login)));
            }
            if let Some(container) = &who.container {
                text.push_str(&format!(", container {}", printable(container)));
            }
        }
        None if one.found == "start" => text.push_str(", while the agent was not running"),
        None => text.push_str(", nobody was seen doing it"),
    }
    text
}
