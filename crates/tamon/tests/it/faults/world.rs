//! A node and an agent of their own, as two processes with mTLS between them, in a folder of their own: to be killed,
//! starved and lied to. Everything that was started here is ended when the world is dropped.

use crate::text;
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub struct World {
    folder: tempfile::TempDir,
    agents_at: u16,
    node: Option<Child>,
    agent: Option<Child>,
}

/// The sensor needs root, and without it nothing here would be real.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl World {
    /// Node and agent up and connected. `agent` is the agent's configuration.
    pub fn start(agent: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let (console, agents_at) = free_ports();
        let node =
            format!("[console]\nlisten = \"127.0.0.1:{console}\"\n\n[agents]\nlisten = \"127.0.0.1:{agents_at}\"\n");
        fs::write(folder.path().join("node.toml"), node).unwrap();
        fs::write(folder.path().join("agent.toml"), agent).unwrap();
        let mut world = World { folder, agents_at, node: None, agent: None };
        world.start_node();
        world.enrol();
        world.start_agent();
        world
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tamon"));
        command.arg("--state").arg(self.state());
        command
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command().args(["--output", "json"]).args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// Rows of a hunt.
    pub fn hunt(&self, sql: &str) -> Vec<Value> {
        let output = self.command().args(["--output", "ndjson", "hunt", sql]).output().unwrap();
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn start_node(&mut self) {
        self.node = Some(self.daemon("node"));
        self.until("the node answers", |world| world.run(&["hosts"]).status.success());
    }

    pub fn start_agent(&mut self) {
        self.agent = Some(self.daemon("agent"));
        self.until("the agent answers", |world| world.run(&["status"]).status.success());
    }

    fn daemon(&self, role: &str) -> Child {
        let log =
            File::options().create(true).append(true).open(self.folder.path().join(format!("{role}.log"))).unwrap();
        self.command()
            .arg(role)
            .arg("--config")
            .arg(self.folder.path().join(format!("{role}.toml")))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn enrol(&self) {
        let token = self.run(&["node-token"]);
        assert!(token.status.success());
        let node = format!("127.0.0.1:{}", self.agents_at);
        let mut child =
            self.command().args(["enrol", "--node", &node, "--token", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&token.stdout).unwrap();
        assert!(child.wait().unwrap().success(), "enrolled");
    }

    /// As a crash does: nothing of it gets to run again.
    pub fn kill_node(&mut self) {
        kill(self.node.take());
    }

    pub fn kill_agent(&mut self) {
        kill(self.agent.take());
    }

    pub fn until(&self, what: &str, mut holds: impl FnMut(&World) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            if start.elapsed() > Duration::from_secs(90) {
                panic!("not within 90 s: {what}\n{}\n{}", self.log("node"), self.log("agent"));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn log(&self, role: &str) -> String {
        let all = fs::read_to_string(self.folder.path().join(format!("{role}.log"))).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        format!("--- {role}\n{}", lines[lines.len().saturating_sub(25)..].join("\n"))
    }

    /// What a command prints for a person, which holds nothing that a terminal would obey.
    pub fn shown(&self, arguments: &[&str]) -> String {
        let shown = text(&self.run(arguments).stdout);
        let obeyed =
            |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert_eq!(shown.chars().find(obeyed), None, "{arguments:?}: {shown}");
        shown
    }

    /// Alerts in which `mark` stands, newest first.
    pub fn alerts_of(&self, mark: &str) -> Vec<Value> {
        let all = self.run(&["--output", "ndjson", "alerts", "-n", "200"]);
        let all =
            text(&all.stdout).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
        all.into_iter().filter(|alert| alert.to_string().contains(mark)).collect()
    }

    /// Runs `/bin/true` with a mark among its arguments, once for each number.
    pub fn mark(&self, mark: &str, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let status = Command::new("/bin/true").arg(format!("{mark}-{number}")).status().unwrap();
            assert!(status.success());
        }
    }

    /// How often each marked program start stands in the store.
    pub fn marked(&self, mark: &str) -> Vec<u64> {
        let sql = format!(
            "SELECT process_command_line, count(*) AS n FROM events WHERE event_action = 'process-exec' \
             AND process_command_line LIKE '/bin/true {mark}-%' GROUP BY 1"
        );
        self.hunt(&sql).iter().map(|row| row["n"].as_u64().unwrap()).collect()
    }

    pub fn until_marked(&self, mark: &str, wanted: usize) {
        self.until(&format!("{wanted} starts of {mark} are stored"), |world| world.marked(mark).len() >= wanted);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        kill(self.agent.take());
        kill(self.node.take());
    }
}

fn kill(child: Option<Child>) {
    if let Some(mut child) = child {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// Two ports that are free now; held together so that they differ.
fn free_ports() -> (u16, u16) {
    let bind = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (one, two) = (bind(), bind());
    (one.local_addr().unwrap().port(), two.local_addr().unwrap().port())
}
