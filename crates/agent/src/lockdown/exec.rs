//! What the exec gate asks on a locked host: the program that would run, and what it was told to run. What is opened is
//! `reading`'s.

use super::{Asker, add, evidence, judge_act, judge_file, reading};
use crate::pipeline::now;
use crate::shared::Shared;
use event::{Action, Mode};
use respond::{Asking, GateAnswer, GateRequest, Input, Unseen, path_of};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use verdict::interpreter::{Reads, is_interpreter, reads};
use verdict::lockdown::{Act, Ruling, Use};

/// Looks at a file that keeps changing.
const TRIES: usize = 3;

/// None while the host is not locked, or where the program is out of the lock's scope.
pub fn judge_exec(shared: &Shared, request: &GateRequest<'_>) -> Option<GateAnswer> {
    if !shared.lockdown.is_active() {
        return None;
    }
    let asker = Asker::of(shared, request.pid);
    if request.reading {
        return reading::judge(shared, request, &asker);
    }
    // What is written to while it is judged is no content that anybody vouched for.
    for _ in 0..TRIES {
        let looked = shared.lockdown.kernel.look(request.file);
        let before = evidence::identity(request.file)?.0;
        let judged = judge_once(shared, request, &asker);
        let Some((after, links)) = evidence::identity(request.file) else { continue };
        if after != before {
            continue;
        }
        let kernel = &shared.lockdown.kernel;
        // Whatever it is told to run, the file itself may: what it is told is no matter of the kernel's. A refusal is the
        // gate's alone, since it is of this name, and others may have another for the file.
        let reached =
            matches!(judged, Some(Once::Refused)) || kernel.allows(request.file, looked, before, request.path);
        return match judged? {
            Once::Refused | Once::ToldRefused => Some(GateAnswer::Deny),
            Once::Runs { cache } => {
                shared.lockdown.allowed.insert(before, request.path);
                // The kernel remembers the file under all its names, the lock trusts it under one.
                Some(GateAnswer::Allow { cache: cache && links == 1 && reached })
            }
        };
    }
    let enforced = shared.lockdown.lock().mode(now()) == Some(Mode::Enforce);
    Some(if enforced { GateAnswer::Deny } else { GateAnswer::Allow { cache: false } })
}

/// What came of one look.
enum Once {
    Refused,
    /// What the interpreter was told to run is.
    ToldRefused,
    Runs {
        cache: bool,
    },
}

/// None where the lock does not ask about it.
fn judge_once(shared: &Shared, request: &GateRequest<'_>, asker: &Asker) -> Option<Once> {
    let usage = if is_script(request.file) { Use::Script } else { Use::Program };
    let ruling = judge_file(shared, request.file, request.path, usage, asker)?;
    if denies(&ruling) {
        return Some(Once::Refused);
    }
    let told = request.path.to_str().filter(|path| usage == Use::Program && is_interpreter(path));
    let Some(interpreter) = told else { return Some(Once::Runs { cache: ruling.source.is_some() }) };
    // It is asked about each time, for what it is told to run differs.
    let denied = judge_told(shared, request, interpreter, asker).is_some_and(|ruling| denies(&ruling));
    Some(if denied { Once::ToldRefused } else { Once::Runs { cache: false } })
}

fn denies(ruling: &Ruling) -> bool {
    ruling.decision.action >= Action::Deny
}

/// By its first two bytes, as the kernel tells.
pub fn is_script(file: &File) -> bool {
    let mut start = [0; 2];
    file.read_exact_at(&mut start, 0).is_ok() && start == *b"#!"
}

fn judge_told(shared: &Shared, request: &GateRequest<'_>, interpreter: &str, asker: &Asker) -> Option<Ruling> {
    let asking = match respond::asking(request.pid, request.tid, request.until) {
        Ok(asking) => asking,
        Err(unseen) => {
            add(&shared.lockdown.counters.unread);
            tracing::debug!(%unseen, pid = request.pid, interpreter, "what it is told to run is not known");
            let waits = unseen != Unseen::Gone;
            return waits.then(|| judge_act(shared, request.path, Act::Unread, asker)).flatten();
        }
    };
    // A script's interpreter or a program's loader: what it runs has been asked about by itself.
    if !asking.names(request.file) {
        return None;
    }
    let (name, arguments) = asking.arguments.split_first()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match reads(interpreter, name, &arguments)? {
        Reads::Script(name) => judge_input(shared, request, argument(&asking, name)?, Use::Script, asker),
        Reads::Program(name) => judge_input(shared, request, argument(&asking, name)?, Use::Loaded, asker),
        Reads::Inline(_) => judge_act(shared, request.path, Act::Inline, asker),
        Reads::Stdin => judge_input(shared, request, asking.input(), Use::Input, asker),
        // Found by the interpreter in its own folders; what lies there is looked at when it is opened.
        Reads::Module(_) => None,
    }
}

/// What is not there cannot be run. A folder is run by the `__main__.py` in it.
fn argument(asking: &Asking, name: &str) -> Option<Input> {
    match asking.argument(name)? {
        Input::File(file) if file.metadata().is_ok_and(|meta| meta.is_dir()) => {
            asking.argument(&format!("{}/__main__.py", name.trim_end_matches('/')))
        }
        input => Some(input),
    }
}

fn judge_input(shared: &Shared, request: &GateRequest<'_>, input: Input, usage: Use, asker: &Asker) -> Option<Ruling> {
    match input {
        Input::Person => None,
        Input::Pipe => judge_act(shared, request.path, Act::Piped, asker),
        Input::Unseen => judge_act(shared, request.path, Act::Unread, asker),
        Input::File(file) => judge_file(shared, &file, &path_of(&file), usage, asker),
    }
}
