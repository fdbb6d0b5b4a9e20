//! Base64 as malware and mail have it: either alphabet, with or without padding, white space anywhere.

/// `None` if a character is of neither alphabet, or if it ends in the middle of a byte.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let made = digits(text, 6, sextet)?;
    (made.left != 6 || made.padded).then_some(made.bytes)
}

pub(crate) fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Bytes out of digits.
pub(super) struct Made {
    pub bytes: Vec<u8>,
    /// Bits behind the last whole byte.
    pub left: u32,
    /// The text ended with padding.
    pub padded: bool,
}

/// Digits of so many bits each, `=` for padding, white space anywhere. `None` if there is anything else.
pub(super) fn digits(text: &[u8], width: u32, digit: impl Fn(u8) -> Option<u8>) -> Option<Made> {
    let mut bytes = Vec::with_capacity(text.len() / 8 * width as usize + 8);
    let (mut left, mut held, mut padded) = (0u32, 0u32, false);
    for byte in text {
        if byte.is_ascii_whitespace() {
            continue;
        }
        if *byte == b'=' {
            padded = true;
            continue;
        }
        // Behind the padding another text may follow, as in files that were joined.
        if padded {
            (left, held, padded) = (0, 0, false);
        }
        held = held << width | u32::from(digit(*byte)?);
        left += width;
        if left >= 8 {
            left -= 8;
            bytes.push((held >> left) as u8);
        }
    }
    Some(Made { bytes, left, padded })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_is_one() {
        let check = |text: &str, expected: Option<&[u8]>| assert_eq!(base64(text.as_bytes()).as_deref(), expected);
        check("aGVsbG8=", Some(b"hello"));
        check("aGVs\r\nbG8", Some(b"hello"));
        check("aGVsbG8=aGVsbG8=", Some(b"hellohello"));
        check("_-8", Some(b"\xff\xef"));
        check("a!", None);
        check("a", None);
        check("", Some(b""));
    }
}
