//! Addresses and wallets in a string: what no list of words can hold. Each is looked for around the characters that it cannot do
//! without.

// Classes of characters.
pub(super) const WORD: u8 = 1;
const HEX: u8 = 2;
const DIGIT: u8 = 4;
const BASE58: u8 = 8;
pub(super) const URL: u8 = 16;

/// A wallet has more characters of base 58 than this.
const WALLET: usize = 25;

/// Of each byte its classes; only bytes from 0x20 to 0x7f have any.
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0x20u8;
    while byte <= 0x7f {
        let plain = byte.is_ascii_alphanumeric();
        let mut bits = 0;
        if plain || byte == b'_' {
            bits |= WORD;
        }
        if byte.is_ascii_hexdigit() {
            bits |= HEX;
        }
        if byte.is_ascii_digit() {
            bits |= DIGIT;
        }
        if plain && !matches!(byte, b'0' | b'O' | b'I' | b'l') {
            bits |= BASE58;
        }
        let marks = matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b':'
                | b'?'
                | b'#'
                | b'['
                | b']'
                | b'@'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
        );
        if plain || marks {
            bits |= URL;
        }
        classes[byte as usize] = bits;
        byte += 1;
    }
    classes
}

pub(super) fn is(class: u8, byte: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

fn before_is(class: u8, string: &[u8], at: usize) -> bool {
    at > 0 && is(class, string[at - 1])
}

/// Characters of `class` from `at` on, counted up to `most`.
fn run(class: u8, string: &[u8], at: usize, most: usize) -> usize {
    string[at.min(string.len())..].iter().take(most).take_while(|byte| is(class, **byte)).count()
}

/// Four numbers up to 255 of at most three digits, dots between, no word character around.
pub(super) fn ipv4(string: &[u8]) -> bool {
    let octet = |at: usize| -> Option<usize> {
        let digits = run(DIGIT, string, at, 3);
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
        let digits = string[..dot].iter().rev().take(4).take_while(|byte| is(DIGIT, **byte)).count();
        (1..=3).contains(&digits)
            && !before_is(WORD, string, dot - digits)
            && address(dot - digits).is_some_and(|end| !string.get(end).is_some_and(|byte| is(WORD, *byte)))
    })
}

/// The original's pattern has three ways to match; one of them (eight groups) never matches alone. What is left: a group of
/// up to four hexadecimal digits, `::` and a word character; or a word character and two such groups, each after a colon.
pub(super) fn ipv6(string: &[u8]) -> bool {
    let group = |at: usize| -> Option<usize> {
        let digits = run(HEX, string, at, 4);
        (digits > 0).then_some(at + digits)
    };
    let word = |at: usize| string.get(at).is_some_and(|byte| is(WORD, *byte));
    let colon = |at: usize| string.get(at) == Some(&b':');
    memchr::memchr_iter(b':', string).any(|at| {
        if !before_is(WORD, string, at) {
            return false;
        }
        if colon(at + 1) && word(at + 2) {
            let digits = string[..at].iter().rev().take(5).take_while(|byte| is(HEX, **byte)).count();
            if (1..=4).contains(&digits) && !before_is(WORD, string, at - digits) {
                return true;
            }
        }
        group(at + 1).filter(|end| colon(*end)).and_then(|end| group(end + 1)).is_some_and(|end| !word(end))
    })
}

/// Six pairs of hexadecimal digits with `:` or `-` between, no word character around.
pub(super) fn mac(string: &[u8]) -> bool {
    let at = |separator: usize| {
        let at = separator.checked_sub(2)?;
        Some((at, string.get(at..at + 17)?))
    };
    memchr::memchr2_iter(b':', b'-', string).filter_map(at).any(|(at, window)| {
        let shape = window.iter().enumerate().all(|(i, byte)| match i % 3 {
            2 => matches!(byte, b':' | b'-'),
            _ => is(HEX, *byte),
        });
        shape && !before_is(WORD, string, at) && !string.get(at + 17).is_some_and(|byte| is(WORD, *byte))
    })
}

/// More than 25 characters of base 58 in a row, from its first `1` or `3` on. Such a row has one at every 26th place.
pub(super) fn wallet(string: &[u8]) -> bool {
    let mut at = WALLET;
    while let Some(byte) = string.get(at) {
        if is(BASE58, *byte) {
            let start = at - string[..at].iter().rev().take_while(|byte| is(BASE58, **byte)).count();
            let row = &string[start..start + run(BASE58, string, start, string.len())];
            if memchr::memchr2(b'1', b'3', row).is_some_and(|first| row.len() - first > WALLET) {
                return true;
            }
            at = start + row.len();
        }
        at += WALLET + 1;
    }
    false
}
