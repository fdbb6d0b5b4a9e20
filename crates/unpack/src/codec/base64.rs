//! Base64 as malware and mail have it: either alphabet, with or without padding, white space anywhere.

/// `None` if a character is of neither alphabet, or if it ends in the middle of a byte.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held, mut padded) = (0u32, 0u32, false);
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
            (bits, held, padded) = (0, 0, false);
        }
        held = held << 6 | u32::from(sextet(*byte)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
    }
    (bits != 6 || padded).then_some(out)
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
