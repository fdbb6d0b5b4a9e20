//! A text turned round: backwards, or each letter thirteen on. And the parts of it that stand in quotes.

use super::calls::Calls;
use std::borrow::Cow;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Not,
    Reversed,
    Rotated,
    Both,
}

impl Turn {
    /// As it is, and in each way in which a text with such calls may turn something.
    pub fn all(calls: Calls) -> impl Iterator<Item = Turn> {
        let (reverse, rotate) = (calls.has(Calls::REVERSE), calls.has(Calls::ROTATE));
        let ways =
            [(Turn::Not, true), (Turn::Reversed, reverse), (Turn::Rotated, rotate), (Turn::Both, reverse && rotate)];
        ways.into_iter().filter(|(_, may)| *may).map(|(turn, _)| turn)
    }

    pub fn name(self) -> &'static str {
        match self {
            Turn::Not => "",
            Turn::Reversed => ", reversed",
            Turn::Rotated => ", rot13",
            Turn::Both => ", reversed, rot13",
        }
    }

    pub fn of(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Turn::Not => bytes.into(),
            Turn::Reversed => reversed(bytes).into(),
            Turn::Rotated => rotated(bytes).into(),
            Turn::Both => rotated(&reversed(bytes)).into(),
        }
    }
}

pub(super) fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

/// The same again gives the text back.
pub(super) fn rotated(bytes: &[u8]) -> Vec<u8> {
    let turn = |byte: u8, from: u8| from + (byte - from + 13) % 26;
    let one = |byte: &u8| match *byte {
        b'a'..=b'z' => turn(*byte, b'a'),
        b'A'..=b'Z' => turn(*byte, b'A'),
        other => other,
    };
    bytes.iter().map(one).collect()
}

/// Where something stands in quotes of any kind: within a line, or in three quotes over several.
pub(super) fn quoted(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + memchr::memchr3(b'"', b'\'', b'`', text.get(at..)?)?;
            let quote = text[open];
            let three = [quote; 3];
            let (start, length, closing) = if text[open..].starts_with(&three) {
                (open + 3, memchr::memmem::find(&text[open + 3..], &three), 3)
            } else {
                (open + 1, closing(&text[open + 1..], quote), 1)
            };
            match length {
                Some(length) => {
                    at = start + length + closing;
                    return Some(start..start + length);
                }
                // The rest has no three quotes either, but may have single ones.
                None => at = start,
            }
        }
    })
}

/// Where a quote closes in this line; a backslash takes what follows it along.
fn closing(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr::memchr3(quote, b'\\', b'\n', &text[at..])?;
        match text[found] {
            b'\n' => return None,
            b'\\' => at = (found + 2).min(text.len()),
            _ => return Some(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_turned() {
        assert_eq!(rotated(b"Uryyb, jbeyq 1"), b"Hello, world 1");
        assert_eq!(reversed(b"abc"), b"cba");
    }

    #[test]
    fn what_stands_in_quotes() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<&str> = quoted(text.as_bytes()).map(|one| &text[one]).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(r#"a "b" 'c\'d' `e`"#, &["b", r"c\'d", "e"]);
        check("don't\nsay 'so'", &["so"]);
        check("x = \"\"\"two\nlines\"\"\" 'y'", &["two\nlines", "y"]);
        check("'''never closed", &[]);
        check("\"\\", &[]);
        check("", &[]);
    }
}
