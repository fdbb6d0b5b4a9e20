//! yEnc, as news readers and some mailers put files into texts: each byte moved on by 42, with `=` before those that would
//! break a line.

use crate::source::Source;
use crate::walk::{Body, Entry, Walk, Walked};

pub(crate) const BEGIN: &[u8] = b"=ybegin ";

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    super::in_memory(walk, source, within)
}

/// Every file that a text holds.
pub(crate) fn within(walk: &mut Walk<'_>, text: &[u8]) -> Walked {
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&text[at..], BEGIN) {
        let start = at + found;
        at = start + BEGIN.len();
        if start == 0 || text[start - 1] == b'\n' {
            walk.step()?;
            at = one(walk, text, start)?;
        }
    }
    Ok(())
}

/// Returns where the text goes on.
fn one(walk: &mut Walk<'_>, text: &[u8], start: usize) -> Result<usize, crate::walk::Stop> {
    let mut lines = text[start..].split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let name = memchr::memmem::find(first, b" name=").map_or(&b"data"[..], |at| first[at + 6..].trim_ascii());
    let mut at = start + first.len();
    let (mut out, mut ended) = (Vec::new(), false);
    for line in lines {
        at += line.len();
        if line.starts_with(b"=yend") {
            ended = true;
            break;
        }
        if !line.starts_with(b"=ypart") {
            decode_line(line, &mut out);
        }
    }
    walk.member(&Entry::named(name), Body::Bytes(&out))?;
    let size = memchr::memmem::find(first, b" size=").and_then(|at| {
        let digits = first[at + 6..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(&first[at + 6..at + 6 + digits]).ok()?.parse::<u64>().ok()
    });
    if !ended {
        walk.at(name, |walk| walk.truncated("no end line"));
    } else if size.is_some_and(|size| size > out.len() as u64) {
        walk.at(name, |walk| walk.truncated("a part of a file of several"));
    }
    Ok(at)
}

fn decode_line(line: &[u8], out: &mut Vec<u8>) {
    let mut bytes = line.iter().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    // News and mail double a dot at a line's beginning.
    let mut next = if line.starts_with(b"..") { bytes.nth(1) } else { bytes.next() };
    while let Some(byte) = next {
        match byte {
            b'=' => out.extend(bytes.next().map(|byte| byte.wrapping_sub(64 + 42))),
            byte => out.push(byte.wrapping_sub(42)),
        }
        next = bytes.next();
    }
}
