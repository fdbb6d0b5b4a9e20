//! One process from sample to sample: since when it has been busy, and when that is told again. Values in, values out.

use super::reading::{Thread, Usage};
use event::CpuLoad;
use std::collections::HashMap;

/// Busy for less than this is a start or a burst.
const FIRST_TOLD_NS: u64 = 5_000_000_000;
/// From here on told at even distances; before that, each time the stretch has doubled.
const STEADY_NS: u64 = 300_000_000_000;
/// Of the time between two samples a thread must have run or waited for a processor, in 1/1000.
const BUSY_PERMILLE: u64 = 900;

#[derive(Debug, Default)]
pub(super) struct Track {
    at: u64,
    wanted: HashMap<u32, u64>,
    busy: Vec<u32>,
    since: Option<Since>,
}

#[derive(Debug)]
struct Since {
    at: u64,
    user_ns: u64,
    system_ns: u64,
    told: u64,
}

impl Track {
    /// Takes a sample; a load comes back when it is to be told. What the sample does not hold is zero in it.
    pub fn step(&mut self, now: u64, threads: &[Thread], usage: &Usage) -> Option<CpuLoad> {
        let at = std::mem::replace(&mut self.at, now);
        let wanted: HashMap<u32, u64> = threads.iter().map(|thread| (thread.tid, thread.wanted_ns)).collect();
        let before = std::mem::replace(&mut self.wanted, wanted);
        // Since when it is known that the thread wanted this much: the last sample, or its start.
        let busy_since = |thread: &Thread| {
            let (from, wanted) = match (before.get(&thread.tid), thread.started_ns) {
                (Some(then), _) => (at, thread.wanted_ns.saturating_sub(*then)),
                (None, Some(start)) => (start, thread.wanted_ns),
                (None, None) => return None,
            };
            let passed = now.saturating_sub(from);
            (passed > 0 && wanted * 1000 >= passed * BUSY_PERMILLE).then_some(from)
        };
        let busy: Vec<(u32, u64)> =
            threads.iter().filter_map(|thread| Some((thread.tid, busy_since(thread)?))).collect();
        self.busy = busy.iter().map(|(tid, _)| *tid).collect();
        let Some(from) = busy.iter().map(|(_, from)| *from).min() else {
            self.since = None;
            return None;
        };
        let begin = || match before.is_empty() {
            // From its start: all that it has used counts.
            true => Since { at: from, user_ns: 0, system_ns: 0, told: 0 },
            false => Since { at: from, user_ns: usage.user_ns, system_ns: usage.system_ns, told: 0 },
        };
        let since = self.since.get_or_insert_with(begin);
        let busy_ns = now.saturating_sub(since.at);
        let due = match since.told {
            0 => FIRST_TOLD_NS,
            told if told < STEADY_NS => told * 2,
            told => told + STEADY_NS,
        };
        if busy_ns < due {
            return None;
        }
        since.told = busy_ns;
        let system = usage.system_ns.saturating_sub(since.system_ns);
        let all = system + usage.user_ns.saturating_sub(since.user_ns);
        Some(CpuLoad {
            busy_ns,
            busy_threads: self.busy.len() as u32,
            system_permille: (system * 1000).checked_div(all).unwrap_or(0) as u32,
            ..CpuLoad::default()
        })
    }

    /// Threads that were busy at the last sample.
    pub fn busy(&self) -> &[u32] {
        &self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// Samples a second apart: what each thread wanted in it, in 1/1000, and how much of what it got went into the kernel.
    fn told(seconds: &[&[u64]], system_permille: u64) -> Vec<(u64, u32, u32)> {
        let mut track = Track::default();
        let mut wanted = [0u64; 4];
        let mut usage = Usage::default();
        let mut told = Vec::new();
        for (second, shares) in seconds.iter().enumerate() {
            for (thread, share) in shares.iter().enumerate() {
                wanted[thread] += share * SECOND / 1000;
                usage.user_ns += share * (1000 - system_permille) * SECOND / 1_000_000;
                usage.system_ns += share * system_permille * SECOND / 1_000_000;
            }
            let threads: Vec<Thread> = (0..shares.len())
                .map(|thread| Thread { tid: thread as u32, wanted_ns: wanted[thread], started_ns: None })
                .collect();
            let load = track.step((second as u64 + 1) * SECOND, &threads, &usage);
            told.extend(load.map(|load| (load.busy_ns / SECOND, load.busy_threads, load.system_permille)));
        }
        told
    }

    #[test]
    fn a_long_stretch_is_told_at_growing_distances() {
        let busy: &[u64] = &[1000, 950, 100];
        assert_eq!(told(&vec![busy; 50], 10), [(5, 2, 10), (10, 2, 10), (20, 2, 10), (40, 2, 10)]);
        let many = told(&vec![busy; 1300], 0);
        assert_eq!(many.iter().map(|t| t.0).collect::<Vec<_>>(), [5, 10, 20, 40, 80, 160, 320, 620, 920, 1220]);
    }

    #[test]
    fn one_that_was_seen_begin_counts_from_its_start() {
        let told = |wanted_permille: u64| {
            let mut track = Track::default();
            let begun = 100 * SECOND;
            (1..=7).find(|second| {
                let wanted_ns = second * wanted_permille * SECOND / 1000;
                let thread = Thread { tid: 1, wanted_ns, started_ns: Some(begun) };
                let usage = Usage { user_ns: wanted_ns, ..Usage::default() };
                track.step(begun + second * SECOND, &[thread], &usage).is_some()
            })
        };
        assert_eq!((told(980), told(700)), (Some(5), None));
    }

    #[test]
    fn pauses_begin_anew() {
        let (busy, idle): (&[u64], &[u64]) = (&[1000], &[500]);
        assert_eq!(told(&[busy, busy, busy, busy, idle, busy, busy, busy, busy], 0), []);
        assert_eq!(told(&[idle; 50], 0), []);
    }

    #[test]
    fn the_kernels_share_is_seen() {
        assert_eq!(told(&[&[1000][..]; 7], 400), [(5, 1, 400)]);
    }
}
