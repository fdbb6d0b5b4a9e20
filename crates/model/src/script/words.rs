//! Words of a text, and runs of base64's characters: how many, how long, of what. 64 bytes are told apart at a time, a bit a byte;
//! what is asked of a word is then a count of bits, and only words and runs that are long enough to be told of are stopped at.

use crate::bits::{BLOCK, in_a_row, low, mask};

/// Shorter words are neither odd nor digests.
const TELLING: u32 = 6;
const DIGEST: usize = 32;
const ENCODED: usize = 40;
/// Of a run of [`ENCODED`] bytes, some block holds so many in a row.
const ENCODED_PART: u32 = ENCODED as u32 / 2;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    pub count: u32,
    /// Bytes of all words.
    pub letters: u64,
    pub longest: usize,
    /// Words with hardly a vowel, that are no numbers.
    pub odd: u32,
    /// Words that are digests.
    pub hex: u32,
    /// Runs that may be base64 of something, and their bytes.
    pub base64: u32,
    pub base64_bytes: u64,
    /// The word that the last block ended in.
    open: Word,
    /// Runs of base64's characters are looked at up to here.
    looked: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Word {
    length: usize,
    digits: u32,
    vowels: u32,
}

impl Words {
    pub fn of(text: &[u8]) -> Words {
        let mut words = Words::default();
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        for (n, block) in blocks.iter().enumerate() {
            words.block(text, n * BLOCK, block);
        }
        // Behind the text are zeros, which are in no word.
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        words.block(text, blocks.len() * BLOCK, &last);
        words
    }

    fn block(&mut self, text: &[u8], at: usize, block: &[u8; BLOCK]) {
        let mut words = mask(block, is_word);
        self.letters += u64::from(words.count_ones());
        self.count += (words & !(words << 1 | u64::from(self.open.length > 0))).count_ones();
        let (digits, vowels) = (mask(block, |byte| byte.is_ascii_digit()), mask(block, is_vowel));
        let word = |from: u32, length: u32| {
            let these = low(length) << from;
            Word {
                length: length as usize,
                digits: (digits & these).count_ones(),
                vowels: (vowels & these).count_ones(),
            }
        };
        if self.open.length > 0 {
            let more = words.trailing_ones();
            self.open.add(word(0, more));
            if more < u64::BITS {
                let open = std::mem::take(&mut self.open);
                self.word(text, at + more as usize, open);
            }
            words &= !low(more);
        }
        let last = words.leading_ones();
        if last > 0 {
            let from = u64::BITS - last;
            self.open.add(word(from, last));
            words &= low(from);
        }
        // Words of a few letters are the longest only where there is no other.
        while self.longest < TELLING as usize && in_a_row(words, self.longest as u32 + 1) != 0 {
            self.longest += 1;
        }
        let mut telling = in_a_row(words, TELLING);
        while telling != 0 {
            let from = telling.trailing_zeros();
            let length = (words >> from).trailing_ones();
            self.word(text, at + (from + length) as usize, word(from, length));
            telling &= !(low(length) << from);
        }
        self.runs(text, at, mask(block, is_base64));
    }

    /// A word that ends at `end`.
    fn word(&mut self, text: &[u8], end: usize, word: Word) {
        self.longest = self.longest.max(word.length);
        if word.length < TELLING as usize {
            return;
        }
        self.odd += u32::from(word.length > word.digits as usize && word.vowels as usize * 8 < word.length);
        self.hex += u32::from(word.length >= DIGEST && text[end - word.length..end].iter().all(u8::is_ascii_hexdigit));
    }

    /// Long runs that have a good part in this block.
    fn runs(&mut self, text: &[u8], at: usize, such: u64) {
        let mut parts = in_a_row(such, ENCODED_PART);
        while parts != 0 {
            let place = at + parts.trailing_zeros() as usize;
            if place >= self.looked {
                let before = text[self.looked..place].iter().rev().take_while(|byte| is_base64(**byte)).count();
                let after = text[place..].iter().take_while(|byte| is_base64(**byte)).count();
                self.looked = place + after;
                self.run(&text[place - before..place + after]);
            }
            // What is left of this run in this block, and all before it.
            let done = (self.looked - at).min(BLOCK) as u32;
            parts &= !low(done);
        }
    }

    fn run(&mut self, run: &[u8]) {
        let mixed = run.len() >= ENCODED
            && run.iter().any(u8::is_ascii_digit)
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase);
        self.base64 += u32::from(mixed);
        self.base64_bytes += if mixed { run.len() as u64 } else { 0 };
    }
}

impl Word {
    fn add(&mut self, more: Word) {
        self.length += more.length;
        self.digits += more.digits;
        self.vowels += more.vowels;
    }
}

#[inline(always)]
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'_')
}

#[inline(always)]
fn is_vowel(byte: u8) -> bool {
    matches!(byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

#[inline(always)]
fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, a byte at a time.
    fn plainly(text: &[u8]) -> Words {
        let mut words = Words::default();
        for word in text.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty()) {
            words.count += 1;
            words.letters += word.len() as u64;
            words.longest = words.longest.max(word.len());
            let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
            let vowels = word.iter().filter(|byte| b"aeiouyAEIOUY".contains(byte)).count();
            words.odd += u32::from(word.len() >= 6 && word.len() > digits && vowels * 8 < word.len());
            words.hex += u32::from(word.len() >= 32 && word.iter().all(u8::is_ascii_hexdigit));
        }
        for run in text.split(|byte| !is_base64(*byte)).filter(|run| run.len() >= 40) {
            let any = |such: fn(&u8) -> bool| run.iter().any(such);
            if any(u8::is_ascii_digit) && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) {
                words.base64 += 1;
                words.base64_bytes += run.len() as u64;
            }
        }
        words
    }

    fn check(text: &[u8]) {
        let words = Words { open: Word::default(), looked: 0, ..Words::of(text) };
        assert_eq!(words, plainly(text), "{:?}", text.escape_ascii().to_string());
    }

    #[test]
    fn words_at_the_edges_of_blocks() {
        for before in 0..70 {
            for length in [0, 1, 5, 6, 7, 31, 32, 39, 40, 63, 64, 65, 128, 200] {
                let word: Vec<u8> = (0..length).map(|n| b"0bCdfx9e"[n % 8]).collect();
                let hex: Vec<u8> = (0..length).map(|n| b"0123abcdEF"[n % 10]).collect();
                for word in [word, hex] {
                    check(&[&vec![b' '; before][..], &word, b" a"].concat());
                    check(&[&vec![b'x'; before][..], b"-", &word].concat());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_bits_say_is_what_bytes_say(
            text in proptest::collection::vec(prop_oneof![4 => Just(b'a'), 4 => Just(b'Q'), 3 => Just(b'7'), 1 => Just(b' '), 1 => any::<u8>()], 0..600),
        ) {
            check(&text);
        }
    }
}
