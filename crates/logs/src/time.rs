//! The many ways in which logs write a time → nanoseconds.

use event::Timestamp;

/// RFC 3339, the same with a blank and no zone (UTC), or seconds, milli-, micro- or nanoseconds since 1970.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    // Whole numbers keep every digit; a fraction is of seconds, whose digits a float holds to the microsecond.
    if let Ok(number) = text.parse::<i64>() {
        let scale = match number.unsigned_abs() {
            0..100_000_000 => return None,
            100_000_000..100_000_000_000 => 1_000_000_000,
            100_000_000_000..100_000_000_000_000 => 1_000_000,
            100_000_000_000_000..100_000_000_000_000_000 => 1_000,
            _ => 1,
        };
        return number.checked_mul(scale).map(Timestamp);
    }
    if let Ok(number) = text.parse::<f64>() {
        return (1e8..9e9).contains(&number).then_some(Timestamp((number * 1e6).round() as i64 * 1_000));
    }
    let with_t = text.replacen(' ', "T", 1);
    let with_t = with_t.strip_suffix(" UTC").unwrap_or(&with_t);
    format!("{with_t}Z").parse().ok().or_else(|| with_t.parse().ok())
}

/// Names under which logs keep the time of an event, the surest first.
pub(crate) const NAMES: &[&str] = &[
    "SystemTime",
    "@timestamp",
    "timestamp",
    "TimeCreated",
    "UtcTime",
    "EventTime",
    "eventTime",
    "event.created",
    "published",
    "time",
    "ts",
    "datetime",
    "date",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse(text).map(|time| time.to_string()).unwrap_or_default(), expected, "{text}");
        };
        check("2026-03-11T05:55:53.550235Z", "2026-03-11T05:55:53.550235000Z");
        check("2026-03-11 05:55:53.547", "2026-03-11T05:55:53.547000000Z");
        check("2026-03-11 05:55:53.547 UTC", "2026-03-11T05:55:53.547000000Z");
        check("1710000000", "2024-03-09T16:00:00.000000000Z");
        check("1710000000123", "2024-03-09T16:00:00.123000000Z");
        check("soon", "");
        check("13", "");
    }
}
