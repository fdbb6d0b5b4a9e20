//! Undoing what trees did. Names first; then each file in this order: put back where it was, content, owner, mode, attributes,
//! times; then links; then what the trees made goes. What is kept stays until its time is over, so that a roll-back that was cut short is
//! done again and comes to the same.

use super::entry::{Entry, Made, Name, NameKind, Renamed};
use super::log::Record;
use super::renames;
use super::report::{FileReport, RollbackReport, Undone};
use super::take::{born, changed};
use super::{Rollback, RollbackError};
use crate::vault::{Place, xattr};
use event::Timestamp;
use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, RenameFlags, Timespec, Timestamps, Uid, fchmod, fchown, fremovexattr, futimens,
    linkat, mkdirat, openat, renameat, renameat_with, symlinkat, unlinkat,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What is there to be undone.
struct Work {
    entries: Vec<Entry>,
    made: Vec<Made>,
    names: Vec<Name>,
    renames: Vec<Renamed>,
    /// Files that another tree changed after these did.
    touched_since: HashSet<(u64, u64)>,
}

/// What was done, why not all, and the inode that stands there now.
type Done = (Undone, String, Option<(u64, u64)>);

impl Rollback {
    /// Undoes everything that these trees did, or says what would be done.
    pub fn roll_back(&self, trees: &[String], preview: bool) -> Result<RollbackReport, RollbackError> {
        let work = self.work(trees);
        let nothing =
            work.entries.is_empty() && work.made.is_empty() && work.names.is_empty() && work.renames.is_empty();
        // One that was stopped before it did anything has nothing to be undone, and that is no error.
        if nothing && !self.is_stopped(trees) {
            return Err(RollbackError::Unknown(trees.join(", ")));
        }
        let mut report = RollbackReport { trees: trees.to_vec(), preview, files: Vec::new() };
        let mut folders = Folders::default();
        let made: HashSet<(u64, u64)> = work.made.iter().map(|made| (made.device, made.inode)).collect();
        let ours: HashSet<(u64, u64)> =
            made.iter().copied().chain(work.entries.iter().map(|entry| (entry.device, entry.inode))).collect();
        let mut standing = HashSet::new();
        let kept = work.entries.iter().map(|entry| (entry.device, entry.inode)).collect();
        report.files.extend(renames::put_back(&work.renames, &kept, preview));
        for entry in &work.entries {
            let (done, detail, at) = match self.one(entry, &work, &ours, &mut folders, preview) {
                Ok(done) => done,
                Err(error) => (Undone::Failed, error.to_string(), None),
            };
            standing.extend(at);
            report.files.push(FileReport { path: entry.path.clone(), done, bytes: entry.size, detail });
        }
        for name in &work.names {
            if let Some(line) = name_again(name, &work.entries, preview) {
                report.files.push(line);
            }
        }
        // Folders last, the innermost first.
        let mut made: Vec<&Made> = work.made.iter().collect();
        made.sort_by_key(|made| (made.folder, std::cmp::Reverse(made.path_bytes.len())));
        for one in made {
            report.files.extend(take_away(one, &standing, &mut folders, preview));
        }
        if !preview {
            let mut state = self.state.lock();
            for tree in trees {
                let record = Record::RolledBack { tree: tree.clone() };
                state.log.append(&record)?;
                state.replay(record);
            }
        }
        Ok(report)
    }

    fn is_stopped(&self, trees: &[String]) -> bool {
        let state = self.state.lock();
        trees.iter().any(|tree| state.incidents.contains_key(tree))
    }

    fn work(&self, trees: &[String]) -> Work {
        let state = self.state.lock();
        let ours = |tree: &String| trees.contains(tree);
        // Of several trees in one incident the first to change a file knows what it was.
        let mut first: BTreeMap<(u64, u64), &Entry> = BTreeMap::new();
        let mut last: HashMap<(u64, u64), u64> = HashMap::new();
        for entry in state.entries.values().filter(|entry| ours(&entry.tree)) {
            first.entry((entry.device, entry.inode)).or_insert(entry);
            last.insert((entry.device, entry.inode), entry.number);
        }
        let since = |key: &(u64, u64)| {
            let newest = state.newest.get(key).and_then(|number| state.entries.get(number));
            newest.is_some_and(|entry| !ours(&entry.tree) && last.get(key).is_some_and(|last| entry.number > *last))
        };
        let renames: Vec<Renamed> = state.renames.iter().filter(|renamed| ours(&renamed.tree)).cloned().collect();
        let mut entries: Vec<Entry> = first.values().map(|entry| (*entry).clone()).collect();
        entries.sort_by_key(|entry| entry.number);
        for entry in &mut entries {
            if let Some(first) = renames::first_name(&renames, &entry.path_bytes, (entry.device, entry.inode)) {
                (entry.path, entry.path_bytes) = first;
            }
        }
        let mut made: Vec<Made> = state.made.iter().filter(|made| ours(&made.tree)).cloned().collect();
        for made in &mut made {
            if let Some(first) = renames::first_name(&renames, &made.path_bytes, (made.device, made.inode)) {
                (made.path, made.path_bytes) = first;
            }
        }
        Work {
            touched_since: first.keys().copied().filter(since).collect(),
            made,
            names: state.names.iter().filter(|name| ours(&name.tree)).cloned().collect(),
            renames,
            entries,
        }
    }

    fn one(
        &self,
        entry: &Entry,
        work: &Work,
        ours: &HashSet<(u64, u64)>,
        folders: &mut Folders,
        preview: bool,
    ) -> io::Result<Done> {
        let path = entry.original().ok_or_else(|| io::Error::other("its path is not one"))?;
        let key = (entry.device, entry.inode);
        let there = match fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
            // What stands there nobody knows, so nothing is put in its place.
            there => Some(there?),
        };
        let same = |meta: &Metadata| is_same(meta, entry);
        if there.as_ref().is_some_and(|meta| same(meta) && changed(meta) == entry.changed && meta.len() == entry.size) {
            return Ok((Undone::Unchanged, String::new(), Some(key)));
        }
        if work.touched_since.contains(&key) {
            let detail = "another program has changed it since".to_owned();
            return Ok((Undone::Beside, self.beside(entry, &path, detail, preview)?, None));
        }
        if let Some(meta) = &there {
            if same(meta) {
                if !preview {
                    self.in_place(entry, &path)?;
                }
                return Ok((Undone::Restored, String::new(), Some(key)));
            }
            if !ours.contains(&(meta.dev(), meta.ino())) {
                let detail = "another file stands there now".to_owned();
                return Ok((Undone::Beside, self.beside(entry, &path, detail, preview)?, None));
            }
        }
        if preview {
            return Ok((Undone::Restored, String::new(), None));
        }
        make_folders(&path, entry)?;
        // The file itself, under another name in its folder: then its other names and its inode stay as they were.
        if let Some(moved) = folders.find(path.parent(), entry.device, entry.inode)
            && fs::symlink_metadata(&moved).is_ok_and(|meta| same(&meta))
        {
            let place = place(&path)?;
            renameat(CWD, &moved, &place.dir, &place.name)?;
            self.in_place(entry, &path)?;
            return Ok((Undone::Restored, format!("it was {}", moved.display()), Some(key)));
        }
        let now = self.anew(entry, &path)?;
        let detail = if entry.hard_links > 1 { "it is a new file under its old name" } else { "" };
        Ok((Undone::Restored, detail.to_owned(), Some(now)))
    }

    fn content(&self, entry: &Entry) -> io::Result<File> {
        let file = File::open(self.object(&entry.object))?;
        let size = file.metadata()?.len();
        if size != entry.size {
            return Err(io::Error::other(format!("{size} of {} bytes are kept", entry.size)));
        }
        Ok(file)
    }

    /// Into the inode that stands there: hard links see it, too.
    fn in_place(&self, entry: &Entry, path: &Path) -> io::Result<()> {
        let content = self.content(entry)?;
        let options = |options: &mut fs::OpenOptions| {
            options.read(true).write(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
        };
        let file = options(&mut fs::OpenOptions::new())?;
        if !is_same(&file.metadata()?, entry) {
            return Err(io::Error::other("another file was put there just now"));
        }
        file.set_len(0)?;
        if rustix::fs::ioctl_ficlone(&file, &content).is_err() {
            io::copy(&mut &content, &mut &file)?;
        }
        dress(&file, entry)
    }

    /// Under no name at all, then put in the place of whatever of the trees' stands there. Gives the new inode.
    fn anew(&self, entry: &Entry, path: &Path) -> io::Result<(u64, u64)> {
        let content = self.content(entry)?;
        let place = place(path)?;
        let aside = format!(".tamon-rollback-{:x}", entry.number);
        let _ = unlinkat(&place.dir, &*aside, AtFlags::empty());
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(openat(&place.dir, &*aside, flags, Mode::RUSR | Mode::WUSR)?);
        let write = || {
            if rustix::fs::ioctl_ficlone(&file, &content).is_err() {
                io::copy(&mut &content, &mut &file)?;
            }
            dress(&file, entry)?;
            renameat(&place.dir, &*aside, &place.dir, &place.name)?;
            Ok(())
        };
        let written: io::Result<()> = write();
        if let Err(error) = written {
            return Err(match unlinkat(&place.dir, &*aside, AtFlags::empty()) {
                Ok(()) => error,
                Err(stays) => io::Error::other(format!("{error}; a half of it stays beside as {aside}: {stays}")),
            });
        }
        let meta = file.metadata()?;
        Ok((meta.dev(), meta.ino()))
    }

    /// Next to what must not be overwritten, under a name that says what it is.
    fn beside(&self, entry: &Entry, path: &Path, why: String, preview: bool) -> io::Result<String> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".restored");
        let to = path.with_file_name(name);
        if !preview {
            if fs::symlink_metadata(&to).is_ok() {
                return Ok(format!("{why}; {} stands there already", to.display()));
            }
            self.anew(entry, &to)?;
        }
        Ok(format!("{why}; what was kept is {}", to.display()))
    }
}

fn place(path: &Path) -> io::Result<Place> {
    Place::of(path).map_err(io::Error::other)
}

fn is_same(meta: &Metadata, entry: &Entry) -> bool {
    meta.is_file() && (meta.dev(), meta.ino()) == (entry.device, entry.inode) && born(meta) == entry.born
}

/// In this order: a change of owner clears set-id bits and capabilities, so those come after; times last.
fn dress(file: &File, entry: &Entry) -> io::Result<()> {
    fchown(file, Some(Uid::from_raw(entry.uid)), Some(Gid::from_raw(entry.gid)))?;
    fchmod(file, Mode::from_raw_mode(entry.mode))?;
    for (name, _) in xattr::read(file)? {
        if !entry.xattrs.iter().any(|(kept, _)| *kept == name) {
            let name = hex::decode(&name).map_err(io::Error::other)?;
            fremovexattr(file, name.as_slice())?;
        }
    }
    let failed = xattr::write(file, &entry.xattrs);
    if !failed.is_empty() {
        return Err(io::Error::other(format!("its attributes {} cannot be set", failed.join(", "))));
    }
    let times = Timestamps { last_access: timespec(entry.accessed), last_modification: timespec(entry.modified) };
    futimens(file, &times)?;
    file.sync_data()
}

fn timespec(time: Timestamp) -> Timespec {
    Timespec { tv_sec: time.nanos().div_euclid(1_000_000_000), tv_nsec: time.nanos().rem_euclid(1_000_000_000) }
}

/// Folders that went with the file; the nearest one dressed as it was.
fn make_folders(path: &Path, entry: &Entry) -> io::Result<()> {
    let Some(parent) = path.parent().filter(|parent| !parent.exists()) else { return Ok(()) };
    let missing: BTreeSet<&Path> = parent.ancestors().take_while(|folder| !folder.exists()).collect();
    let (mode, uid, gid) = entry.folder;
    for folder in missing {
        let place = place(folder)?;
        mkdirat(&place.dir, &place.name, Mode::from_raw_mode(0o700))?;
        let made = File::open(folder)?;
        fchown(&made, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?;
        fchmod(&made, Mode::from_raw_mode(mode))?;
    }
    Ok(())
}

fn name_again(name: &Name, entries: &[Entry], preview: bool) -> Option<FileReport> {
    let path = name.place()?;
    if fs::symlink_metadata(&path).is_ok() {
        return None;
    }
    let link = || -> io::Result<()> {
        let place = place(&path)?;
        match &name.kind {
            NameKind::HardLink { device, inode } => {
                let kept = entries.iter().find(|entry| (entry.device, entry.inode) == (*device, *inode));
                let first = kept.and_then(Entry::original).ok_or_else(|| io::Error::other("its file is not kept"))?;
                linkat(CWD, &first, &place.dir, &place.name, AtFlags::empty())?;
            }
            NameKind::Symbolic { target, uid, gid } => {
                let target = hex::decode(target).map_err(io::Error::other)?;
                symlinkat(target.as_slice(), &place.dir, &place.name)?;
                let (uid, gid) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
                rustix::fs::chownat(&place.dir, &place.name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
            }
        }
        Ok(())
    };
    let (done, detail) = match if preview { Ok(()) } else { link() } {
        Ok(()) => (Undone::Linked, String::new()),
        Err(error) => (Undone::Failed, error.to_string()),
    };
    Some(FileReport { path: name.path.clone(), done, bytes: 0, detail })
}

/// Only the very file that the tree made, under its name or another in the same folder.
fn take_away(made: &Made, standing: &HashSet<(u64, u64)>, folders: &mut Folders, preview: bool) -> Option<FileReport> {
    let path = made.place()?;
    if standing.contains(&(made.device, made.inode)) {
        return None;
    }
    let same = |path: &Path| {
        fs::symlink_metadata(path)
            .is_ok_and(|meta| (meta.dev(), meta.ino()) == (made.device, made.inode) && born(&meta) == made.born)
    };
    let at = if same(&path) {
        path
    } else {
        folders.find(path.parent(), made.device, made.inode).filter(|moved| same(moved))?
    };
    let remove = || -> io::Result<()> {
        let place = place(&at)?;
        // Aside first: what is removed is then what was looked at.
        let aside = format!(".tamon-rollback-gone-{:x}", made.inode);
        if made.folder {
            return Ok(unlinkat(&place.dir, &place.name, AtFlags::REMOVEDIR)?);
        }
        renameat_with(&place.dir, &place.name, &place.dir, &*aside, RenameFlags::NOREPLACE)?;
        Ok(unlinkat(&place.dir, &*aside, AtFlags::empty())?)
    };
    if made.folder && !preview && fs::read_dir(&at).is_ok_and(|mut left| left.next().is_some()) {
        // Somebody else put something there.
        return None;
    }
    let (done, detail) = match if preview { Ok(()) } else { remove() } {
        Ok(()) => (Undone::Deleted, String::new()),
        Err(error) => (Undone::Failed, error.to_string()),
    };
    let (path, _) = super::entry::path_words(&at);
    Some(FileReport { path, done, bytes: 0, detail })
}

/// Which inode lies in a folder under which name, read once a folder.
#[derive(Default)]
struct Folders(HashMap<PathBuf, HashMap<(u64, u64), OsString>>);

impl Folders {
    fn find(&mut self, folder: Option<&Path>, device: u64, inode: u64) -> Option<PathBuf> {
        let folder = folder?;
        let names = self.0.entry(folder.to_owned()).or_insert_with(|| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let key = |entry: fs::DirEntry| {
                let meta = entry.metadata().ok()?;
                Some(((meta.dev(), meta.ino()), entry.file_name()))
            };
            entries.filter_map(key).collect()
        });
        names.get(&(device, inode)).map(|name| folder.join(name))
    }
}
