//! Objects in RTF: `\objdata` in hexadecimal, read as word processors do, which pass over blanks, groups and control words
//! among the digits. What is inside is an OLE 1 object; the file of a package is given besides.

use super::package;
use crate::walk::{Body, Entry, Walk, Walked};

/// Objects of one document.
const MOST: usize = 1_000;

pub(crate) fn objects(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    for (n, at) in memchr::memmem::find_iter(bytes, b"\\objdata").take(MOST).enumerate() {
        walk.step()?;
        let data = data(&bytes[at + 8..]);
        if data.is_empty() {
            continue;
        }
        let name = format!("object {}", n + 1);
        walk.member(&Entry { position: n as u64, ..Entry::named(name.as_bytes()) }, Body::Bytes(&data))?;
        package::within(walk, native(&data).unwrap_or(&data))?;
    }
    Ok(())
}

/// Digits up to the end of the group that the word stands in.
fn data(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut depth, mut half, mut at) = (0u32, None, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b'\\' => match bytes.get(at) {
                // A character by its number: no digit of the object.
                Some(b'\'') => at += 3,
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let letters = bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
                    let word = &bytes[at..at + letters];
                    at += letters;
                    let minus = usize::from(bytes.get(at) == Some(&b'-'));
                    let digits = bytes[at + minus..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
                    let number = std::str::from_utf8(&bytes[at + minus..at + minus + digits]).unwrap_or_default();
                    if digits > 0 {
                        at += minus + digits;
                    }
                    at += usize::from(bytes.get(at) == Some(&b' '));
                    if word == b"bin" && minus == 0 {
                        // So many bytes follow as they are.
                        let length = number.parse::<usize>().unwrap_or(0).min(bytes.len() - at);
                        out.extend(&bytes[at..at + length]);
                        at += length;
                    }
                }
                _ => at += 1,
            },
            // What stands in groups within is not of the object.
            digit if depth == 0 => {
                if let Some(value) = (*digit as char).to_digit(16) {
                    match half.take() {
                        None => half = Some(value as u8),
                        Some(high) => out.push(high << 4 | value as u8),
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// Of an embedded OLE 1 object: what stands behind its class, topic and item.
fn native(data: &[u8]) -> Option<&[u8]> {
    let word = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?) as usize);
    if word(4)? != 2 {
        return None;
    }
    let mut at = 8;
    for _ in 0..3 {
        at = word(at)?.checked_add(at + 4)?;
    }
    data.get(at + 4..)
}
