//! `tamon lockdown`: asked of the agent, who alone keeps the lock. Exit status 1 of `lock` when something that runs now
//! would be refused, 2 when the lock itself was.

use crate::arguments::Lockdown;
use crate::local::Local;
use crate::output::{self, Output, table, text};
use crate::place::Place;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(command: &Lockdown, place: &Place, print: Output) -> Result<ExitCode> {
    if let Lockdown::Release { reason } = command {
        if Local::open(place).is_ok_and(|agent| agent.status().is_ok()) {
            bail!("the agent lives: `tamon lockdown unlock` or `break-glass`");
        }
        let programs = agent::release_lock(&place.state, &place.run, reason)?;
        output::line(&format!("open until the agent starts: {programs} programs were taken out of the kernel"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let ask = request(command)?;
    let answer = Local::open(place)?.ask(&json!({ "request": "lockdown", "ask": ask }))?;
    if let (Lockdown::Report, Output::Ndjson) = (command, print) {
        list(&answer["unknown"]).iter().try_for_each(output::json)?;
    } else if print != Output::Text {
        output::json(&answer)?;
    } else {
        show(command, &answer)?;
    }
    let refuses = matches!(command, Lockdown::Lock { .. }) && !list(&answer["would_refuse"]).is_empty();
    Ok(ExitCode::from(u8::from(refuses)))
}

fn request(command: &Lockdown) -> Result<Value> {
    Ok(match command {
        Lockdown::Learn { paths } => {
            let paths = paths.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
            json!({ "do": "learn", "paths": paths })
        }
        Lockdown::Report => json!({ "do": "report" }),
        Lockdown::Lock { mode, days } => json!({ "do": "lock", "mode": mode, "days": days }),
        Lockdown::Unlock { reason } => json!({ "do": "unlock", "reason": reason }),
        Lockdown::Status => json!({ "do": "status" }),
        Lockdown::Trust { what, reason, days } => {
            json!({ "do": "trust", "what": named(what)?, "reason": reason, "days": days })
        }
        Lockdown::Untrust { what, reason } => json!({ "do": "untrust", "what": named(what)?, "reason": reason }),
        Lockdown::BreakGlass { mend: true, .. } => json!({ "do": "mend-glass" }),
        Lockdown::BreakGlass { reason, minutes, .. } => {
            json!({ "do": "break-glass", "reason": reason, "minutes": minutes })
        }
        Lockdown::Release { .. } => bail!("not asked of the agent"),
    })
}

/// A digest as it is; a path from where the caller stands.
fn named(what: &str) -> Result<String> {
    if what.parse::<event::Sha256>().is_ok() {
        return Ok(what.to_owned());
    }
    Ok(std::path::absolute(what)?.to_string_lossy().into_owned())
}

fn show(command: &Lockdown, answer: &Value) -> Result<()> {
    match command {
        Lockdown::Status => status(answer),
        Lockdown::Report => {
            unknown(list(&answer["unknown"]))?;
            output::line(&format!(
                "{} learned, {} trusted otherwise, {} distrusted",
                text(&answer["learned"]),
                list(&answer["trusted"]).len(),
                list(&answer["distrusted"]).len()
            ))
        }
        Lockdown::Learn { .. } => output::line(&format!(
            "learning: {} files looked at, {} of them unknown; `tamon lockdown report` lists them",
            text(&answer["looked_at"]),
            text(&answer["unknown"])
        )),
        Lockdown::Lock { .. } => {
            let lock = &answer["lock"]["phase"];
            output::line(&format!("locked, mode {}; {} learned", text(&lock["mode"]), text(&answer["learned"])))?;
            for refused in list(&answer["would_refuse"]) {
                output::line(&format!("would refuse {}: {}", text(&refused["path"]), text(&refused["reason"])))?;
            }
            limits(&answer["not_kept"])
        }
        Lockdown::Trust { .. } | Lockdown::Untrust { .. } => {
            output::line(&format!("{} {}", text(&answer["sha256"]), text(&answer["path"])))
        }
        Lockdown::BreakGlass { mend: false, .. } => {
            output::line(&format!("everything runs until {}", text(&answer["break_glass"]["until"])))
        }
        Lockdown::BreakGlass { .. } => output::line("the glass is whole"),
        Lockdown::Unlock { .. } | Lockdown::Release { .. } => output::line("open"),
    }
}

fn status(answer: &Value) -> Result<()> {
    let line = |name: &str, value: String| output::line(&format!("{name:22} {value}"));
    let phase = &answer["lock"]["phase"];
    line("phase", format!("{} {}", text(&phase["phase"]), text(&answer["mode"])))?;
    if !phase["by"].is_null() {
        line("by", format!("{}, since {}", text(&phase["by"]), time(&phase["since"])))?;
    }
    if !phase["until"].is_null() {
        line("until", time(&phase["until"]))?;
    }
    let glass = &answer["lock"]["break_glass"];
    if !glass.is_null() {
        let (by, until) = (text(&glass["by"]), time(&glass["until"]));
        line("glass broken", format!("by {by} until {until}: {}", text(&glass["reason"])))?;
    }
    let figures =
        ["trusted", "listed", "distrusted", "unknown", "asked", "denied", "would_deny", "ran_unasked", "ended"];
    for name in figures {
        line(&name.replace('_', " "), text(&answer[name]))?;
    }
    let kernel = &answer["kernel"];
    line("in the kernel", text(&kernel["state"]))?;
    line("without the agent", text(&kernel["without_agent"]))?;
    for name in ["refused_programs", "refused_libraries", "refused_modules", "refused_tracing"] {
        line(&name.replace('_', " "), text(&kernel[name]))?;
    }
    limits(&answer["not_kept"])
}

fn limits(limits: &Value) -> Result<()> {
    for limit in list(limits) {
        output::line(&format!("not kept here: {} — {}", text(&limit["attack"]), text(&limit["why"])))?;
    }
    Ok(())
}

fn unknown(seen: &[Value]) -> Result<()> {
    let keys = ["count", "denied", "use", "path", "reason", "by"];
    let row = |one: &Value| keys.iter().map(|key| text(&one[*key])).collect();
    table(&keys, &seen.iter().map(row).collect::<Vec<Vec<String>>>())
}

fn time(value: &Value) -> String {
    value.as_i64().map_or_else(String::new, |nanos| event::Timestamp(nanos).to_string())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
