//! Base 85 in its two alphabets: that of Ascii85 (`!` to `u`, `z` for four zeros, perhaps within `<~` and `~>`) and that of RFC 1924,
//! which Python's `b85encode` and git write.

const RFC_1924: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Places in an alphabet; 255 for what is not in it.
static PLACES: [u8; 256] = {
    let mut places = [255; 256];
    let mut n = 0;
    while n < 85 {
        places[RFC_1924[n] as usize] = n as u8;
        n += 1;
    }
    places
};

/// By RFC 1924's alphabet; `None` for what is not of it.
pub(crate) fn base85(text: &[u8]) -> Option<Vec<u8>> {
    decode(text, |byte| (PLACES[usize::from(byte)] < 85).then_some(PLACES[usize::from(byte)]), false)
}

/// `None` for what is not of that alphabet.
pub(crate) fn ascii85(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    let text = text.strip_suffix(b"~>").unwrap_or(text);
    decode(text, |byte| (b'!'..=b'u').contains(&byte).then(|| byte - b'!'), true)
}

fn decode(text: &[u8], digit: impl Fn(u8) -> Option<u8>, zeros: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 5 * 4 + 4);
    let (mut held, mut count) = (0u64, 0usize);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if zeros && *byte == b'z' && count == 0 {
            out.extend([0; 4]);
            continue;
        }
        held = held * 85 + u64::from(digit(*byte)?);
        count += 1;
        if count == 5 {
            out.extend(u32::try_from(held).ok()?.to_be_bytes());
            (held, count) = (0, 0);
        }
    }
    if count > 0 {
        // As if the highest digits followed: what they add falls into bytes that are not there.
        let whole = (count..5).fold(held, |held, _| held * 85 + 84);
        let bytes = u32::try_from(whole).ok()?.to_be_bytes();
        if count == 1 {
            return None;
        }
        out.extend(&bytes[..count - 1]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_both_alphabets() {
        assert_eq!(ascii85(b"<~87cURD]i,\"Ebo80~>").as_deref(), Some(&b"Hello World!"[..]));
        assert_eq!(ascii85(b"z!!").as_deref(), Some(&b"\0\0\0\0\0"[..]));
        assert_eq!(base85(b"NM&qnZy;B1a%^NF").as_deref(), Some(&b"Hello World!"[..]));
        assert_eq!(base85(b"NM&qn Zy;B1").as_deref(), Some(&b"Hello Wo"[..]));
        assert_eq!(base85(b"\"quoted\""), None);
        assert_eq!(base85(b"~~~~~"), None, "more than four bytes hold");
        assert_eq!(base85(b"0"), None);
        assert_eq!(base85(b"").as_deref(), Some(&b""[..]));
    }
}
