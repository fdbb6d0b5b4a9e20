//! Text as ClamAV's signatures for text and HTML expect it: lower case, white space drawn together, control bytes gone; of HTML one
//! form without comments and one without tags besides, told from what clamscan makes of pages. What it does not do: scripts are
//! not rewritten, and what links lead to is not put among the text.

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
    let mut forms = Forms { no_comment: Vec::with_capacity(bytes.len()), no_tags: Vec::new(), fresh: true };
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            // Comments and declarations end with the first bracket, whatever they hold.
            b'<' if rest.get(1) == Some(&b'!') => {
                forms.apart();
                memchr::memchr(b'>', rest).map_or(rest.len(), |end| end + 1)
            }
            b'<' => {
                let length = forms.tag(rest);
                let inside = [&b"<script"[..], b"<style"].iter().any(|tag| named(rest, tag));
                length + if inside { forms.code(&rest[length..]) } else { 0 }
            }
            b'&' => forms.reference(rest),
            byte => {
                forms.text(byte);
                1
            }
        };
    }
    (forms.no_comment, forms.no_tags)
}

struct Forms {
    no_comment: Vec<u8>,
    no_tags: Vec<u8>,
    /// Behind a tag or a comment, where white space means nothing.
    fresh: bool,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0)
}

/// A tag of this name begins here.
fn named(rest: &[u8], tag: &[u8]) -> bool {
    rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
        && rest.get(tag.len()).is_some_and(|byte| is_blank(*byte) || *byte == b'>')
}

fn blank(out: &mut Vec<u8>) {
    if out.last() != Some(&b' ') {
        out.push(b' ');
    }
}

impl Forms {
    fn apart(&mut self) {
        blank(&mut self.no_tags);
        self.fresh = true;
    }

    fn text(&mut self, byte: u8) {
        if is_blank(byte) {
            if !self.fresh {
                blank(&mut self.no_comment);
            }
            blank(&mut self.no_tags);
            return;
        }
        self.fresh = false;
        self.no_comment.push(byte.to_ascii_lowercase());
        self.no_tags.push(byte.to_ascii_lowercase());
    }

    /// Its length. What it stands for is no part of the form without tags.
    fn reference(&mut self, rest: &[u8]) -> usize {
        let (byte, length) = reference(rest);
        if length == 1 {
            self.text(rest[0]);
            return 1;
        }
        self.fresh = false;
        self.no_comment.extend(byte.map(|byte| byte.to_ascii_lowercase()));
        blank(&mut self.no_tags);
        length
    }

    /// From its bracket on; its length. Blanks stand between its words alone, and quotes are double.
    fn tag(&mut self, rest: &[u8]) -> usize {
        let out = &mut self.no_comment;
        out.push(b'<');
        let (mut quote, mut waits, mut length) = (None, false, rest.len());
        for (at, byte) in rest.iter().enumerate().skip(1) {
            match (quote, *byte) {
                (Some(open), byte) if byte == open => {
                    quote = None;
                    out.push(b'"');
                }
                (Some(_), byte) if is_blank(byte) => blank(out),
                (None, byte) if is_blank(byte) => waits = true,
                (None, b'>') => {
                    out.push(b'>');
                    length = at + 1;
                    break;
                }
                (_, byte) => {
                    let apart = waits && byte != b'=' && !matches!(out.last(), Some(b'<' | b'='));
                    waits = false;
                    if apart {
                        blank(out);
                    }
                    if quote.is_none() && matches!(byte, b'"' | b'\'') {
                        quote = Some(byte);
                        out.push(b'"');
                    } else {
                        out.push(byte.to_ascii_lowercase());
                    }
                }
            }
        }
        self.apart();
        length
    }

    /// A script or a style up to the tag that ends it, without any white space; its length.
    fn code(&mut self, rest: &[u8]) -> usize {
        let end = memchr::memmem::find(rest, b"</").unwrap_or(rest.len());
        let written = rest[..end].iter().filter(|byte| !is_blank(**byte));
        self.no_comment.extend(written.map(u8::to_ascii_lowercase));
        end
    }
}

/// A character reference: its byte and how long it was. What is no reference stands for itself.
fn reference(bytes: &[u8]) -> (Option<u8>, usize) {
    let named: [(&[u8], u8); 8] = [
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&amp;", b'&'),
        (b"&quot;", b'"'),
        (b"&nbsp;", 0xa0),
        (b"&apos;", b'\''),
        (b"&copy;", 0xa9),
        (b"&reg;", 0xae),
    ];
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
        check("<B>Hi <!-- no --> There</B>", "<b>hi there</b>", " hi there ");
        check("x<!-- no --> There", "xthere", "x there");
        check("&#102;&#x6F;&lt;o &amp; p", "fo<o & p", " o p");
        check("&unknown; & so", "&unknown; & so", "&unknown; & so");
        check("a<!-- never closed", "a", "a ");
        check("<!DOCTYPE html> d", "d", " d");
        check("<a href='&amp;'>x&y", "<a href=\"&amp;\">x&y", " x&y");
        check("<A\n HREF = 'X  Y'  id=Z >t</A >", "<a href=\"x y\" id=z>t</a>", " t ");
        check("<br />a<br/>b", "<br />a<br/>b", " a b");
        check("<p>One</p>\n <p>Two</p>", "<p>one</p><p>two</p>", " one two ");
        check("<style>P { color : red }</style>y", "<style>p{color:red}</style>y", " y");
        check("<p title=\"a > b\">c", "<p title=\"a > b\">c", " c");
        check("<p never closed", "<p never closed", " ");
        check("<", "<", " ");
    }
}
