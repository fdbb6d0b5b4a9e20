//! Implode, method 6 of zip archives of the early nineties: literals and matches, their parts by Shannon-Fano codes, whose
//! lengths stand in front. (APPNOTE 5.3. Its codes are those of a canonical tree with every bit turned round.)

use super::huffman::Codes;
use crate::meter::Cut;
use std::io;

struct Bits<'d> {
    data: &'d [u8],
    at: usize,
    bit: u32,
}

impl Bits<'_> {
    fn bit(&mut self) -> io::Result<u32> {
        let byte = *self.data.get(self.at).ok_or(io::ErrorKind::UnexpectedEof)?;
        let bit = u32::from(byte) >> self.bit & 1;
        self.bit = (self.bit + 1) % 8;
        self.at += usize::from(self.bit == 0);
        Ok(bit)
    }

    fn number(&mut self, bits: u32) -> io::Result<usize> {
        (0..bits).try_fold(0, |n, at| Ok(n | (self.bit()? as usize) << at))
    }

    fn symbol(&mut self, codes: &Codes) -> io::Result<usize> {
        Ok(usize::from(codes.decode(|| Ok(self.bit()? ^ 1))?))
    }
}

/// `flags` are those of the zip's header: a larger window, and a tree for literals.
pub(crate) fn explode(data: &[u8], flags: u16, size: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let (large, three) = (flags & 2 != 0, flags & 4 != 0);
    let mut data = data;
    let literals = if three { Some(tree(&mut data, 256)?) } else { None };
    let lengths = tree(&mut data, 64)?;
    let distances = tree(&mut data, 64)?;
    let (low_bits, shortest) = (if large { 7 } else { 6 }, if three { 3 } else { 2 });
    let mut bits = Bits { data, at: 0, bit: 0 };
    while out.len() < size {
        if bits.bit()? == 1 {
            let byte = match &literals {
                Some(codes) => bits.symbol(codes)?,
                None => bits.number(8)?,
            };
            out.push(byte as u8);
            continue;
        }
        let low = bits.number(low_bits)?;
        let distance = (bits.symbol(&distances)? << low_bits | low) + 1;
        let mut len = bits.symbol(&lengths)?;
        if len == 63 {
            len += bits.number(8)?;
        }
        for _ in 0..(len + shortest).min(size - out.len()) {
            // Before the beginning there are zeros.
            out.push(out.len().checked_sub(distance).map_or(0, |at| out[at]));
        }
    }
    Ok(())
}

/// Pairs of a length and how many symbols in a row have it, behind their number.
fn tree(data: &mut &[u8], symbols: usize) -> io::Result<Codes> {
    let (pairs, rest) = data.split_first().ok_or(io::ErrorKind::UnexpectedEof)?;
    let pairs = usize::from(*pairs) + 1;
    let mut lengths = Vec::with_capacity(symbols);
    for pair in rest.get(..pairs).ok_or(io::ErrorKind::UnexpectedEof)? {
        lengths.extend(std::iter::repeat_n((pair & 15) + 1, usize::from(pair >> 4) + 1));
    }
    *data = &rest[pairs..];
    if lengths.len() != symbols {
        return Err(Cut::damaged("a tree of an imploded member").into());
    }
    Codes::new(&lengths)
}
