//! Hostile bytes as text. What the kernel hands us (arguments, paths, names) may hold anything; nothing of it is dropped
//! on the way in, and nothing of it reaches a terminal unescaped on the way out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Bytes to a string, losing nothing: valid UTF-8 stays as it is, every other byte becomes `\xNN`.
pub fn from_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// A string for a person's terminal or page: control characters, terminal escapes, line breaks and the characters that
/// reorder or hide text are written as `\u{…}` (`\n`, `\r`, `\t` by their short names).
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if hides(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{3164}')
}

/// At most `max` bytes of `text`, cut at a character.
pub fn clip(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_byte() {
        assert_eq!(from_bytes(b"caf\xc3\xa9 \xff\xfe."), "café \\xff\\xfe.");
        assert_eq!(from_bytes(b"plain"), "plain");
    }

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        let check = |input, expected: &str| assert_eq!(printable(input), expected);
        check("ls -la", "ls -la");
        check("\x1b[2Jgone\r\n", "\\u{1b}[2Jgone\\r\\n");
        check("exe\u{202e}gpj", "exe\\u{202e}gpj");
        check("\u{9b}31m", "\\u{9b}31m");
    }

    #[test]
    fn clips_between_characters() {
        assert_eq!(clip("aé", 2), "a");
        assert_eq!(clip("aé", 3), "aé");
    }
}
