//! The sensor without BPF: processes from the proc connector (what a process is comes from /proc, if it still lives), files
//! from fanotify. Nothing of networks, memory or the kernel is seen here, and actors carry a tgid only; `enrich` asks /proc.

mod connector;
mod fanotify;
mod filter;

use crate::{Config, DrainError, Refusal, StartError};
use connector::Connector;
use event::{LossKind, Observation};
use fanotify::Fanotify;
use filter::Filter;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) struct ObserveTier {
    connector: Option<Connector>,
    fanotify: Option<Fanotify>,
    filter: Filter,
    interval: Duration,
    told: u64,
    pub refused: Vec<Refusal>,
}

impl ObserveTier {
    /// Starts what this host has; fails when it has neither.
    pub fn start(config: Config) -> Result<ObserveTier, StartError> {
        let mut refused = Vec::new();
        let mut keep = |name: &str, error: &std::io::Error| {
            let errno = error.raw_os_error().unwrap_or(0);
            refused.push(Refusal { name: name.into(), errno, reason: error.to_string() });
        };
        let connector = Connector::open().inspect_err(|error| keep("proc connector", error)).ok();
        let fanotify = Fanotify::open(&mut keep).inspect_err(|error| keep("fanotify", error)).ok();
        if connector.is_none() && fanotify.is_none() {
            let reason = refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Err(StartError::Load { object: "proc connector and fanotify", reason });
        }
        let interval = config.drain_interval;
        Ok(ObserveTier { connector, fanotify, filter: Filter::new(config), interval, told: 0, refused })
    }

    pub fn drain(&mut self, sink: &mut dyn FnMut(Observation)) -> Result<usize, DrainError> {
        self.wait()?;
        let mut count = 0;
        let filter = &mut self.filter;
        let mut told = |observation: Observation| {
            if filter.passes(&observation) {
                count += 1;
                sink(observation);
            }
        };
        // Processes first: a file's actor is then known when the file is told.
        if let Some(connector) = &mut self.connector {
            connector.drain(&mut told);
        }
        if let Some(fanotify) = &mut self.fanotify {
            fanotify.drain(&mut told);
        }
        self.told += count as u64;
        Ok(count)
    }

    fn wait(&self) -> Result<(), DrainError> {
        let mut fds = Vec::with_capacity(2);
        fds.extend(self.connector.as_ref().map(|c| PollFd::new(c, PollFlags::IN)));
        fds.extend(self.fanotify.as_ref().map(|f| PollFd::new(f, PollFlags::IN)));
        let timeout = Timespec { tv_sec: self.interval.as_secs() as i64, tv_nsec: self.interval.subsec_nanos().into() };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(DrainError::Wait(error.into())),
        }
    }

    pub fn exclude(&mut self, tgid: u32) {
        self.filter.exclude(tgid);
    }

    pub fn told(&self) -> u64 {
        self.told
    }

    pub fn loss(&self) -> BTreeMap<LossKind, u64> {
        let connector = self.connector.as_ref().map_or(0, |c| c.overflows);
        let fanotify = self.fanotify.as_ref().map_or(0, |f| f.overflows);
        let mut lost = BTreeMap::from([(LossKind::Connector, connector), (LossKind::Fanotify, fanotify)]);
        lost.retain(|_, count| *count > 0);
        lost
    }
}
