//! A locked host against its attackers, with the real agent in the gate tier: each attack is refused, or ended when it is
//! seen, or stands among what `tamon lockdown status` says this tier cannot keep.

mod attacks;
mod lying;
mod odd_names;
mod repository;
mod upgrades;
pub mod world;

use world::{Host, Ran, confined, run};

use std::path::Path;
use std::process::Command;

const OK: Ran = Ran::Ended(Some(0));

#[test]
fn learn_report_lock_trust_break_the_glass_and_unlock() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    confined(|dir| {
        let host = Host::start(dir, "");
        let tool = host.program("opt/tool", "/bin/true");
        let late = |name: &str| host.program(name, "/bin/true");
        assert_eq!(host.status("mode"), serde_json::Value::Null);
        host.json(&["lockdown", "learn", dir.to_str().unwrap()]);
        host.eventually("what runs is seen", || {
            run(&mut Command::new(&tool));
            let report = host.json(&["lockdown", "report"]);
            report["unknown"].as_array().unwrap().iter().any(|one| one["path"] == tool.to_str().unwrap())
        });
        host.lock();
        assert_eq!(host.status("mode"), "enforce");
        assert_eq!(run(&mut Command::new(&tool)), OK, "learned");
        let other = late("opt/other");
        assert_eq!(run(&mut Command::new(&other)), Ran::Denied);
        let report = host.json(&["lockdown", "report"]);
        let denied = &report["unknown"][0];
        assert_eq!((&denied["path"], &denied["denied"]), (&other.to_str().unwrap().into(), &1.into()), "{report}");
        assert!(denied["by"].as_str().unwrap().contains("it-"), "who tried: {denied}");

        // Trusted by hand, at this path and as it is now.
        host.json(&["lockdown", "trust", other.to_str().unwrap(), "--reason", "ours"]);
        host.eventually("trusted", || run(&mut Command::new(&other)) == OK);
        assert_eq!(run(&mut Command::new(late("opt/copy"))), Ran::Denied);
        host.json(&["lockdown", "untrust", other.to_str().unwrap(), "--reason", "no more"]);
        host.eventually("distrusted", || run(&mut Command::new(&other)) == Ran::Denied);
        assert!(!host.tamon(&["lockdown", "untrust", "/bin/sh", "--reason", "vital"]).status.success());
        assert!(!host.tamon(&["lockdown", "trust", other.to_str().unwrap(), "--reason", " "]).status.success());

        assert!(!host.tamon(&["lockdown", "break-glass", "--reason", "fire", "--minutes", "600"]).status.success());
        host.json(&["lockdown", "break-glass", "--reason", "fire", "--minutes", "5"]);
        host.eventually("everything runs", || run(&mut Command::new(&other)) == OK);
        assert_eq!(host.status("lock")["break_glass"]["reason"], "fire");
        host.json(&["lockdown", "break-glass", "--mend"]);
        host.eventually("mended", || run(&mut Command::new(&other)) == Ran::Denied);
        explained_and_simulated(&host, &tool, &other);
        host.json(&["lockdown", "unlock", "--reason", "the test is over"]);
        host.eventually("open", || run(&mut Command::new(&other)) == OK);
    });
}

/// The past has `other` in it, which was trusted for a while and is not any more.
fn explained_and_simulated(host: &Host, tool: &Path, other: &Path) {
    let runs = |path: &Path| host.json(&["policy", "explain", path.to_str().unwrap()])["locked"]["runs"].clone();
    assert_eq!((runs(tool), runs(other)), (true.into(), false.into()));
    let lines = host.json(&["policy", "explain", "/tmp/x", "--process", "/usr/bin/dpkg"])["lines"].to_string();
    assert!(lines.contains("gate.directories[0]") && lines.contains("lockdown.directories"), "{lines}");
    let policy = host.at("simulated.toml");
    std::fs::write(&policy, format!("version = 1\n[lockdown]\ndirectories = [{:?}]\n", host.dir)).unwrap();
    host.eventually("the starts are recorded", || {
        let past = host.json(&["policy", "simulate", policy.to_str().unwrap()]);
        let refused = past["would_refuse"].as_array().unwrap();
        let of = |path: &Path| refused.iter().find(|one| one["path"] == path.to_str().unwrap());
        assert_eq!((&past["source"], of(tool)), (&"spool".into(), None), "{past}");
        of(other).is_some_and(|one| one["outcome"] == "denied" && past["denied_starts"].as_u64() > Some(0))
    });
    std::fs::write(&policy, "version = 1\n[lockdown]\nscrips = true\n").unwrap();
    let wrong = host.tamon(&["policy", "simulate", policy.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains(":3: lockdown.scrips"), "{wrong:?}");
}

#[test]
fn a_lock_that_takes_the_hosts_life_is_refused_with_the_proof() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    confined(|dir| {
        let host = Host::start(dir, "");
        let policy = dir.join("wide.toml");
        std::fs::write(&policy, "version = 1\n[lockdown]\npackages = false\ndirectories = [\"/usr/bin\"]\n").unwrap();
        host.json(&["policy", "apply", policy.to_str().unwrap()]);
        let refused = host.tamon(&["lockdown", "lock", "--mode", "enforce"]);
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{words}");
        assert!(words.contains("/usr/bin/dpkg (the package manager)"), "{words}");
        assert_eq!(host.status("mode"), serde_json::Value::Null, "nothing was locked");

        // A lock that stands is not taken into such a policy either.
        let narrow = dir.join("narrow.toml");
        std::fs::write(
            &narrow,
            format!("version = 1\n[gate]\ntimeout_ms = 10000\n[lockdown]\ndirectories = [{dir:?}]\n"),
        )
        .unwrap();
        host.json(&["policy", "apply", narrow.to_str().unwrap()]);
        host.lock();
        let refused = host.tamon(&["policy", "apply", policy.to_str().unwrap()]);
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && words.contains("the package manager"), "{words}");
    });
}
