//! A baseline on disk: every watched file's facts, in order of paths, signed.
//!
//! `TAMONIB1`, the length of a header in JSON and the header, the blocks, an index of the blocks with the digest of each, where
//! the index stands and how long it is, a signature over the digest of all before, `TAMONEND`. The signature is looked at
//! before anything else; each block is held against its digest again when it is read, so that a file changed underneath is
//! told and not believed. One look-up reads one block; memory holds the index alone.

pub(crate) mod codec;

use crate::{Facts, SealKey};
use codec::{BLOCK, BlockRef, CodecError, Entry};
use event::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"TAMONIB1";
const END: &[u8; 8] = b"TAMONEND";
/// Index offset and length, signature, end mark.
const TAIL: usize = 16 + 64 + 8;
const MOST_BYTES: u64 = 4 << 30;
const MOST_HEADER: usize = 1 << 20;
const MOST_INDEX: u64 = 256 << 20;
/// Blocks held decompressed: about 5 MB.
const RECENT: usize = 24;

/// What a baseline says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub taken: Timestamp,
    pub host: String,
    /// Counts up with each baseline of this host.
    pub number: u64,
    pub trees: Vec<String>,
    #[serde(default)]
    pub version: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("there is no baseline: `tamon integrity baseline` makes one")]
    Missing,
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} is damaged ({what}) and is not used; `tamon integrity baseline` makes a new one")]
    Damaged { path: PathBuf, what: String },
    #[error(
        "{0} is not as it was signed: somebody changed it, or put another in its place. It is not used; \
         `tamon integrity baseline` makes a new one"
    )]
    Forged(PathBuf),
}

#[derive(Debug)]
pub struct Baseline {
    path: PathBuf,
    file: File,
    header: Header,
    digest: [u8; 32],
    blocks: Vec<BlockRef>,
    /// The blocks that were read last, newest first: neighbours are asked for together, by several threads.
    recent: Mutex<VecDeque<(usize, Arc<Vec<Entry>>)>>,
}

impl Baseline {
    /// Reads the file once from end to end, to hold it against its signature.
    pub fn open(path: &Path, key: &SealKey) -> Result<Baseline, BaselineError> {
        let fault = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => BaselineError::Missing,
            _ => BaselineError::Read { path: path.into(), source },
        };
        let damaged = |what: &str| BaselineError::Damaged { path: path.into(), what: what.into() };
        let mut file = File::open(path).map_err(fault)?;
        let size = file.metadata().map_err(fault)?.len();
        if size < (MAGIC.len() + 4 + TAIL) as u64 || size > MOST_BYTES {
            return Err(damaged("its size is none that a baseline has"));
        }
        let signed_until = size - (TAIL - 16) as u64;
        let digest = digest_of(&mut file, signed_until).map_err(fault)?;
        let mut tail = [0; TAIL];
        file.read_exact_at(&mut tail, size - TAIL as u64).map_err(fault)?;
        if &tail[80..] != END {
            return Err(damaged("its end is missing"));
        }
        if !key.signed(&digest, &tail[16..80]) {
            return Err(BaselineError::Forged(path.into()));
        }
        let (header, start) = read_header(&file, size).map_err(|what| damaged(&what))?;
        let number = |at: usize| u64::from_le_bytes(tail[at..at + 8].try_into().unwrap_or_default());
        let (offset, length) = (number(0), number(8));
        if length > MOST_INDEX || offset < start || offset.checked_add(length) != Some(size - TAIL as u64) {
            return Err(damaged("its index is not where it says"));
        }
        let mut index = vec![0; length as usize];
        file.read_exact_at(&mut index, offset).map_err(fault)?;
        let blocks = codec::read_index(&index).map_err(|error| damaged(&format!("its index: {error}")))?;
        if blocks.iter().any(|block| block.offset.checked_add(block.length.into()).is_none_or(|end| end > offset)) {
            return Err(damaged("a block is not where the index says"));
        }
        Ok(Baseline { path: path.into(), file, header, digest, blocks, recent: Mutex::default() })
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Of all but the signature: what the node is told.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub fn get(&self, path: &[u8]) -> Result<Option<Facts>, BaselineError> {
        let Some(block) = self.blocks.partition_point(|block| block.first.as_slice() <= path).checked_sub(1) else {
            return Ok(None);
        };
        let entries = self.block(block)?;
        let found = entries.binary_search_by(|entry| entry.path.as_slice().cmp(path)).ok();
        Ok(found.and_then(|at| entries[at].facts.clone()))
    }

    /// All in order of paths, a block at a time.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Vec<u8>, Facts), BaselineError>> + '_ {
        self.entries_from(0)
    }

    /// `prefix` itself and what begins with `prefix` and a slash.
    pub fn below(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Facts)>, BaselineError> {
        let start = self.blocks.partition_point(|block| block.first.as_slice() <= prefix).saturating_sub(1);
        let within = |path: &[u8]| match path.strip_prefix(prefix) {
            Some(rest) => rest.is_empty() || rest[0] == b'/',
            None => false,
        };
        // Names such as `a-b` stand between `a` and `a/b`: all that begin with the prefix are passed.
        let near = |entry: &Result<(Vec<u8>, Facts), BaselineError>| match entry {
            Ok((path, _)) => path.as_slice() < prefix || path.starts_with(prefix),
            Err(_) => true,
        };
        let kept = self.entries_from(start).take_while(near);
        kept.filter(|entry| entry.as_ref().map_or(true, |(path, _)| within(path))).collect()
    }

    fn entries_from(&self, first: usize) -> impl Iterator<Item = Result<(Vec<u8>, Facts), BaselineError>> + '_ {
        (first..self.blocks.len()).flat_map(|number| match self.block(number) {
            Ok(entries) => {
                let whole = entries.iter().filter_map(|e| Some(Ok((e.path.clone(), e.facts.clone()?))));
                whole.collect::<Vec<_>>()
            }
            Err(error) => vec![Err(error)],
        })
    }

    fn block(&self, number: usize) -> Result<Arc<Vec<Entry>>, BaselineError> {
        if let Some((_, entries)) = self.recent.lock().iter().find(|(known, _)| *known == number) {
            return Ok(Arc::clone(entries));
        }
        let block = &self.blocks[number];
        let mut bytes = vec![0; block.length as usize];
        self.file
            .read_exact_at(&mut bytes, block.offset)
            .map_err(|source| BaselineError::Read { path: self.path.clone(), source })?;
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != block.sha256 {
            return Err(BaselineError::Forged(self.path.clone()));
        }
        let damaged = |error: CodecError| BaselineError::Damaged { path: self.path.clone(), what: error.to_string() };
        let entries = Arc::new(codec::read_block(&bytes).map_err(damaged)?);
        let mut recent = self.recent.lock();
        recent.truncate(RECENT - 1);
        recent.push_front((number, Arc::clone(&entries)));
        Ok(entries)
    }
}

fn digest_of(file: &mut File, length: u64) -> io::Result<[u8; 32]> {
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 256 << 10]);
    let mut from = file.take(length);
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            n => hasher.update(&buffer[..n]),
        }
    }
}

fn read_header(file: &File, size: u64) -> Result<(Header, u64), String> {
    let mut start = [0; 12];
    file.read_exact_at(&mut start, 0).map_err(|error| error.to_string())?;
    if &start[..8] != MAGIC {
        return Err("it does not begin as one".into());
    }
    let length = u32::from_le_bytes([start[8], start[9], start[10], start[11]]) as usize;
    if length > MOST_HEADER || 12 + length as u64 > size {
        return Err("its header is too long".into());
    }
    let mut text = vec![0; length];
    file.read_exact_at(&mut text, 12).map_err(|error| error.to_string())?;
    let header = serde_json::from_slice(&text).map_err(|error| format!("its header: {error}"))?;
    Ok((header, 12 + length as u64))
}

/// Writes a baseline beside its place and moves it there when it is whole.
pub struct Writer {
    path: PathBuf,
    fresh: PathBuf,
    file: BufWriter<File>,
    hasher: Sha256,
    at: u64,
    pending: Vec<Entry>,
    blocks: Vec<BlockRef>,
}

impl Writer {
    pub fn create(path: &Path, header: &Header) -> Result<Writer, BaselineError> {
        let fresh = path.with_extension("new");
        let fault = |source: io::Error| BaselineError::Write { path: fresh.clone(), source };
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh);
        let text = serde_json::to_vec(header).map_err(|error| fault(error.into()))?;
        let mut writer = Writer {
            path: path.into(),
            file: BufWriter::with_capacity(1 << 20, file.map_err(fault)?),
            fresh,
            hasher: Sha256::new(),
            at: 0,
            pending: Vec::with_capacity(BLOCK),
            blocks: Vec::new(),
        };
        writer.write(MAGIC)?;
        writer.write(&(text.len() as u32).to_le_bytes())?;
        writer.write(&text)?;
        Ok(writer)
    }

    /// In order of paths.
    pub fn push(&mut self, path: Vec<u8>, facts: Facts) -> Result<(), BaselineError> {
        self.pending.push(Entry { path, facts: Some(facts), accepted: true });
        if self.pending.len() == BLOCK { self.flush() } else { Ok(()) }
    }

    /// Signed, durable and in its place when this returns.
    pub fn finish(self, key: &SealKey) -> Result<[u8; 32], BaselineError> {
        self.prepared(key)?.put()
    }

    /// Signed and durable beside its place.
    pub(crate) fn prepared(mut self, key: &SealKey) -> Result<Prepared, BaselineError> {
        self.flush()?;
        let (offset, index) = (self.at, codec::write_index(&self.blocks));
        self.write(&index)?;
        self.write(&offset.to_le_bytes())?;
        self.write(&(index.len() as u64).to_le_bytes())?;
        let digest: [u8; 32] = self.hasher.clone().finalize().into();
        self.write(&key.sign(&digest))?;
        self.write(END)?;
        let fault = |source: io::Error| BaselineError::Write { path: self.path.clone(), source };
        let file = self.file.into_inner().map_err(|error| fault(error.into_error()))?;
        file.sync_all().map_err(fault)?;
        Ok(Prepared { path: self.path, fresh: self.fresh, digest })
    }

    fn flush(&mut self) -> Result<(), BaselineError> {
        let Some(first) = self.pending.first().map(|entry| entry.path.clone()) else { return Ok(()) };
        let bytes = codec::write_block(&self.pending)
            .map_err(|source| BaselineError::Write { path: self.fresh.clone(), source })?;
        self.blocks.push(BlockRef {
            offset: self.at,
            length: bytes.len() as u32,
            sha256: Sha256::digest(&bytes).into(),
            first,
        });
        self.pending.clear();
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BaselineError> {
        self.hasher.update(bytes);
        self.at += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|source| BaselineError::Write { path: self.fresh.clone(), source })
    }
}

/// A whole baseline that is not in its place yet.
pub(crate) struct Prepared {
    path: PathBuf,
    fresh: PathBuf,
    digest: [u8; 32],
}

impl Prepared {
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub(crate) fn put(self) -> Result<[u8; 32], BaselineError> {
        let fault = |source: io::Error| BaselineError::Write { path: self.path.clone(), source };
        fs::rename(&self.fresh, &self.path).map_err(fault)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)?;
        }
        Ok(self.digest)
    }
}
