//! The journal's export format: `NAME=value` lines, or a name, a length and bytes; an empty line ends an entry. `program` and
//! `message` are given as for syslog lines.

use crate::flat::{Flat, Origin};
use crate::lines::Lines;
use crate::{Reading, limits};
use event::Timestamp;
use std::fs::File;

pub(crate) fn read(file: File, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    let mut lines = Lines::new(&file);
    let mut record = Flat::default();
    let mut bytes = Vec::new();
    let mut started = None;
    while let Some(line) = lines.next()? {
        let number = line.number;
        let place = || format!("line {number}");
        if line.cut {
            reading.outcome.fault(place(), format!("longer than {} bytes", limits::LINE_BYTES));
            continue;
        }
        let text = line.text().to_vec();
        if text.is_empty() {
            if let Some(number) = std::mem::take(&mut started) {
                record.number = number;
                settle(&mut record);
                if reading.record(&record).is_break() {
                    return Ok(());
                }
            }
            record.clear();
            continue;
        }
        started = started.or(Some(number));
        match memchr::memchr(b'=', &text) {
            Some(at) => record.push(&event::text::from_bytes(&text[..at]), &event::text::from_bytes(&text[at + 1..])),
            None => {
                // Eight bytes of length, the value, a line break.
                let length = lines.exact(8, &mut bytes)?.then(|| <[u8; 8]>::try_from(bytes.as_slice()).ok()).flatten();
                let length = length.map(u64::from_le_bytes).and_then(|length| usize::try_from(length).ok());
                let whole = match length {
                    Some(length) => lines.exact(length, &mut bytes)?,
                    None => false,
                };
                if !whole {
                    reading.outcome.fault(place(), "a value that is longer than the file or than is taken");
                    break;
                }
                record.push(&event::text::from_bytes(&text), &event::text::from_bytes(&bytes));
                lines.exact(1, &mut bytes)?;
            }
        }
    }
    if let Some(number) = started {
        record.number = number;
        settle(&mut record);
        let _ = reading.record(&record);
    }
    Ok(())
}

/// An entry's time, program and message, whatever form of the journal it came in.
pub(crate) fn settle(record: &mut Flat) {
    record.origin = Origin::Linux;
    let micros = record.get("_SOURCE_REALTIME_TIMESTAMP").or_else(|| record.get("__REALTIME_TIMESTAMP"));
    record.time = micros.and_then(|text| text.parse::<i64>().ok()).and_then(|n| n.checked_mul(1_000)).map(Timestamp);
    let program =
        ["SYSLOG_IDENTIFIER", "_COMM"].iter().find_map(|name| record.get(name)).unwrap_or_default().to_owned();
    let message = record.get("MESSAGE").unwrap_or_default().to_owned();
    record.push("program", &program);
    record.push("message", &message);
}
