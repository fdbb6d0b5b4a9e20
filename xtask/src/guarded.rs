//! An agent of its own on this host, not enrolled, with a state folder of its own; and what it tells as it tells it.
//! Ended when dropped.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

pub struct Guarded {
    tamon: PathBuf,
    folder: PathBuf,
    child: Child,
}

impl Guarded {
    /// `policy` is the text of one; `content` are folders of rules besides those built in.
    pub fn start(tamon: &Path, folder: &Path, policy: &str, content: &[PathBuf]) -> Result<Guarded> {
        fs::create_dir_all(folder.join("state"))?;
        fs::write(folder.join("policy.toml"), policy)?;
        let config = format!("policy = {:?}\ncontent = {content:?}\n", folder.join("policy.toml"));
        fs::write(folder.join("agent.toml"), config)?;
        let log = File::create(folder.join("agent.log"))?;
        let child = Command::new(tamon)
            .arg("--state")
            .arg(folder.join("state"))
            .args(["agent", "--config"])
            .arg(folder.join("agent.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", tamon.display()))?;
        let mut agent = Guarded { tamon: tamon.into(), folder: folder.into(), child };
        let start = Instant::now();
        while agent.status().is_none() {
            if start.elapsed() > Duration::from_secs(90) || agent.child.try_wait()?.is_some() {
                bail!("the agent is not ready: {}", agent.log());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(agent)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("agent.log")).unwrap_or_default()
    }

    /// None while it does not answer.
    pub fn status(&self) -> Option<Value> {
        let out = self.asking(&["status", "--output", "json"]).stderr(Stdio::null()).output().ok()?;
        serde_json::from_slice(&out.stdout).ok().filter(|_| out.status.success())
    }

    /// Asks it something by the command line; an error when that fails.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        crate::run::output(&mut self.asking(arguments))
    }

    /// The command line that asks it.
    pub fn asking(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.tamon);
        command.arg("--state").arg(self.folder.join("state")).args(arguments);
        command
    }

    /// Events that its sensor lost so far.
    pub fn lost(&self) -> u64 {
        let status = self.status().unwrap_or_default();
        let lost = status["sensor"]["lost"].as_object();
        lost.map_or(0, |kinds| kinds.values().filter_map(Value::as_u64).sum())
    }

    /// What it tells from now on.
    pub fn listen(&self) -> Result<Told> {
        let socket = self.folder.join("state/run/agent.sock");
        let mut stream =
            UnixStream::connect(&socket).with_context(|| format!("cannot reach the agent at {}", socket.display()))?;
        stream.write_all(b"{\"request\":\"follow\"}\n")?;
        let mut lines = BufReader::new(stream).lines();
        lines.next().context("the agent closed without an answer")??;
        let (send, lines_in) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(|line| line.ok()) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Told { lines: lines_in, marks: 0 })
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let start = Instant::now();
        while asked.is_ok() && start.elapsed() < Duration::from_secs(15) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("xtask: cannot end the agent: {error}");
        }
    }
}

/// A test that floods it leaves the agent behind for a while; longer than this, it is stuck.
const MOST_BEHIND: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_secs(3);

/// The agent's live stream.
pub struct Told {
    lines: Receiver<String>,
    marks: u64,
}

impl Told {
    /// All that was told up to now: a program of ours with a name of its own runs, and the agent's record of it ends the
    /// wait, since what happened before is told before. Then `grace` for what is told after a look into a file.
    pub fn until_now(&mut self, grace: Duration, take: &mut dyn FnMut(Value)) -> Result<()> {
        self.marks += 1;
        let mark = format!("tamon-xtask-mark-{}-{}", std::process::id(), self.marks);
        if !Command::new("/bin/true").arg(&mark).status()?.success() {
            bail!("/bin/true failed");
        }
        let limit = Instant::now() + MOST_BEHIND;
        let (mut marked, mut again) = (None, Instant::now() + AGAIN);
        loop {
            let end = marked.map_or(limit.min(again), |at: Instant| at + grace);
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(&mark) => marked = marked.or(Some(Instant::now())),
                Ok(line) => take(serde_json::from_str(&line)?),
                Err(RecvTimeoutError::Timeout) if marked.is_some() => return Ok(()),
                Err(RecvTimeoutError::Timeout) if Instant::now() < limit => {
                    // A mark may be among what a sensor that is flooded loses.
                    again = Instant::now() + AGAIN;
                    Command::new("/bin/true").arg(&mark).status()?;
                }
                Err(RecvTimeoutError::Timeout) => bail!("the agent is more than {} s behind", MOST_BEHIND.as_secs()),
                Err(RecvTimeoutError::Disconnected) => bail!("the agent's stream ended"),
            }
        }
    }
}
