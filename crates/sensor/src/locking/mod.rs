//! A lock in the enforce tier: loads `bpf/lockdown.bpf.c`, tells it what is in force and what the agent answered about files
//! (`answers`), and hands on what the kernel refused or let be for the agent to look at.
//!
//! A lock that holds without the agent is pinned in the BPF file system; the next agent takes its own into force first and the
//! pinned one out after, so that the host is never open in between.

mod answers;

pub use answers::{LockAnswers, LockSays, Looked};

use crate::decode::identity;
use crate::loader::{self, Loading};
use crate::objects;
use crate::pins::{HoldError, Pins};
use crate::pulse::Pulse;
use crate::refusal::Refusal;
use crate::ring::Ring;
use event::{FileIdentity, ProcessKey};
use kernel_abi::{Act, Identity, Lock, as_bytes, lock_act, lock_flag, lock_mode, read};
use libbpf_rs::{Link, MapHandle, Object};
use std::collections::HashMap;
use std::io;
use std::mem::offset_of;
use std::os::fd::AsFd;
use std::sync::Arc;

const RING_BYTES: usize = 256 << 10;
const PINNED: &str = "/sys/fs/bpf/tamon-lock";

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("this host's tier cannot hold a lock in the kernel")]
    NotEnforce,
    #[error("the kernel takes no program that holds a lock: {0}")]
    Load(String),
    #[error("the kernel's tables of the lock: {0}")]
    Map(io::Error),
    #[error("the lock cannot be kept without the agent: {0}")]
    Pin(#[from] HoldError),
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

pub(crate) struct Locking {
    // Links go before the programs they hold.
    links: Vec<Link>,
    _object: Object,
    maps: HashMap<String, MapHandle>,
    ring: Ring,
    answers: Arc<LockAnswers>,
    in_force: Option<LockSettings>,
    pins: Pins,
    /// It goes on without us.
    held: bool,
    pulse: Pulse,
    accepted: u32,
    pub refused: Vec<Refusal>,
}

impl Locking {
    pub fn start(mut loading: Loading, pulse: Pulse) -> Result<Locking, LockError> {
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
        let answers = LockAnswers::new(map)?;
        Ok(Locking {
            links,
            _object: object,
            maps,
            ring,
            answers: Arc::new(answers),
            in_force: None,
            pins: Pins::new(PINNED.into()),
            held: false,
            pulse,
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
        let stays = settings.is_some_and(|settings| settings.enforces && settings.closed);
        if stays == self.held {
            return Ok(());
        }
        if stays {
            self.pins.hold("lock", &mut self.links)?;
        } else {
            self.pins.let_go(&mut self.links)?;
        }
        self.held = stays;
        self.pins.drop_others()?;
        Ok(())
    }

    /// Answers of an older generation do not count any more.
    pub fn accept(&mut self, generation: u32) -> Result<(), LockError> {
        if self.accepted >= generation {
            return Ok(());
        }
        self.accepted = generation;
        self.tell_kernel()
    }

    fn tell_kernel(&self) -> Result<(), LockError> {
        let settings = self.in_force.unwrap_or_default();
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let lock = Lock {
            beat: 0,
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
        let put = self.pulse.put("lock_state", &self.maps["lock_state"], as_bytes(&lock), offset_of!(Lock, beat));
        put.map_err(|error| LockError::Map(io::Error::other(error)))
    }

    pub fn drain(&mut self, sink: &mut dyn FnMut(LockTold)) {
        self.ring.drain(&mut |record| {
            if let Some(told) = decode(record) {
                sink(told);
            }
        });
    }

    /// None when the kernel's map cannot be read.
    pub fn figures(&self) -> Option<LockFigures> {
        let count = |act: u32| crate::stats::count(&self.maps["lock_counts"], act);
        Some(LockFigures {
            programs: count(lock_act::EXEC)?,
            libraries: count(lock_act::LIBRARY)?,
            modules: count(lock_act::MODULE)? + count(lock_act::MODULE_DATA)?,
            tracing: count(lock_act::TRACE)? + count(lock_act::MEMORY)?,
            untold: count(0)?,
        })
    }
}

/// Takes a lock that an agent left behind out of force; returns how many of its programs there were. Not while another agent
/// lives, whose lock it is.
pub fn release_locks() -> Result<usize, HoldError> {
    Pins::new(PINNED.into()).drop_others()
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
