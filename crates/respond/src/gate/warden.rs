//! The second process. It holds nothing of the gate: only when the heartbeat has stood still for longer than the timeout
//! does it fetch the group's descriptor out of the stopped process, remove the marks and let everyone through. So its
//! own death or stop changes nothing, and the gate's death still opens the gate in the kernel.

use super::config::WardenProgram;
use super::fan::{Group, Read, Response};
use super::shared::{Page, Shared, now_ms};
use super::{GateError, marks};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{FromRawFd, OwnedFd};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, getppid, pidfd_getfd, pidfd_open};
use std::os::fd::AsRawFd;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

const TURN: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// Beyond the timeout: a busy machine is not a stalled one.
const GRACE_MS: u64 = 500;

pub struct Handle {
    child: Mutex<Child>,
    pid: u32,
}

impl Handle {
    pub fn pid(&self) -> u32 {
        self.pid
    }
    pub fn is_alive(&self) -> bool {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        matches!(child.try_wait(), Ok(None))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let _ = child.kill();
        let _ = child.wait();
    }
}

pub fn start(program: &WardenProgram, shared: &Shared) -> Result<Handle, GateError> {
    let fail = |source| GateError::Warden { program: program.program.clone(), source };
    let memory = shared.memory().try_clone_to_owned().map_err(fail)?;
    let mut command = Command::new(&program.program);
    command.args(&program.args).env_clear().current_dir("/");
    command.stdin(Stdio::from(memory)).stdout(Stdio::null()).stderr(Stdio::inherit());
    let child = command.spawn().map_err(fail)?;
    let pid = child.id();
    Ok(Handle { child: Mutex::new(child), pid })
}

/// Body of `tamon gate-warden`. Standard input is the shared page; the gate is the parent.
pub fn warden_main() -> ExitCode {
    match watch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gate-warden: {error}");
            ExitCode::FAILURE
        }
    }
}

fn watch() -> Result<(), rustix::io::Errno> {
    // Page faults under memory pressure are what we are here for, so nothing of us may be swapped out.
    // SAFETY: no pointers.
    unsafe { libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE) };
    // SAFETY: descriptor 0 is the page that the gate put there, and nothing else here uses it.
    let shared = Shared::map(unsafe { OwnedFd::from_raw_fd(0) })?;
    let parent = getppid().filter(|pid| *pid != Pid::INIT).ok_or(rustix::io::Errno::SRCH)?;
    let gate = pidfd_open(parent, PidfdFlags::empty())?;
    // If the parent ended meanwhile the handle is another's; then we are init's child by now.
    if getppid() != Some(parent) {
        return Ok(());
    }
    let mut failed = false;
    loop {
        match poll(&mut [PollFd::new(&gate, PollFlags::IN)], Some(&TURN)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            _ => return Ok(()),
        }
        let page = shared.page();
        let quiet = now_ms().saturating_sub(page.beat.load(Ordering::Acquire));
        if quiet > page.timeout_ms.load(Ordering::Relaxed) + GRACE_MS {
            match open_gate(&gate, page) {
                Ok(()) => failed = false,
                // Tried again each turn; once is enough to say so.
                Err(error) if !failed => {
                    eprintln!("gate-warden: the gate that stands still cannot be opened: {error}");
                    failed = true;
                }
                Err(_) => {}
            }
        }
    }
}

/// May be called again while the stall lasts; then nothing is left to let through. Who waits is let through even where the
/// marks cannot be taken away.
fn open_gate(gate: &OwnedFd, page: &Page) -> std::io::Result<()> {
    let number = page.group.load(Ordering::Relaxed);
    let group = Group::adopt(pidfd_getfd(gate, number, PidfdGetfdFlags::empty())?);
    let disarmed = marks::disarm(&group);
    let mut opened = 0;
    while let Ok(Read::Events(events)) = group.read() {
        for event in events {
            opened += u64::from(group.answer(event.file.as_raw_fd(), Response::Allow).is_ok());
        }
    }
    for slot in &page.waiting {
        let number = slot.load(Ordering::Acquire);
        opened += u64::from(number >= 0 && group.answer(number, Response::Allow).is_ok());
    }
    page.opened.fetch_add(opened, Ordering::AcqRel);
    page.stalled.store(1, Ordering::Release);
    disarmed
}
