//! The pipeline's end: of each file event only the path, who and when, and only of watched files. Never waits.

use ::integrity::Scope;
use crossbeam_channel::{Receiver, Sender, unbounded};
use event::{Event, EventKind, FileIdentity, FileOp, Process, Timestamp};
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// What may wait: beyond it everything is compared with the disk instead.
const MOST: u64 = 262_144;

#[derive(Clone, Debug)]
pub struct Heard {
    pub path: Arc<str>,
    /// Of a rename: the name before.
    pub from: Option<Arc<str>>,
    pub time: Timestamp,
    pub process: Option<Arc<Process>>,
    pub parent: Option<Arc<Process>>,
    pub identity: Option<FileIdentity>,
    /// A rename, a removal: the act leaves nothing half done.
    pub finished: bool,
    /// When it came here, by a clock that nobody sets.
    pub at: Instant,
}

#[derive(Clone)]
pub struct Ear {
    pub armed: Arc<AtomicBool>,
    pub scope: Arc<RwLock<Arc<Scope>>>,
    pub missed: Arc<AtomicU64>,
    pub waiting: Arc<AtomicU64>,
    heard: Sender<Heard>,
}

impl Ear {
    pub fn new() -> (Ear, Receiver<Heard>) {
        let (heard, queue) = unbounded();
        let scope = Arc::new(RwLock::new(Arc::new(Scope::of([], []))));
        (Ear { armed: Arc::default(), scope, missed: Arc::default(), waiting: Arc::default(), heard }, queue)
    }

    pub fn offer(&self, event: &Event) {
        if !self.armed.load(Ordering::Relaxed) {
            return;
        }
        let EventKind::File(file) = &event.kind else { return };
        if matches!(file.op, FileOp::OpenRead | FileOp::OpenWrite { .. }) {
            return;
        }
        let process = event.process.as_deref();
        let scope = self.scope.read();
        let other = match &file.op {
            FileOp::Rename { from } => Some(from),
            // A link more makes the file's other name another as well.
            FileOp::HardLink { existing } => Some(existing),
            _ => None,
        };
        let covers = |path: &str| scope.covers(path) && !is_half_unpacked(path, process);
        let other = other.filter(|path| covers(path));
        let covers = covers(&file.file.path);
        if !covers && other.is_none() {
            return;
        }
        let heard = |path: &Arc<str>, from: Option<&Arc<str>>| Heard {
            path: Arc::clone(path),
            from: from.cloned(),
            time: event.time,
            process: event.process.clone(),
            parent: event.parent.clone(),
            identity: file.file.identity,
            finished: matches!(
                file.op,
                FileOp::Rename { .. } | FileOp::Unlink | FileOp::RemoveDirectory | FileOp::SymbolicLink { .. }
            ),
            at: Instant::now(),
        };
        let is_rename = matches!(file.op, FileOp::Rename { .. });
        if covers {
            self.send(heard(&file.file.path, other.filter(|_| is_rename)));
        }
        if let Some(other) = other {
            self.send(Heard { identity: None, ..heard(other, None) });
        }
    }

    fn send(&self, heard: Heard) {
        if self.waiting.load(Ordering::Relaxed) >= MOST || self.heard.send(heard).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        } else {
            self.waiting.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What a package manager writes beside a file's place and moves there a moment later. By its name alone nothing is let
/// pass: somebody else's file of such a name is heard of; and one that is left behind is found by the next comparison.
fn is_half_unpacked(path: &str, process: Option<&Process>) -> bool {
    let by = |programs: &[&str]| {
        process.is_some_and(|one| {
            one.container.is_none() && one.user.credentials.euid == 0 && programs.contains(&&*one.executable)
        })
    };
    if path.ends_with(".dpkg-new") || path.ends_with(".dpkg-tmp") {
        return by(&["/usr/bin/dpkg"]);
    }
    let of_rpm = path.rsplit_once(';').is_some_and(|(_, number)| {
        number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
    });
    of_rpm && by(&["/usr/bin/rpm", "/usr/bin/dnf5", "/usr/bin/microdnf", "/usr/bin/zypper"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{File, FileEvent, Via};

    #[test]
    fn only_changes_of_watched_files_are_heard() {
        let (ear, heard) = Ear::new();
        *ear.scope.write() = Arc::new(Scope::of(["/etc".to_owned()], ["**/*.dpkg-new".into()]));
        let offer = |path: &str, op: FileOp| {
            let kind = EventKind::File(FileEvent { op, file: File::at(path) });
            ear.offer(&Event { sequence: 0, time: Timestamp(0), via: Via::Syscall, process: None, parent: None, kind });
            heard
                .try_iter()
                .map(|one| (one.path.to_string(), one.from.map(|from| from.to_string())))
                .collect::<Vec<_>>()
        };
        assert!(offer("/etc/x", FileOp::WriteClose).is_empty(), "nobody listens yet");
        ear.armed.store(true, Ordering::Relaxed);
        let one = |path: &str| vec![(path.to_owned(), None)];
        assert_eq!(offer("/etc/x", FileOp::WriteClose), one("/etc/x"));
        assert!(offer("/etc/x", FileOp::OpenRead).is_empty());
        assert!(offer("/srv/x", FileOp::WriteClose).is_empty());
        let rename = |from: &str| FileOp::Rename { from: from.into() };
        assert_eq!(offer("/etc/x", rename("/etc/x.dpkg-new")), one("/etc/x"));
        assert_eq!(offer("/srv/x", rename("/etc/x")), one("/etc/x"));
        let both = vec![("/etc/y".to_owned(), Some("/etc/x".to_owned())), ("/etc/x".to_owned(), None)];
        assert_eq!(offer("/etc/y", rename("/etc/x")), both);
    }

    #[test]
    fn a_name_alone_lets_nothing_pass() {
        let by = |executable: &str, euid| {
            let mut process = Process { executable: executable.into(), ..Process::default() };
            process.user.credentials.euid = euid;
            process
        };
        let check = |path: &str, process: Option<&Process>, expected: bool| {
            assert_eq!(is_half_unpacked(path, process), expected, "{path} {process:?}");
        };
        check("/usr/bin/x.dpkg-new", Some(&by("/usr/bin/dpkg", 0)), true);
        check("/usr/bin/x.dpkg-new", Some(&by("/usr/bin/dpkg", 1000)), false);
        check("/usr/bin/x.dpkg-new", Some(&by("/usr/bin/cp", 0)), false);
        check("/usr/bin/x.dpkg-new", None, false);
        check("/usr/bin/x", Some(&by("/usr/bin/dpkg", 0)), false);
        check("/usr/bin/x;65f0a1b2", Some(&by("/usr/bin/rpm", 0)), true);
        check("/usr/bin/x;65F0a1b2", Some(&by("/usr/bin/rpm", 0)), false);
        check("/usr/bin/x;65f0a1b2", Some(&by("/usr/bin/dpkg", 0)), false);
    }
}
