//! What texts carry in code: base64 and hexadecimal blobs, escapes and lists of numbers, `data:` addresses, uuencoded
//! files. Shell archives and self-extracting scripts too, whose archive stands behind the text. What is decoded is a
//! member, and so looked through again: a script in a blob in a script is reached like any other.

mod runs;

use super::{carve, rtf, uu, yenc};
use crate::codec::{Format, Inflate, base64};
use crate::source::Source;
use crate::walk::{Body, Entry, Walk, Walked};
use crate::{Kind, kind};
use runs::{Run, Writing};
use std::io::Read as _;

/// Blobs of one text; hostile ones have millions, and the count of members is for all.
const MAX_BLOBS: usize = 20_000;
/// Decoded bytes that say nothing to [`kind`] are given from this length on: below, they are mostly words and names.
const ANONYMOUS: usize = 192;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source, text: Kind) -> Walked {
    carve::scripts(walk, source)?;
    super::in_memory(walk, source, |walk, bytes| blobs(walk, bytes, text))
}

fn blobs(walk: &mut Walk<'_>, bytes: &[u8], text: Kind) -> Walked {
    let narrow;
    let bytes = if text == Kind::Utf16 {
        narrow = narrowed(bytes);
        walk.member(&Entry::named(b"as utf-8"), Body::Bytes(&narrow))?;
        return Ok(());
    } else {
        bytes
    };
    uu::within(walk, bytes)?;
    yenc::within(walk, bytes)?;
    if text == Kind::Rtf {
        rtf::objects(walk, bytes)?;
    }
    let inflates = memchr::memmem::find(bytes, b"inflate").is_some() || memchr::memmem::find(bytes, b"zlib").is_some();
    let mut given = 0;
    for run in runs::Runs::new(bytes) {
        walk.step()?;
        let Some(decoded) = decode(bytes, &run) else { continue };
        if !worth(&decoded, &run, text) {
            continue;
        }
        given += 1;
        if given > MAX_BLOBS {
            walk.unread(crate::meter::Cut::new(crate::Reason::Count, format!("more than {MAX_BLOBS} blobs in a text")));
            return Ok(());
        }
        let name = format!("{} at {}", run.writing.name(), run.start);
        walk.member(&Entry { position: given as u64, ..Entry::named(name.as_bytes()) }, Body::Bytes(&decoded))?;
        if let Some(inner) = inflates.then(|| inflated(&decoded)).flatten() {
            walk.member(&Entry::named(format!("{name}, inflated").as_bytes()), Body::Bytes(&inner))?;
        }
    }
    Ok(())
}

fn decode(bytes: &[u8], run: &Run) -> Option<Vec<u8>> {
    let text = &bytes[run.start..run.end];
    match run.writing {
        Writing::Base64 => {
            // Pieces in quotes are one text to who reads them.
            let text = &runs::joined(text)[..];
            // A run may end in the middle of a group, where a quote or a word follows.
            let digits = text.iter().filter(|b| !b.is_ascii_whitespace()).count();
            base64(text).or_else(|| (digits % 4 == 1).then(|| base64(&text[..text.len() - 1])).flatten())
        }
        Writing::Hex => {
            let digits: Vec<u8> =
                text.iter().filter_map(|b| (*b as char).to_digit(16)).map(|digit| digit as u8).collect();
            digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
        }
        Writing::Escapes => {
            let pairs = text.chunks_exact(4).map(|escape| std::str::from_utf8(&escape[2..]).ok());
            pairs.map(|hex| u8::from_str_radix(hex?, 16).ok()).collect()
        }
        Writing::Octals => runs::octals(text),
        Writing::Numbers => runs::numbers(text),
        Writing::Percent => Some(super::escape::undone(text, b'%')),
    }
}

fn worth(decoded: &[u8], run: &Run, text: Kind) -> bool {
    match kind(decoded) {
        Kind::Empty => false,
        // Digests stand in lines by the thousand, and pictures in RTF, whose objects are read apart.
        Kind::Data => decoded.len() >= ANONYMOUS && (run.writing != Writing::Hex || text != Kind::Rtf),
        Kind::Text | Kind::Utf16 => decoded.len() >= 12,
        _ => true,
    }
}

/// Raw deflate or zlib, as a script's own call would undo it.
fn inflated(decoded: &[u8]) -> Option<Vec<u8>> {
    let try_as = |format| {
        let mut out = Vec::new();
        let read = Inflate::new(decoded, format).take(8 << 20).read_to_end(&mut out);
        (read.is_ok() && out.len() > 8 || out.len() > 256).then_some(out)
    };
    if matches!(kind(decoded), Kind::Data | Kind::Text | Kind::Utf16) {
        try_as(Format::Zlib).or_else(|| try_as(Format::Raw))
    } else {
        None
    }
}

/// UTF-16, with or without its mark.
fn narrowed(bytes: &[u8]) -> Vec<u8> {
    let big = bytes.starts_with(b"\xfe\xff") || bytes.first() == Some(&0);
    let bytes = bytes.strip_prefix(b"\xff\xfe").or_else(|| bytes.strip_prefix(b"\xfe\xff")).unwrap_or(bytes);
    let unit =
        |pair: &[u8]| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
    char::decode_utf16(bytes.chunks_exact(2).map(unit))
        .map(|c| c.unwrap_or('\u{fffd}'))
        .collect::<String>()
        .into_bytes()
}
