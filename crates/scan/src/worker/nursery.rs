//! Compiles the rules, then bears a worker for each request until the scanner hangs up.

use super::{confine, engine, serve, syscalls};
use crate::channel::{Channel, ChannelError};
use crate::protocol::{Load, Loaded, Spawn, Spawned};
use rustix::fd::{FromRawFd, OwnedFd};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, set_parent_process_death_signal, waitpid};
use std::os::fd::AsFd;
use yara_x::Rules;

/// Rule texts may be many.
const MAX_FRAME: usize = 1 << 30;

#[derive(Debug, thiserror::Error)]
pub enum NurseryError {
    #[error(transparent)]
    Confine(#[from] confine::ConfineError),
    #[error("talking to the scanner: {0}")]
    Channel(#[from] ChannelError),
}

pub fn run() -> Result<(), NurseryError> {
    // SAFETY: descriptor 0 is the socket that the scanner put there, and nothing else in this process uses it.
    let socket = unsafe { OwnedFd::from_raw_fd(0) };
    let scanner = Channel::new(socket, MAX_FRAME);
    let mut confinement = confine::strip()?;
    let (load, _): (Load, _) = scanner.receive(None)?;
    confine::limit_memory(load.memory_bytes, load.max_file_bytes)?;
    let (rules, mut loaded) = compile(load);
    confine::allow_only(syscalls::NURSERY, false)?;
    confinement.seccomp = true;
    loaded.confinement = confinement;
    scanner.send(&loaded, None, None)?;
    bear_workers(&scanner, &rules)
}

fn compile(load: Load) -> (Rules, Loaded) {
    let compiled = engine::compile(&load.sources);
    let loaded = Loaded {
        rules: compiled.rules.iter().count(),
        rejected: compiled.rejected,
        warnings: compiled.warnings,
        ..Loaded::default()
    };
    (compiled.rules, loaded)
}

fn bear_workers(scanner: &Channel, rules: &Rules) -> Result<(), NurseryError> {
    loop {
        let socket = match scanner.receive::<Spawn>(None) {
            Ok((Spawn {}, socket)) => socket,
            Err(ChannelError::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let answer = match socket {
            Some(socket) => bear(scanner, socket, rules),
            None => Err("no socket came with the request".into()),
        };
        match answer {
            Ok((pid, handle)) => {
                let pid = pid.as_raw_nonzero().get() as u32;
                scanner.send(&Spawned { error: None, pid }, Some(handle.as_fd()), None)?;
            }
            Err(error) => scanner.send(&Spawned { error: Some(error), pid: 0 }, None, None)?,
        }
        reap();
    }
}

fn bear(scanner: &Channel, socket: OwnedFd, rules: &Rules) -> Result<(Pid, OwnedFd), String> {
    // SAFETY: this process has one thread (compiling starts none), so the child may run any code.
    match unsafe { libc::fork() } {
        -1 => Err(format!("fork: {}", std::io::Error::last_os_error())),
        0 => {
            // A worker must not outlive the nursery: nobody would be left to end it.
            let _ = set_parent_process_death_signal(Some(Signal::KILL));
            scanner.forget();
            std::process::exit(serve::run(socket, rules))
        }
        pid => {
            let pid = Pid::from_raw(pid).ok_or("fork gave no pid")?;
            // The child is not waited for before this, so the pid is still its own.
            let handle = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| format!("pidfd_open: {error}"))?;
            Ok((pid, handle))
        }
    }
}

/// Takes the exit status of those who ended.
fn reap() {
    while let Ok(Some(_)) = waitpid(None, WaitOptions::NOHANG) {}
}
