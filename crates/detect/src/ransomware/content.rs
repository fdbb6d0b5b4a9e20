//! What the bytes of a file tell, from samples that the agent reads: of what kind it is, how like noise, and whether what it
//! is now can have come out of what it was by honest work.

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
/// From which a whole file is packed so well that its blocks cannot become more like noise.
const DENSE: u16 = 85;
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

/// What became of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Nothing, or what honest programs do.
    None,
    /// Nothing to read in it now; it may be under work.
    Emptied,
    /// In a word, how.
    Lost(&'static str),
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

/// What was made of `before`. Formats that are written once and then only read are held to it: no honest program changes
/// the middle of a picture without changing its length.
pub fn harm(before: &Sample, after: &Sample) -> Harm {
    use ContentKind::{Blank, Encoded, Format, Opaque, Text};
    if after.size == 0 {
        return if before.size == 0 { Harm::None } else { Harm::Emptied };
    }
    match (before.kind, after.kind) {
        (Blank, _) => return Harm::None,
        (_, Blank) => return Harm::Lost("wiped"),
        (Format(_), Opaque | Encoded) => return Harm::Lost("its format is gone"),
        (Format(_), Text) if !before.kind.is_program() => return Harm::Lost("its format is gone"),
        (Text, Encoded) => return Harm::Lost("its text is encoded"),
        (Text | Encoded, Opaque) => return Harm::Lost("its text is none any more"),
        // To put a known head before noise is easy; an honest program gives what it packs another name.
        (Text, Format(_)) if after.noise() >= NOISE => return Harm::Lost("its text was packed under the same name"),
        // A picture that became another kind of picture.
        (Format(was), Format(is)) if was != is => return Harm::None,
        (Text, Text) if before.front && !after.front => return Harm::Lost("its beginning is gone"),
        (Text, Text)
            if keeps_size(before, after) && before.words.are_gone_from(&after.words, before.size == after.size) =>
        {
            return Harm::Lost("its words are gone");
        }
        _ => {}
    }
    Comparison::of(before, after).harm(before, after)
}

/// What a copy is that was made of a file before that was deleted: None when it still tells what the file told.
pub fn made_unreadable(before: &Sample, copy: &Sample) -> Option<&'static str> {
    if matches!(copy.kind, ContentKind::Format(_) | ContentKind::Blank) || copy.size * 2 < before.size {
        return None;
    }
    match harm(before, copy) {
        Harm::Lost(how) => Some(how),
        _ => None,
    }
}

/// An encryption takes nothing away.
fn keeps_size(before: &Sample, after: &Sample) -> bool {
    after.size + after.size / 10 >= before.size
}

/// Blocks that were sampled at the same place before and after.
#[derive(Default)]
struct Comparison {
    common: usize,
    changed: usize,
    changed_parts: usize,
    noisy: usize,
    blanked: usize,
}

impl Comparison {
    fn of(before: &Sample, after: &Sample) -> Comparison {
        let mut seen = Comparison::default();
        let same_length = before.size == after.size || before.kind == ContentKind::Text;
        for block in &after.blocks {
            let Some(was) = before.blocks.iter().find(|was| was.offset == block.offset) else { continue };
            seen.common += 1;
            let parts = was.parts.iter().zip(&block.parts).filter(|(was, is)| was != is).count();
            if parts == 0 {
                continue;
            }
            seen.changed += 1;
            seen.changed_parts += parts;
            let noise = block.noise >= NOISE && was.noise + 12 <= block.noise;
            let unreadable = same_length && was.text && !block.text && !block.blank;
            seen.noisy += usize::from(noise || unreadable);
            seen.blanked += usize::from(block.blank && !was.blank);
        }
        seen
    }

    fn harm(&self, before: &Sample, after: &Sample) -> Harm {
        let all = |count: usize| count > 0 && count == self.common;
        let tenth = |count: usize| count >= 2 && count * 10 >= self.common;
        let living = before.kind.is_living();
        let noisy = if living { tenth(self.noisy) } else { self.noisy >= 2 && keeps_size(before, after) };
        let same_size = before.size == after.size;
        let dense = before.noise() >= DENSE;
        let is_document = matches!(before.kind, ContentKind::Format(_)) && !living && !before.kind.is_program();
        let both_opaque = before.kind == ContentKind::Opaque && after.kind == ContentKind::Opaque;
        if noisy || all(self.noisy) && (self.common > 1 || after.kind == ContentKind::Opaque) {
            Harm::Lost("parts of it became noise")
        } else if self.blanked >= 2 && self.blanked * 4 >= self.common && !has_hole(before, after) {
            Harm::Lost("parts of it were wiped")
        } else if dense && is_document && same_size && self.changed_parts >= 4 {
            Harm::Lost("its middle was overwritten at the same length")
        } else if dense && both_opaque && all(self.changed) && (before.size..=before.size + 4096).contains(&after.size)
        {
            Harm::Lost("it was overwritten with noise")
        } else {
            Harm::None
        }
    }
}

/// A log that was emptied, and whose writer goes on where it was.
fn has_hole(before: &Sample, after: &Sample) -> bool {
    let both_text = before.kind == ContentKind::Text && after.kind == ContentKind::Text;
    both_text && after.size >= before.size && after.blocks.last().is_some_and(|last| last.text)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(bytes: &[u8]) -> Sample {
        let size = bytes.len() as u64;
        let block = |at: u64| (at, &bytes[at as usize..bytes.len().min((at + SAMPLE_BYTES) as usize)]);
        Sample::of(size, sample_offsets(size).into_iter().map(block))
    }

    fn random(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    fn text(length: usize) -> Vec<u8> {
        b"The quick brown fox, in 1984, jumped over 12 lazy dogs; then it slept.\n"
            .iter()
            .copied()
            .cycle()
            .take(length)
            .collect()
    }

    fn png(length: usize, seed: u64) -> Vec<u8> {
        let mut bytes = random(length, seed);
        bytes[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
        bytes
    }

    fn base64(length: usize) -> Vec<u8> {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        random(length, 9)
            .iter()
            .enumerate()
            .map(|(n, b)| if n % 77 == 76 { b'\n' } else { LETTERS[usize::from(b % 64)] })
            .collect()
    }

    #[test]
    fn what_is_lost_and_what_is_not() {
        let lost = |what: &str, before: &[u8], after: &[u8]| {
            assert!(matches!(harm(&sample(before), &sample(after)), Harm::Lost(_)), "{what}");
        };
        let fine = |what: &str, before: &[u8], after: &[u8]| {
            assert_eq!(harm(&sample(before), &sample(after)), Harm::None, "{what}");
        };
        for length in [300, 2_000, 70_000, 900_000] {
            let plain = text(length);
            lost("text encrypted", &plain, &random(length, 3));
            lost("text encoded", &plain, &base64(length));
            lost("picture encrypted", &png(length, 5), &random(length, 3));
            lost("picture encoded", &png(length, 5), &base64(length));
            lost("wiped with zeros", &plain, &vec![0; length]);
            lost("wiped with 0xff", &png(length, 1), &vec![0xff; length]);
            let mut edited = plain.clone();
            edited.splice(10..20, *b"some other words");
            fine("text edited", &plain, &edited);
            fine("text replaced", &plain, b"a new and much shorter text, written by hand instead of the other one");
            fine("picture converted", &png(length, 5), &[b"\xff\xd8\xff".as_slice(), &random(length, 8)].concat());
            lost("packed under the same name", &plain, &[b"\x1f\x8b".as_slice(), &random(length / 2 + 64, 8)].concat());
        }
        let mut parts = text(900_000);
        for at in (0..900_000 - 16_384).step_by(32_768) {
            parts[at..at + 16_384].copy_from_slice(&random(16_384, at as u64 + 1));
        }
        lost("every other part", &text(900_000), &parts);
        let mut parts = png(900_000, 5);
        for at in (32_768..900_000 - 32_768).step_by(65_536) {
            parts[at..at + 32_768].copy_from_slice(&random(32_768, at as u64 + 1));
        }
        lost("every other part of a picture, its head whole", &png(900_000, 5), &parts);
        let mut header = png(900_000, 5);
        header[..4096].copy_from_slice(&random(4096, 77));
        lost("only the header", &png(900_000, 5), &header);
        assert_eq!(harm(&sample(&text(100)), &sample(b"")), Harm::Emptied);
        fine("a file of noise, of another length", &random(5_000, 1), &random(50_000, 2));
        fine(
            "a file of noise, a part of it",
            &random(50_000, 1),
            &[&random(30_000, 1)[..], &random(20_000, 2)].concat(),
        );
        lost("noise for noise", &random(50_000, 1), &random(50_000, 2));
        lost(
            "a cipher that keeps its entropy",
            &text(4_000),
            &text(4_000).iter().map(|b| b ^ 0xa5).collect::<Vec<_>>(),
        );
        lost("a few words", b"one line\n", &random(9, 3));
        lost("a picture as hex", &png(900, 1), "3f a2 00 9c ".repeat(300).as_bytes());
        let mut front = text(70_000);
        front[..64].copy_from_slice(&random(64, 5));
        lost("its first bytes only", &text(70_000), &front);
        let mut tail = png(6_000, 5);
        tail[3_000..].copy_from_slice(&random(3_000, 9));
        lost("the tail of a small picture", &png(6_000, 5), &tail);
        let mut sparse = text(900_000);
        (0..900_000 - 16)
            .step_by(64)
            .skip(64)
            .for_each(|at| sparse[at..at + 16].copy_from_slice(&random(16, at as u64 + 1)));
        lost("sixteen bytes of each sixty-four", &text(900_000), &sparse);
        fine("a log cut under its writer", &text(9_000), &[&vec![0; 9_000][..], &text(400)].concat());
        let wide: Vec<u8> = [255, 254].into_iter().chain(text(900).into_iter().flat_map(|byte| [byte, 0])).collect();
        fine("text of two bytes a letter", &text(900), &wide);
        let mut tagged = png(9_000, 5);
        tagged[100..140].copy_from_slice(&[7; 40]);
        fine("a tag in a picture", &png(9_000, 5), &tagged);
    }

    #[test]
    fn a_copy_that_tells_nothing() {
        let check = |what: &str, copy: &[u8], expected: bool| {
            assert_eq!(made_unreadable(&sample(&text(4_000)), &sample(copy)).is_some(), expected, "{what}");
        };
        check("noise", &random(4_016, 1), true);
        check("the text itself", &text(4_000), false);
        check("packed", &[b"\x1f\x8b".as_slice(), &random(1_500, 8)].concat(), false);
        check("encoded", &base64(5_400), true);
        check("a key beside it", &random(32, 8), false);
    }

    #[test]
    fn kinds() {
        let check = |bytes: &[u8], expected| assert_eq!(sample(bytes).kind, expected);
        check(&text(500), ContentKind::Text);
        check(&base64(5_000), ContentKind::Encoded);
        check(&random(5_000, 4), ContentKind::Opaque);
        check(&[0; 5_000], ContentKind::Blank);
        check(
            "日本語の文章です。これは普通の文書であり、暗号ではありません。".repeat(20).as_bytes(),
            ContentKind::Text,
        );
        assert!(matches!(sample(&png(100, 1)).kind, ContentKind::Format(_)));
        assert!(sample(&random(5_000, 4)).is_opaque() && sample(&base64(900)).is_opaque());
        assert!(!sample(&png(5_000, 4)).is_opaque() && !sample(&text(5_000)).is_opaque());
    }

    #[test]
    fn offsets_cover_head_and_tail() {
        for size in [0, 1, 4096, 4097, 100_000, 1 << 40] {
            let offsets = sample_offsets(size);
            assert_eq!(offsets[0], 0);
            assert!(offsets.windows(2).all(|pair| pair[0] < pair[1]), "{size}: {offsets:?}");
            assert!(size == 0 || *offsets.last().unwrap() / SAMPLE_BYTES == (size - 1) / SAMPLE_BYTES, "{size}");
        }
    }
}
