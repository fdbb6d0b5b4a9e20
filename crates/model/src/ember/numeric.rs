//! Sums and entropies in the order in which Python and NumPy make them: floating point is not associative, and these features are
//! compared with thresholds that were learned from theirs.

use std::ops::AddAssign;

/// NumPy's sum of a contiguous array: up to 128 values in eight lanes, more in halves.
pub(super) fn pairwise_sum<T: Copy + Default + AddAssign>(values: &[T]) -> T {
    let mut sum = T::default();
    if values.len() < 8 {
        values.iter().for_each(|value| sum += *value);
        return sum;
    }
    if values.len() > 128 {
        let half = values.len() / 2 / 8 * 8;
        sum = pairwise_sum(&values[..half]);
        sum += pairwise_sum(&values[half..]);
        return sum;
    }
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = chunks[0];
    for chunk in &chunks[1..] {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += *value;
        }
    }
    // ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))
    for width in [4, 2, 1] {
        let step = 4 / width;
        for i in 0..width {
            let other = lanes[2 * i * step + step];
            lanes[2 * i * step] += other;
        }
    }
    sum = lanes[0];
    rest.iter().for_each(|value| sum += *value);
    sum
}

/// Shannon entropy in bits of counts that add up to `total`, summed in their order; 0 of nothing.
pub(super) fn entropy(counts: impl Iterator<Item = u64>, total: usize) -> f64 {
    let total = total as f64;
    let mut entropy = 0.0;
    for count in counts {
        let share = count as f64 / total;
        entropy -= share * (share.ln() / std::f64::consts::LN_2);
    }
    entropy
}
