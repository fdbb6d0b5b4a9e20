//! `tamon doctor`: what keeps Tamon from working well here, each with what to do about it.

use crate::local::Local;
use crate::output::{self, Output};
use crate::place::Place;
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

pub fn run(place: &Place, print: Output) -> Result<ExitCode> {
    let checks = [root(), btf(), lsm(), fanotify_room(), disk(place), agent(place)];
    match print {
        Output::Text => {
            for check in &checks {
                output::line(&format!("{:4} {:16} {}", if check.ok { "ok" } else { "bad" }, check.name, check.detail))?;
            }
        }
        Output::Json => output::json(&serde_json::json!({ "checks": checks }))?,
        Output::Ndjson => checks.iter().try_for_each(output::json)?,
    }
    Ok(if checks.iter().all(|check| check.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn root() -> Check {
    let is = rustix::process::geteuid().is_root();
    Check { name: "root", ok: is, detail: if is { "yes".into() } else { "the agent must start as root".into() } }
}

fn btf() -> Check {
    let path = Path::new("/sys/kernel/btf/vmlinux");
    let is = path.exists();
    let detail = if is { "the kernel describes its types" } else { "no BTF: the agent falls back to the observe tier" };
    Check { name: "btf", ok: is, detail: detail.into() }
}

/// What the file says is only a hint: the agent probes by loading.
fn lsm() -> Check {
    let list =
        std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_else(|error| format!("unreadable: {error}"));
    let is = list.split(',').any(|name| name.trim() == "bpf");
    let detail =
        if is { list } else { format!("{list}; add bpf to lsm= on the kernel's command line for the enforce tier") };
    Check { name: "lsm", ok: true, detail }
}

fn fanotify_room() -> Check {
    let path = "/proc/sys/fs/fanotify/max_user_groups";
    match std::fs::read_to_string(path) {
        Ok(groups) => Check { name: "fanotify", ok: true, detail: format!("{} groups", groups.trim()) },
        Err(error) => Check { name: "fanotify", ok: false, detail: format!("{path}: {error}: no gate of execution") },
    }
}

fn disk(place: &Place) -> Check {
    const WANTED: u64 = 1 << 30;
    match rustix::fs::statvfs(&place.state) {
        Ok(stat) => {
            let free = stat.f_bavail * stat.f_frsize;
            Check {
                name: "disk",
                ok: free >= WANTED,
                detail: format!("{} MB free in {}", free >> 20, place.state.display()),
            }
        }
        Err(error) => Check { name: "disk", ok: false, detail: format!("{}: {error}", place.state.display()) },
    }
}

fn agent(place: &Place) -> Check {
    match Local::open(place).and_then(|local| local.status()) {
        Ok(status) => {
            let problems = status["problems"].as_array().map_or(0, Vec::len);
            let tier = output::text(&status["tier"]);
            Check { name: "agent", ok: problems == 0, detail: format!("runs, tier {tier}, {problems} problems") }
        }
        Err(error) => Check { name: "agent", ok: false, detail: format!("{error:#}") },
    }
}
