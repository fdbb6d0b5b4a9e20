//! Which things of interest a string contains. Most are plain words: where four bytes are those that one begins with (a table of
//! hashes says it, and no byte waits for what the one before it was), that word is looked for.

use super::addresses::{self, URL, WORD, is};
use super::things::THINGS;
use std::sync::LazyLock;

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

pub(super) struct Finder {
    /// Of four bytes' hash: 0 where no word begins so, else one above the place in `words`.
    begins: Box<[u8; 1 << HASH_BITS]>,
    words: Vec<Vec<Candidate>>,
    /// Shorter than four bytes, with a colon as the second.
    drives: Vec<Candidate>,
    /// Things that are no words.
    others: Vec<(usize, Find)>,
}

pub(super) static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

const HASH_BITS: u32 = 13;

/// Of four bytes in any case.
fn hash(bytes: [u8; 4]) -> usize {
    ((u32::from_le_bytes(bytes) | 0x2020_2020).wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize
}

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
        Finder { begins, words, drives, others }
    }

    /// A bit a thing that `string` contains.
    pub(super) fn find(&self, string: &[u8]) -> u128 {
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
                Find::Ipv4 => dot && addresses::ipv4(string),
                Find::Ipv6 => colon && addresses::ipv6(string),
                Find::Mac => (colon || dash) && addresses::mac(string),
                Find::Bitcoin => addresses::wallet(string),
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
            let at_word = start == 0 || !is(WORD, string[start - 1]);
            let case = text == candidate.text.as_bytes();
            let there = match candidate.check {
                Check::None => true,
                Check::Case => case,
                Check::CaseAtWord => case && at_word,
                Check::Url => case && at_word && string.get(end).is_some_and(|byte| is(URL, *byte)),
                Check::NotFirst => start > 0,
                Check::Alphabet => case && string[end..].iter().find(|byte| **byte != b'9') == Some(&b'/'),
            };
            *found |= u128::from(there) << candidate.thing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::things::COUNT;
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
