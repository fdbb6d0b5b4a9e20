//! Digests, packages and names from the files of a made host.

use crate::{SECOND, actor, at, config, enricher, exec};
use event::{ExecSeen, FileIdentity, Observed, Process, Timestamp};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

fn made_host() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("etc/passwd", "ann:x:1000:1000::/home/ann:/bin/sh\n");
    write("usr/bin/tool", "abc");
    write("tmp/tool", "abc");
    write("var/lib/dpkg/status", "Package: tools\nStatus: install ok installed\nVersion: 1-2\n");
    write("var/lib/dpkg/info/tools.list", "/usr/bin/tool\n");
    dir
}

fn identity(path: &Path) -> FileIdentity {
    let meta = std::fs::metadata(path).unwrap();
    let ctime = Timestamp(meta.ctime() * 1_000_000_000 + meta.ctime_nsec());
    FileIdentity { dev: meta.dev(), inode: meta.ino(), ctime, size: meta.size() }
}

fn exec_of(root: &Path, path: &str, edit: impl FnOnce(&mut ExecSeen)) -> Observed {
    let Observed::Exec(mut seen) = exec(path) else { unreachable!() };
    seen.file = Some(identity(&root.join(&path[1..])));
    edit(&mut seen);
    Observed::Exec(seen)
}

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn told(process: &Arc<Process>) -> (Option<String>, Option<String>) {
    (process.sha256.map(|s| s.to_hex()), process.package.as_ref().map(|p| format!("{} {}", p.name, p.version)))
}

#[test]
fn the_first_exec_already_bears_digest_and_package_and_no_file_is_read_twice() {
    let host = made_host();
    let enricher = enricher(config(host.path()));
    for pid in 10..20 {
        let event =
            enricher.observe(at(SECOND, actor((pid, 5), (1, 0)), exec_of(host.path(), "/usr/bin/tool", |_| {})));
        let process = event.process.unwrap();
        assert_eq!(told(&process), (Some(ABC.into()), Some("tools 1-2".into())));
        assert_eq!(process.user.name.as_deref(), Some("ann"));
    }
    let stats = enricher.stats();
    assert_eq!((stats.hashed, stats.digest_hits, stats.digest_misses), (1, 9, 1));
}

#[test]
fn only_the_file_at_the_path_is_the_packages() {
    let host = made_host();
    let enricher = enricher(config(host.path()));
    let check = |pid, what, expected: (Option<&str>, Option<&str>)| {
        let event = enricher.observe(at(SECOND, actor((pid, 5), (1, 0)), what));
        let (sum, package) = told(&event.process.unwrap());
        assert_eq!((sum.as_deref(), package.as_deref()), expected, "{pid}");
    };
    check(1000, exec_of(host.path(), "/tmp/tool", |_| {}), (Some(ABC), None));
    // A mount namespace of its own shows another file under the owned name.
    let other = identity(&host.path().join("tmp/tool"));
    check(1001, exec_of(host.path(), "/usr/bin/tool", |seen| seen.file = Some(other)), (Some(ABC), None));
    check(1002, exec_of(host.path(), "/usr/bin/tool", |seen| seen.deleted = true), (None, None));
    // Changed after the exec: no digest rather than a wrong one.
    let before = exec_of(host.path(), "/tmp/tool", |seen| seen.file = seen.file.map(|f| FileIdentity { size: 2, ..f }));
    check(1003, before, (None, None));
    assert_eq!(enricher.stats().hash_failed, 2);
}

#[test]
fn a_file_past_the_limit_is_counted_and_not_read() {
    let host = made_host();
    std::fs::write(host.path().join("usr/bin/big"), vec![0; (1 << 20) + 1]).unwrap();
    let enricher = enricher(config(host.path()));
    let event = enricher.observe(at(SECOND, actor((10, 5), (1, 0)), exec_of(host.path(), "/usr/bin/big", |_| {})));
    assert_eq!(event.process.unwrap().sha256, None);
    let stats = enricher.stats();
    assert_eq!((stats.hash_too_large, stats.hashed), (1, 0));
}

#[test]
fn an_answer_that_came_late_shows_from_the_next_event_on() {
    let host = made_host();
    let mut config = config(host.path());
    config.first_sight_wait = std::time::Duration::ZERO;
    let enricher = enricher(config);
    let who = actor((10, 5), (1, 0));
    enricher.observe(at(SECOND, who.clone(), exec_of(host.path(), "/usr/bin/tool", |_| {})));
    assert!(enricher.settle(std::time::Duration::from_secs(10)));
    let event = enricher.observe(at(SECOND, who, Observed::Exit { status: 0 }));
    assert_eq!(told(&event.process.unwrap()).0.as_deref(), Some(ABC));
    assert_eq!(enricher.stats().waited, 0);
}
