//! What one place in the spool holds: an event, an alert or the host's facts, with the kernel's boot id of that moment.

use crate::alert::Cut;
use crate::event_decode::slice;
use crate::event_encode::put_bytes;
use crate::limits::{MAX_FINDINGS, MAX_LINEAGE, MAX_RECORD, MAX_TEXT};
use crate::{EventError, alert, decode_row, encode_event, host, v1};
use event::{Alert, BootId, Fields, HostFacts, Row};
use prost::Message;
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, encode_varint, encoded_len_varint, skip_field};

const EVENT: u32 = 1;
const ALERT: u32 = 2;
const HOST: u32 = 3;
const BOOT_ID: u32 = 15;

#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub boot: Option<BootId>,
    pub body: RecordBody,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RecordBody {
    /// Without host, tenant and boot id: the certificate and the record say those.
    Event(Row),
    Alert(Box<Alert>),
    Host(Box<HostFacts>),
    /// Of a newer agent: the field's number.
    Unknown(u32),
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecordError {
    #[error("a record of {0} bytes is over the limit of {MAX_RECORD}")]
    TooLarge(usize),
    #[error("not protobuf: {0}")]
    Malformed(#[from] prost::DecodeError),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error("{0} is more than {1}")]
    TooMany(&'static str, usize),
    #[error("a boot id has 16 bytes, not {0}")]
    BootId(usize),
    #[error("a record without a body")]
    Empty,
}

/// Makes records of one boot, in one buffer that is used again.
#[derive(Clone, Debug)]
pub struct RecordEncoder {
    boot: BootId,
    /// The record is written behind room for its own header.
    buffer: Vec<u8>,
}

impl RecordEncoder {
    pub fn new(boot: BootId) -> Self {
        RecordEncoder { boot, buffer: Vec::with_capacity(4096) }
    }

    /// The bytes stand until the next call.
    pub fn event(&mut self, event: &impl Fields) -> &[u8] {
        self.body(EVENT, |out| encode_event(event, out))
    }

    pub fn alert(&mut self, whole: &Alert) -> &[u8] {
        let fitted = fit(whole);
        self.body(ALERT, |out| out.extend_from_slice(&fitted.encode_to_vec()))
    }

    pub fn host(&mut self, facts: &HostFacts) -> &[u8] {
        self.body(HOST, |out| out.extend_from_slice(&host::write(facts).encode_to_vec()))
    }

    fn body(&mut self, tag: u32, write: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        const HEADER: usize = 11;
        self.buffer.clear();
        self.buffer.resize(HEADER, 0);
        write(&mut self.buffer);
        let len = (self.buffer.len() - HEADER) as u64;
        put_bytes(&mut self.buffer, BOOT_ID, &self.boot.0.to_be_bytes());
        let start = HEADER - 1 - encoded_len_varint(len);
        self.buffer[start] = (tag << 3) as u8 | WireType::LengthDelimited as u8;
        encode_varint(len, &mut &mut self.buffer[start + 1..HEADER]);
        &self.buffer[start..]
    }
}

/// An alert must never be too large to be taken: texts are cut first, then its oldest ancestors and last findings go. What
/// would fit is reckoned before anything is copied, since a hostile host can make an alert of gigabytes.
fn fit(alert: &Alert) -> v1::Alert {
    let whole = Cut { max_text: MAX_TEXT, max_items: MAX_LINEAGE.min(MAX_FINDINGS) };
    if whole.fits(alert) {
        return alert::write(alert, &whole);
    }
    let tighter = [(4096, MAX_LINEAGE), (512, MAX_LINEAGE), (512, 32), (128, 4)];
    let tighter = tighter.map(|(max_text, max_items)| Cut { max_text, max_items });
    let last = &tighter[tighter.len() - 1];
    let mut fitted = alert::write(alert, tighter.iter().find(|cut| cut.fits(alert)).unwrap_or(last));
    let labels = &mut fitted.event.get_or_insert_default().labels;
    labels.insert("wire_clipped_alert".into(), "texts, ancestors or findings were left out for size".into());
    fitted
}

impl Record {
    pub fn decode(mut bytes: &[u8]) -> Result<Record, RecordError> {
        if bytes.len() > MAX_RECORD {
            return Err(RecordError::TooLarge(bytes.len()));
        }
        let (mut boot, mut body) = (None, None);
        while bytes.has_remaining() {
            match decode_key(&mut bytes)? {
                (EVENT, WireType::LengthDelimited) => {
                    body = Some(RecordBody::Event(decode_row(slice(&mut bytes, "event")?)?));
                }
                (ALERT, WireType::LengthDelimited) => body = Some(decode_alert(slice(&mut bytes, "alert")?)?),
                (HOST, WireType::LengthDelimited) => {
                    let facts = v1::HostFacts::decode(slice(&mut bytes, "host")?)?;
                    body = Some(RecordBody::Host(Box::new(host::read(facts))));
                }
                (BOOT_ID, WireType::LengthDelimited) => boot = Some(boot_id(slice(&mut bytes, "boot id")?)?),
                (tag, wire_type) => {
                    skip_field(wire_type, tag, &mut bytes, DecodeContext::default())?;
                    body = body.or(Some(RecordBody::Unknown(tag)));
                }
            }
        }
        Ok(Record { boot, body: body.ok_or(RecordError::Empty)? })
    }
}

fn boot_id(bytes: &[u8]) -> Result<BootId, RecordError> {
    bytes.try_into().map(|b| BootId(u128::from_be_bytes(b))).map_err(|_| RecordError::BootId(bytes.len()))
}

fn decode_alert(bytes: &[u8]) -> Result<RecordBody, RecordError> {
    // Counted before anything is made: two bytes on the wire can stand for hundreds in memory.
    let (mut findings, mut lineage) = (0, 0);
    let mut rest = bytes;
    while rest.has_remaining() {
        let (tag, wire_type) = decode_key(&mut rest)?;
        findings += usize::from(tag == 9);
        lineage += usize::from(tag == 13);
        skip_field(wire_type, tag, &mut rest, DecodeContext::default())?;
    }
    for (what, count, most) in
        [("findings of an alert", findings, MAX_FINDINGS), ("lineage of an alert", lineage, MAX_LINEAGE)]
    {
        if count > most {
            return Err(RecordError::TooMany(what, most));
        }
    }
    Ok(RecordBody::Alert(Box::new(alert::read(v1::Alert::decode(bytes)?)?)))
}
