//! Strings: runs of at least five bytes from 0x20 to 0x7f; how many, how long, of which characters, and how many of them
//! contain each of 77 things of interest (at most once a string).
//!
//! Most things are plain words: where four bytes are those that one begins with (a table of hashes says it, and no byte waits
//! for what the one before it was), that word is looked for. Addresses and wallets are looked for around the characters that
//! they cannot do without.

use super::numeric;
use super::things::{COUNT, THINGS};
use std::sync::LazyLock;

/// Dimensions of this group.
pub(super) const WIDTH: usize = 3 + 96 + 1 + COUNT;

const SHORTEST: usize = 5;

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
        let finder = &*FINDER;
        let mut rest = file;
        loop {
            rest = &rest[while_all(rest, |byte| !printable(byte))..];
            if rest.is_empty() {
                break;
            }
            let (string, after) = rest.split_at(while_all(rest, printable));
            rest = after;
            if string.len() >= SHORTEST {
                strings.add(string, finder.find(string));
            } else {
                string.iter().for_each(|byte| strings.characters[usize::from(byte - 0x20)] -= 1);
            }
        }
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

fn printable(byte: u8) -> bool {
    (0x20..=0x7f).contains(&byte)
}

/// How many bytes at the beginning are such.
fn while_all(bytes: &[u8], such: impl Fn(u8) -> bool) -> usize {
    let (blocks, _) = bytes.as_chunks::<16>();
    // Without a way out within a block, so that it is one comparison.
    let whole = blocks.iter().take_while(|block| block.iter().fold(true, |all, byte| all & such(*byte))).count() * 16;
    whole + bytes[whole..].iter().take_while(|byte| such(**byte)).count()
}

/// How a thing of interest is recognised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Find {
    /// This text, in any case.
    AnyCase(&'static str),
    Exact(&'static str),
    /// One of these, with no word character before it.
    AtWord(&'static [&'static str]),
    /// `click` with anything before it.
    Click,
    Url,
    /// The characters of base 64 from `A` to `9`, any more nines, and `/`: what the original's pattern makes of the `+` in it.
    Alphabet,
    Ipv4,
    Ipv6,
    /// Six pairs of hexadecimal digits; asked twice, since the original has the same pattern for e-mail addresses.
    Mac,
    Bitcoin,
}

/// A word, and what else must hold where it stands.
#[derive(Clone, Copy)]
struct Candidate {
    thing: usize,
    text: &'static str,
    check: Check,
}

#[derive(Clone, Copy, PartialEq)]
enum Check {
    None,
    Case,
    CaseAtWord,
    Url,
    NotFirst,
    Alphabet,
}

struct Finder {
    /// Of four bytes' hash: 0 where no word begins so, else one above the place in `words`.
    begins: Box<[u8; 1 << HASH_BITS]>,
    words: Vec<Vec<Candidate>>,
    /// Shorter than four bytes, with a colon as the second.
    drives: Vec<Candidate>,
    /// Things that are no words.
    others: Vec<(usize, Find)>,
    class: [u8; 256],
}

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

const HASH_BITS: u32 = 13;

/// Of four bytes in any case.
fn hash(bytes: [u8; 4]) -> usize {
    ((u32::from_le_bytes(bytes) | 0x2020_2020).wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize
}

// Classes of characters.
const WORD: u8 = 1;
const HEX: u8 = 2;
const DIGIT: u8 = 4;
const BASE58: u8 = 8;
const URL: u8 = 16;

/// A wallet has more characters of base 58 than this.
const WALLET: usize = 25;

impl Finder {
    fn new() -> Self {
        let (mut candidates, mut others) = (Vec::new(), Vec::new());
        for (thing, (_, _, find)) in THINGS.iter().enumerate() {
            let mut add = |text, check| candidates.push(Candidate { thing, text, check });
            match *find {
                Find::AnyCase(text) => add(text, Check::None),
                Find::Exact(text) => add(text, Check::Case),
                Find::AtWord(texts) => texts.iter().for_each(|text| add(text, Check::CaseAtWord)),
                Find::Alphabet => {
                    add("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", Check::Alphabet);
                }
                Find::Click => add("click", Check::NotFirst),
                Find::Url => ["http://", "https://", "ftp://"].into_iter().for_each(|text| add(text, Check::Url)),
                Find::Ipv4 | Find::Ipv6 | Find::Mac | Find::Bitcoin => others.push((thing, *find)),
            }
        }
        let mut begins = Box::new([0u8; 1 << HASH_BITS]);
        let (mut words, mut drives): (Vec<Vec<Candidate>>, Vec<Candidate>) = (Vec::new(), Vec::new());
        for candidate in candidates {
            let Some(first) = candidate.text.as_bytes().first_chunk::<4>() else {
                assert_eq!(candidate.text.as_bytes()[1], b':', "it is looked for by its colon");
                drives.push(candidate);
                continue;
            };
            let slot = &mut begins[hash(*first)];
            if *slot == 0 {
                words.push(Vec::new());
                *slot = u8::try_from(words.len()).expect("a fixed list of fewer words");
            }
            words[usize::from(*slot) - 1].push(candidate);
        }
        let mut class = [0u8; 256];
        for byte in 0x20..=0x7fu8 {
            let mut bits = 0;
            bits |= if byte.is_ascii_alphanumeric() || byte == b'_' { WORD } else { 0 };
            bits |= if byte.is_ascii_hexdigit() { HEX } else { 0 };
            bits |= if byte.is_ascii_digit() { DIGIT } else { 0 };
            bits |= if byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte) { BASE58 } else { 0 };
            bits |= if byte.is_ascii_alphanumeric() || b"-._~:?#[]@!$&'()*+,;=".contains(&byte) { URL } else { 0 };
            class[usize::from(byte)] = bits;
        }
        Finder { begins, words, drives, others, class }
    }

    /// A bit a thing that `string` contains.
    fn find(&self, string: &[u8]) -> u128 {
        let mut found = 0u128;
        for (at, four) in string.windows(4).enumerate() {
            let slot = self.begins[hash([four[0], four[1], four[2], four[3]])];
            if slot != 0 {
                self.judge(&self.words[usize::from(slot) - 1], string, at, &mut found);
            }
        }
        let (mut dot, mut colon, mut dash) = (false, false, false);
        for byte in string {
            dot |= *byte == b'.';
            colon |= *byte == b':';
            dash |= *byte == b'-';
        }
        if colon {
            for at in memchr::memchr_iter(b':', string).filter(|at| *at > 0) {
                self.judge(&self.drives, string, at - 1, &mut found);
            }
        }
        for (thing, find) in &self.others {
            let there = match find {
                Find::Ipv4 => dot && self.ipv4(string),
                Find::Ipv6 => colon && self.ipv6(string),
                Find::Mac => (colon || dash) && self.mac(string),
                Find::Bitcoin => self.wallet(string),
                _ => false,
            };
            found |= u128::from(there) << thing;
        }
        found
    }

    /// Which of these words begins at `start`.
    fn judge(&self, candidates: &[Candidate], string: &[u8], start: usize, found: &mut u128) {
        for candidate in candidates {
            if *found >> candidate.thing & 1 == 1 {
                continue;
            }
            let end = start + candidate.text.len();
            let Some(text) = string.get(start..end).filter(|text| text.eq_ignore_ascii_case(candidate.text.as_bytes()))
            else {
                continue;
            };
            let at_word = start == 0 || !self.is(WORD, string[start - 1]);
            let case = text == candidate.text.as_bytes();
            let there = match candidate.check {
                Check::None => true,
                Check::Case => case,
                Check::CaseAtWord => case && at_word,
                Check::Url => case && at_word && string.get(end).is_some_and(|byte| self.is(URL, *byte)),
                Check::NotFirst => start > 0,
                Check::Alphabet => case && string[end..].iter().find(|byte| **byte != b'9') == Some(&b'/'),
            };
            *found |= u128::from(there) << candidate.thing;
        }
    }

    fn is(&self, class: u8, byte: u8) -> bool {
        self.class[usize::from(byte)] & class != 0
    }

    fn before_is(&self, class: u8, string: &[u8], at: usize) -> bool {
        at > 0 && self.is(class, string[at - 1])
    }

    /// Characters of `class` from `at` on, counted up to `most`.
    fn run(&self, class: u8, string: &[u8], at: usize, most: usize) -> usize {
        string[at.min(string.len())..].iter().take(most).take_while(|byte| self.is(class, **byte)).count()
    }

    /// Four numbers up to 255 of at most three digits, dots between, no word character around.
    fn ipv4(&self, string: &[u8]) -> bool {
        let octet = |at: usize| -> Option<usize> {
            let digits = self.run(DIGIT, string, at, 3);
            let value = string[at..at + digits].iter().fold(0u16, |value, digit| value * 10 + u16::from(digit - b'0'));
            (digits > 0 && value <= 255).then_some(at + digits)
        };
        let address = |at: usize| -> Option<usize> {
            let mut at = octet(at)?;
            for _ in 0..3 {
                at = octet((string.get(at) == Some(&b'.')).then_some(at + 1)?)?;
            }
            Some(at)
        };
        // Its first number stands before a dot.
        memchr::memchr_iter(b'.', string).any(|dot| {
            let digits = string[..dot].iter().rev().take(4).take_while(|byte| self.is(DIGIT, **byte)).count();
            (1..=3).contains(&digits)
                && !self.before_is(WORD, string, dot - digits)
                && address(dot - digits).is_some_and(|end| !string.get(end).is_some_and(|byte| self.is(WORD, *byte)))
        })
    }

    /// The original's pattern has three ways to match; one of them (eight groups) never matches alone. What is left: a group of
    /// up to four hexadecimal digits, `::` and a word character; or a word character and two such groups, each after a colon.
    fn ipv6(&self, string: &[u8]) -> bool {
        let group = |at: usize| -> Option<usize> {
            let digits = self.run(HEX, string, at, 4);
            (digits > 0).then_some(at + digits)
        };
        let word = |at: usize| string.get(at).is_some_and(|byte| self.is(WORD, *byte));
        let colon = |at: usize| string.get(at) == Some(&b':');
        memchr::memchr_iter(b':', string).any(|at| {
            if !self.before_is(WORD, string, at) {
                return false;
            }
            if colon(at + 1) && word(at + 2) {
                let digits = string[..at].iter().rev().take(5).take_while(|byte| self.is(HEX, **byte)).count();
                if (1..=4).contains(&digits) && !self.before_is(WORD, string, at - digits) {
                    return true;
                }
            }
            group(at + 1).filter(|end| colon(*end)).and_then(|end| group(end + 1)).is_some_and(|end| !word(end))
        })
    }

    /// Six pairs of hexadecimal digits with `:` or `-` between, no word character around.
    fn mac(&self, string: &[u8]) -> bool {
        let at = |separator: usize| {
            let at = separator.checked_sub(2)?;
            Some((at, string.get(at..at + 17)?))
        };
        memchr::memchr2_iter(b':', b'-', string).filter_map(at).any(|(at, window)| {
            let shape = window.iter().enumerate().all(|(i, byte)| match i % 3 {
                2 => matches!(byte, b':' | b'-'),
                _ => self.is(HEX, *byte),
            });
            shape && !self.before_is(WORD, string, at) && !string.get(at + 17).is_some_and(|byte| self.is(WORD, *byte))
        })
    }

    /// More than 25 characters of base 58 in a row, from its first `1` or `3` on. Such a row has one at every 26th place.
    fn wallet(&self, string: &[u8]) -> bool {
        let mut at = WALLET;
        while let Some(byte) = string.get(at) {
            if self.is(BASE58, *byte) {
                let start = at - string[..at].iter().rev().take_while(|byte| self.is(BASE58, **byte)).count();
                let row = &string[start..start + self.run(BASE58, string, start, string.len())];
                if memchr::memchr2(b'1', b'3', row).is_some_and(|first| row.len() - first > WALLET) {
                    return true;
                }
                at = start + row.len();
            }
            at += WALLET + 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(string: &str) -> Vec<&'static str> {
        let bits = FINDER.find(string.as_bytes());
        (0..COUNT).filter(|thing| bits >> thing & 1 == 1).map(|thing| THINGS[thing].0).collect()
    }

    #[test]
    fn things_of_interest() {
        let check = |string: &str, expected: &[&str]| assert_eq!(found(string), expected, "{string:?}");
        check("hello world", &[]);
        check("1.2.3.4", &["ipv4"]);
        check("v1.2.3.4", &[]);
        check("1.2.3.256", &[]);
        check("9.1.2.3.4.5", &["ipv4"]);
        check("00:1b:44-11:3a:b7", &["mac-2", "ipv6", "mac"]);
        check("fe80::1", &["ipv6"]);
        check("x fe80::", &[]);
        check("a:b:c", &["ipv6"]);
        check("onclick", &["click", "onclick"]);
        check("click", &[]);
        check("HTTP/1.1", &["http"]);
        check("http://x", &["http-url", "url"]);
        check("HTTP://x", &["http-url"]);
        check("xhttp://x", &["http-url"]);
        check("http:// ", &["http-url"]);
        check("3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &["bitcoin"]);
        check("aaaaaaaaaaaaaaaaaaa1aaaaaaaaaa", &[]);
        for before in 0..60 {
            check(&format!("{}{} ", "a a".repeat(before), "3aaaaaaaaaaaaaaaaaaaaaaaaa"), &["bitcoin"]);
            check(&format!("{}3{}", "a".repeat(before), "a".repeat(25)), &["bitcoin"]);
            check(&format!("{}3{}0", "a".repeat(before), "a".repeat(24)), &[]);
        }
        check("C:/x", &["drive-path"]);
        check("aC:/x c:/", &[]);
        check("a C:/x", &["drive-path"]);
        check("exit", &["exit"]);
        check("exi", &[]);
        check("1234.1.1.1 1.1.1.1a 01.1.1.1-", &["ipv4"]);
        check("a-00-11-22-33-44-55", &["mac-2", "mac"]);
        check("00-11-22-33-44-5", &[]);
        check("CRYPT crypt", &["crypt"]);
        check("CRYPT", &[]);
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        check(&format!("{alphabet}+/"), &[]);
        check(&format!("{alphabet}99/"), &["base64-alphabet"]);
    }
}
