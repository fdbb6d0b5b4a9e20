//! The node's configuration: TOML with strict keys, from one file and `conf.d/*.toml` beside it. A mistyped key is an error
//! with file and line, never a silently weaker node.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub const DEFAULT_FILE: &str = "/etc/tamon/node.toml";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeConfig {
    /// Where everything is kept.
    pub state: PathBuf,
    /// Where sockets and the pid file are; `run` below `state` when not given.
    pub run: Option<PathBuf>,
    /// Account (name or number) that the node turns into when root starts it.
    pub user: Option<String>,
    pub console: Console,
    pub agents: Agents,
    pub store: Store,
    pub sessions: Sessions,
    pub hunt: Hunt,
    pub investigate: Investigate,
    pub rules: Rules,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    pub listen: SocketAddr,
    /// PEM files. Without them the console speaks plain HTTP, and then only on a loopback address.
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// How people reach it, for links; made from `listen` when not given.
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agents {
    pub listen: SocketAddr,
    /// Names and addresses for the node's own certificate, besides the built-in one.
    pub names: Vec<String>,
    /// What `tamon enrol --node` should be told; `listen` when not given.
    pub address: Option<String>,
    /// Mirror of signatures that agents may take, made by `tamon signatures publish`; `node/signatures` below `state` when not
    /// given.
    pub signatures: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The oldest segments go when there is more.
    pub max_bytes: u64,
    pub max_age_days: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    pub hours: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hunt {
    pub max_rows: u32,
    pub max_seconds: u32,
}

/// How incidents are looked into by the node itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Investigate {
    /// Without anybody asking for it.
    pub automatic: bool,
    /// An incident is looked into when nothing came to it for so long.
    pub settle_seconds: u32,
    /// Of one investigation: what it may ask, how often hosts, and how much they may send.
    pub max_questions: u32,
    pub max_collections: u32,
    pub max_bytes: u64,
    pub max_seconds: u32,
}

/// Rules and indicators that are added on the node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// How far back a new one is searched for, and for how long at most.
    pub history_days: u32,
    pub history_seconds: u32,
}

impl Default for NodeConfig {
    fn default() -> Self {
        NodeConfig {
            state: "/var/lib/tamon".into(),
            run: None,
            user: None,
            console: Console::default(),
            agents: Agents::default(),
            store: Store::default(),
            sessions: Sessions::default(),
            hunt: Hunt::default(),
            investigate: Investigate::default(),
            rules: Rules::default(),
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Console { listen: ([127, 0, 0, 1], 8443).into(), tls_certificate: None, tls_key: None, url: None }
    }
}

impl Default for Agents {
    fn default() -> Self {
        Agents { listen: ([0, 0, 0, 0], 8444).into(), names: Vec::new(), address: None, signatures: None }
    }
}

impl Default for Store {
    fn default() -> Self {
        Store { max_bytes: 50 << 30, max_age_days: 90 }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions { hours: 12 }
    }
}

impl Default for Hunt {
    fn default() -> Self {
        Hunt { max_rows: 10_000, max_seconds: 30 }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Rules { history_days: 30, history_seconds: 600 }
    }
}

impl Default for Investigate {
    fn default() -> Self {
        Investigate {
            automatic: true,
            settle_seconds: 5,
            max_questions: 100,
            max_collections: 24,
            max_bytes: 16 << 20,
            max_seconds: 60,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}")]
    Parse { path: PathBuf, message: String },
    #[error(
        "console.listen is {0}, which others can reach: give console.tls_certificate and console.tls_key, or a loopback address"
    )]
    PlainBeyondLoopback(SocketAddr),
    #[error("console.tls_certificate and console.tls_key belong together")]
    HalfTls,
    #[error("{key} is {value}, which is not between {least} and {most}")]
    OutOfRange { key: &'static str, value: u64, least: u64, most: u64 },
}

impl NodeConfig {
    /// `file`, or [`DEFAULT_FILE`] if that is there, or the defaults; then each `conf.d/*.toml` beside the file in order of
    /// name, key by key over what came before.
    pub fn load(file: Option<&Path>) -> Result<NodeConfig, ConfigError> {
        let mut merged = toml::Table::new();
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        if file.is_some() || path.exists() {
            merge(&mut merged, read(path)?);
        }
        for part in parts(path)? {
            merge(&mut merged, read(&part)?);
        }
        let fail = |message| ConfigError::Parse { path: path.into(), message };
        let text = toml::to_string(&merged).map_err(|error| fail(error.to_string()))?;
        let config = parse(&text).map_err(fail)?;
        config.check()
    }

    pub fn from_text(text: &str) -> Result<NodeConfig, ConfigError> {
        parse(text).map_err(|message| ConfigError::Parse { path: "node.toml".into(), message })?.check()
    }

    /// `--state DIR` moves everything; run files go below it.
    pub fn with_state(mut self, state: &Path, run: Option<&Path>) -> NodeConfig {
        self.state = state.to_path_buf();
        self.run = run.map(Path::to_path_buf);
        self
    }

    /// Every key with its value, as TOML.
    pub fn explain(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    pub fn run_dir(&self) -> PathBuf {
        self.run.clone().unwrap_or_else(|| self.state.join("run"))
    }

    /// The node's own data, apart from an agent's that may share `state`.
    pub fn node_dir(&self) -> PathBuf {
        self.state.join("node")
    }

    pub fn signatures_dir(&self) -> PathBuf {
        self.agents.signatures.clone().unwrap_or_else(|| self.node_dir().join("signatures"))
    }

    pub fn check(self) -> Result<NodeConfig, ConfigError> {
        let console = &self.console;
        if console.tls_certificate.is_some() != console.tls_key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        if console.tls_key.is_none() && !console.listen.ip().is_loopback() {
            return Err(ConfigError::PlainBeyondLoopback(console.listen));
        }
        let range = |key, value: u64, least, most| {
            let fits = (least..=most).contains(&value);
            if fits { Ok(()) } else { Err(ConfigError::OutOfRange { key, value, least, most }) }
        };
        range("sessions.hours", self.sessions.hours, 1, 24 * 30)?;
        range("hunt.max_rows", self.hunt.max_rows.into(), 1, 100_000)?;
        range("hunt.max_seconds", self.hunt.max_seconds.into(), 1, 300)?;
        range("investigate.settle_seconds", self.investigate.settle_seconds.into(), 0, 3_600)?;
        range("investigate.max_questions", self.investigate.max_questions.into(), 1, 1_000)?;
        range("investigate.max_collections", self.investigate.max_collections.into(), 0, 1_000)?;
        range("investigate.max_bytes", self.investigate.max_bytes, 1 << 16, 1 << 30)?;
        range("investigate.max_seconds", self.investigate.max_seconds.into(), 1, 280)?;
        range("rules.history_days", self.rules.history_days.into(), 1, 3_650)?;
        range("rules.history_seconds", self.rules.history_seconds.into(), 1, 86_400)?;
        range("store.max_bytes", self.store.max_bytes, 64 << 20, 1 << 60)?;
        Ok(self)
    }
}

/// Said with line and column, and the key it is about.
fn parse(text: &str) -> Result<NodeConfig, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())
}

fn read(path: &Path) -> Result<toml::Table, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
    // Each file is held to the keys by itself, so that the error names the file and the line in it.
    let fail = |message| ConfigError::Parse { path: path.to_path_buf(), message };
    parse(&text).map_err(fail)?;
    text.parse::<toml::Table>().map_err(|error| fail(error.to_string()))
}

fn parts(path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let Some(folder) = path.parent().map(|folder| folder.join("conf.d")).filter(|folder| folder.is_dir()) else {
        return Ok(Vec::new());
    };
    let fail = |source| ConfigError::Read { path: folder.clone(), source };
    let list = std::fs::read_dir(&folder).map_err(fail)?;
    // The folder is shared with the agent: `node*.toml` is ours.
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("node") && name.ends_with(".toml")
    };
    // A part that cannot be seen may hold what makes the node safe.
    let all: std::io::Result<Vec<PathBuf>> = list.map(|entry| Ok(entry?.path())).collect();
    let mut out: Vec<PathBuf> = all.map_err(fail)?.into_iter().filter(ours).collect();
    out.sort();
    Ok(out)
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), &str>) {
        match (NodeConfig::from_text(text), expected) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn keys_are_strict_and_values_are_checked() {
        check("", Ok(()));
        check(
            "user = \"64738\"\n\n[console]\nlisten = \"127.0.0.1:8443\"\n\n[agents]\nlisten = \"127.0.0.1:8444\"\n",
            Ok(()),
        );
        check("[console]\nlisen = \"127.0.0.1:1\"", Err("unknown field `lisen`"));
        check("\n[console]\nlisen = 1", Err("line 3"));
        check("[console]\nlisten = \"0.0.0.0:8443\"", Err("which others can reach"));
        check("[console]\ntls_key = \"/x\"", Err("belong together"));
        check("[sessions]\nhours = 0", Err("sessions.hours"));
    }

    #[test]
    fn later_files_win_key_by_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("node.toml");
        std::fs::write(&file, "[hunt]\nmax_rows = 5\nmax_seconds = 6").unwrap();
        std::fs::create_dir(dir.path().join("conf.d")).unwrap();
        std::fs::write(dir.path().join("conf.d/node-10.toml"), "[hunt]\nmax_rows = 7").unwrap();
        std::fs::write(dir.path().join("conf.d/agent.toml"), "not = \"ours\"").unwrap();
        let config = NodeConfig::load(Some(&file)).unwrap();
        assert_eq!((config.hunt.max_rows, config.hunt.max_seconds), (7, 6));
        std::fs::write(dir.path().join("conf.d/node-11.toml"), "hunts = 1").unwrap();
        assert!(NodeConfig::load(Some(&file)).unwrap_err().to_string().contains("node-11.toml"));
    }
}
