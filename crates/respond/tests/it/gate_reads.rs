//! Attack steps that bring code into a process without running a file: each waits, and is refused where the judge says so.

use crate::gate::{by_name, config};
use crate::world::{confined, eventually};
use respond::{ExecGate, GateConfig};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Writes a file of its own folder, so that what was run is told by what is there.
const SCRIPT: &str = "#!/bin/sh\ntouch \"$MARK\"\n";
const PYTHON: &str = "import os\nopen(os.environ['MARK'], 'w').close()\n";

fn reading(dir: &Path) -> GateConfig {
    let interpreters = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        ["sh", "bash", "dash", "python3"]
            .iter()
            .any(|one| name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == one.trim_end_matches('3'))
    };
    GateConfig { reads: Some(interpreters), ..config(dir) }
}

fn there(program: &str) -> bool {
    Path::new("/usr/bin").join(program).exists()
}

fn output(dir: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(dir).env("MARK", dir.join("ran")).stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn scripts_however_they_are_run() {
    confined(|dir| {
        use std::os::unix::fs::PermissionsExt as _;
        for name in ["good", "evil"] {
            for (ending, text) in [("sh", SCRIPT), ("py", PYTHON)] {
                let path = dir.join(format!("{name}.{ending}"));
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
            // No first line that names its interpreter.
            fs::write(dir.join(format!("{name}.inc")), "touch \"$MARK\"\n").unwrap();
        }
        let gate = ExecGate::start(reading(dir), by_name).unwrap();
        let mut ways: Vec<(&str, Vec<&str>)> = vec![
            ("sh", vec!["NAME.sh"]),
            ("sh", vec!["NAME.inc"]),
            ("sh", vec!["-c", "./NAME.sh"]),
            ("sh", vec!["-c", ". ./NAME.inc"]),
            ("sh", vec!["-c", "sh < NAME.inc"]),
            ("sh", vec!["-c", "cat NAME.sh | sh"]),
        ];
        if there("bash") {
            ways.push(("bash", vec!["-c", "source ./NAME.inc"]));
        }
        if there("python3") {
            ways.push(("python3", vec!["NAME.py"]));
            ways.push(("python3", vec!["-c", "exec(open('NAME.py').read())"]));
        }
        for (program, arguments) in &ways {
            for (name, runs) in [("good", true), ("evil", false)] {
                let arguments: Vec<String> = arguments.iter().map(|one| one.replace("NAME", name)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let done = output(dir, program, &arguments);
                let ran = fs::remove_file(dir.join("ran")).is_ok();
                assert_eq!(ran, runs, "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
            }
        }
        let stats = gate.stats();
        assert!(stats.denied as usize >= ways.len() && stats.opened == 0, "{stats:?}");
    });
}

#[test]
fn libraries_before_they_are_mapped() {
    confined(|dir| {
        let source = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64"]
            .map(|folder| Path::new(folder).join("libm.so.6"))
            .into_iter()
            .find(|path| path.exists());
        let Some(source) = source else { return eprintln!("skipped: no library is where it is looked for") };
        for name in ["good.so", "evil.so"] {
            fs::copy(&source, dir.join(name)).unwrap();
        }
        let _gate = ExecGate::start(reading(dir), by_name).unwrap();
        for (name, mapped) in [("good.so", true), ("evil.so", false)] {
            let path = dir.join(name);
            let done = Command::new("cat").arg("/proc/self/maps").env("LD_PRELOAD", &path).output().unwrap();
            assert!(done.status.success());
            let maps = String::from_utf8_lossy(&done.stdout).into_owned();
            assert_eq!(maps.contains(name), mapped, "preloaded: {}", String::from_utf8_lossy(&done.stderr));
            if there("python3") {
                let line = format!("import ctypes; ctypes.CDLL({:?})", path.display().to_string());
                let done = output(dir, "python3", &["-c", &line]);
                assert_eq!(done.status.success(), mapped, "dlopen: {}", String::from_utf8_lossy(&done.stderr));
            }
        }
    });
}

#[test]
fn what_is_no_code_does_not_wait_and_what_was_judged_is_not_asked_about_again() {
    confined(|dir| {
        fs::write(dir.join("evil.data"), [0u8; 4096]).unwrap();
        fs::write(dir.join("good.sh"), SCRIPT).unwrap();
        let elsewhere = dir.join("elsewhere");
        fs::create_dir_all(dir.join("scope")).unwrap();
        fs::write(&elsewhere, "#!/bin/sh\n").unwrap();
        let gate = ExecGate::start(reading(dir), by_name).unwrap();
        assert!(output(dir, "cat", &["evil.data"]).status.success(), "data is let through");
        let before = gate.stats();
        assert!(before.passed > 0 && before.allowed == 0 && before.denied == 0, "{before:?}");
        (0..5).for_each(|_| assert!(output(dir, "cat", &["evil.data"]).status.success()));
        assert_eq!(gate.stats().passed, before.passed, "what no interpreter takes is asked about once");
        fs::write(dir.join("evil.data"), SCRIPT).unwrap();
        assert!(!output(dir, "sh", &["evil.data"]).status.success(), "until it is written to");
        (0..5).for_each(|_| assert!(output(dir, "sh", &["good.sh"]).status.success()));
        assert_eq!(gate.stats().allowed, 1, "{:?}", gate.stats());
        fs::write(dir.join("good.sh"), SCRIPT).unwrap();
        assert!(output(dir, "sh", &["good.sh"]).status.success());
        eventually("it is judged anew", || gate.stats().allowed == 2);
        drop(gate);
        let scoped = GateConfig { directories: vec![dir.join("scope")], ..reading(dir) };
        let gate = ExecGate::start(scoped, by_name).unwrap();
        for _ in 0..3 {
            assert!(output(dir, "sh", &["elsewhere"]).status.success());
            fs::write(&elsewhere, "#!/bin/sh\n").unwrap();
        }
        assert_eq!(gate.stats().out_of_scope, 1, "{:?}", gate.stats());
    });
}
