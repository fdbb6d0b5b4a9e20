//! `cli_scan`: what it looks at, what it leaves out, and how it ends.

use crate::world::{World, eicar, scanner};
use scan::{ScanReport, Summary, Verdict, WalkOptions, cli_scan};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

fn run(paths: &[PathBuf], options: &WalkOptions) -> (Summary, Vec<ScanReport>, u64) {
    let mut reports = Vec::new();
    let mut last = 0;
    let summary = cli_scan(&scanner(), paths, options, &mut |r| reports.push(r), &mut |p| last = p.files);
    reports.sort_by(|a, b| a.path.cmp(&b.path));
    (summary, reports, last)
}

#[test]
fn walks_folders_and_tells_what_it_leaves_out() {
    let world = World::new();
    world.file("a/b/eicar", eicar());
    world.file("a/clean", "x");
    world.file(OsStr::from_bytes(b"a/caf\xff\x1b[2J"), "x");
    symlink("/etc", world.path("a/etc")).unwrap();
    symlink("b", world.path("a/loop")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, world.path("a/pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let (summary, reports, files) = run(&[world.path("a")], &WalkOptions::default());
    let base = world.path("a").display().to_string();
    let seen: Vec<_> = reports.iter().map(|r| (r.path.strip_prefix(&base).unwrap(), r.verdict)).collect();
    let expected = [
        ("/b/eicar", Verdict::Malicious),
        ("/caf\\xff\x1b[2J", Verdict::Clean),
        ("/clean", Verdict::Clean),
        ("/pipe", Verdict::Incomplete),
    ];
    assert_eq!(seen, expected);
    assert_eq!((summary.files, summary.skipped, summary.exit_code(), files), (3, 1, 1, 3));
}

#[test]
fn exit_codes() {
    let world = World::new();
    world.file("clean/x", "x");
    world.file("bad/x", eicar());
    let check = |paths: &[&str], expected: i32| {
        let paths: Vec<PathBuf> = paths.iter().map(|p| world.path(p)).collect();
        let (summary, _, _) = run(&paths, &WalkOptions::default());
        assert_eq!(summary.exit_code(), expected, "{paths:?}: {summary:?}");
    };
    check(&["clean"], 0);
    check(&["clean", "bad"], 1);
    check(&["clean", "absent"], 2);
    check(&["bad", "absent"], 1);
    check(&["bad/x"], 1);
}

#[test]
fn kernel_file_systems_are_not_entered_and_exclusions_hold() {
    let world = World::new();
    world.file("a/x", "x");
    let (summary, reports, _) = run(&["/proc/self".into(), "/sys/kernel".into()], &WalkOptions::default());
    assert_eq!((summary.files, summary.skipped, reports.len()), (0, 2, 2));
    let options = WalkOptions { exclude: vec![world.path("a")], only_findings: true };
    world.file("b/eicar", eicar());
    let (summary, reports, _) = run(&[world.dir.path().into()], &options);
    assert_eq!((summary.files, reports.len()), (1, 1));
}
