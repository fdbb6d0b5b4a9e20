//! Sorts digests of any number in bounded memory: runs of records are sorted in memory, written to a scratch file when they reach
//! their share, and merged into the columns of the table.

use super::{
    Algorithm, BLOCK, HashEntry, Place, Record, bucket_of, buckets, filter_bits, filter_blocks, size_bits, table_index,
};
use crate::build::Scratch;
use crate::file::{Section, Writer};
use crate::names::NameRef;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

pub struct HashWriter {
    tables: Vec<(Place, Algorithm, Sorter)>,
}

impl HashWriter {
    /// `scratch`: for the runs. `memory`: bytes of records held in all.
    pub fn new(scratch: &Scratch, memory: usize) -> Self {
        let all = Place::ALL.into_iter().flat_map(|place| Algorithm::ALL.map(|algorithm| (place, algorithm)));
        // Most sets are of one or two kinds, so each may take a third.
        let tables = all.map(|(place, algorithm)| {
            let width = algorithm.size() + super::RECORD;
            let sorter = match algorithm {
                Algorithm::Md5 => Sorter::Md5(Runs::new(scratch, memory / 3 / width)),
                Algorithm::Sha1 => Sorter::Sha1(Runs::new(scratch, memory / 3 / width)),
                Algorithm::Sha256 => Sorter::Sha256(Runs::new(scratch, memory / 3 / width)),
            };
            (place, algorithm, sorter)
        });
        HashWriter { tables: tables.collect() }
    }

    pub fn push(&mut self, entry: &HashEntry, name: NameRef) -> io::Result<()> {
        let record = Record { size: entry.size, severity: entry.severity, pua: entry.pua, name }.to_bytes();
        let slot = table_index(entry.place, entry.algorithm) as usize;
        let (.., sorter) = &mut self.tables[slot];
        match sorter {
            Sorter::Md5(runs) => runs.push(&entry.digest, record),
            Sorter::Sha1(runs) => runs.push(&entry.digest, record),
            Sorter::Sha256(runs) => runs.push(&entry.digest, record),
        }
    }

    /// Digests in each table, doubles gone.
    pub fn finish<W: Write + Seek>(self, out: &mut Writer<W>) -> io::Result<Vec<(Place, Algorithm, u64)>> {
        let mut counts = Vec::new();
        for (place, algorithm, sorter) in self.tables {
            let index = table_index(place, algorithm);
            let count = match sorter {
                Sorter::Md5(runs) => columns(runs, index, algorithm.size(), out)?,
                Sorter::Sha1(runs) => columns(runs, index, algorithm.size(), out)?,
                Sorter::Sha256(runs) => columns(runs, index, algorithm.size(), out)?,
            };
            if count > 0 {
                counts.push((place, algorithm, count));
            }
        }
        Ok(counts)
    }
}

enum Sorter {
    Md5(Runs<30>),
    Sha1(Runs<34>),
    Sha256(Runs<46>),
}

struct Runs<const N: usize> {
    scratch: Scratch,
    held: Vec<[u8; N]>,
    most: usize,
    file: Option<File>,
    /// Begin and records of each run in the file.
    runs: Vec<(u64, u64)>,
    pushed: u64,
}

impl<const N: usize> Runs<N> {
    fn new(scratch: &Scratch, most: usize) -> Self {
        let most = most.max(1024);
        Runs { scratch: scratch.clone(), held: Vec::new(), most, file: None, runs: Vec::new(), pushed: 0 }
    }

    fn push(&mut self, digest: &[u8], record: [u8; super::RECORD]) -> io::Result<()> {
        let mut line = [0; N];
        let (head, tail) = line.split_at_mut(N - super::RECORD);
        if head.len() != digest.len() {
            return Err(io::Error::other("a digest of the wrong length"));
        }
        head.copy_from_slice(digest);
        tail.copy_from_slice(&record);
        self.held.push(line);
        self.pushed += 1;
        if self.held.len() == self.most { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.scratch.file()?,
        };
        let begin = file.seek(SeekFrom::End(0))?;
        let mut out = BufWriter::with_capacity(1 << 20, &mut file);
        out.write_all(self.held.as_flattened())?;
        out.flush()?;
        drop(out);
        self.runs.push((begin, self.held.len() as u64));
        self.file = Some(file);
        self.held.clear();
        Ok(())
    }

    /// Each record in order.
    fn merge(mut self, mut each: impl FnMut(&[u8; N]) -> io::Result<()>) -> io::Result<()> {
        if self.runs.is_empty() {
            self.held.sort_unstable();
            return self.held.iter().try_for_each(each);
        }
        self.spill()?;
        self.held = Vec::new();
        let file = self.file.take().ok_or_else(|| io::Error::other("the runs are gone"))?;
        let mut readers = Vec::with_capacity(self.runs.len());
        let mut heap = BinaryHeap::with_capacity(self.runs.len());
        for (begin, records) in &self.runs {
            let mut reader =
                BufReader::with_capacity(256 << 10, At { file: &file, at: *begin, left: records * N as u64 });
            if let Some(first) = next(&mut reader)? {
                heap.push(Reverse((first, readers.len())));
            }
            readers.push(reader);
        }
        while let Some(Reverse((record, run))) = heap.pop() {
            each(&record)?;
            if let Some(following) = next(&mut readers[run])? {
                heap.push(Reverse((following, run)));
            }
        }
        Ok(())
    }
}

fn next<const N: usize>(reader: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut record = [0; N];
    match reader.read_exact(&mut record) {
        Ok(()) => Ok(Some(record)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// A part of the scratch file, read without moving its one position.
struct At<'f> {
    file: &'f File,
    at: u64,
    left: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.left as usize);
        let got = std::os::unix::fs::FileExt::read_at(self.file, &mut buffer[..most], self.at)?;
        self.at += got as u64;
        self.left -= got as u64;
        Ok(got)
    }
}

/// Keys and records go to scratch files as they come; directory and filters are small and stay in memory.
fn columns<const N: usize, W: Write + Seek>(
    runs: Runs<N>,
    index: u32,
    width: usize,
    out: &mut Writer<W>,
) -> io::Result<u64> {
    if runs.pushed == 0 {
        return Ok(0);
    }
    if runs.pushed >= u64::from(u32::MAX) {
        return Err(io::Error::other("more digests than a table holds"));
    }
    let scratch = runs.scratch.clone();
    let mut keys = BufWriter::with_capacity(1 << 20, scratch.file()?);
    let mut records = BufWriter::with_capacity(1 << 20, scratch.file()?);
    // Doubles make fewer records than were pushed; the directory and the filter are sized by what was pushed, which only
    // makes them a little roomier.
    let (buckets, blocks) = (buckets(runs.pushed), filter_blocks(runs.pushed));
    let mut directory: Vec<u32> = Vec::with_capacity(buckets as usize + 1);
    let mut filter = vec![0u8; blocks as usize * BLOCK];
    let mut sizes = vec![0u8; if runs.pushed > 100_000 { 1 << 20 } else { 1 << 13 }];
    let mut any_size = false;
    let mut count = 0u32;
    let mut last: Option<[u8; N]> = None;
    runs.merge(|line| {
        // The same digest and size again: the first is the graver.
        let same = last.is_some_and(|last| last[..width + 5] == line[..width + 5]);
        if same {
            return Ok(());
        }
        let (digest, record) = line.split_at(width);
        while directory.len() as u64 <= bucket_of(digest, buckets) {
            directory.push(count);
        }
        let (at, bits) = filter_bits(digest, blocks);
        bits.into_iter().for_each(|bit| filter[at + bit / 8] |= 1 << (bit % 8));
        if record[..5] == [0xff; 5] {
            any_size = true;
        } else {
            let mut size = [0; 8];
            size[3..].copy_from_slice(&record[..5]);
            let bits = sizes.len() * 8;
            size_bits(u64::from_be_bytes(size), bits).into_iter().for_each(|bit| sizes[bit / 8] |= 1 << (bit % 8));
        }
        keys.write_all(digest)?;
        records.write_all(record)?;
        count += 1;
        last = Some(*line);
        Ok(())
    })?;
    directory.resize(buckets as usize + 1, count);
    let directory: Vec<u8> = directory.iter().flat_map(|at| at.to_le_bytes()).collect();
    // An empty filter of sizes says that every size is wanted.
    let sizes = if any_size { Vec::new() } else { sizes };
    out.section_from(Section::HashKeys, index, from_start(keys)?)?;
    out.section_from(Section::HashRecords, index, from_start(records)?)?;
    out.section(Section::HashDirectory, index, &directory)?;
    out.section(Section::HashFilter, index, &filter)?;
    out.section(Section::HashSizes, index, &sizes)?;
    Ok(u64::from(count))
}

fn from_start(writer: BufWriter<File>) -> io::Result<BufReader<File>> {
    let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(1 << 20, file))
}
