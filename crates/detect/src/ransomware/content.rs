//! What the bytes of a file tell, from samples that the agent reads: of what kind it is, how like noise, and whether what it
//! is now can have come out of what it was by honest work.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes of one sampled block.
pub const SAMPLE_BYTES: u64 = 4096;
const SAMPLE_BLOCKS: u64 = 32;
/// Hundredths of a bit a byte of 8 that noise reaches, measured against what a block of its length can reach.
const NOISE: u16 = 90;

/// Where a file of this size is looked at: its head, its last block, and evenly between.
pub fn sample_offsets(size: u64) -> Vec<u64> {
    let blocks = size.div_ceil(SAMPLE_BYTES).max(1);
    let taken = blocks.min(SAMPLE_BLOCKS);
    let last = blocks - 1;
    (0..taken).map(|n| if taken == 1 { 0 } else { n * last / (taken - 1) * SAMPLE_BYTES }).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// A known format: documents, pictures, archives, databases, programs. The number says which.
    Format(u8),
    Text,
    /// Text that is nothing but an encoding of bytes (base64, hex).
    Encoded,
    /// All bytes the same.
    Blank,
    Opaque,
}

/// What is kept of a file's content to compare it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub size: u64,
    pub kind: ContentKind,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    offset: u64,
    digest: u64,
    /// Percent of the entropy that a block of this length can have.
    noise: u16,
    blank: bool,
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
        let mut kind = ContentKind::Opaque;
        let mut all = Vec::new();
        let mut blank = true;
        for (offset, bytes) in blocks {
            let block = Block {
                offset,
                digest: digest(bytes),
                noise: noise(bytes),
                blank: bytes.windows(2).all(|pair| pair[0] == pair[1]),
            };
            if offset == 0 {
                kind = kind_of(bytes);
            }
            blank &= block.blank;
            all.push(block);
        }
        if blank && size > 16 {
            kind = ContentKind::Blank;
        }
        Sample { size, kind, blocks: all }
    }

    pub fn is_opaque(&self) -> bool {
        matches!(self.kind, ContentKind::Opaque) && self.noise() >= NOISE || self.kind == ContentKind::Encoded
    }

    fn noise(&self) -> u16 {
        let sum: u32 = self.blocks.iter().map(|block| u32::from(block.noise)).sum();
        sum.checked_div(self.blocks.len() as u32).map_or(0, |mean| mean as u16)
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
        (Text, Encoded) => return Harm::Lost("its text is encoded"),
        (Text, Opaque) if head(after) >= NOISE => return Harm::Lost("its text became noise"),
        // To put a known head before noise is easy; an honest program gives what it packs another name.
        (Text, Format(_)) if after.noise() >= NOISE => return Harm::Lost("its text was packed under the same name"),
        // A picture that became another kind of picture.
        (Format(was), Format(is)) if was != is => return Harm::None,
        _ => {}
    }
    let mut common = 0usize;
    let (mut changed, mut noisy, mut blanked) = (0usize, 0usize, 0usize);
    for block in &after.blocks {
        let Some(was) = before.blocks.iter().find(|was| was.offset == block.offset) else { continue };
        common += 1;
        if was.digest == block.digest {
            continue;
        }
        changed += 1;
        noisy += usize::from(block.noise >= NOISE && was.noise + 12 <= block.noise);
        blanked += usize::from(block.blank && !was.blank);
    }
    let enough = |count: usize| count >= 2 && count * 10 >= common || count == common && count > 0;
    let dense = matches!(before.kind, Format(_)) && before.noise() >= NOISE;
    if enough(noisy) && (common > 1 || after.kind == Opaque) {
        Harm::Lost("parts of it became noise")
    } else if blanked >= 2 && blanked * 4 >= common {
        Harm::Lost("parts of it were wiped")
    } else if dense && before.size == after.size && changed >= 2 && changed * 5 >= common {
        Harm::Lost("its middle was overwritten at the same length")
    } else {
        Harm::None
    }
}

fn head(sample: &Sample) -> u16 {
    sample.blocks.first().map_or(0, |block| block.noise)
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
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

/// By its first bytes.
fn kind_of(head: &[u8]) -> ContentKind {
    if let Some(at) =
        FORMATS.iter().position(|(offset, magic)| head.get(*offset..).is_some_and(|h| h.starts_with(magic)))
    {
        return ContentKind::Format(at as u8);
    }
    let odd = |byte: &&u8| **byte < 9 || (**byte > 13 && **byte < 32 && **byte != 27) || **byte == 127;
    if head.is_empty() || head.iter().filter(odd).count() * 50 > head.len() {
        return ContentKind::Opaque;
    }
    let high = head.iter().filter(|byte| **byte >= 128).count();
    // Latin-1 and UTF-8 texts have letters between; noise without control characters does not happen.
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to() + 4 > head.len(), |_| true);
    if high * 2 > head.len() && !is_utf8 {
        return ContentKind::Opaque;
    }
    if is_encoded(head) { ContentKind::Encoded } else { ContentKind::Text }
}

/// Long runs of an alphabet without words: no spaces, and lines of one length or none.
fn is_encoded(head: &[u8]) -> bool {
    let alphabet =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\n' | b'\r');
    if head.len() < 64 || !head.iter().all(alphabet) {
        return false;
    }
    let body = head.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')).count();
    let lines = head.split(|byte| *byte == b'\n').collect::<Vec<_>>();
    let first = lines.first().map_or(0, |line| line.len());
    let even = lines.len() == 1 || lines[..lines.len() - 1].iter().all(|line| line.len() == first);
    let digits = head.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mixed = digits * 20 > body && digits * 10 < body * 9;
    first >= 40 && even && mixed
}

/// Offset and magic. Encrypted containers of honest tools are among them: what they make says what it is.
const FORMATS: &[(usize, &[u8])] = &[
    (0, b"PK\x03\x04"),
    (0, b"%PDF-"),
    (0, b"\xff\xd8\xff"),
    (0, b"\x89PNG\r\n"),
    (0, b"GIF8"),
    (0, b"\x1f\x8b"),
    (0, b"\xfd7zXZ\0"),
    (0, b"\x28\xb5\x2f\xfd"),
    (0, b"BZh"),
    (0, b"7z\xbc\xaf\x27\x1c"),
    (0, b"Rar!\x1a\x07"),
    (0, b"\x7fELF"),
    (0, b"SQLite format 3\0"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    (4, b"ftyp"),
    (0, b"ID3"),
    (0, b"OggS"),
    (0, b"RIFF"),
    (0, b"fLaC"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"BM"),
    (0, b"8BPS"),
    (257, b"ustar"),
    (0, b"QFI\xfb"),
    (0, b"KDMV"),
    (0, b"MZ"),
    (0, b"\x04\x22\x4d\x18"),
    (0, b"!<arch>\n"),
    (0, b"PGDMP"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"\xca\xfe\xba\xbe"),
    (0, b"DIRC"),
    (0, b"PACK"),
    (0, b"LUKS\xba\xbe"),
    (0, b"age-encryption.org/"),
    (0, b"-----BEGIN"),
    (0, b"\x8c\x0d\x04"),
    (0, b"\x85\x01"),
    (0, b"\x85\x02"),
    (0, b"{\\rtf"),
    // zlib, as git keeps its objects
    (0, b"x\x01"),
    (0, b"x\x9c"),
    (0, b"x\xda"),
    (0, b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"),
];

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
        fine("a file that was noise already", &random(5_000, 1), &random(5_000, 2));
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
