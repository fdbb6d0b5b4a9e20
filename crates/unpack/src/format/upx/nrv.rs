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

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes what the decoder reads.
    struct Writer {
        out: Vec<u8>,
        word: usize,
        left: u32,
        width: usize,
        variant: Variant,
    }

    impl Writer {
        fn bit(&mut self, bit: u32) {
            if self.left == 0 {
                self.word = self.out.len();
                self.out.resize(self.word + self.width, 0);
                self.left = 8 * self.width as u32;
            }
            self.left -= 1;
            self.out[self.word + self.left as usize / 8] |= ((bit & 1) << (self.left % 8)) as u8;
        }

        fn number(&mut self, n: u32) {
            for at in (0..n.ilog2()).rev() {
                self.bit(n >> at);
                self.bit(u32::from(at == 0));
            }
        }

        fn woven(&mut self, n: u32) {
            let mut pairs = Vec::new();
            let (last, mut rest) = (n & 1, n >> 1);
            while rest != 1 {
                let before = (rest >> 1) + 1;
                pairs.push((before & 1, rest & 1));
                rest = before >> 1;
            }
            for (first, second) in pairs.into_iter().rev() {
                self.bit(first);
                self.bit(0);
                self.bit(second);
            }
            self.bit(last);
            self.bit(1);
        }

        fn literal(&mut self, byte: u8) {
            self.bit(1);
            self.out.push(byte);
        }

        fn distance(&mut self, whole: u32) {
            self.bit(0);
            let high = (whole >> 8) + 3;
            if self.variant == Variant::B {
                self.number(high)
            } else {
                self.woven(high)
            }
            self.out.push(whole as u8);
        }

        fn pair(&mut self, distance: u32, len: u32) {
            let far = distance > if self.variant == Variant::B { 0xd00 } else { 0x500 };
            let len = len - 1 - u32::from(far);
            let low = match self.variant {
                Variant::B => 0,
                Variant::D => {
                    if len < 4 {
                        len >> 1
                    } else {
                        0
                    }
                }
                Variant::E => u32::from(len < 3),
            };
            let whole = if self.variant == Variant::B { distance - 1 } else { (distance - 1) << 1 | (low ^ 1) };
            self.distance(whole);
            match self.variant {
                Variant::B | Variant::D if len > 3 => {
                    (0..if self.variant == Variant::B { 2 } else { 1 }).for_each(|_| self.bit(0));
                    self.number(len - 2);
                }
                Variant::B => {
                    self.bit(len >> 1);
                    self.bit(len);
                }
                Variant::D => self.bit(len),
                Variant::E if len < 3 => self.bit(len - 1),
                Variant::E if len < 5 => {
                    self.bit(1);
                    self.bit(len - 3);
                }
                Variant::E => {
                    self.bit(0);
                    self.number(len - 3);
                }
            }
        }
    }

    #[test]
    fn reads_literals_and_matches_of_each_variant_and_width() {
        for method in 2..=10u8 {
            let variant = [Variant::B, Variant::D, Variant::E][usize::from((method - 2) / 3)];
            let width = [4, 1, 2][usize::from((method - 2) % 3)];
            let mut writer = Writer { out: Vec::new(), word: 0, left: 0, width, variant };
            let mut expected = Vec::new();
            for n in 0..5_000u32 {
                let byte = (n.wrapping_mul(2_654_435_761) >> 24) as u8;
                writer.literal(byte);
                expected.push(byte);
            }
            for (distance, len) in
                [(1, 2), (3, 3), (7, 4), (255, 5), (256, 6), (1_281, 7), (3_400, 40), (4_999, 900), (2, 3)]
            {
                writer.pair(distance, len);
                for _ in 0..len {
                    expected.push(expected[expected.len() - distance as usize]);
                }
            }
            writer.distance(u32::MAX);
            assert_eq!(decompress(&writer.out, expected.len(), method).unwrap(), expected, "method {method}");
            assert!(decompress(&writer.out[..writer.out.len() / 2], expected.len(), method).is_err());
            assert!(decompress(&writer.out, expected.len() - 1, method).is_err());
        }
    }
}
