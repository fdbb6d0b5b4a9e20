//! The one setup: a sensor that sees this process too, drained until what is looked for has come.

use event::{EventKind, Observation, Observed, Tier};
use sensor::{Config, Sensor};
use std::time::{Duration, Instant};

pub fn config() -> Config {
    // This process is the one that acts.
    Config { own_tgids: Vec::new(), own_children: false, ring_bytes: 8 << 20, ..Config::default() }
}

pub struct Watching {
    pub sensor: Sensor,
    pub seen: Vec<Observation>,
}

impl Watching {
    pub fn start() -> Watching {
        Watching::with(config(), None)
    }

    pub fn with(config: Config, force: Option<Tier>) -> Watching {
        let sensor = Sensor::start(config, sensor::probe(force)).expect("the sensor starts as root");
        Watching { sensor, seen: Vec::new() }
    }

    /// Drains until `wanted` finds something in what `pid` did. Fails with all of it when nothing comes.
    pub fn find<T>(&mut self, pid: u32, wanted: impl Fn(&Observation) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            self.drain_once();
            if let Some(found) = self.of(pid).find_map(&wanted) {
                return found;
            }
            assert!(Instant::now() < end, "not seen of {pid}: {:#?}", self.of(pid).collect::<Vec<_>>());
        }
    }

    /// The kinds only.
    pub fn find_kind<T>(&mut self, pid: u32, wanted: impl Fn(&EventKind) -> Option<T>) -> T {
        self.find(pid, |seen| match &seen.what {
            Observed::Other(kind) => wanted(kind),
            _ => None,
        })
    }

    /// Drains long enough that what has been done by now is in `seen`.
    pub fn settle(&mut self) {
        let end = Instant::now() + Duration::from_millis(100);
        while Instant::now() < end {
            self.drain_once();
        }
    }

    pub fn of(&self, pid: u32) -> impl Iterator<Item = &Observation> {
        self.seen.iter().filter(move |seen| seen.actor.tgid == pid)
    }

    fn drain_once(&mut self) {
        let seen = &mut self.seen;
        self.sensor.drain(&mut |observation| seen.push(observation)).expect("drains");
    }
}

pub fn me() -> u32 {
    std::process::id()
}
