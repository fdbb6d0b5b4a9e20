//! The vault: files that were taken away, sealed, with all that is needed to give them back.
//!
//! A folder of mode 0700 that holds `key` (0600; 32 random bytes), and for each item `ID.sealed` (the content, encrypted
//! and authenticated) and `ID.json` (what it was). The steps of a quarantine are ordered so that a crash between any two
//! leaves the original, or a whole copy in the vault, or both; [`Vault::open`] finishes or takes back what was under way.
//! One process at a time works in a vault (a lock on `key`).
//!
//! Against an attacker who owns the folder the file lies in: no link is followed anywhere on the path, the file is read
//! and removed through the same folder handle, and what is removed is checked to be what was read.

mod error;
mod item;
mod recover;
mod restore;
mod seal;
mod take;
pub(crate) mod xattr;

pub use error::VaultError;
pub use item::{Item, ItemState};
pub(crate) use take::Place;

use error::{At, AtPath};
use event::Timestamp;
use rustix::fs::FlockOperation;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct VaultConfig {
    /// Of all sealed content together.
    pub max_bytes: u64,
    /// How long an item stays.
    pub keep: Duration,
}

impl Default for VaultConfig {
    fn default() -> Self {
        VaultConfig { max_bytes: 1 << 30, keep: Duration::from_secs(90 * 86_400) }
    }
}

/// Why a file is taken and by whom.
#[derive(Clone, Debug, Default)]
pub struct Order {
    pub reason: String,
    pub who: String,
    /// `(st_dev, st_ino)` of the file that was judged; another under the same name is refused.
    pub expected: Option<(u64, u64)>,
}

impl Order {
    pub fn because(reason: impl Into<String>, who: impl Into<String>) -> Self {
        Order { reason: reason.into(), who: who.into(), expected: None }
    }
}

/// What is in the vault; `broken` is never left out in silence.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Oldest first.
    pub items: Vec<Item>,
    pub broken: Vec<Broken>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub file: PathBuf,
    pub reason: String,
}

pub struct Vault {
    dir: PathBuf,
    config: VaultConfig,
    key: seal::Key,
    /// The open key file; its lock keeps other processes out while we work.
    lock: Mutex<File>,
}

/// The vault is ours while this lives.
struct Alone<'a>(MutexGuard<'a, File>);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&*self.0, FlockOperation::Unlock);
    }
}

impl Vault {
    /// Makes what is not there, and cleans up after a crash.
    pub fn open(dir: &Path, config: VaultConfig) -> Result<Self, VaultError> {
        prepare(dir)?;
        let path = dir.join("key");
        let (key, file) = open_key(&path).at("the vault's key", &path)?;
        let vault = Vault { dir: dir.to_owned(), config, key, lock: Mutex::new(file) };
        let alone = vault.alone()?;
        recover::recover(&vault)?;
        drop(alone);
        Ok(vault)
    }

    fn alone(&self) -> Result<Alone<'_>, VaultError> {
        let file = self.lock.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        rustix::fs::flock(&*file, FlockOperation::LockExclusive).at("locking the vault", &self.dir)?;
        Ok(Alone(file))
    }

    /// Takes the file away: copied, sealed and on the disk before the original goes. On any error the original is there.
    pub fn quarantine(&self, path: &Path, order: &Order) -> Result<Item, VaultError> {
        let _alone = self.alone()?;
        take::take(self, path, order)
    }

    /// Gives the file back where it was, or at `to`, never over another file. The vault's copy goes when it stands.
    pub fn restore(&self, id: &str, to: Option<&Path>) -> Result<PathBuf, VaultError> {
        let _alone = self.alone()?;
        let item = self.item(id)?;
        let path = restore::restore(self, &item, to)?;
        self.remove(id)?;
        Ok(path)
    }

    /// The content, for analysis; the item stays. Returns the bytes written.
    pub fn read(&self, id: &str, into: &mut dyn Write) -> Result<u64, VaultError> {
        let _alone = self.alone()?;
        let item = self.item(id)?;
        restore::unseal(self, &item, into)
    }

    pub fn list(&self) -> Result<Listing, VaultError> {
        let _alone = self.alone()?;
        self.items()
    }

    /// For good.
    pub fn delete(&self, id: &str) -> Result<(), VaultError> {
        let _alone = self.alone()?;
        self.item(id)?;
        self.remove(id)
    }

    /// Deletes what has been kept long enough; returns the ids.
    pub fn expire(&self, now: Timestamp) -> Result<Vec<String>, VaultError> {
        let _alone = self.alone()?;
        let mut gone = Vec::new();
        for item in self.items()?.items.into_iter().filter(|item| item.expires < now) {
            self.remove(&item.id)?;
            gone.push(item.id);
        }
        Ok(gone)
    }

    fn sealed_path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.sealed"))
    }
    fn item_path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    fn item(&self, id: &str) -> Result<Item, VaultError> {
        if !item::is_id(id) {
            return Err(VaultError::Unknown(id.chars().take(80).collect()));
        }
        let path = self.item_path(id);
        match fs::read(&path) {
            Ok(bytes) => Item::parse(&bytes, id).map_err(|reason| VaultError::Broken { path, reason }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(VaultError::Unknown(id.into())),
            Err(error) => Err(error).at("reading", &path),
        }
    }

    fn items(&self) -> Result<Listing, VaultError> {
        let mut listing = Listing::default();
        for entry in fs::read_dir(&self.dir).at("listing the vault", &self.dir)? {
            let path = entry.at("listing the vault", &self.dir)?.path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            match self.item(id) {
                Ok(item) => listing.items.push(item),
                Err(error) => listing.broken.push(Broken { file: path, reason: error.to_string() }),
            }
        }
        listing.items.sort_by(|a, b| (a.quarantined, &a.id).cmp(&(b.quarantined, &b.id)));
        Ok(listing)
    }

    /// The description first: content without one is swept at the next start.
    fn remove(&self, id: &str) -> Result<(), VaultError> {
        for path in [self.item_path(id), self.sealed_path(id)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).at("removing", &path),
                _ => {}
            }
        }
        sync_dir(&self.dir)
    }

    fn used_bytes(&self) -> Result<u64, VaultError> {
        let mut used = 0;
        for entry in fs::read_dir(&self.dir).at("listing the vault", &self.dir)? {
            let entry = entry.at("listing the vault", &self.dir)?;
            used += entry.metadata().map_or(0, |meta| meta.len());
        }
        Ok(used)
    }
}

fn prepare(dir: &Path) -> Result<(), VaultError> {
    match DirBuilder::new().recursive(true).mode(0o700).create(dir) {
        Ok(()) => {}
        Err(error) => return Err(error).at("making the vault", dir),
    }
    let meta = fs::symlink_metadata(dir).at("the vault", dir)?;
    if !meta.is_dir() || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(VaultError::NotOurs(dir.to_owned()));
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).at("closing the vault to others", dir)
}

/// The key file is whole or it is not there: it is written under another name first.
fn open_key(path: &Path) -> io::Result<(seal::Key, File)> {
    if !path.exists() {
        let fresh = path.with_extension(format!("new-{}", hex::encode(rand::random::<[u8; 8]>())));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.write_all(&rand::random::<[u8; 32]>())?;
        file.sync_all()?;
        // Two that start at once: the first link wins, both use it.
        let linked = fs::hard_link(&fresh, path);
        fs::remove_file(&fresh)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let mut file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path)?;
    let meta = file.metadata()?;
    if meta.mode() & 0o077 != 0 {
        return Err(io::Error::other("others may read it"));
    }
    let mut key = [0; 32];
    file.read_exact(&mut key)?;
    Ok((seal::Key::new(&key), file))
}

fn sync_dir(dir: &Path) -> Result<(), VaultError> {
    File::open(dir).and_then(|dir| dir.sync_all()).at("flushing the folder", dir)
}
