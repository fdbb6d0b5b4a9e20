//! The front: finds where an atom of any pattern may stand, at a cost a byte that does not depend on how many patterns there are.
//!
//! Three tables by the length of atoms. An atom of seven bytes holds a run of four at each alignment, so its table is asked at
//! every fourth byte alone; atoms of four to six at every byte; of two and three likewise, by runs of two. A table is a filter of
//! two bits a run in one 64-bit word, sixteen bits a run, which stops almost all; then a bucket of entries, each with its whole
//! atom. Letters are folded by setting bit 5 of each byte, so that patterns in either case stand in the same table; the verifier
//! is exact.

use super::atoms::{Atom, LONGEST};
use crate::file::{Corrupt, Section, Table, Writer, u32_at, u64_at};
use std::io::{self, Seek, Write};
use std::ops::Range;

const ENTRY: usize = 16;
const FOLD: u8 = 0x20;

/// Bytes of a run, and every how many bytes it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tier {
    index: u32,
    run: usize,
    stride: usize,
}

const TIERS: [Tier; 3] =
    [Tier { index: 0, run: 4, stride: 4 }, Tier { index: 1, run: 4, stride: 1 }, Tier { index: 2, run: 2, stride: 1 }];

impl Tier {
    fn of(atom: &[u8]) -> Tier {
        match atom.len() {
            LONGEST.. => TIERS[0],
            4.. => TIERS[1],
            _ => TIERS[2],
        }
    }
}

/// An atom was found; the pattern's anchor element would begin at `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub pattern: u32,
    pub target: u8,
    pub at: usize,
}

#[derive(Default)]
pub struct FrontBuilder {
    /// Run, entry.
    tiers: [Vec<(u32, [u8; ENTRY])>; 3],
}

impl FrontBuilder {
    pub fn add(&mut self, pattern: u32, target: u8, atom: &Atom) {
        let tier = Tier::of(&atom.bytes);
        let bytes = &atom.bytes[..atom.bytes.len().min(LONGEST)];
        let folded: Vec<u8> = bytes.iter().map(|byte| byte | FOLD).collect();
        // At every byte one run is enough; at every fourth, the runs of all four alignments.
        let phases = if tier.stride == 1 { 0..1 } else { 0..tier.stride };
        for phase in phases {
            let mut entry = [0; ENTRY];
            entry[..folded.len()].copy_from_slice(&folded);
            entry[7] = (folded.len() as u8) << 4 | phase as u8;
            entry[8..12].copy_from_slice(&pattern.to_le_bytes());
            entry[12..14].copy_from_slice(&atom.shift.to_le_bytes());
            entry[14] = target;
            self.tiers[tier.index as usize].push((run_at(&folded, phase, tier.run), entry));
        }
    }

    /// The three columns of each table that is not empty: filter, starts, entries.
    fn columns(mut self) -> Vec<(u32, [Vec<u8>; 3])> {
        let mut all = Vec::new();
        for (index, runs) in self.tiers.iter_mut().enumerate().filter(|(_, runs)| !runs.is_empty()) {
            let words = (runs.len() / 4).next_power_of_two().clamp(1 << 7, 1 << 20);
            let buckets = runs.len().next_power_of_two().clamp(1 << 7, 1 << 24);
            let bucket = |run: u32| (mix(run) >> (64 - buckets.trailing_zeros())) as usize;
            runs.sort_unstable_by_key(|(run, entry)| (bucket(*run), *entry));
            runs.dedup();
            let mut filter = vec![0u64; words];
            let mut starts = vec![0u32; buckets + 1];
            for (run, _) in runs.iter() {
                let (word, mask) = filter_bits(mix(*run), words.trailing_zeros());
                filter[word] |= mask;
                starts[bucket(*run) + 1] += 1;
            }
            (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
            let filter = filter.iter().flat_map(|word| word.to_le_bytes()).collect();
            let starts = starts.iter().flat_map(|at| at.to_le_bytes()).collect();
            let entries = runs.iter().flat_map(|(_, entry)| *entry).collect();
            all.push((index as u32, [filter, starts, entries]));
        }
        all
    }

    pub fn write<W: Write + Seek>(self, out: &mut Writer<W>) -> io::Result<()> {
        for (index, [filter, starts, entries]) in self.columns() {
            out.section(Section::FrontFilter, index, &filter)?;
            out.section(Section::FrontStarts, index, &starts)?;
            out.section(Section::FrontEntries, index, &entries)?;
        }
        Ok(())
    }

    /// A front in memory, for the few patterns that one file asks for; the bytes that it is read from come first.
    pub fn in_memory(self) -> (Vec<u8>, Front) {
        let mut bytes = Vec::new();
        let mut tiers = Vec::new();
        for (index, columns) in self.columns() {
            let mut ranges = columns.iter().map(|column| {
                let from = bytes.len();
                bytes.extend(column);
                from..bytes.len()
            });
            if let (Some(filter), Some(starts), Some(entries)) = (ranges.next(), ranges.next(), ranges.next()) {
                tiers.push(Columns { tier: TIERS[index as usize], filter, starts, entries });
            }
        }
        (bytes, Front { tiers })
    }
}

fn run_at(bytes: &[u8], at: usize, run: usize) -> u32 {
    bytes[at..at + run].iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn mix(run: u32) -> u64 {
    let product = u64::from(run).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 29
}

fn filter_bits(hash: u64, log_words: u32) -> (usize, u64) {
    ((hash >> (64 - log_words)) as usize, 1 << (hash & 63) | 1 << (hash >> 6 & 63))
}

#[derive(Clone, Debug, Default)]
pub struct Front {
    tiers: Vec<Columns>,
}

#[derive(Clone, Debug)]
struct Columns {
    tier: Tier,
    filter: Range<usize>,
    starts: Range<usize>,
    entries: Range<usize>,
}

impl Front {
    pub fn open(sections: &Table) -> Result<Front, Corrupt> {
        let mut tiers = Vec::new();
        for tier in TIERS {
            let Some(filter) = sections.get(Section::FrontFilter, tier.index) else { continue };
            let starts = sections.get_or_empty(Section::FrontStarts, tier.index);
            let entries = sections.get_or_empty(Section::FrontEntries, tier.index);
            let words = filter.len() / 8;
            let buckets = (starts.len() / 4).saturating_sub(1);
            let fits = filter.len().is_multiple_of(8)
                && starts.len().is_multiple_of(4)
                && entries.len().is_multiple_of(ENTRY)
                && words.is_power_of_two()
                && words > 1
                && buckets.is_power_of_two()
                && buckets > 1;
            if !fits {
                return Err(Corrupt("the columns of the front do not fit each other"));
            }
            tiers.push(Columns { tier, filter, starts, entries });
        }
        Ok(Front { tiers })
    }

    /// Every place where an atom stands, letters folded; table by table, in order of place within one. `file`: what the front was
    /// opened on. `each` ends the scan by false.
    pub fn scan(
        &self,
        file: &[u8],
        haystack: &[u8],
        mut each: impl FnMut(Candidate) -> Result<bool, Corrupt>,
    ) -> Result<(), Corrupt> {
        for columns in &self.tiers {
            let more = match (columns.tier.run, columns.tier.stride) {
                (4, 4) => columns.scan::<4, 4>(file, haystack, &mut each)?,
                (4, _) => columns.scan::<4, 1>(file, haystack, &mut each)?,
                _ => columns.scan::<2, 1>(file, haystack, &mut each)?,
            };
            if !more {
                break;
            }
        }
        Ok(())
    }
}

impl Columns {
    fn scan<const RUN: usize, const STRIDE: usize>(
        &self,
        file: &[u8],
        haystack: &[u8],
        each: &mut impl FnMut(Candidate) -> Result<bool, Corrupt>,
    ) -> Result<bool, Corrupt> {
        let filter = &file[self.filter.clone()];
        let log_words = (filter.len() / 8).trailing_zeros();
        let mut at = 0;
        while let Some(bytes) = haystack.get(at..at + RUN) {
            let run = bytes.iter().rev().fold(0u32, |value, byte| value << 8 | u32::from(byte | FOLD));
            let hash = mix(run);
            let (word, mask) = filter_bits(hash, log_words);
            if u64_at(filter, word * 8)? & mask == mask && !self.bucket(file, haystack, at, hash, each)? {
                return Ok(false);
            }
            at += STRIDE;
        }
        Ok(true)
    }

    #[cold]
    fn bucket(
        &self,
        file: &[u8],
        haystack: &[u8],
        at: usize,
        hash: u64,
        each: &mut impl FnMut(Candidate) -> Result<bool, Corrupt>,
    ) -> Result<bool, Corrupt> {
        let starts = &file[self.starts.clone()];
        let bucket = (hash >> (64 - (starts.len() / 4 - 1).trailing_zeros())) as usize;
        let (low, high) = (u32_at(starts, bucket * 4)? as usize, u32_at(starts, bucket * 4 + 4)? as usize);
        let entries = &file[self.entries.clone()];
        let entries = entries.get(low * ENTRY..high * ENTRY).ok_or(Corrupt("a bucket lies outside of the front"))?;
        for entry in entries.chunks_exact(ENTRY) {
            let (length, phase) = (usize::from(entry[7] >> 4).min(LONGEST), usize::from(entry[7] & 15));
            let Some(begin) = at.checked_sub(phase) else { continue };
            let Some(here) = haystack.get(begin..begin + length) else { continue };
            if here.iter().zip(entry).any(|(byte, folded)| byte | FOLD != *folded) {
                continue;
            }
            let Some(element) = begin.checked_sub(usize::from(u16::from_le_bytes([entry[12], entry[13]]))) else {
                continue;
            };
            let found = Candidate { pattern: u32_at(entry, 8)?, target: entry[14], at: element };
            if !each(found)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
