//! A lock in the enforce tier: loads `bpf/lockdown.bpf.c`, tells it what is in force, writes what the agent answered about a
//! file onto its inode, and hands on what the kernel refused or let be for the agent to look at.
//!
//! A lock that holds without the agent is pinned in the BPF file system; the next agent takes its own into force first and the
//! pinned one out after, so that the host is never open in between.

use crate::clock::boottime;
use crate::decode::{identity, kernel_dev};
use crate::loader::{self, Loading};
use crate::objects;
use crate::refusal::Refusal;
use crate::ring::Ring;
use event::{FileIdentity, ProcessKey};
use kernel_abi::{
    Act, Answer, Content, Identity, Lock, as_bytes, content_use, lock_act, lock_flag, lock_mode, lock_says, read,
};
use libbpf_rs::{Link, MapCore, MapFlags, MapHandle, Object};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const RING_BYTES: usize = 256 << 10;
const BEAT: Duration = Duration::from_millis(250);
const PINNED: &str = "/sys/fs/bpf/tamon-lock";

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("this host's tier cannot hold a lock in the kernel")]
    NotEnforce,
    #[error("the kernel takes no program that holds a lock: {0}")]
    Load(String),
    #[error("the kernel's tables of the lock: {0}")]
    Map(io::Error),
    #[error("the lock cannot be kept without the agent: {path}: {reason}")]
    Pin { path: PathBuf, reason: String },
}

/// What is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockSettings {
    /// It refuses; else it only tells what is mapped unasked.
    pub enforces: bool,
    pub libraries: bool,
    pub modules: bool,
    /// Nobody attaches to another process or writes to memory through /proc.
    pub tracing: bool,
    /// What nobody was asked about does not run.
    pub unasked: bool,
    /// It holds without the agent.
    pub closed: bool,
    /// The host's mount namespace.
    pub mount_namespace: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockSays {
    /// It is to be asked about again.
    Nothing,
    Runs,
    /// And who runs it as root on the host changes packages.
    Manages,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockAct {
    Exec,
    Library,
    /// Let be: nobody has said yet what the file is.
    Mapped,
    Module,
    /// A module that came from memory.
    ModuleData,
    Trace,
    /// A write to /proc/PID/mem.
    Memory,
}

/// What the kernel refused, or let be.
#[derive(Clone, Debug, PartialEq)]
pub struct LockTold {
    pub act: LockAct,
    pub tgid: u32,
    /// When it started, nanoseconds of the boot clock.
    pub start: u64,
    /// Empty where there is none.
    pub path: Arc<str>,
    pub file: Option<FileIdentity>,
}

impl LockTold {
    pub fn process(&self, boot: event::BootId) -> ProcessKey {
        ProcessKey::from_boottime(boot, self.tgid, self.start)
    }
}

/// How often the kernel refused what since the programs were loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockFigures {
    pub programs: u64,
    pub libraries: u64,
    pub modules: u64,
    pub tracing: u64,
    /// Acts that found no room to be told.
    pub untold: u64,
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

    /// What was remembered under an older generation is no more.
    pub fn forget_older(&self) {
        let generation = self.generation();
        self.remembered.lock().retain(|key, under| {
            let keep = *under >= generation;
            if !keep {
                // Gone already is as well.
                let _ = self.contents.delete(key);
            }
            keep
        });
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

pub(crate) struct Locking {
    // Links go before the programs they hold.
    links: Vec<Link>,
    _object: Object,
    maps: HashMap<String, MapHandle>,
    ring: Ring,
    answers: Arc<LockAnswers>,
    in_force: Option<LockSettings>,
    /// Where the links are pinned, if they are.
    pinned: Option<PathBuf>,
    beaten: Instant,
    accepted: u32,
    pub refused: Vec<Refusal>,
}

impl Locking {
    pub fn start(mut loading: Loading) -> Result<Locking, LockError> {
        let (object, mut refused) = loader::load(objects::lockdown(), &mut loading);
        let Some(object) = object else {
            return Err(LockError::Load(refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")));
        };
        let mut links = Vec::new();
        for program in object.progs_mut().filter(loader::is_loaded) {
            match program.attach_lsm() {
                Ok(link) => links.push(link),
                Err(error) => refused.push(loader::refusal(&program.name().to_string_lossy(), &error)),
            }
        }
        let maps = loading.into_maps();
        let map = |name: &str| {
            let found = maps.get(name).ok_or_else(|| LockError::Load(format!("it has no map {name}")))?;
            MapHandle::try_from(found).map_err(|error| LockError::Map(io::Error::other(error)))
        };
        let ring = Ring::new(map("lock_told")?.as_fd(), RING_BYTES).map_err(LockError::Map)?;
        let answers = LockAnswers {
            answers: map("lock_answers")?,
            touched: map("lock_touched")?,
            contents: map("lock_contents")?,
            excused: map("lock_excused")?,
            generation: AtomicU32::new(1),
            remembered: Mutex::default(),
        };
        Ok(Locking {
            links,
            _object: object,
            maps,
            ring,
            answers: Arc::new(answers),
            in_force: None,
            pinned: None,
            beaten: Instant::now(),
            accepted: 1,
            refused,
        })
    }

    pub fn answers(&self) -> Arc<LockAnswers> {
        Arc::clone(&self.answers)
    }

    /// None takes the lock out of force.
    pub fn set(&mut self, settings: Option<LockSettings>) -> Result<(), LockError> {
        if self.in_force == settings {
            return Ok(());
        }
        self.in_force = settings;
        self.tell_kernel()?;
        match (settings.is_some_and(|settings| settings.enforces && settings.closed), &self.pinned) {
            (true, None) => self.pin(),
            (false, Some(_)) => {
                self.unpin();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Answers of an older generation do not count any more.
    pub fn accept(&mut self, generation: u32) -> Result<(), LockError> {
        if self.accepted >= generation {
            return Ok(());
        }
        self.accepted = generation;
        self.tell_kernel()
    }

    pub fn beat(&mut self) {
        if self.beaten.elapsed() >= BEAT
            && let Err(error) = self.tell_kernel()
        {
            tracing::error!(%error, "no heart-beat: the kernel's lock opens in two seconds, unless it is to hold");
        }
    }

    fn tell_kernel(&mut self) -> Result<(), LockError> {
        self.beaten = Instant::now();
        let settings = self.in_force.unwrap_or_default();
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let lock = Lock {
            beat: boottime(),
            mode: match self.in_force {
                None => lock_mode::OFF,
                Some(LockSettings { enforces: false, .. }) => lock_mode::OBSERVES,
                Some(_) => lock_mode::ENFORCES,
            },
            flags: flag(settings.libraries, lock_flag::LIBRARIES)
                | flag(settings.modules, lock_flag::MODULES)
                | flag(settings.tracing, lock_flag::TRACING)
                | flag(settings.unasked, lock_flag::UNASKED)
                | flag(settings.closed, lock_flag::CLOSED),
            generation: self.accepted,
            mnt_ns: settings.mount_namespace,
        };
        let map = &self.maps["lock_state"];
        let put = map.update(&0u32.to_ne_bytes(), as_bytes(&lock), MapFlags::ANY);
        put.map_err(|error| LockError::Map(io::Error::other(error)))
    }

    pub fn drain(&mut self, sink: &mut dyn FnMut(LockTold)) {
        self.ring.drain(&mut |record| {
            if let Some(told) = decode(record) {
                sink(told);
            }
        });
    }

    pub fn figures(&self) -> LockFigures {
        let count = |act: u32| {
            let value = self.maps["lock_counts"].lookup(&act.to_ne_bytes(), MapFlags::ANY).ok().flatten();
            value.and_then(|bytes| Some(u64::from_ne_bytes(bytes.try_into().ok()?))).unwrap_or(0)
        };
        LockFigures {
            programs: count(lock_act::EXEC),
            libraries: count(lock_act::LIBRARY),
            modules: count(lock_act::MODULE) + count(lock_act::MODULE_DATA),
            tracing: count(lock_act::TRACE) + count(lock_act::MEMORY),
            untold: count(0),
        }
    }

    fn pin(&mut self) -> Result<(), LockError> {
        let folder = Path::new(PINNED).join(format!("{}-{}", std::process::id(), boottime()));
        let fault = |path: &Path, reason: String| LockError::Pin { path: path.to_owned(), reason };
        std::fs::create_dir_all(&folder).map_err(|error| fault(&folder, error.to_string()))?;
        for (n, link) in self.links.iter_mut().enumerate() {
            let path = folder.join(n.to_string());
            link.pin(&path).map_err(|error| fault(&path, format!("{error:#}")))?;
        }
        release_others(Some(&folder));
        self.pinned = Some(folder);
        Ok(())
    }

    fn unpin(&mut self) {
        for link in &mut self.links {
            if let Err(error) = link.unpin() {
                tracing::error!(error = format!("{error:#}"), "a pinned lock cannot be released");
            }
        }
        self.pinned = None;
        release_others(None);
    }
}

/// Takes a lock that an agent left behind out of force; returns how many of its programs there were. Not while another agent
/// lives, whose lock it is.
pub fn release_locks() -> usize {
    release_others(None)
}

fn release_others(but: Option<&Path>) -> usize {
    let mut count = 0;
    for folder in std::fs::read_dir(PINNED).into_iter().flatten().flatten() {
        if but == Some(&folder.path()) {
            continue;
        }
        for link in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            match std::fs::remove_file(link.path()) {
                Ok(()) => count += 1,
                Err(error) => tracing::error!(%error, path = %link.path().display(), "a lock cannot be released"),
            }
        }
        if let Err(error) = std::fs::remove_dir(folder.path()) {
            tracing::error!(%error, path = %folder.path().display(), "a lock's folder stays");
        }
    }
    count
}

fn decode(record: &[u8]) -> Option<LockTold> {
    let (raw, mut bytes) = read::<Act>(record)?;
    let act = match raw.head.op {
        lock_act::EXEC => LockAct::Exec,
        lock_act::LIBRARY => LockAct::Library,
        lock_act::MAPPED => LockAct::Mapped,
        lock_act::MODULE => LockAct::Module,
        lock_act::MODULE_DATA => LockAct::ModuleData,
        lock_act::TRACE => LockAct::Trace,
        lock_act::MEMORY => LockAct::Memory,
        _ => return None,
    };
    let path = event::text::from_bytes(bytes.take(raw.p[0].text.into())?);
    let [ino, size, ctime, dev, _] = raw.n;
    let file = Identity { ino, size, ctime, dev: dev as u32, mode: 0, uid: 0, gid: 0 };
    let actor = raw.head.actor;
    Some(LockTold {
        act,
        tgid: actor.tgid,
        start: actor.start,
        path: path.into(),
        file: (ino != 0).then(|| identity(&file)),
    })
}
