//! uuencoded files, and those of `uuencode -m`, alone or within a text.

use crate::codec::base64;
use crate::source::Source;
use crate::text_kind::uu_begins;
use crate::walk::{Body, Entry, Walk, Walked};

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    super::in_memory(walk, source, within)
}

/// Every file that a text holds.
pub(crate) fn within(walk: &mut Walk<'_>, text: &[u8]) -> Walked {
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&text[at..], b"begin") {
        let start = at + found;
        at = start + 5;
        let at_line_start = start == 0 || text[start - 1] == b'\n';
        if at_line_start && uu_begins(&text[start..]) {
            walk.step()?;
            at = one(walk, text, start)?;
        }
    }
    Ok(())
}

/// Returns where the text goes on.
fn one(walk: &mut Walk<'_>, text: &[u8], start: usize) -> Result<usize, crate::walk::Stop> {
    let mut lines = text[start..].split_inclusive(|b| *b == b'\n');
    let first = lines.next().unwrap_or_default();
    let in_base64 = first.starts_with(b"begin-base64");
    let name = first.trim_ascii_end().splitn(3, |b| *b == b' ').nth(2).unwrap_or(b"data").to_vec();
    let mut at = start + first.len();
    let mut out = Vec::new();
    let mut ended = false;
    let mut damaged = false;
    for line in lines {
        at += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line == b"end" || in_base64 && line == b"====" {
            ended = true;
            break;
        }
        if in_base64 {
            match base64(line) {
                Some(bytes) => out.extend(bytes),
                None => damaged = true,
            }
        } else if !line.is_empty() {
            damaged |= !decode_line(line, &mut out);
        }
    }
    let entry = Entry::named(&name);
    walk.member(&entry, Body::Bytes(&out))?;
    if damaged {
        walk.at(&name, |walk| walk.damaged("a line that is not encoded so"));
    }
    if !ended {
        walk.at(&name, |walk| walk.truncated("no end line"));
    }
    Ok(at)
}

/// A length, then four characters for three bytes.
fn decode_line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let value = |b: u8| (32..=96).contains(&b).then(|| (b - 32) & 0x3f);
    let Some(len) = value(line[0]).map(usize::from) else { return false };
    let from = out.len();
    for group in line[1..].chunks(4) {
        let mut sextets = [0; 4];
        for (sextet, byte) in sextets.iter_mut().zip(group) {
            match value(*byte) {
                Some(v) => *sextet = v,
                None => return false,
            }
        }
        let [a, b, c, d] = sextets;
        out.extend([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        if out.len() - from >= len {
            break;
        }
    }
    let whole = out.len() - from >= len;
    out.truncate(from + len.min(out.len() - from));
    whole
}
