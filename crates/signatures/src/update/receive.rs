//! Takes a newer version from a source: what the generation in use already has is linked, what has a delta is patched, the rest
//! comes whole. Only when every file is what the signed manifest says and the database opens does `current` change.

use super::generations::{Generations, GenerationsError};
use super::keys::PublicKey;
use super::manifest::{Envelope, FileEntry, MAX_MANIFEST, Manifest, ManifestError};
use super::{SET, delta};
use crate::database::Database;
use crate::file::OpenError;
use crate::map::Bytes;
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A mirror. Names are relative, with `/`; what comes back is not trusted.
pub trait Source {
    fn fetch(&self, name: &str) -> io::Result<Box<dyn Read + '_>>;
}

/// A mirror that is a folder: a share, a stick in an air gap, what the node serves.
pub struct Folder(pub PathBuf);

impl Source for Folder {
    fn fetch(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(self.0.join(name))?))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("fetching {name}: {source}")]
    Fetch { name: String, source: io::Error },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Generations(#[from] GenerationsError),
    #[error("the mirror has version {offered}, which is older than {current} here")]
    Downgrade { offered: u64, current: u64 },
    #[error("the operator went back from version {0}: a later one, or --again, brings an update")]
    RolledBack(u64),
    #[error("{name}: what came is not what the manifest says")]
    Digest { name: String },
    #[error("writing {path}: {source}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the new database does not open, the old one stays: {0}")]
    Open(#[from] OpenError),
}

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Update {
    pub version: u64,
    /// False: that version was in use already.
    pub changed: bool,
    /// Files taken over as they were, made by a delta, and fetched whole.
    pub linked: u64,
    pub patched: u64,
    pub whole: u64,
    /// Bytes that came from the source.
    pub fetched_bytes: u64,
}

/// `again`: also a version that was rolled back.
pub fn update(
    generations: &Generations,
    source: &dyn Source,
    keys: &[PublicKey],
    again: bool,
) -> Result<Update, UpdateError> {
    let _making = generations.making()?;
    let mut bytes = Vec::new();
    fetch(source, "manifest.json")?
        .take(MAX_MANIFEST)
        .read_to_end(&mut bytes)
        .map_err(|source| UpdateError::Fetch { name: "manifest.json".into(), source })?;
    let manifest = Envelope::open(&bytes, keys)?;
    let mut done = Update { version: manifest.version, fetched_bytes: bytes.len() as u64, ..Update::default() };
    let in_use = generations.in_use()?;
    match in_use.as_ref().map(|(_, manifest)| manifest) {
        Some(current) if current.version > manifest.version => {
            return Err(UpdateError::Downgrade { offered: manifest.version, current: current.version });
        }
        Some(current) if current.version == manifest.version => return Ok(done),
        _ => {}
    }
    if !again && generations.is_rolled_back(manifest.version)? {
        return Err(UpdateError::RolledBack(manifest.version));
    }
    let making = generations.begin()?;
    for entry in &manifest.files {
        one_file(in_use.as_ref(), source, entry, &making, &mut done)?;
    }
    let set = making.join(SET);
    if set.exists() {
        Database::open(&set)?;
    }
    generations.finish(&making, &manifest)?;
    done.changed = true;
    Ok(done)
}

fn one_file(
    in_use: Option<&(PathBuf, Manifest)>,
    source: &dyn Source,
    entry: &FileEntry,
    making: &Path,
    done: &mut Update,
) -> Result<(), UpdateError> {
    let path = making.join(&entry.name);
    let write = |error| UpdateError::Write { path: path.clone(), source: error };
    let (in_use, known) = match in_use {
        Some((folder, manifest)) => (folder.as_path(), manifest.files.as_slice()),
        None => (Path::new(""), [].as_slice()),
    };
    if let Some(same) = known.iter().find(|file| file.sha256 == entry.sha256)
        && std::fs::hard_link(in_use.join(&same.name), &path).is_ok()
    {
        done.linked += 1;
        return Ok(());
    }
    if let Some(old) = known.iter().find(|file| entry.deltas.contains(&file.sha256)) {
        let name = format!("deltas/{}-{}", old.sha256, entry.sha256);
        // A delta that is missing or does not fit costs the whole file, not the update.
        if patched(&in_use.join(&old.name), source, &name, entry, &path, done).is_ok() {
            done.patched += 1;
            return Ok(());
        }
    }
    let name = format!("files/{}.zst", entry.sha256);
    let mut counted = Counted { from: fetch(source, &name)?, bytes: 0 };
    let fetched = |source| UpdateError::Fetch { name: name.clone(), source };
    let mut plain = zstd::Decoder::new(&mut counted).map_err(fetched)?.take(entry.size + 1);
    let mut out = Checked::create(&path).map_err(write)?;
    io::copy(&mut plain, &mut out).map_err(fetched)?;
    drop(plain);
    done.fetched_bytes += counted.bytes;
    done.whole += 1;
    out.finish(entry).map_err(write)?.then_some(()).ok_or_else(|| UpdateError::Digest { name: entry.name.clone() })
}

fn patched(
    old: &Path,
    source: &dyn Source,
    name: &str,
    entry: &FileEntry,
    path: &Path,
    done: &mut Update,
) -> Result<(), Box<dyn std::error::Error>> {
    let old = Bytes::of(&File::open(old)?, u64::MAX)?;
    let mut counted = Counted { from: fetch(source, name)?, bytes: 0 };
    let mut out = Checked::create(path)?;
    let applied = delta::apply(&old, &mut counted, entry.size, &mut out);
    done.fetched_bytes += counted.bytes;
    applied?;
    if out.finish(entry)? { Ok(()) } else { Err("the patched file is not what the manifest says".into()) }
}

fn fetch<'s>(source: &'s dyn Source, name: &str) -> Result<Box<dyn Read + 's>, UpdateError> {
    source.fetch(name).map_err(|source| UpdateError::Fetch { name: name.into(), source })
}

struct Counted<R> {
    from: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.from.read(buffer)?;
        self.bytes += got as u64;
        Ok(got)
    }
}

/// Writes and digests.
struct Checked {
    out: BufWriter<File>,
    sha256: Sha256,
    length: u64,
}

impl Checked {
    /// Not writable by others whatever the umask, since such a file is copied into memory instead of mapped.
    fn create(path: &Path) -> io::Result<Checked> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(path)?;
        Ok(Checked { out: BufWriter::with_capacity(1 << 20, file), sha256: Sha256::new(), length: 0 })
    }

    /// Whether it is what the manifest says; then it is on the disk.
    fn finish(mut self, entry: &FileEntry) -> io::Result<bool> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(self.length == entry.size && hex::encode(self.sha256.finalize()) == entry.sha256)
    }
}

impl Write for Checked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
