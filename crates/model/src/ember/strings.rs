//! Strings: runs of at least five bytes from 0x20 to 0x7f; how many, how long, of which characters, and how many of them
//! contain each of 77 things of interest (at most once a string).
//!
//! Most things are plain words: one automaton finds them all in one pass, in any case, and those whose case or surroundings
//! matter are then looked at again. Addresses and wallets are looked for in strings that have the characters for them.

use super::numeric;
use super::things::{COUNT, THINGS};
use aho_corasick::automaton::Automaton;
use aho_corasick::{Anchored, dfa::DFA};
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
        while let Some(start) = rest.iter().position(|byte| printable(*byte)) {
            rest = &rest[start..];
            let length = rest.iter().position(|byte| !printable(*byte)).unwrap_or(rest.len());
            let (string, after) = rest.split_at(length);
            rest = after;
            if length >= SHORTEST {
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

/// What is to be done when the automaton has found a text.
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
    automaton: DFA,
    start: aho_corasick::automaton::StateID,
    candidates: Vec<Candidate>,
    /// Things that the automaton does not find.
    slow: Vec<(usize, Find)>,
    class: [u8; 256],
}

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

// What a string must contain for the slower looks.
const DOT: u8 = 1;
const COLON: u8 = 2;
const DASH: u8 = 4;
const WORD: u8 = 8;
const HEX: u8 = 16;
const DIGIT: u8 = 32;
const BASE58: u8 = 64;
const URL: u8 = 128;

impl Finder {
    fn new() -> Self {
        let (mut candidates, mut slow) = (Vec::new(), Vec::new());
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
                Find::Ipv4 | Find::Ipv6 | Find::Mac | Find::Bitcoin => slow.push((thing, *find)),
            }
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .build(candidates.iter().map(|candidate| candidate.text))
            .expect("a fixed list of short words makes an automaton");
        let start = automaton.start_state(Anchored::No).expect("built for searches that begin anywhere");
        let mut class = [0u8; 256];
        for byte in 0x20..=0x7fu8 {
            let mut bits = 0;
            bits |= if byte == b'.' { DOT } else { 0 };
            bits |= if byte == b':' { COLON } else { 0 };
            bits |= if byte == b'-' { DASH } else { 0 };
            bits |= if byte.is_ascii_alphanumeric() || byte == b'_' { WORD } else { 0 };
            bits |= if byte.is_ascii_hexdigit() { HEX } else { 0 };
            bits |= if byte.is_ascii_digit() { DIGIT } else { 0 };
            bits |= if byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte) { BASE58 } else { 0 };
            bits |= if byte.is_ascii_alphanumeric() || b"-._~:?#[]@!$&'()*+,;=".contains(&byte) { URL } else { 0 };
            class[usize::from(byte)] = bits;
        }
        Finder { automaton, start, candidates, slow, class }
    }

    /// A bit a thing that `string` contains.
    fn find(&self, string: &[u8]) -> u128 {
        let mut found = 0u128;
        let mut state = self.start;
        let mut classes = 0;
        // Base-58 characters of the current run from its first `1` or `3` on.
        let mut base58 = 0u32;
        let mut longest = 0;
        for (at, &byte) in string.iter().enumerate() {
            let class = self.class[usize::from(byte)];
            classes |= class;
            // Without a branch: where words end is what no processor foresees.
            let counts = u32::from(base58 > 0) | u32::from(byte == b'1') | u32::from(byte == b'3');
            base58 = (base58 + counts) * u32::from(class & BASE58 != 0);
            longest = longest.max(base58);
            state = self.automaton.next_state(Anchored::No, state, byte);
            if self.automaton.is_special(state) && self.automaton.is_match(state) {
                self.judge(state, string, at + 1, &mut found);
            }
        }
        for (thing, find) in &self.slow {
            let there = match find {
                Find::Ipv4 => classes & DOT != 0 && self.ipv4(string),
                Find::Ipv6 => classes & COLON != 0 && self.ipv6(string),
                Find::Mac => classes & (COLON | DASH) != 0 && self.mac(string),
                Find::Bitcoin => longest > 25,
                _ => false,
            };
            found |= u128::from(there) << thing;
        }
        found
    }

    fn judge(&self, state: aho_corasick::automaton::StateID, string: &[u8], end: usize, found: &mut u128) {
        for index in 0..self.automaton.match_len(state) {
            let candidate = self.candidates[self.automaton.match_pattern(state, index).as_usize()];
            if *found >> candidate.thing & 1 == 1 {
                continue;
            }
            let start = end - candidate.text.len();
            let at_word = start == 0 || !self.is(WORD, string[start - 1]);
            let case = &string[start..end] == candidate.text.as_bytes();
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
        (0..string.len()).any(|at| {
            self.is(DIGIT, string[at])
                && !self.before_is(WORD, string, at)
                && address(at).is_some_and(|end| !string.get(end).is_some_and(|byte| self.is(WORD, *byte)))
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
        (0..string.len()).filter(|at| colon(*at)).any(|at| {
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
        string.windows(17).enumerate().any(|(at, window)| {
            let shape = window.iter().enumerate().all(|(i, byte)| match i % 3 {
                2 => matches!(byte, b':' | b'-'),
                _ => self.is(HEX, *byte),
            });
            shape && !self.before_is(WORD, string, at) && !string.get(at + 17).is_some_and(|byte| self.is(WORD, *byte))
        })
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
        check("CRYPT crypt", &["crypt"]);
        check("CRYPT", &[]);
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        check(&format!("{alphabet}+/"), &[]);
        check(&format!("{alphabet}99/"), &["base64-alphabet"]);
    }
}
