//! On the running host: the snapshot, and keys that the kernel and /proc share.

use enrich::{Config, Enricher};
use event::ProcessKey;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn the_snapshot_tells_a_living_child_with_its_whole_lineage() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let enricher = Enricher::new(Config::for_this_host().unwrap()).unwrap();
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
