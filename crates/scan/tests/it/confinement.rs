//! What a worker has left, seen from outside.

use crate::world::{World, eicar, scanner, scanner_with};
use scan::{Ask, Urgency, Verdict};
use std::fs;

fn status(pid: u32) -> std::collections::HashMap<String, String> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    text.lines().filter_map(|line| line.split_once(':')).map(|(k, v)| (k.into(), v.trim().into())).collect()
}

#[test]
fn nursery_and_workers_have_nothing_left() {
    let world = World::new();
    let scanner = scanner();
    scanner.scan_path(&world.file("eicar", eicar()));
    let loaded = scanner.loaded();
    let pids = scanner.worker_pids();
    assert_eq!(pids.len(), 2);
    let root = rustix::process::geteuid().is_root();
    assert!(loaded.confinement.seccomp);
    for pid in pids {
        let status = status(pid);
        assert_eq!(status["Seccomp"], "2");
        assert_eq!(status["NoNewPrivs"], "1");
        assert_eq!(status["CapEff"], "0000000000000000");
        assert_eq!(status["CapPrm"], "0000000000000000");
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let limit = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
            line[name.len()..].split_whitespace().nth(1).unwrap().to_owned()
        };
        assert_eq!((limit("Max core file size"), limit("Max file size")), ("0".into(), "0".into()));
        assert_eq!(limit("Max open files"), "16");
        if root {
            assert_eq!(status["Uid"], "65534\t65534\t65534\t65534");
            assert_eq!(status["Gid"], "65534\t65534\t65534\t65534");
            assert_eq!(status["Groups"], "");
            let net = |of: String| fs::read_link(format!("/proc/{of}/ns/net")).unwrap();
            assert_ne!(net(pid.to_string()), net("self".into()));
        }
    }
    assert_eq!(loaded.confinement.landlock, "full");
    // Only the socket and the three standard ones; no file stays open.
    let worker = scanner.worker_pids()[1];
    let open = fs::read_dir(format!("/proc/{worker}/fd")).unwrap().count();
    assert!(open <= 4, "{open} descriptors");
}

#[test]
fn a_worker_stands_back_as_far_as_its_answer_can_wait() {
    let world = World::new();
    let file = world.file("a", "nothing");
    let scanner = scanner_with(&world, "rule a { condition: false }", |_| ());
    for (urgency, niceness, policy) in [
        (Urgency::Now, 0, libc::SCHED_OTHER),
        (Urgency::Soon, 19, libc::SCHED_OTHER),
        (Urgency::Whenever, 0, libc::SCHED_IDLE),
    ] {
        let before = scanner.worker_pids();
        let report = scanner.scan_path_as(&file, &Ask { urgency, ..Ask::default() });
        assert_eq!(report.verdict, Verdict::Clean, "{urgency:?}: {:?}", report.note);
        let worker = scanner.worker_pids().into_iter().find(|pid| !before.contains(pid)).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{worker}/stat")).unwrap();
        let facts: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let own_session = facts[3] == worker.to_string();
        assert_eq!((facts[16], facts[38]), (&*niceness.to_string(), &*policy.to_string()), "{urgency:?}");
        assert_eq!(own_session, urgency != Urgency::Now, "{urgency:?}");
        if own_session && let Ok(group) = std::fs::read_to_string(format!("/proc/{worker}/autogroup")) {
            assert!(group.trim_end().ends_with("nice 19"), "{urgency:?}: {group}");
        }
    }
}
