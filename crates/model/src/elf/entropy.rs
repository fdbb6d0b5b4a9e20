//! How evenly bytes are spread, of a whole file and of its 4 KiB windows, in bits a byte.

/// Window of [`Profile`].
const WINDOW: usize = 4_096;

pub fn of(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    of_counts(&counts, bytes.len())
}

fn of_counts(counts: &[u32; 256], all: usize) -> f32 {
    if all == 0 {
        return 0.0;
    }
    let all = all as f32;
    let sum: f32 = counts.iter().filter(|count| **count > 0).map(|count| *count as f32 * (*count as f32).log2()).sum();
    (all.log2() - sum / all).max(0.0)
}

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

pub fn profile(bytes: &[u8]) -> Profile {
    let mut all = [0u32; 256];
    let (mut lowest, mut highest, mut sum) = (8.0f32, 0.0f32, 0.0f32);
    let (mut windows, mut dense, mut empty) = (0u32, 0u32, 0u32);
    for window in bytes.chunks(WINDOW) {
        let mut counts = [0u32; 256];
        for byte in window {
            counts[usize::from(*byte)] += 1;
        }
        all.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        let entropy = of_counts(&counts, window.len());
        (lowest, highest) = (lowest.min(entropy), highest.max(entropy));
        sum += entropy;
        windows += 1;
        dense += u32::from(entropy > 7.2);
        empty += u32::from(entropy < 1.0);
    }
    let of_windows = |count: u32| if windows == 0 { 0.0 } else { count as f32 / windows as f32 };
    let mut bins = [0.0; 16];
    for (byte, count) in all.iter().enumerate() {
        bins[byte / 16] += *count as f32 / bytes.len().max(1) as f32;
    }
    Profile {
        whole: of_counts(&all, bytes.len()),
        lowest: if windows == 0 { 0.0 } else { lowest },
        highest,
        mean: if windows == 0 { 0.0 } else { sum / windows as f32 },
        dense: of_windows(dense),
        empty: of_windows(empty),
        bins,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_zero_for_one_byte_and_eight_for_all() {
        assert_eq!(of(b""), 0.0);
        assert_eq!(of(&[7; 100]), 0.0);
        let all: Vec<u8> = (0..=255).collect();
        assert!((of(&all) - 8.0).abs() < 1e-5);
        let half = [vec![0u8; 4096], all.repeat(16)].concat();
        let profile = profile(&half);
        assert_eq!((profile.lowest, profile.dense, profile.empty), (0.0, 0.5, 0.5));
        assert!((profile.highest - 8.0).abs() < 1e-4 && (profile.mean - 4.0).abs() < 1e-4);
    }
}
