//! The LZW of Unix compress (`.Z`): codes of 9 to 16 bits, lowest bits first, in groups of eight; where codes become
//! longer, or the table is cleared, what is left of a group is padding. There is no end mark: a cut is seen only where it
//! breaks a code.

use crate::meter::Cut;
use crate::source::read_full;
use std::io::{self, Read};

const CLEAR: u16 = 256;

pub(crate) struct Uncompress<R> {
    input: R,
    max_bits: u32,
    clears: bool,
    bits: u32,
    /// Next free code.
    free: usize,
    prefix: Vec<u16>,
    suffix: Vec<u8>,
    previous: Option<u16>,
    first: u8,
    out: Vec<u8>,
    at: usize,
}

impl<R: Read> Uncompress<R> {
    pub fn new(mut input: R) -> io::Result<Self> {
        let mut header = [0; 3];
        input.read_exact(&mut header)?;
        let max_bits = u32::from(header[2] & 0x1f);
        if header[..2] != [0x1f, 0x9d] || !(9..=16).contains(&max_bits) {
            return Err(Cut::damaged("no compress header").into());
        }
        let clears = header[2] & 0x80 != 0;
        Ok(Uncompress {
            input,
            max_bits,
            clears,
            bits: 9,
            free: if clears { 257 } else { 256 },
            prefix: vec![0; 1 << max_bits],
            suffix: (0..1usize << max_bits).map(|code| code as u8).collect(),
            previous: None,
            first: 0,
            out: Vec::new(),
            at: 0,
        })
    }

    /// One group; false at the end.
    fn group(&mut self) -> io::Result<bool> {
        let bits = self.bits as usize;
        let mut bytes = [0; 16];
        let n = read_full(&mut self.input, &mut bytes[..bits])?;
        if n == 0 {
            return Ok(false);
        }
        let word = u128::from_le_bytes(bytes);
        for code in 0..n * 8 / bits {
            let code = (word >> (code * bits)) as u32 & ((1 << bits) - 1);
            let code = code as u16;
            if self.clears && code == CLEAR {
                (self.free, self.bits, self.previous) = (257, 9, None);
                break;
            }
            self.code(code)?;
            if self.free >> self.bits > 0 && self.bits < self.max_bits {
                self.bits += 1;
                break;
            }
        }
        Ok(true)
    }

    fn code(&mut self, code: u16) -> io::Result<()> {
        let from = self.out.len();
        let mut at = usize::from(code);
        let Some(previous) = self.previous else {
            if at > 255 {
                return Err(Cut::damaged("a code before its string").into());
            }
            (self.first, self.previous) = (code as u8, Some(code));
            self.out.push(self.first);
            return Ok(());
        };
        if at >= self.free {
            // The string that this very code makes.
            if at > self.free {
                return Err(Cut::damaged("a code before its string").into());
            }
            self.out.push(self.first);
            at = usize::from(previous);
        }
        while at > 255 {
            self.out.push(self.suffix[at]);
            at = usize::from(self.prefix[at]);
        }
        self.first = at as u8;
        self.out.push(self.first);
        self.out[from..].reverse();
        if self.free < 1 << self.max_bits {
            (self.prefix[self.free], self.suffix[self.free]) = (previous, self.first);
            self.free += 1;
        }
        self.previous = Some(code);
        Ok(())
    }
}

impl<R: Read> Read for Uncompress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() && !buffer.is_empty() {
            self.out.clear();
            self.at = 0;
            if !self.group()? {
                return Ok(0);
            }
        }
        let rest = &self.out[self.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}
