//! JSON: a document a line, or documents one after the other, or lists of them. Nested names are joined by `.`, lists give a
//! name several values, `null` is no value.

use crate::flat::{Flat, Origin};
use crate::lines::Lines;
use crate::{Reading, limits, time, windows};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;

pub(crate) fn read(mut file: File, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    let mut lines = Lines::new(&file);
    let mut record = Flat::default();
    let first = loop {
        match lines.next()? {
            None => return Ok(()),
            Some(line) if line.text().trim_ascii().is_empty() => {}
            Some(line) => break line.text().to_vec(),
        }
    };
    let by_line = first.trim_ascii().starts_with(b"{") && object(&first, &mut record).is_ok();
    file.seek(SeekFrom::Start(0))?;
    if by_line { by_lines(&file, &mut record, reading) } else { whole(file, &mut record, reading) }
}

fn by_lines(file: &File, record: &mut Flat, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    let mut lines = Lines::new(file);
    while let Some(line) = lines.next()? {
        let place = || format!("line {}", line.number);
        if line.cut {
            reading.outcome.fault(place(), format!("longer than {} bytes", limits::LINE_BYTES));
            continue;
        }
        let text = line.text();
        if text.trim_ascii().is_empty() {
            continue;
        }
        match object(text, record) {
            Ok(()) => {
                record.number = line.number;
                if hand_on(record, &place, reading).is_break() {
                    break;
                }
            }
            Err(error) => reading.outcome.fault(place(), error),
        }
    }
    Ok(())
}

fn hand_on(record: &mut Flat, place: &dyn Fn() -> String, reading: &mut Reading<'_, '_>) -> ControlFlow<()> {
    settle(record);
    if record.overflow {
        reading.outcome.fault(place(), format!("more than {} values; the rest of it is not looked at", limits::VALUES));
    }
    reading.record(record)
}

fn whole(mut file: File, record: &mut Flat, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    let size = file.metadata()?.len();
    if size > limits::DOCUMENT_BYTES {
        let most = limits::DOCUMENT_BYTES;
        reading
            .outcome
            .fault("file", format!("{size} bytes of JSON that is no document a line; at most {most} are read"));
        return Ok(());
    }
    let mut text = Vec::new();
    file.by_ref().take(limits::DOCUMENT_BYTES).read_to_end(&mut text)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let mut at = 0;
    let mut number = 0;
    let mut lines_before = Counter::default();
    while let Some(skip) = text[at..].iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b',') {
        at += skip;
        let line = lines_before.line(text, at);
        let mut stream = serde_json::Deserializer::from_slice(&text[at..]).into_iter::<&serde_json::value::RawValue>();
        let document = match stream.next() {
            Some(Ok(document)) => document.get(),
            Some(Err(error)) => {
                reading.outcome.fault(format!("line {line}"), error);
                return Ok(());
            }
            None => return Ok(()),
        };
        if document.starts_with('[') {
            let elements: Vec<&serde_json::value::RawValue> = match serde_json::from_str(document) {
                Ok(elements) => elements,
                Err(error) => {
                    reading.outcome.fault(format!("line {line}"), error);
                    return Ok(());
                }
            };
            for element in elements {
                number += 1;
                if one(element.get(), number, record, reading).is_break() {
                    return Ok(());
                }
            }
        } else {
            number += 1;
            if one(document, number, record, reading).is_break() {
                return Ok(());
            }
        }
        at += stream.byte_offset().max(1);
    }
    Ok(())
}

fn one(text: &str, number: u64, record: &mut Flat, reading: &mut Reading<'_, '_>) -> ControlFlow<()> {
    let place = || format!("document {number}");
    match object(text.as_bytes(), record) {
        Ok(()) => {
            record.number = number;
            hand_on(record, &place, reading)
        }
        Err(error) => {
            reading.outcome.fault(place(), error);
            ControlFlow::Continue(())
        }
    }
}

#[derive(Default)]
struct Counter {
    at: usize,
    lines: u64,
}

impl Counter {
    fn line(&mut self, text: &[u8], at: usize) -> u64 {
        self.lines += text[self.at..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = at;
        self.lines + 1
    }
}

/// One JSON object, flattened into `record`.
pub(crate) fn object(text: &[u8], record: &mut Flat) -> Result<(), serde_json::Error> {
    record.clear();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let mut path = String::new();
    Walk { record, path: &mut path }.deserialize(&mut reader)?;
    reader.end()
}

/// Names and origin, once all values are there.
pub(crate) fn settle(record: &mut Flat) {
    windows::settle(record);
    if record.origin == Origin::Unknown {
        let journal = record.get("__REALTIME_TIMESTAMP").is_some() && record.get("MESSAGE").is_some();
        if journal {
            crate::journal::settle(record);
        } else if record.get("event_action").is_some() && record.get("event_category").is_some() {
            record.origin = Origin::Linux;
        }
    }
    if record.time.is_none() {
        let mut names = time::NAMES.iter();
        record.time = names.find_map(|name| record.get(name).and_then(time::parse));
    }
    if record.number == 0 {
        record.number = record.get("EventRecordID").and_then(|id| id.parse().ok()).unwrap_or(0);
    }
}

struct Walk<'a> {
    record: &'a mut Flat,
    path: &'a mut String,
}

impl Walk<'_> {
    fn push(&mut self, value: &str) {
        if let Some(name) = windows::name(self.path) {
            self.record.push(name, value);
            // The names that shippers and their pipelines use stay beside Windows' own.
            if self.path.starts_with("winlog.") {
                self.record.push(self.path, value);
            }
        }
    }

    fn number(&mut self, value: impl fmt::Display) {
        let mut text = Small::default();
        // A number is shorter than the buffer; were it not, it would be cut, not lost.
        let _ = write!(text, "{value}");
        self.push(text.as_str());
    }
}

/// A number's text without an allocation.
#[derive(Default)]
struct Small {
    bytes: [u8; 32],
    length: usize,
}

impl Small {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Small {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = text.len().min(self.bytes.len() - self.length);
        self.bytes[self.length..self.length + fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.length += fits;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(mut self, value: bool) -> Result<(), E> {
        self.push(if value { "true" } else { "false" });
        Ok(())
    }
    fn visit_i64<E>(mut self, value: i64) -> Result<(), E> {
        self.number(value);
        Ok(())
    }
    fn visit_u64<E>(mut self, value: u64) -> Result<(), E> {
        self.number(value);
        Ok(())
    }
    fn visit_f64<E>(mut self, value: f64) -> Result<(), E> {
        self.number(value);
        Ok(())
    }
    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.push(value);
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Walk { record: self.record, path: self.path })?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let before = self.path.len();
        while map.next_key_seed(Key { path: self.path })?.is_some() {
            map.next_value_seed(Walk { record: self.record, path: self.path })?;
            self.path.truncate(before);
        }
        Ok(())
    }
}

/// Puts a key at the end of the path.
struct Key<'a> {
    path: &'a mut String,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
        Ok(())
    }
}
