//! Strings: runs of at least five bytes from 0x20 to 0x7f; how many, how long, of which characters, and how many of them
//! contain each of 77 things of interest (at most once a string).

use super::finder::FINDER;
use super::numeric;
use super::things::COUNT;
use crate::runs;

/// Dimensions of this group.
pub(super) const WIDTH: usize = 3 + 96 + 1 + COUNT;

const SHORTEST: u32 = 5;

/// What the strings of a file say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Strings {
    pub count: u64,
    pub mean_length: f64,
    /// How often each character from 0x20 to 0x7f stands in strings.
    pub characters: [u64; 96],
    /// Sum of `characters`.
    pub printable: u64,
    pub entropy: f64,
    pub things: [u64; COUNT],
}

impl Strings {
    /// `counts` says how often each byte value stands in the file: what is not in a string is taken off, which is less work than
    /// counting what is.
    pub(super) fn of(file: &[u8], counts: &[u64; 256]) -> Self {
        let mut strings = Strings {
            count: 0,
            mean_length: 0.0,
            characters: std::array::from_fn(|i| counts[i + 0x20]),
            printable: 0,
            entropy: 0.0,
            things: [0; COUNT],
        };
        let mut characters = strings.characters;
        runs::each(
            file,
            SHORTEST,
            is_printable,
            |string| strings.add(string, FINDER.find(string)),
            |bytes, mut strays| {
                while strays != 0 {
                    characters[usize::from(bytes[strays.trailing_zeros() as usize] - 0x20)] -= 1;
                    strays &= strays - 1;
                }
            },
        );
        strings.characters = characters;
        strings.finish();
        strings
    }

    fn add(&mut self, string: &[u8], mut found: u128) {
        self.count += 1;
        self.printable += string.len() as u64;
        while found != 0 {
            self.things[found.trailing_zeros() as usize] += 1;
            found &= found - 1;
        }
    }

    fn finish(&mut self) {
        if self.count == 0 {
            return;
        }
        self.mean_length = self.printable as f64 / self.count as f64;
        let mut terms = [0f64; 96];
        let mut used = 0;
        for count in self.characters.into_iter().filter(|count| *count > 0) {
            let share = f64::from(count as f32) / self.printable as f64;
            terms[used] = -share * share.log2();
            used += 1;
        }
        self.entropy = numeric::pairwise_sum(&terms[..used]);
    }

    /// Appends the 177 dimensions.
    pub(super) fn write(&self, row: &mut Vec<f32>) {
        row.push(self.count as f32);
        row.push(self.mean_length as f32);
        row.push(self.printable as f32);
        let divisor = self.printable.max(1) as f64;
        row.extend(self.characters.iter().map(|count| (*count as f64 / divisor) as f32));
        row.push(self.entropy as f32);
        row.extend(self.things.iter().map(|count| *count as f32));
    }
}

#[inline(always)]
fn is_printable(byte: u8) -> bool {
    (0x20..=0x7f).contains(&byte)
}
