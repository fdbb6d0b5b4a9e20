//! Generations of signatures on a host: `generations/<version>/…`, and `current`, a link that changes in one step. Whoever has the old
//! generation open or mapped keeps it; disk, not memory, holds two for a while.

use super::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Kept besides the one in use.
const KEPT: usize = 2;
const MANIFEST: &str = "manifest.json";
const STATE: &str = "state.json";
const CURRENT: &str = "current";

#[derive(Debug, thiserror::Error)]
pub enum GenerationsError {
    #[error("{what} {path}: {source}", path = path.display())]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("there is no earlier generation to go back to")]
    NoEarlier,
    #[error("{0} is not a record of generations")]
    Record(PathBuf),
    #[error("another update is under way here")]
    Busy,
}

pub struct Generations {
    folder: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Generation {
    pub version: u64,
    pub current: bool,
    /// The operator went back from it; an update does not bring it again.
    pub rolled_back: bool,
    pub folder: PathBuf,
    pub files: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    rolled_back: Vec<u64>,
}

impl Generations {
    pub fn open(folder: &Path) -> Result<Generations, GenerationsError> {
        let generations = folder.join("generations");
        fs::create_dir_all(&generations).map_err(|source| io_at("making", &generations, source))?;
        Ok(Generations { folder: folder.into() })
    }

    /// Held by an update from its begin to its end; two at once would write into one folder.
    pub(super) fn making(&self) -> Result<fs::File, GenerationsError> {
        let (path, lock) = self.lock("update.lock")?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(fs::TryLockError::WouldBlock) => Err(GenerationsError::Busy),
            Err(fs::TryLockError::Error(source)) => Err(io_at("locking", &path, source)),
        }
    }

    /// Held for the moment in which another generation comes into use.
    fn changing(&self) -> Result<fs::File, GenerationsError> {
        let (path, lock) = self.lock("change.lock")?;
        lock.lock().map_err(|source| io_at("locking", &path, source))?;
        Ok(lock)
    }

    fn lock(&self, name: &str) -> Result<(PathBuf, fs::File), GenerationsError> {
        let path = self.folder.join(name);
        let lock = fs::File::create(&path).map_err(|source| io_at("making", &path, source))?;
        Ok((path, lock))
    }

    /// Folder of the generation in use, whichever that is: give this path to who loads it.
    pub fn current_link(&self) -> PathBuf {
        self.folder.join(CURRENT)
    }

    /// Folder and manifest of the generation that is in use now; another may come into use meanwhile.
    pub fn in_use(&self) -> Result<Option<(PathBuf, Manifest)>, GenerationsError> {
        let link = self.current_link();
        let folder = match fs::canonicalize(&link) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|source| io_at("following", &link, source))?,
        };
        Ok(self.manifest_in(&folder)?.map(|manifest| (folder, manifest)))
    }

    pub fn current(&self) -> Result<Option<Manifest>, GenerationsError> {
        self.manifest_in(&self.current_link())
    }

    fn manifest_in(&self, folder: &Path) -> Result<Option<Manifest>, GenerationsError> {
        let path = folder.join(MANIFEST);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io_at("reading", &path, source)),
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| GenerationsError::Record(path)),
        }
    }

    /// Newest first.
    pub fn list(&self) -> Result<Vec<Generation>, GenerationsError> {
        let (state, current) = (self.state()?, self.current()?.map(|manifest| manifest.version));
        let folder = self.folder.join("generations");
        let mut all = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|source| io_at("listing", &folder, source))? {
            let path = entry.map_err(|source| io_at("listing", &folder, source))?.path();
            let version = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            let (Some(version), Some(manifest)) = (version, self.manifest_in(&path)?) else { continue };
            all.push(Generation {
                version,
                current: current == Some(version),
                rolled_back: state.rolled_back.contains(&version),
                folder: path,
                files: manifest.files.len() as u64,
                bytes: manifest.files.iter().map(|file| file.size).sum(),
            });
        }
        all.sort_by_key(|generation| std::cmp::Reverse(generation.version));
        Ok(all)
    }

    /// An empty folder for a generation in the making; what an earlier try left is cleared.
    pub(super) fn begin(&self) -> Result<PathBuf, GenerationsError> {
        let folder = self.folder.join("generations/making");
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_at("clearing", &folder, error)),
            _ => {}
        }
        fs::create_dir(&folder).map_err(|source| io_at("making", &folder, source))?;
        Ok(folder)
    }

    /// The generation in the making becomes the one in use.
    pub(super) fn finish(&self, making: &Path, manifest: &Manifest) -> Result<PathBuf, GenerationsError> {
        let _changing = self.changing()?;
        let record = serde_json::to_vec(manifest).map_err(|_| GenerationsError::Record(making.into()))?;
        write_synced(&making.join(MANIFEST), &record)?;
        sync_folder(making)?;
        let folder = self.folder.join("generations").join(manifest.version.to_string());
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_at("clearing", &folder, error)),
            _ => {}
        }
        fs::rename(making, &folder).map_err(|source| io_at("naming", &folder, source))?;
        self.point(manifest.version)?;
        self.prune()?;
        Ok(folder)
    }

    fn point(&self, version: u64) -> Result<(), GenerationsError> {
        let (next, link) = (self.folder.join("next"), self.current_link());
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_at("clearing", &next, error)),
            _ => {}
        }
        let target = Path::new("generations").join(version.to_string());
        std::os::unix::fs::symlink(&target, &next).map_err(|source| io_at("linking", &next, source))?;
        fs::rename(&next, &link).map_err(|source| io_at("changing", &link, source))?;
        sync_folder(&self.folder)
    }

    /// Puts the generation before the one in use into use, and remembers not to bring the other again. One that was gone back
    /// from before is passed over.
    pub fn roll_back(&self) -> Result<Generation, GenerationsError> {
        let _changing = self.changing()?;
        let all = self.list()?;
        let at = all.iter().position(|generation| generation.current).ok_or(GenerationsError::NoEarlier)?;
        let earlier = all[at + 1..].iter().find(|one| !one.rolled_back).ok_or(GenerationsError::NoEarlier)?.clone();
        let mut state = self.state()?;
        state.rolled_back.push(all[at].version);
        self.keep(&state)?;
        self.point(earlier.version)?;
        Ok(Generation { current: true, ..earlier })
    }

    pub fn is_rolled_back(&self, version: u64) -> Result<bool, GenerationsError> {
        Ok(self.state()?.rolled_back.contains(&version))
    }

    fn prune(&self) -> Result<(), GenerationsError> {
        for old in self.list()?.into_iter().filter(|generation| !generation.current).skip(KEPT) {
            fs::remove_dir_all(&old.folder).map_err(|source| io_at("removing", &old.folder, source))?;
        }
        Ok(())
    }

    fn state(&self) -> Result<State, GenerationsError> {
        let path = self.folder.join(STATE);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default()),
            Err(source) => Err(io_at("reading", &path, source)),
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| GenerationsError::Record(path)),
        }
    }

    fn keep(&self, state: &State) -> Result<(), GenerationsError> {
        let path = self.folder.join(STATE);
        let bytes = serde_json::to_vec(state).map_err(|_| GenerationsError::Record(path.clone()))?;
        let next = path.with_extension("next");
        write_synced(&next, &bytes)?;
        fs::rename(&next, &path).map_err(|source| io_at("changing", &path, source))
    }
}

fn io_at(what: &'static str, path: &Path, source: io::Error) -> GenerationsError {
    GenerationsError::Io { what, path: path.into(), source }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), GenerationsError> {
    let write = || {
        let mut file = fs::File::create(path)?;
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    };
    write().map_err(|source| io_at("writing", path, source))
}

fn sync_folder(path: &Path) -> Result<(), GenerationsError> {
    fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(|source| io_at("syncing", path, source))
}
