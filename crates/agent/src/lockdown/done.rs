//! What the gate tier sees only when it is done: a module that came into the kernel is judged by the file that it came from, and
//! who took another process over is told. In the enforce tier the kernel refuses both before.

use super::unasked::is_exempt;
use super::{Asker, add, evidence, ruling, tell};
use crate::pipeline::now;
use crate::shared::Shared;
use event::{Event, EventKind, FileOp, ModuleLoad, ProcessAccess};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use verdict::lockdown::{Act, Evidence, Use};

/// On the hot path.
pub fn is_told(kind: &EventKind) -> bool {
    match kind {
        EventKind::Module(_) => true,
        EventKind::Access(access) => takes_over(access),
        EventKind::File(file) => matches!(file.op, FileOp::OpenWrite { .. }) && whose_memory(&file.file.path).is_some(),
        _ => false,
    }
}

/// Attach, seize, or a write into it; who is traced by its own wish asks for it itself.
fn takes_over(access: &ProcessAccess) -> bool {
    match access {
        ProcessAccess::Ptrace { request, .. } => matches!(request, 4 | 5 | 16 | 0x4206),
        ProcessAccess::VmWrite { .. } => true,
    }
}

/// `/proc/PID/mem`, or that of a thread.
fn whose_memory(path: &str) -> Option<u32> {
    path.strip_prefix("/proc/")?.strip_suffix("/mem")?.split('/').next()?.parse().ok()
}

pub fn judge(shared: &Arc<Shared>, event: &Event) {
    let Some(process) = event.process.as_ref().filter(|process| !is_exempt(shared, process)) else { return };
    let asker = Asker { pid: process.key.tgid, process: Some(Arc::clone(process)) };
    let target = match &event.kind {
        EventKind::Module(loaded) => return module(shared, loaded, &asker),
        EventKind::Access(
            ProcessAccess::Ptrace { target_executable, target, .. }
            | ProcessAccess::VmWrite { target_executable, target, .. },
        ) if target_executable.is_empty() => program_of(shared, target.tgid),
        EventKind::Access(
            ProcessAccess::Ptrace { target_executable, .. } | ProcessAccess::VmWrite { target_executable, .. },
        ) => target_executable.to_string(),
        EventKind::File(file) => match whose_memory(&file.file.path) {
            Some(pid) => program_of(shared, pid),
            None => return,
        },
        _ => return,
    };
    let settings = &shared.policy().lockdown;
    // A target that nobody knows any more is in every scope.
    if settings.in_scope(&process.executable) || settings.in_scope(&target) {
        let evidence = Evidence { path: &process.executable, ..Evidence::default() };
        tell_of(shared, &evidence, Err(Act::Trace), &asker);
    }
}

/// Also of a process that has ended, as long as the table remembers it; empty where nobody knows.
fn program_of(shared: &Shared, pid: u32) -> String {
    let known = shared.enricher.by_pid(pid).map(|process| process.executable.to_string());
    let known = known.filter(|program| !program.is_empty());
    known.or_else(|| Some(respond::ProcessFacts::read(pid)?.executable)).unwrap_or_default()
}

fn module(shared: &Arc<Shared>, loaded: &ModuleLoad, asker: &Asker) {
    let policy = shared.policy();
    let Some(named) = &loaded.path else {
        let evidence = Evidence { path: &loaded.name, ..Evidence::default() };
        return tell_of(shared, &evidence, Err(Act::ModuleData), asker);
    };
    let inside = format!("/proc/{}/root{named}", asker.pid);
    let Ok(file) = File::open(inside).or_else(|_| File::open(&**named)) else {
        // Gone already: nothing is left that could vouch for it.
        add(&shared.lockdown.counters.unjudged);
        if policy.lockdown.in_scope(named) {
            tell_of(shared, &Evidence { path: named, ..Evidence::default() }, Err(Act::ModuleData), asker);
        }
        return;
    };
    let there = respond::path_of(&file);
    if there.to_str().is_none_or(|path| policy.lockdown.in_scope(path)) {
        let evidence = evidence::gather(&shared.lockdown, &policy.lockdown, &file, Path::new(&there), now());
        tell_of(shared, &evidence, Ok(Use::Module), asker);
    }
}

fn tell_of(shared: &Shared, evidence: &Evidence<'_>, matter: Result<Use, Act>, asker: &Asker) {
    let ruling = ruling(shared, &shared.policy(), evidence, matter, asker, now());
    if ruling.finding.is_some() {
        add(&shared.lockdown.counters.unasked);
        tell::note_done(shared, &ruling, evidence, matter, asker, now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_process() {
        let check = |path: &str, expected| assert_eq!(whose_memory(path), expected, "{path}");
        check("/proc/12/mem", Some(12));
        check("/proc/12/task/13/mem", Some(12));
        check("/proc/12/maps", None);
        check("/proc/self/mem", None);
        check("/tmp/proc/12/mem", None);
    }
}
