//! The script that an interpreter was started for: what the kernel runs is the interpreter, what counts is what it reads.

use event::{Event, EventKind, FileEvent, FileOp, Process};
use std::path::Path;

/// Programs that run a file given as an argument; versions and the like may follow the name.
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish"];
const OTHERS: [&str; 8] = ["python", "perl", "php", "node", "nodejs", "ruby", "lua", "tclsh"];

/// Of an execution: the same act seen as a reading of the script, for who looks into files.
pub fn reading(event: &Event) -> Option<Event> {
    let EventKind::Exec(exec) = &event.kind else { return None };
    let process = event.process.as_deref()?;
    let path = match &exec.script {
        Some(script) => script.to_string(),
        None => argument(process)?,
    };
    let path = absolute(process, &path)?;
    let file = event::File { path: path.into(), ..event::File::default() };
    Some(Event { kind: EventKind::File(FileEvent { op: FileOp::OpenRead, file }), ..event.clone() })
}

fn argument(process: &Process) -> Option<String> {
    let name = process.executable.rsplit('/').next()?;
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // Options after which no file follows: what is run is given itself, or by the name of a module.
    let inline: &[&str] = if SHELLS.contains(&bare) {
        &["-c"]
    } else if OTHERS.contains(&bare) {
        &["-c", "-e", "-E", "-m", "-r"]
    } else {
        return None;
    };
    let mut words = process.command_line.split(' ').skip(1);
    loop {
        let word = words.next()?;
        if inline.contains(&word) {
            return None;
        }
        if !word.is_empty() && !word.starts_with('-') {
            return Some(word.to_owned());
        }
    }
}

fn absolute(process: &Process, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(path.to_owned());
    }
    let folder = Path::new(process.working_directory.as_deref()?);
    folder.is_absolute().then(|| folder.join(path).to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Exec, Timestamp, Via};
    use std::sync::Arc;

    #[test]
    fn which_file_an_interpreter_was_started_for() {
        let check = |executable: &str, line: &str, script: Option<&str>, expected: Option<&str>| {
            let process = Process {
                executable: executable.into(),
                command_line: line.into(),
                working_directory: Some("/srv".into()),
                ..Process::default()
            };
            let exec = Exec { script: script.map(Into::into), ..Exec::default() };
            let event = Event {
                sequence: 0,
                time: Timestamp(0),
                via: Via::Syscall,
                process: Some(Arc::new(process)),
                parent: None,
                kind: EventKind::Exec(exec),
            };
            let found = reading(&event).and_then(|event| event.file().map(|file| file.path.to_string()));
            assert_eq!(found.as_deref(), expected, "{executable} {line}");
        };
        check("/usr/bin/dash", "sh /tmp/x.sh now", None, Some("/tmp/x.sh"));
        check("/usr/bin/bash", "bash -x -e run", None, Some("/srv/run"));
        check("/usr/bin/bash", "bash -c run", None, None);
        check("/usr/bin/perl", "perl -e run", None, None);
        check("/usr/bin/bash", "bash -x run", None, Some("/srv/run"));
        check("/usr/bin/python3.11", "python3 -u tool.py", None, Some("/srv/tool.py"));
        check("/usr/bin/python3.11", "python3 -c print(1)", None, None);
        check("/usr/bin/python3.11", "python3", None, None);
        check("/usr/bin/perl", "perl ./a.pl", Some("/opt/a.pl"), Some("/opt/a.pl"));
        check("/usr/bin/cat", "cat /tmp/x.sh", None, None);
    }
}
