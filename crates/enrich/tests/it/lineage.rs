//! Who came from whom, over forks, execs, exits, lost events and pids that come round.

use crate::{BOOT, SECOND, actor, at, config, enricher, exec, fork};
use enrich::Enricher;
use event::{EventKind, Exit, Observed, ProcessKey, Timestamp};

fn new() -> (tempfile::TempDir, Enricher) {
    let dir = tempfile::tempdir().unwrap();
    let enricher = enricher(config(dir.path()));
    (dir, enricher)
}

fn key((tgid, start_ticks): (u32, u64)) -> ProcessKey {
    ProcessKey { boot: BOOT, tgid, start_ticks }
}

fn names(enricher: &Enricher, process: (u32, u64)) -> Vec<String> {
    enricher.lineage(&key(process)).into_iter().map(|p| p.executable).collect()
}

const INIT: (u32, u64) = (1, 0);
const SHELL: (u32, u64) = (100, 500);
const CHILD: (u32, u64) = (101, 700);

fn shell_with_child(enricher: &Enricher) {
    enricher.observe(at(0, actor(INIT, (0, 0)), exec("/sbin/init")));
    enricher.observe(at(5 * SECOND, actor(SHELL, INIT), exec("/bin/sh")));
    enricher.observe(at(7 * SECOND, actor(SHELL, INIT), fork(CHILD)));
}

#[test]
fn an_exec_is_a_new_image_of_the_same_process() {
    let (_dir, enricher) = new();
    shell_with_child(&enricher);
    let before = enricher.process(&key(CHILD)).unwrap();
    assert_eq!(&*before.executable, "/bin/sh");
    let event = enricher.observe(at(8 * SECOND, actor(CHILD, SHELL), exec("/usr/bin/curl")));
    let process = event.process.unwrap();
    assert_eq!(
        (&*process.executable, &*process.command_line, process.args_count),
        ("/usr/bin/curl", "/usr/bin/curl -x", 2)
    );
    assert_eq!((process.started, event.time), (Timestamp(7 * SECOND as i64 + 1), Timestamp(8 * SECOND as i64)));
    assert_eq!(event.parent.unwrap().key, key(SHELL));
    let EventKind::Exec(kind) = event.kind else { panic!() };
    assert_eq!(kind.previous_executable.as_deref(), Some("/bin/sh"));
    assert_eq!(&*before.executable, "/bin/sh");
    assert_eq!(names(&enricher, CHILD), ["/usr/bin/curl", "/bin/sh", "/sbin/init"]);
}

#[test]
fn a_parent_stays_for_its_descendants_past_its_grace() {
    let (_dir, enricher) = new();
    shell_with_child(&enricher);
    enricher.observe(at(8 * SECOND, actor(CHILD, SHELL), exec("/usr/bin/miner")));
    let event = enricher.observe(at(9 * SECOND, actor(SHELL, INIT), Observed::Exit { status: 3 << 8 }));
    assert_eq!(event.kind, EventKind::Exit(Exit { code: Some(3), signal: None }));
    let later = 1000 * SECOND;
    // Re-parented to init, as the kernel does: the true parent is still told.
    let event = enricher.observe(at(later, actor(CHILD, INIT), fork((102, 99_000))));
    assert_eq!(event.parent.unwrap().key, key(SHELL));
    assert_eq!(names(&enricher, (102, 99_000)), ["/usr/bin/miner", "/usr/bin/miner", "/bin/sh", "/sbin/init"]);

    for process in [CHILD, (102, 99_000)] {
        enricher.observe(at(later, actor(process, INIT), Observed::Exit { status: 9 }));
    }
    assert_eq!(enricher.stats().processes, 4);
    enricher.observe(at(later + 61 * SECOND, actor(INIT, (0, 0)), fork((9, 9))));
    assert_eq!(names(&enricher, CHILD), [""; 0]);
    assert_eq!((enricher.stats().processes, enricher.stats().exited_held), (2, 0));
}

#[test]
fn a_pid_that_comes_round_is_another_process() {
    let (_dir, enricher) = new();
    shell_with_child(&enricher);
    // CHILD's exit was lost; its pid comes back as a child of init.
    let again = (CHILD.0, 90_000);
    let event = enricher.observe(at(900 * SECOND, actor(again, INIT), exec("/usr/bin/cron")));
    assert_eq!(event.process.as_ref().unwrap().key, key(again));
    let EventKind::Exec(kind) = event.kind else { panic!() };
    assert_eq!(kind.previous_executable, None);
    assert_eq!(names(&enricher, again), ["/usr/bin/cron", "/sbin/init"]);
    assert_eq!(names(&enricher, CHILD), ["/bin/sh", "/bin/sh", "/sbin/init"]);
    assert_eq!(enricher.stats().pid_reused, 1);
    assert_eq!(enricher.by_pid(CHILD.0).unwrap().key, key(again));
    // A late event of the old holder is still told as its own, and does not take the pid back.
    let event = enricher.observe(at(899 * SECOND, actor(CHILD, SHELL), Observed::Exit { status: 0 }));
    assert_eq!(event.process.unwrap().key, key(CHILD));
    assert_eq!(enricher.by_pid(CHILD.0).unwrap().key, key(again));
}

#[test]
fn an_exec_that_overtakes_its_fork_wins() {
    let (_dir, enricher) = new();
    enricher.observe(at(5 * SECOND, actor(SHELL, INIT), exec("/bin/sh")));
    enricher.observe(at(7 * SECOND, actor(CHILD, SHELL), exec("/bin/id")));
    enricher.observe(at(7 * SECOND, actor(SHELL, INIT), fork(CHILD)));
    assert_eq!(names(&enricher, CHILD), ["/bin/id", "/bin/sh"]);
}

#[test]
fn an_unknown_actor_is_told_by_what_is_known() {
    let (_dir, enricher) = new();
    shell_with_child(&enricher);
    let event = enricher.observe(at(9 * SECOND, actor((555, 800), SHELL), Observed::Exit { status: 0 }));
    let process = event.process.unwrap();
    assert_eq!((process.key, &*process.executable, process.user.credentials.uid), (key((555, 800)), "", 1000));
    assert_eq!(event.parent.unwrap().key, key(SHELL));
    let stats = enricher.stats();
    assert_eq!((stats.unknown, stats.repaired), (1, 0));
}

#[test]
fn credentials_follow_the_observation() {
    let (_dir, enricher) = new();
    shell_with_child(&enricher);
    let mut root = actor(SHELL, INIT);
    root.credentials.euid = 0;
    let event = enricher.observe(at(8 * SECOND, root, fork((102, 800))));
    assert_eq!(event.process.unwrap().user.credentials.euid, 0);
    assert_eq!(enricher.process(&key((102, 800))).unwrap().user.credentials.euid, 0);
}

#[test]
fn a_log_in_gives_its_address_to_all_below_it_now_and_later() {
    let (_dir, enricher) = new();
    shell_with_child(&enricher);
    let other = (200, 900);
    enricher.observe(at(9 * SECOND, actor(other, INIT), exec("/bin/sh")));
    let address: std::net::IpAddr = "203.0.113.9".parse().unwrap();
    enricher.came_from(&key(SHELL), address);
    let from = |process| enricher.process(&key(process)).unwrap().login_from;
    assert_eq!((from(SHELL), from(CHILD), from(INIT), from(other)), (Some(address), Some(address), None, None));
    // What comes of it later bears it too; a second word changes nothing.
    enricher.came_from(&key(SHELL), "6.6.6.6".parse().unwrap());
    enricher.observe(at(10 * SECOND, actor(CHILD, SHELL), exec("/usr/bin/sudo")));
    let grandchild = (300, 1_100);
    enricher.observe(at(11 * SECOND, actor(CHILD, SHELL), fork(grandchild)));
    let event = enricher.observe(at(12 * SECOND, actor(grandchild, CHILD), exec("/usr/bin/id")));
    assert_eq!(event.process.unwrap().login_from, Some(address));
    assert_eq!(enricher.lineage(&key(grandchild))[0].login_source.as_deref(), Some("203.0.113.9"));
}
