//! Codes of a canonical Huffman tree, given as the length of each symbol's code: shorter codes come first, and among those
//! of one length the lower symbol. Decoded bit by bit, which is quick enough for the old formats that use it.

use crate::meter::Cut;
use std::io;

const LONGEST: usize = 16;

pub(crate) struct Codes {
    /// Codes of each length.
    count: [u16; LONGEST + 1],
    /// In the order of their codes.
    symbols: Vec<u16>,
    /// The tree is this one symbol, which takes no bit.
    only: Option<u16>,
}

impl Codes {
    /// 0 is no code. Lengths that no tree has are an error.
    pub fn new(lengths: &[u8]) -> io::Result<Codes> {
        let mut count = [0u16; LONGEST + 1];
        for length in lengths {
            *count.get_mut(usize::from(*length)).ok_or_else(bad)? += 1;
        }
        count[0] = 0;
        let taken: u32 = (1..=LONGEST).map(|length| u32::from(count[length]) << (LONGEST - length)).sum();
        if taken > 1 << LONGEST {
            return Err(bad());
        }
        let mut symbols: Vec<u16> = (0..lengths.len() as u16).filter(|n| lengths[usize::from(*n)] > 0).collect();
        symbols.sort_by_key(|n| lengths[usize::from(*n)]);
        Ok(Codes { count, symbols, only: None })
    }

    pub fn one(symbol: u16) -> Codes {
        Codes { count: [0; LONGEST + 1], symbols: Vec::new(), only: Some(symbol) }
    }

    pub fn decode(&self, mut bit: impl FnMut() -> io::Result<u32>) -> io::Result<u16> {
        if let Some(only) = self.only {
            return Ok(only);
        }
        let (mut code, mut first, mut index) = (0u32, 0u32, 0u32);
        for count in self.count[1..].iter().map(|count| u32::from(*count)) {
            code |= bit()?;
            if code < first + count {
                return self.symbols.get((index + code - first) as usize).copied().ok_or_else(bad);
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(bad())
    }
}

fn bad() -> io::Error {
    Cut::damaged("a Huffman tree").into()
}
