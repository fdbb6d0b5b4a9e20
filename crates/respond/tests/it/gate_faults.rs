//! Whatever of ours fails, the host runs on, and it is counted.

use crate::gate::{by_name, config};
use crate::world::{confined, eventually, helper, helper_argument, program, run};
use respond::{ExecGate, GateAnswer, GateConfig, WardenProgram};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Until the test is over.
fn sleep_for_ever() -> GateAnswer {
    loop {
        std::thread::park();
    }
}

#[test]
fn judges_that_never_answer_open_the_gate() {
    confined(|dir| {
        let programs: Vec<_> = (0..4).map(|n| program(dir, &format!("evil{n}"))).collect();
        let slow = GateConfig { timeout: Duration::from_millis(300), judges: 2, ..config(dir) };
        let gate = ExecGate::start(slow, |_| sleep_for_ever()).unwrap();
        let started = Instant::now();
        assert_eq!(run(&programs[0]), None);
        assert!(started.elapsed() >= Duration::from_millis(300));
        assert_eq!(run(&programs[1]), None);
        assert_eq!((gate.opened(), gate.stats().stuck_judges), (2, 2));
        // With no judge left nobody waits at all: these two together are not asked of anyone.
        run(&programs[2]);
        run(&programs[3]);
        assert_eq!((gate.opened(), gate.stats().asked, gate.stats().stuck_judges), (4, 4, 2));
    });
}

#[test]
fn a_judge_that_comes_back_late_is_a_judge_again() {
    confined(|dir| {
        let (first, second) = (program(dir, "evil-slow"), program(dir, "evil"));
        let go = Arc::new(std::sync::Barrier::new(2));
        let theirs = Arc::clone(&go);
        let one = GateConfig { timeout: Duration::from_millis(200), judges: 1, ..config(dir) };
        let gate = ExecGate::start(one, move |request| {
            if request.path.ends_with("evil-slow") {
                theirs.wait();
            }
            GateAnswer::Deny
        })
        .unwrap();
        assert_eq!(run(&first), None);
        go.wait();
        eventually("the judge is back", || gate.stats().stuck_judges == 0);
        assert_eq!(run(&second), Some(ErrorKind::PermissionDenied));
        assert_eq!((gate.opened(), gate.stats().denied), (1, 1));
    });
}

#[test]
fn a_judge_that_panics_opens_for_that_one_only() {
    confined(|dir| {
        let (first, second) = (program(dir, "panic"), program(dir, "evil"));
        let gate = ExecGate::start(config(dir), |request| {
            assert!(!request.path.ends_with("panic"), "on purpose");
            by_name(request)
        })
        .unwrap();
        assert_eq!(run(&first), None);
        assert_eq!(run(&second), Some(ErrorKind::PermissionDenied));
        assert_eq!((gate.opened(), gate.stats().judge_panics), (1, 1));
    });
}

/// The gate in a process of its own, for the tests that end or stop it. `ARGUMENT/mode` says how it judges;
/// `ARGUMENT/stats` is written as it goes.
#[test]
fn holder() {
    let Some(dir) = helper_argument() else { return };
    let mode = fs::read_to_string(dir.join("mode")).unwrap();
    let warden = WardenProgram { program: env!("CARGO_BIN_EXE_gate-warden").into(), args: vec![] };
    let mut config = GateConfig { exempt_own_tree: true, ..config(&dir) };
    if mode == "warden" {
        config = GateConfig { timeout: Duration::from_millis(700), warden: Some(warden), ..config };
    }
    let hang = mode == "hang";
    let gate = ExecGate::start(config, move |request| if hang { sleep_for_ever() } else { by_name(request) }).unwrap();
    loop {
        let stats = serde_json::to_string(&gate.stats()).unwrap();
        fs::write(dir.join("stats.new"), stats).unwrap();
        fs::rename(dir.join("stats.new"), dir.join("stats")).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn hold(dir: &Path, mode: &str) -> Holder {
    fs::write(dir.join("mode"), mode).unwrap();
    let holder = Holder(helper("gate_faults::holder", dir).spawn().unwrap());
    eventually("the gate stands", || dir.join("stats").exists());
    holder
}

fn stat(dir: &Path, name: &str) -> u64 {
    let stats: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("stats")).unwrap()).unwrap();
    stats[name].as_u64().unwrap()
}

fn start(path: &Path) -> std::thread::JoinHandle<Option<ErrorKind>> {
    let path = path.to_owned();
    std::thread::spawn(move || run(&path))
}

#[test]
fn when_the_gate_is_killed_what_waits_runs() {
    confined(|dir| {
        let evil = program(dir, "evil");
        let mut holder = hold(dir, "hang");
        let waits = start(&evil);
        eventually("it was asked about", || stat(dir, "asked") == 1);
        assert!(!waits.is_finished());
        holder.0.kill().unwrap();
        assert_eq!(waits.join().unwrap(), None);
        assert_eq!(run(&evil), None);
    });
}

fn stands_still(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut stats = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("stat")).unwrap());
    stats.all(|stat| stat.rsplit(')').next().unwrap().starts_with(" T"))
}

#[test]
fn when_the_gate_is_stopped_as_a_whole_the_warden_opens_it_and_it_arms_again() {
    confined(|dir| {
        let evil = program(dir, "evil");
        let holder = hold(dir, "warden");
        assert_eq!(run(&evil), Some(ErrorKind::PermissionDenied));
        let pid = Pid::from_raw(holder.0.id() as i32).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        eventually("each of its threads stands still", || stands_still(holder.0.id()));
        assert_eq!(run(&evil), None, "the warden let it run");
        kill_process(pid, Signal::CONT).unwrap();
        eventually("the stall was counted", || stat(dir, "stalls") >= 1);
        eventually("it is armed again", || run(&evil) == Some(ErrorKind::PermissionDenied));
        assert!(stat(dir, "opened") >= 1);
    });
}

#[test]
fn the_warden_ends_with_the_gate() {
    confined(|dir| {
        let holder = hold(dir, "warden");
        let wardens: Vec<u32> = descendants(holder.0.id());
        assert_eq!(wardens.len(), 1, "{wardens:?}");
        drop(holder);
        eventually("the warden is gone", || !Path::new(&format!("/proc/{}", wardens[0])).exists());
    });
}

fn descendants(of: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &of.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}
