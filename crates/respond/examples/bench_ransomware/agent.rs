//! A real agent over one folder, and a share of it.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How the agent is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Gate,
    /// The gate tier without decoys, which stop most attacks sooner.
    NoDecoys,
    Observe,
}

impl Way {
    pub const ALL: [Way; 3] = [Way::Gate, Way::NoDecoys, Way::Observe];

    /// As the figures begin.
    pub fn name(self) -> &'static str {
        match self {
            Way::Gate => "gate",
            Way::NoDecoys => "gate_no_decoys",
            Way::Observe => "observe",
        }
    }

    /// Holds opens.
    pub fn guards(self) -> bool {
        self != Way::Observe
    }
}

const LATE: Duration = Duration::from_millis(1_300);
const AFTER: Duration = Duration::from_millis(300);

pub struct Agent {
    child: Child,
    state: PathBuf,
    tamon: PathBuf,
}

impl Agent {
    /// The rest of the policy only observes: nothing but what works on the folder can be stopped.
    pub fn start(state: &Path, protect: &Path, way: Way, trusted: &[&Path]) -> Result<Agent> {
        let tamon = PathBuf::from(std::env::var_os("TAMON").context("TAMON does not name the binary")?);
        fs::create_dir_all(state)?;
        let trusted: Vec<String> = trusted.iter().map(|path| format!("{:?}", path.display().to_string())).collect();
        let policy = format!(
            "version = 1\nmode = \"observe\"\n[gate]\nenabled = false\n[scan]\non_exec = false\non_write = false\n\
             [ransomware]\nmode = \"enforce\"\nprotect = [{:?}]\nexclude = []\ntrusted = [{}]\ndecoys = {}\n",
            protect.display().to_string(),
            trusted.join(", "),
            way != Way::NoDecoys
        );
        fs::write(state.join("policy.toml"), policy)?;
        let tier = if way.guards() { "gate" } else { "observe" };
        let config = format!("policy = {:?}\nforce_tier = \"{tier}\"\n", state.join("policy.toml"));
        fs::write(state.join("agent.toml"), config)?;
        let log = File::create(state.join("log"))?;
        let mut command = Command::new(&tamon);
        command.arg("--state").arg(state).arg("agent").arg("--config").arg(state.join("agent.toml"));
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let agent = Agent { child, state: state.to_owned(), tamon };
        let start = Instant::now();
        loop {
            let status = agent.status();
            if status.as_ref().is_ok_and(|s| !way.guards() || s["recovery"]["guarded"] == true) {
                return Ok(agent);
            }
            if start.elapsed() > Duration::from_secs(90) {
                bail!("the agent is not ready: {status:?}\n{}", agent.log());
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.state.join("log")).unwrap_or_default()
    }

    fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.tamon);
        let out = command.arg("--state").arg(&self.state).args(arguments).args(["--output", "json"]).output()?;
        serde_json::from_slice(&out.stdout).with_context(|| String::from_utf8_lossy(&out.stderr).into_owned())
    }

    pub fn status(&self) -> Result<Value> {
        self.ask(&["status"])
    }

    fn trees(&self) -> Result<Vec<Value>> {
        Ok(self.ask(&["rollback", "list"])?["trees"].as_array().cloned().unwrap_or_default())
    }

    /// Whether anybody was stopped, which may be written down a moment after who did it has ended.
    pub fn stopped(&self) -> Result<bool> {
        let start = Instant::now();
        loop {
            let stopped = self.trees()?.iter().any(|tree| !tree["incident"].is_null());
            if stopped || start.elapsed() > LATE {
                // What has detached itself is ended a moment later.
                std::thread::sleep(AFTER);
                return Ok(stopped);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The trees that were stopped; all of which something is kept when none was.
    pub fn roll_back(&self) -> Result<()> {
        let all = self.trees()?;
        let stopped: Vec<&Value> = all.iter().filter(|tree| !tree["incident"].is_null()).collect();
        let chosen = if stopped.is_empty() { all.iter().collect() } else { stopped };
        let names: Vec<&str> = chosen.iter().filter_map(|tree| tree["tree"].as_str()).collect();
        if !names.is_empty() {
            self.ask(&[&["rollback"], names.as_slice()].concat())?;
        }
        Ok(())
    }

    /// Whether an alert of rules that begin so came since.
    pub fn alerts(&self, rule: &str) -> Result<Watch> {
        let mut stream = UnixStream::connect(self.state.join("run/agent.sock"))?;
        stream.write_all(b"{\"request\":\"follow\"}\n")?;
        let told = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&told);
        let rule = format!("\"{rule}");
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if line.starts_with("{\"alert\"") && line.contains(&rule) {
                    set.store(true, Ordering::Release);
                }
            }
        });
        Ok(Watch(told))
    }
}

pub struct Watch(Arc<AtomicBool>);

impl Watch {
    pub fn told(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A child of ours with all below it, by pid.
pub fn end_tree(pid: u32) {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
    children.split_ascii_whitespace().filter_map(|child| child.parse().ok()).for_each(end_tree);
}

/// smbd on a loopback port, over a folder.
pub struct Share {
    child: Child,
    pub port: u16,
}

impl Share {
    /// None where Samba is not installed.
    pub fn start(folder: &Path, place: &Path) -> Result<Option<Share>> {
        let there = |program: &str| {
            Command::new("which").arg(program).stdout(Stdio::null()).status().is_ok_and(|s| s.success())
        };
        if !Path::new("/usr/sbin/smbd").exists() || !there("smbclient") {
            return Ok(None);
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let own = place.join("samba");
        fs::create_dir_all(&own)?;
        let own_words = own.display();
        let config = format!(
            "[global]\ninterfaces = lo\nbind interfaces only = yes\nsmb ports = {port}\nserver role = standalone\n\
             map to guest = bad user\nguest account = root\ndisable netbios = yes\nload printers = no\n\
             private dir = {own_words}\nlock directory = {own_words}\nstate directory = {own_words}\n\
             cache directory = {own_words}\npid directory = {own_words}\nncalrpc dir = {own_words}/nc\nlog file = {own_words}/log\n\
             [data]\npath = {}\nguest ok = yes\nread only = no\nforce user = root\n",
            folder.display()
        );
        fs::write(own.join("smb.conf"), config)?;
        let mut command = Command::new("/usr/sbin/smbd");
        command.args(["--foreground", "--no-process-group", "-s"]).arg(own.join("smb.conf"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let share = Share { child, port };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > Duration::from_secs(20) {
                bail!("smbd does not listen: {}", fs::read_to_string(own.join("log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(Some(share))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        end_tree(self.child.id());
        let _ = self.child.wait();
    }
}
