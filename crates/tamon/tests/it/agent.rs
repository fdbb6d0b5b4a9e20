//! A real agent alone, with a policy and a state folder of its own; ended when it is dropped.

use crate::text;
use event::{Alert, Row};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub struct Agent {
    child: Child,
    state: PathBuf,
    log: PathBuf,
}

impl Agent {
    /// Up when it returns. In a folder where an agent was stopped before it goes on with that one's state.
    pub fn start(folder: &Path, policy: &str) -> Agent {
        Agent::configured(folder, policy, "content = []\n")
    }

    /// `config` without its policy.
    pub fn configured(folder: &Path, policy: &str, config: &str) -> Agent {
        let (state, log) = (folder.join("state"), folder.join("agent.log"));
        fs::create_dir_all(&state).unwrap();
        fs::write(folder.join("policy.toml"), policy).unwrap();
        let text = format!("policy = {:?}\n{config}", folder.join("policy.toml"));
        let config = folder.join("agent.toml");
        fs::write(&config, text).unwrap();
        let file = fs::File::create(&log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_tamon"))
            .arg("--state")
            .arg(&state)
            .args(["agent", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let agent = Agent { child, state, log };
        agent.until("the agent is up", |agent| agent.log().contains("the agent is up"));
        agent
    }

    pub fn until(&self, what: &str, mut holds: impl FnMut(&Agent) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !holds(self) {
            assert!(Instant::now() < end, "not within 60 s: {what}; the agent said: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tamon"));
        command.arg("--state").arg(&self.state).args(["--output", "json"]).args(arguments).output().unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", text(&output.stderr)))
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn state(&self) -> &Path {
        &self.state
    }

    pub fn stop(&mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap();
    }

    /// Of an agent that was stopped.
    pub fn alerts(&self) -> Vec<Alert> {
        self.records()
            .into_iter()
            .filter_map(|body| match body {
                wire::RecordBody::Alert(alert) => Some(*alert),
                _ => None,
            })
            .collect()
    }

    /// Events of an agent that was stopped.
    pub fn rows(&self) -> Vec<Row> {
        self.records()
            .into_iter()
            .filter_map(|body| match body {
                wire::RecordBody::Event(row) => Some(row),
                _ => None,
            })
            .collect()
    }

    fn records(&self) -> Vec<wire::RecordBody> {
        let spool = spool::Spool::open(self.state.join("agent/spool"), spool::SpoolConfig::default()).unwrap();
        let (mut bodies, mut next) = (Vec::new(), spool.acked() + 1);
        loop {
            let records = spool.read_from(next, 8 << 20).unwrap();
            let Some(last) = records.last() else { return bodies };
            next = last.seq + 1;
            for record in &records {
                bodies.push(wire::Record::decode(&record.payload).unwrap().body);
            }
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
