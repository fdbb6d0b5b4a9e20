//! How evenly bytes are spread, of a whole file, of its 4 KiB windows and of any part of it, in bits a byte.
//!
//! The file is counted once. Every 16 KiB the counts up to there are kept, so that a part's are a difference of two of them
//! and few bytes at its edges: segments and sections lie on each other in any file, and a hostile one may have thousands
//! that cover it all.

use std::sync::LazyLock;

/// Window of [`Profile`].
const WINDOW: usize = 4_096;
/// Between places up to which counts are kept.
const STEP: usize = 4 * WINDOW;

type Counts = [u32; 256];

/// The file seen window by window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    pub whole: f32,
    pub lowest: f32,
    pub highest: f32,
    pub mean: f32,
    /// Share of windows above 7.2 bits (compressed or encrypted) and below 1 (padding).
    pub dense: f32,
    pub empty: f32,
    /// Share of bytes in each sixteenth of the byte's range.
    pub bins: [f32; 16],
}

pub struct Measured<'a> {
    bytes: &'a [u8],
    /// Counts of what lies before each multiple of [`STEP`].
    before: Vec<Counts>,
    pub profile: Profile,
}

impl<'a> Measured<'a> {
    /// The profile is of the first `looked_at` bytes.
    pub fn of(bytes: &'a [u8], looked_at: usize) -> Measured<'a> {
        let looked_at = &bytes[..bytes.len().min(looked_at)];
        let mut before = Vec::with_capacity(bytes.len() / STEP + 1);
        let mut sum: Counts = [0; 256];
        let mut windows = Windows::default();
        for (n, window) in bytes.chunks(WINDOW).enumerate() {
            if n.is_multiple_of(STEP / WINDOW) {
                before.push(sum);
            }
            let counts = count(window);
            sum.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
            let at = n * WINDOW;
            if at + window.len() <= looked_at.len() {
                windows.add(&counts, window.len());
            } else if at < looked_at.len() {
                let part = &looked_at[at..];
                windows.add(&count(part), part.len());
            }
        }
        if bytes.len().is_multiple_of(STEP) {
            before.push(sum);
        }
        let mut measured = Measured { bytes, before, profile: Profile::default() };
        measured.profile = windows.profile(&measured.up_to(looked_at.len()), looked_at.len());
        measured
    }

    /// Of bytes that are a part of the file, or of others.
    pub fn entropy(&self, part: &[u8]) -> f32 {
        let start = (part.as_ptr() as usize).wrapping_sub(self.bytes.as_ptr() as usize);
        let inside = start.checked_add(part.len()).is_some_and(|end| end <= self.bytes.len());
        if !inside || part.len() <= STEP {
            return of_counts(&count(part), part.len());
        }
        let (mut counts, before) = (self.up_to(start + part.len()), self.up_to(start));
        counts.iter_mut().zip(&before).for_each(|(count, before)| *count -= before);
        of_counts(&counts, part.len())
    }

    /// Counts of the bytes before a place, from the kept ones that are nearest.
    fn up_to(&self, place: usize) -> Counts {
        let near = ((place + STEP / 2) / STEP).min(self.before.len() - 1);
        let mut counts = self.before[near];
        let kept = near * STEP;
        if kept <= place {
            let more = count(&self.bytes[kept..place]);
            counts.iter_mut().zip(&more).for_each(|(count, more)| *count += more);
        } else {
            let less = count(&self.bytes[place..kept]);
            counts.iter_mut().zip(&less).for_each(|(count, less)| *count -= less);
        }
        counts
    }
}

/// Four tallies in turn: equal bytes in a row would wait for each other's count.
fn count(bytes: &[u8]) -> Counts {
    let mut tallies = [[0u32; 256]; 4];
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        for (tally, byte) in tallies.iter_mut().zip(four) {
            tally[usize::from(*byte)] += 1;
        }
    }
    rest.iter().for_each(|byte| tallies[0][usize::from(*byte)] += 1);
    let [mut counts, others @ ..] = tallies;
    for other in &others {
        counts.iter_mut().zip(other).for_each(|(count, other)| *count += other);
    }
    counts
}

fn of_counts(counts: &Counts, all: usize) -> f32 {
    if all == 0 {
        return 0.0;
    }
    let all = all as f32;
    let weigh = |count: &u32| WEIGHTS.get(*count as usize).copied().unwrap_or_else(|| weight(*count));
    let sum: f32 = counts.iter().map(weigh).sum();
    (all.log2() - sum / all).max(0.0)
}

/// n log2 n.
fn weight(count: u32) -> f32 {
    if count == 0 { 0.0 } else { count as f32 * (count as f32).log2() }
}

/// Of what a window can hold.
static WEIGHTS: LazyLock<Vec<f32>> = LazyLock::new(|| (0..=WINDOW as u32).map(weight).collect());

/// What is summed up of the windows.
struct Windows {
    lowest: f32,
    highest: f32,
    sum: f32,
    all: u32,
    dense: u32,
    empty: u32,
}

impl Default for Windows {
    fn default() -> Self {
        Windows { lowest: 8.0, highest: 0.0, sum: 0.0, all: 0, dense: 0, empty: 0 }
    }
}

impl Windows {
    fn add(&mut self, counts: &Counts, length: usize) {
        let entropy = of_counts(counts, length);
        (self.lowest, self.highest) = (self.lowest.min(entropy), self.highest.max(entropy));
        self.sum += entropy;
        self.all += 1;
        self.dense += u32::from(entropy > 7.2);
        self.empty += u32::from(entropy < 1.0);
    }

    fn profile(&self, counts: &Counts, length: usize) -> Profile {
        let of_windows = |sum: f32| if self.all == 0 { 0.0 } else { sum / self.all as f32 };
        let mut bins = [0.0; 16];
        for (byte, count) in counts.iter().enumerate() {
            bins[byte / 16] += *count as f32 / length.max(1) as f32;
        }
        Profile {
            whole: of_counts(counts, length),
            lowest: if self.all == 0 { 0.0 } else { self.lowest },
            highest: self.highest,
            mean: of_windows(self.sum),
            dense: of_windows(self.dense as f32),
            empty: of_windows(self.empty as f32),
            bins,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(bytes: &[u8]) -> f32 {
        Measured::of(bytes, bytes.len()).entropy(bytes)
    }

    #[test]
    fn entropy_is_zero_for_one_byte_and_eight_for_all() {
        assert_eq!(of(b""), 0.0);
        assert_eq!(of(&[7; 100]), 0.0);
        let all: Vec<u8> = (0..=255).collect();
        assert!((of(&all) - 8.0).abs() < 1e-5);
        let half = [vec![0u8; 4096], all.repeat(16)].concat();
        let profile = Measured::of(&half, half.len()).profile;
        assert_eq!((profile.lowest, profile.dense, profile.empty), (0.0, 0.5, 0.5));
        assert!((profile.highest - 8.0).abs() < 1e-4 && (profile.mean - 4.0).abs() < 1e-4);
    }

    #[test]
    fn a_profile_is_of_what_is_looked_at() {
        let bytes: Vec<u8> = (0..3 * STEP + 100).map(|n| (n * n / 7) as u8).collect();
        for looked_at in [0, 1, WINDOW, WINDOW + 1, STEP, 2 * STEP + 5, bytes.len()] {
            let alone = Measured::of(&bytes[..looked_at], looked_at).profile;
            assert_eq!(Measured::of(&bytes, looked_at).profile, alone, "{looked_at}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_part_is_as_if_counted_alone(seed in any::<u32>(), length in 0usize..5 * STEP, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
            let bytes: Vec<u8> = (0..length as u32).map(|n| (n.wrapping_mul(seed | 1) >> 20) as u8).collect();
            let (from, to) = (from.index(length + 1), to.index(length + 1));
            let part = &bytes[from.min(to)..from.max(to)];
            prop_assert_eq!(Measured::of(&bytes, length).entropy(part), of_counts(&count(part), part.len()));
        }
    }
}
