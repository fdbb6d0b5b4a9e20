//! Connections that come again in a rhythm: period and jitter of each (program, destination, port). Time servers, and what
//! kept its rhythm while the host was learned, are ordinary.

use super::hash::Seed;
use super::pool::Pool;
use event::{Timestamp, text::clip};
use serde::{Deserialize, Serialize};

/// Gaps that are looked at.
const GAPS: usize = 16;
/// Connections closer than this are one act.
const SAME: i64 = 1_000_000_000;
const SHORTEST: u32 = 4_000;
const LONGEST: i64 = 86_400_000_000_000;
/// Median deviation over median: of a plain timer, and of one that is told to vary (a uniform ± 50 % has 0.25; what people
/// and chance make has 0.7).
const STEADY: f64 = 0.1;
const LOOSE: f64 = 0.3;
const TELL_AGAIN: i64 = 7 * LONGEST;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rhythm {
    pub program: Box<str>,
    pub to: Box<str>,
    pub first: Timestamp,
    last: Timestamp,
    /// Milliseconds.
    gaps: [u32; GAPS],
    pub count: u32,
    told: Option<Timestamp>,
}

/// What is heard in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beat {
    pub period_ms: u32,
    pub jitter: f64,
    pub count: u32,
    pub first: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rhythms {
    pub pool: Pool<Rhythm>,
}

impl Rhythms {
    pub fn new(most: usize) -> Rhythms {
        Rhythms { pool: Pool::new(most) }
    }

    /// `to`: address and port in words. Some when a rhythm is heard for the first time, or again after a week.
    pub fn hear(&mut self, seed: Seed, program: &str, to: &str, at: Timestamp) -> Option<Beat> {
        let key = seed.hash(&["rhythm", program, to]);
        let rhythm = self.pool.entry(key, at, || Rhythm {
            program: clip(program, 160).into(),
            to: to.into(),
            first: at,
            last: at,
            gaps: [0; GAPS],
            count: 0,
            told: None,
        });
        let gap = at.since(rhythm.last);
        if gap < SAME {
            return None;
        }
        rhythm.last = at;
        if gap > LONGEST {
            // It stopped for a day: what comes is another one.
            rhythm.count = 0;
            rhythm.first = at;
            return None;
        }
        rhythm.gaps[rhythm.count as usize % GAPS] = u32::try_from(gap / 1_000_000).unwrap_or(u32::MAX);
        rhythm.count = rhythm.count.saturating_add(1);
        if rhythm.told.is_some_and(|told| at.since(told) < TELL_AGAIN) {
            return None;
        }
        let beat = rhythm.beat()?;
        rhythm.told = Some(at);
        Some(beat)
    }
}

impl Rhythm {
    pub fn beat(&self) -> Option<Beat> {
        if (self.count as usize) < GAPS {
            return None;
        }
        let mut gaps = self.gaps;
        gaps.sort_unstable();
        let median = gaps[GAPS / 2];
        let mut off = gaps.map(|gap| gap.abs_diff(median));
        off.sort_unstable();
        let jitter = f64::from(off[GAPS / 2]) / f64::from(median.max(1));
        // One gap missed or doubled is nothing.
        let within = gaps[GAPS - 2] <= gaps[1].saturating_mul(4);
        let kept = jitter <= STEADY || jitter <= LOOSE && within;
        (kept && median >= SHORTEST).then_some(Beat { period_ms: median, jitter, count: self.count, first: self.first })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gaps in seconds, made by `gap` from a number that looks drawn.
    fn check(what: &str, gap: impl Fn(f64) -> f64, expected: bool) {
        let (mut rhythms, mut at, mut draw) = (Rhythms::new(16), 0.0, 0x1234_5678_9abc_def1u64);
        let mut heard = 0;
        for _ in 0..400 {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            at += gap((draw >> 11) as f64 / (1u64 << 53) as f64);
            let at = Timestamp((at * 1e9) as i64);
            heard += usize::from(rhythms.hear(Seed([1, 2]), "/tmp/x", "203.0.113.9:443", at).is_some());
        }
        assert_eq!(heard > 0, expected, "{what}: {heard}");
    }

    #[test]
    fn timers_are_heard_and_people_are_not() {
        check("every minute", |_| 60.0, true);
        check("a minute, 20 % jitter", |draw| 60.0 * (0.8 + 0.4 * draw), true);
        check("five minutes, 50 % jitter", |draw| 300.0 * (0.5 + draw), true);
        check("chance", |draw| -60.0 * (1.0 - draw).ln(), false);
        check("every second", |_| 1.0, false);
        check("bursts", |draw| if draw < 0.8 { 1.5 } else { 900.0 * draw }, false);
    }
}
