//! To stand back behind everybody else: the idle class of the disk and of the processor, for this thread, those it starts
//! and the processes it starts. Call it before a scanner is started.

use std::io;

/// Of linux/ioprio.h: who is the calling thread, class idle.
const WHO_PROCESS: libc::c_int = 1;
const CLASS_IDLE: libc::c_int = 3 << 13;

/// What could not be had is an error; the scan may well go on without.
pub fn stand_back() -> io::Result<()> {
    // SAFETY: two plain numbers beside the own thread; no memory is passed.
    if unsafe { libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, 0, CLASS_IDLE) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let none = libc::sched_param { sched_priority: 0 };
    // SAFETY: `none` lives across the call, which only reads it.
    if unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &none) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
