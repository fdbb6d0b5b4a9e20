//! Who is asked about, what is answered, and what is remembered.

use crate::world::{confined, program, run};
use respond::{ExecGate, GateAnswer, GateConfig, GateMark, GateRequest};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// On the test's own tmpfs alone; the test is its own attacker.
pub fn config(dir: &Path) -> GateConfig {
    GateConfig {
        marks: vec![GateMark::Filesystem(dir.into())],
        directories: vec![dir.into()],
        // Long: no test of judging may be decided by a busy machine.
        timeout: Duration::from_secs(20),
        exempt_own_tree: false,
        warden: None,
        ..GateConfig::default()
    }
}

/// Denies what is named evil.
pub fn by_name(request: &GateRequest<'_>) -> GateAnswer {
    let evil = request.path.file_name().is_some_and(|name| name.to_string_lossy().contains("evil"));
    if evil { GateAnswer::Deny } else { GateAnswer::Allow { cache: true } }
}

#[test]
fn what_is_denied_does_not_run_and_what_is_allowed_is_asked_about_once() {
    confined(|dir| {
        let (good, evil) = (program(dir, "good"), program(dir, "evil"));
        let gate = ExecGate::start(config(dir), by_name).unwrap();
        assert_eq!(run(&evil), Some(ErrorKind::PermissionDenied));
        assert_eq!(run(&evil), Some(ErrorKind::PermissionDenied));
        (0..20).for_each(|_| assert_eq!(run(&good), None));
        let stats = gate.stats();
        assert_eq!((stats.denied, stats.allowed, stats.cached, stats.asked), (2, 1, 1, 3), "{stats:?}");
        assert!(stats.armed && stats.opened == 0 && stats.p99_us > 0);
        drop(gate);
        assert_eq!(run(&evil), None, "disarmed");
    });
}

#[test]
fn a_write_or_a_change_of_policy_makes_it_ask_again() {
    confined(|dir| {
        let good = program(dir, "good");
        let gate = ExecGate::start(config(dir), by_name).unwrap();
        run(&good);
        run(&good);
        assert_eq!(gate.stats().asked, 1);
        let bytes = fs::read(&good).unwrap();
        fs::write(&good, bytes).unwrap();
        run(&good);
        assert_eq!(gate.stats().asked, 2, "written to");
        run(&good);
        gate.forget().unwrap();
        run(&good);
        assert_eq!(gate.stats().asked, 3, "forgotten");
    });
}

#[test]
fn the_judge_sees_who_and_the_very_file() {
    confined(|dir| {
        let good = program(dir, "good");
        let (send, seen) = std::sync::mpsc::channel();
        let send = std::sync::Mutex::new(send);
        let _gate = ExecGate::start(config(dir), move |request| {
            let size = request.file.metadata().unwrap().len();
            send.lock().unwrap().send((request.pid, request.path.to_owned(), size, request.identity.size)).unwrap();
            GateAnswer::Allow { cache: false }
        })
        .unwrap();
        let size = fs::metadata(&good).unwrap().len();
        run(&good);
        let (pid, path, file, identity) = seen.try_recv().unwrap();
        assert_ne!(pid, std::process::id());
        assert_eq!((path, file, identity), (good, size, size));
    });
}

#[test]
fn out_of_scope_and_our_own_children_never_wait() {
    confined(|dir| {
        fs::create_dir(dir.join("scope")).unwrap();
        let (inside, outside) = (program(&dir.join("scope"), "evil"), program(dir, "evil"));
        let scoped = GateConfig { directories: vec![dir.join("scope")], ..config(dir) };
        let gate = ExecGate::start(scoped.clone(), by_name).unwrap();
        assert_eq!(run(&outside), None);
        assert_eq!(run(&outside), None);
        assert_eq!(run(&inside), Some(ErrorKind::PermissionDenied));
        assert_eq!((gate.stats().out_of_scope, gate.stats().denied), (1, 1));
        drop(gate);
        let gate = ExecGate::start(GateConfig { exempt_own_tree: true, ..scoped }, by_name).unwrap();
        assert_eq!(run(&inside), None);
        assert_eq!((gate.stats().exempt, gate.stats().denied), (1, 0));
    });
}

#[test]
fn scripts_are_asked_about_too() {
    confined(|dir| {
        use std::os::unix::fs::PermissionsExt;
        let script = dir.join("evil.sh");
        fs::write(&script, "#!/bin/sh\nexit 0\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let _gate = ExecGate::start(config(dir), by_name).unwrap();
        assert_eq!(run(&script), Some(ErrorKind::PermissionDenied));
    });
}

#[test]
fn many_at_once_are_all_answered() {
    confined(|dir| {
        let programs: Vec<_> = (0..40).map(|n| program(dir, &format!("{}{n}", ["good", "evil"][n % 2]))).collect();
        let gate = ExecGate::start(config(dir), by_name).unwrap();
        let children: Vec<_> = programs
            .chunks(10)
            .map(|some| {
                let some = some.to_vec();
                // A plain thread shares this thread's mount namespace.
                std::thread::spawn(move || some.iter().map(|path| run(path).is_none()).collect::<Vec<_>>())
            })
            .collect();
        let ran: Vec<bool> = children.into_iter().flat_map(|child| child.join().unwrap()).collect();
        assert!(ran.iter().enumerate().all(|(n, ran)| *ran == (n % 2 == 0)), "{ran:?}");
        assert_eq!((gate.stats().allowed, gate.stats().denied, gate.stats().opened), (20, 20, 0));
    });
}

#[test]
fn a_gate_without_marks_or_on_nothing_is_an_error() {
    ExecGate::start(GateConfig::default(), by_name).err().unwrap();
    let absent = GateConfig { marks: vec![GateMark::Mount("/nonexistent".into())], ..config(Path::new("/")) };
    let error = ExecGate::start(absent, by_name).err().unwrap();
    assert!(error.to_string().contains("/nonexistent"), "{error}");
}

#[test]
fn each_file_system_is_marked_once() {
    let config = GateConfig::for_directories(["/tmp", "/tmp/.", "/nonexistent"]);
    assert_eq!((config.marks.len(), config.directories.len()), (1, 2));
}

#[test]
fn what_is_read_is_still_asked_about_when_it_is_to_run() {
    confined(|dir| {
        fs::create_dir(dir.join("read")).unwrap();
        let (inside, outside) = (program(&dir.join("read"), "evil"), program(dir, "evil"));
        let (send, seen) = std::sync::mpsc::channel();
        let send = std::sync::Mutex::new(send);
        // Openings wait in one folder, executions everywhere; reading is let be, running is not.
        let scoped = GateConfig {
            directories: vec![dir.join("read")],
            exec_directories: vec![dir.into()],
            reads: Some(|_| false),
            ..config(dir)
        };
        let gate = ExecGate::start(scoped, move |request| {
            send.lock().unwrap().send((request.path.to_owned(), request.reading)).unwrap();
            if request.reading { GateAnswer::Allow { cache: true } } else { GateAnswer::Deny }
        })
        .unwrap();
        // Another process reads, since this one's own reading is never asked about.
        let read =
            |path: &Path| assert!(std::process::Command::new("cat").arg(path).output().unwrap().status.success());
        for path in [&inside, &outside] {
            read(path);
            read(path);
            assert_eq!(run(path), Some(ErrorKind::PermissionDenied), "{}", path.display());
        }
        let asked: Vec<_> = seen.try_iter().filter(|(_, reading)| *reading).collect();
        assert!(asked.iter().all(|(path, _)| *path == inside) && !asked.is_empty(), "{asked:?}");
        assert_eq!(gate.stats().denied, 2);
    });
}

#[test]
fn a_file_system_that_comes_later_is_watched_and_a_file_is_asked_about_again_on_demand() {
    confined(|dir| {
        let good = program(dir, "good");
        let other = tempfile::tempdir().unwrap();
        // The mount that this one lies in, as only this test sees it.
        let elsewhere = GateConfig { marks: vec![GateMark::Mount(other.path().into())], ..config(dir) };
        let gate = ExecGate::start(elsewhere, by_name).unwrap();
        let before = gate.stats().allowed;
        run(&good);
        assert_eq!(gate.stats().allowed, before, "not watched yet");
        gate.watch(GateMark::Filesystem(dir.into())).unwrap();
        (0..3).for_each(|_| assert_eq!(run(&good), None));
        assert_eq!(gate.stats().allowed, before + 1);
        gate.ask_again(&good).unwrap();
        (0..3).for_each(|_| assert_eq!(run(&good), None));
        assert_eq!(gate.stats().allowed, before + 2);
    });
}
