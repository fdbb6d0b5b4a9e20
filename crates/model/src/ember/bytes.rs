//! What any file's bytes say as a whole: size, entropy, first bytes, how often each byte value stands there, and in
//! which entropy. One pass; counts are of blocks of 1,024 bytes, of which two neighbours make a window.
//!
//! Arithmetic is in the width and order of the original (NumPy's `float32` and its pairwise sum), since an entropy on the edge of
//! a bin is worth a different bin.

use super::numeric;
use std::sync::LazyLock;

const BLOCK: usize = 1024;
const WINDOW: usize = 2 * BLOCK;

/// What each count in a window adds to its entropy.
static TERMS: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let term = |count: usize| {
        let share = count as f32 / WINDOW as f32;
        if count == 0 { 0.0 } else { -share * share.log2() }
    };
    (0..=WINDOW).map(term).collect()
});

/// Appends 7 + 256 + 256 values.
pub(super) fn write(file: &[u8], counts: &Counts, is_pe: bool, row: &mut Vec<f32>) {
    row.push(file.len() as f32);
    row.push(numeric::entropy(counts.in_order_of_appearance(), file.len()) as f32);
    row.push(f32::from(u8::from(is_pe)));
    row.extend((0..4).map(|i| f32::from(file.get(i).copied().unwrap_or(0))));
    share(&counts.bytes, row);
    share(&counts.by_entropy, row);
}

/// Counts to shares of their sum, all in `f32` as the original does.
pub(super) fn share(counts: &[u64; 256], row: &mut Vec<f32>) {
    let start = row.len();
    row.extend(counts.iter().map(|count| *count as f32));
    let shares = &mut row[start..];
    let sum = numeric::pairwise_sum(shares);
    if sum > 0.0 {
        shares.iter_mut().for_each(|count| *count /= sum);
    }
}

pub(super) struct Counts {
    pub bytes: [u64; 256],
    /// Byte values in the order in which they first appear.
    order: [u8; 256],
    distinct: usize,
    /// 16 bins of entropy by 16 of byte value.
    by_entropy: [u64; 256],
}

impl Counts {
    const NONE: Counts = Counts { bytes: [0; 256], order: [0; 256], distinct: 0, by_entropy: [0; 256] };

    pub(super) fn of(file: &[u8]) -> Self {
        let mut counts = Counts::NONE;
        let mut before: Option<[u16; 16]> = None;
        for block in file.chunks(BLOCK) {
            let coarse = counts.block(block);
            if let Some(before) = before.filter(|_| block.len() == BLOCK) {
                counts.window(std::array::from_fn(|i| before[i] + coarse[i]));
            }
            before = Some(coarse);
            if file.len() < WINDOW && block.len() < BLOCK || file.len() == BLOCK {
                // Shorter than a window: the file is one, however short (its shares still count against a whole window).
                let mut whole = [0u16; 16];
                file.iter().for_each(|byte| whole[usize::from(byte >> 4)] += 1);
                counts.window(whole);
            }
        }
        counts
    }

    /// Entropy of some bytes, in bits; 0 of none.
    pub(super) fn entropy(bytes: &[u8]) -> f64 {
        let mut counts = Counts::NONE;
        // Blocks as long as their counts may be.
        for block in bytes.chunks(32 * BLOCK) {
            counts.block(block);
        }
        numeric::entropy(counts.in_order_of_appearance(), bytes.len())
    }

    /// Counts a block's bytes; gives them by their upper half.
    fn block(&mut self, block: &[u8]) -> [u16; 16] {
        // Four tables, since equal neighbours would wait for each other in one.
        let mut tables = [[0u16; 256]; 4];
        let (fours, rest) = block.as_chunks::<4>();
        for four in fours {
            for (table, byte) in tables.iter_mut().zip(four) {
                table[usize::from(*byte)] += 1;
            }
        }
        rest.iter().for_each(|byte| tables[0][usize::from(*byte)] += 1);
        let [mut counts, others @ ..] = tables;
        for other in &others {
            counts.iter_mut().zip(other).for_each(|(count, other)| *count += other);
        }
        let mut coarse = [0u16; 16];
        let (bins, _) = counts.as_chunks::<16>();
        for (sum, bin) in coarse.iter_mut().zip(bins) {
            bin.iter().for_each(|count| *sum = sum.wrapping_add(*count));
        }
        let is_new = |(count, before): (&u16, &u64)| *count > 0 && *before == 0;
        if self.distinct < 256 && counts.iter().zip(&self.bytes).any(is_new) {
            let mut seen: [bool; 256] = std::array::from_fn(|value| self.bytes[value] > 0);
            for &byte in block {
                if !std::mem::replace(&mut seen[usize::from(byte)], true) {
                    self.order[self.distinct] = byte;
                    self.distinct += 1;
                }
            }
        }
        self.bytes.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += u64::from(*count));
        coarse
    }

    fn window(&mut self, coarse: [u16; 16]) {
        let mut terms = [0f32; 16];
        let mut used = 0;
        for count in coarse.into_iter().filter(|count| *count > 0) {
            terms[used] = TERMS[usize::from(count)];
            used += 1;
        }
        // Half a byte was looked at, so the bits count double; two bins a bit.
        let entropy = numeric::pairwise_sum(&terms[..used]) * 2.0;
        let bin = ((entropy * 2.0) as usize).min(15);
        for (value, count) in coarse.into_iter().enumerate() {
            self.by_entropy[bin * 16 + value] += u64::from(count);
        }
    }

    fn in_order_of_appearance(&self) -> impl Iterator<Item = u64> {
        self.order[..self.distinct].iter().map(|value| self.bytes[usize::from(*value)])
    }
}
