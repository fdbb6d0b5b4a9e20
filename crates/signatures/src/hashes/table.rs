//! Looks a digest up: a filter that is one cache line, a directory of buckets of sixteen, a few comparisons.

use super::{Algorithm, BLOCK, Place, RECORD, Record, bucket_of, filter_bits, size_bits, table_index};
use crate::file::{self, Corrupt, Section, u32_at};
use crate::names::NameRef;
use event::Severity;
use std::ops::Range;

/// Records of one digest that are looked at.
const MOST_RECORDS: usize = 64;

/// Where the columns of one table lie in the file.
#[derive(Clone, Debug)]
pub struct Table {
    pub place: Place,
    pub algorithm: Algorithm,
    keys: Range<usize>,
    records: Range<usize>,
    directory: Range<usize>,
    filter: Range<usize>,
    sizes: Range<usize>,
}

/// A record that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub name: NameRef,
    pub severity: Severity,
    pub pua: bool,
}

impl Table {
    /// None: the file has no such table.
    pub fn open(sections: &file::Table, place: Place, algorithm: Algorithm) -> Result<Option<Table>, Corrupt> {
        let index = table_index(place, algorithm);
        let Some(keys) = sections.get(Section::HashKeys, index) else { return Ok(None) };
        let table = Table {
            place,
            algorithm,
            keys,
            records: sections.get_or_empty(Section::HashRecords, index),
            directory: sections.get_or_empty(Section::HashDirectory, index),
            filter: sections.get_or_empty(Section::HashFilter, index),
            sizes: sections.get_or_empty(Section::HashSizes, index),
        };
        let fits = table.keys.len().is_multiple_of(algorithm.size())
            && table.records.len() == table.len() * RECORD
            && table.directory.len() >= 8
            && table.directory.len().is_multiple_of(4)
            && !table.filter.is_empty()
            && table.filter.len().is_multiple_of(BLOCK);
        if fits { Ok(Some(table)) } else { Err(Corrupt("the columns of a table of digests do not fit each other")) }
    }

    pub fn len(&self) -> usize {
        self.keys.len() / self.algorithm.size()
    }

    /// Whether any record is of this size or of any size; false is sure, true is not.
    pub fn wants_size(&self, file: &[u8], size: u64) -> bool {
        let sizes = &file[self.sizes.clone()];
        sizes.is_empty() || size_bits(size, sizes.len() * 8).iter().all(|bit| sizes[bit / 8] >> (bit % 8) & 1 == 1)
    }

    /// The records of this digest whose size fits: seldom more than one. `file`: the bytes that the table was opened on.
    pub fn find(&self, file: &[u8], digest: &[u8], size: u64) -> Result<Vec<Found>, Corrupt> {
        let filter = &file[self.filter.clone()];
        let (block, bits) = filter_bits(digest, (filter.len() / BLOCK) as u64);
        if bits.iter().any(|bit| filter[block + bit / 8] >> (bit % 8) & 1 == 0) {
            return Ok(Vec::new());
        }
        let (keys, directory) = (&file[self.keys.clone()], &file[self.directory.clone()]);
        let bucket = bucket_of(digest, (directory.len() / 4 - 1) as u64) as usize;
        let (low, high) = (u32_at(directory, bucket * 4)? as usize, u32_at(directory, bucket * 4 + 4)? as usize);
        if low > high || high > self.len() {
            return Err(Corrupt("a bucket of digests lies outside of its table"));
        }
        let width = self.algorithm.size();
        let key = |at: usize| &keys[at * width..(at + 1) * width];
        let (mut from, mut to) = (low, high);
        while from < to {
            let middle = from.midpoint(to);
            if key(middle) < digest { from = middle + 1 } else { to = middle }
        }
        let mut found = Vec::new();
        for at in (from..high).take_while(|at| key(*at) == digest).take(MOST_RECORDS) {
            let bytes = &file[self.records.clone()][at * RECORD..];
            let record = Record::from_bytes(bytes.first_chunk().ok_or(Corrupt("a record is cut"))?)?;
            if record.size.is_none_or(|wanted| wanted == size) {
                found.push(Found { name: record.name, severity: record.severity, pua: record.pua });
            }
        }
        Ok(found)
    }
}
