//! A host that is a folder: a tmpfs in a mount namespace of the test's own, a real agent that locks nothing but that, and
//! programs to run there. The gate's marks stand on this tmpfs alone and are gone with it.

use serde_json::Value;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub struct Host {
    pub dir: PathBuf,
    state: tempfile::TempDir,
    agent: Child,
}

/// Runs the body on a thread whose mounts are its own.
pub fn confined(body: impl FnOnce(&Path) + Send) {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().canonicalize().unwrap();
    fs::create_dir_all(&dir).unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            // SAFETY: only this thread's view of mounts changes; its children inherit it.
            assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNS) }, 0, "{}", io::Error::last_os_error());
            mount("none", Path::new("/"), "", libc::MS_REC | libc::MS_PRIVATE, "");
            mount("tmpfs", &dir, "tmpfs", 0, "");
            body(&dir);
        });
        run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

pub fn mount(source: &str, at: &Path, kind: &str, flags: libc::c_ulong, data: &str) {
    let c = |text: &str| std::ffi::CString::new(text).unwrap();
    let (source, at, kind, data) = (c(source), c(at.to_str().unwrap()), c(kind), c(data));
    // SAFETY: C strings that live through the call.
    let result = unsafe { libc::mount(source.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, data.as_ptr().cast()) };
    assert_eq!(result, 0, "mount: {}", io::Error::last_os_error());
}

impl Host {
    /// `lockdown` is the policy's table without its scope.
    pub fn start(dir: &Path, lockdown: &str) -> Host {
        let state = tempfile::tempdir().unwrap();
        let at = |name: &str| state.path().join(name);
        // Long: no judgement here may be decided by a busy machine.
        let gate = "[gate]\ntimeout_ms = 10000\n";
        let policy = format!("version = 1\n{gate}[lockdown]\ndirectories = [{dir:?}]\n{lockdown}\n");
        fs::write(at("policy.toml"), policy).unwrap();
        let config =
            format!("policy = {:?}\npackage_root = {dir:?}\nforce_tier = \"gate\"\ncontent = []\n", at("policy.toml"));
        fs::write(at("agent.toml"), config).unwrap();
        let log = fs::File::create(at("log")).unwrap();
        let agent = Command::new(env!("CARGO_BIN_EXE_tamon"))
            .arg("--state")
            .arg(at("state"))
            .args(["agent", "--config"])
            .arg(at("agent.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let host = Host { dir: dir.to_owned(), state, agent };
        host.eventually("the agent answers", || host.tamon(&["status"]).status.success());
        host
    }

    /// Its process, while it lives.
    pub fn agent(&self) -> Option<u32> {
        let facts = fs::read_to_string(format!("/proc/{}/stat", self.agent.id())).ok()?;
        (!facts.contains(") Z ")).then(|| self.agent.id())
    }

    pub fn tamon(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tamon"))
            .arg("--state")
            .arg(self.state.path().join("state"))
            .args(["--output", "json"])
            .args(arguments)
            .output()
            .unwrap()
    }

    /// The answer of a command that must succeed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.tamon(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {words}\n{}", self.log()))
    }

    pub fn status(&self, key: &str) -> Value {
        self.json(&["lockdown", "status"])[key].clone()
    }

    /// Learns what lies here and locks; returns when the gate stands.
    pub fn lock(&self) {
        self.json(&["lockdown", "learn", self.dir.to_str().unwrap()]);
        self.json(&["lockdown", "lock", "--mode", "enforce"]);
        self.eventually("the gate is armed", || {
            self.json(&["status"])["gate"]["state"].as_str().unwrap().starts_with("armed")
        });
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// A copy of a real program.
    pub fn program(&self, name: &str, of: &str) -> PathBuf {
        copy(of, &self.at(name))
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub fn eventually(&self, what: &str, mut holds: impl FnMut() -> bool) {
        for _ in 0..6_000 {
            if holds() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("never came true: {what}\n{}", self.log());
    }

    pub fn log(&self) -> String {
        let all = fs::read_to_string(self.state.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

pub fn copy(of: impl AsRef<Path>, to: &Path) -> PathBuf {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(of.as_ref(), to).unwrap();
    to.to_owned()
}

/// What became of an attempt to run something.
#[derive(Debug, PartialEq, Eq)]
pub enum Ran {
    Denied,
    /// With this status; None when a signal ended it.
    Ended(Option<i32>),
}

/// A thread of another test that forks at the wrong moment can hold a just-written program open for a blink.
pub fn run(command: &mut Command) -> Ran {
    loop {
        match command.stdout(Stdio::null()).stderr(Stdio::null()).status() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ran::Denied,
            Err(error) => panic!("{command:?}: {error}"),
            Ok(status) => return Ran::Ended(status.code()),
        }
    }
}
