//! Base 32 as RFC 4648 has it, in either case, with or without padding, white space anywhere.

use super::base64::digits;

/// `None` if a character is of no such alphabet, or if it ends in the middle of a byte.
pub(crate) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    digits(text, 5, quintet).filter(|made| made.left < 5).map(|made| made.bytes)
}

fn quintet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_is_one() {
        let check = |text: &str, expected: Option<&[u8]>| assert_eq!(base32(text.as_bytes()).as_deref(), expected);
        check("MZXW6YTBOI======", Some(b"foobar"));
        check("mzxw6\nytboi", Some(b"foobar"));
        check("MY======", Some(b"f"));
        check("MZXW6===MY======", Some(b"foof"));
        check("M", None);
        check("M1", None);
        check("", Some(b""));
    }
}
