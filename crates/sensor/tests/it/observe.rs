//! No BPF at all: the proc connector and fanotify.

use crate::watching::{Watching, config, me};
use event::{EventKind, FileOp, Observed, Tier};
use std::fs;
use std::process::Command;

#[test]
fn processes_and_files_are_seen_without_bpf() {
    let mut watching = Watching::with(config(), Some(Tier::Observe));
    assert_eq!(watching.sensor.tier(), Tier::Observe);
    assert!(watching.sensor.probe().reason.contains("asked for"));
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let mut child = Command::new("/bin/sleep").arg("30").spawn().unwrap();
    let exec = watching.find(child.id(), |seen| match &seen.what {
        Observed::Exec(exec) => Some((**exec).clone()),
        _ => None,
    });
    assert_eq!(*exec.executable, *fs::canonicalize("/bin/sleep").unwrap().to_str().unwrap());
    assert_eq!(exec.arguments, b"/bin/sleep\x0030\0");
    child.kill().unwrap();
    child.wait().unwrap();
    let status = watching.find(child.id(), |seen| match seen.what {
        Observed::Exit { status } => Some(status),
        _ => None,
    });
    assert_eq!(status & 0x7f, 9);
    fs::write(&one, "x").unwrap();
    fs::rename(&one, &two).unwrap();
    fs::remove_file(&two).unwrap();
    let from = one.to_str().unwrap();
    for (op, path) in [
        (FileOp::Create, &one),
        (FileOp::WriteClose, &one),
        (FileOp::Rename { from: from.into() }, &two),
        (FileOp::Unlink, &two),
    ] {
        watching.find_kind(me(), |kind| match kind {
            EventKind::File(event) => (event.op == op && *event.file.path == *path.to_str().unwrap()).then_some(()),
            _ => None,
        });
    }
}
