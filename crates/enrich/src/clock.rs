//! The one offset between the kernel's boot clock and the wall clock.
//!
//! /proc/uptime shows the boot clock in hundredths of a second. Watching it step over tells the moment to some microseconds
//! without a system call that the standard library lacks.

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Wall clock less boot clock, in nanoseconds. Takes up to a hundredth of a second.
pub(crate) fn boot_to_wall() -> io::Result<i64> {
    let first = uptime_ticks()?;
    let began = Instant::now();
    loop {
        let before = wall_nanos();
        let ticks = uptime_ticks()?;
        if ticks != first || began.elapsed() > Duration::from_millis(100) {
            return Ok((before + wall_nanos()) / 2 - ticks * 10_000_000);
        }
    }
}

fn wall_nanos() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i64)
}

fn uptime_ticks() -> io::Result<i64> {
    let text = std::fs::read_to_string("/proc/uptime")?;
    parse(&text).ok_or_else(|| io::Error::other(format!("not an uptime: {:?}", event::text::clip(&text, 40))))
}

fn parse(text: &str) -> Option<i64> {
    let (seconds, rest) = text.split_once('.')?;
    let hundredths = rest.get(..2)?;
    seconds.parse::<i64>().ok()?.checked_mul(100)?.checked_add(hundredths.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hundredths() {
        let check = |text, expected| assert_eq!(parse(text), expected, "{text}");
        check("12345.67 999.00\n", Some(1_234_567));
        check("0.05 0.00\n", Some(5));
        check("", None);
        check("1.x", None);
    }

    #[test]
    fn two_samples_agree() {
        let (a, b) = (boot_to_wall().unwrap(), boot_to_wall().unwrap());
        assert!((a - b).abs() < 100_000_000, "{a} {b}");
    }
}
