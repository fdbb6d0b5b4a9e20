//! Files that were found clean, on disk, so that a second look costs a `stat`. A verdict is bound to the file's identity
//! (device, inode, change time, size) and to all that it was held against; when one of them changes it is gone.
//!
//! The file is a fixed number of buckets of four entries; a full bucket drops one of its own, so that it never grows and
//! never needs to be tidied. Each entry carries a check, so that a torn one is a miss. It is read and written in place by
//! any number of processes at once, and may be deleted at any time.
//!
//! What is not remembered: files that changed within the last minute, since a change within the same tick of the clock, or
//! through a mapping that is still dirty, would not show in the change time. On a device other than the system's own a
//! verdict holds only as long as that mount, since whoever makes a disk image chooses inodes and times.

use event::{FileIdentity, Sha256, Timestamp};
use rustix::fs::{AtFlags, StatxFlags, statx};
use sha2::Digest as _;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const MAGIC: &[u8; 16] = b"tamon-verdicts-1";
const ENTRY: usize = 88;
const WAYS: usize = 4;
const BUCKET: usize = ENTRY * WAYS;
/// 256 Ki entries, 22 MiB.
const BUCKETS: u64 = 64 << 10;
/// How old a change must be before the file counts as settled.
const SETTLED: i64 = 60_000_000_000;

pub struct VerdictCache {
    file: File,
    /// Devices whose numbers mean the same after a mount or a boot: the system's own.
    fixed: Vec<u64>,
    boot: u64,
    turn: AtomicU64,
}

#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    #[error("{0} belongs to another user, or others may write to it")]
    Foreign(PathBuf),
    #[error("{0} is no cache of verdicts")]
    Other(PathBuf),
}

impl VerdictCache {
    /// Makes the file where it is not there yet.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        let io = |error| CacheError::Io(path.to_owned(), error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(libc::O_NOFOLLOW);
        let file = options.open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        // Who can write here can call anything clean.
        if meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o022 != 0 {
            return Err(CacheError::Foreign(path.to_owned()));
        }
        let mut head = [0; MAGIC.len()];
        if meta.len() == 0 {
            file.set_len(BUCKET as u64 * (BUCKETS + 1)).map_err(io)?;
            file.write_all_at(MAGIC, 0).map_err(io)?;
        } else if !meta.is_file() || file.read_exact_at(&mut head, 0).is_err() || head != *MAGIC {
            return Err(CacheError::Other(path.to_owned()));
        }
        let root = std::fs::metadata("/").map_err(io)?;
        let boot = std::fs::read("/proc/sys/kernel/random/boot_id").map_err(io)?;
        Ok(VerdictCache {
            file,
            fixed: vec![meta.dev(), root.dev()],
            boot: first_eight(&boot),
            turn: AtomicU64::new(0),
        })
    }

    /// The digest of a file that was found clean as it is now, by what `generation` stands for.
    pub fn clean(&self, file: &File, identity: &FileIdentity, generation: u64) -> Option<Sha256> {
        let key = self.key(file, identity, generation)?;
        let mut bucket = [0; BUCKET];
        self.file.read_exact_at(&mut bucket, offset(&key)).ok()?;
        bucket.chunks_exact(ENTRY).find_map(|entry| key.holds(entry))
    }

    /// Not being able to remember costs a look another time, nothing else.
    pub fn remember(&self, file: &File, identity: &FileIdentity, generation: u64, digest: Sha256) {
        if !settled(identity) {
            return;
        }
        let Some(key) = self.key(file, identity, generation) else { return };
        let mut bucket = [0; BUCKET];
        if self.file.read_exact_at(&mut bucket, offset(&key)).is_err() {
            return;
        }
        let same = |entry: &[u8]| entry[..16] == key.bytes()[..16] || entry[..40].iter().all(|byte| *byte == 0);
        let way = bucket.chunks_exact(ENTRY).position(same);
        let way = way.unwrap_or_else(|| self.turn.fetch_add(1, Ordering::Relaxed) as usize % WAYS);
        let at = offset(&key) + (way * ENTRY) as u64;
        let _ = self.file.write_all_at(&key.entry(digest), at);
    }

    fn key(&self, file: &File, identity: &FileIdentity, generation: u64) -> Option<Key> {
        let epoch = if self.fixed.contains(&identity.dev) { 0 } else { self.boot ^ mount_of(file)? };
        Some(Key { identity: *identity, generation: generation ^ epoch.wrapping_mul(0x9e37_79b9_7f4a_7c15) })
    }
}

/// Identity of an open file as `stat` tells it.
pub fn identity(meta: &std::fs::Metadata) -> FileIdentity {
    let ctime = Timestamp(meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()));
    FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.len() }
}

fn settled(identity: &FileIdentity) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64);
    (SETTLED..).contains(&now.saturating_sub(identity.ctime.0))
}

/// Never zero; None where the kernel does not tell.
fn mount_of(file: &File) -> Option<u64> {
    let stat = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?;
    (stat.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(stat.stx_mnt_id | 1 << 63)
}

struct Key {
    identity: FileIdentity,
    generation: u64,
}

impl Key {
    fn bytes(&self) -> [u8; 40] {
        let FileIdentity { dev, inode, ctime, size } = self.identity;
        let mut bytes = [0; 40];
        for (to, value) in bytes.chunks_exact_mut(8).zip([dev, inode, ctime.0 as u64, size, self.generation]) {
            to.copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// The key, the digest, and a check of both.
    fn entry(&self, digest: Sha256) -> [u8; ENTRY] {
        let mut entry = [0; ENTRY];
        entry[..40].copy_from_slice(&self.bytes());
        entry[40..72].copy_from_slice(&digest.0);
        let check = check(&entry[..72]);
        entry[72..].copy_from_slice(&check);
        entry
    }

    fn holds(&self, entry: &[u8]) -> Option<Sha256> {
        let good = entry[..40] == self.bytes() && entry[72..] == check(&entry[..72]);
        good.then(|| Sha256(entry[40..72].try_into().expect("32 bytes")))
    }
}

fn check(bytes: &[u8]) -> [u8; 16] {
    sha2::Sha256::digest(bytes)[..16].try_into().expect("16 of 32 bytes")
}

fn offset(key: &Key) -> u64 {
    let mixed = (key.identity.inode ^ key.identity.dev.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    BUCKET as u64 * (1 + (mixed >> 32) % BUCKETS)
}

fn first_eight(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(sha2::Sha256::digest(bytes)[..8].try_into().expect("8 of 32 bytes"))
}

/// Stands for everything that files are held against: this program, what was loaded, the limits.
pub fn generation(program: &Path, files: &[PathBuf], words: &str) -> u64 {
    let mut hasher = sha2::Sha256::new();
    hasher.update(words);
    for path in std::iter::once(program).chain(files.iter().map(PathBuf::as_path)) {
        hasher.update(path.as_os_str().as_encoded_bytes());
        match std::fs::metadata(path) {
            Ok(meta) => {
                let FileIdentity { dev, inode, ctime, size } = identity(&meta);
                [dev, inode, ctime.0 as u64, size].iter().for_each(|n| hasher.update(n.to_le_bytes()));
            }
            // What is not known stands for nothing that was known: no verdict of before holds.
            Err(_) => hasher.update(format!("{:?}", std::time::SystemTime::now())),
        }
    }
    u64::from_le_bytes(hasher.finalize()[..8].try_into().expect("8 of 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: FileIdentity = FileIdentity { dev: 0, inode: 7, ctime: Timestamp(1_000_000_000), size: 5 };

    fn world() -> (tempfile::TempDir, VerdictCache, File, FileIdentity) {
        let dir = tempfile::tempdir().unwrap();
        let cache = VerdictCache::open(&dir.path().join("verdicts")).unwrap();
        let file = File::open("/bin/sh").unwrap();
        let identity = FileIdentity { dev: cache.fixed[0], ..OLD };
        (dir, cache, file, identity)
    }

    #[test]
    fn a_verdict_ends_with_the_file_or_with_what_it_was_held_against() {
        let (_dir, cache, file, identity) = world();
        let digest = Sha256([3; 32]);
        cache.remember(&file, &identity, 1, digest);
        let check = |identity: FileIdentity, generation, expected| {
            assert_eq!(cache.clean(&file, &identity, generation), expected, "{identity:?} {generation}");
        };
        check(identity, 1, Some(digest));
        check(identity, 2, None);
        check(FileIdentity { size: 6, ..identity }, 1, None);
        check(FileIdentity { inode: 8, ..identity }, 1, None);
        check(FileIdentity { ctime: Timestamp(1), ..identity }, 1, None);
        check(FileIdentity { dev: 99, ..identity }, 1, None);
        cache.remember(&file, &identity, 2, digest);
        check(identity, 1, None);
    }

    #[test]
    fn what_changed_a_moment_ago_is_not_remembered() {
        let (_dir, cache, file, identity) = world();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64;
        let fresh = FileIdentity { ctime: Timestamp(now), ..identity };
        cache.remember(&file, &fresh, 1, Sha256([3; 32]));
        assert_eq!(cache.clean(&file, &fresh, 1), None);
    }

    #[test]
    fn it_stays_as_large_as_it_is_and_a_torn_entry_is_a_miss() {
        let (dir, cache, file, identity) = world();
        let path = dir.path().join("verdicts");
        let before = std::fs::metadata(&path).unwrap().len();
        for inode in 0..20_000 {
            cache.remember(&file, &FileIdentity { inode, ..identity }, 1, Sha256([1; 32]));
        }
        assert_eq!(std::fs::metadata(&path).unwrap().len(), before);
        let last = FileIdentity { inode: 19_999, ..identity };
        let key = cache.key(&file, &last, 1).unwrap();
        assert!(cache.clean(&file, &last, 1).is_some());
        cache.file.write_all_at(&[9; BUCKET], offset(&key)).unwrap();
        assert_eq!(cache.clean(&file, &last, 1), None);
    }

    #[test]
    fn a_file_that_is_something_else_or_open_to_others_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("verdicts");
        std::fs::write(&path, "something else entirely").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(VerdictCache::open(&path), Err(CacheError::Other(_))));
        std::fs::remove_file(&path).unwrap();
        VerdictCache::open(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(matches!(VerdictCache::open(&path), Err(CacheError::Foreign(_))));
    }
}
