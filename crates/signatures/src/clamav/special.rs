//! Sub-signatures that are not bodies: macros `${min-max}group$`, byte comparisons `id(>>n#hl4#=5)`, regular expressions
//! `[offset:]trigger/regex/flags`, and image digests `fuzzy_img#…`, which are not supported.

use super::expression::Expression;
use super::{LineError, malformed, offset, unsupported};
use crate::pattern::Offset;
use crate::target::Target;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteCompare {
    /// The sub-signature from whose begin is counted.
    pub from: u8,
    pub distance: i64,
    pub form: NumberForm,
    pub little_endian: bool,
    /// Fewer bytes or digits are no number.
    pub exact: bool,
    pub bytes: u8,
    /// All must hold.
    pub comparisons: Vec<(Comparison, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberForm {
    Hexadecimal,
    Decimal,
    /// Hexadecimal where it begins with 0x, else decimal.
    Either,
    Binary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    Equal,
    More,
    Less,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pcre {
    pub trigger: Expression,
    pub offset: Offset,
    /// In the syntax of the `regex` crate, flags in front.
    pub regex: String,
    /// `g`: every match counts.
    pub global: bool,
    /// `r`: the match may begin later than the offset.
    pub rolling: bool,
    /// `e`: the match ends within the shift.
    pub encompass: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Macro {
    pub min: u32,
    pub max: u32,
    pub group: u8,
}

/// `${min-max}group$`
pub fn parse_macro(text: &str) -> Result<Macro, LineError> {
    let wrong = || malformed("a macro is ${min-max}group$");
    let (range, group) =
        text.strip_prefix("${").and_then(|t| t.strip_suffix('$')).and_then(|t| t.split_once('}')).ok_or_else(wrong)?;
    let (min, max) = range.split_once('-').ok_or_else(wrong)?;
    let found = Macro {
        min: min.parse().map_err(|_| wrong())?,
        max: max.parse().map_err(|_| wrong())?,
        group: group.parse().map_err(|_| wrong())?,
    };
    if found.group >= super::extended::MACRO_GROUPS || found.min > found.max { Err(wrong()) } else { Ok(found) }
}

/// `id(>>offset#options#comparisons)`
pub fn parse_byte_compare(text: &str) -> Result<ByteCompare, LineError> {
    let wrong = |what: &str| malformed(format!("byte comparison: {what}"));
    let (from, rest) = text.split_once('(').ok_or_else(|| wrong("no bracket"))?;
    let rest = rest.strip_suffix(')').ok_or_else(|| wrong("no bracket"))?;
    let from = from.trim().parse().map_err(|_| wrong("no sub-signature"))?;
    let parts: Vec<&str> = rest.split('#').collect();
    let &[place, options, comparisons] = parts.as_slice() else { return Err(wrong("not three parts")) };
    let distance = if let Some(forward) = place.strip_prefix(">>") {
        i64::try_from(number(forward)?).map_err(|_| wrong("offset"))?
    } else if let Some(back) = place.strip_prefix("<<") {
        -i64::try_from(number(back)?).map_err(|_| wrong("offset"))?
    } else {
        return Err(wrong("an offset begins with >> or <<"));
    };
    let mut letters = options.chars().peekable();
    let form = match letters.next() {
        Some('h') => NumberForm::Hexadecimal,
        Some('d') => NumberForm::Decimal,
        Some('a') => NumberForm::Either,
        Some('i') => NumberForm::Binary,
        _ => return Err(wrong("no h, d, a or i")),
    };
    let little_endian = match letters.next() {
        Some('l') if form == NumberForm::Decimal => return Err(wrong("a decimal number is big-endian")),
        Some('l') => true,
        Some('b') => false,
        _ => return Err(wrong("no l or b")),
    };
    let exact = letters.next_if_eq(&'e').is_some() || form == NumberForm::Binary;
    let bytes = number(&letters.collect::<String>())?;
    let fits = if form == NumberForm::Binary { matches!(bytes, 1 | 2 | 4 | 8) } else { (1..=20).contains(&bytes) };
    if !fits {
        return Err(wrong("a number of bytes that cannot be read"));
    }
    let comparisons: Vec<(Comparison, u64)> = comparisons.split(',').map(comparison).collect::<Result<_, _>>()?;
    if comparisons.is_empty() || comparisons.len() > 2 {
        return Err(wrong("one or two comparisons"));
    }
    Ok(ByteCompare { from, distance, form, little_endian, exact, bytes: bytes as u8, comparisons })
}

fn comparison(text: &str) -> Result<(Comparison, u64), LineError> {
    let mut rest = text.trim().chars();
    let compare = match rest.next() {
        Some('=') => Comparison::Equal,
        Some('>') => Comparison::More,
        Some('<') => Comparison::Less,
        _ => return Err(malformed("byte comparison: no =, < or >")),
    };
    Ok((compare, number(rest.as_str())?))
}

/// Decimal or 0x-hexadecimal.
fn number(text: &str) -> Result<u64, LineError> {
    let text = text.trim();
    let found = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    found.map_err(|_| malformed(format!("{text:?} is not a number")))
}

impl ByteCompare {
    /// `at`: begin of a match of the sub-signature that it counts from.
    pub fn holds(&self, bytes: &[u8], at: usize) -> bool {
        let Some(from) = (at as i64).checked_add(self.distance).and_then(|from| usize::try_from(from).ok()) else {
            return false;
        };
        let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) else { return false };
        let width = usize::from(self.bytes);
        if self.exact && rest.len() < width {
            return false;
        }
        let field = &rest[..width.min(rest.len())];
        let Some(value) = self.read(field) else { return false };
        self.comparisons.iter().all(|(compare, wanted)| match compare {
            Comparison::Equal => value == *wanted,
            Comparison::More => value > *wanted,
            Comparison::Less => value < *wanted,
        })
    }

    fn read(&self, field: &[u8]) -> Option<u64> {
        if self.form == NumberForm::Binary {
            let shift = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
            let little = field.iter().rev().fold(0, shift);
            return Some(if self.little_endian { little } else { field.iter().fold(0, shift) });
        }
        let field = field.trim_ascii_start();
        let prefixed = field.strip_prefix(b"0x").or_else(|| field.strip_prefix(b"0X"));
        let (digits, radix) = match (self.form, prefixed) {
            (NumberForm::Decimal, _) | (NumberForm::Either, None) => (field, 10),
            (_, prefixed) => (prefixed.unwrap_or(field), 16),
        };
        let length = digits.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
        if self.exact && length < digits.len() {
            return None;
        }
        // To clamscan no digits at all are a zero.
        if length == 0 {
            return Some(0);
        }
        let mut digits = digits[..length].to_vec();
        if self.little_endian && radix == 16 {
            // The pairs of digits are bytes, the least first.
            digits = digits.rchunks(2).flat_map(|pair| pair.to_vec()).collect();
        }
        u64::from_str_radix(std::str::from_utf8(&digits).ok()?, radix).ok()
    }
}

/// A regular expression that the `regex` crate cannot express is unsupported, with its reason.
pub fn parse_pcre(text: &str, target: Target) -> Result<Pcre, LineError> {
    let open = text.find('/').ok_or_else(|| malformed("a regular expression without /"))?;
    let close =
        text.rfind('/').filter(|close| *close > open + 1).ok_or_else(|| malformed("an empty regular expression"))?;
    let (head, regex, flags) = (&text[..open], &text[open + 1..close], &text[close + 1..]);
    let (place, trigger) = head.rsplit_once(':').unwrap_or(("*", head));
    let mut pcre = Pcre {
        trigger: Expression::parse(trigger)?,
        offset: offset::parse(place, target)?,
        regex: String::new(),
        global: false,
        rolling: false,
        encompass: false,
    };
    let (mut inline, mut anchored) = (String::new(), false);
    for flag in flags.chars() {
        match flag {
            'g' => pcre.global = true,
            'r' => pcre.rolling = true,
            'e' => pcre.encompass = true,
            'i' | 's' | 'm' | 'x' | 'U' => inline.push(flag),
            'A' => anchored = true,
            // The end of the text and nothing else is what $ means here in any case.
            'E' => {}
            other => return Err(malformed(format!("{other:?} is not a flag of a regular expression"))),
        }
    }
    let flags = if inline.is_empty() { String::new() } else { format!("(?{inline})") };
    let anchor = if anchored { r"\A" } else { "" };
    pcre.regex = format!("{flags}{anchor}(?:{regex})");
    compile(&pcre.regex).map_err(|why| unsupported(format!("regular expression: {why}")))?;
    Ok(pcre)
}

/// Bytes, not characters; the size of the compiled form is bounded.
pub fn compile(regex: &str) -> Result<regex::bytes::Regex, String> {
    let built =
        regex::bytes::RegexBuilder::new(regex).unicode(false).size_limit(1 << 21).dfa_size_limit(1 << 21).build();
    built.map_err(|error| {
        let text = error.to_string();
        let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("not understood");
        event::text::clip(last, 160).to_owned()
    })
}
