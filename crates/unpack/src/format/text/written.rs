//! Writings that are told by their form alone: characters by their numbers (`chr(99).chr(117)`, `[char]99+[char]117`), escapes of
//! Unicode (`\u0063`), of HTML (`&#99;`) and of addresses (`%63`), and lines of a hexadecimal viewer. Each reader takes a text that
//! begins with one and gives the bytes, and how far it went.

/// Elements, fewest.
const CODES: usize = 6;
const UNITS: usize = 8;
/// Characters between two elements.
const MOST_GAP: usize = 40;

type Read = Option<(Vec<u8>, usize)>;

/// `chr(99).chr(117)`, `Chr(&H63) & Chr(117)`, `[char]99 + [char]0x75`.
pub(super) fn codes(text: &[u8]) -> Read {
    let (mut out, mut at, mut end, mut count) = (Vec::new(), 0, 0, 0);
    while let Some((byte, length)) = code(&text[at..]) {
        out.push(byte);
        at += length;
        end = at;
        count += 1;
        let gap = text[at..].iter().take(MOST_GAP);
        at += gap.take_while(|b| b.is_ascii_whitespace() || matches!(b, b'.' | b'+' | b'&' | b',')).count();
    }
    (count >= CODES).then_some((out, end))
}

fn code(text: &[u8]) -> Option<(u8, usize)> {
    const NAMES: [&[u8]; 4] = [b"[char]", b"chrw", b"chr", b"char"];
    let name = NAMES.iter().find(|name| text.get(..name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name)))?;
    let mut at = name.len();
    at += text[at..].iter().take(4).take_while(|b| matches!(b, b' ' | b'(')).count();
    let opened = text[name.len()..at].contains(&b'(');
    // `chr 99` is Perl's; a word that only begins so is none.
    if at == name.len() && !name.starts_with(b"[") {
        return None;
    }
    let rest = &text[at..];
    let (digits, radix) = match rest {
        [b'0', b'x' | b'X', digits @ ..] | [b'&', b'h' | b'H', digits @ ..] => (digits, 16),
        digits => (digits, 10),
    };
    at += rest.len() - digits.len();
    let count = digits.iter().take(4).take_while(|b| char::from(**b).is_digit(radix)).count();
    let value = u16::from_str_radix(std::str::from_utf8(&digits[..count]).ok()?, radix).ok()?;
    at += count;
    if opened {
        at += text[at..].iter().take(4).take_while(|b| **b == b' ').count();
        if text.get(at) != Some(&b')') {
            return None;
        }
        at += 1;
    }
    Some((u8::try_from(value).ok()?, at))
}

/// `\u0063\u0075`, `\u{63}`, `%u0063`, `%63`: as UTF-8, but bytes of addresses as they are.
pub(super) fn units(text: &[u8]) -> Read {
    let (mut out, mut at, mut count) = (Vec::new(), 0, 0);
    // Halves of a character beyond the sixteenth bit stand one after the other.
    let mut half = None;
    while let Some((unit, length, raw)) = unit(&text[at..]) {
        at += length;
        count += 1;
        match (raw, half.take(), unit) {
            (true, _, byte) => out.push(byte as u8),
            (false, _, high @ 0xd800..0xdc00) => half = Some(high),
            (false, Some(high), low @ 0xdc00..0xe000) => {
                push(&mut out, 0x1_0000 + ((high - 0xd800) << 10 | (low - 0xdc00)));
            }
            (false, _, unit) => push(&mut out, unit),
        }
    }
    (count >= UNITS).then_some((out, at))
}

fn push(out: &mut Vec<u8>, character: u32) {
    let character = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Value, characters, and whether it is a byte.
fn unit(text: &[u8]) -> Option<(u32, usize, bool)> {
    let hex = |from: usize, count: usize| {
        let digits = text.get(from..from + count).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match text {
        [b'\\', b'u', b'{', rest @ ..] => {
            let count = rest.iter().take(6).take_while(|b| b.is_ascii_hexdigit()).count();
            (rest.get(count) == Some(&b'}')).then_some(())?;
            Some((hex(3, count)?, count + 4, false))
        }
        [b'\\' | b'%', b'u' | b'U', ..] => Some((hex(2, 4)?, 6, false)),
        [b'%', ..] => Some((hex(1, 2)?, 3, true)),
        _ => None,
    }
}

/// `&#99;&#x75;`
pub(super) fn references(text: &[u8]) -> Read {
    let (mut out, mut at, mut count) = (Vec::new(), 0, 0);
    while let Some(rest) = text[at..].strip_prefix(b"&#") {
        let (digits, radix, head) = match rest {
            [b'x' | b'X', digits @ ..] => (digits, 16, 3),
            digits => (digits, 10, 2),
        };
        let length = digits.iter().take(8).take_while(|b| char::from(**b).is_digit(radix)).count();
        let value = std::str::from_utf8(&digits[..length]).ok().and_then(|d| u32::from_str_radix(d, radix).ok());
        let Some(value) = value else { break };
        push(&mut out, value);
        at += head + length + usize::from(digits.get(length) == Some(&b';'));
        count += 1;
    }
    (count >= UNITS).then_some((out, at))
}

/// Lines of `xxd` or `hexdump -C` from here on, an offset and up to 32 bytes each.
pub(super) fn dump(text: &[u8]) -> Read {
    let (mut out, mut end) = (Vec::new(), 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let Some(bytes) = dump_line(line) else { break };
        out.extend(bytes);
        end += line.len();
    }
    (out.len() >= UNITS).then_some((out, end))
}

fn dump_line(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii();
    let offset = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    if !(4..=16).contains(&offset) {
        return None;
    }
    let rest = &line[offset..];
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let mut rest = rest.strip_prefix(b" ")?.trim_ascii_start();
    let mut out = Vec::new();
    while out.len() < 32 {
        let digits = rest.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let ends = matches!(rest.get(digits), None | Some(b' '));
        if digits == 0 || digits % 2 == 1 || digits > 16 || !ends {
            break;
        }
        let pairs = rest[..digits].chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
        out.extend(pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()));
        rest = &rest[digits..];
        // Two blanks and more stand before the text at the side, one or two between bytes of `hexdump`.
        let blanks = rest.iter().take_while(|b| **b == b' ').count();
        let side = rest.get(blanks) == Some(&b'|');
        rest = &rest[blanks..];
        if side || blanks > 2 || blanks == 2 && digits > 2 {
            break;
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&[u8]) -> Read, text: &str, expected: Option<(&[u8], &str)>) {
        let found = read(text.as_bytes());
        let found = found.as_ref().map(|(bytes, end)| (&bytes[..], &text[*end..]));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn characters_by_their_numbers() {
        check(codes, "chr(97).chr(98).chr(99).chr(100).Chr( 101 ).chr(0x66);", Some((b"abcdef", ";")));
        check(codes, "[char]97+[char]98+[char]99+[char](100)+[char]0x65+[char]102)", Some((b"abcdef", ")")));
        check(codes, "Chr(&H61) & Chr(98) & Chr(99) & ChrW(100) & Chr(101) & Chr(102)", Some((b"abcdef", "")));
        check(codes, "chr(97).chr(98)", None);
        check(codes, "chr(97).chr(98).chr(99).chr(100).chr(101).chr(999)", None);
        check(codes, "character set of characters", None);
    }

    #[test]
    fn escapes_of_several_kinds() {
        check(units, "\\u0061\\u0062\\u0063\\u0064\\u0065\\u0066\\u0067\\u00e9'", Some(("abcdefgé".as_bytes(), "'")));
        check(units, "%61%62%63%64%65%66%67%ff!", Some((b"abcdefg\xff", "!")));
        check(units, "%u0061%u0062%u0063%u0064%u0065%u0066%u0067%68", Some((b"abcdefgh", "")));
        check(
            units,
            "\\u{61}\\u{62}\\u{63}\\u{64}\\u{65}\\u{66}\\u{67}\\ud83d\\ude00",
            Some(("abcdefg😀".as_bytes(), "")),
        );
        check(units, "%61%62", None);
        check(references, "&#97;&#98;&#x63;&#100;&#101;&#102&#103;&#104;<", Some((b"abcdefgh", "<")));
        check(references, "&#97;&amp;", None);
    }

    #[test]
    fn lines_of_a_viewer() {
        check(
            dump,
            "00000000: 2321 2f62 696e 2f73 680a 6563 686f 2061  #!/bin/sh.echo a\n00000010: 0a                                       .\nEOF\n",
            Some((b"#!/bin/sh\necho a\n", "EOF\n")),
        );
        check(
            dump,
            "00000000  23 21 2f 62 69 6e 2f 73  68 0a                    |#!/bin/sh.|\n0000000a\n",
            Some((b"#!/bin/sh\n", "0000000a\n")),
        );
        check(dump, "deadbeef: not hex", None);
        check(dump, "1234 5678", None);
    }
}
