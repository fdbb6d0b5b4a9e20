//! Bytes written as hexadecimal digits.

/// Bytes of the digits in a text, whatever stands between them; and whether the last one had its upper half alone.
pub(crate) fn hex(text: &[u8]) -> (Vec<u8>, bool) {
    let digits = text.iter().filter_map(|byte| char::from(*byte).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
    let bytes = digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect();
    (bytes, !digits.len().is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_to_bytes() {
        assert_eq!(hex(b"4d 5A\n90"), (vec![0x4d, 0x5a, 0x90], false));
        assert_eq!(hex(b"4d5"), (vec![0x4d, 0x50], true));
        assert_eq!(hex(b"zz"), (vec![], false));
    }
}
