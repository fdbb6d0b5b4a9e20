//! Runs of bytes of one kind in a file, such as its strings: blocks of bytes are told apart at once, and only runs that are long
//! enough are stopped at. In code every second byte is printable, and a look at each would be a guess at each.

use crate::bits::{BLOCK, in_a_row, low, mask};

/// Calls `run` with each longest run of at least `shortest` bytes (up to 64) of which each is `such`, in order; and `strays` with bytes
/// and which of them (a bit a byte, the first lowest) are such but in no run of that length.
pub(crate) fn each<'t>(
    text: &'t [u8],
    shortest: u32,
    such: impl Fn(u8) -> bool + Copy,
    mut run: impl FnMut(&'t [u8]),
    mut strays: impl FnMut(&'t [u8], u64),
) {
    // Where the run began that went to the end of the last block.
    let mut open: Option<usize> = None;
    let close = |from: usize, to: usize, run: &mut dyn FnMut(&'t [u8]), strays: &mut dyn FnMut(&'t [u8], u64)| {
        let bytes = &text[from..to];
        if bytes.len() >= shortest as usize { run(bytes) } else { strays(bytes, low(bytes.len() as u32)) }
    };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let last = mask(&last, such) & low(rest.len() as u32);
    let masks = blocks.iter().map(|block| mask(block, such)).chain([last]);
    for (n, mut bits) in masks.enumerate() {
        let at = n * BLOCK;
        if let Some(from) = open {
            let more = bits.trailing_ones();
            if more == u64::BITS {
                continue;
            }
            close(from, at + more as usize, &mut run, &mut strays);
            open = None;
            bits &= !low(more);
        }
        let ends_open = bits.leading_ones();
        if ends_open > 0 {
            let from = u64::BITS - ends_open;
            open = Some(at + from as usize);
            bits &= low(from);
        }
        let mut long = in_a_row(bits, shortest);
        while long != 0 {
            let from = long.trailing_zeros();
            let length = (bits >> from).trailing_ones();
            run(&text[at + from as usize..at + (from + length) as usize]);
            let these = low(length) << from;
            long &= !these;
            bits &= !these;
        }
        if bits != 0 {
            strays(&text[at..text.len().min(at + BLOCK)], bits);
        }
    }
    // The last block is shorter than its mask, so that no run is open behind it.
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn such(byte: u8) -> bool {
        byte.is_ascii_lowercase()
    }

    fn check(text: &[u8], shortest: u32) {
        let (mut runs, mut strays): (Vec<&[u8]>, Vec<u8>) = Default::default();
        each(
            text,
            shortest,
            such,
            |run| runs.push(run),
            |bytes, bits| {
                let of = bytes.iter().enumerate().filter(|(n, _)| bits >> n & 1 == 1);
                strays.extend(of.map(|(_, byte)| *byte));
                assert!(bits.count_ones() as usize <= bytes.len(), "a bit is past the bytes");
            },
        );
        let pieces = || text.split(|byte| !such(*byte)).filter(|piece| !piece.is_empty());
        let (long, short): (Vec<&[u8]>, Vec<&[u8]>) = pieces().partition(|piece| piece.len() >= shortest as usize);
        assert_eq!(runs, long, "{:?}", text.escape_ascii().to_string());
        let mut short = short.concat();
        short.sort_unstable();
        strays.sort_unstable();
        assert_eq!(strays, short, "{:?}", text.escape_ascii().to_string());
    }

    #[test]
    fn runs_at_the_edges_of_blocks() {
        for before in 0..70 {
            for length in [0, 1, 4, 5, 6, 59, 60, 63, 64, 65, 128, 200] {
                let run: Vec<u8> = (0..length).map(|n| b"abcdefg"[n % 7]).collect();
                check(&[&vec![b'.'; before][..], &run].concat(), 5);
                check(&[&vec![b'.'; before][..], &run, b".xy"].concat(), 5);
                check(&[&vec![b'z'; before][..], b".", &run, b"."].concat(), 5);
            }
        }
    }

    proptest! {
        #[test]
        fn runs_are_those_of_a_plain_split(text in "[a-c.]{0,300}", shortest in 1u32..9) {
            check(text.as_bytes(), shortest);
        }
    }
}
