//! BER, as lenient as the original's library: one element after the other, and times.

/// One element: tag and content.
pub(super) type Element<'a> = (u8, &'a [u8]);

/// Elements without a length within each other; a signature has a handful.
const DEEPEST: usize = 64;

/// Reads one element off the front.
pub(super) fn element<'a>(input: &mut &'a [u8]) -> Option<Element<'a>> {
    element_at(input, 0)
}

fn element_at<'a>(input: &mut &'a [u8], depth: usize) -> Option<Element<'a>> {
    let (&tag, rest) = input.split_first()?;
    // Tags of several bytes stand nowhere in what is looked at.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x80 => {
            // Without a length: up to two zeros, element by element.
            if depth == DEEPEST {
                return None;
            }
            let mut inner = rest;
            while !inner.starts_with(&[0, 0]) {
                element_at(&mut inner, depth + 1)?;
            }
            let length = rest.len() - inner.len();
            *input = &inner[2..];
            return Some((tag, &rest[..length]));
        }
        _ => {
            let bytes = usize::from(first & 0x7f);
            if bytes > 8 || rest.len() < bytes {
                return None;
            }
            let length = rest[..bytes].iter().fold(0u64, |length, byte| length << 8 | u64::from(*byte));
            (usize::try_from(length).ok()?, &rest[bytes..])
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some((tag, content))
}

pub(super) fn expect<'a>(input: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    element(input).filter(|(found, _)| *found == tag).map(|(_, content)| content)
}

pub(super) fn peek(input: &[u8]) -> Option<u8> {
    input.first().copied()
}

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const OID: u8 = 6;

/// UTCTime or GeneralizedTime in UTC to seconds since 1970.
pub(super) fn time((tag, text): Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (year, rest) = match tag {
        0x17 => {
            let year: i64 = text.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        0x18 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let field = |at: usize| -> Option<i64> { rest.get(at..at + 2)?.parse().ok() };
    let (month, day, hour, minute) = (field(0)?, field(2)?, field(4)?, field(6)?);
    let second = field(8).unwrap_or(0);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970 of a year that begins in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let check = |tag, text: &str, expected| assert_eq!(time((tag, text.as_bytes())), expected, "{text}");
        check(0x17, "700101000000Z", Some(0));
        check(0x17, "240229123456Z", Some(1_709_210_096));
        check(0x18, "20240229123456Z", Some(1_709_210_096));
        check(0x18, "19991231235959Z", Some(946_684_799));
        check(0x17, "241301000000Z", None);
        check(0x17, "24", None);
    }

    #[test]
    fn an_element_without_a_length_ends_with_two_zeros_and_is_not_nested_for_ever() {
        let nested = |depth: usize| [[0x30, 0x80].repeat(depth), [0, 0].repeat(depth)].concat();
        let bytes = [&nested(3)[..], b"rest"].concat();
        let mut input = &bytes[..];
        assert_eq!(element(&mut input), Some((0x30, &nested(2)[..])));
        assert_eq!(input, b"rest");
        assert_eq!(element(&mut &nested(1 << 20)[..]), None);
        assert_eq!(element(&mut &[0x30, 0x80].repeat(1 << 20)[..]), None);
    }
}
