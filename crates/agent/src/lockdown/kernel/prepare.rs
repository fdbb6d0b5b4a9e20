//! Answers beforehand for what must run when the lock comes into force: what the host cannot do without, what runs now, and the
//! kernel's own modules, about which nobody can be asked when they are loaded. Reads files, so it has the lock's thread.

use crate::lockdown::unasked::is_exempt;
use crate::lockdown::{Asker, evidence, proof, ruling};
use crate::pipeline::now;
use crate::shared::Shared;
use event::Action;
use sensor::LockAnswers;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use verdict::Policy;
use verdict::lockdown::{Answer, Use};

const MOST_MODULES: usize = 20_000;
const DEPTH: usize = 10;

pub fn run(shared: &Arc<Shared>) {
    let kernel = &shared.lockdown.kernel;
    let Some(answers) = kernel.answers() else { return };
    let (generation, policy) = (answers.generation(), shared.policy());
    let before = kernel.take_allowed().into_iter().filter_map(|path| Some((File::open(&path).ok()?, path)));
    for (file, path) in proof::running(shared).into_iter().chain(before) {
        let looked = kernel.look(&file);
        let Some((identity, _)) = evidence::identity(&file) else { continue };
        if runs(shared, &policy, &file, &path, Use::Program) {
            kernel.allows(&file, looked, identity, &path);
        }
    }
    for process in shared.enricher.living() {
        if is_exempt(shared, &process)
            && let Err(error) = answers.excuse(process.key.tgid)
        {
            tracing::debug!(%error, pid = process.key.tgid, "it has ended meanwhile");
        }
    }
    if policy.lockdown.modules == Answer::Deny {
        let folder = Path::new("/lib/modules").join(&*rustix::system::uname().release().to_string_lossy());
        let mut left = MOST_MODULES;
        modules(shared, &policy, &answers, &folder, DEPTH, &mut left);
        if left == 0 {
            shared.problem(format!("lockdown: more than {MOST_MODULES} kernel modules; the rest is not let in"));
        }
    }
    let left = answers.forget_older();
    if left > 0 {
        shared.problem(format!("lockdown: the kernel keeps {left} older answers; they are taken back with the next"));
    }
    kernel.prepared.store(generation, Ordering::Release);
    kernel.preparing.store(false, Ordering::Release);
}

/// As if it were about to be used; nothing is counted and nobody told.
fn runs(shared: &Shared, policy: &Policy, file: &File, path: &Path, usage: Use) -> bool {
    if path.to_str().is_some_and(|path| !policy.lockdown.in_scope(path)) {
        return true;
    }
    let evidence = evidence::gather(&shared.lockdown, &policy.lockdown, file, path, now());
    ruling(shared, policy, &evidence, Ok(usage), &Asker::default(), now()).decision.action < Action::Deny
}

fn modules(shared: &Shared, policy: &Policy, answers: &LockAnswers, folder: &Path, depth: usize, left: &mut usize) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        if kind.as_ref().is_ok_and(|kind| kind.is_dir()) && depth > 0 {
            modules(shared, policy, answers, &path, depth - 1, left);
        } else if kind.is_ok_and(|kind| kind.is_file()) && is_module(&path) && *left > 0 {
            *left -= 1;
            module(shared, policy, answers, &path);
        }
    }
}

/// Packed ones too: the kernel unpacks them itself.
pub fn is_module(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".ko", ".ko.xz", ".ko.zst", ".ko.gz"].iter().any(|end| name.ends_with(end))
}

/// True when it may be loaded from now on.
pub fn module(shared: &Shared, policy: &Policy, answers: &LockAnswers, path: &Path) -> bool {
    let Some(file) = File::open(path).ok() else { return false };
    let path = respond::path_of(&file);
    let Some((identity, _)) = evidence::identity(&file) else { return false };
    if !runs(shared, policy, &file, &path, Use::Module) {
        return false;
    }
    let remembered = answers.remember(identity, super::device(&file, identity), true);
    if let Err(error) = &remembered {
        shared.problem(format!("lockdown: the kernel does not remember a module: {error}"));
    }
    remembered.is_ok()
}
