//! The watched trees from end to end, on every core: who is asked for names and facts goes on while another reads contents.
//!
//! Names of a folder are looked at in order of inodes, contents read in large pieces without moving access times. A folder
//! or file that goes meanwhile is no fault; what is there and cannot be read is counted and told.

use crate::read::{facts_of, hash_file};
use crate::{Content, Facts, Kind, ReadError, Scope};
use parking_lot::{Condvar, Mutex};
use std::num::NonZero;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirEntryExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Contents that one thread takes at once: so many files, or so many bytes.
const TAKEN: usize = 64;
const TAKEN_BYTES: u64 = 16 << 20;
/// Faults told in words; the rest is counted.
const MOST_FAULTS: usize = 100;

/// What a visitor wants of a file whose facts it was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Nothing,
    Content,
}

pub trait Visitor: Sync {
    /// Facts without content, of everything that is watched.
    fn wants(&self, path: &Path, facts: &Facts) -> Wanted;
    /// What was wanted, with its content; everything that has no content comes here too where it was wanted.
    fn take(&self, path: PathBuf, facts: Facts);
}

#[derive(Debug, Default)]
pub struct Progress {
    pub files: AtomicU64,
    pub bytes: AtomicU64,
    /// Set by whoever wants the walk to end early.
    pub stop: AtomicBool,
}

#[derive(Clone, Debug, Default)]
pub struct WalkReport {
    pub files: u64,
    pub hashed: u64,
    pub bytes: u64,
    /// There and not readable.
    pub unread: u64,
    /// The first of those, in words.
    pub faults: Vec<String>,
}

enum Job {
    Folder(PathBuf),
    Contents(Vec<(PathBuf, Facts)>),
}

struct Queue {
    jobs: Mutex<(Vec<Job>, usize)>,
    changed: Condvar,
}

/// Visits everything below the scope's roots. `threads` 0 is as many as there are cores.
pub fn walk(scope: &Scope, threads: usize, progress: &Progress, visitor: &dyn Visitor) -> WalkReport {
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(2, NonZero::get),
        n => n,
    };
    let queue = Queue { jobs: Mutex::new((Vec::new(), 0)), changed: Condvar::new() };
    let report = Mutex::new(WalkReport::default());
    let worker = || {
        let mut walker =
            Walker { scope, queue: &queue, progress, visitor, buffer: Vec::new(), report: WalkReport::default() };
        while let Some(job) = queue.next() {
            if !progress.stop.load(Ordering::Relaxed) {
                walker.run(job);
            }
            queue.done();
        }
        report.lock().add(walker.report);
    };
    {
        let mut first =
            Walker { scope, queue: &queue, progress, visitor, buffer: Vec::new(), report: WalkReport::default() };
        for root in scope.roots() {
            first.look(root.clone(), &mut Vec::new());
        }
        report.lock().add(first.report);
    }
    std::thread::scope(|threads_of| {
        for _ in 1..threads {
            threads_of.spawn(worker);
        }
        worker();
    });
    report.into_inner()
}

struct Walker<'a> {
    scope: &'a Scope,
    queue: &'a Queue,
    progress: &'a Progress,
    visitor: &'a dyn Visitor,
    buffer: Vec<u8>,
    report: WalkReport,
}

impl Walker<'_> {
    fn run(&mut self, job: Job) {
        match job {
            Job::Folder(folder) => self.folder(&folder),
            Job::Contents(files) => files.into_iter().for_each(|(path, facts)| self.content(path, facts)),
        }
    }

    fn folder(&mut self, folder: &Path) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.fault(format!("cannot read the folder {}: {error}", folder.display())),
        };
        let mut found: Vec<(u64, PathBuf)> = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => found.push((entry.ino(), entry.path())),
                Err(error) => self.fault(format!("cannot read the folder {}: {error}", folder.display())),
            }
        }
        found.sort_unstable();
        let mut contents = Vec::new();
        for (_, path) in found {
            self.look(path, &mut contents);
        }
        self.hand_on(&mut contents);
    }

    fn look(&mut self, path: PathBuf, contents: &mut Vec<(PathBuf, Facts)>) {
        if !self.scope.covers_path(&path) {
            return;
        }
        let facts = match facts_of(&path) {
            Ok(Some(facts)) => facts,
            Ok(None) => return,
            Err(error) => return self.fault(error.to_string()),
        };
        self.report.files += 1;
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        if facts.kind == Kind::Directory && !is_pseudo(&path, facts.device) {
            self.queue.add(Job::Folder(path.clone()));
        }
        if self.visitor.wants(&path, &facts) == Wanted::Nothing {
            return;
        }
        if facts.kind != Kind::File {
            return self.visitor.take(path, facts);
        }
        contents.push((path, facts));
        let bytes: u64 = contents.iter().map(|(_, facts)| facts.size).sum();
        if contents.len() >= TAKEN || bytes >= TAKEN_BYTES {
            self.hand_on(contents);
        }
    }

    fn hand_on(&self, contents: &mut Vec<(PathBuf, Facts)>) {
        if !contents.is_empty() {
            self.queue.add(Job::Contents(std::mem::take(contents)));
        }
    }

    fn content(&mut self, path: PathBuf, mut facts: Facts) {
        if self.progress.stop.load(Ordering::Relaxed) {
            return;
        }
        let mut hashed = hash_file(&path, &facts, false, &mut self.buffer);
        if hashed.is_err() {
            // Written anew since it was looked at: once more.
            match facts_of(&path) {
                Ok(Some(fresh)) if fresh.kind == Kind::File => {
                    facts = fresh;
                    hashed = hash_file(&path, &facts, false, &mut self.buffer);
                }
                _ => {}
            }
        }
        match hashed {
            Ok(hashes) => {
                facts.content = Content::Sha256(hashes.sha256);
                self.report.hashed += 1;
                self.report.bytes += facts.size;
                self.progress.bytes.fetch_add(facts.size, Ordering::Relaxed);
            }
            Err(ReadError { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                self.report.files -= 1;
                return;
            }
            Err(error) => self.fault(error.to_string()),
        }
        self.visitor.take(path, facts);
    }

    fn fault(&mut self, words: String) {
        self.report.unread += 1;
        if self.report.faults.len() < MOST_FAULTS {
            self.report.faults.push(words);
        }
    }
}

/// What the kernel makes up as it is read holds nothing to watch.
fn is_pseudo(path: &Path, device: u64) -> bool {
    const PSEUDO: [u64; 9] = [
        0x9fa0,      // proc
        0x6265_6572, // sysfs
        0x0027_e0eb, // cgroup
        0x6367_7270, // cgroup2
        0x6462_6720, // debugfs
        0x7472_6163, // tracefs
        0x7363_6673, // securityfs
        0x1cd1,      // devpts
        0xcafe_4a11, // bpf
    ];
    let other =
        path.parent().and_then(|above| above.symlink_metadata().ok()).is_some_and(|above| above.dev() != device);
    let magic = |stat: rustix::fs::StatFs| PSEUDO.contains(&(stat.f_type as u64 & 0xffff_ffff));
    other && rustix::fs::statfs(path.as_os_str().as_bytes()).is_ok_and(magic)
}

impl Queue {
    fn add(&self, job: Job) {
        self.jobs.lock().0.push(job);
        self.changed.notify_one();
    }

    /// None when nothing waits and nobody works that could bring more.
    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock();
        loop {
            if let Some(job) = jobs.0.pop() {
                jobs.1 += 1;
                return Some(job);
            }
            if jobs.1 == 0 {
                self.changed.notify_all();
                return None;
            }
            self.changed.wait(&mut jobs);
        }
    }

    fn done(&self) {
        let mut jobs = self.jobs.lock();
        jobs.1 -= 1;
        if jobs.1 == 0 {
            self.changed.notify_all();
        }
    }
}

impl WalkReport {
    fn add(&mut self, other: WalkReport) {
        self.files += other.files;
        self.hashed += other.hashed;
        self.bytes += other.bytes;
        self.unread += other.unread;
        self.faults.extend(other.faults);
        self.faults.truncate(MOST_FAULTS);
    }
}
