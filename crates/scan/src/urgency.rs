//! How soon an answer is wanted, and so how far a worker stands back behind everybody else.

use serde::{Deserialize, Serialize};
use std::io;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Urgency {
    /// Somebody waits for it, or the program runs already.
    #[default]
    Now,
    /// It was written and may be run, or it runs where nothing is stopped: behind what others do, but it gets its turn on
    /// a busy host too.
    Soon,
    /// When nobody else wants the processor or the disk.
    Whenever,
}

/// Of linux/ioprio.h: who is the calling thread; class and level.
const WHO_PROCESS: libc::c_int = 1;
const LAST_OF_BEST_EFFORT: libc::c_int = (2 << 13) | 7;
const CLASS_IDLE: libc::c_int = 3 << 13;
impl Urgency {
    /// Nineteen is the least that a process can have: about a seventieth of what an ordinary one gets beside it.
    const fn niceness(self) -> libc::c_int {
        match self {
            Urgency::Now => 0,
            Urgency::Soon | Urgency::Whenever => 19,
        }
    }

    /// For this process, its threads to come and those it starts. What could not be had is an error; the scan may well go
    /// on without.
    pub(crate) fn stand_back(self) -> io::Result<()> {
        if self == Urgency::Now {
            return Ok(());
        }
        // SAFETY: gives a plain number. It has just been forked, so it leads no group and cannot be refused.
        checked(unsafe { libc::setsid() })?;
        if self == Urgency::Whenever {
            return stand_back();
        }
        disk(LAST_OF_BEST_EFFORT)?;
        // SAFETY: plain numbers; of the calling process.
        checked(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, self.niceness()) })
    }

    /// Where the kernel shares the processor out between sessions (sched_autogroup), niceness counts within one only. This
    /// sets it for the session of `leader`, which has none but its own by now.
    pub(crate) fn settle_session(self, leader: u32) {
        share_of_session(leader, self.niceness());
    }
}

/// A worker that stood back so long that its file's time would run out comes forward: busy neighbours must not decide
/// what is looked into.
pub(crate) fn come_forward(worker: u32) {
    // SAFETY: plain numbers; a process that is gone gives an error.
    if let Err(error) = checked(unsafe { libc::setpriority(libc::PRIO_PROCESS, worker, 0) }) {
        tracing::debug!(%error, worker, "a scan worker that is late keeps standing back");
    }
    share_of_session(worker, 0);
}

fn share_of_session(leader: u32, niceness: libc::c_int) {
    let written = std::fs::write(format!("/proc/{leader}/autogroup"), niceness.to_string());
    if let Err(error) =
        written.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
    {
        tracing::debug!(%error, leader, "a scan worker's session keeps its share");
    }
}

/// To the idle class of the disk and of the processor, for this thread, those it starts and the processes it starts. Call
/// it before a scanner is started.
pub fn stand_back() -> io::Result<()> {
    disk(CLASS_IDLE)?;
    let none = libc::sched_param { sched_priority: 0 };
    // SAFETY: `none` lives across the call, which only reads it.
    checked(unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &none) })
}

fn disk(class: libc::c_int) -> io::Result<()> {
    // SAFETY: two plain numbers beside the own thread; no memory is passed.
    checked(unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, 0, class) } as libc::c_int)
}

fn checked(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_forward_has_an_ordinary_share_again() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        // SAFETY: plain numbers; of a child that is ours.
        let niceness = || unsafe { libc::getpriority(libc::PRIO_PROCESS, child.id()) };
        // SAFETY: as above.
        assert_eq!(unsafe { libc::setpriority(libc::PRIO_PROCESS, child.id(), 19) }, 0);
        assert_eq!(niceness(), 19);
        come_forward(child.id());
        // Only who may raise another's share can do it: root.
        let expected = if rustix::process::geteuid().is_root() { 0 } else { 19 };
        assert_eq!(niceness(), expected);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
