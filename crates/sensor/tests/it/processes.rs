//! exec, fork, exit.

use crate::watching::{Watching, config, me};
use event::{ExecSeen, FileIdentity, Observation, Observed};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

fn exec(seen: &Observation) -> Option<ExecSeen> {
    match &seen.what {
        Observed::Exec(exec) => Some((**exec).clone()),
        _ => None,
    }
}

#[test]
fn an_exec_tells_the_file_the_arguments_and_the_place() {
    let mut watching = Watching::start();
    let mut child = Command::new("/bin/sh").args(["-c", "exit 3"]).current_dir("/usr/share").spawn().unwrap();
    child.wait().unwrap();
    let exec = watching.find(child.id(), exec);
    let real = fs::canonicalize("/bin/sh").unwrap();
    let meta = fs::metadata(&real).unwrap();
    assert_eq!(*exec.executable, *real.to_str().unwrap());
    assert_eq!(*exec.requested, *"/bin/sh");
    assert_eq!(exec.arguments, b"/bin/sh\0-c\0exit 3\0");
    assert_eq!(exec.working_directory.as_deref(), Some("/usr/share"));
    assert_eq!(*exec.comm, *"sh");
    let ctime = event::Timestamp(meta.ctime() * 1_000_000_000 + meta.ctime_nsec());
    let expected = FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.size() };
    assert_eq!(exec.file, Some(expected));
    assert!(!exec.deleted && !exec.memfd && !exec.raised);
    assert!(exec.mount_namespace != 0 && exec.pid_namespace != 0);
    let status = watching.find(child.id(), |seen| match seen.what {
        Observed::Exit { status } => Some(status),
        _ => None,
    });
    assert_eq!(status, 3 << 8);
}

#[test]
fn a_fork_names_parent_and_child_by_their_starts() {
    let mut watching = Watching::start();
    let mut child = Command::new("/bin/true").spawn().unwrap();
    child.wait().unwrap();
    let id = child.id();
    let child_start = watching.find(me(), |seen| match seen.what {
        Observed::Fork { child_tgid, child_start_boottime_ns, .. } if child_tgid == id => Some(child_start_boottime_ns),
        _ => None,
    });
    let actor = watching.find(id, |seen| exec(seen).map(|_| seen.actor.clone()));
    assert_eq!(actor.start_boottime_ns, child_start);
    assert_eq!(actor.parent_tgid, me());
    let snapshot = watching.sensor.snapshot().unwrap();
    let this = snapshot.iter().find(|p| p.actor.tgid == me()).unwrap();
    let tick = |ns: u64| ns / event::ids::NANOS_PER_TICK;
    assert_eq!(tick(actor.parent_start_boottime_ns), tick(this.actor.start_boottime_ns));
}

#[test]
fn a_hostile_argv_is_cut_and_says_so() {
    let mut watching = Watching::start();
    let hostile = OsStr::from_bytes(b"\xff\xfe\x1b[2J\n\x01");
    let huge = "x".repeat(120_000);
    let mut child = Command::new("/bin/true").arg(hostile).args([&huge; 10]).spawn().unwrap();
    child.wait().unwrap();
    let exec = watching.find(child.id(), exec);
    assert_eq!(exec.arguments_total, 10 + 9 + 10 * 120_001);
    assert!(exec.arguments.len() >= 2048 && exec.arguments.len() <= 8192, "{}", exec.arguments.len());
    assert!(exec.arguments.starts_with(b"/bin/true\0\xff\xfe\x1b[2J\n\x01\0xxx"));
}

#[test]
fn a_script_shows_its_interpreter() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, "#!/bin/sh\nexit 0\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut child = Command::new(&script).spawn().unwrap();
    child.wait().unwrap();
    let exec = watching.find(child.id(), exec);
    assert_eq!(*exec.requested, *script.to_str().unwrap());
    assert_eq!(exec.interpreter.as_deref(), Some("/bin/sh"));
    assert_eq!(*exec.executable, *fs::canonicalize("/bin/sh").unwrap().to_str().unwrap());
}

#[test]
fn a_program_in_a_memfd_is_known_as_one() {
    let mut watching = Watching::start();
    // SAFETY: a literal name; the result is checked.
    let fd = unsafe { libc::memfd_create(c"payload".as_ptr(), 0) };
    assert!(fd >= 0);
    // SAFETY: the descriptor was just made and is nobody else's.
    let mut file = unsafe { fs::File::from_raw_fd(fd) };
    file.write_all(&fs::read("/bin/true").unwrap()).unwrap();
    let mut child = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd())).arg0("harmless").spawn().unwrap();
    child.wait().unwrap();
    let exec = watching.find(child.id(), exec);
    assert!(exec.memfd && !exec.deleted, "{exec:?}");
    assert_eq!(*exec.executable, *"/memfd:payload");
    assert_eq!(exec.arguments, b"harmless\0");
}

#[test]
fn a_deleted_program_is_known_as_one() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("gone");
    fs::copy("/bin/true", &program).unwrap();
    let file = fs::File::open(&program).unwrap();
    fs::remove_file(&program).unwrap();
    let mut child = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd())).spawn().unwrap();
    child.wait().unwrap();
    let exec = watching.find(child.id(), exec);
    assert!(exec.deleted && !exec.memfd, "{exec:?}");
    assert_eq!(*exec.executable, *program.to_str().unwrap());
}

#[test]
fn own_processes_make_no_record() {
    let mut watching = Watching::with(sensor::Config { own_tgids: vec![me()], own_children: true, ..config() }, None);
    let mut child = Command::new("/bin/sh").args(["-c", "/bin/true; /bin/true"]).spawn().unwrap();
    child.wait().unwrap();
    watching.settle();
    assert_eq!(watching.of(me()).count(), 0);
    assert_eq!(watching.of(child.id()).count(), 0);
}

#[test]
fn a_full_ring_counts_what_it_lost() {
    let mut watching = Watching::with(sensor::Config { ring_bytes: 4096, ..config() }, None);
    for _ in 0..60 {
        Command::new("/bin/true").status().unwrap();
    }
    watching.settle();
    let lost = watching.sensor.loss();
    assert!(lost.get(&event::LossKind::Process).is_some_and(|n| *n >= 60), "{lost:?}");
    assert!(watching.sensor.seen() <= watching.sensor.told());
}
