//! NRV2B, NRV2D and NRV2E: a bit says literal or match; a match's distance and length are numbers whose bits come between
//! bits that say whether more follow. The three differ in how those are woven. Bits come from bytes, or from words of 16
//! or 32 bits, the highest first; literals and the low parts of distances are whole bytes in between.

use crate::meter::Cut;
use std::io;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Variant {
    B,
    D,
    E,
}

struct Bits<'d> {
    data: &'d [u8],
    at: usize,
    held: u32,
    left: u32,
    /// Bytes that are fetched at a time.
    width: usize,
}

impl Bits<'_> {
    fn byte(&mut self) -> io::Result<u8> {
        let byte = *self.data.get(self.at).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.at += 1;
        Ok(byte)
    }

    fn bit(&mut self) -> io::Result<u32> {
        if self.left == 0 {
            let word = self.data.get(self.at..self.at + self.width).ok_or(io::ErrorKind::UnexpectedEof)?;
            self.held = word.iter().rev().fold(0, |n, byte| n << 8 | u32::from(*byte));
            self.at += self.width;
            self.left = 8 * self.width as u32;
        }
        self.left -= 1;
        Ok(self.held >> self.left & 1)
    }

    /// A one, then bits, each followed by one that says whether it was the last.
    fn number(&mut self) -> io::Result<u32> {
        let mut n = 1u32;
        loop {
            n = n.checked_mul(2).ok_or_else(bad)? | self.bit()?;
            if self.bit()? == 1 {
                return Ok(n);
            }
        }
    }
}

fn bad() -> io::Error {
    Cut::damaged("an NRV stream").into()
}

/// `method` as UPX numbers them: 2 to 10, in threes of B, D and E, each for words of 32, 8 and 16 bits.
pub(super) fn decompress(data: &[u8], size: usize, method: u8) -> io::Result<Vec<u8>> {
    let variant = [Variant::B, Variant::D, Variant::E][usize::from((method - 2) / 3).min(2)];
    let width = [4, 1, 2][usize::from((method - 2) % 3)];
    let mut bits = Bits { data, at: 0, held: 0, left: 0, width };
    let mut out = Vec::with_capacity(size);
    let mut last = 1u32;
    loop {
        while bits.bit()? == 1 {
            if out.len() == size {
                return Err(bad());
            }
            out.push(bits.byte()?);
        }
        let Some((distance, len)) = pair(&mut bits, variant, &mut last)? else { return Ok(out) };
        let distance = distance as usize;
        if distance == 0 || distance > out.len() || len as usize > size - out.len() {
            return Err(bad());
        }
        for _ in 0..len {
            out.push(out[out.len() - distance]);
        }
    }
}

/// Distance and length; `None` at the end mark.
fn pair(bits: &mut Bits<'_>, variant: Variant, last: &mut u32) -> io::Result<Option<(u32, u32)>> {
    let high = match variant {
        Variant::B => bits.number()?,
        Variant::D | Variant::E => {
            let mut n = 1u32;
            loop {
                n = n.checked_mul(2).ok_or_else(bad)? | bits.bit()?;
                if bits.bit()? == 1 {
                    break n;
                }
                n = (n - 1).checked_mul(2).ok_or_else(bad)? | bits.bit()?;
            }
        }
    };
    let mut low = 0;
    if high == 2 {
        if variant != Variant::B {
            low = bits.bit()?;
        }
    } else {
        let high = high.checked_sub(3).ok_or_else(bad)?;
        let whole = high.wrapping_mul(256) | u32::from(bits.byte()?);
        if whole == u32::MAX {
            return Ok(None);
        }
        if variant == Variant::B {
            *last = whole + 1;
        } else {
            low = !whole & 1;
            *last = (whole >> 1) + 1;
        }
    }
    let len = match variant {
        Variant::B => {
            let len = bits.bit()? << 1 | bits.bit()?;
            if len == 0 { bits.number()?.checked_add(2).ok_or_else(bad)? } else { len }
        }
        Variant::D => {
            let len = low << 1 | bits.bit()?;
            if len == 0 { bits.number()?.checked_add(2).ok_or_else(bad)? } else { len }
        }
        Variant::E if low == 1 => 1 + bits.bit()?,
        Variant::E if bits.bit()? == 1 => 3 + bits.bit()?,
        Variant::E => bits.number()?.checked_add(3).ok_or_else(bad)?,
    };
    // Far matches are longer by one.
    let far = *last > if variant == Variant::B { 0xd00 } else { 0x500 };
    len.checked_add(1 + u32::from(far)).map(|len| Some((*last, len))).ok_or_else(bad)
}
