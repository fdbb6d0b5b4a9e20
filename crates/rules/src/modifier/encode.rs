//! Values as an attacker may have written them: base64 at any offset, UTF-16, the dashes that Windows programs take.

use super::ModifierError;
use crate::pattern::{Part, Pattern};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const MAX_DASHES: usize = 4;

const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
const UTF16: [&str; 4] = ["wide", "utf16le", "utf16be", "utf16"];

/// The bytes behind a value: a UTF-16 modifier before left NUL-ridden text, which for `utf16` and `utf16be` may hold
/// escapes of bytes that are no UTF-8; these are made bytes again.
pub(super) fn bytes(text: &str, before: &[&str]) -> Vec<u8> {
    if before.iter().any(|modifier| UTF16.contains(modifier)) { unescape(text) } else { text.as_bytes().to_vec() }
}

pub(super) fn base64(bytes: &[u8]) -> Pattern {
    Pattern::literal(STANDARD.encode(bytes))
}

/// The three ways base64 shows bytes that stand somewhere inside a longer text, less the characters that depend on the
/// neighbours.
pub(super) fn base64_offsets(bytes: &[u8]) -> Vec<Pattern> {
    const SKIP: [usize; 3] = [0, 2, 3];
    const DROP: [usize; 3] = [0, 3, 2];
    (0..3)
        .filter_map(|offset| {
            let mut padded = vec![b' '; offset];
            padded.extend_from_slice(bytes);
            let encoded = STANDARD.encode(&padded);
            let end = encoded.len().saturating_sub(DROP[padded.len() % 3]);
            encoded.get(SKIP[offset]..end).filter(|text| !text.is_empty()).map(Pattern::literal)
        })
        .collect()
}

pub(super) fn utf16(text: &str, modifier: &str) -> Vec<u8> {
    let units = text.encode_utf16();
    match modifier {
        "utf16be" => units.flat_map(u16::to_be_bytes).collect(),
        "utf16" => [0xff, 0xfe].into_iter().chain(units.flat_map(u16::to_le_bytes)).collect(),
        _ => units.flat_map(u16::to_le_bytes).collect(),
    }
}

/// As events show such bytes: valid UTF-8 as it is, any other byte as `\xNN`.
pub(super) fn as_text(bytes: &[u8]) -> String {
    event::text::from_bytes(bytes).into_owned()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let digits = rest.get(at + 2..at + 4).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let (byte, next) = digits.map_or((b'\\', at + 1), |byte| (byte, at + 4));
        out.push(byte);
        rest = &rest[next..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Each dash or slash that begins an option, in all its forms.
pub(super) fn dashes(pattern: &Pattern) -> Result<Vec<Pattern>, ModifierError> {
    let mut done = vec![Pattern::default()];
    let mut seen = 0;
    let mut before = ' ';
    for (at, part) in pattern.0.iter().enumerate() {
        let Part::Text(text) = part else {
            before = ' ';
            done.iter_mut().for_each(|head| head.push(part.clone()));
            continue;
        };
        let chars: Vec<char> = text.chars().collect();
        for (index, &c) in chars.iter().enumerate() {
            let next = chars.get(index + 1).copied().or_else(|| pattern.0.get(at + 1).map(|_| ' ')).unwrap_or(' ');
            let option = matches!(c, '-' | '/') && !is_word(before) && is_word(next);
            let forms: &[char] = if option { &DASHES } else { std::slice::from_ref(&c) };
            seen += usize::from(option);
            if seen > MAX_DASHES {
                return Err(ModifierError::Dashes(seen));
            }
            done = done.iter().flat_map(|head| forms.iter().map(|form| with(head, *form))).collect();
            before = c;
        }
    }
    Ok(done)
}

fn with(head: &Pattern, c: char) -> Pattern {
    let mut out = head.clone();
    out.push(Part::Text(c.to_string()));
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
