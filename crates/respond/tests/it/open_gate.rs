//! Opens of what lies in a guarded folder wait for an answer; nobody else's do, and nobody's for long.

use crate::world::eventually;
use respond::{Access, OpenAnswer, OpenGate, OpenGateConfig, OpenJudge, OpenRequest, WardenProgram, access_of_waiting};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Judge {
    asked: Mutex<Vec<(PathBuf, Access, bool)>>,
    deny: AtomicBool,
    stall: AtomicBool,
    stuck: AtomicBool,
}

impl OpenJudge for Judge {
    fn quick(&self, _: &OpenRequest) -> Option<OpenAnswer> {
        while self.stuck.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
    fn slow(&self, request: &OpenRequest) -> OpenAnswer {
        let access = access_of_waiting(request.tid);
        self.asked.lock().unwrap().push((request.path.clone(), access, request.directory));
        while self.stall.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(10));
        }
        if self.deny.load(Ordering::Acquire) && access == Access::Write { OpenAnswer::Deny } else { OpenAnswer::Allow }
    }
}

fn config() -> OpenGateConfig {
    let warden = WardenProgram { program: env!("CARGO_BIN_EXE_gate-warden").into(), args: Vec::new() };
    OpenGateConfig { warden: Some(warden), ..OpenGateConfig::default() }
}

/// A gate over a folder with one file in it.
fn guarded() -> (tempfile::TempDir, Arc<Judge>, OpenGate) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), "a").unwrap();
    let judge = Arc::new(Judge::default());
    let gate = OpenGate::start(config(), Arc::clone(&judge) as Arc<dyn OpenJudge>).unwrap();
    gate.guard(dir.path()).unwrap();
    (dir, judge, gate)
}

fn shell(script: &str, dir: &Path) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn runs(script: &str, dir: &Path) -> bool {
    shell(script, dir).wait().unwrap().success()
}

#[test]
fn asks_who_reads_and_who_writes() {
    let (dir, judge, gate) = guarded();
    fs::create_dir(dir.path().join("below")).unwrap();
    fs::write(dir.path().join("below/b"), "b").unwrap();
    for (script, name, expected) in [
        ("cat a", "a", Some((Access::Read, false))),
        ("echo x >> a", "a", Some((Access::Write, false))),
        ("truncate -s 1 a", "a", Some((Access::Write, false))),
        ("ls .", "", Some((Access::Read, true))),
        ("cat below/b", "below/b", None),
        ("echo x > new", "new", Some((Access::Write, false))),
    ] {
        judge.asked.lock().unwrap().clear();
        assert!(runs(script, dir.path()), "{script}");
        let path = if name.is_empty() { dir.path().to_owned() } else { dir.path().join(name) };
        let asked = judge.asked.lock().unwrap();
        // Others may look at the file too: an agent on this host that scans what was written.
        match expected {
            Some((access, directory)) => {
                assert!(asked.contains(&(path, access, directory)), "{script}: {asked:?}");
            }
            None => assert!(asked.iter().all(|(at, ..)| *at != path), "{script}: {asked:?}"),
        }
    }
    judge.deny.store(true, Ordering::Release);
    assert!(!runs("echo y > a", dir.path()));
    assert!(runs("cat a", dir.path()));
    // We ourselves never wait for ourselves.
    fs::write(dir.path().join("a"), "mine").unwrap();
    assert_eq!(gate.stats().opened, 0);
    drop(gate);
    assert!(runs("echo y > a", dir.path()));
}

#[test]
fn a_judge_that_stalls_is_overruled() {
    let (dir, judge, gate) = guarded();
    judge.stall.store(true, Ordering::Release);
    let start = Instant::now();
    assert!(runs("cat a", dir.path()));
    eprintln!("opened after {:?}", start.elapsed());
    assert_eq!(gate.stats().opened, 1);
    judge.stall.store(false, Ordering::Release);
    assert!(runs("cat a", dir.path()));
    assert_eq!(gate.stats().opened, 1);
}

#[test]
fn a_reader_that_stalls_gives_the_gate_up() {
    let (dir, judge, gate) = guarded();
    judge.stuck.store(true, Ordering::Release);
    let start = Instant::now();
    assert!(runs("cat a", dir.path()));
    eprintln!("given up after {:?}", start.elapsed());
    assert!(!gate.stats().armed);
    judge.stuck.store(false, Ordering::Release);
}

/// The agent of the two tests below: guards the folder and waits to be stopped or killed.
#[test]
fn keeper() {
    let Some(dir) = crate::world::helper_argument() else { return };
    let judge = Arc::new(Judge::default());
    let gate = OpenGate::start(config(), judge).unwrap();
    gate.guard(&dir.join("guarded")).unwrap();
    fs::write(dir.join("ready"), "").unwrap();
    while !dir.join("stop").exists() {
        std::thread::sleep(Duration::from_millis(20));
        fs::write(dir.join("stats.new"), serde_json::to_vec(&gate.stats()).unwrap()).unwrap();
        fs::rename(dir.join("stats.new"), dir.join("stats")).unwrap();
    }
}

fn with_keeper(act: impl FnOnce(&Path, &mut Child)) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("guarded")).unwrap();
    fs::write(dir.path().join("guarded/a"), "a").unwrap();
    let mut keeper = crate::world::helper("open_gate::keeper", dir.path()).stdout(Stdio::null()).spawn().unwrap();
    eventually("it stands guard", || dir.path().join("ready").exists());
    act(dir.path(), &mut keeper);
    let _ = keeper.kill();
    keeper.wait().unwrap();
}

#[test]
fn a_killed_agent_leaves_the_gate_open() {
    with_keeper(|dir, keeper| {
        keeper.kill().unwrap();
        keeper.wait().unwrap();
        assert!(runs("cat guarded/a", dir));
    });
}

#[test]
fn a_stopped_agent_is_opened_by_the_warden() {
    with_keeper(|dir, keeper| {
        let signal = |name: &str| {
            assert!(Command::new("kill").args([name, &keeper.id().to_string()]).status().unwrap().success());
        };
        signal("-STOP");
        let start = Instant::now();
        assert!(runs("cat guarded/a", dir));
        eprintln!("opened by the warden after {:?}", start.elapsed());
        signal("-CONT");
        // Null as long as it has written none: it may have been stopped before its first.
        let stats = || match fs::read(dir.join("stats")) {
            Ok(written) => serde_json::from_slice::<serde_json::Value>(&written).unwrap(),
            Err(_) => serde_json::Value::Null,
        };
        eventually("it says what happened", || stats()["stalls"] == 1 && stats()["opened"].as_u64() >= Some(1));
        let asked = stats()["asked"].as_u64();
        assert!(runs("cat guarded/a", dir));
        eventually("it is armed again", || stats()["asked"].as_u64() > asked);
    });
}
