//! The hexadecimal body of a signature to elements: `??`, `a?`, `?a`, `*`, `{n}`, `{n-m}`, `{-n}`, `{n-}`, `[n-m]`, `(aa|bb)`, `!(aa|bb)`,
//! `(B)`, `(L)`, `(W)`.

use super::{LineError, malformed, unsupported};
use crate::pattern::{Class, Element, MAX_BRANCHES, MAX_ELEMENTS, Offset, Pattern, Width};

/// Modifiers `i`, `w`, `f`, `a` of a sub-signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    pub nocase: bool,
    pub wide: bool,
    pub fullword: bool,
    pub ascii: bool,
}

impl Modifiers {
    pub fn parse(text: &str) -> Result<Modifiers, LineError> {
        let mut found = Modifiers::default();
        for letter in text.chars() {
            match letter {
                'i' => found.nocase = true,
                'w' => found.wide = true,
                'f' => found.fullword = true,
                'a' => found.ascii = true,
                other => return Err(malformed(format!("{other:?} is not a modifier of a sub-signature"))),
            }
        }
        Ok(found)
    }
}

/// The patterns of one body: two when it is to be found both wide and as it stands.
pub fn patterns(text: &str, offset: Offset, modifiers: Modifiers) -> Result<Vec<Pattern>, LineError> {
    let elements = parse(text)?;
    let mut all = Vec::new();
    if !modifiers.wide || modifiers.ascii {
        all.push(pattern(elements.clone(), offset, modifiers, Width::Ascii));
    }
    if modifiers.wide {
        let wide = elements.into_iter().map(widen).collect();
        all.push(pattern(wide, offset, modifiers, Width::Wide));
    }
    Ok(all)
}

fn pattern(mut elements: Vec<Element>, offset: Offset, modifiers: Modifiers, width: Width) -> Pattern {
    if modifiers.nocase {
        elements.iter_mut().for_each(lower);
    }
    Pattern { elements, offset, nocase: modifiers.nocase, fullword: modifiers.fullword.then_some(width), anchor: 0 }
}

fn lower(element: &mut Element) {
    match element {
        Element::Literal(bytes) => bytes.make_ascii_lowercase(),
        Element::OneOf { strings, .. } => strings.iter_mut().for_each(|string| string.make_ascii_lowercase()),
        Element::Alternates(rows) => rows.iter_mut().flatten().for_each(lower),
        _ => {}
    }
}

/// Each given byte with a NUL after it; wildcards stay as they are.
fn widen(element: Element) -> Element {
    let wide = |bytes: Vec<u8>| bytes.into_iter().flat_map(|byte| [byte, 0]).collect::<Vec<u8>>();
    match element {
        Element::Literal(bytes) => Element::Literal(wide(bytes)),
        Element::OneOf { strings, negated } => {
            Element::OneOf { strings: strings.into_iter().map(wide).collect(), negated }
        }
        Element::Alternates(rows) => {
            Element::Alternates(rows.into_iter().map(|row| row.into_iter().map(widen).collect()).collect())
        }
        other => other,
    }
}

/// Elements of a body. A body of only wildcards is refused.
pub fn parse(text: &str) -> Result<Vec<Element>, LineError> {
    let mut reader = Reader { text: text.trim().as_bytes(), at: 0 };
    let mut elements = Vec::new();
    while let Some(next) = reader.peek() {
        match next {
            b'*' => {
                reader.at += 1;
                gap(&mut elements, 0, None);
            }
            b'{' => {
                let (min, max) = range(reader.until(b'{', b'}')?)?;
                gap(&mut elements, min, max);
            }
            b'[' => {
                let (min, max) = range(reader.until(b'[', b']')?)?;
                if max.is_none_or(|max| max > 32) {
                    return Err(malformed("a range in [] ends at 32"));
                }
                gap(&mut elements, min, max);
            }
            b'(' | b'!' => elements.push(group(&mut reader)?),
            _ => {
                let byte = reader.byte()?;
                push_byte(&mut elements, byte);
            }
        }
        if elements.len() > MAX_ELEMENTS {
            return Err(unsupported(format!("more than {MAX_ELEMENTS} elements")));
        }
    }
    let branching = elements
        .iter()
        .filter(|e| match e {
            Element::Gap { min, max } => Some(*min) != *max,
            Element::Alternates(_) | Element::Class(_) => true,
            _ => false,
        })
        .count();
    if branching > MAX_BRANCHES {
        return Err(unsupported(format!("more than {MAX_BRANCHES} gaps and alternates")));
    }
    match (elements.first(), elements.last()) {
        (None, _) => return Err(malformed("an empty body")),
        (Some(Element::Gap { .. }), _) | (_, Some(Element::Gap { .. })) => {
            return Err(malformed("a gap at the begin or the end of a body"));
        }
        _ => {}
    }
    let given = |e: &Element| !matches!(e, Element::Any(_) | Element::Gap { .. } | Element::Class(_));
    if !elements.iter().any(given) {
        return Err(malformed("a body of only wildcards"));
    }
    Ok(elements)
}

/// A byte of the body: value and mask.
fn push_byte(elements: &mut Vec<Element>, (value, mask): (u8, u8)) {
    match (mask, elements.last_mut()) {
        (0xff, Some(Element::Literal(bytes))) => bytes.push(value),
        (0xff, _) => elements.push(Element::Literal(vec![value])),
        (0, Some(Element::Any(n))) => *n += 1,
        (0, _) => elements.push(Element::Any(1)),
        _ => elements.push(Element::Masked(value, mask)),
    }
}

/// Neighbouring gaps add up; a gap of one length is so many bytes.
fn gap(elements: &mut Vec<Element>, min: u32, max: Option<u32>) {
    if let Some(Element::Gap { min: before, max: limit }) = elements.last_mut() {
        *before = before.saturating_add(min);
        *limit = limit.zip(max).map(|(a, b)| a.saturating_add(b));
        return;
    }
    match max {
        Some(max) if max == min => match elements.last_mut() {
            Some(Element::Any(n)) => *n = n.saturating_add(min),
            _ if min > 0 => elements.push(Element::Any(min)),
            _ => {}
        },
        _ => elements.push(Element::Gap { min, max }),
    }
}

/// `n`, `n-m`, `-m`, `n-`.
fn range(text: &str) -> Result<(u32, Option<u32>), LineError> {
    let number =
        |text: &str| text.trim().parse::<u32>().map_err(|_| malformed(format!("{text:?} is not a number of bytes")));
    let (min, max) = match text.split_once('-') {
        None => (number(text)?, Some(number(text)?)),
        Some(("", "")) => return Err(malformed("an empty range")),
        // To clamscan no bytes at most are as many as there are.
        Some(("" | "0", "0")) => (0, None),
        Some(("", max)) => (0, Some(number(max)?)),
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    if max.is_some_and(|max| max < min) {
        return Err(malformed(format!("{text:?} is an empty range")));
    }
    Ok((min, max))
}

fn group(reader: &mut Reader<'_>) -> Result<Element, LineError> {
    let negated = reader.peek() == Some(b'!');
    reader.at += usize::from(negated);
    let inside = reader.until(b'(', b')')?;
    let class = match inside {
        "B" => Some(Class::WordBoundary),
        "L" => Some(Class::LineBoundary),
        "W" => Some(Class::NotAlphanumeric),
        _ => None,
    };
    if let Some(class) = class {
        return if negated { Err(unsupported("a negated character class")) } else { Ok(Element::Class(class)) };
    }
    let mut rows = Vec::new();
    for text in inside.split('|') {
        let mut reader = Reader { text: text.as_bytes(), at: 0 };
        let mut row = Vec::new();
        while let Some(next) = reader.peek() {
            match next {
                b'{' => match range(reader.until(b'{', b'}')?)? {
                    (min, Some(max)) if min == max && min < 128 => gap(&mut row, min, Some(max)),
                    _ => return Err(unsupported("a gap of more than one length within alternates")),
                },
                b'(' | b'!' => return Err(unsupported("alternates within alternates")),
                b'*' | b'[' => return Err(unsupported("a gap of more than one length within alternates")),
                _ => push_byte(&mut row, reader.byte()?),
            }
        }
        if row.is_empty() {
            return Err(malformed("an empty alternate"));
        }
        rows.push(row);
        if rows.len() > MAX_ELEMENTS {
            return Err(unsupported(format!("more than {MAX_ELEMENTS} alternates")));
        }
    }
    let strings: Option<Vec<Vec<u8>>> = rows
        .iter()
        .map(|row| match row.as_slice() {
            [Element::Literal(bytes)] => Some(bytes.clone()),
            _ => None,
        })
        .collect();
    match strings {
        Some(strings) if strings.iter().all(|string| string.len() == strings[0].len()) => {
            Ok(Element::OneOf { strings, negated })
        }
        _ if negated => Err(malformed("only strings of one length can be negated")),
        _ => Ok(Element::Alternates(rows)),
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// What stands between the two brackets, of which the first comes next.
    fn until(&mut self, open: u8, close: u8) -> Result<&'t str, LineError> {
        if self.peek() != Some(open) {
            return Err(malformed("a bracket is missing"));
        }
        let from = self.at + 1;
        let rest = self.text.get(from..).unwrap_or_default();
        let length = memchr::memchr(close, rest).ok_or_else(|| malformed("a bracket is not closed"))?;
        self.at = from + length + 1;
        std::str::from_utf8(&rest[..length]).map_err(|_| malformed("text that is not ASCII"))
    }

    fn byte(&mut self) -> Result<(u8, u8), LineError> {
        let (high, high_mask) = self.nibble()?;
        let (low, low_mask) = self.nibble()?;
        Ok((high << 4 | low, high_mask << 4 | low_mask))
    }

    fn nibble(&mut self) -> Result<(u8, u8), LineError> {
        let digit = self.peek().ok_or_else(|| malformed("half a byte at the end"))?;
        self.at += 1;
        match digit {
            b'?' => Ok((0, 0)),
            b'0'..=b'9' => Ok((digit - b'0', 15)),
            b'a'..=b'f' => Ok((digit - b'a' + 10, 15)),
            b'A'..=b'F' => Ok((digit - b'A' + 10, 15)),
            other => Err(malformed(format!("{:?} is not a hexadecimal digit", char::from(other)))),
        }
    }
}
