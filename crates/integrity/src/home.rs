//! The folder of integrity monitoring on a host: the keys, the baseline, what changed since, kept texts, told changes.
//! Readable by root alone. One process writes at a time: who holds the lock.

use crate::content::{self, Contents};
use crate::known::notes_path;
use crate::walk::{Visitor, Wanted};
use crate::{
    Baseline, BaselineError, Content, Facts, Header, Journal, KeyError, Kind, Known, KnownError, Mask, Progress, Scope,
    SealKey, WalkReport, Writer, walk,
};
use event::Timestamp;
use parking_lot::Mutex;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub struct Home {
    folder: PathBuf,
    key: SealKey,
}

#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    #[error("cannot make {path}: {source}")]
    Make { path: PathBuf, source: io::Error },
    #[error("another Tamon works on the baseline at this moment")]
    Busy,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error(transparent)]
    Known(#[from] KnownError),
    #[error("none of the trees that are to be watched is there")]
    Empty,
}

/// Which baselines are the newest of this host: an older one that is put back is well signed, and refused all the same.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Seal {
    number: u64,
    accepted: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct TakeOptions {
    /// 0 is as many as there are cores.
    pub threads: usize,
    pub host: String,
    pub now: Timestamp,
    /// Texts up to this size are kept, masked; 0 keeps none.
    pub keep_text_bytes: u64,
    pub keep_total_bytes: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Taken {
    pub number: u64,
    pub digest: String,
    pub files: u64,
    pub hashed: u64,
    pub bytes: u64,
    pub unread: u64,
    pub faults: Vec<String>,
    /// Size of the baseline on disk.
    pub size: u64,
    pub texts: u64,
}

impl Home {
    pub fn create(folder: &Path) -> Result<Home, HomeError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| HomeError::Make { path: folder.into(), source })?;
        Ok(Home { key: SealKey::load_or_create(&folder.join("key"))?, folder: folder.into() })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn key(&self) -> &SealKey {
        &self.key
    }

    pub fn baseline_path(&self) -> PathBuf {
        self.folder.join("baseline")
    }

    pub fn has_baseline(&self) -> bool {
        self.baseline_path().exists()
    }

    pub fn contents(&self, most_bytes: u64) -> Contents {
        Contents::new(self.folder.join("texts"), most_bytes)
    }

    pub fn journal(&self) -> Journal {
        Journal::new(self.folder.join("told"))
    }

    /// Held while somebody writes here; the agent holds it for as long as it watches.
    pub fn lock(&self) -> Result<File, HomeError> {
        let path = self.folder.join("lock");
        let fault = |source: io::Error| HomeError::Make { path: path.clone(), source };
        let file = File::options().create(true).write(true).truncate(false).open(&path).map_err(fault)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(HomeError::Busy),
            Err(error) => Err(fault(error.into())),
        }
    }

    /// The baseline in force and what is known since, each held against its seal; to be read.
    pub fn open(&self) -> Result<Known, HomeError> {
        self.opened(false)
    }

    /// The same, to be added to. The caller holds the lock.
    pub fn open_to_write(&self) -> Result<Known, HomeError> {
        self.opened(true)
    }

    fn opened(&self, write: bool) -> Result<Known, HomeError> {
        let path = self.baseline_path();
        let baseline = Baseline::open(&path, &self.key)?;
        let seal = self.seal()?;
        if !seal.accepted.contains(&hex::encode(baseline.digest())) {
            return Err(BaselineError::Forged(path).into());
        }
        Ok(Known::open(&self.folder, baseline, &self.key, write)?)
    }

    /// As [`Known::fold`], with the seal.
    pub fn fold(&self, known: Known) -> Result<(), HomeError> {
        let mut seal = self.seal()?;
        let number = known.header().number + 1;
        known.fold(&self.folder, &self.baseline_path(), &self.key, &mut |digest| {
            seal.accepted.push(hex::encode(digest));
            self.put_seal(&seal).map_err(|source| KnownError::Write { path: self.seal_path(), source })
        })?;
        self.settle_seal(number, seal)
    }

    fn seal_path(&self) -> PathBuf {
        self.folder.join("seal")
    }

    /// That of nobody where there never was one.
    fn seal(&self) -> Result<Seal, BaselineError> {
        let path = self.seal_path();
        match fs::read(&path) {
            Ok(text) => {
                serde_json::from_slice(&text).map_err(|error| BaselineError::Damaged { path, what: error.to_string() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Seal::default()),
            Err(source) => Err(BaselineError::Read { path, source }),
        }
    }

    /// Of the newest baseline, by whichever of seal and baseline can still be read: numbers are not given twice.
    fn newest(&self) -> u64 {
        let of_seal = self.seal().map_or(0, |seal| seal.number);
        let of_baseline = Baseline::open(&self.baseline_path(), &self.key).map_or(0, |one| one.header().number);
        of_seal.max(of_baseline)
    }

    fn put_seal(&self, seal: &Seal) -> io::Result<()> {
        let fresh = self.folder.join("seal.new");
        let file = File::create(&fresh)?;
        serde_json::to_writer(&file, seal)?;
        file.sync_all()?;
        fs::rename(fresh, self.seal_path())
    }

    /// Only the last stays accepted.
    fn settle_seal(&self, number: u64, mut seal: Seal) -> Result<(), HomeError> {
        seal.number = number;
        seal.accepted = seal.accepted.split_off(seal.accepted.len().saturating_sub(1));
        self.put_seal(&seal).map_err(|source| HomeError::Make { path: self.seal_path(), source })
    }
}

/// Takes a new baseline, which from then on is the one in force. The caller holds the lock.
pub fn take(home: &Home, scope: &Scope, options: &TakeOptions) -> Result<Taken, HomeError> {
    if scope.roots().is_empty() {
        return Err(HomeError::Empty);
    }
    let number = home.newest() + 1;
    // Taken anew, by who may: a seal that is damaged vouches for nothing.
    let mut seal = home.seal().unwrap_or_default();
    let contents = home.contents(options.keep_total_bytes);
    let mask = Mask::new(&home.key);
    let collect = Collect { found: Mutex::default(), contents: &contents, mask: &mask, most: options.keep_text_bytes };
    let report = walk(scope, options.threads, &Progress::default(), &collect);
    let Collect { found, .. } = collect;
    let mut found = found.into_inner();
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let header = Header {
        taken: options.now,
        host: options.host.clone(),
        number,
        trees: scope.roots().iter().map(|root| root.display().to_string()).collect(),
        version: env!("CARGO_PKG_VERSION").into(),
    };
    let mut writer = Writer::create(&home.baseline_path(), &header)?;
    let kept: std::collections::HashSet<[u8; 32]> = found
        .iter()
        .filter_map(|(_, facts)| if let Content::Sha256(digest) = facts.content { Some(digest) } else { None })
        .collect();
    for (path, facts) in found {
        writer.push(path, facts)?;
    }
    let prepared = writer.prepared(&home.key)?;
    let digest = hex::encode(prepared.digest());
    seal.accepted.push(digest.clone());
    home.put_seal(&seal).map_err(|source| HomeError::Make { path: home.seal_path(), source })?;
    // Of a baseline that was removed by hand there may be changes of the same number.
    remove_notes(&home.folder).map_err(|source| HomeError::Make { path: notes_path(&home.folder, number), source })?;
    prepared.put()?;
    home.settle_seal(number, seal)?;
    let texts = contents.keep_only(Duration::ZERO, &|digest| kept.contains(digest));
    let size = home.baseline_path().metadata().map_or(0, |meta| meta.len());
    let WalkReport { files, hashed, bytes, unread, faults } = report;
    Ok(Taken { number, digest, files, hashed, bytes, unread, faults, size, texts })
}

fn remove_notes(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("changes.") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

struct Collect<'a> {
    found: Mutex<Vec<(Vec<u8>, Facts)>>,
    contents: &'a Contents,
    mask: &'a Mask<'a>,
    most: u64,
}

impl Visitor for Collect<'_> {
    fn wants(&self, _: &Path, _: &Facts) -> Wanted {
        Wanted::Content
    }

    fn take(&self, path: PathBuf, facts: Facts) {
        if facts.kind == Kind::File && content::is_worth_keeping(&path, &facts, self.most) {
            self.contents.keep(&path, &facts, self.mask);
        }
        self.found.lock().push((path.into_os_string().into_vec(), facts));
    }
}
