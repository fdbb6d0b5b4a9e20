//! The sensor as the agent holds it, whatever the tier.

use crate::{Config, Probe, ProcessSeen, Refusal, RunStats};
use event::{FileIdentity, LossKind, Observation, Tier};
use std::collections::BTreeMap;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot load the BPF object {object}: {reason}")]
    Load { object: &'static str, reason: String },
    #[error("cannot {what}: {source}")]
    Kernel { what: &'static str, source: std::io::Error },
}

#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    #[error("cannot wait for the kernel's records: {0}")]
    Wait(std::io::Error),
}

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("cannot list /proc: {0}")]
    Proc(std::io::Error),
}

#[derive(Debug, thiserror::Error)]
pub enum DenyError {
    #[error("this host's tier cannot refuse an exec in the kernel")]
    NotEnforce,
    #[error("the kernel's deny list: {0}")]
    Map(std::io::Error),
}

pub struct Sensor {
    probe: Probe,
    seen: u64,
}

impl Sensor {
    pub fn start(_config: Config, probe: Probe) -> Result<Sensor, StartError> {
        Ok(Sensor { probe, seen: 0 })
    }

    /// One round on the caller's thread: waits at most the drain interval, then hands on everything that is there. Returns
    /// how many were handed on.
    pub fn drain(&mut self, _sink: &mut dyn FnMut(Observation)) -> Result<usize, DrainError> {
        Ok(0)
    }

    pub fn tier(&self) -> Tier {
        self.probe.tier
    }
    pub fn probe(&self) -> &Probe {
        &self.probe
    }
    /// Programs that this kernel did not take; what they watch is not seen.
    pub fn refused(&self) -> &[Refusal] {
        &self.probe.refused
    }
    /// Observations handed on since the start.
    pub fn seen(&self) -> u64 {
        self.seen
    }
    /// Records lost since the start, by kind; kinds without a loss are absent.
    pub fn loss(&self) -> BTreeMap<LossKind, u64> {
        BTreeMap::new()
    }
    /// The processes that run now.
    pub fn snapshot(&self) -> Result<Vec<ProcessSeen>, SnapshotError> {
        Ok(Vec::new())
    }
    /// Acts of this process (and, as configured, its children) make no records from now on.
    pub fn exclude(&mut self, _tgid: u32) -> std::io::Result<()> {
        Ok(())
    }
    /// Run counts and time of each attached program; turn them on with [`Sensor::enable_run_stats`].
    pub fn run_stats(&self) -> Vec<RunStats> {
        Vec::new()
    }
    /// Counts while the returned descriptor is open.
    pub fn enable_run_stats() -> std::io::Result<std::os::fd::OwnedFd> {
        Err(std::io::Error::from(std::io::ErrorKind::Unsupported))
    }
    /// Enforce tier: the kernel refuses to execute this very file content from now on.
    pub fn deny_exec(&mut self, _file: FileIdentity) -> Result<(), DenyError> {
        Err(DenyError::NotEnforce)
    }
    pub fn allow_exec(&mut self, _file: FileIdentity) -> Result<(), DenyError> {
        Err(DenyError::NotEnforce)
    }
    /// Enforce tier: tells the kernel that the agent lives; without it for 2 s the kernel refuses nothing. `drain` beats too.
    pub fn beat(&mut self) {}
}
