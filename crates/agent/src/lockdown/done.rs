//! What the gate tier sees only when it is done: a module that came into the kernel is judged by the file that it came from, and
//! who took another process over is told. In the enforce tier the kernel refuses both before.

use super::unasked::is_exempt;
use super::{Asker, add, evidence, exec, ruling, tell};
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
        EventKind::Access(ProcessAccess::Ptrace { target_executable, .. })
        | EventKind::Access(ProcessAccess::VmWrite { target_executable, .. }) => target_executable.to_string(),
        EventKind::File(file) => {
            let pid = whose_memory(&file.file.path).unwrap_or_default();
            let program = std::fs::read_link(format!("/proc/{pid}/exe"));
            program.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
        }
        _ => return,
    };
    let settings = &shared.policy().lockdown;
    if settings.in_scope(&process.executable) || settings.in_scope(&target) {
        let evidence = Evidence { path: &process.executable, ..Evidence::default() };
        tell_of(shared, &evidence, Err(Act::Trace), &asker);
    }
}

fn module(shared: &Arc<Shared>, loaded: &ModuleLoad, asker: &Asker) {
    let policy = shared.policy();
    let Some(named) = &loaded.path else {
        let evidence = Evidence { path: &loaded.name, ..Evidence::default() };
        return tell_of(shared, &evidence, Err(Act::ModuleData), asker);
    };
    let inside = format!("/proc/{}/root{named}", asker.pid);
    let Ok(file) = File::open(inside).or_else(|_| File::open(&**named)) else {
        return add(&shared.lockdown.counters.unjudged);
    };
    let there = exec::path_of(&file);
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
