//! Cursors of pages: a time and an id, opaque to the caller, so that a page goes on where the last ended however much has
//! come since.

use crate::problem::{Answer, fail};
use console_api::ProblemCode;
use event::Timestamp;

pub fn cursor(time: Timestamp, id: &str) -> String {
    format!("{:x}.{id}", time.0)
}

pub fn read(text: &str) -> Answer<(Timestamp, String)> {
    let bad = || fail(ProblemCode::Invalid, "this cursor was not given out by the node");
    let (time, id) = text.split_once('.').ok_or_else(bad)?;
    if id.is_empty() || id.len() > 128 {
        return Err(bad());
    }
    let time = i64::from_str_radix(time, 16).map_err(|_| bad())?;
    Ok((Timestamp(time), id.to_owned()))
}
