//! A program image in the vocabulary's words, from what the sensor saw of it.

use crate::intern::Interner;
use crate::users::Users;
use event::{Credentials, ExecSeen, Login, Process, ProcessKey, User, text};
use std::sync::Arc;

/// A command line is cut here, whatever the sensor's own cap.
const COMMAND_LINE: usize = 32 << 10;
const UNSET: u32 = u32::MAX;

pub(crate) fn user(users: &mut Users, credentials: Credentials) -> User {
    User { credentials, name: users.name(credentials.uid) }
}

/// Everything but parent, start, unit, container and what files tell.
pub(crate) fn build(
    key: ProcessKey,
    credentials: Credentials,
    exec: &ExecSeen,
    interner: &mut Interner,
    users: &mut Users,
) -> Process {
    let (line, args_count, cut) = command_line(&exec.arguments);
    let login = (exec.login_uid != UNSET).then(|| Login {
        uid: exec.login_uid,
        session: exec.session,
        name: users.name(exec.login_uid),
    });
    Process {
        key,
        comm: interner.share(&exec.comm),
        executable: interner
            .get(exec.executable.strip_suffix(" (deleted)").filter(|_| exec.deleted).unwrap_or(&exec.executable)),
        command_line: line,
        command_line_truncated: cut || exec.arguments_total > exec.arguments.len() as u64,
        args_count,
        working_directory: exec.working_directory.as_ref().map(|d| interner.share(d)),
        user: user(users, credentials),
        login,
        capabilities: exec.capabilities,
        pid_namespace: exec.pid_namespace,
        mount_namespace: exec.mount_namespace,
        file: exec.file,
        interactive: exec.interactive,
        fileless: exec.memfd || exec.deleted,
        ..Process::default()
    }
}

/// Arguments joined by one blank, their number, and whether they were cut.
fn command_line(arguments: &[u8]) -> (Arc<str>, u32, bool) {
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    if arguments.is_empty() {
        return ("".into(), 0, false);
    }
    let count = 1 + arguments.iter().filter(|b| **b == 0).count() as u32;
    let mut joined = arguments.to_vec();
    joined.iter_mut().filter(|b| **b == 0).for_each(|b| *b = b' ');
    let line = text::from_bytes(&joined);
    let clipped = text::clip(&line, COMMAND_LINE);
    (clipped.into(), count, clipped.len() < line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_arguments() {
        let check = |bytes: &[u8], line: &str, count| {
            let (got, n, _) = command_line(bytes);
            assert_eq!((&*got, n), (line, count));
        };
        check(b"ls\0-la\0", "ls -la", 2);
        check(b"ls\0\0x\0", "ls  x", 3);
        check(b"a\xff\0\x1b[2J\0", "a\\xff \u{1b}[2J", 2);
        check(b"", "", 0);
        check(b"\0", "", 0);
        let (line, _, cut) = command_line(&vec![0xff; 2 << 20]);
        assert!(cut && line.len() <= COMMAND_LINE);
    }
}
