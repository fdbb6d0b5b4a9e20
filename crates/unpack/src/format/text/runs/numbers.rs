//! Bytes written as numbers: escapes, lists, and the payload of `data:` addresses.

pub(in crate::format::text) fn escapes(text: &[u8], mut at: usize) -> usize {
    while let Some([b'\\', b'x' | b'X', a, b]) = text.get(at..at + 4) {
        if !a.is_ascii_hexdigit() || !b.is_ascii_hexdigit() {
            break;
        }
        at += 4;
    }
    at
}

/// The byte that a backslash and three octal digits are (a zero may stand before them), and its length.
pub(in crate::format::text) fn octal(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.strip_prefix(b"\\")?;
    let zero = usize::from(digits.first() == Some(&b'0') && digits.get(3).is_some_and(|b| matches!(b, b'0'..=b'7')));
    let digits = digits.get(zero..zero + 3)?;
    if !matches!(digits[0], b'0'..=b'3') || !digits.iter().all(|b| matches!(b, b'0'..=b'7')) {
        return None;
    }
    Some((digits.iter().fold(0, |value, digit| value << 3 | (digit - b'0')), 4 + zero))
}

pub(in crate::format::text) fn octal_run(text: &[u8], mut at: usize) -> usize {
    while let Some((_, len)) = octal(&text[at..]) {
        at += len;
    }
    at
}

pub(in crate::format::text) fn octals(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while let Some((byte, len)) = octal(text) {
        out.push(byte);
        text = &text[len..];
    }
    text.is_empty().then_some(out)
}

pub(in crate::format::text) fn number_list(text: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut count, mut end) = (start, 0, start);
    while let Some(len) = number(&text[at..]) {
        at += len;
        end = at;
        count += 1;
        let gap =
            text[at..].iter().take(40).take_while(|b| matches!(b, b',' | b' ' | b'\n' | b'\r' | b'\t' | b';')).count();
        if gap == 0 || !text[at..at + gap].iter().any(|b| matches!(b, b',' | b';')) {
            break;
        }
        at += gap;
    }
    (end, count)
}

/// Characters of a number from 0 to 255.
pub(in crate::format::text) fn number(text: &[u8]) -> Option<usize> {
    if let Some(hex) = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")) {
        let digits = hex.iter().take(3).take_while(|b| b.is_ascii_hexdigit()).count();
        return matches!(digits, 1 | 2).then_some(2 + digits);
    }
    let digits = text.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let value: u16 = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    (digits <= 3 && value < 256).then_some(digits)
}

pub(in crate::format::text) fn numbers(text: &[u8]) -> Option<Vec<u8>> {
    text.split(|b| matches!(b, b',' | b';'))
        .map(|one| {
            let one = std::str::from_utf8(one.trim_ascii()).ok()?;
            match one.strip_prefix("0x").or_else(|| one.strip_prefix("0X")) {
                Some(hex) => u8::from_str_radix(hex, 16).ok(),
                None => one.parse().ok(),
            }
        })
        .collect()
}

/// `data:text/html,payload`; those in base64 are found as base64.
pub(in crate::format::text) fn data_url(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let head = &text[at..text.len().min(at + 200)];
    let comma = head.iter().position(|b| *b == b',')?;
    let kind = &head[5..comma];
    if kind.ends_with(b"base64") || kind.iter().any(|b| !(b.is_ascii_alphanumeric() || b"/;=+.-_".contains(b))) {
        return None;
    }
    let start = at + comma + 1;
    let len = text[start..]
        .iter()
        .position(|b| matches!(b, b'"' | b'\'' | b'>' | b'<' | b' ' | b'\n' | b')'))
        .unwrap_or(text.len() - start);
    (len > 0 && kind.contains(&b'/')).then_some((start, start + len))
}
