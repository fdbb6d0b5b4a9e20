//! Files written, named, changed, and read where policy watches.

use crate::watching::{Watching, config, me};
use event::{EventKind, FileEvent, FileOp};
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

fn file(kind: &EventKind, op: impl Fn(&FileOp) -> bool, path: &Path) -> Option<FileEvent> {
    match kind {
        EventKind::File(event) if op(&event.op) && *event.file.path == *path.to_str().unwrap() => Some(event.clone()),
        _ => None,
    }
}

#[test]
fn a_file_is_followed_from_its_making_to_its_end() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    fs::write(&one, "x").unwrap();
    fs::write(&one, "xy").unwrap();
    fs::set_permissions(&one, fs::Permissions::from_mode(0o4755)).unwrap();
    let meta = fs::metadata(&one).unwrap();
    fs::rename(&one, &two).unwrap();
    fs::remove_file(&two).unwrap();
    let mut find = |op: fn(&FileOp) -> bool, path: &Path| watching.find_kind(me(), |kind| file(kind, op, path));
    find(|op| *op == FileOp::Create, &one);
    find(|op| *op == FileOp::OpenWrite { truncate: true }, &one);
    let close = find(|op| *op == FileOp::WriteClose, &one);
    let identity = close.file.identity.unwrap();
    assert_eq!((identity.inode, identity.dev), (meta.ino(), meta.dev()));
    assert_eq!(close.file.owner, Some((meta.uid(), meta.gid())));
    find(
        |op| {
            *op == FileOp::ChangeMode { mode: 0o4755 }
                || matches!(op, FileOp::ChangeMode { mode } if mode & 0o7777 == 0o4755)
        },
        &one,
    );
    let rename = find(|op| matches!(op, FileOp::Rename { .. }), &two);
    assert_eq!(rename.op.other_path(), one.to_str());
    find(|op| *op == FileOp::Unlink, &two);
}

#[test]
fn what_failed_is_not_told() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert!(fs::remove_file(&missing).is_err());
    assert!(fs::rename(&missing, folder.path().join("other")).is_err());
    fs::create_dir(folder.path().join("there")).unwrap();
    watching.find_kind(me(), |kind| file(kind, |op| *op == FileOp::CreateDirectory, &folder.path().join("there")));
    let named = |seen: &event::Observation| format!("{:?}", seen.what).contains("missing");
    assert!(!watching.of(me()).any(named));
}

#[test]
fn links_directories_attributes_and_sizes() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "x").unwrap();
    fs::hard_link(at("file"), at("hard")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", at("soft")).unwrap();
    std::os::unix::fs::chown(at("file"), Some(12), Some(34)).unwrap();
    fs::File::options().write(true).open(at("file")).unwrap().set_len(77).unwrap();
    fs::create_dir(at("dir")).unwrap();
    fs::remove_dir(at("dir")).unwrap();
    let path = CString::new(at("file").to_str().unwrap()).unwrap();
    // SAFETY: NUL-terminated strings and a buffer with its length; SAFETY of mknod: the same.
    unsafe { libc::setxattr(path.as_ptr(), c"user.tamon".as_ptr(), b"1".as_ptr().cast(), 1, 0) };
    let pipe = CString::new(at("pipe").to_str().unwrap()).unwrap();
    // SAFETY: a NUL-terminated path.
    assert_eq!(unsafe { libc::mknod(pipe.as_ptr(), libc::S_IFIFO | 0o600, 0) }, 0);
    let mut find = |op: fn(&FileOp) -> bool, name: &str| watching.find_kind(me(), |kind| file(kind, op, &at(name)));
    let hard = find(|op| matches!(op, FileOp::HardLink { .. }), "hard");
    assert_eq!(hard.op.other_path(), at("file").to_str());
    let soft = find(|op| matches!(op, FileOp::SymbolicLink { .. }), "soft");
    assert_eq!(soft.op.other_path(), Some("/etc/passwd"));
    find(|op| *op == FileOp::ChangeOwner { uid: 12, gid: 34 }, "file");
    find(|op| *op == FileOp::Truncate { size: 77 }, "file");
    find(|op| *op == FileOp::CreateDirectory, "dir");
    find(|op| *op == FileOp::RemoveDirectory, "dir");
    find(|op| matches!(op, FileOp::CreateNode { mode } if mode & libc::S_IFMT == libc::S_IFIFO), "pipe");
}

#[test]
fn relative_names_hang_where_the_process_stands() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let script = "mkdir a; cd a; echo x > f; mv f ../g; rm ./../g";
    let mut child = Command::new("/bin/sh").args(["-c", script]).current_dir(folder.path()).spawn().unwrap();
    child.wait().unwrap();
    let expected = folder.path().join("a/f");
    // dash puts the descriptor over its own output and takes it back: the file ends there, without a close.
    watching.find_kind(child.id(), |kind| file(kind, |op| *op == FileOp::WriteClose, &expected));
    let moved = folder.path().join("g");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let seen = |watching: &Watching, op: fn(&FileOp) -> bool| {
        watching.seen.iter().any(|seen| match &seen.what {
            event::Observed::Other(kind) => file(kind, op, &moved).is_some(),
            _ => false,
        })
    };
    // mv and rm are children of their own.
    while !(seen(&watching, |op| matches!(op, FileOp::Rename { .. })) && seen(&watching, |op| *op == FileOp::Unlink)) {
        watching.settle();
        assert!(std::time::Instant::now() < end, "rename or unlink of {moved:?} not seen");
    }
}

#[test]
fn a_file_held_at_the_end_is_closed_then() {
    let mut watching = Watching::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("held");
    let script = format!("exec 5>{}; echo x >&5; exit 0", path.display());
    let mut child = Command::new("/bin/sh").args(["-c", &script]).spawn().unwrap();
    child.wait().unwrap();
    let close = watching.find_kind(child.id(), |kind| file(kind, |op| *op == FileOp::WriteClose, &path));
    assert_eq!(close.file.identity.unwrap().size, 2);
}

#[test]
fn reads_are_told_where_watched_and_only_there() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("keys")).unwrap();
    for name in ["decoy", "plain", "keys/id"] {
        fs::write(at(name), "secret").unwrap();
    }
    let watched = vec![at("decoy").display().to_string(), format!("{}/*/", folder.path().display())];
    let mut watching = Watching::with(sensor::Config { watched_reads: watched, ..config() }, None);
    for name in ["plain", "decoy", "keys/id"] {
        fs::read(at(name)).unwrap();
    }
    for name in ["decoy", "keys/id"] {
        watching.find_kind(me(), |kind| file(kind, |op| *op == FileOp::OpenRead, &at(name)));
    }
    let plain = at("plain");
    assert!(!watching.of(me()).any(|seen| format!("{:?}", seen.what).contains(plain.to_str().unwrap())));
}

#[test]
fn ignored_places_and_pseudo_files_are_silent() {
    let folder = tempfile::tempdir().unwrap();
    let quiet = folder.path().join("quiet");
    fs::create_dir_all(quiet.join("deep")).unwrap();
    let ignored_prefixes = vec![format!("{}/", quiet.display())];
    let mut watching = Watching::with(sensor::Config { ignored_prefixes, ..config() }, None);
    fs::write(quiet.join("deep/a"), "x").unwrap();
    fs::rename(quiet.join("deep/a"), quiet.join("b")).unwrap();
    fs::write("/proc/self/comm", "tester").unwrap();
    fs::write(folder.path().join("loud"), "x").unwrap();
    watching.find_kind(me(), |kind| file(kind, |op| *op == FileOp::WriteClose, &folder.path().join("loud")));
    let told = |what: &str| watching.of(me()).any(|seen| format!("{:?}", seen.what).contains(what));
    assert!(!told("/quiet/") && !told("/proc/"));
}

#[test]
fn a_write_into_another_process_through_proc_is_told() {
    let mut watching = Watching::start();
    let path = format!("/proc/{}/mem", me());
    drop(fs::File::options().write(true).open(&path).unwrap());
    watching.find_kind(me(), |kind| file(kind, |op| matches!(op, FileOp::OpenWrite { .. }), Path::new(&path)));
}

/// Through these the kernel itself starts programs; everything else of its own stays untold. Nothing is written.
#[test]
fn settings_of_the_kernel_are_told_wherever_they_are_ignored() {
    let config =
        sensor::Config { ignored_prefixes: vec!["/proc/".into(), "/sys/".into()], ..crate::watching::config() };
    let mut watching = Watching::with(config, None);
    let open = |path: &str| std::fs::File::options().write(true).open(path).unwrap();
    open("/proc/self/oom_score_adj");
    open("/proc/sys/kernel/core_pattern");
    let told = |kind: &EventKind| match kind {
        EventKind::File(event) if event.file.path.starts_with("/proc/") => Some(event.file.path.to_string()),
        _ => None,
    };
    assert_eq!(watching.find_kind(me(), told), "/proc/sys/kernel/core_pattern");
}
