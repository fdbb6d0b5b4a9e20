//! SZDD, what the `compress` of DOS and Windows 3 made of one file: a header with the size, then LZSS over spaces.

use super::decoded;
use super::fields::Fields;
use crate::codec::{Lzss, lzss};
use crate::meter::Cut;
use crate::walk::{Entry, Walk, Walked};

const HEADER: usize = 14;
const FORM: Lzss<'static> = Lzss { ring: &[], filler: b' ', at: 4096 - 16, literal: 1, pair };

fn pair(low: u8, high: u8) -> (usize, usize) {
    (usize::from(low) | usize::from(high & 0xf0) << 4, usize::from(high & 15) + 3)
}

pub(crate) fn read(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    let Ok(size) = Fields(bytes).u32(10) else {
        walk.truncated("an SZDD header");
        return Ok(());
    };
    if bytes[8] != b'A' {
        walk.unread(Cut::unsupported(format!("SZDD of mode {}", bytes[8])));
        return Ok(());
    }
    let entry = Entry { declared: Some(size.into()), ..Entry::named(b"data") };
    let data = bytes.get(HEADER..).unwrap_or_default();
    decoded(walk, &entry, data.len(), size.into(), |out| lzss(data, size as usize, &FORM, out))
}
