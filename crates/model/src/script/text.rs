//! Statistics of a text: how it is written, and not what it does. Obfuscation shows in density, line lengths, escapes, names without
//! vowels, and encoded runs.

use crate::recorder::{Phrase, Recorder, log, share};

macro_rules! phrases {
    ($($name:ident, $key:literal, $en:literal, $none_en:literal, $ja:literal, $none_ja:literal;)*) => {
        $(pub const $name: Phrase = Phrase { key: $key, en: $en, none_en: $none_en, ja: $ja, none_ja: $none_ja };)*
    };
}

phrases! {
    SIZE, "text.size", "how long it is", "empty", "テキストの長さ", "空";
    LINES, "text.lines", "how long its lines are", "no lines", "行の長さ", "行なし";
    DENSITY, "text.density", "how dense its text is", "no text", "テキストの情報密度", "テキストなし";
    MIX, "text.mix", "which characters it is written in", "none of those characters", "使われる文字の種類", "該当文字なし";
    ENCODED, "text.encoded", "encoded data in it", "no encoded data", "符号化されたデータ", "符号化データなし";
    NAMES, "text.names", "names that say nothing", "names that can be read", "意味のない名前", "読める名前";
    PROSE, "text.prose", "how much is explained in comments", "no comments", "コメントの量", "コメントなし";
}

const DIGIT: u8 = 1;
const VOWEL: u8 = 2;

/// What each byte of a word counts as.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut n = 0;
    while n < 256 {
        let byte = n as u8;
        if byte.is_ascii_digit() {
            classes[n] |= DIGIT;
        }
        if matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'A' | b'E' | b'I' | b'O' | b'U' | b'Y') {
            classes[n] |= VOWEL;
        }
        n += 1;
    }
    classes
};

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'_')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=')
}

/// Calls `each` with every longest run of such bytes. 64 bytes are told apart at a time, and only where a run begins or
/// ends is there anything to do.
fn runs<'t>(text: &'t [u8], such: impl Fn(u8) -> bool, mut each: impl FnMut(&'t [u8])) {
    let mut start = None;
    let (blocks, rest) = text.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    // Behind the text nothing is such.
    let beyond = if rest.is_empty() { 0 } else { u64::MAX << rest.len() };
    let masks = blocks.iter().map(|block| mask(block, &such)).chain([mask(&last, &such) & !beyond, 0]);
    let mut before = 0;
    for (n, mask) in masks.enumerate() {
        let mut edges = mask ^ (mask << 1 | before);
        before = mask >> 63;
        while edges != 0 {
            let at = n * 64 + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            match start.take() {
                None => start = Some(at),
                Some(start) => each(&text[start..at]),
            }
        }
    }
}

/// A bit a byte, the first lowest.
fn mask(block: &[u8; 64], such: impl Fn(u8) -> bool) -> u64 {
    let flags: [u8; 64] = std::array::from_fn(|n| u8::from(such(block[n])));
    let (eights, _) = flags.as_chunks::<8>();
    // The product brings the lowest bit of each byte into the highest byte.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().enumerate().fold(0, |mask, (n, eight)| mask | bits(eight) << (n * 8))
}

pub fn write(text: &[u8], row: &mut Recorder) {
    // Four tallies in turn: equal bytes in a row would wait for each other's count.
    let mut tallies = [[0u32; 256]; 4];
    for (n, byte) in text.iter().enumerate() {
        tallies[n % 4][usize::from(*byte)] += 1;
    }
    let counts: [u32; 256] = std::array::from_fn(|n| tallies.iter().map(|tally| tally[n]).sum());
    let all = text.len();
    let sum = |wanted: fn(u8) -> bool| (0..=255u8).filter(|b| wanted(*b)).map(|b| counts[usize::from(b)]).sum::<u32>();
    row.put(SIZE, "text.size", log(all));
    row.put(DENSITY, "text.entropy", entropy(&counts, all));
    for (name, count) in [
        ("digits", sum(|b| b.is_ascii_digit())),
        ("upper", sum(|b| b.is_ascii_uppercase())),
        ("lower", sum(|b| b.is_ascii_lowercase())),
        ("blank", sum(|b| matches!(b, b' ' | b'\t'))),
        ("high", sum(|b| b >= 0x80)),
        ("control", sum(|b| b < 0x20 && !matches!(b, b'\n' | b'\t' | b'\r'))),
    ] {
        row.put_of(MIX, "text.share", name, share(count, all));
    }
    for (name, byte) in [
        ("backslash", b'\\'),
        ("dollar", b'$'),
        ("percent", b'%'),
        ("semicolon", b';'),
        ("pipe", b'|'),
        ("ampersand", b'&'),
        ("quote", b'\''),
        ("double_quote", b'"'),
        ("parenthesis", b'('),
        ("bracket", b'['),
        ("brace", b'{'),
        ("plus", b'+'),
        ("dot", b'.'),
        ("equals", b'='),
        ("slash", b'/'),
        ("backtick", b'`'),
        ("at", b'@'),
        ("greater", b'>'),
        ("comma", b','),
    ] {
        row.put_of(MIX, "text.share", name, share(counts[usize::from(byte)], all));
    }
    lines(text, row);
    words(text, row);
}

fn lines(text: &[u8], row: &mut Recorder) {
    let (mut count, mut blank, mut comments, mut longest, mut long) = (0u32, 0u32, 0u32, &[][..], 0u32);
    let mut rest = Some(text);
    while let Some(left) = rest {
        let line = memchr::memchr(b'\n', left).map_or(left, |end| &left[..end]);
        rest = left.get(line.len() + 1..);
        let trimmed = line.trim_ascii();
        count += 1;
        blank += u32::from(trimmed.is_empty());
        comments += u32::from(
            [&b"#"[..], b"//", b"*", b"/*"].iter().any(|mark| trimmed.starts_with(mark)) && !trimmed.starts_with(b"#!"),
        );
        long += u32::from(line.len() > 500);
        if line.len() > longest.len() {
            longest = line;
        }
    }
    row.put(LINES, "lines.count", log(count));
    row.put(LINES, "lines.mean", log(share(text.len(), count)));
    row.put(LINES, "lines.longest", log(longest.len()));
    row.put(LINES, "lines.longest_share", share(longest.len(), text.len()));
    row.put(LINES, "lines.long", long);
    row.put(PROSE, "lines.comments", share(comments, count));
    row.put(PROSE, "lines.blank", share(blank, count));
    let mut counts = [0u32; 256];
    longest.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    row.put(DENSITY, "lines.longest_entropy", entropy(&counts, longest.len()));
}

fn words(text: &[u8], row: &mut Recorder) {
    let (mut count, mut letters, mut odd, mut longest, mut hex, mut base64, mut base64_bytes) =
        (0u32, 0u64, 0u32, 0usize, 0u32, 0u32, 0u64);
    runs(text, is_word, |word| {
        count += 1;
        letters += word.len() as u64;
        longest = longest.max(word.len());
        // Shorter ones are neither odd nor digests.
        if word.len() < 6 {
            return;
        }
        let (digits, vowels) = word.iter().fold((0, 0), |(digits, vowels), byte| {
            let class = CLASSES[usize::from(*byte)];
            (digits + usize::from(class & DIGIT), vowels + usize::from(class >> 1))
        });
        odd += u32::from(word.len() > digits && vowels * 8 < word.len());
        hex += u32::from(word.len() >= 32 && word.iter().all(u8::is_ascii_hexdigit));
    });
    runs(text, is_base64, |run| {
        if run.len() < 40 {
            return;
        }
        let mixed = run.iter().any(u8::is_ascii_digit)
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase);
        base64 += u32::from(mixed);
        base64_bytes += if mixed { run.len() as u64 } else { 0 };
    });
    row.put(SIZE, "words.count", log(count));
    row.put(NAMES, "words.mean", share(letters, count));
    row.put(NAMES, "words.longest", log(longest));
    row.put(NAMES, "words.odd", share(odd, count));
    row.put(ENCODED, "encoded.hex", log(hex));
    row.put(ENCODED, "encoded.base64", log(base64));
    row.put(ENCODED, "encoded.share", share(base64_bytes, text.len()));
    // Escapes and joins, as shares of the text: a few are in every program.
    let (mut hex, mut octal, mut unicode) = (0usize, 0usize, 0usize);
    for at in memchr::memchr_iter(b'\\', text) {
        match text.get(at + 1) {
            Some(b'x') => hex += 1,
            Some(b'0'..=b'9') => octal += 1,
            Some(b'u') => unicode += 1,
            _ => {}
        }
    }
    let percent = memchr::memchr_iter(b'%', text).filter(|at| text.get(at + 1).is_some_and(u8::is_ascii_hexdigit));
    row.put(ENCODED, "escapes.hex", share(hex * 4, text.len()));
    row.put(ENCODED, "escapes.octal", share(octal * 4, text.len()));
    row.put(ENCODED, "escapes.unicode", share(unicode * 6, text.len()));
    row.put(ENCODED, "escapes.percent", share(percent.count() * 3, text.len()));
    let quote = |at: usize| matches!(text.get(at), Some(b'\'' | b'"'));
    let joins = memchr::memchr2_iter(b'+', b'.', text).filter(|at| *at > 0 && quote(at - 1) && quote(at + 1)).count();
    row.put(ENCODED, "escapes.joins", share(joins * 3, text.len()));
}

fn entropy(counts: &[u32; 256], all: usize) -> f32 {
    if all == 0 {
        return 0.0;
    }
    let all = all as f32;
    let part = |count: &u32| if *count == 0 { 0.0 } else { -(*count as f32 / all) * (*count as f32 / all).log2() };
    counts.iter().map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_what_splitting_gives(text in proptest::collection::vec(prop_oneof![Just(b'a'), Just(b' '), any::<u8>()], 0..400)) {
            let mut found = Vec::new();
            runs(&text, is_word, |run| found.push(run));
            let split: Vec<&[u8]> = text.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(found, split);
        }
    }
}
