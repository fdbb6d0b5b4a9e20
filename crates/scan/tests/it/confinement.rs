//! What a worker has left, seen from outside.

use crate::world::{World, eicar, scanner};
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
