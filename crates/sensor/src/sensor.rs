//! The sensor as the agent holds it, whatever the tier.

use crate::confine::{Confinement, Confining};
use crate::enforcement::Enforcement;
use crate::observe_tier::ObserveTier;
use crate::pins::{HoldError, Pins};
use crate::tracing_tier::TracingTier;
use crate::{Brake, Config, Guards, Probe, ProcessSeen, Refusal, RunStats};
use event::{FileIdentity, LossKind, Observation, Tier};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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

#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    #[error("this host's tier has no kernel half to hold profiles")]
    NoKernelHalf,
    #[error("the kernel takes no program that holds profiles: {0}")]
    Load(String),
    #[error("the kernel's tables of profiles: {0}")]
    Map(std::io::Error),
}

/// What sees, by tier.
enum Eyes {
    Tracing(Box<TracingTier>),
    Observe(Box<ObserveTier>),
}

pub struct Sensor {
    probe: Probe,
    seen: u64,
    eyes: Eyes,
    enforcement: Option<Enforcement>,
    confining: Option<Confining>,
    pins: Option<Pins>,
    /// None before the first: what comes before the first round is no stall.
    beaten: Option<Instant>,
    silences: u64,
}

/// As `bpf/include/maps.h` has it.
const SILENCE: Duration = Duration::from_secs(2);

impl Sensor {
    pub fn start(config: Config, mut probe: Probe) -> Result<Sensor, StartError> {
        let guards = config.guards;
        let pins = config.pins.clone().map(Pins::new);
        let eyes = match probe.tier {
            Tier::Observe => Eyes::Observe(Box::new(ObserveTier::start(config)?)),
            Tier::Gate | Tier::Enforce => Eyes::Tracing(Box::new(TracingTier::start(config)?)),
        };
        let enforcement = match &eyes {
            Eyes::Tracing(tier) if probe.tier == Tier::Enforce => Some(Enforcement::start(tier.loading()?, guards)?),
            _ => None,
        };
        // The probe's own refusals told the tier; from here on they are those of what should be seen.
        probe.refused = match &eyes {
            Eyes::Tracing(tier) => tier.refused.clone(),
            Eyes::Observe(tier) => tier.refused.clone(),
        };
        probe.refused.extend(enforcement.iter().flat_map(|e| e.refused.clone()));
        Ok(Sensor { probe, seen: 0, eyes, enforcement, confining: None, pins, beaten: None, silences: 0 })
    }

    /// One round on the caller's thread: waits at most the drain interval, then hands on everything that is there. Returns
    /// how many were handed on.
    pub fn drain(&mut self, sink: &mut dyn FnMut(Observation)) -> Result<usize, DrainError> {
        self.beat();
        let count = match &mut self.eyes {
            Eyes::Tracing(tier) => tier.drain(sink),
            Eyes::Observe(tier) => tier.drain(sink),
        }?;
        self.seen += count as u64;
        Ok(count)
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
    /// Records that the kernel put into the ring since the start, or handed to the observe tier.
    pub fn told(&self) -> u64 {
        match &self.eyes {
            Eyes::Tracing(tier) => tier.told(),
            Eyes::Observe(tier) => tier.told(),
        }
    }
    /// Records lost since the start, by kind; kinds without a loss are absent.
    pub fn loss(&self) -> BTreeMap<LossKind, u64> {
        match &self.eyes {
            Eyes::Tracing(tier) => tier.loss(),
            Eyes::Observe(tier) => tier.loss(),
        }
    }
    /// The processes that run now.
    pub fn snapshot(&self) -> Result<Vec<ProcessSeen>, SnapshotError> {
        crate::proc::snapshot().map_err(SnapshotError::Proc)
    }
    /// Acts of this process (and, as configured, its children) make no records from now on.
    pub fn exclude(&mut self, tgid: u32) -> std::io::Result<()> {
        match &mut self.eyes {
            Eyes::Tracing(tier) => tier.exclude(tgid),
            Eyes::Observe(tier) => {
                tier.exclude(tgid);
                Ok(())
            }
        }
    }
    /// Run counts and time of each attached program; turn them on with [`Sensor::enable_run_stats`].
    pub fn run_stats(&self) -> Vec<RunStats> {
        match &self.eyes {
            Eyes::Tracing(tier) => tier.run_stats(),
            Eyes::Observe(_) => Vec::new(),
        }
    }
    /// The kernel counts while the returned descriptor is open.
    pub fn enable_run_stats() -> std::io::Result<std::os::fd::OwnedFd> {
        crate::stats::enable()
    }
    /// Enforce tier: the kernel refuses to execute this very file content from now on.
    pub fn deny_exec(&mut self, file: FileIdentity) -> Result<(), DenyError> {
        // Whoever asks for a denial lives: without this the first one would wait for the next round.
        self.beat();
        self.enforcement.as_ref().ok_or(DenyError::NotEnforce)?.deny(file)
    }
    pub fn allow_exec(&mut self, file: FileIdentity) -> Result<(), DenyError> {
        self.enforcement.as_ref().ok_or(DenyError::NotEnforce)?.allow(file)
    }
    /// Enforce tier; elsewhere there is nothing to guard with.
    pub fn set_guards(&mut self, guards: Guards) {
        if let Some(enforcement) = &mut self.enforcement {
            enforcement.set_guards(guards);
        }
    }
    /// Puts these profiles in force in the kernel half, in place of those before. What `refused` names was not taken.
    pub fn confine(&mut self, profiles: &Confinement) -> Result<(), ConfineError> {
        if self.confining.is_none() && profiles.domains.is_empty() {
            return Ok(());
        }
        let Eyes::Tracing(tier) = &mut self.eyes else { return Err(ConfineError::NoKernelHalf) };
        let confining = match &mut self.confining {
            Some(confining) => confining,
            none => {
                let loading = tier.loading().map_err(|error| ConfineError::Load(error.to_string()))?;
                let started = Confining::start(loading, self.probe.tier == Tier::Enforce)?;
                self.probe.refused.extend(started.refused.clone());
                none.insert(started)
            }
        };
        let map = |error: libbpf_rs::Error| ConfineError::Map(std::io::Error::other(error));
        tier.set_confining(true).map_err(map)?;
        confining.set(profiles).map_err(map)?;
        if profiles.domains.is_empty() {
            tier.set_confining(false).map_err(map)?;
            if let (Some(mut confining), Some(pins)) = (self.confining.take(), &self.pins) {
                confining.hold(false, pins).map_err(|error| ConfineError::Map(std::io::Error::other(error)))?;
            }
        }
        Ok(())
    }
    /// Where a process comes into a domain by what only user space knows; None takes it out.
    pub fn assign(&mut self, tgid: u32, domain: Option<u32>) -> Result<(), ConfineError> {
        let confining = self.confining.as_mut().ok_or(ConfineError::NoKernelHalf)?;
        confining.assign(tgid, domain).map_err(|error| ConfineError::Map(std::io::Error::other(error)))
    }
    /// None in the observe tier.
    pub fn brake(&self) -> Option<Brake> {
        match &self.eyes {
            Eyes::Tracing(tier) => tier.brake(),
            Eyes::Observe(_) => None,
        }
    }
    /// Enforce tier: acts that the kernel refused since the start.
    pub fn refusals(&self) -> u64 {
        self.enforcement.as_ref().map_or(0, Enforcement::refusals)
    }
    /// Whether the kernel goes on refusing what it refuses by itself when this sensor is silent or gone. Asked again and
    /// again: what came into force meanwhile is held too. What a sensor before us held is let go once ours is in force.
    pub fn hold(&mut self, stays: bool) -> Result<(), HoldError> {
        let Some(pins) = &self.pins else { return if stays { Err(HoldError::NoPlace) } else { Ok(()) } };
        if let Some(enforcement) = &mut self.enforcement {
            enforcement.hold(stays, pins)?;
        }
        if let Some(confining) = &mut self.confining {
            confining.hold(stays, pins)?;
        }
        if let Eyes::Tracing(tier) = &mut self.eyes {
            tier.set_holding(stays).map_err(|error| HoldError::Settings(format!("{error:#}")))?;
        }
        pins.drop_others()
    }
    /// How often there was no beat for so long that the kernel let everybody be, unless told to hold.
    pub fn silences(&self) -> u64 {
        self.silences
    }
    /// Tells the kernel that we live; without it for 2 s it refuses nothing, unless told to [`Sensor::hold`]. `drain` beats
    /// too.
    pub fn beat(&mut self) {
        let last = self.beaten.replace(Instant::now());
        self.silences += u64::from(last.is_some_and(|last| last.elapsed() > SILENCE));
        if let Eyes::Tracing(tier) = &mut self.eyes {
            tier.beat();
        }
        if let Some(enforcement) = &mut self.enforcement {
            enforcement.beat();
        }
    }
}
