//! What the object packager embeds, in a stream `\x01Ole10Native` and in RTF: a file under two names, between lengths.

use crate::walk::{Body, Entry, Walk, Walked};

/// Gives the file, if it is such a package; a length of all may stand before it.
pub(crate) fn within(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    let found = file(bytes).or_else(|| file(bytes.get(4..)?));
    match found {
        Some((name, content)) => walk.member(&Entry::named(name), Body::Bytes(content)),
        None => Ok(()),
    }
}

fn file(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    // A file that is embedded and not linked.
    let rest = bytes.strip_prefix(&[2, 0])?;
    let (label, rest) = text(rest)?;
    let (_source, rest) = text(rest)?;
    let rest = rest.strip_prefix(&[0, 0])?.strip_prefix(&[3, 0])?;
    let (length, rest) = number(rest)?;
    let rest = rest.get(length..)?;
    let (length, rest) = number(rest)?;
    // Cut short: what there is.
    Some((label, &rest[..length.min(rest.len())]))
}

fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(1024).position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number) as usize, rest))
}
