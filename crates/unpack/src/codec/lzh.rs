//! LZSS with Huffman codes in blocks, Yoshizaki's LZHUF as LHA has it, and ARJ in its methods 1 to 3; and ARJ's method 4, whose
//! numbers are of a fixed form. Bits come highest first.

use super::huffman::Codes;
use crate::meter::Cut;
use std::io;

const SHORTEST: usize = 3;
/// The widest window.
const BLANKS: usize = 1 << 16;
/// Literals, then lengths.
const SYMBOLS: usize = 510;
/// Lengths of codes of lengths.
const LENGTHS: usize = 19;

struct Bits<'d> {
    data: &'d [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> io::Result<u32> {
        let byte = *self.data.get(self.at / 8).ok_or(io::ErrorKind::UnexpectedEof)?;
        let bit = u32::from(byte) >> (7 - self.at % 8) & 1;
        self.at += 1;
        Ok(bit)
    }

    fn number(&mut self, bits: usize) -> io::Result<usize> {
        (0..bits).try_fold(0, |n, _| Ok(n << 1 | self.bit()? as usize))
    }

    fn symbol(&mut self, codes: &Codes) -> io::Result<usize> {
        Ok(usize::from(codes.decode(|| self.bit())?))
    }
}

/// How far back a match may lie.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    /// Classes of distances, whose number and single one stand in so many bits.
    pub classes: usize,
    pub bits: usize,
    /// Blanks stand before the first byte.
    pub blank: bool,
}

pub(crate) fn lzh(data: &[u8], window: Window, size: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let mut bits = Bits { data, at: 0 };
    while out.len() < size {
        let symbols = bits.number(16)?;
        let lengths = short_tree(&mut bits, LENGTHS, 5, true)?;
        let literals = long_tree(&mut bits, &lengths)?;
        let distances = short_tree(&mut bits, window.classes, window.bits, false)?;
        for _ in 0..symbols {
            if out.len() == size {
                break;
            }
            let symbol = bits.symbol(&literals)?;
            if symbol < 256 {
                out.push(symbol as u8);
                continue;
            }
            let place = bits.symbol(&distances)?;
            let distance = if place == 0 { 0 } else { (1 << (place - 1)) + bits.number(place - 1)? };
            let (distance, mut len) = (distance + 1, symbol - 256 + SHORTEST);
            while window.blank && (out.len() + 1..=BLANKS).contains(&distance) && len > 0 && out.len() < size {
                out.push(b' ');
                len -= 1;
            }
            if len > 0 && out.len() < size {
                repeat(out, distance, len, size)?;
            }
        }
    }
    Ok(())
}

pub(crate) fn arj_fastest(data: &[u8], size: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let mut bits = Bits { data, at: 0 };
    while out.len() < size {
        let len = stepped(&mut bits, 0, 7)?;
        if len == 0 {
            out.push(bits.number(8)? as u8);
            continue;
        }
        let distance = stepped(&mut bits, 9, 13)?;
        repeat(out, distance + 1, len - 1 + SHORTEST, size)?;
    }
    Ok(())
}

/// Ones say by how much the number's width, and with it the number, is more than the least.
fn stepped(bits: &mut Bits<'_>, least: usize, most: usize) -> io::Result<usize> {
    let (mut width, mut plus) = (least, 0);
    while width < most && bits.bit()? == 1 {
        plus += 1 << width;
        width += 1;
    }
    Ok(plus + bits.number(width)?)
}

fn repeat(out: &mut Vec<u8>, distance: usize, len: usize, size: usize) -> io::Result<()> {
    let from = out.len().checked_sub(distance).ok_or_else(|| io::Error::from(Cut::damaged("a match too far")))?;
    for at in from..from + len.min(size - out.len()) {
        out.push(out[at]);
    }
    Ok(())
}

/// Lengths of three bits, of more as ones say. Of those of lengths, the third is followed by a run of zeros.
fn short_tree(bits: &mut Bits<'_>, symbols: usize, width: usize, run: bool) -> io::Result<Codes> {
    let given = bits.number(width)?;
    if given == 0 {
        return Ok(Codes::one(bits.number(width)? as u16));
    }
    let mut lengths = Vec::with_capacity(symbols);
    while lengths.len() < given.min(symbols) {
        let mut length = bits.number(3)?;
        if length == 7 {
            while bits.bit()? == 1 {
                length += 1;
            }
        }
        lengths.push(u8::try_from(length).unwrap_or(u8::MAX));
        if run && lengths.len() == 3 {
            let zeros = bits.number(2)?;
            lengths.resize(3 + zeros, 0);
        }
    }
    Codes::new(&lengths)
}

fn long_tree(bits: &mut Bits<'_>, of_lengths: &Codes) -> io::Result<Codes> {
    let given = bits.number(9)?;
    if given == 0 {
        return Ok(Codes::one(bits.number(9)? as u16));
    }
    let mut lengths: Vec<u8> = Vec::with_capacity(SYMBOLS);
    while lengths.len() < given.min(SYMBOLS) {
        let zeros = match bits.symbol(of_lengths)? {
            0 => 1,
            1 => bits.number(4)? + 3,
            2 => bits.number(9)? + 20,
            length => {
                lengths.push((length - 2) as u8);
                continue;
            }
        };
        lengths.resize(lengths.len() + zeros, 0);
    }
    lengths.truncate(SYMBOLS);
    Codes::new(&lengths)
}
