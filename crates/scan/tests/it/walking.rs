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
    let summary = cli_scan(&scanner(), paths, options, &mut |r| reports.push(r), &mut |p| last = p.files).unwrap();
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
    let options = WalkOptions { exclude: vec![world.path("a")], only_findings: true, ..WalkOptions::default() };
    world.file("b/eicar", eicar());
    let (summary, reports, _) = run(&[world.dir.path().into()], &options);
    assert_eq!((summary.files, reports.len()), (1, 1));
}

#[test]
fn a_scan_ends_when_it_is_told_to() {
    let world = World::new();
    (0..600).for_each(|n| drop(world.file(format!("tree/{n:03}"), format!("{n}"))));
    let options = WalkOptions::default();
    let stop = std::sync::Arc::clone(&options.stop);
    let mut seen = 0;
    let mut on_report = |_: ScanReport| {
        seen += 1;
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let summary = cli_scan(&scanner(), &[world.path("tree")], &options, &mut on_report, &mut |_| {}).unwrap();
    assert_eq!(summary.files, seen);
    assert!((1..600).contains(&seen), "{seen}");
}

#[test]
fn an_interrupted_scan_goes_on_where_it_was() {
    let world = World::new();
    for n in 0..40 {
        world.file(format!("tree/{}/{n:02}", n % 4), if n == 7 { eicar() } else { format!("{n}") });
    }
    let journal = world.path("journal");
    let options = WalkOptions { resume: Some(journal.clone()), ..WalkOptions::default() };
    let roots = [world.path("tree")];
    let scanner = scanner();
    let kept = std::sync::Mutex::new(None);
    let mut first = Vec::new();
    let whole = cli_scan(
        &scanner,
        &roots,
        &options,
        &mut |report| {
            first.push(report.path);
            // What an interruption would have left behind, some way in.
            if first.len() == 25 {
                std::thread::sleep(std::time::Duration::from_millis(1_100));
            }
            if first.len() == 30 {
                *kept.lock().unwrap() = std::fs::read(&journal).ok();
            }
        },
        &mut |_| {},
    )
    .unwrap();
    assert!(!journal.exists(), "it is through");
    std::fs::write(&journal, kept.into_inner().unwrap().unwrap()).unwrap();
    let mut second = Vec::new();
    let again = cli_scan(&scanner, &roots, &options, &mut |report| second.push(report.path), &mut |_| {}).unwrap();
    assert_eq!(again, whole, "what was counted before counts");
    assert!(second.len() < 40, "{} files again", second.len());
    let all: std::collections::BTreeSet<_> = first[..30].iter().chain(&second).collect();
    assert_eq!(all.len(), 40, "no file is left out");
}

#[test]
fn what_was_found_clean_is_not_looked_at_again_until_it_or_the_signatures_change() {
    let world = World::new();
    let cache = scan::VerdictCache::open(&world.path("verdicts")).unwrap();
    let scanner = scanner().with_cache(cache);
    // Of the distribution, and so settled; the test's own files are too young to be remembered.
    let old: PathBuf = "/etc/debian_version".into();
    let young = world.file("young", "x");
    for round in 0..2 {
        let report = scanner.scan_path(&old);
        assert_eq!((report.verdict, report.cached), (Verdict::Clean, round == 1), "{report:?}");
        assert!(report.sha256.is_some());
        assert!(!scanner.scan_path(&young).cached);
    }
    let rules = world.file("rules.yar", "rule every { condition: true }");
    scanner.reload(scan::ScanConfig { signatures: vec![rules], ..crate::world::config() }).unwrap();
    assert_eq!(scanner.scan_path(&old).verdict, Verdict::Malicious);
}
