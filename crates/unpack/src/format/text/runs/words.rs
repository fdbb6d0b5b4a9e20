//! Long words of digits: where one ends, over quotes and line breaks, and whether it is code or a name.

use super::WORDS;
use crate::codec::sextet;

const BASE64_IN_A_LINE: usize = 20;
const BASE64_IN_QUOTES: usize = 8;

/// Of a run: its upper letters, digits, padding and line ends.
pub(in crate::format::text) fn is_base32(byte: &u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7' | b'=') || byte.is_ascii_whitespace() || is_quote(*byte)
}

pub(in crate::format::text) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Where a text in quotes that ends here goes on: `"…" + "…"`, `"…", "…"`.
pub(in crate::format::text) fn next_piece(text: &[u8], end: usize) -> Option<usize> {
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
pub(in crate::format::text) fn joined(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
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
pub(in crate::format::text) fn word(text: &[u8], start: usize) -> (usize, usize, bool) {
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
pub(in crate::format::text) fn varied(run: &[u8]) -> bool {
    let any = |such: fn(&u8) -> bool| run.iter().any(such);
    run.len() >= WORDS && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_digit)
}

/// Base64 of anything has upper and lower case and digits; words, paths and names seldom have all.
pub(in crate::format::text) fn mixed(run: &[u8]) -> bool {
    let upper = run.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = run.iter().filter(|b| b.is_ascii_lowercase()).count();
    let slashes = run.iter().filter(|b| matches!(b, b'/' | b'-' | b'_')).count();
    upper * 12 > run.len() && lower * 16 > run.len() && slashes * 8 < run.len().max(64)
}

/// Several lines of one length that a tool breaks at: base64 of what is mostly zeros is not mixed.
pub(in crate::format::text) fn in_equal_lines(run: &[u8]) -> bool {
    let mut lines = run.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().len());
    let Some(first) = lines.next().filter(|first| first.is_multiple_of(4) && (60..=1024).contains(first)) else {
        return false;
    };
    let rest: Vec<usize> = lines.collect();
    rest.len() >= 3 && rest[..rest.len() - 1].iter().all(|len| *len == first)
}
