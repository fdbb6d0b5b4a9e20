//! A node and an agent of their own, enrolled, in a state folder of their own; ended when dropped.

use crate::run;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct World {
    binary: PathBuf,
    pub state: PathBuf,
    pub console: String,
    children: Vec<Child>,
}

impl World {
    /// `purpose` names the state folder.
    pub fn start(binary: PathBuf, purpose: &str) -> Result<World> {
        let state = std::env::temp_dir().join(format!("tamon-{purpose}-{}", std::process::id()));
        fs::create_dir_all(state.join("log"))?;
        let ports = free_ports()?;
        let config =
            format!("[console]\nlisten = \"127.0.0.1:{}\"\n\n[agents]\nlisten = \"127.0.0.1:{}\"\n", ports.0, ports.1);
        fs::write(state.join("node.toml"), config)?;
        let mut world = World { binary, state, console: format!("http://127.0.0.1:{}", ports.0), children: Vec::new() };
        world.spawn("node", Some("node.toml"))?;
        world.until(&["hosts", "--output", "json"])?;
        let token = run::output(world.tamon().args(["node-token"]))?;
        let mut enrol = world.tamon();
        enrol.args(["enrol", "--node", &format!("127.0.0.1:{}", ports.1), "--token", "-"]).stdin(Stdio::piped());
        let mut child = enrol.spawn()?;
        child.stdin.take().context("no standard input")?.write_all(token.as_bytes())?;
        if !child.wait()?.success() {
            bail!("the enrolment failed");
        }
        world.spawn("agent", None)?;
        world.until(&["status", "--output", "json"])?;
        run::run(
            "self-test for the browser tests",
            world.tamon().args(["selftest", "--output", "json"]).stdout(Stdio::null()),
        )?;
        Ok(world)
    }

    pub fn tamon(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--state").arg(&self.state);
        command
    }

    fn spawn(&mut self, role: &str, config: Option<&str>) -> Result<()> {
        let log = fs::File::create(self.state.join(format!("log/{role}.log")))?;
        let mut command = self.tamon();
        command.arg(role).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if let Some(config) = config {
            command.arg("--config").arg(self.state.join(config));
        }
        self.children.push(command.spawn()?);
        Ok(())
    }

    fn until(&self, probe: &[&str]) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(90) {
            if self.tamon().args(probe).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        self.show_logs();
        bail!("`tamon {}` did not succeed within 90 s", probe.join(" "))
    }

    pub fn show_logs(&self) {
        for role in ["node", "agent"] {
            let path = self.state.join(format!("log/{role}.log"));
            let text = fs::read_to_string(&path).unwrap_or_else(|error| error.to_string());
            let lines: Vec<&str> = text.lines().collect();
            eprintln!("--- {role}\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            end(child);
        }
        remove(&self.state);
    }
}

fn end(child: &mut Child) {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let start = Instant::now();
    while asked.is_ok() && start.elapsed() < Duration::from_secs(15) {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        eprintln!("xtask: cannot end pid {}: {error}", child.id());
    }
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        eprintln!("xtask: cannot remove {}: {error}", folder.display());
    }
}

/// Two ports that are free now; held open together so that they differ.
fn free_ports() -> Result<(u16, u16)> {
    let bind = || std::net::TcpListener::bind("127.0.0.1:0");
    let (one, two) = (bind()?, bind()?);
    Ok((one.local_addr()?.port(), two.local_addr()?.port()))
}
