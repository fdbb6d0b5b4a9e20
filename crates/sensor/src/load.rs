//! Which processes compute without a pause, sampled from /proc: for each that has for seconds, an observation at growing
//! distances. A thread counts as busy when it ran *or waited for a processor* nearly all the time, so that neither a busy
//! host nor a low priority hides it.
//!
//! A round reads one file a process and more only of those that used a processor; the caller rests as long as a round says,
//! which keeps the cost below half a percent of one processor however many processes there are.

mod reading;
mod track;

use event::{EventKind, Observation, Observed, Via};
use reading::{Thread, Usage};
use std::collections::HashMap;
use std::time::Duration;
use track::Track;

const LEAST_REST: Duration = Duration::from_secs(1);
const MOST_REST: Duration = Duration::from_secs(10);
/// Rest for each moment of work.
const REST_FOR_WORK: u32 = 200;
/// What is read within this counts as read at one time: two of them are far below what a busy thread may be idle.
const AT_ONCE_NS: u64 = 20_000_000;
const TRIES: usize = 4;
/// A process that used less than this of the time between two rounds, in 1/1000, is not looked at closer.
const LEAST_USE_PERMILLE: u64 = 50;

/// One host's processes from round to round.
#[derive(Default)]
pub struct LoadSampler {
    known: HashMap<u32, Known>,
    at: Option<u64>,
    processors: u32,
}

struct Known {
    start_ticks: u64,
    used_ns: u64,
    track: Option<Track>,
}

impl LoadSampler {
    pub fn new() -> LoadSampler {
        LoadSampler { processors: reading::processors(), ..LoadSampler::default() }
    }

    /// One look at all processes but those in `own`. Hands on what is to be told and gives how long to rest.
    pub fn round(&mut self, own: &[u32], sink: &mut dyn FnMut(Observation)) -> std::io::Result<Duration> {
        // Of work, not of waiting for a processor: a busy host must not make us look away.
        let began = crate::clock::own_time();
        let now = crate::clock::boottime();
        let before = self.at.replace(now).unwrap_or(now);
        let pids = reading::pids()?;
        self.known.retain(|pid, _| pids.binary_search(pid).is_ok());
        for pid in pids.into_iter().filter(|pid| !own.contains(pid)) {
            // What ends meanwhile is no longer busy.
            let Some(usage) = reading::usage(pid) else { continue };
            if let Some(observation) = self.look(pid, &usage, before, now) {
                sink(observation);
            }
        }
        let worked = Duration::from_nanos(crate::clock::own_time().saturating_sub(began));
        Ok((worked * REST_FOR_WORK).clamp(LEAST_REST, MOST_REST))
    }

    /// The last round was at `before`, this one is at `now`.
    fn look(&mut self, pid: u32, usage: &Usage, before: u64, now: u64) -> Option<Observation> {
        let used_ns = usage.user_ns + usage.system_ns;
        let started_ns = usage.start_ticks * event::ids::NANOS_PER_TICK;
        // What one that began since then has used, it has used since then.
        let known_ns = if started_ns > before { 0 } else { used_ns };
        let fresh = || Known { start_ticks: usage.start_ticks, used_ns: known_ns, track: None };
        let known = self.known.entry(pid).or_insert_with(fresh);
        if known.start_ticks != usage.start_ticks {
            *known = fresh();
        }
        let used = used_ns.saturating_sub(std::mem::replace(&mut known.used_ns, used_ns));
        let idle = used * 1000 < (now - before) * LEAST_USE_PERMILLE;
        // A miner of low priority on a busy host may get little: what is tracked stays tracked while its threads want more.
        if known.track.is_none() && idle {
            return None;
        }
        let mut track = known.track.take().unwrap_or_default();
        let Some((at, threads)) = reading_at_once(pid, started_ns) else {
            known.track = Some(track);
            return None;
        };
        let step = track.step(at, &threads, usage);
        let busy = track.busy().to_vec();
        if !idle || !busy.is_empty() {
            known.track = Some(track);
        }
        let mut load = step?;
        load.processors = self.processors;
        reading::complete(pid, &busy, &mut load);
        let actor = crate::proc::process(pid)?.actor;
        (actor.start_boottime_ns / event::ids::NANOS_PER_TICK == usage.start_ticks).then_some(Observation {
            boottime_ns: at,
            actor,
            via: Via::Syscall,
            what: Observed::Other(EventKind::Load(load)),
        })
    }
}

/// The threads, and when they were read. `None` where the host let us wait in between, so that the two do not fit: what
/// was seen before then stands until the next round.
fn reading_at_once(pid: u32, started_ns: u64) -> Option<(u64, Vec<Thread>)> {
    for _ in 0..TRIES {
        let before = crate::clock::boottime();
        let threads = reading::threads(pid, started_ns);
        let after = crate::clock::boottime();
        if after - before <= AT_ONCE_NS {
            return Some((after, threads));
        }
    }
    None
}
