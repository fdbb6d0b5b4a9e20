//! The steps of a quarantine. 1 copy and seal, flushed. 2 describe (`taking`), flushed. 3 move the original aside in its
//! own folder and check that it is what was copied. 4 remove it. 5 describe as `held`. Until 4 the original exists.

use super::error::{At, AtPath};
use super::item::{FORM, Item, ItemState};
use super::{Order, Vault, VaultError, seal, sync_dir, xattr};
use event::{Sha256, Timestamp};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags, openat2, renameat_with, statat, unlinkat};
use rustix::io::Errno;
use sha2::Digest;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const ATTEMPTS: usize = 3;
const NO_LINKS: ResolveFlags = ResolveFlags::NO_SYMLINKS.union(ResolveFlags::NO_MAGICLINKS);

/// A name within a folder that is held open: nobody can put another folder in its place.
pub struct Place {
    pub dir: OwnedFd,
    pub name: PathBuf,
    pub path: PathBuf,
}

impl Place {
    pub fn of(path: &Path) -> Result<Place, VaultError> {
        let name = path.file_name().ok_or_else(|| VaultError::NotAFile(path.to_owned()))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = match openat2(CWD, parent, flags, Mode::empty(), NO_LINKS) {
            Err(Errno::LOOP) => return Err(VaultError::Link(path.to_owned())),
            other => other.at("opening the folder of", path)?,
        };
        let absolute = std::path::absolute(path).at("finding", path)?;
        Ok(Place { dir, name: name.into(), path: absolute })
    }

    /// Its name for as long as it stands aside.
    pub fn aside(id: &str) -> String {
        format!(".tamon-quarantine-{id}")
    }

    fn open(&self) -> Result<File, VaultError> {
        // O_NONBLOCK: a pipe must not make us wait. O_PATH folders cannot be read, so the name is opened from them.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match openat2(&self.dir, &self.name, flags, Mode::empty(), NO_LINKS) {
            Err(Errno::LOOP) => Err(VaultError::Link(self.path.clone())),
            other => Ok(File::from(other.at("opening", &self.path)?)),
        }
    }
}

pub fn take(vault: &Vault, path: &Path, order: &Order) -> Result<Item, VaultError> {
    let place = Place::of(path)?;
    let file = place.open()?;
    let id = hex::encode(rand::random::<[u8; 16]>());
    let result = copy(vault, &place, &file, &id, order).and_then(|item| {
        write_item(vault, &item)?;
        remove_original(&place, &item)?;
        Ok(item)
    });
    match result {
        Ok(mut item) => {
            item.state = ItemState::Held;
            write_item(vault, &item)?;
            Ok(item)
        }
        Err(error) => {
            // The original is still there, so the copy has no reason to be.
            if let Err(stays) = vault.remove(&id) {
                tracing::error!(%stays, id, "the copy of a file that was not taken stays until the next start");
            }
            Err(error)
        }
    }
}

fn copy(vault: &Vault, place: &Place, file: &File, id: &str, order: &Order) -> Result<Item, VaultError> {
    for _ in 0..ATTEMPTS {
        let before = file.metadata().at("reading", &place.path)?;
        check_kind(&before, place, order)?;
        make_room(vault, place, before.len())?;
        let prefix: [u8; seal::NONCE_PREFIX] = rand::random();
        let (sha256, size) = seal_into(vault, place, file, id, &prefix)?;
        let xattrs = xattr::read(file).at("reading the attributes of", &place.path)?;
        let after = file.metadata().at("reading", &place.path)?;
        if stamp(&before) == stamp(&after) && size == after.len() {
            return Ok(describe(vault, place, &before, id, order, sha256, xattrs, &prefix));
        }
    }
    Err(VaultError::Changing(place.path.clone()))
}

fn stamp(meta: &Metadata) -> (u64, i64, i64, i64, i64) {
    (meta.len(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec())
}

fn check_kind(meta: &Metadata, place: &Place, order: &Order) -> Result<(), VaultError> {
    if !meta.is_file() {
        return Err(VaultError::NotAFile(place.path.clone()));
    }
    match order.expected {
        Some(expected) if expected != (meta.dev(), meta.ino()) => Err(VaultError::OtherFile(place.path.clone())),
        _ => Ok(()),
    }
}

fn make_room(vault: &Vault, place: &Place, needed: u64) -> Result<(), VaultError> {
    let max = vault.config.max_bytes;
    let left = max.saturating_sub(vault.used_bytes()?);
    if needed > left {
        return Err(VaultError::Full { path: place.path.clone(), needed, left, max });
    }
    Ok(())
}

/// Digest and size of what was sealed.
fn seal_into(
    vault: &Vault,
    place: &Place,
    file: &File,
    id: &str,
    prefix: &[u8; seal::NONCE_PREFIX],
) -> Result<(Sha256, u64), VaultError> {
    let path = vault.sealed_path(id);
    let options = |options: &mut OpenOptions| options.write(true).create(true).truncate(true).mode(0o600).open(&path);
    let mut sealed = options(&mut OpenOptions::new()).at("making", &path)?;
    let mut reading = Hashing { file, at: 0, limit: vault.config.max_bytes, digest: sha2::Sha256::new() };
    let size = match vault.key.seal(prefix, id, &mut reading, &mut sealed).and_then(|size| {
        sealed.flush()?;
        sealed.sync_all()?;
        Ok(size)
    }) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT)) => {
            let needed = file.metadata().map_or(0, |meta| meta.len());
            return Err(VaultError::Full { path: place.path.clone(), needed, left: 0, max: vault.config.max_bytes });
        }
        other => other.at("copying into the vault", &place.path)?,
    };
    Ok((Sha256(reading.digest.finalize().into()), size))
}

/// Reads from the beginning whatever the position is, and never more than the vault may hold.
struct Hashing<'a> {
    file: &'a File,
    at: u64,
    limit: u64,
    digest: sha2::Sha256,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = rustix::io::pread(self.file, &mut *buffer, self.at)?;
        self.digest.update(&buffer[..got]);
        self.at += got as u64;
        if self.at > self.limit {
            return Err(io::Error::from_raw_os_error(libc::ENOSPC));
        }
        Ok(got)
    }
}

#[expect(clippy::too_many_arguments, reason = "one table of facts, put together once")]
fn describe(
    vault: &Vault,
    place: &Place,
    meta: &Metadata,
    id: &str,
    order: &Order,
    sha256: Sha256,
    xattrs: Vec<(String, String)>,
    prefix: &[u8],
) -> Item {
    let time = |seconds: i64, nanos: i64| Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000) + nanos);
    let bytes = place.path.as_os_str().as_bytes();
    let now = crate::clock::now();
    Item {
        form: FORM,
        id: id.to_owned(),
        path: event::text::from_bytes(bytes).into_owned(),
        path_bytes: hex::encode(bytes),
        sha256,
        size: meta.len(),
        uid: meta.uid(),
        gid: meta.gid(),
        mode: meta.mode() & 0o7777,
        accessed: time(meta.atime(), meta.atime_nsec()),
        modified: time(meta.mtime(), meta.mtime_nsec()),
        changed: time(meta.ctime(), meta.ctime_nsec()),
        device: meta.dev(),
        inode: meta.ino(),
        hard_links: meta.nlink(),
        xattrs,
        reason: order.reason.clone(),
        who: order.who.clone(),
        quarantined: now,
        expires: now.plus_nanos(i64::try_from(vault.config.keep.as_nanos()).unwrap_or(i64::MAX)),
        state: ItemState::Taking,
        nonce: hex::encode(prefix),
    }
}

/// Whole or not at all, and on the disk when it returns.
pub fn write_item(vault: &Vault, item: &Item) -> Result<(), VaultError> {
    let path = vault.item_path(&item.id);
    let fresh = vault.dir.join(format!("{}.new", item.id));
    let json = serde_json::to_vec_pretty(item).map_err(io::Error::from).at("describing", &path)?;
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)
    };
    write().at("writing", &path)?;
    sync_dir(&vault.dir)
}

fn remove_original(place: &Place, item: &Item) -> Result<(), VaultError> {
    let aside = Place::aside(&item.id);
    renameat_with(&place.dir, &place.name, &place.dir, &*aside, RenameFlags::NOREPLACE)
        .at("moving aside", &place.path)?;
    if !is_item(&place.dir, OsStr::new(&aside), item) {
        // Somebody put another file there meanwhile: it goes back, if its name is still free.
        put_back(place, &aside)?;
        return Err(VaultError::OtherFile(place.path.clone()));
    }
    if let Err(error) = unlinkat(&place.dir, &*aside, AtFlags::empty()) {
        put_back(place, &aside)?;
        return Err(error).at("removing", &place.path);
    }
    sync_place(place)
}

/// Under its name; where that fails the error says under which it stands now.
fn put_back(place: &Place, aside: &str) -> Result<(), VaultError> {
    let back = renameat_with(&place.dir, aside, &place.dir, &place.name, RenameFlags::NOREPLACE);
    back.at("putting back what stood there, from beside it,", &place.path.with_file_name(aside))
}

pub fn is_item(dir: &OwnedFd, name: &OsStr, item: &Item) -> bool {
    statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| (stat.st_dev, stat.st_ino) == (item.device, item.inode))
}

pub fn sync_place(place: &Place) -> Result<(), VaultError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = openat2(&place.dir, ".", flags, Mode::empty(), NO_LINKS);
    dir.and_then(rustix::fs::fsync).at("flushing the folder of", &place.path)
}
