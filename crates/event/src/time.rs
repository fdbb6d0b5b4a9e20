//! Time as nanoseconds since the Unix epoch, UTC. The agent stamps events from the kernel's monotonic boot clock plus one
//! offset taken at start, so a jump of the wall clock never reorders what one boot recorded.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Nanoseconds since 1970-01-01T00:00:00Z; negative before. Shown as RFC 3339 with nanoseconds and `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const fn from_nanos(nanos: i64) -> Self {
        Timestamp(nanos)
    }
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis.saturating_mul(1_000_000))
    }
    pub const fn nanos(self) -> i64 {
        self.0
    }
    pub const fn micros(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    /// Signed nanoseconds from `earlier` to `self`.
    pub const fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    pub const fn plus_nanos(self, nanos: i64) -> Self {
        Timestamp(self.0.saturating_add(nanos))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(86_400_000_000_000));
        let nanos = self.0.rem_euclid(86_400_000_000_000);
        let secs = nanos / 1_000_000_000;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:09}Z",
            secs / 3600,
            secs / 60 % 60,
            secs % 60,
            nanos % 1_000_000_000
        )
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time: {0:?}")]
pub struct ParseTimeError(pub String);

impl FromStr for Timestamp {
    type Err = ParseTimeError;
    /// RFC 3339 with `Z` or an offset, up to nanoseconds.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        parse(text).ok_or_else(|| ParseTimeError(text.chars().take(80).collect()))
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let sep = |at: usize, any: &[u8]| text.as_bytes().get(at).filter(|b| any.contains(b)).map(|_| ());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    sep(4, b"-").and(sep(7, b"-")).and(sep(10, b"Tt ")).and(sep(13, b":")).and(sep(16, b":"))?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 9 {
            return None;
        }
        nanos = fraction[..digits].parse::<i64>().ok()? * 10_i64.pow(9 - digits as u32);
        rest = &fraction[digits..];
    }
    let offset = match rest.as_bytes() {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) => {
            let d = |b: &u8| i64::from(b - b'0');
            let seconds = (d(h1) * 10 + d(h2)) * 3600 + (d(m1) * 10 + d(m2)) * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos).map(Timestamp)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// Days since the epoch to a proleptic Gregorian date (Howard Hinnant's published algorithm).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_rfc3339() {
        let check = |nanos, expected| assert_eq!(Timestamp(nanos).to_string(), expected);
        check(0, "1970-01-01T00:00:00.000000000Z");
        check(1_709_210_096_000_000_001, "2024-02-29T12:34:56.000000001Z");
        check(-1, "1969-12-31T23:59:59.999999999Z");
    }

    #[test]
    fn reads_rfc3339() {
        let check = |text: &str, expected| assert_eq!(text.parse::<Timestamp>().ok().map(|t| t.0), expected, "{text}");
        check("1970-01-01T00:00:00Z", Some(0));
        check("2024-02-29T14:34:56.000000001+02:00", Some(1_709_210_096_000_000_001));
        check("2024-02-29 12:34:56.5Z", Some(1_709_210_096_500_000_000));
        check("2024-13-29T12:34:56Z", None);
        check("2024-02-29T12:34:56", None);
        check("é024-02-29T12:34:56Z", None);
    }
}
