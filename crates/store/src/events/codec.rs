//! A row as bytes in the log. Small and quick; never seen outside this folder. What cannot be read back is an error, never a
//! row with something missing.

use event::{Column, Row, Sha256, Timestamp, Value};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) fn put_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_row(out: &mut Vec<u8>, row: &Row) {
    put_number(out, row.columns().count() as u64);
    for (column, value) in row.columns() {
        put_number(out, column.number().into());
        put_value(out, value);
    }
    put_number(out, row.labels.len() as u64);
    for (name, text) in &row.labels {
        put_text(out, name);
        put_text(out, text);
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Str(text) => {
            out.push(0);
            put_text(out, text);
        }
        Value::U64(n) => {
            out.push(1);
            put_number(out, *n);
        }
        Value::I64(n) => {
            out.push(2);
            out.extend_from_slice(&n.to_le_bytes());
        }
        Value::Bool(b) => out.extend_from_slice(&[3, u8::from(*b)]),
        Value::Time(t) => {
            out.push(4);
            out.extend_from_slice(&t.nanos().to_le_bytes());
        }
        Value::Ip(IpAddr::V4(ip)) => {
            out.push(5);
            out.extend_from_slice(&ip.octets());
        }
        Value::Ip(IpAddr::V6(ip)) => {
            out.push(6);
            out.extend_from_slice(&ip.octets());
        }
        Value::Digest(digest) => {
            out.push(7);
            out.extend_from_slice(&digest.0);
        }
    }
}

/// Reads from the front; each method gives None when the bytes do not hold what is asked.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let len = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(len)?).ok()
    }

    pub fn row(&mut self) -> Option<Row> {
        let mut row = Row::default();
        for _ in 0..self.number()? {
            let column = Column::from_number(u16::try_from(self.number()?).ok()?)?;
            let value = self.value()?;
            row.set(column, value);
        }
        for _ in 0..self.number()? {
            let name = self.text()?.to_owned();
            row.labels.insert(name, self.text()?.to_owned());
        }
        Some(row)
    }

    fn value(&mut self) -> Option<Value<'static>> {
        let [tag] = self.array()?;
        Some(match tag {
            0 => Value::Str(Cow::Owned(self.text()?.to_owned())),
            1 => Value::U64(self.number()?),
            2 => Value::I64(i64::from_le_bytes(self.array()?)),
            3 => Value::Bool(self.array::<1>()? != [0]),
            4 => Value::Time(Timestamp(i64::from_le_bytes(self.array()?))),
            5 => Value::Ip(Ipv4Addr::from(self.array::<4>()?).into()),
            6 => Value::Ip(Ipv6Addr::from(self.array::<16>()?).into()),
            7 => Value::Digest(Sha256(self.array()?)),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            any::<String>().prop_map(|t| Value::Str(Cow::Owned(t))),
            any::<u64>().prop_map(Value::U64),
            any::<i64>().prop_map(Value::I64),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|n| Value::Time(Timestamp(n))),
            any::<IpAddr>().prop_map(Value::Ip),
            any::<[u8; 32]>().prop_map(|d| Value::Digest(Sha256(d))),
        ]
    }

    proptest! {
        #[test]
        fn rows_come_back_whole(
            values in prop::collection::vec((0..Column::ALL.len(), value()), 0..20),
            labels in prop::collection::btree_map(any::<String>(), any::<String>(), 0..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut row = Row::default();
            row.labels = labels;
            for (column, value) in values {
                row.set(Column::ALL[column], value);
            }
            let mut bytes = Vec::new();
            put_row(&mut bytes, &row);
            prop_assert_eq!(Reader(&bytes).row(), Some(row));
            let short = &bytes[..cut.index(bytes.len())];
            prop_assert_eq!(Reader(short).row(), None);
        }

        #[test]
        fn hostile_bytes_only_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reader(&bytes).row();
        }
    }
}
