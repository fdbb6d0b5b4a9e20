//! The Rich header: which tools built the parts of a program, hidden behind a key between the DOS stub and the PE header.

use super::{Image, Warning, slice};

const DANS: u32 = 0x536e_6144;
const RICH: u32 = 0x6863_6952;

/// Its values in the clear, pairs of tool and count; empty without one.
pub(super) fn read(image: &Image<'_>) -> Vec<u32> {
    let within = slice(image.data, 0x80, image.header.optional_offset);
    let Some(end) = within.windows(4).position(|window| window == b"Rich") else { return Vec::new() };
    let block = slice(image.data, 0x80, 0x80 + end as i64 + 8);
    let words: Vec<u32> = block.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let Some(&key) = words.iter().position(|word| *word == RICH).and_then(|at| words.get(at + 1)) else {
        return Vec::new();
    };
    if words.len() < 4 || words[0] ^ key != DANS || words[1..4] != [key; 3] {
        image.warn(Warning::RichFormat);
    }
    let mut values = Vec::new();
    for pair in words.get(4..).unwrap_or(&[]).chunks_exact(2) {
        if pair[0] == RICH {
            if pair[1] != key {
                image.warn(Warning::RichMalformed);
            }
            break;
        }
        values.extend([pair[0] ^ key, pair[1] ^ key]);
    }
    values
}
