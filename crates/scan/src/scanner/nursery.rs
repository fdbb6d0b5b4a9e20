//! The scanner's handle on the nursery process and on its workers.

use super::generation::Signatures;
use crate::channel::{Channel, ChannelError};
use crate::protocol::{Begin, Load, Loaded, Spawn, Spawned};
use crate::{RejectedFile, StartError, Urgency, WorkerProgram};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Signal, pidfd_send_signal};
use std::io;
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Compiling a large rule set takes its time.
pub(super) const LOADS_WITHIN: Duration = Duration::from_secs(300);
const SPAWNS_WITHIN: Duration = Duration::from_secs(20);
/// From the nursery: errors and warnings of many rules.
const MAX_FRAME: usize = 64 << 20;
/// From a worker: one file's findings.
const MAX_ANSWER: usize = 1 << 20;

pub struct Nursery {
    process: Child,
    channel: Channel,
}

pub struct Worker {
    pub channel: Channel,
    pub pid: u32,
    pub urgency: Urgency,
    settled: bool,
    /// It no longer stands back, so it is not for the next file.
    pub hurried: bool,
    handle: OwnedFd,
}

impl Worker {
    /// Its process stands. One that ended while it waited, since its nursery was killed, costs no file.
    pub fn stands(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        matches!(poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&now)), Ok(0))
    }

    /// It has answered, so it stands in a session of its own where it should.
    pub fn settle(&mut self) {
        if !self.settled && self.urgency != Urgency::Now {
            self.urgency.settle_session(self.pid);
        }
        self.settled = true;
    }

    pub fn hurry(&mut self) {
        self.hurried = true;
        crate::urgency::come_forward(self.pid);
    }
}

impl Drop for Worker {
    /// Its socket closes with us, but a worker that is stuck in a file reads no socket.
    fn drop(&mut self) {
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
    }
}

impl Nursery {
    pub fn start(program: &WorkerProgram, begin: &Begin, files: &Signatures) -> Result<(Self, Loaded), StartError> {
        let (process, channel) = spawn(program)?;
        let mut nursery = Nursery { process, channel };
        let loaded = nursery.load(begin, files).map_err(|error| StartError::Worker(error.to_string()))?;
        Ok((nursery, loaded))
    }

    fn load(&mut self, begin: &Begin, files: &Signatures) -> Result<Loaded, ChannelError> {
        let mut unopened = Vec::new();
        self.channel.send(&Load::Begin(begin.clone()), None, Some(LOADS_WITHIN))?;
        for (file, opened) in files.open() {
            match opened {
                Ok(open) => self.channel.send(&Load::File(file), Some(open.as_fd()), Some(LOADS_WITHIN))?,
                Err(reason) => unopened.push(RejectedFile { file: file.path, rule_id: None, reason }),
            }
        }
        self.channel.send(&Load::End, None, Some(LOADS_WITHIN))?;
        let mut loaded: Loaded = self.channel.receive(Some(LOADS_WITHIN))?.0;
        loaded.rejected.splice(0..0, unopened);
        Ok(loaded)
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn bear(&mut self, urgency: Urgency) -> Result<Worker, ChannelError> {
        let (ours, theirs) = pair().map_err(|error| ChannelError::Malformed(error.to_string()))?;
        self.channel.send(&Spawn { urgency }, Some(theirs.as_fd()), Some(SPAWNS_WITHIN))?;
        drop(theirs);
        match self.channel.receive::<Spawned>(Some(SPAWNS_WITHIN))? {
            (Spawned { error: None, pid }, Some(handle)) => Ok(Worker {
                channel: Channel::new(ours, MAX_ANSWER),
                pid,
                urgency,
                settled: false,
                hurried: false,
                handle,
            }),
            (Spawned { error, .. }, _) => Err(ChannelError::Malformed(error.unwrap_or("no handle came".into()))),
        }
    }
}

impl Drop for Nursery {
    /// Its workers die with it.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program with nothing but a socket to us.
pub(super) fn spawn(program: &WorkerProgram) -> Result<(Child, Channel), StartError> {
    let name = program.program.display().to_string();
    let fail = |source: io::Error| StartError::Spawn { program: name.clone(), source };
    let (ours, theirs) = pair().map_err(fail)?;
    let mut command = Command::new(&program.program);
    command.args(&program.args).env_clear().current_dir("/");
    command.stdin(Stdio::from(theirs)).stdout(Stdio::null()).stderr(Stdio::inherit());
    let process = command.spawn().map_err(fail)?;
    // The command holds the child's end; it must go, or we would never see the child hang up.
    drop(command);
    Ok((process, Channel::new(ours, MAX_FRAME)))
}

fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?)
}
