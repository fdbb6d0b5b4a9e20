//! Many records under way: one zstd frame with their sequence numbers as steps, because a spool at its cap leaves gaps.

use crate::limits::{MAX_BATCH_RAW, MAX_BATCH_RECORDS, MAX_RECORD};
use crate::v1;
use prost::Message;
use prost::bytes::Bytes;

/// The cheapest of the normal levels: the agent pays with the host's CPU.
const LEVEL: i32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Which life of the spool the numbers count in.
    pub epoch: u64,
    /// The number before this batch on its stream; 0 at the beginning of an epoch.
    pub after: u64,
    /// Encoded [`crate::Record`]s under numbers that rise from `after`.
    pub records: Vec<(u64, Bytes)>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    #[error("the number {1} does not come after {0}")]
    OutOfOrder(u64, u64),
    #[error("{0} records are over the limit of {MAX_BATCH_RECORDS}")]
    TooMany(usize),
    #[error("{0} bytes are over the limit of {MAX_BATCH_RAW}")]
    TooLarge(usize),
    #[error("cannot compress: {0}")]
    Compress(String),
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum UnpackError {
    #[error("says {0} records, over the limit of {MAX_BATCH_RECORDS}")]
    TooMany(usize),
    #[error("says {0} bytes, over the limit of {MAX_BATCH_RAW}")]
    TooLarge(usize),
    #[error("cannot decompress: {0}")]
    Decompress(String),
    #[error("says {0} bytes and holds {1}")]
    WrongSize(usize, usize),
    #[error("not protobuf: {0}")]
    Malformed(#[from] prost::DecodeError),
    #[error("says {0} records and holds {1} of them with {2} numbers")]
    WrongCount(usize, usize, usize),
    #[error("a sequence number does not rise, or is over the last number")]
    Sequence,
    #[error("a record of {0} bytes is over the limit of {MAX_RECORD}")]
    RecordTooLarge(usize),
}

impl Batch {
    /// The last number; `after` for an empty batch.
    pub fn last(&self) -> u64 {
        self.records.last().map_or(self.after, |(sequence, _)| *sequence)
    }

    pub fn pack(&self) -> Result<v1::Batch, PackError> {
        let raw = self.raw()?;
        let zstd = zstd::bulk::compress(&raw, LEVEL).map_err(|e| PackError::Compress(e.to_string()))?;
        Ok(v1::Batch {
            epoch: self.epoch,
            after: self.after,
            last: self.last(),
            count: self.records.len() as u32,
            raw_bytes: raw.len() as u32,
            zstd: zstd.into(),
        })
    }

    fn raw(&self) -> Result<Vec<u8>, PackError> {
        if self.records.len() > MAX_BATCH_RECORDS {
            return Err(PackError::TooMany(self.records.len()));
        }
        let mut steps = Vec::with_capacity(self.records.len());
        let mut before = self.after;
        for (sequence, _) in &self.records {
            let step = sequence.checked_sub(before).filter(|step| *step > 0);
            steps.push(step.ok_or(PackError::OutOfOrder(before, *sequence))?);
            before = *sequence;
        }
        let records = v1::Records { steps, records: self.records.iter().map(|(_, bytes)| bytes.clone()).collect() };
        match records.encoded_len() {
            len if len > MAX_BATCH_RAW => Err(PackError::TooLarge(len)),
            _ => Ok(records.encode_to_vec()),
        }
    }

    /// Takes hostile bytes: never holds more than [`MAX_BATCH_RAW`] of what comes out of the decompressor.
    pub fn unpack(packed: v1::Batch) -> Result<Batch, UnpackError> {
        let (count, raw_bytes) = (packed.count as usize, packed.raw_bytes as usize);
        if count > MAX_BATCH_RECORDS {
            return Err(UnpackError::TooMany(count));
        }
        if raw_bytes > MAX_BATCH_RAW {
            return Err(UnpackError::TooLarge(raw_bytes));
        }
        let raw = zstd::bulk::decompress(&packed.zstd, raw_bytes.max(1))
            .map_err(|e| UnpackError::Decompress(e.to_string()))?;
        if raw.len() != raw_bytes {
            return Err(UnpackError::WrongSize(raw_bytes, raw.len()));
        }
        let records = v1::Records::decode(Bytes::from(raw))?;
        if records.steps.len() != count || records.records.len() != count {
            return Err(UnpackError::WrongCount(count, records.records.len(), records.steps.len()));
        }
        number(packed.epoch, packed.after, packed.last, records)
    }
}

fn number(epoch: u64, after: u64, last: u64, records: v1::Records) -> Result<Batch, UnpackError> {
    let mut sequence = after;
    let mut out = Vec::with_capacity(records.records.len());
    for (step, bytes) in records.steps.into_iter().zip(records.records) {
        if bytes.len() > MAX_RECORD {
            return Err(UnpackError::RecordTooLarge(bytes.len()));
        }
        sequence = sequence.checked_add(step).filter(|_| step > 0).ok_or(UnpackError::Sequence)?;
        out.push((sequence, bytes));
    }
    if sequence == last { Ok(Batch { epoch, after, records: out }) } else { Err(UnpackError::Sequence) }
}
