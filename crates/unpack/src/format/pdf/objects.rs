//! Objects as they stand in the bytes: streams with their dictionaries, strings.

use super::filters::Filter;

/// Of a dictionary before its stream.
const MAX_DICTIONARY: usize = 64 << 10;
const MAX_STRING: usize = 4 << 20;

pub(super) struct Stream<'b> {
    /// What stands between "obj" and "stream".
    dictionary: &'b [u8],
    /// What it may refer into.
    document: &'b [u8],
    number: Option<u64>,
    pub start: usize,
    pub end: usize,
    /// No "endstream" followed.
    pub open: bool,
}

/// The next one from `at` on.
pub(super) fn next_stream(bytes: &[u8], mut at: usize) -> Option<Stream<'_>> {
    loop {
        let found = at + memchr::memmem::find(bytes.get(at..)?, b"stream")?;
        at = found + 6;
        let behind = bytes.get(at..)?;
        let start = match behind {
            [b'\r', b'\n', ..] => at + 2,
            [b'\n' | b'\r', ..] => at + 1,
            _ => continue,
        };
        let before = bytes[..found].trim_ascii_end();
        if bytes[..found].ends_with(b"end") || !before.ends_with(b">>") {
            continue;
        }
        let from = before.len().saturating_sub(MAX_DICTIONARY);
        let object = memchr::memmem::rfind(&before[from..], b"obj").map_or(from, |at| from + at + 3);
        let dictionary = &before[object..];
        let (end, open) = end(bytes, start, dictionary);
        let number = number(&bytes[..object.saturating_sub(3)]);
        return Some(Stream { dictionary, document: bytes, number, start, end, open });
    }
}

/// By the declared length if "endstream" stands there, else by looking for it.
fn end(bytes: &[u8], start: usize, dictionary: &[u8]) -> (usize, bool) {
    let declared = value(dictionary, b"/Length").and_then(|rest| {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        // "12 0 R" is a reference.
        let direct = !rest[digits..].trim_ascii_start().first().is_some_and(u8::is_ascii_digit);
        let len: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        direct.then(|| start.checked_add(len)).flatten()
    });
    if let Some(end) = declared
        && let Some(behind) = bytes.get(end..)
        && behind[..behind.len().min(16)].trim_ascii_start().starts_with(b"endstream")
    {
        return (end, false);
    }
    match memchr::memmem::find(&bytes[start..], b"endstream") {
        Some(at) => (start + at, false),
        None => (bytes.len(), true),
    }
}

/// "12 0" before "obj".
fn number(before: &[u8]) -> Option<u64> {
    let before = before.trim_ascii_end();
    let generation = before.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let before = before[..before.len() - generation].trim_ascii_end();
    let digits = before.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(&before[before.len() - digits..]).ok()?.parse().ok()
}

/// What stands behind a key, white space left away. A key that only begins so is another one.
fn value<'d>(dictionary: &'d [u8], key: &[u8]) -> Option<&'d [u8]> {
    memchr::memmem::find_iter(dictionary, key).find_map(|at| {
        let rest = &dictionary[at + key.len()..];
        let ends = rest.first().is_some_and(|b| !b.is_ascii_alphanumeric());
        ends.then(|| rest.trim_ascii_start())
    })
}

impl Stream<'_> {
    pub fn name(&self) -> String {
        self.number.map_or_else(|| format!("stream at {}", self.start), |number| format!("object {number}"))
    }

    pub fn holds_objects(&self) -> bool {
        memchr::memmem::find(self.dictionary, b"ObjStm").is_some()
    }

    /// In the order in which they must be undone.
    pub fn filters(&self) -> Vec<Filter> {
        // Names may be written with #xx for any character.
        let plain = super::super::escape::undone(&without_comments(self.dictionary), b'#');
        let Some(rest) = value(&plain, b"/Filter").or_else(|| value(&plain, b"/F")) else { return Vec::new() };
        let referred;
        let rest = match reference(rest) {
            Some(object) => match self.object(object) {
                Some(found) => {
                    referred = super::super::escape::undone(&without_comments(found), b'#');
                    referred.trim_ascii_start()
                }
                None => return vec![Filter::Unknown("in another object".into())],
            },
            None => rest,
        };
        let names: Vec<Filter> = if let Some(list) = rest.strip_prefix(b"[") {
            let list = list.split(|b| *b == b']').next().unwrap_or_default();
            if list.split(u8::is_ascii_whitespace).any(|word| word == b"R") {
                return vec![Filter::Unknown("in another object".into())];
            }
            list.split(|b| *b == b'/').skip(1).map(|name| Filter::named(name.trim_ascii())).collect()
        } else if let Some(name) = rest.strip_prefix(b"/") {
            let end = name.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(name.len());
            vec![Filter::named(&name[..end])]
        } else {
            Vec::new()
        };
        names.into_iter().take(16).collect()
    }

    /// How rows were changed before they were compressed, if they were.
    pub fn predictor(&self) -> Option<Predictor> {
        let plain = without_comments(self.dictionary);
        let parameters = value(&plain, b"/DecodeParms").or_else(|| value(&plain, b"/DP"))?;
        let number = |key: &[u8], otherwise: usize| {
            let Some(rest) = value(parameters, key) else { return Some(otherwise) };
            let digits = rest.iter().take(9).take_while(|b| b.is_ascii_digit()).count();
            std::str::from_utf8(&rest[..digits]).ok()?.parse::<usize>().ok()
        };
        let kind = number(b"/Predictor", 1)?;
        let (colors, bits) = (number(b"/Colors", 1)?.clamp(1, 32), number(b"/BitsPerComponent", 8)?.clamp(1, 16));
        let columns = number(b"/Columns", 1)?.clamp(1, 1 << 20);
        let row = (columns * colors * bits).div_ceil(8);
        (kind >= 10).then_some(Predictor { row, pixel: (colors * bits).div_ceil(8) })
    }

    /// What stands behind "12 0 obj", wherever that is.
    fn object(&self, (number, generation): (u64, u64)) -> Option<&[u8]> {
        let head = format!("{number} {generation} obj");
        memchr::memmem::find_iter(self.document, head.as_bytes()).find_map(|at| {
            let own = at == 0 || !self.document[at - 1].is_ascii_digit();
            let rest = &self.document[at + head.len()..];
            own.then(|| &rest[..rest.len().min(512)])
        })
    }
}

/// Bytes of a row, and of what one of its values is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Predictor {
    pub row: usize,
    pub pixel: usize,
}

/// "12 0 R".
fn reference(text: &[u8]) -> Option<(u64, u64)> {
    let mut words = text.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<u64>().ok();
    let found = (number()?, number()?);
    words.next().is_some_and(|word| word.starts_with(b"R")).then_some(found)
}

/// A comment counts as a blank; the percent sign in a string is none, but a dictionary of a stream has hardly any.
fn without_comments(dictionary: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(dictionary.len());
    let (mut comment, mut depth) = (false, 0u32);
    for byte in dictionary {
        match byte {
            b'(' if !comment => depth += 1,
            b')' if !comment => depth = depth.saturating_sub(1),
            b'%' if depth == 0 => comment = true,
            b'\r' | b'\n' => comment = false,
            _ => {}
        }
        out.push(if comment { b' ' } else { *byte });
    }
    out
}

/// A string at the start of `bytes`: in brackets, which may nest, or in hexadecimal. UTF-16 is made UTF-8.
pub(super) fn string(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = bytes.trim_ascii_start();
    let bytes = &bytes[..bytes.len().min(MAX_STRING)];
    let raw = match bytes.first()? {
        b'(' => literal(&bytes[1..]),
        b'<' if bytes.get(1) != Some(&b'<') => {
            let end = bytes.iter().position(|b| *b == b'>').unwrap_or(bytes.len());
            super::filters::hex(&bytes[1..end])
        }
        _ => return None,
    };
    Some(match raw.strip_prefix(b"\xfe\xff") {
        Some(wide) => {
            let units: Vec<u16> = wide.chunks_exact(2).map(|p| u16::from_be_bytes([p[0], p[1]])).collect();
            String::from_utf16_lossy(&units).into_bytes()
        }
        None => raw,
    })
}

fn literal(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut depth, mut at) = (1, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            b'\\' => {
                let Some(escaped) = bytes.get(at) else { break };
                at += 1;
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'\n' => {}
                    b'0'..=b'7' => {
                        let digits = bytes[at - 1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
                        let value =
                            bytes[at - 1..at - 1 + digits].iter().fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
                        out.push(value as u8);
                        at += digits - 1;
                    }
                    other => out.push(*other),
                }
                continue;
            }
            _ => {}
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_strings_of_each_form() {
        let check =
            |text: &str, expected: &[u8]| assert_eq!(string(text.as_bytes()).as_deref(), Some(expected), "{text}");
        check(" (app.alert\\(1\\))", b"app.alert(1)");
        check("(a (nested) one)", b"a (nested) one");
        check("(\\101\\102\\n)", b"AB\n");
        check("<61 6C65>", b"ale");
        check("<feff00610062>", b"ab");
        assert_eq!(string(b"12 0 R"), None);
    }
}
