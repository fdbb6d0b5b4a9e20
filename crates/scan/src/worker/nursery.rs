//! Takes in the signatures, then bears a worker for each request until the scanner hangs up.

use super::arsenal::{Arsenal, Loader};
use super::{compile, confine, serve, syscalls};
use crate::Urgency;
use crate::channel::{Channel, ChannelError};
use crate::protocol::{Begin, Confinement, Load, Spawn, Spawned};
use rustix::fd::{FromRawFd, OwnedFd};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, set_parent_process_death_signal, waitpid};
use signatures::BuildOptions;
use std::os::fd::AsFd;

/// Names of files and values of variables; what the files hold comes as descriptors.
const MAX_FRAME: usize = 1 << 20;

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
    confine::close_inherited()?;
    let mut scanner = Channel::new(socket, MAX_FRAME);
    // From us, and what it says decides how much is left.
    match scanner.receive(None)?.0 {
        Load::Begin(begin) => {
            let confinement = confine::strip(confine::Files::NURSERY)?;
            let arsenal = load(&mut scanner, &begin, confinement)?;
            bear_workers(&mut scanner, &arsenal)
        }
        Load::Compile { builtin, require_origin, certificates, sort_bytes, memory_bytes } => {
            confine::strip(confine::Files::COMPILER)?;
            let options = BuildOptions { require_origin, certificates, memory: sort_bytes, ..BuildOptions::default() };
            compile::run(&mut scanner, builtin, options, memory_bytes)
        }
        other => Err(ChannelError::Malformed(format!("{other:?} before the beginning")).into()),
    }
}

/// The files of signatures are as hostile as any: they are parsed here, where nothing is left but memory.
fn load(scanner: &mut Channel, begin: &Begin, mut confinement: Confinement) -> Result<Arsenal, NurseryError> {
    confine::limit_memory(begin.memory_bytes, begin.max_file_bytes)?;
    let mut loader = Loader::new(begin);
    loop {
        match scanner.receive(None)? {
            (Load::File(file), Some(descriptor)) => loader.take(file, descriptor),
            (Load::File(_), None) => return Err(ChannelError::Malformed("a file without its descriptor".into()).into()),
            (Load::End, _) => break,
            (other, _) => return Err(ChannelError::Malformed(format!("{other:?} among files")).into()),
        }
    }
    let (arsenal, mut loaded) = loader.finish();
    crate::let_go_of_code();
    // SAFETY: it gives back what the allocator holds free, and takes its locks itself.
    unsafe { libc::malloc_trim(0) };
    confine::allow_only(syscalls::NURSERY, false)?;
    confinement.seccomp = true;
    loaded.confinement = confinement;
    scanner.send(&loaded, None, None)?;
    Ok(arsenal)
}

fn bear_workers(scanner: &mut Channel, arsenal: &Arsenal) -> Result<(), NurseryError> {
    loop {
        let (Spawn { urgency }, socket) = match scanner.receive::<Spawn>(None) {
            Ok(asked) => asked,
            Err(ChannelError::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let answer = match socket {
            Some(socket) => bear(scanner, socket, arsenal, urgency),
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

fn bear(scanner: &Channel, socket: OwnedFd, arsenal: &Arsenal, urgency: Urgency) -> Result<(Pid, OwnedFd), String> {
    // SAFETY: this process has one thread (loading starts none), so the child may run any code.
    match unsafe { libc::fork() } {
        -1 => Err(format!("fork: {}", std::io::Error::last_os_error())),
        0 => {
            // A worker must not outlive the nursery: nobody would be left to end it.
            let _ = set_parent_process_death_signal(Some(Signal::KILL));
            scanner.forget();
            if let Err(error) = urgency.stand_back() {
                eprintln!("scan-worker: cannot stand back: {error}");
            }
            std::process::exit(serve::run(socket, arsenal))
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
