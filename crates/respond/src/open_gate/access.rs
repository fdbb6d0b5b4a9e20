//! Whether an open that waits wants to change the file. The kernel does not say so in its question; but the asking thread
//! sleeps inside its system call, and /proc/TID/syscall shows which one with its arguments. What is not surely a read counts
//! as a write: io_uring, 32-bit calls, and flags that lie in memory, where another thread could change them meanwhile.

use std::fs;

/// Of an open that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

#[cfg(target_arch = "x86_64")]
mod calls {
    /// Call and the index of its flags.
    pub const WITH_FLAGS: &[(i64, usize)] = &[(2, 1), (257, 2), (304, 2)];
    /// execve, execveat: never for writing.
    pub const EXECUTING: &[i64] = &[59, 322];
}
#[cfg(target_arch = "aarch64")]
mod calls {
    pub const WITH_FLAGS: &[(i64, usize)] = &[(56, 2), (265, 2)];
    pub const EXECUTING: &[i64] = &[221, 281];
}
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod calls {
    pub const WITH_FLAGS: &[(i64, usize)] = &[];
    pub const EXECUTING: &[i64] = &[];
}

pub fn of_waiting(tid: u32) -> Access {
    fs::read_to_string(format!("/proc/{tid}/syscall")).map_or(Access::Write, |line| of_line(&line))
}

fn of_line(line: &str) -> Access {
    parse(line).unwrap_or(Access::Write)
}

fn parse(line: &str) -> Option<Access> {
    let mut words = line.split_ascii_whitespace();
    let call: i64 = words.next()?.parse().ok()?;
    if calls::EXECUTING.contains(&call) {
        return Some(Access::Read);
    }
    let (_, index) = calls::WITH_FLAGS.iter().find(|(number, _)| *number == call)?;
    let flags = u64::from_str_radix(words.nth(*index)?.strip_prefix("0x")?, 16).ok()? as i32;
    let reads = flags & libc::O_ACCMODE == libc::O_RDONLY && flags & libc::O_TRUNC == 0;
    Some(if reads { Access::Read } else { Access::Write })
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_surely_a_read_is_a_write() {
        let check = |line: &str, expected| assert_eq!(of_line(line), expected, "{line}");
        check("257 0xffffff9c 0x7ffe 0x80000 0x0 0x0 0x0 0x7f 0x7f", Access::Read);
        check("257 0xffffff9c 0x7ffe 0x80001 0x0 0x0 0x0 0x7f 0x7f", Access::Write);
        check("257 0xffffff9c 0x7ffe 0x200 0x0 0x0 0x0 0x7f 0x7f", Access::Write);
        check("2 0x7ffe 0x2 0x0 0x0 0x0 0x0 0x7f 0x7f", Access::Write);
        check("2 0x7ffe 0x0 0x0 0x0 0x0 0x0 0x7f 0x7f", Access::Read);
        check("85 0x7ffe 0x1b6 0x0 0x0 0x0 0x0 0x7f 0x7f", Access::Write);
        check("437 0xffffff9c 0x7ffe 0x7fff 0x18 0x0 0x0 0x7f 0x7f", Access::Write);
        check("426 0x3 0x1 0x1 0x1 0x0 0x8 0x7f 0x7f", Access::Write);
        check("59 0x7ffe 0x7f 0x7f 0x0 0x0 0x0 0x7f 0x7f", Access::Read);
        check("running", Access::Write);
        check("-1 0x7ffe 0x7f", Access::Write);
        check("", Access::Write);
    }
}
