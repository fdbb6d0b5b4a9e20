//! From a fresh Debian machine to a protected host with its console: packages, build, node, enrolment, agent, and then a
//! live line of their state. Node and agent are two processes with mTLS between them, as in production.

use crate::{build, down, packages, paths, run};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Options {
    /// Where everything is kept: /var/lib/tamon if not given. A second run picks it up.
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// Leave node and agent running and return.
    #[arg(long)]
    pub detach: bool,
    /// Install missing Debian packages without asking.
    #[arg(long)]
    pub yes: bool,
    /// Console's address.
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub console: String,
    /// Address where agents connect.
    #[arg(long, default_value = "127.0.0.1:8444")]
    pub listen: String,
    /// Cargo profile to build and run.
    #[arg(long, default_value = "up")]
    pub profile: String,
}

/// What the node runs as when started by root: a number of its own, so that no account need be made on this machine.
const NODE_UID: u32 = 64_738;

pub fn up(options: &Options) -> Result<()> {
    packages::ensure(packages::BUILD, options.yes)?;
    let built = build::all(&options.profile)?;
    let state = state_folder(options.state.as_deref())?;
    let tamon = Installed::place(&built, &state)?;
    let mut children = Vec::new();
    if down::running(&state, "node")?.is_none() {
        write_config(&state, options)?;
        children.push(("node", tamon.start("node", options.detach)?));
    }
    tamon.wait_for("node", &["hosts", "--output", "json"], &mut children)?;
    if !state.join("agent/identity/identity.pem").exists() {
        tamon.enrol(&options.listen)?;
    }
    if down::running(&state, "agent")?.is_none() {
        children.push(("agent", tamon.start("agent", options.detach)?));
    }
    tamon.wait_for("agent", &["status", "--output", "json"], &mut children)?;
    tamon.introduce(options)?;
    if options.detach {
        return Ok(());
    }
    tamon.stay(&mut children)
}

fn state_folder(asked: Option<&Path>) -> Result<PathBuf> {
    let state = asked.unwrap_or(Path::new("/var/lib/tamon"));
    fs::create_dir_all(state).with_context(|| format!("cannot make the state folder {}", state.display()))?;
    for part in ["log", "run", "etc", "bin"] {
        fs::create_dir_all(state.join(part))?;
    }
    Ok(state.canonicalize()?)
}

/// Written once; a file that is there is the operator's.
fn write_config(state: &Path, options: &Options) -> Result<()> {
    let node = state.join("etc/node.toml");
    if !node.exists() {
        let mut text =
            format!("[console]\nlisten = \"{}\"\n\n[agents]\nlisten = \"{}\"\n", options.console, options.listen);
        if run::output(Command::new("id").arg("-u"))?.trim() == "0" {
            text = format!("user = \"{NODE_UID}\"\n\n{text}");
        }
        fs::write(&node, text)?;
    }
    Ok(())
}

/// The binary as it runs: beside the state, so that a rebuild does not pull it from under a running agent.
struct Installed {
    binary: PathBuf,
    state: PathBuf,
}

impl Installed {
    fn place(built: &Path, state: &Path) -> Result<Self> {
        let binary = state.join("bin/tamon");
        let fresh = state.join("bin/.tamon.new");
        fs::copy(built, &fresh).with_context(|| format!("cannot copy {} to {}", built.display(), fresh.display()))?;
        fs::rename(&fresh, &binary)?;
        let link = paths::root().join("tamon");
        if link.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
            fs::remove_file(&link)?;
        }
        if !link.exists() {
            std::os::unix::fs::symlink(&binary, &link)?;
        }
        Ok(Installed { binary, state: state.to_path_buf() })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--state").arg(&self.state);
        command
    }

    /// Its words go to a log file. Detached, it gets a session of its own, so that it outlives this terminal.
    fn start(&self, role: &str, detach: bool) -> Result<Child> {
        let log = self.state.join(format!("log/{role}.log"));
        let file = File::options().create(true).append(true).open(&log)?;
        let mut command = if detach {
            let mut command = Command::new("setsid");
            command.arg(&self.binary).arg("--state").arg(&self.state);
            command
        } else {
            self.command()
        };
        command.arg(role).arg("--config").arg(self.state.join(format!("etc/{role}.toml")));
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        eprintln!("xtask: start the {role}, log in {}", log.display());
        command.spawn().with_context(|| format!("cannot start the {role}"))
    }

    fn wait_for(&self, role: &str, probe: &[&str], children: &mut [(&str, Child)]) -> Result<()> {
        let start = Instant::now();
        loop {
            let answer = self.command().args(probe).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
            if answer.success() {
                return Ok(());
            }
            for (name, child) in children.iter_mut() {
                if let Some(status) = child.try_wait()? {
                    bail!("the {name} ended: {status}\n{}", self.log_tail(name));
                }
            }
            if start.elapsed() > Duration::from_secs(60) {
                bail!("the {role} is not ready after 60 s\n{}", self.log_tail(role));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn log_tail(&self, role: &str) -> String {
        let text = fs::read_to_string(self.state.join(format!("log/{role}.log"))).unwrap_or_else(|e| e.to_string());
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// The token is single use and goes by standard input: arguments are everybody's to read.
    fn enrol(&self, node: &str) -> Result<()> {
        let token = run::output(self.command().args(["node-token"]))?;
        let mut child = self
            .command()
            .args(["enrol", "--node", node, "--token", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start the enrolment")?;
        child.stdin.take().context("no standard input")?.write_all(token.as_bytes())?;
        let status = child.wait()?;
        if !status.success() {
            bail!("the enrolment failed: {status}");
        }
        Ok(())
    }

    fn introduce(&self, options: &Options) -> Result<()> {
        let login = run::output(self.command().arg("login-link"))?;
        println!();
        println!("  Tamon is up. Console: http://{}/", options.console);
        println!("  Sign in once with:    {}", login.trim());
        println!("  Command line:         ./tamon --state {} status", self.state.display());
        println!("  Try it:               ./tamon --state {} selftest", self.state.display());
        println!("  Stop:                 cargo xtask down --state {}", self.state.display());
        println!();
        Ok(())
    }

    /// One line, rewritten every two seconds on a terminal and once a minute elsewhere. Control-C reaches node and agent
    /// too, since they share this process group, and each ends in good order.
    fn stay(&self, children: &mut [(&str, Child)]) -> Result<()> {
        let terminal = std::io::stderr().is_terminal();
        loop {
            for (name, child) in children.iter_mut() {
                if let Some(status) = child.try_wait()? {
                    bail!("the {name} ended: {status}\n{}", self.log_tail(name));
                }
            }
            let line = self.status_line();
            if terminal {
                eprint!("\r\x1b[K{line}");
                std::io::stderr().flush()?;
                std::thread::sleep(Duration::from_secs(2));
            } else {
                eprintln!("{line}");
                std::thread::sleep(Duration::from_secs(60));
            }
        }
    }

    fn status_line(&self) -> String {
        let ask = |arguments: &[&str]| -> Option<Value> {
            let out = self.command().args(arguments).args(["--output", "json"]).stderr(Stdio::null()).output().ok()?;
            serde_json::from_slice(&out.stdout).ok()
        };
        let Some(status) = ask(&["status"]) else {
            return "the agent does not answer".into();
        };
        let lost: u64 =
            status["sensor"]["lost"].as_object().map_or(0, |kinds| kinds.values().filter_map(Value::as_u64).sum());
        let incidents = ask(&["incidents", "list"])
            .and_then(|all| all["items"].as_array().map(Vec::len))
            .map_or("?".into(), |n| n.to_string());
        format!(
            "tier {} · mode {} · seen {} · lost {lost} · incidents {incidents} · agent {} MB",
            status["tier"].as_str().unwrap_or("?"),
            status["mode"].as_str().unwrap_or("?"),
            status["sensor"]["seen"],
            status["resident_bytes"].as_u64().unwrap_or(0) / 1_000_000,
        )
    }
}
