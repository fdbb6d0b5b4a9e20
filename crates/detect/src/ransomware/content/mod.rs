//! What the bytes of a file tell, from samples that the agent reads: of what kind it is, how like noise, and whether what it
//! is now can have come out of what it was by honest work.

mod compare;
#[cfg(test)]
mod tests;

pub use compare::{Harm, harm, made_unreadable};

use super::format::{is_text, kind_of};
use super::words::Words;
use std::hash::{DefaultHasher, Hash, Hasher};

pub use super::format::ContentKind;

/// Bytes of one sampled block.
pub const SAMPLE_BYTES: u64 = 4096;
const SAMPLE_BLOCKS: u64 = 32;
/// A block is compared in parts, so that a few kilobytes of a small file count.
const PART_BYTES: usize = 512;
const PARTS: usize = SAMPLE_BYTES as usize / PART_BYTES;
/// Percent of what noise of its length shows, from which a block is noise.
const NOISE: u16 = 90;
/// Of a text's beginning.
const FRONT: usize = 256;
/// Blocks whose words are looked at.
const READ_BLOCKS: usize = 8;

/// Where a file of this size is looked at: its head, its last block, and evenly between.
pub fn sample_offsets(size: u64) -> Vec<u64> {
    let blocks = size.div_ceil(SAMPLE_BYTES).max(1);
    let taken = blocks.min(SAMPLE_BLOCKS);
    let last = blocks - 1;
    (0..taken).map(|n| if taken == 1 { 0 } else { n * last / (taken - 1) * SAMPLE_BYTES }).collect()
}

/// What is kept of a file's content to compare it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub size: u64,
    pub kind: ContentKind,
    /// Its first bytes are text.
    front: bool,
    blocks: Vec<Block>,
    words: Words,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    offset: u64,
    parts: [u32; PARTS],
    /// Percent of the entropy that a block of this length can have.
    noise: u16,
    blank: bool,
    text: bool,
}

impl Sample {
    /// `blocks`: what was read at [`sample_offsets`], in that order; shorter ones at the end of the file.
    pub fn of<'a>(size: u64, blocks: impl IntoIterator<Item = (u64, &'a [u8])>) -> Sample {
        let mut sample =
            Sample { size, kind: ContentKind::Opaque, front: false, blocks: Vec::new(), words: Words::default() };
        let mut blank = true;
        for (offset, bytes) in blocks {
            let block = Block::of(offset, bytes);
            if offset == 0 {
                let front = &bytes[..bytes.len().min(FRONT)];
                sample.kind = kind_of(bytes);
                sample.front = is_text(front) || front.iter().all(|byte| *byte == 0);
            } else if blank && !block.blank && block.text {
                // A log that was cut under its writer begins with a hole.
                sample.kind = ContentKind::Text;
            }
            if sample.kind == ContentKind::Text && sample.blocks.len() < READ_BLOCKS {
                sample.words.take(bytes);
            }
            blank &= block.blank;
            sample.blocks.push(block);
        }
        if blank && size > 16 {
            sample.kind = ContentKind::Blank;
        }
        sample
    }

    pub fn is_opaque(&self) -> bool {
        self.kind == ContentKind::Opaque && self.noise() >= NOISE || self.kind == ContentKind::Encoded
    }

    fn noise(&self) -> u16 {
        let sum: u32 = self.blocks.iter().map(|block| u32::from(block.noise)).sum();
        sum.checked_div(self.blocks.len() as u32).map_or(0, |mean| mean as u16)
    }
}

impl Block {
    fn of(offset: u64, bytes: &[u8]) -> Block {
        let mut parts = [0; PARTS];
        parts.iter_mut().zip(bytes.chunks(PART_BYTES)).for_each(|(part, bytes)| *part = digest(bytes));
        Block {
            offset,
            parts,
            noise: noise(bytes),
            blank: bytes.windows(2).all(|pair| pair[0] == pair[1]),
            text: is_text(bytes),
        }
    }
}

fn digest(bytes: &[u8]) -> u32 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish() as u32
}

/// Shannon entropy in percent of what this many bytes of pure noise show.
fn noise(bytes: &[u8]) -> u16 {
    if bytes.len() < 32 {
        return 0;
    }
    let mut counts = [0u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let length = bytes.len() as f64;
    let bits =
        |count: &u32| if *count == 0 { 0.0 } else { -f64::from(*count) / length * (f64::from(*count) / length).log2() };
    let entropy: f64 = counts.iter().map(bits).sum();
    // Noise of n bytes is a little short of its bound: of 256 bytes it shows 7.2 bits, of 4096 7.95.
    let bound =
        8.0_f64.min(length.log2()) - if length < 1024.0 { 0.6 * (256.0 / length.max(64.0)).min(1.0) } else { 0.0 };
    (entropy / bound * 100.0).min(100.0) as u16
}
