//! Sets of digests: what a table is of, what a record says, and the two halves that write and read it.

mod table;
mod writer;

pub use table::Table;
pub use writer::HashWriter;

use crate::file::Corrupt;
use crate::names::NameRef;
use event::Severity;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub const ALL: [Algorithm; 3] = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256];

    /// Bytes of a digest.
    pub const fn size(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
        }
    }

    /// By the number of bytes of a digest.
    pub fn of_size(bytes: usize) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.size() == bytes)
    }
}

/// What was digested, and what a match means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A whole file that is bad.
    File,
    /// A section of a PE file that is bad; the size is the section's.
    Section,
    /// A whole file that is good whatever else is said of it (`.fp`, `.sfp`).
    Allow,
}

impl Place {
    pub const ALL: [Place; 3] = [Place::File, Place::Section, Place::Allow];
}

/// Index of a table's sections in the file.
pub const fn table_index(place: Place, algorithm: Algorithm) -> u32 {
    place as u32 * 3 + algorithm as u32
}

/// The digests of one file or section; what was not taken is None.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    pub md5: Option<[u8; 16]>,
    pub sha1: Option<[u8; 20]>,
    pub sha256: Option<[u8; 32]>,
}

/// Which digests a database can say anything about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub md5: bool,
    pub sha1: bool,
    pub sha256: bool,
}

impl Wanted {
    pub const ALL: Wanted = Wanted { md5: true, sha1: true, sha256: true };

    pub const fn any(self) -> bool {
        self.md5 || self.sha1 || self.sha256
    }
}

impl Digests {
    pub fn of(bytes: &[u8], wanted: Wanted) -> Digests {
        Digests {
            md5: wanted.md5.then(|| Md5::digest(bytes).into()),
            sha1: wanted.sha1.then(|| Sha1::digest(bytes).into()),
            sha256: wanted.sha256.then(|| Sha256::digest(bytes).into()),
        }
    }

    pub fn get(&self, algorithm: Algorithm) -> Option<&[u8]> {
        match algorithm {
            Algorithm::Md5 => self.md5.as_ref().map(|d| d.as_slice()),
            Algorithm::Sha1 => self.sha1.as_ref().map(|d| d.as_slice()),
            Algorithm::Sha256 => self.sha256.as_ref().map(|d| d.as_slice()),
        }
    }
}

/// One entry as the parsers hand it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashEntry {
    pub place: Place,
    pub algorithm: Algorithm,
    /// As long as the algorithm says.
    pub digest: Vec<u8>,
    /// Of the file or section; None: any.
    pub size: Option<u64>,
    pub name: String,
    pub severity: Severity,
    /// Potentially unwanted: told only when asked for.
    pub pua: bool,
}

/// Sizes at and above this cannot be told apart from "any".
pub const MAX_SIZE: u64 = (1 << 40) - 1;
const RECORD: usize = 14;

/// A record after its digest: size in 5 bytes, attributes, name. Of two records of one digest and size the graver sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    size: Option<u64>,
    severity: Severity,
    pua: bool,
    name: NameRef,
}

impl Record {
    fn to_bytes(self) -> [u8; RECORD] {
        let mut bytes = [0; RECORD];
        bytes[..5].copy_from_slice(&self.size.unwrap_or(MAX_SIZE).to_be_bytes()[3..]);
        let gravity = Severity::Critical as u8 - self.severity as u8;
        bytes[5] = u8::from(self.pua) << 7 | gravity;
        bytes[6..].copy_from_slice(&self.name.0.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD]) -> Result<Record, Corrupt> {
        let mut size = [0; 8];
        size[3..].copy_from_slice(&bytes[..5]);
        let size = Some(u64::from_be_bytes(size)).filter(|size| *size != MAX_SIZE);
        let gravity = usize::from(bytes[5] & 0x7f);
        let severity = Severity::ALL.iter().rev().nth(gravity).ok_or(Corrupt("a record of an unknown severity"))?;
        let mut name = [0; 8];
        name.copy_from_slice(&bytes[6..]);
        Ok(Record { size, severity: *severity, pua: bytes[5] >> 7 == 1, name: NameRef(u64::from_be_bytes(name)) })
    }
}

/// The first eight bytes of a digest place it: digests are uniform, so a share of them is a place in the sorted table.
fn prefix(digest: &[u8]) -> u64 {
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// Digests a bucket of the directory.
const BUCKET: u64 = 16;

fn buckets(count: u64) -> u64 {
    steps(count.div_ceil(BUCKET).max(1))
}

/// Rounded up to four significant bits: a set that grows a little keeps its directory and filter where they were, and so has a small
/// delta.
fn steps(count: u64) -> u64 {
    let low = (64 - count.leading_zeros()).saturating_sub(4);
    count.div_ceil(1 << low) << low
}

fn bucket_of(digest: &[u8], buckets: u64) -> u64 {
    ((u128::from(prefix(digest)) * u128::from(buckets)) >> 64) as u64
}

/// A blocked Bloom filter: 64 bytes a block, six bits a digest, 10 bits a digest in all; one cache line says of 99 % of the
/// unknown that the table need not be touched, which also keeps the table's pages out of memory.
const BLOCK: usize = 64;

fn filter_blocks(count: u64) -> u64 {
    steps((count * 10).div_ceil(BLOCK as u64 * 8).max(1))
}

fn filter_bits(digest: &[u8], blocks: u64) -> (usize, [usize; 6]) {
    let second = digest.get(8..16).map_or(0, prefix);
    let block = ((u128::from(second) * u128::from(blocks)) >> 64) as usize;
    let first = prefix(digest);
    (block * BLOCK, [0, 9, 18, 27, 36, 45].map(|shift| (first >> shift & 511) as usize))
}

/// Bits of the filter of sizes, by which a digest need not even be computed.
fn size_bits(size: u64, bits: usize) -> [usize; 2] {
    let mut x = size.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 31;
    [(x as usize) % bits, ((x >> 32) as usize) % bits]
}

#[cfg(test)]
mod tests;
