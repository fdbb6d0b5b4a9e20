//! On the running host: the snapshot, and keys that the kernel and /proc share.

use enrich::{Config, Enricher};
use event::ProcessKey;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Large programs are left out: without optimisation hashing them takes longer than the tests.
fn this_host() -> Enricher {
    Enricher::new(Config { hash_max_bytes: 256 << 10, ..Config::for_this_host().unwrap() }).unwrap()
}

#[test]
fn the_snapshot_tells_a_living_child_with_its_whole_lineage() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let enricher = this_host();
    assert!(enricher.snapshot_proc() > 1);
    assert!(enricher.settle(Duration::from_secs(60)));
    let process = enricher.by_pid(child.id()).unwrap();
    let me = enricher.by_pid(std::process::id()).unwrap();
    assert_eq!(process.parent, Some(me.key));
    let lineage = enricher.lineage(&process.key);
    assert_eq!((lineage[0].name.as_str(), lineage[1].pid), ("cat", me.key.tgid));
    assert_eq!(lineage.last().unwrap().pid, 1);
    assert!(process.sha256.is_some() && process.user.name.is_some());
    if std::path::Path::new("/var/lib/dpkg/info/coreutils.list").exists() {
        assert_eq!(process.package.as_ref().map(|p| &*p.name), Some("coreutils"));
    }
    assert!(enricher.process(&ProcessKey { start_ticks: process.key.start_ticks + 1, ..process.key }).is_none());
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// The observe tier knows pids only: zeros in the observation are not root, and /proc tells the rest.
#[test]
fn a_pid_alone_is_completed_from_proc() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let enricher = this_host();
    let actor = event::Actor { tgid: child.id(), ..Default::default() };
    assert!(enricher.settle(Duration::from_secs(60)));
    let told = |what| enricher.observe(crate::at(1, actor.clone(), what));
    let process = told(event::Observed::Exec(Box::default())).process.unwrap();
    assert_eq!((process.name(), process.parent.map(|p| p.tgid)), ("cat", Some(std::process::id())));
    assert!(process.key.start_ticks > 0 && process.sha256.is_some());
    let again = told(event::Observed::Exit { status: 0 }).process.unwrap();
    assert_eq!(again.key, process.key);
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn a_missed_process_is_repaired_with_its_ancestors() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let enricher = this_host();
    let actor = event::Actor { tgid: child.id(), ..Default::default() };
    let what =
        event::Observed::Other(event::EventKind::Bpf(event::Bpf { command: 0, program_type: 0, name: "".into() }));
    let event = enricher.observe(crate::at(1, actor, what));
    let process = event.process.unwrap();
    assert_eq!((process.name(), event.parent.unwrap().key.tgid), ("cat", std::process::id()));
    let lineage = enricher.lineage(&process.key);
    assert_eq!(lineage.last().unwrap().pid, 1);
    assert_eq!((enricher.stats().repaired, enricher.stats().unknown), (1, 0));
    drop(child.stdin.take());
    child.wait().unwrap();
}
