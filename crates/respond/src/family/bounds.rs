//! Where a family ends: at whatever starts things that have nothing to do with each other.

use crate::proc::{ProcessFacts, Stat};
use std::collections::HashSet;
use std::fs;
use std::sync::OnceLock;

/// Its children have nothing to do with each other, or it is no part of anybody's attack.
pub(super) fn starts_others(parent: &ProcessFacts) -> bool {
    parent.pid <= 2
        || is_above_us(parent)
        || starts_everything(parent)
        || parent.protected(&[]).is_some()
        || is_shell(parent) && is_typed_into(parent.pid)
}

fn is_shell(facts: &ProcessFacts) -> bool {
    const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "ash", "tcsh", "csh"];
    let name = facts.executable.rsplit('/').next().unwrap_or_default();
    SHELLS.contains(&name.trim_end_matches(" (deleted)"))
}

/// It was given nothing to run.
fn is_typed_into(pid: u32) -> bool {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = arguments.split(|b| *b == 0).skip(1).filter(|word| !word.is_empty());
    words.all(|word| word.starts_with(b"-") && word != b"-c") && has_terminal(pid)
}

/// A shell that reads its commands from a pipe is a script.
fn has_terminal(pid: u32) -> bool {
    fs::read_link(format!("/proc/{pid}/fd/0"))
        .is_ok_and(|path| path.starts_with("/dev/pts") || path.starts_with("/dev/tty"))
}

pub(super) fn is_service_manager(facts: &ProcessFacts) -> bool {
    facts.effective_uid == 0 && facts.executable.ends_with("/systemd")
}

fn starts_everything(facts: &ProcessFacts) -> bool {
    const STARTERS: &[&str] = &[
        "systemd",
        "init",
        "sshd",
        "sshd-session",
        "login",
        "cron",
        "crond",
        "atd",
        "tmux",
        "screen",
        "runc",
        "dockerd",
        "containerd",
        "supervisord",
        "smbd",
        "xinetd",
        "inetd",
        "gdm-session-worker",
        "gnome-shell",
        "plasmashell",
    ];
    let name = facts.executable.rsplit('/').next().unwrap_or_default();
    STARTERS.contains(&name) || name.starts_with("containerd-shim") || name.starts_with("tmux")
}

/// What started the agent is no part of anybody's attack.
pub(super) fn is_above_us(facts: &ProcessFacts) -> bool {
    static LINE: OnceLock<HashSet<(u32, u64)>> = OnceLock::new();
    let line = LINE.get_or_init(|| {
        let mut line = HashSet::new();
        let mut at = std::process::id();
        while let Some(stat) = Stat::read(at).filter(|_| line.len() < 64) {
            line.insert((at, stat.start_ticks));
            at = stat.parent_pid;
        }
        line
    });
    line.contains(&(facts.pid, facts.start_ticks))
}
