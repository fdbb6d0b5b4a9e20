//! From anything with [`Fields`] to the bytes of `tamon.v1.Event`, in one pass and without a Row between: this runs for every
//! event of the agent. Nothing is left out in silence: a text that is cut, a value whose type is not its column's and a
//! label that found no room each leave a label that says so.

use crate::limits::{MAX_EVENT, MAX_LABEL_NAME, MAX_LABELS, MAX_TEXT};
use event::{Column, ColumnType, Fields, Value, text::clip};
use prost::bytes::BufMut;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};
use std::net::IpAddr;

/// Field number of `labels`.
pub(crate) const LABELS: u32 = 2047;
/// Columns whose text was cut, their names joined by commas.
pub(crate) const CLIPPED: &str = "wire_clipped";
/// How many labels were left out.
pub(crate) const DROPPED: &str = "wire_dropped_labels";
/// Kept free of texts so that every column and both notes always fit.
const RESERVE: usize = 16 * 1024;

/// Appends one `Event` message.
pub fn encode_event(event: &impl Fields, out: &mut Vec<u8>) {
    let mut writer = Writer { start: out.len(), out, labels: 0, dropped: 0, clipped: String::new() };
    for column in Column::ALL {
        if let Some(value) = event.field(*column) {
            writer.column(*column, &value);
        }
    }
    event.each_label(&mut |name, text| writer.label(name, text));
    writer.notes();
}

struct Writer<'a> {
    start: usize,
    out: &'a mut Vec<u8>,
    labels: usize,
    dropped: usize,
    clipped: String,
}

impl Writer<'_> {
    fn column(&mut self, column: Column, value: &Value<'_>) {
        let tag = u32::from(column.number());
        match (column.kind(), value) {
            (ColumnType::Text, Value::Str(text)) => {
                let whole = text.as_ref();
                let kept = clip(whole, self.room());
                if kept.len() < whole.len() {
                    self.note_clipped(column.name());
                }
                put_bytes(self.out, tag, kept.as_bytes());
            }
            (ColumnType::Unsigned, Value::U64(n)) => put_varint(self.out, tag, *n),
            (ColumnType::Signed, Value::I64(n)) => put_varint(self.out, tag, ((n << 1) ^ (n >> 63)) as u64),
            (ColumnType::Boolean, Value::Bool(b)) => put_varint(self.out, tag, u64::from(*b)),
            (ColumnType::Time, Value::Time(time)) => {
                encode_key(tag, WireType::SixtyFourBit, self.out);
                self.out.put_i64_le(time.0);
            }
            (ColumnType::Ip, Value::Ip(IpAddr::V4(ip))) => put_bytes(self.out, tag, &ip.octets()),
            (ColumnType::Ip, Value::Ip(IpAddr::V6(ip))) => put_bytes(self.out, tag, &ip.octets()),
            (ColumnType::Digest, Value::Digest(digest)) => put_bytes(self.out, tag, &digest.0),
            (_, ill_typed) => self.label(column.name(), &ill_typed.text()),
        }
    }

    fn label(&mut self, name: &str, text: &str) {
        let room = self.room();
        if self.labels >= MAX_LABELS - 2 || name.len() > MAX_LABEL_NAME || room <= 256 {
            self.dropped += 1;
            return;
        }
        let kept = clip(text, room);
        if kept.len() < text.len() {
            self.note_clipped(name);
        }
        self.put_label(name, kept);
    }

    /// How long the next text may be: less the fuller the event is, never so little that a name is lost.
    fn room(&self) -> usize {
        let left = (MAX_EVENT - RESERVE).saturating_sub(self.out.len() - self.start);
        (left / 4).clamp(200, MAX_TEXT)
    }

    fn note_clipped(&mut self, name: &str) {
        if self.clipped.len() + name.len() < 2_048 {
            if !self.clipped.is_empty() {
                self.clipped.push(',');
            }
            self.clipped.push_str(name);
        }
    }

    fn notes(&mut self) {
        if !self.clipped.is_empty() {
            let clipped = std::mem::take(&mut self.clipped);
            self.put_label(CLIPPED, &clipped);
        }
        if self.dropped > 0 {
            self.put_label(DROPPED, &self.dropped.to_string());
        }
    }

    fn put_label(&mut self, name: &str, text: &str) {
        let len = |part: &str| 1 + encoded_len_varint(part.len() as u64) + part.len();
        encode_key(LABELS, WireType::LengthDelimited, self.out);
        encode_varint((len(name) + len(text)) as u64, self.out);
        put_bytes(self.out, 1, name.as_bytes());
        put_bytes(self.out, 2, text.as_bytes());
        self.labels += 1;
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, tag: u32, n: u64) {
    encode_key(tag, WireType::Varint, out);
    encode_varint(n, out);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, tag: u32, bytes: &[u8]) {
    out.reserve(key_len(tag) + 10 + bytes.len());
    encode_key(tag, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}
