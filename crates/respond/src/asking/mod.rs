//! What a thread that waits in execve asked for: the name it gave, the arguments, and what its standard input is. The
//! kernel's question holds only the file; the rest is read from the waiting thread's registers (/proc/TID/syscall) and
//! memory. Another thread of that process could change the arguments after they were read: what an interpreter then opens
//! is looked at when it opens it, where the gate of opening stands. What is there and cannot be read is said: it is never
//! taken for nothing.

mod argument;
mod memory;
mod rest;

pub use argument::Input;
pub use rest::{Unseen, opened_by};

use memory::{MOST_OF_ONE, Memory};
use std::time::Instant;

/// execve and execveat: number, whether a folder's descriptor comes first, and how many bytes a pointer has.
#[cfg(target_arch = "x86_64")]
const CALLS: &[(i64, bool, usize)] = &[
    (59, false, 8),
    (322, true, 8),
    // Of 32-bit programs, and of those that have 64-bit registers and 32-bit pointers.
    (11, false, 4),
    (358, true, 4),
    (0x4000_0000 + 520, false, 4),
    (0x4000_0000 + 545, true, 4),
];
#[cfg(not(target_arch = "x86_64"))]
const CALLS: &[(i64, bool, usize)] = &[(221, false, 8), (281, true, 8), (11, false, 4), (387, true, 4)];

/// Of an execve that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    pub pid: u32,
    /// As the caller gave it; empty where it gave a descriptor alone.
    pub requested: String,
    /// `argv`, the name first. They may have been cut at a limit.
    pub arguments: Vec<String>,
    /// Of execveat: what a relative name starts from.
    folder: Option<i32>,
}

/// Of the thread `tid` of this process, which is waited for until `until`.
pub fn asking(pid: u32, tid: u32, until: Instant) -> Result<Asking, Unseen> {
    let call = Call::parse(&rest::line(tid, until)?).ok_or(Unseen::Gone)?;
    let memory = Memory::of(tid)?;
    Ok(Asking {
        pid,
        requested: memory.text(call.name, MOST_OF_ONE)?,
        arguments: memory.texts(call.arguments, call.width)?,
        folder: call.folder,
    })
}

/// The registers that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    folder: Option<i32>,
    name: u64,
    arguments: u64,
    width: usize,
}

impl Call {
    /// `59 0x… 0x… …`: call, then its arguments.
    fn parse(line: &str) -> Option<Call> {
        let mut words = line.split_ascii_whitespace();
        let number: i64 = words.next()?.parse().ok()?;
        let (_, by_folder, width) = *CALLS.iter().find(|(call, ..)| *call == number)?;
        let mut next = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
        let folder = if by_folder { Some(next()? as i32) } else { None };
        Some(Call { folder, name: next()?, arguments: next()?, width })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn registers_of_an_execve() {
        let check = |line: &str, expected| assert_eq!(Call::parse(line), expected, "{line}");
        let plain = Call { folder: None, name: 16, arguments: 32, width: 8 };
        check("59 0x10 0x20 0x30 0x0 0x0 0x0 0x7f 0x7f", Some(plain));
        check("322 0xffffff9c 0x10 0x20 0x30 0x0 0x0 0x7f 0x7f", Some(Call { folder: Some(-100), ..plain }));
        check("11 0x10 0x20 0x30 0x0 0x0 0x0 0x7f 0x7f", Some(Call { width: 4, ..plain }));
        check("257 0xffffff9c 0x10 0x0 0x0 0x0 0x0 0x7f 0x7f", None);
        check("59 0x10", None);
        check("", None);
    }

    #[test]
    fn nobody_here_waits_in_execve() {
        let (own, soon) = (std::process::id(), Instant::now() + std::time::Duration::from_secs(5));
        assert_eq!(asking(own, own, soon), Err(Unseen::Gone));
        assert_eq!(asking(u32::MAX / 2, u32::MAX / 2, soon), Err(Unseen::Gone));
    }
}
