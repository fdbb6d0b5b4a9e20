//! What the gate asks about openings on a locked host. Many read what is code without running it (a copy, a backup, a linker):
//! so a library counts as one only when the loader itself opens it, and a script when an interpreter opens what begins or is
//! named as one. All else is let be, and asked about each time, for the next may be the loader.

use super::{Asker, add, exec, judge_file};
use crate::shared::Shared;
use event::Action;
use respond::{GateAnswer, GateRequest, Unseen};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use verdict::interpreter::{is_interpreter, is_loader, is_script_name};
use verdict::lockdown::Use;

const ASK_AGAIN: GateAnswer = GateAnswer::Allow { cache: false };

/// None where nothing is asked about what is read.
pub fn judge(shared: &Shared, request: &GateRequest<'_>, asker: &Asker) -> Option<GateAnswer> {
    let settings = &shared.policy().lockdown;
    let path = request.path.to_str()?;
    let usage = if is_elf(request.file) {
        if !settings.libraries || !is_opened_by_loader(shared, request) {
            return Some(ASK_AGAIN);
        }
        Use::Library
    } else {
        let by_interpreter = asker.process.as_ref().is_some_and(|process| is_interpreter(&process.executable));
        if !settings.scripts || !by_interpreter || !(exec::is_script(request.file) || is_script_name(path)) {
            return Some(ASK_AGAIN);
        }
        Use::Script
    };
    let kernel = &shared.lockdown.kernel;
    let looked = kernel.look(request.file).filter(|_| usage == Use::Library);
    let ruling = judge_file(shared, request.file, request.path, usage, asker)?;
    if ruling.decision.action >= Action::Deny {
        if usage == Use::Library {
            kernel.refuses(request.file, looked, request.path);
        }
        return Some(GateAnswer::Deny);
    }
    if usage == Use::Library {
        kernel.allows(request.file, looked, request.identity, request.path);
    }
    Some(GateAnswer::Allow { cache: ruling.source.is_some() })
}

/// Who cannot be seen is taken for the loader: then what it opens has to be trusted.
fn is_opened_by_loader(shared: &Shared, request: &GateRequest<'_>) -> bool {
    match respond::opened_by(request.tid, request.until, is_loader) {
        Ok(by_loader) => by_loader,
        Err(Unseen::Gone) => false,
        Err(unseen) => {
            add(&shared.lockdown.counters.unread);
            tracing::debug!(%unseen, pid = request.pid, path = %request.path.display(), "who opens it is not known");
            true
        }
    }
}

fn is_elf(file: &File) -> bool {
    let mut start = [0; 4];
    file.read_exact_at(&mut start, 0).is_ok() && start == *b"\x7fELF"
}
