//! What the kernel's lock refused, or let be for want of an answer, is looked at here and told to people: a refused program as
//! the refusal that it was, a library that was mapped unasked by its own trust. An answer that was missing though the file is
//! trusted is given now.

use super::prepare;
use crate::alerting::{self, Judged};
use crate::lockdown::unasked::end;
use crate::lockdown::{Asker, add, evidence, exec, ruling, tell};
use crate::pipeline::now;
use crate::shared::Shared;
use event::{Action, FileIdentity, Outcome};
use sensor::{LockAct, LockTold};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use verdict::lockdown::{Act, Evidence, Nameless, Ruling, Use};

pub fn take(shared: &Arc<Shared>, told: &LockTold) {
    let asker = Asker::of(shared, told.tgid);
    match told.act {
        LockAct::Exec => program(shared, told, &asker),
        LockAct::Mapped | LockAct::Library => library(shared, told, &asker),
        LockAct::Module => module(shared, told, &asker),
        LockAct::ModuleData => act(shared, told, Act::ModuleData, &asker),
        LockAct::Trace | LockAct::Memory => act(shared, told, Act::Trace, &asker),
    }
}

/// The very file that the kernel saw, under the name that it has for the process or for us.
fn open(told: &LockTold) -> Option<File> {
    let seen = told.file?;
    let same = |file: &File| {
        let found = evidence::identity(file).map(|(identity, _)| identity);
        found.is_some_and(|found: FileIdentity| (found.inode, found.size) == (seen.inode, seen.size))
    };
    let there = [format!("/proc/{}/root{}", told.tgid, told.path), told.path.to_string()];
    there.iter().filter_map(|path| File::open(path).ok()).find(same)
}

fn program(shared: &Arc<Shared>, told: &LockTold, asker: &Asker) {
    let policy = shared.policy();
    let Some(file) = open(told) else {
        // From memory, or gone: nothing could vouch for it.
        let nameless = Some(if told.path.starts_with("/memfd:") { Nameless::Memory } else { Nameless::Deleted });
        let evidence = Evidence { path: &told.path, nameless, ..Evidence::default() };
        let ruling = ruling(shared, &policy, &evidence, Err(Act::Fileless), asker, now());
        return note(shared, &ruling, &evidence, Err(Act::Fileless), asker);
    };
    let looked = shared.lockdown.kernel.look(&file);
    let path = Path::new(&*told.path);
    let usage = if exec::is_script(&file) { Use::Script } else { Use::Program };
    let image = evidence::image(&shared.lockdown, &policy.lockdown, &file, path, asker);
    let evidence = Evidence { image, ..evidence::gather(&shared.lockdown, &policy.lockdown, &file, path, now()) };
    let ruling = ruling(shared, &policy, &evidence, Ok(usage), asker, now());
    if ruling.decision.action >= Action::Deny {
        return note(shared, &ruling, &evidence, Ok(usage), asker);
    }
    if let Some((identity, _)) = evidence::identity(&file) {
        shared.lockdown.kernel.allows(&file, looked, identity, path);
    }
    shared.lockdown.kernel.mended.fetch_add(1, Ordering::Relaxed);
    tracing::warn!(path = %told.path, "the kernel refused what is trusted; it runs from now on");
}

fn library(shared: &Arc<Shared>, told: &LockTold, asker: &Asker) {
    let policy = shared.policy();
    let Some(file) = open(told) else { return add(&shared.lockdown.counters.unjudged) };
    let looked = shared.lockdown.kernel.look(&file);
    let path = Path::new(&*told.path);
    let in_scope = policy.lockdown.in_scope(&told.path);
    let image = evidence::image(&shared.lockdown, &policy.lockdown, &file, path, asker);
    let evidence = Evidence { image, ..evidence::gather(&shared.lockdown, &policy.lockdown, &file, path, now()) };
    let ruling = ruling(shared, &policy, &evidence, Ok(Use::Library), asker, now());
    if !in_scope || ruling.decision.action < Action::Deny {
        if in_scope && ruling.finding.is_some() {
            add(&shared.lockdown.counters.would_deny);
            tell::note(shared, &ruling, &evidence, Ok(Use::Library), asker, now());
        }
        if let Some((identity, _)) = evidence::identity(&file) {
            shared.lockdown.kernel.allows(&file, looked, identity, path);
        }
        return;
    }
    shared.lockdown.kernel.refuses(&file, looked, path);
    if told.act == LockAct::Library {
        return note(shared, &ruling, &evidence, Ok(Use::Library), asker);
    }
    // It is in a process already.
    tell::write_down(shared, &ruling, &evidence, Ok(Use::Library), asker, now(), false);
    add(&shared.lockdown.counters.unasked);
    let Some(finding) = ruling.finding.clone() else { return };
    let key = told.process(shared.host.boot);
    let (action, status, words) = end(shared, key, &policy, &ruling);
    let detail = format!("{} was mapped before it could be asked about; {words}", told.path);
    let decision = event::Decision { action, ..ruling.decision };
    let judged = Judged::new(vec![finding], decision);
    let event = tell::waiting(shared, asker, &told.path);
    shared.tell(&alerting::alert(shared, &event, judged, Outcome { action, status, detail }));
}

fn module(shared: &Arc<Shared>, told: &LockTold, asker: &Asker) {
    let policy = shared.policy();
    let path = Path::new(&*told.path);
    let Some(file) = open(told) else { return add(&shared.lockdown.counters.unjudged) };
    let there = respond::path_of(&file);
    if let Some(answers) = shared.lockdown.kernel.answers()
        && prepare::module(shared, &policy, &answers, &there)
    {
        shared.lockdown.kernel.mended.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(path = %told.path, "a trusted module came after the lock; it is let in from now on");
        return;
    }
    let evidence = evidence::gather(&shared.lockdown, &policy.lockdown, &file, path, now());
    let ruling = ruling(shared, &policy, &evidence, Ok(Use::Module), asker, now());
    note(shared, &ruling, &evidence, Ok(Use::Module), asker);
}

fn act(shared: &Arc<Shared>, told: &LockTold, act: Act, asker: &Asker) {
    let own = asker.process.as_ref().map(|process| process.executable.to_string()).unwrap_or_default();
    let path = if told.path.is_empty() { own.as_str() } else { &told.path };
    let evidence = Evidence { path, ..Evidence::default() };
    let ruling = ruling(shared, &shared.policy(), &evidence, Err(act), asker, now());
    note(shared, &ruling, &evidence, Err(act), asker);
}

fn note(shared: &Shared, ruling: &Ruling, evidence: &Evidence<'_>, matter: Result<Use, Act>, asker: &Asker) {
    if ruling.finding.is_none() {
        return;
    }
    add(&shared.lockdown.counters.denied);
    tell::note(shared, ruling, evidence, matter, asker, now());
}
