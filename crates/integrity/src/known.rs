//! What is known of each watched file: the baseline, and beside it what changed since. Two answers to one question: how a file
//! was *last* seen, which tells news from what was told already; and how it was *approved*, by a baseline, a person or a package
//! manager's digest, which is what a check and a report compare with.
//!
//! The changes stand in a file that only grows: blocks in the baseline's form, each with a keyed link over itself and the
//! one before, the first over the baseline's digest. A block that somebody changed breaks the chain and the file is refused;
//! a last block that a crash cut is left out, and counted.

use crate::baseline::codec::{self, Entry};
use crate::{Baseline, BaselineError, Facts, Header, SealKey, Writer};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MOST_BLOCK: usize = 16 << 20;
/// Larger than any that is folded into a baseline in time.
const MOST_BYTES: u64 = 1 << 30;

#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error(
        "{0}: what changed since the baseline is not as it was written: somebody changed it. It is not used; \
         `tamon integrity baseline` makes a new baseline"
    )]
    Forged(PathBuf),
}

/// How a file was, by which of the two answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Last,
    Approved,
}

#[derive(Debug)]
struct Note {
    last: Option<Arc<Facts>>,
    /// None: as the baseline has it.
    approved: Option<Option<Arc<Facts>>>,
}

#[derive(Debug)]
pub struct Known {
    baseline: Baseline,
    path: PathBuf,
    /// None where it is only read.
    file: Option<File>,
    link: [u8; 32],
    notes: BTreeMap<Vec<u8>, Note>,
    /// Bytes of a block that a crash cut.
    pub torn: u64,
}

impl Known {
    /// `folder` holds `changes.NUMBER`, of the baseline of that number. Who only reads may do so while another writes.
    pub(crate) fn open(folder: &Path, baseline: Baseline, key: &SealKey, write: bool) -> Result<Known, KnownError> {
        let path = notes_path(folder, baseline.header().number);
        let fault = |source: io::Error| KnownError::Read { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.read(true).append(write).create(write).mode(0o600);
        let mut file = match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !write => {
                return Ok(Known {
                    link: baseline.digest(),
                    baseline,
                    path,
                    file: None,
                    notes: BTreeMap::new(),
                    torn: 0,
                });
            }
            opened => opened.map_err(fault)?,
        };
        let size = file.metadata().map_err(fault)?.len();
        if size > MOST_BYTES {
            return Err(KnownError::Forged(path));
        }
        let mut bytes = Vec::with_capacity(size as usize);
        file.read_to_end(&mut bytes).map_err(fault)?;
        let file = write.then_some(file);
        let mut known = Known { link: baseline.digest(), baseline, path, file, notes: BTreeMap::new(), torn: 0 };
        let whole = known.replay(&bytes, key)?;
        if (whole as u64) < size {
            known.torn = size - whole as u64;
            if let Some(file) = &known.file {
                file.set_len(whole as u64).map_err(|source| known.write_fault(source))?;
            }
        }
        Ok(known)
    }

    pub fn header(&self) -> &Header {
        self.baseline.header()
    }

    pub fn digest(&self) -> [u8; 32] {
        self.baseline.digest()
    }

    pub fn get(&self, path: &[u8], side: Side) -> Result<Option<Facts>, BaselineError> {
        match (self.notes.get(path), side) {
            (Some(note), Side::Last) => Ok(note.last.as_deref().cloned()),
            (Some(Note { approved: Some(approved), .. }), Side::Approved) => Ok(approved.as_deref().cloned()),
            _ => self.baseline.get(path),
        }
    }

    /// Files that differ from what was approved, as far as was told.
    pub fn unapproved(&self) -> usize {
        self.notes.values().filter(|note| !note.is_approved()).count()
    }

    pub fn notes(&self) -> usize {
        self.notes.len()
    }

    /// Every path with what is known of it, in order.
    pub fn each(&self, side: Side, visit: &mut dyn FnMut(&[u8], &Facts)) -> Result<(), BaselineError> {
        let mut notes = self.notes.iter().peekable();
        let mut tell = |path: &[u8], note: &Note, base: Option<&Facts>| {
            let facts = match (side, &note.approved) {
                (Side::Last, _) => note.last.as_deref(),
                (Side::Approved, Some(approved)) => approved.as_deref(),
                (Side::Approved, None) => base,
            };
            if let Some(facts) = facts {
                visit(path, facts);
            }
        };
        for entry in self.baseline.entries() {
            let (path, facts) = entry?;
            while let Some((added, note)) = notes.next_if(|(added, _)| **added < path) {
                tell(added, note, None);
            }
            match notes.next_if(|(added, _)| **added == path) {
                Some((_, note)) => tell(&path, note, Some(&facts)),
                None => tell(&path, &Note { last: Some(Arc::new(facts.clone())), approved: None }, Some(&facts)),
            }
        }
        notes.for_each(|(path, note)| tell(path, note, None));
        Ok(())
    }

    /// What is last known of `prefix` and all below.
    pub fn below(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, BaselineError> {
        let within = |path: &[u8]| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest[0] == b'/');
        let base = self.baseline.below(prefix)?.into_iter().map(|(path, _)| path);
        let gone = |path: &Vec<u8>| self.notes.get(path).is_some_and(|note| note.last.is_none());
        let mut paths: Vec<Vec<u8>> = base.filter(|path| !gone(path)).collect();
        let added = self.notes.range(prefix.to_vec()..).take_while(|(path, _)| path.starts_with(prefix));
        paths.extend(added.filter(|(path, note)| note.last.is_some() && within(path)).map(|(path, _)| path.clone()));
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// Takes down what was seen; durable after [`Known::sync`]. `approved` says that nobody has to look at it.
    pub fn note(&mut self, mut seen: Vec<(Vec<u8>, Option<Facts>, bool)>, key: &SealKey) -> Result<(), KnownError> {
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        // Of one path the last word counts.
        seen.reverse();
        seen.dedup_by(|later, first| later.0 == first.0);
        seen.reverse();
        for chunk in seen.chunks(codec::BLOCK) {
            let entries: Vec<Entry> = chunk
                .iter()
                .map(|(path, facts, accepted)| Entry { path: path.clone(), facts: facts.clone(), accepted: *accepted })
                .collect();
            let bytes = codec::write_block(&entries).map_err(|source| self.write_fault(source))?;
            let link = key.link(&self.link, &bytes);
            let frame = [&(bytes.len() as u32).to_le_bytes()[..], &link, &bytes].concat();
            self.writable()?.write_all(&frame).map_err(|source| self.write_fault(source))?;
            self.link = link;
            self.learn(entries);
        }
        Ok(())
    }

    pub fn sync(&self) -> Result<(), KnownError> {
        self.writable()?.sync_data().map_err(|source| self.write_fault(source))
    }

    /// The file of changes, for whoever makes it durable in a thread of his own.
    pub fn file(&self) -> io::Result<File> {
        self.file.as_ref().ok_or_else(|| io::Error::other("it was opened to be read"))?.try_clone()
    }

    fn writable(&self) -> Result<&File, KnownError> {
        let read_only = || self.write_fault(io::Error::other("it was opened to be read"));
        self.file.as_ref().ok_or_else(read_only)
    }

    /// What is on the disk for good: nobody has to look at these any more. Returns how many there were.
    pub fn approve(&mut self, fits: &dyn Fn(&[u8]) -> bool, key: &SealKey) -> Result<usize, KnownError> {
        let open = self.notes.iter().filter(|(path, note)| !note.is_approved() && fits(path));
        let seen: Vec<_> = open.map(|(path, note)| (path.clone(), note.last.as_deref().cloned(), true)).collect();
        let approved = seen.len();
        self.note(seen, key)?;
        self.sync()?;
        Ok(approved)
    }

    /// A new baseline of what is approved; what is not stays beside it. The old file of changes goes.
    /// `sealed` is told the new one's digest before it is put in its place.
    pub fn fold(
        self,
        folder: &Path,
        baseline: &Path,
        key: &SealKey,
        sealed: &mut dyn FnMut([u8; 32]) -> Result<(), KnownError>,
    ) -> Result<(), KnownError> {
        let header = Header { number: self.header().number + 1, ..self.header().clone() };
        let mut writer = Writer::create(baseline, &header)?;
        let mut failed = Ok(());
        self.each(Side::Approved, &mut |path, facts| {
            if failed.is_ok() {
                failed = writer.push(path.to_vec(), facts.clone());
            }
        })?;
        failed?;
        let prepared = writer.prepared(key)?;
        let open: Vec<Entry> = self
            .notes
            .iter()
            .filter(|(_, note)| !note.is_approved())
            .map(|(path, note)| Entry { path: path.clone(), facts: note.last.as_deref().cloned(), accepted: false })
            .collect();
        let path = notes_path(folder, header.number);
        let fault = |source: io::Error| KnownError::Write { path: path.clone(), source };
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path).map_err(fault)?;
        let mut link = prepared.digest();
        for chunk in open.chunks(codec::BLOCK) {
            let bytes = codec::write_block(chunk).map_err(fault)?;
            link = key.link(&link, &bytes);
            file.write_all(&[&(bytes.len() as u32).to_le_bytes()[..], &link, &bytes].concat()).map_err(fault)?;
        }
        file.sync_all().map_err(fault)?;
        sealed(prepared.digest())?;
        prepared.put()?;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.write_fault(error)),
            _ => Ok(()),
        }
    }

    /// Returns how many bytes made whole blocks.
    fn replay(&mut self, bytes: &[u8], key: &SealKey) -> Result<usize, KnownError> {
        let mut at = 0;
        while let Some(head) = bytes.get(at..at + 36) {
            let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
            if length > MOST_BLOCK {
                return Err(KnownError::Forged(self.path.clone()));
            }
            let Some(block) = bytes.get(at + 36..at + 36 + length) else { break };
            let link = key.link(&self.link, block);
            if link != head[4..36] {
                return Err(KnownError::Forged(self.path.clone()));
            }
            let entries = codec::read_block(block).map_err(|_| KnownError::Forged(self.path.clone()))?;
            self.link = link;
            self.learn(entries);
            at += 36 + length;
        }
        Ok(at)
    }

    fn learn(&mut self, entries: Vec<Entry>) {
        for Entry { path, facts, accepted } in entries {
            let facts = facts.map(Arc::new);
            let note = self.notes.entry(path).or_insert(Note { last: None, approved: None });
            if accepted {
                note.approved = Some(facts.clone());
            }
            note.last = facts;
        }
    }

    fn write_fault(&self, source: io::Error) -> KnownError {
        KnownError::Write { path: self.path.clone(), source }
    }
}

impl Note {
    fn is_approved(&self) -> bool {
        self.approved.as_ref().is_some_and(|approved| *approved == self.last)
    }
}

pub(crate) fn notes_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("changes.{number}"))
}
