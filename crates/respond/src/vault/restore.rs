//! Gives a file back: written under no name at all, checked against its digest, dressed as it was, then named — so there
//! is never a half of it to be seen, and never another file overwritten.

use super::error::{At, AtPath};
use super::take::{Place, sync_place};
use super::{Item, Vault, VaultError, seal, xattr};
use event::Timestamp;
use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, Timespec, Timestamps, Uid, fchmod, fchown, futimens, linkat, openat,
};
use rustix::io::Errno;
use sha2::Digest;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

pub fn restore(vault: &Vault, item: &Item, to: Option<&Path>) -> Result<PathBuf, VaultError> {
    let broken = |reason| VaultError::Broken { path: vault.item_path(&item.id), reason };
    let path = to.map_or_else(|| item.original().map_err(broken), |to| Ok(to.to_owned()))?;
    let place = Place::of(&path)?;
    if rustix::fs::statat(&place.dir, &place.name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
        return Err(VaultError::Exists(place.path));
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mut file = File::from(openat(&place.dir, ".", flags, Mode::RUSR | Mode::WUSR).at("writing beside", &path)?);
    unseal(vault, item, &mut file)?;
    dress(&file, item, &path)?;
    file.sync_all().at("flushing", &path)?;
    name(&file, &place)?;
    sync_place(&place)?;
    Ok(place.path)
}

/// The plain content; an error where it is not what was taken.
pub fn unseal(vault: &Vault, item: &Item, into: &mut dyn Write) -> Result<u64, VaultError> {
    let path = vault.sealed_path(&item.id);
    let broken = |reason: &str| VaultError::Broken { path: path.clone(), reason: reason.into() };
    let prefix: [u8; seal::NONCE_PREFIX] =
        hex::decode(&item.nonce).ok().and_then(|n| n.try_into().ok()).ok_or_else(|| broken("its nonce is not one"))?;
    let mut sealed = File::open(&path).at("opening", &path)?;
    let mut hashing = Hashing { into, digest: sha2::Sha256::new() };
    let size = vault.key.open(&prefix, &item.id, &mut sealed, &mut hashing).at("unsealing", &path)?;
    let digest: [u8; 32] = hashing.digest.finalize().into();
    if digest != item.sha256.0 || size != item.size {
        return Err(broken("the content is not what was taken"));
    }
    Ok(size)
}

struct Hashing<'a> {
    into: &'a mut dyn Write,
    digest: sha2::Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.into.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

/// In this order: a change of owner clears set-id bits and capabilities, so those come after; times last.
fn dress(file: &File, item: &Item, path: &Path) -> Result<(), VaultError> {
    fchown(file, Some(Uid::from_raw(item.uid)), Some(Gid::from_raw(item.gid))).at("giving its owner to", path)?;
    fchmod(file, Mode::from_raw_mode(item.mode)).at("setting the mode of", path)?;
    let failed = xattr::write(file, &item.xattrs);
    if !failed.is_empty() {
        let source = io::Error::other(format!("{} cannot be set there", failed.join(", ")));
        return Err(source).at("setting the attributes of", path);
    }
    let times = Timestamps { last_access: timespec(item.accessed), last_modification: timespec(item.modified) };
    futimens(file, &times).at("setting the times of", path)
}

fn timespec(time: Timestamp) -> Timespec {
    Timespec { tv_sec: time.nanos().div_euclid(1_000_000_000), tv_nsec: time.nanos().rem_euclid(1_000_000_000) }
}

fn name(file: &File, place: &Place) -> Result<(), VaultError> {
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    match linkat(CWD, &*unnamed, &place.dir, &place.name, AtFlags::SYMLINK_FOLLOW) {
        Err(Errno::EXIST) => Err(VaultError::Exists(place.path.clone())),
        other => other.at("naming", &place.path),
    }
}
