//! What texts carry in code: blobs in base 64, 32, 85 and hexadecimal digits, escapes and lists of numbers, `data:` addresses,
//! uuencoded files. Shell archives and self-extracting scripts too, whose archive stands behind the text. What is decoded is
//! a member, and so looked through again: a script in a blob in a script is reached like any other.

mod blob;
mod calls;
mod runs;
mod turn;
mod written;

use super::{carve, rtf, uu, yenc};
use crate::Kind;
use crate::source::Source;
use crate::walk::{Body, Entry, Walk, Walked};
use blob::Blobs;
use calls::Calls;

/// Strings in quotes that may stand backwards.
const SHORTEST_TURNED: usize = 12;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source, text: Kind) -> Walked {
    carve::scripts(walk, source)?;
    super::in_memory(walk, source, |walk, bytes| within(walk, bytes, text))
}

/// Whether there would be more to look through in a text that lies too deep for it.
pub(crate) fn holds_more(bytes: &[u8], text: Kind) -> bool {
    text == Kind::Utf16 || Blobs::new(bytes, text).any()
}

fn within(walk: &mut Walk<'_>, bytes: &[u8], text: Kind) -> Walked {
    if text == Kind::Utf16 {
        return walk.member(&Entry::named(b"as utf-8"), Body::Bytes(&narrowed(bytes)));
    }
    uu::within(walk, bytes)?;
    yenc::within(walk, bytes)?;
    if text == Kind::Rtf {
        rtf::objects(walk, bytes)?;
    }
    let mut blobs = Blobs::new(bytes, text);
    if blobs.all(walk)? {
        turned(walk, bytes, text, blobs.calls)?;
    }
    Ok(())
}

/// What is plain once it is turned round: `strrev`, `rev`, `str_rot13`, `tr`.
fn turned(walk: &mut Walk<'_>, bytes: &[u8], text: Kind, calls: Calls) -> Walked {
    if calls.has(Calls::ROTATE) {
        give(walk, "(rot13)", &turn::rotated(bytes), bytes.len())?;
    }
    if !calls.has(Calls::REVERSE) {
        return Ok(());
    }
    // A shell quotes what it likes, and `rev` takes whole documents.
    let turned = if text == Kind::Shell {
        turn::reversed(bytes)
    } else {
        let long = turn::quoted(bytes).filter(|one| one.len() >= SHORTEST_TURNED);
        long.map(|one| turn::reversed(&bytes[one])).collect::<Vec<_>>().join(&b'\n')
    };
    if turned.is_empty() { Ok(()) } else { give(walk, "(reversed)", &turned, bytes.len()) }
}

/// A member made of `taken` bytes of the text, held to what one file may come to.
fn give(walk: &mut Walk<'_>, name: &str, bytes: &[u8], taken: usize) -> Walked {
    match walk.meter().room(bytes.len() as u64, taken as u64) {
        Ok(_lease) => walk.member(&Entry::named(name.as_bytes()), Body::Bytes(bytes)),
        Err(cut) => {
            walk.at(name.as_bytes(), |walk| walk.unread(cut));
            walk.step()
        }
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
