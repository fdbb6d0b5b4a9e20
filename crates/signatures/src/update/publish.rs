//! Makes or renews a mirror: a folder that any web server or stick can carry. Files come before the manifest that speaks of them.

use super::keys::{PrivateKey, PublicKey};
use super::manifest::{Envelope, FileEntry, Manifest, ManifestError};
use super::{SET, delta};
use crate::build::{BuildError, into_file};
use crate::map::Bytes;
use crate::report::Report;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Earlier contents from which a host can come by a delta.
const DELTAS: usize = 5;
const LEVEL: i32 = 9;

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Build(#[from] BuildError),
    /// By who compiles for the publisher.
    #[error("{0}")]
    Compile(Box<dyn std::error::Error + Send + Sync>),
    #[error("the manifest on the mirror: {0}")]
    Manifest(#[from] ManifestError),
    #[error("version {0} is not above {1}, which the mirror has")]
    Version(u64, u64),
    #[error("{0} is there twice")]
    Twice(String),
    #[error(transparent)]
    Delta(#[from] delta::DeltaError),
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct Published {
    pub version: u64,
    pub files: u64,
    pub bytes: u64,
    pub delta_bytes: u64,
    pub report: Report,
}

/// Puts the database that `compile` makes of `inputs` on `mirror`, with their YARA rules as they are. `version` None: one
/// above what the mirror has.
pub fn publish(
    mirror: &Path,
    inputs: &[PathBuf],
    key: &PrivateKey,
    version: Option<u64>,
    compile: impl FnOnce(&mut File) -> Result<Report, PublishError>,
) -> Result<Published, PublishError> {
    for folder in [mirror.to_path_buf(), mirror.join("files"), mirror.join("deltas")] {
        fs::create_dir_all(&folder).map_err(|source| io_at(&folder, source))?;
    }
    let before = earlier(mirror, &key.public())?;
    let last = before.as_ref().map_or(0, |manifest| manifest.version);
    let version = version.unwrap_or(last + 1);
    if version <= last {
        return Err(PublishError::Version(version, last));
    }
    let scratch = tempfile::tempdir_in(mirror).map_err(|source| io_at(mirror, source))?;
    let set = scratch.path().join(SET);
    let report = into_file(&set, compile)?;
    let mut files = BTreeMap::from([(SET.to_owned(), set)]);
    for input in inputs {
        rules(input, 0, &mut files)?;
    }
    let mut manifest = Manifest { format: 1, version, description: String::new(), files: Vec::new() };
    let mut published = Published { version, files: 0, bytes: 0, delta_bytes: 0, report };
    for (name, path) in &files {
        let entry = one_file(mirror, scratch.path(), name, path, before.as_ref(), &mut published)?;
        published.files += 1;
        published.bytes += entry.size;
        manifest.files.push(entry);
    }
    let envelope = serde_json::to_vec(&manifest.sign(key)?).map_err(|e| io_at(mirror, io::Error::other(e)))?;
    let (next, path) = (mirror.join("manifest.next"), mirror.join("manifest.json"));
    fs::write(&next, envelope).and_then(|()| fs::rename(&next, &path)).map_err(|source| io_at(&path, source))?;
    clear(mirror, &manifest)?;
    Ok(published)
}

fn earlier(mirror: &Path, key: &PublicKey) -> Result<Option<Manifest>, PublishError> {
    let path = mirror.join("manifest.json");
    match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_at(&path, source)),
        // Another key's mirror is not gone on with.
        Ok(bytes) => Ok(Some(Envelope::open(&bytes, std::slice::from_ref(key))?)),
    }
}

fn one_file(
    mirror: &Path,
    scratch: &Path,
    name: &str,
    path: &Path,
    before: Option<&Manifest>,
    published: &mut Published,
) -> Result<FileEntry, PublishError> {
    let read = |path: &Path| {
        let file = File::open(path).and_then(|file| Bytes::of(&file, u64::MAX));
        file.map_err(|source| io_at(path, source))
    };
    let new = read(path)?;
    let sha256 = hex::encode(Sha256::digest(&new[..]));
    let whole = mirror.join(format!("files/{sha256}.zst"));
    if !whole.exists() {
        let mut out = tempfile::NamedTempFile::new_in(scratch).map_err(|source| io_at(scratch, source))?;
        zstd::stream::copy_encode(&new[..], BufWriter::new(out.as_file_mut()), LEVEL).map_err(|e| io_at(&whole, e))?;
        keep(out, &whole)?;
    }
    let old = before.and_then(|manifest| manifest.files.iter().find(|file| file.name == name));
    let mut deltas = Vec::new();
    if let Some(old) = old.filter(|old| old.sha256 != sha256) {
        // The file before, and the ones before it: their deltas to it are there, so their contents are too.
        for base in [&old.sha256].into_iter().chain(&old.deltas).take(DELTAS) {
            let packed = mirror.join(format!("files/{base}.zst"));
            let Ok(packed) = File::open(&packed) else { continue };
            let plain = scratch.join(base);
            let unpacked = File::create(&plain).and_then(|out| zstd::stream::copy_decode(packed, BufWriter::new(out)));
            unpacked.map_err(|source| io_at(&plain, source))?;
            let base_bytes = read(&plain)?;
            let mut out = tempfile::NamedTempFile::new_in(scratch).map_err(|source| io_at(scratch, source))?;
            let mut writer = BufWriter::new(out.as_file_mut());
            delta::make(&base_bytes, &new, &mut writer)?;
            writer.flush().map_err(|source| io_at(&plain, source))?;
            drop(writer);
            let length = out.as_file().metadata().map_or(0, |meta| meta.len());
            published.delta_bytes += length;
            keep(out, &mirror.join(format!("deltas/{base}-{sha256}")))?;
            deltas.push(base.clone());
        }
    } else if let Some(old) = old {
        deltas.clone_from(&old.deltas);
    }
    Ok(FileEntry { name: name.to_owned(), size: new.len() as u64, sha256, deltas })
}

fn keep(file: tempfile::NamedTempFile, path: &Path) -> Result<(), PublishError> {
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::fchmod(file.as_file(), mode).map_err(|error| io_at(path, error.into()))?;
    file.persist(path).map(drop).map_err(|error| io_at(path, error.error))
}

/// Removes what the manifest does not speak of any more.
fn clear(mirror: &Path, manifest: &Manifest) -> Result<(), PublishError> {
    let mut wanted = Vec::new();
    for file in &manifest.files {
        wanted.push(format!("{}.zst", file.sha256));
        // Bases of deltas stay whole for the deltas of the next version.
        wanted.extend(file.deltas.iter().map(|base| format!("{base}.zst")));
        wanted.extend(file.deltas.iter().map(|base| format!("{base}-{}", file.sha256)));
    }
    for folder in [mirror.join("files"), mirror.join("deltas")] {
        for entry in fs::read_dir(&folder).map_err(|source| io_at(&folder, source))? {
            let path = entry.map_err(|source| io_at(&folder, source))?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if !wanted.contains(&name) {
                fs::remove_file(&path).map_err(|source| io_at(&path, source))?;
            }
        }
    }
    Ok(())
}

/// YARA rules are not compiled here; they travel as they are.
fn rules(path: &Path, depth: usize, files: &mut BTreeMap<String, PathBuf>) -> Result<(), PublishError> {
    let meta = fs::metadata(path).map_err(|source| io_at(path, source))?;
    if meta.is_dir() && depth < 8 {
        let entries = fs::read_dir(path).map_err(|source| io_at(path, source))?;
        for entry in entries {
            rules(&entry.map_err(|source| io_at(path, source))?.path(), depth + 1, files)?;
        }
    } else if path.extension().is_some_and(|e| e == "yar" || e == "yara") {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if files.insert(name.clone(), path.into()).is_some() {
            return Err(PublishError::Twice(name));
        }
    }
    Ok(())
}

fn io_at(path: &Path, source: io::Error) -> PublishError {
    PublishError::Io { path: path.into(), source }
}
