//! Which links of a lineage are in the ordinary, and why. Comes in: the acting process and its ancestors. Goes out: a
//! judgement each, oldest first. The walk goes downwards: a process can be ordinary only while everything above it is, so
//! the first that is not is where the attack entered, and all below it belongs to the attack.
//!
//! Rules and not statistics, so that each answer can be told in one sentence.

use crate::role::{self, Role};
use event::{ProcessSnapshot, Timestamp};

/// A container run time or a helper of the platform may run from memory too. One that has run for so long, with nothing
/// told of it, is part of the place and not how this attack came in; had it acted, it would be the acting process.
const SETTLED_NANOS: i64 = 600_000_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// None when it is out of the ordinary.
    pub role: Option<Role>,
    /// Key of the sentence that says why.
    pub reason: &'static str,
}

impl Judgement {
    pub const fn ordinary(&self) -> bool {
        self.role.is_some()
    }
    const fn yes(role: Role, reason: &'static str) -> Judgement {
        Judgement { role: Some(role), reason }
    }
    const fn no(reason: &'static str) -> Judgement {
        Judgement { role: None, reason }
    }
}

/// `lineage` is the acting process first; the answer is in the same order. The acting process itself is never merely
/// ordinary: something was told of it.
pub fn judge(lineage: &[ProcessSnapshot]) -> Vec<Judgement> {
    let mut out: Vec<Judgement> = Vec::with_capacity(lineage.len());
    for (index, process) in lineage.iter().enumerate().rev() {
        let parent = lineage.get(index + 1).zip(out.last());
        out.push(one(process, parent, lineage[0].started));
    }
    out.reverse();
    out
}

/// Index in `lineage` of the first link out of the ordinary; the acting process when everything looks ordinary.
pub fn entry(judgements: &[Judgement]) -> usize {
    judgements.iter().rposition(|j| !j.ordinary()).unwrap_or(0)
}

/// `acted` is when the acting process began.
fn one(process: &ProcessSnapshot, parent: Option<(&ProcessSnapshot, &Judgement)>, acted: Timestamp) -> Judgement {
    if let Some((_, Judgement { role: None, .. })) = parent {
        return Judgement::no("odd.descends");
    }
    if process.fileless && acted.since(process.started) > SETTLED_NANOS {
        return Judgement::yes(Role::Service, "usual.settled_fileless");
    }
    if process.fileless {
        return Judgement::no("odd.fileless");
    }
    if process.pid == 1 {
        return Judgement::yes(Role::ServiceManager, "usual.first_process");
    }
    if process.executable.is_empty() && parent.is_none_or(|(_, j)| j.role == Some(Role::Kernel)) {
        return Judgement::yes(Role::Kernel, "usual.kernel");
    }
    if is_temporary(&process.executable) {
        return Judgement::no("odd.temporary_place");
    }
    match parent {
        None => oldest(process),
        Some((parent, judgement)) => below(process, parent, judgement.role.unwrap_or(Role::Kernel)),
    }
}

/// The parent is not known: only a name or a unit can speak for it.
fn oldest(process: &ProcessSnapshot) -> Judgement {
    if let Some(role) = role::by_name(&process.name) {
        return Judgement::yes(role, named(role));
    }
    match role::is_shell(&process.name) {
        true if is_a_persons(process) => Judgement::yes(Role::PersonShell, "usual.person_shell"),
        false if is_service_unit(process) => Judgement::yes(Role::Service, "usual.service"),
        _ => Judgement::no("odd.oldest_known"),
    }
}

fn below(process: &ProcessSnapshot, parent: &ProcessSnapshot, above: Role) -> Judgement {
    match above {
        Role::Kernel | Role::ServiceManager => below_manager(process),
        Role::ContainerRuntime => match role::by_name(&process.name) {
            Some(role @ (Role::ContainerRuntime | Role::ServiceManager)) => Judgement::yes(role, named(role)),
            _ => Judgement::yes(container_main(process), "usual.container_main"),
        },
        Role::SessionDaemon => below_session(process),
        Role::AccountTool | Role::Terminal | Role::PersonShell => below_person(process),
        Role::Scheduler => match role::by_name(&process.name) {
            Some(Role::Scheduler) => Judgement::yes(Role::Scheduler, named(Role::Scheduler)),
            _ => Judgement::no("odd.scheduled_job"),
        },
        Role::Service => below_service(process, parent),
    }
}

fn below_manager(process: &ProcessSnapshot) -> Judgement {
    if let Some(role) = role::by_name(&process.name) {
        return Judgement::yes(role, named(role));
    }
    let bare = role::is_shell(&process.name) && is_a_persons(process);
    let inline = role::is_interpreter(&process.name) && runs_inline_code(process);
    match is_service_unit(process) {
        false if bare && process.session_id.is_some() => Judgement::yes(Role::PersonShell, "usual.person_shell"),
        // Its parent went away and init took it in: no service is made of a bare shell.
        false if bare || inline => Judgement::no("odd.orphan_shell"),
        _ => Judgement::yes(Role::Service, "usual.service"),
    }
}

fn below_session(process: &ProcessSnapshot) -> Judgement {
    match role::by_name(&process.name) {
        Some(role) => Judgement::yes(role, named(role)),
        None if role::is_shell(&process.name) && is_a_persons(process) => {
            Judgement::yes(Role::PersonShell, "usual.person_shell")
        }
        None if process.name == "sftp-server" => Judgement::yes(Role::Service, "usual.service"),
        None => Judgement::no("odd.remote_command"),
    }
}

fn below_person(process: &ProcessSnapshot) -> Judgement {
    match role::by_name(&process.name) {
        Some(role @ (Role::AccountTool | Role::Terminal)) => Judgement::yes(role, named(role)),
        _ if role::is_shell(&process.name) && is_a_persons(process) => {
            Judgement::yes(Role::PersonShell, "usual.person_shell")
        }
        _ => Judgement::no("odd.typed"),
    }
}

fn below_service(process: &ProcessSnapshot, parent: &ProcessSnapshot) -> Judgement {
    if process.executable == parent.executable && process.name == parent.name {
        return Judgement::yes(Role::Service, "usual.worker");
    }
    if role::is_shell(&process.name) {
        return Judgement::no("odd.service_shell");
    }
    let same_package = process.package.is_some() && process.package == parent.package;
    let same_unit = is_service_unit(process) && process.unit == parent.unit;
    // A start script's own program is the service; what a known server starts beside itself is not.
    let starts_it = role::is_shell(&parent.name) && !role::is_odd_for_a_service(&process.name);
    if !role::is_odd_for_a_service(&process.name) && (same_package || same_unit || starts_it) {
        return Judgement::yes(Role::Service, "usual.service_part");
    }
    Judgement::no("odd.service_tool")
}

fn container_main(process: &ProcessSnapshot) -> Role {
    if role::is_shell(&process.name) && is_a_persons(process) { Role::PersonShell } else { Role::Service }
}

const fn named(role: Role) -> &'static str {
    match role {
        Role::Kernel => "usual.kernel",
        Role::ServiceManager => "usual.service_manager",
        Role::SessionDaemon => "usual.session_daemon",
        Role::AccountTool => "usual.account_tool",
        Role::Terminal => "usual.terminal",
        Role::Scheduler => "usual.scheduler",
        Role::ContainerRuntime => "usual.container_runtime",
        Role::Service => "usual.service",
        Role::PersonShell => "usual.person_shell",
    }
}

/// A shell without script and without `-c`: somebody sits there.
fn is_a_persons(process: &ProcessSnapshot) -> bool {
    process.command_line.split_whitespace().skip(1).all(|arg| arg.starts_with('-') && !carries_command(arg))
}

/// `-c` alone or among other one-letter options: `-lc`.
fn carries_command(arg: &str) -> bool {
    !arg.starts_with("--") && arg.contains('c')
}

fn runs_inline_code(process: &ProcessSnapshot) -> bool {
    process.command_line.split_whitespace().skip(1).any(|arg| matches!(arg, "-c" | "-e" | "-r" | "-ne" | "-E"))
}

fn is_service_unit(process: &ProcessSnapshot) -> bool {
    process.unit.as_deref().is_some_and(|unit| unit.ends_with(".service") && !unit.starts_with("user@"))
}

pub(crate) fn is_temporary(path: &str) -> bool {
    ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/run/shm/"].iter().any(|place| path.starts_with(place))
        || path.rsplit('/').skip(1).any(|part| part.starts_with('.') && part.len() > 1)
}
