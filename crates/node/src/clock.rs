//! The wall clock, read in one place.

use event::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

pub const SECOND: i64 = 1_000_000_000;

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
