//! The sensor as the agent holds it, whatever the tier.

use crate::confine::{Confinement, Confining};
use crate::enforcement::Enforcement;
use crate::locking::{LockAnswers, LockError, LockFigures, LockSettings, LockTold, Locking};
use crate::observe_tier::ObserveTier;
use crate::pins::{HoldError, Pins};
use crate::pulse::Heart;
use crate::tracing_tier::TracingTier;
use crate::{Brake, Config, Guards, Probe, ProcessSeen, Refusal, RunStats};
use event::{FileIdentity, LossKind, Observation, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot load the BPF object {object}: {reason}")]
    Load { object: &'static str, reason: String },
    #[error("cannot {what}: {source}")]
    Kernel { what: &'static str, source: std::io::Error },
    #[error("cannot start the heart-beat: {0}")]
    Pulse(std::io::Error),
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
    heart: Heart,
    locking: Option<Locking>,
}

impl Sensor {
    pub fn start(config: Config, mut probe: Probe) -> Result<Sensor, StartError> {
        let guards = config.guards;
        let pins = config.pins.clone().map(Pins::new);
        let heart = Heart::start(config.patience).map_err(StartError::Pulse)?;
        let eyes = match probe.tier {
            Tier::Observe => Eyes::Observe(Box::new(ObserveTier::start(config)?)),
            Tier::Gate | Tier::Enforce => Eyes::Tracing(Box::new(TracingTier::start(config, heart.pulse())?)),
        };
        let enforcement = match &eyes {
            Eyes::Tracing(tier) if probe.tier == Tier::Enforce => {
                Some(Enforcement::start(tier.loading()?, guards, heart.pulse())?)
            }
            _ => None,
        };
        // The probe's own refusals told the tier; from here on they are those of what should be seen.
        probe.refused = match &eyes {
            Eyes::Tracing(tier) => tier.refused.clone(),
            Eyes::Observe(tier) => tier.refused.clone(),
        };
        probe.refused.extend(enforcement.iter().flat_map(|e| e.refused.clone()));
        Ok(Sensor { probe, seen: 0, eyes, enforcement, confining: None, locking: None, pins, heart })
    }

    /// One round on the caller's thread: waits at most the drain interval, then hands on everything that is there. Returns
    /// how many were handed on.
    pub fn drain(&mut self, sink: &mut dyn FnMut(Observation)) -> Result<usize, DrainError> {
        self.heart.round();
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
        self.heart.round();
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
    /// Enforce tier: acts that the kernel refused since the start; None when it cannot be read.
    pub fn refusals(&self) -> Option<u64> {
        self.enforcement.as_ref().map_or(Some(0), Enforcement::refusals)
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
        pins.drop_others().map(|_| ())
    }
    /// How often there was no beat for so long that the kernel let everybody be, unless told to hold.
    pub fn silences(&self) -> u64 {
        self.heart.silences()
    }
    /// Enforce tier: loads what holds a lock in the kernel, and gives the way to answer it. Nothing is in force yet.
    pub fn prepare_lock(&mut self) -> Result<Arc<LockAnswers>, LockError> {
        let locking = match &mut self.locking {
            Some(locking) => locking,
            none => {
                let Eyes::Tracing(tier) = &self.eyes else { return Err(LockError::NotEnforce) };
                if self.probe.tier != Tier::Enforce {
                    return Err(LockError::NotEnforce);
                }
                let loading = tier.loading().map_err(|error| LockError::Load(error.to_string()))?;
                let started = Locking::start(loading, self.heart.pulse())?;
                self.probe.refused.extend(started.refused.clone());
                none.insert(started)
            }
        };
        Ok(locking.answers())
    }
    /// Puts the prepared lock in force, or out of it.
    pub fn lock(&mut self, settings: Option<LockSettings>) -> Result<(), LockError> {
        match &mut self.locking {
            Some(locking) => locking.set(settings),
            None if settings.is_none() => Ok(()),
            None => Err(LockError::NotEnforce),
        }
    }
    /// Answers of an older generation do not count any more: when the gate has let go of its own.
    pub fn accept_lock(&mut self, generation: u32) -> Result<(), LockError> {
        self.locking.as_mut().map_or(Ok(()), |locking| locking.accept(generation))
    }
    /// What the kernel refused on the locked host, or let be, since the last call.
    pub fn drain_lock(&mut self, sink: &mut dyn FnMut(LockTold)) {
        if let Some(locking) = &mut self.locking {
            locking.drain(sink);
        }
    }
    /// None where no lock is prepared, or its figures cannot be read.
    pub fn lock_figures(&self) -> Option<LockFigures> {
        self.locking.as_ref().and_then(Locking::figures)
    }
}
