//! The kernel's side of Tamon: probes what this host can keep, loads `bpf/`, drains the ring (or fanotify and the proc
//! connector where there is no BPF) and yields [`event::Observation`]s. Nothing is looked up here: that is `enrich`.
//!
//! ```no_run
//! let probe = sensor::probe(None);
//! println!("{}: {}", probe.tier.name(), probe.reason);
//! let mut sensor = sensor::Sensor::start(sensor::Config::default(), probe)?;
//! for seen in sensor.snapshot()? { /* enricher.seed(seen) */ }
//! loop {
//!     // Waits at most 5 ms (the drain interval), hands on what is there.
//!     sensor.drain(&mut |observation| { /* enricher.observe(observation) */ })?;
//! #   break;
//! }
//! println!("{} seen, lost {:?}", sensor.seen(), sensor.loss());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Start the sensor first and take the snapshot second: then no process is missed, and one seen twice is the same key.

mod brake;
mod cgroup;
pub mod clock;
mod config;
mod confine;
mod decode;
mod enforcement;
pub mod first_bytes;
mod load;
mod loader;
mod locking;
mod objects;
mod observe_tier;
mod paths;
mod pending;
mod pins;
mod places;
mod probe;
mod proc;
mod pulse;
mod refusal;
mod ring;
mod sensor;
mod stats;
mod syscalls;
mod tracepoints;
mod tracing_tier;
mod try_all;
mod volume;

pub use brake::Brake;
pub use config::{Config, Guards};
pub use confine::{Confinement, Domain, DomainPath, DomainPorts, DomainProgram, Kinds};
pub use load::LoadSampler;
pub use locking::{
    LockAct, LockAnswers, LockError, LockFigures, LockSays, LockSettings, LockTold, Looked, release_locks,
};
pub use pins::HoldError;
pub use probe::{Probe, probe};
pub use refusal::Refusal;
pub use sensor::{ConfineError, DenyError, DrainError, Sensor, SnapshotError, StartError};
pub use stats::RunStats;
pub use try_all::try_all;
pub use volume::{SentBytes, VolumeMeter};

/// Kinds of acts that a profile speaks of, by the kernel half's numbers.
pub use kernel_abi::confined as kinds;

use event::{Actor, ExecSeen};

/// A process that was there before the sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessSeen {
    pub actor: Actor,
    pub exec: ExecSeen,
}

/// A ring that only lets a program load.
const fn ring_bytes_for_a_try() -> u32 {
    64 << 10
}

/// For the fuzz targets: what takes the kernel half's records apart.
#[doc(hidden)]
pub mod fuzzing {
    /// Whether the record was whole.
    pub fn decode(boot: event::BootId, record: &[u8]) -> bool {
        crate::decode::Decoder::new(boot).decode(record).is_some()
    }
}
