//! Statistics of a text: how it is written, and not what it does. Obfuscation shows in density, line lengths, escapes, names without
//! vowels, and encoded runs.

use super::words::Words;
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
    let Words { count, letters, longest, odd, hex, base64, base64_bytes, .. } = Words::of(text);
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
