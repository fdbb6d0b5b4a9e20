//! What the agent answered about files, written where the kernel's lock looks it up: onto the inode, and by identity for what
//! must outlive the inode's stay in memory.

use super::LockError;
use crate::decode::kernel_dev;
use event::FileIdentity;
use kernel_abi::{Answer, Content, as_bytes, content_use, lock_says};
use libbpf_rs::{MapCore, MapFlags, MapHandle};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockSays {
    /// It is to be asked about again.
    Nothing,
    Runs,
    /// And who runs it as root on the host changes packages.
    Manages,
    Refused,
}

/// How often a file had been touched before it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked(u32);

/// The way from who judges to the kernel, for any thread.
pub struct LockAnswers {
    answers: MapHandle,
    touched: MapHandle,
    contents: MapHandle,
    excused: MapHandle,
    /// Answers are given under it.
    generation: AtomicU32,
    /// What the kernel was told to remember, and under which generation.
    remembered: Mutex<HashMap<Vec<u8>, u32>>,
}

impl LockAnswers {
    /// `map` gives the kernel's maps by their names.
    pub(super) fn new(map: impl Fn(&str) -> Result<MapHandle, LockError>) -> Result<LockAnswers, LockError> {
        Ok(LockAnswers {
            answers: map("lock_answers")?,
            touched: map("lock_touched")?,
            contents: map("lock_contents")?,
            excused: map("lock_excused")?,
            generation: AtomicU32::new(1),
            remembered: Mutex::default(),
        })
    }

    /// To be asked before a file is looked at, and given with the answer: what is done to the file meanwhile makes the answer
    /// void.
    pub fn look(&self, file: &File) -> io::Result<Looked> {
        let key = file.as_fd().as_raw_fd().to_ne_bytes();
        let read = || self.touched.lookup(&key, MapFlags::ANY).map_err(io::Error::other);
        let mut found = read()?;
        if found.is_none() {
            match self.touched.update(&key, &1u32.to_ne_bytes(), MapFlags::NO_EXIST) {
                Err(error) if error.kind() != libbpf_rs::ErrorKind::AlreadyExists => {
                    return Err(io::Error::other(error));
                }
                _ => found = read()?,
            }
        }
        let bytes = found.and_then(|bytes| bytes.try_into().ok()).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Looked(u32::from_ne_bytes(bytes)))
    }

    /// Stands until the file is written to, comes under another name, or an older generation counts no more.
    pub fn put(&self, file: &File, looked: Looked, says: LockSays) -> io::Result<()> {
        let says = match says {
            LockSays::Nothing => lock_says::NOTHING,
            LockSays::Runs => lock_says::RUNS,
            LockSays::Manages => lock_says::MANAGES,
            LockSays::Refused => lock_says::REFUSED,
        };
        let answer = Answer { generation: self.generation(), says, touched: looked.0, reserved: 0 };
        let key = file.as_fd().as_raw_fd().to_ne_bytes();
        self.answers.update(&key, as_bytes(&answer), MapFlags::ANY).map_err(io::Error::other)
    }

    /// Known when its inode has left the memory, and when there is no agent to ask. `device` is that of the file system, as
    /// mountinfo has it.
    pub fn remember(&self, file: FileIdentity, device: u64, module: bool) -> io::Result<()> {
        let uses = if module { content_use::MODULE } else { content_use::PROGRAM };
        let key = content(file, device);
        self.contents.update(&key, &uses.to_ne_bytes(), MapFlags::ANY).map_err(io::Error::other)?;
        self.remembered.lock().insert(key, self.generation());
        Ok(())
    }

    /// What was remembered under an older generation is no more; how much of it could not be taken back, and is tried again
    /// the next time.
    pub fn forget_older(&self) -> usize {
        let generation = self.generation();
        let mut left = 0;
        self.remembered.lock().retain(|key, under| {
            if *under >= generation {
                return true;
            }
            match self.contents.delete(key) {
                Err(error) if error.kind() != libbpf_rs::ErrorKind::NotFound => {
                    tracing::error!(%error, "the kernel keeps an older answer");
                    left += 1;
                    true
                }
                _ => false,
            }
        });
        left
    }

    /// The process changes packages, and is not asked about, nor what it starts from now on.
    pub fn excuse(&self, pid: u32) -> io::Result<()> {
        let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        let process = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())?;
        let key = process.as_raw_fd().to_ne_bytes();
        self.excused.update(&key, &1u32.to_ne_bytes(), MapFlags::ANY).map_err(io::Error::other)
    }

    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// Answers that are given from now on are under the next one. The older ones count until the kernel is told
    /// ([`crate::Sensor::accept_lock`]), which must not be before whoever else keeps answers has let go of them.
    pub fn renew(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

fn content(file: FileIdentity, device: u64) -> Vec<u8> {
    let ctime = file.ctime.nanos() as u64;
    as_bytes(&Content { ino: file.inode, size: file.size, ctime, dev: kernel_dev(device).into() }).to_vec()
}
