//! From the bytes of `tamon.v1.Event` to a [`Row`]. Reads by hand because a Row keeps only what is there, where the
//! generated message has a slot for every column. A column that this build does not know is kept as the label
//! `column_<number>` when it is text and passed over otherwise; a known one of the wrong type is an error.

use crate::event_encode::LABELS;
use crate::limits::{MAX_EVENT, MAX_LABEL_NAME, MAX_LABELS, MAX_TEXT};
use event::{Column, ColumnType, Row, Sha256, Timestamp, Value};
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use std::borrow::Cow;
use std::net::IpAddr;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EventError {
    #[error("an event of {0} bytes is over the limit of {MAX_EVENT}")]
    TooLarge(usize),
    #[error("not protobuf: {0}")]
    Malformed(#[from] prost::DecodeError),
    #[error("{0}: the bytes end before the value does")]
    Truncated(String),
    #[error("{0}: not UTF-8")]
    NotText(String),
    #[error("{0}: a text of {1} bytes is over the limit of {MAX_TEXT}")]
    TextTooLong(String, usize),
    #[error("{}: not a {:?}", .0.name(), .0.kind())]
    WrongType(Column),
    #[error("more than {MAX_LABELS} labels")]
    TooManyLabels,
    #[error("a label's name of {0} bytes is over the limit of {MAX_LABEL_NAME}")]
    LabelNameTooLong(usize),
}

/// Reads one whole `Event` message.
pub fn decode_row(mut bytes: &[u8]) -> Result<Row, EventError> {
    if bytes.len() > MAX_EVENT {
        return Err(EventError::TooLarge(bytes.len()));
    }
    let mut row = Row::default();
    while bytes.has_remaining() {
        let (tag, wire_type) = decode_key(&mut bytes)?;
        match u16::try_from(tag).ok().and_then(Column::from_number) {
            Some(column) => {
                let value = value(column, wire_type, &mut bytes)?;
                row.set(column, value);
            }
            None if tag == LABELS && wire_type == WireType::LengthDelimited => {
                let (name, text) = label(slice(&mut bytes, "labels")?)?;
                add_label(&mut row, name, text)?;
            }
            None => unknown(tag, wire_type, &mut bytes, &mut row)?,
        }
    }
    Ok(row)
}

fn value(column: Column, wire_type: WireType, bytes: &mut &[u8]) -> Result<Value<'static>, EventError> {
    let wrong = || EventError::WrongType(column);
    Ok(match (column.kind(), wire_type) {
        (ColumnType::Text, WireType::LengthDelimited) => {
            Value::Str(Cow::Owned(text(slice(bytes, column.name())?, column.name())?))
        }
        (ColumnType::Unsigned, WireType::Varint) => Value::U64(decode_varint(bytes)?),
        (ColumnType::Signed, WireType::Varint) => {
            let n = decode_varint(bytes)?;
            Value::I64((n >> 1) as i64 ^ -((n & 1) as i64))
        }
        (ColumnType::Boolean, WireType::Varint) => Value::Bool(decode_varint(bytes)? != 0),
        (ColumnType::Time, WireType::SixtyFourBit) => {
            Value::Time(Timestamp(bytes.try_get_i64_le().map_err(|_| EventError::Truncated(column.name().into()))?))
        }
        (ColumnType::Ip, WireType::LengthDelimited) => match slice(bytes, column.name())? {
            v4 if v4.len() == 4 => Value::Ip(IpAddr::from(<[u8; 4]>::try_from(v4).map_err(|_| wrong())?)),
            v6 => Value::Ip(IpAddr::from(<[u8; 16]>::try_from(v6).map_err(|_| wrong())?)),
        },
        (ColumnType::Digest, WireType::LengthDelimited) => {
            Value::Digest(Sha256(slice(bytes, column.name())?.try_into().map_err(|_| wrong())?))
        }
        _ => return Err(wrong()),
    })
}

fn unknown(tag: u32, wire_type: WireType, bytes: &mut &[u8], row: &mut Row) -> Result<(), EventError> {
    if wire_type != WireType::LengthDelimited {
        return Ok(skip_field(wire_type, tag, bytes, DecodeContext::default())?);
    }
    let name = format!("column_{tag}");
    match std::str::from_utf8(slice(bytes, &name)?) {
        Ok(text) if text.len() <= MAX_TEXT && row.labels.len() < MAX_LABELS => add_label(row, name, text.to_owned()),
        _ => Ok(()),
    }
}

fn label(mut entry: &[u8]) -> Result<(String, String), EventError> {
    let (mut name, mut value) = (String::new(), String::new());
    while entry.has_remaining() {
        match decode_key(&mut entry)? {
            (1, WireType::LengthDelimited) => name = text(slice(&mut entry, "label's name")?, "label's name")?,
            (2, WireType::LengthDelimited) => value = text(slice(&mut entry, "label")?, "label")?,
            (tag, wire_type) => skip_field(wire_type, tag, &mut entry, DecodeContext::default())?,
        }
    }
    Ok((name, value))
}

fn add_label(row: &mut Row, name: String, text: String) -> Result<(), EventError> {
    if name.len() > MAX_LABEL_NAME {
        return Err(EventError::LabelNameTooLong(name.len()));
    }
    row.labels.insert(name, text);
    if row.labels.len() > MAX_LABELS { Err(EventError::TooManyLabels) } else { Ok(()) }
}

/// The bytes of a length-delimited field.
pub(crate) fn slice<'a>(bytes: &mut &'a [u8], what: &str) -> Result<&'a [u8], EventError> {
    let len = decode_varint(bytes)?;
    let short = || EventError::Truncated(what.to_owned());
    let (head, tail) = usize::try_from(len).ok().and_then(|len| bytes.split_at_checked(len)).ok_or_else(short)?;
    *bytes = tail;
    Ok(head)
}

fn text(bytes: &[u8], what: &str) -> Result<String, EventError> {
    if bytes.len() > MAX_TEXT {
        return Err(EventError::TextTooLong(what.to_owned(), bytes.len()));
    }
    Ok(std::str::from_utf8(bytes).map_err(|_| EventError::NotText(what.to_owned()))?.to_owned())
}
