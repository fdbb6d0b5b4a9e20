//! Text as ClamAV's signatures for text and HTML expect it: lower case, white space drawn together, control bytes gone; of HTML one
//! form without comments and one without tags besides. What it does not do: scripts are not rewritten.

/// The form of target 7.
pub fn text(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
                if out.last() != Some(&b' ') {
                    out.push(b' ');
                }
            }
            0..0x20 | 0x7f => {}
            other => out.push(other.to_ascii_lowercase()),
        }
    }
    out
}

/// The two forms of target 3: without comments, and without tags too.
pub fn html(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut no_comment = Vec::with_capacity(bytes.len());
    let mut no_tags = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let mut in_tag = false;
    while let Some(byte) = bytes.get(at) {
        if !in_tag && bytes[at..].starts_with(b"<!--") {
            let end = memchr::memmem::find(&bytes[at + 4..], b"-->").map_or(bytes.len(), |end| at + 4 + end + 3);
            at = end;
            continue;
        }
        let (decoded, length) = if !in_tag && *byte == b'&' { reference(&bytes[at..]) } else { (Some(*byte), 1) };
        at += length;
        let Some(byte) = decoded else { continue };
        let opens = length == 1 && byte == b'<';
        let closes = length == 1 && byte == b'>' && in_tag;
        in_tag |= opens;
        put(&mut no_comment, byte);
        if !in_tag {
            put(&mut no_tags, byte);
        }
        if closes {
            in_tag = false;
        }
    }
    (no_comment, no_tags)
}

fn put(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b' ' | b'\t' | b'\n' | b'\r' | 0 => {
            if !matches!(out.last(), None | Some(b' ')) {
                out.push(b' ');
            }
        }
        other => out.push(other.to_ascii_lowercase()),
    }
}

/// A character reference: its byte and how long it was. What is no reference stands for itself.
fn reference(bytes: &[u8]) -> (Option<u8>, usize) {
    let named: [(&[u8], u8); 6] =
        [(b"&lt;", b'<'), (b"&gt;", b'>'), (b"&amp;", b'&'), (b"&quot;", b'"'), (b"&nbsp;", b' '), (b"&apos;", b'\'')];
    for (name, byte) in named {
        if bytes.len() >= name.len() && bytes[..name.len()].eq_ignore_ascii_case(name) {
            return (Some(byte), name.len());
        }
    }
    let Some(rest) = bytes.strip_prefix(b"&#") else { return (Some(b'&'), 1) };
    let (digits, radix, head) = match rest.first() {
        Some(b'x' | b'X') => (&rest[1..], 16, 3),
        _ => (rest, 10, 2),
    };
    let length = digits.iter().take(8).take_while(|digit| char::from(**digit).is_digit(radix)).count();
    let value = std::str::from_utf8(&digits[..length]).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let Some(value) = value else { return (Some(b'&'), 1) };
    let semicolon = usize::from(digits.get(length) == Some(&b';'));
    (u8::try_from(value).ok(), head + length + semicolon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_lower_case_with_single_spaces() {
        let check = |from: &str, to: &str| assert_eq!(String::from_utf8_lossy(&text(from.as_bytes())), to);
        check("Hello  World\r\n\tX", "hello world x");
        check("a\u{1}b", "ab");
        check("", "");
    }

    #[test]
    fn html_loses_comments_and_tags() {
        let check = |from: &str, comment: &str, tags: &str| {
            let (a, b) = html(from.as_bytes());
            assert_eq!((String::from_utf8_lossy(&a).as_ref(), String::from_utf8_lossy(&b).as_ref()), (comment, tags));
        };
        check("<B>Hi <!-- no --> There</B>", "<b>hi there</b>", "hi there");
        check("&#102;&#x6F;&lt;o", "fo<o", "fo<o");
        check("a<!-- never closed", "a", "a");
        check("<a href='&amp;'>x&y", "<a href='&amp;'>x&y", "x&y");
    }
}
