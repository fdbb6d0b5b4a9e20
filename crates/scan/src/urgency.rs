//! How soon an answer is wanted, and so how far a worker stands back behind everybody else.

use serde::{Deserialize, Serialize};
use std::io;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Urgency {
    /// Somebody waits for it, or the program runs already.
    #[default]
    Now,
    /// It was written and may be run: behind what others do, but it gets its turn on a busy host too.
    Soon,
    /// When nobody else wants the processor or the disk.
    Whenever,
}

/// Of linux/ioprio.h: who is the calling thread; class and level.
const WHO_PROCESS: libc::c_int = 1;
const LAST_OF_BEST_EFFORT: libc::c_int = (2 << 13) | 7;
const CLASS_IDLE: libc::c_int = 3 << 13;
impl Urgency {
    /// Nineteen is the least that a process can have; fifteen is about a thirtieth of what an ordinary one gets beside it.
    const fn niceness(self) -> libc::c_int {
        match self {
            Urgency::Now => 0,
            Urgency::Soon => 15,
            Urgency::Whenever => 19,
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
        let written = std::fs::write(format!("/proc/{leader}/autogroup"), self.niceness().to_string());
        if let Err(error) =
            written.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
        {
            tracing::debug!(%error, leader, "a scan worker's session keeps its share");
        }
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
