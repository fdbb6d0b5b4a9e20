//! The whole agent as a gate, in the gate tier: what it judges bad does not run, is not read by an interpreter and is not
//! mapped. Its marks stand on a tmpfs that only this test sees, and are gone with the agent.

use crate::agent::Agent;
use crate::lockdown::world::{Ran, confined, copy, mount, run};
use event::{Action, Alert, Engine, OutcomeStatus};
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What our signature looks for; written in two halves, so that this program does not hold it.
const BAD: [&str; 2] = ["tamon stand-in of ", "something bad"];
const OK: Ran = Ran::Ended(Some(0));

/// An agent that refuses what our signature finds below these folders, and does nothing else to anybody.
fn agent(home: &Path, directories: &[&str]) -> Agent {
    let signatures = home.join("content/signatures");
    fs::create_dir_all(&signatures).unwrap();
    let pattern: String = BAD.concat().bytes().map(|byte| format!("{byte:02x}")).collect();
    fs::write(signatures.join("gate.ndb"), format!("Tamon.Gate:0:*:{pattern}\n")).unwrap();
    let config = format!("content = [{:?}]\nforce_tier = \"gate\"\n", home.join("content"));
    let agent = Agent::configured(home, &policy("enforce", directories), &config);
    agent.until("the gate is armed", |agent| state(agent).starts_with("armed"));
    agent
}

fn policy(mode: &str, directories: &[&str]) -> String {
    format!(
        "version = 1\nname = \"gate test\"\nmode = \"observe\"\n\
         [[rule]]\nengine = \"signature\"\nmode = {mode:?}\naction = \"deny\"\n\
         [gate]\ndirectories = {directories:?}\ntimeout_ms = 10000\n\
         [scan]\non_exec = false\non_write = false\non_mount = false\n"
    )
}

fn state(agent: &Agent) -> String {
    agent.json(&["status"])["gate"]["state"].as_str().unwrap_or_default().to_owned()
}

/// A program, a script and a library, good and bad, in `dir`.
fn furnish(dir: &Path) {
    for name in ["good", "bad"] {
        let tail = if name == "bad" { BAD.concat() } else { "nothing".into() };
        for (file, of) in
            [(format!("{name}-program"), "/bin/true".into()), (format!("{name}.so"), library("libm.so.6"))]
        {
            let path = copy(PathBuf::from(of), &dir.join(file));
            let bytes = [fs::read(&path).unwrap(), tail.clone().into_bytes()].concat();
            fs::write(&path, bytes).unwrap();
        }
        let script = dir.join(format!("{name}.sh"));
        fs::write(&script, format!("#!/bin/sh\n# {tail}\ntouch \"$MARK\"\n")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(dir.join(format!("{name}.inc")), format!("# {tail}\ntouch \"$MARK\"\n")).unwrap();
    }
}

fn library(name: &str) -> String {
    let folders = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64"];
    let found = folders.iter().map(|folder| format!("{folder}/{name}")).find(|path| Path::new(path).exists());
    found.expect("the C library is where it is looked for")
}

/// Whether a shell got to run what is in the file.
fn is_read(shell: &str, dir: &Path, arguments: &[&str]) -> bool {
    let mark = dir.join("ran");
    let mut command = Command::new(shell);
    command.args(arguments).current_dir(dir).env("MARK", &mark).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    fs::remove_file(mark).is_ok()
}

fn is_mapped(dir: &Path, name: &str) -> bool {
    let maps = Command::new("cat").arg("/proc/self/maps").env("LD_PRELOAD", dir.join(name)).output().unwrap();
    assert!(maps.status.success());
    String::from_utf8_lossy(&maps.stdout).contains(name)
}

/// Ways to bring code into a process, and whether the bad one got through.
fn attempts(shell: &str, dir: &Path, name: &str) -> Vec<(&'static str, bool)> {
    let named = |text: &str| text.replace("NAME", name);
    let script = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|one| named(one)).collect();
        is_read(shell, dir, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    vec![
        ("run", run(&mut Command::new(dir.join(format!("{name}-program")))) == OK),
        ("given to its interpreter", script(&["NAME.sh"])),
        ("without a first line", script(&["NAME.inc"])),
        ("run as a script", script(&["-c", "./NAME.sh"])),
        ("sourced", script(&["-c", ". ./NAME.inc"])),
        ("from standard input", script(&["-c", "sh < NAME.sh"])),
        ("mapped", is_mapped(dir, &format!("{name}.so"))),
    ]
}

#[track_caller]
fn all(attempts: &[(&str, bool)], through: bool) {
    let others: Vec<&str> = attempts.iter().filter(|(_, got)| *got != through).map(|(way, _)| *way).collect();
    assert!(others.is_empty(), "through should be {through}: {others:?}");
}

fn refused(alerts: &[Alert]) -> Vec<&Alert> {
    let ours = |alert: &&Alert| alert.findings.iter().any(|found| found.engine == Engine::Signature);
    alerts.iter().filter(ours).collect()
}

#[test]
fn what_is_bad_does_not_run_is_not_read_and_not_mapped() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    confined(|dir| {
        furnish(dir);
        let home = tempfile::tempdir().unwrap();
        let scope = dir.to_str().unwrap();
        let mut agent = agent(home.path(), &[scope]);
        all(&attempts("sh", dir, "good"), true);
        all(&attempts("sh", dir, "bad"), false);
        // Let go at once where the policy no more than tells, armed again where it refuses.
        let apply = |agent: &Agent, mode: &str, state_is: &str| {
            let file = home.path().join("next.toml");
            fs::write(&file, policy(mode, &[scope])).unwrap();
            agent.json(&["policy", "apply", file.to_str().unwrap()]);
            agent.until(state_is, |agent| state(agent).starts_with(state_is));
        };
        apply(&agent, "alert", "off");
        all(&attempts("sh", dir, "bad"), true);
        apply(&agent, "enforce", "armed");
        all(&attempts("sh", dir, "bad"), false);
        agent.stop();
        all(&attempts("sh", dir, "bad"), true);
        let alerts = agent.alerts();
        let told = refused(&alerts);
        for file in ["bad-program", "bad.sh", "bad.inc", "bad.so"] {
            let of = |alert: &&&Alert| alert.outcome.detail.contains(&format!("{scope}/{file} was not let"));
            let alert = told.iter().find(of).unwrap_or_else(|| panic!("{file} is not told: {told:#?}"));
            assert_eq!((alert.outcome.action, alert.outcome.status), (Action::Deny, OutcomeStatus::Done));
            assert!(alert.findings.iter().any(|found| found.rule_id.as_str().contains("Tamon.Gate")), "{alert:#?}");
        }
    });
}

/// The scope is `/`: each open of a program, a library or a script on the whole root file system asks, the shell's own too.
#[test]
fn a_whole_root_file_system_is_watched_and_asks_about_nothing_twice() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    rooted(|| {
        let dir = Path::new("/own");
        fs::create_dir_all(dir.join("lib")).unwrap();
        furnish(dir);
        let shell = copy("/bin/sh", &dir.join("sh"));
        copy(library("libc.so.6"), &dir.join("lib/libc.so.6"));
        let shell = shell.to_str().unwrap();
        let mut agent = agent(Path::new("/home"), &["/"]);
        all(&attempts(shell, dir, "good"), true);
        all(&attempts(shell, dir, "bad"), false);
        // Under another name, and by another mount of the same file system.
        fs::hard_link(dir.join("bad-program"), "/elsewhere").unwrap();
        assert_eq!(run(&mut Command::new("/elsewhere")), Ran::Denied);
        fs::create_dir("/other").unwrap();
        mount("/own", Path::new("/other"), "", libc::MS_BIND, "");
        all(&attempts(shell, Path::new("/other"), "bad"), false);
        // Asked and denied, as the agent last told them.
        let figures = |agent: &Agent| {
            let words = state(agent);
            let figure = |name: &str| {
                let before = words.split(name).next().unwrap_or_default().trim_end();
                before.rsplit(' ').next().unwrap_or_default().parse::<u64>().unwrap_or_else(|_| panic!("{words}"))
            };
            (figure("asked"), figure("denied"), figure("opened by"))
        };
        let own_libraries = || {
            let mut command = Command::new(shell);
            command.args(["-c", "/own/good-program && . /own/good.inc"]).env("MARK", "/dev/null");
            assert_eq!(run(command.env("LD_LIBRARY_PATH", "/own/lib")), OK);
        };
        // Shell, library, program and script, a hundred times.
        (0..100).for_each(|_| own_libraries());
        let (_, denied, _) = figures(&agent);
        assert_eq!(run(&mut Command::new("/elsewhere")), Ran::Denied);
        agent.until("it tells what was since", |agent| figures(agent).1 > denied);
        let (asked, _, opened) = figures(&agent);
        assert!(asked < 200, "{asked}");
        assert_eq!(opened, 0);
        agent.stop();
        all(&attempts(shell, dir, "bad"), true);
    });
}

/// Runs the body on a thread whose root is an empty tmpfs; what it takes to run is bound into it from the host.
fn rooted(body: impl FnOnce() + Send) {
    confined(|root| {
        let bind = |path: &Path| {
            let at = root.join(path.strip_prefix("/").unwrap());
            fs::create_dir_all(&at).unwrap();
            mount(path.to_str().unwrap(), &at, "", libc::MS_BIND | libc::MS_REC, "");
        };
        for name in ["bin", "sbin", "lib", "lib64", "usr", "etc", "proc", "sys", "dev"] {
            let path = Path::new("/").join(name);
            match fs::read_link(&path) {
                Ok(link) => std::os::unix::fs::symlink(link, root.join(name)).unwrap(),
                Err(_) if path.exists() => bind(&path),
                Err(_) => {}
            }
        }
        bind(Path::new(env!("CARGO_BIN_EXE_tamon")).parent().unwrap());
        for name in ["home", "old"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        // The agent's own files are not what is counted.
        mount("tmpfs", &root.join("home"), "tmpfs", 0, "");
        std::os::unix::fs::symlink("home", root.join("tmp")).unwrap();
        let c = |path: &Path| CString::new(path.to_str().unwrap()).unwrap();
        let (new, old) = (c(root), c(&root.join("old")));
        // SAFETY: C strings that live through the call; only this thread and its children are in this namespace.
        let turned = unsafe { libc::syscall(libc::SYS_pivot_root, new.as_ptr(), old.as_ptr()) };
        assert_eq!(turned, 0, "pivot_root: {}", io::Error::last_os_error());
        std::env::set_current_dir("/").unwrap();
        // SAFETY: as above.
        let left = unsafe { libc::umount2(c"/old".as_ptr(), libc::MNT_DETACH) };
        assert_eq!(left, 0, "umount: {}", io::Error::last_os_error());
        body();
    });
}
