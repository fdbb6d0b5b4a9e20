//! Gathers what is known of an open file: whether a path leads to it, its digest, what the package database says, who can
//! write it. Read from the descriptor; the path is only where to look things up. What was found is kept by the file's
//! identity, so that a file is read once until it changes.

use super::{Asker, Lockdown};
use event::{FileIdentity, Sha256, Timestamp};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use verdict::lockdown::{Evidence, Nameless, PackageSays, Source};

/// Forgotten all at once when full: the next look costs one reading.
const MAX_KNOWN: usize = 65_536;
/// Larger files get no digest, and so nobody but their folder can vouch.
const MOST_BYTES: u64 = 1 << 30;
const TRIES: usize = 4;

/// Of one content at one path.
#[derive(Clone, Debug)]
struct Found {
    path: String,
    /// None where it was not asked for, or could not be had.
    sha256: Option<Sha256>,
    digested: bool,
    package: PackageSays,
}

#[derive(Debug, Default)]
pub struct Known(Mutex<Contents>);

#[derive(Debug, Default)]
struct Contents {
    found: HashMap<FileIdentity, Found>,
    inodes: HashMap<u64, Vec<FileIdentity>>,
}

impl Known {
    pub fn forget(&self) {
        *self.0.lock() = Contents::default();
    }

    /// On a tmpfs a write through a mapping does not even move the change time.
    pub fn written_to(&self, inode: u64) {
        let mut known = self.0.lock();
        for identity in known.inodes.remove(&inode).unwrap_or_default() {
            known.found.remove(&identity);
        }
    }

    fn get(&self, identity: &FileIdentity, path: &str) -> Option<Found> {
        self.0.lock().found.get(identity).filter(|found| found.path == path).cloned()
    }

    fn insert(&self, identity: FileIdentity, found: Found) {
        let mut known = self.0.lock();
        if known.found.len() >= MAX_KNOWN {
            *known = Contents::default();
        }
        if known.found.insert(identity, found).is_none() {
            known.inodes.entry(identity.inode).or_default().push(identity);
        }
    }
}

/// `path` is the file's as this process sees it.
pub fn gather<'p>(
    lockdown: &Lockdown,
    settings: &verdict::Lockdown,
    file: &File,
    path: &'p Path,
    now: Timestamp,
) -> Evidence<'p> {
    // A name that is no UTF-8 is in no list, and no package of any distribution has one.
    let Some(shown) = path.to_str() else { return Evidence { path: "(not UTF-8)", ..Evidence::default() } };
    let Some((identity, links)) = identity(file) else { return Evidence { path: shown, ..Evidence::default() } };
    let (mut shown, mut nameless) = (shown, None);
    if links == 0 {
        if shown.starts_with("/memfd:") {
            return Evidence { path: shown, nameless: Some(Nameless::Memory), ..Evidence::default() };
        }
        // What it was called: an update may have taken its name while it was being started.
        (shown, nameless) = (shown.strip_suffix(" (deleted)").unwrap_or(shown), Some(Nameless::Deleted));
    }
    if lockdown.own == Some(identity) {
        return Evidence { path: shown, listed: Some(Source::Tamon), ..Evidence::default() };
    }
    // What a package vouches for needs no digest of ours, but where one could speak against it.
    let by_digest = !settings.packages || lockdown.store.lock().distrusted.iter().any(|one| one.sha256.is_some());
    let found = stable(lockdown, file, shown, identity, by_digest);
    let store = lockdown.store.lock();
    let listed = found
        .sha256
        .and_then(|digest| store.listed(shown, &digest, now).or_else(|| lockdown.lists.read().listed(shown, &digest)));
    let distrusted = store.why_distrusted(shown, found.sha256.as_ref()).map(str::to_owned);
    drop(store);
    Evidence {
        path: shown,
        sha256: found.sha256,
        nameless,
        foreign: is_foreign(file),
        package: found.package,
        only_root_writes: only_root_writes(file, path),
        written_by: lockdown.updates.wrote(identity.dev, identity.inode),
        listed,
        distrusted,
        ..Evidence::default()
    }
}

/// The image of the container that asks, where the policy trusts it and the file is as it was in it.
pub fn image(
    lockdown: &Lockdown,
    settings: &verdict::Lockdown,
    file: &File,
    path: &Path,
    asker: &Asker,
) -> Option<String> {
    if settings.images.is_empty() {
        return None;
    }
    let container = asker.process.as_ref()?.container.as_ref()?;
    let layers = match &*container.runtime {
        "containerd" => lockdown.containerd.layers(&container.id)?,
        _ => enrich::Layers::of("/".as_ref(), container)?,
    };
    let trusted = settings.images.contains(&layers.image) && layers.hold(path.to_str()?, file);
    trusted.then_some(layers.image)
}

/// Looks again where the file changed while it was read: a rename or a lost name moves its change time too.
fn stable(lockdown: &Lockdown, file: &File, path: &str, first: FileIdentity, by_digest: bool) -> Found {
    let mut before = first;
    for _ in 0..TRIES {
        if let Some(found) = found(lockdown, file, path, before, by_digest) {
            return found;
        }
        before = identity(file).map_or(before, |(now, _)| now);
    }
    Found { path: path.into(), sha256: None, digested: true, package: PackageSays::Nobody }
}

/// None when it was written to while it was read: nothing that was read of it counts.
fn found(lockdown: &Lockdown, file: &File, path: &str, before: FileIdentity, by_digest: bool) -> Option<Found> {
    if let Some(found) = lockdown.known.get(&before, path).filter(|found| found.digested || !by_digest) {
        return Some(found);
    }
    let package = match lockdown.packages.vouch(path, file) {
        enrich::Vouched::Nobody => PackageSays::Nobody,
        enrich::Vouched::Same(package) => PackageSays::Same(format!("{} {}", package.name, package.version)),
        enrich::Vouched::Changed(package) => PackageSays::Changed(format!("{} {}", package.name, package.version)),
        enrich::Vouched::NoDigest(package) => PackageSays::NoDigest(format!("{} {}", package.name, package.version)),
    };
    let vouched = matches!(package, PackageSays::Same(_));
    let digested = by_digest || !vouched;
    let sha256 = (digested && before.size <= MOST_BYTES).then(|| crate::reputation::digest(file)).flatten();
    if identity(file).map(|(after, _)| after) != Some(before) {
        return None;
    }
    let found = Found { path: path.into(), sha256, digested, package };
    // What nobody vouches for may be vouched for a moment later, when its package is in.
    if vouched || !lockdown.updates.at_work() {
        lockdown.known.insert(before, found.clone());
    }
    Some(found)
}

pub fn identity(file: &File) -> Option<(FileIdentity, u64)> {
    let meta = file.metadata().ok()?;
    let ctime = Timestamp(meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()));
    Some((FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.len() }, meta.nlink()))
}

/// The kernel asks somebody else for each page of it: FUSE, NFS, SMB, AFS, Ceph, 9p, OCFS2, GFS2.
fn is_foreign(file: &File) -> bool {
    const KINDS: [u64; 10] = [
        0x6573_5546,
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x5346_414f,
        0x00c3_6400,
        0x0102_1997,
        0x7461_636f,
        0x0116_1970,
    ];
    rustix::fs::fstatfs(file).is_ok_and(|fs| KINDS.contains(&(fs.f_type as u64 & 0xffff_ffff)))
}

/// The file and every folder above belong to root, and neither group (but root's) nor others may write there.
fn only_root_writes(file: &File, path: &Path) -> bool {
    let safe = |meta: &std::fs::Metadata| {
        let by_group = meta.mode() & 0o020 != 0 && meta.gid() != 0;
        meta.uid() == 0 && meta.mode() & 0o002 == 0 && !by_group
    };
    file.metadata().is_ok_and(|meta| safe(&meta))
        && path.ancestors().skip(1).all(|folder| folder.symlink_metadata().is_ok_and(|meta| safe(&meta)))
}
