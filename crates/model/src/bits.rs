//! Sixty-four bytes at a time, a bit a byte: what is asked of each byte becomes a question about one number.

/// Bytes of which one mask speaks.
pub(crate) const BLOCK: usize = 64;

/// So many of the lowest bits; `count` up to 64.
#[inline]
pub(crate) fn low(count: u32) -> u64 {
    1u64.checked_shl(count).unwrap_or(0).wrapping_sub(1)
}

/// Bits with which so many set bits in a row begin, `length` from 1 to 64.
#[inline]
pub(crate) fn in_a_row(bits: u64, length: u32) -> u64 {
    let (mut all, mut have) = (bits, 1);
    while have < length {
        let more = have.min(length - have);
        all &= all >> more;
        have += more;
    }
    all
}

/// A bit a byte, the first lowest. A plain loop, and part of its caller: so it is a few instructions for all bytes together, and not a call
/// for each.
#[inline(always)]
pub(crate) fn mask(block: &[u8; BLOCK], such: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0u8; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(such(*byte));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let mut mask = 0;
    for (n, eight) in eights.iter().enumerate() {
        // The product brings the lowest bit of each byte into the highest byte.
        mask |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (n * 8);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_in_a_row() {
        let check = |bits: u64, length: u32, expected: u64| assert_eq!(in_a_row(bits, length), expected, "{bits:b}");
        check(0b1110_1111, 3, 0b0010_0011);
        check(0b1110_1111, 4, 0b0000_0001);
        check(u64::MAX, 64, 1);
        check(0b101, 1, 0b101);
        assert_eq!((low(0), low(3), low(64)), (0, 7, u64::MAX));
    }
}
