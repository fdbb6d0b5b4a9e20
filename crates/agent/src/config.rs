//! The agent's TOML: raw → resolved. Strict keys: a mistyped one is an error with line and field, never less protection.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As written. Every key has a default; `tamon config explain agent` prints them all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folders of rules besides those built in.
    pub content: Vec<PathBuf>,
    /// Policy file read at start and on SIGHUP; the policy last put in force by `tamon policy apply` if not given.
    pub policy: Option<PathBuf>,
    /// Below this lie the package databases that vouch for files, and the system that they describe.
    pub package_root: PathBuf,
    pub sensor: Sensor,
    pub spool: Spool,
    pub signatures: Signatures,
    pub logs: Logs,
    /// Lower the tier, for tests and for hosts where a higher one does harm: "observe" or "gate".
    pub force_tier: Option<event::Tier>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sensor {
    pub ring_mib: u32,
    /// Milliseconds between two rounds; records come without a wake-up until the ring is a quarter full.
    pub drain_interval_ms: u64,
}

/// Logs of other programs that are read as they grow. What is not there is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    pub enabled: bool,
    /// Folders of systemd's journal.
    pub journal: Vec<PathBuf>,
    /// Files of a syslog daemon; left alone where there is a journal, which holds the same.
    pub auth: Vec<PathBuf>,
    /// The same for what all other programs say: read for rules, stored only where one finds something.
    pub system: Vec<PathBuf>,
    /// auditd's log, and the socket of its dispatcher's plugin `af_unix`; empty for none.
    pub audit: Vec<PathBuf>,
    pub audit_socket: PathBuf,
    /// Access logs of web servers, common or combined format.
    pub web: Vec<PathBuf>,
    /// Sockets of the daemons; empty for none.
    pub docker: PathBuf,
    pub containerd: PathBuf,
    /// Records of one log that are taken in a second; what comes above is counted and left out.
    pub per_second: u32,
    /// Files that one program writes for itself, by the program's name; read for rules as `system` is.
    pub programs: BTreeMap<String, PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spool {
    pub max_mib: u64,
    /// Events are durable after this long at most; alerts at once.
    pub sync_interval_ms: u64,
}

/// The set of signatures that is brought to this host, besides what lies in `content`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signatures {
    /// "node" for what the node publishes, a folder, or the http(s) address of a mirror; "" brings nothing.
    pub from: String,
    /// Public keys of publishers that are trusted: files, or folders of `.pub` files. Without one nothing is brought.
    pub keys: Vec<PathBuf>,
    /// Certificates in PEM that an https mirror is held against, in place of those of the world's authorities.
    pub ca: Option<PathBuf>,
    pub interval_seconds: u64,
    /// Folder of certificates that detached signatures of ClamAV's containers are held against.
    pub certificates: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            content: vec!["/etc/tamon/content".into()],
            policy: None,
            sensor: Sensor::default(),
            spool: Spool::default(),
            signatures: Signatures::default(),
            logs: Logs::default(),
            force_tier: None,
            package_root: "/".into(),
        }
    }
}

impl Default for Sensor {
    fn default() -> Self {
        Sensor { ring_mib: 8, drain_interval_ms: 5 }
    }
}

impl Default for Logs {
    fn default() -> Self {
        let paths = |all: &[&str]| all.iter().map(PathBuf::from).collect();
        Logs {
            enabled: true,
            journal: paths(&["/var/log/journal", "/run/log/journal"]),
            auth: paths(&["/var/log/auth.log", "/var/log/secure"]),
            system: paths(&["/var/log/syslog", "/var/log/messages"]),
            audit: paths(&["/var/log/audit/audit.log"]),
            audit_socket: "/run/audispd_events".into(),
            web: paths(&[
                "/var/log/nginx/access.log",
                "/var/log/apache2/access.log",
                "/var/log/apache2/other_vhosts_access.log",
                "/var/log/httpd/access_log",
            ]),
            docker: "/run/docker.sock".into(),
            containerd: "/run/containerd/containerd.sock".into(),
            per_second: 200,
            programs: [
                ("clamd", "/var/log/clamav/clamav.log"),
                ("freshclam", "/var/log/clamav/freshclam.log"),
                ("vsftpd", "/var/log/vsftpd.log"),
            ]
            .map(|(program, path)| (program.to_owned(), PathBuf::from(path)))
            .into(),
        }
    }
}

impl Default for Spool {
    fn default() -> Self {
        Spool { max_mib: 512, sync_interval_ms: 200 }
    }
}

impl Default for Signatures {
    fn default() -> Self {
        Signatures {
            from: "node".into(),
            keys: vec!["/etc/tamon/signatures".into()],
            ca: None,
            interval_seconds: 3600,
            certificates: signatures::CLAMAV_CERTIFICATES.into(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {file}: {source}")]
    Read { file: PathBuf, source: std::io::Error },
    #[error("{file}: {message}")]
    Parse { file: PathBuf, message: String },
    #[error("{file}: {field} must be {range}, it is {value}")]
    Range { file: PathBuf, field: &'static str, range: &'static str, value: u64 },
}

impl Config {
    /// `file`, else /etc/tamon/agent.toml with /etc/tamon/conf.d/agent-*.toml laid over it, else the defaults. A file that
    /// was asked for must be there; the system's own may be missing.
    pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
        match file {
            Some(file) if file.exists() => Config::read(&[file.to_path_buf()]),
            // `xtask up` names a file that the operator may add later.
            Some(_) => Ok(Config::default()),
            None => Config::read(&system_files()),
        }
    }

    fn read(files: &[PathBuf]) -> Result<Config, ConfigError> {
        let mut merged = toml::Table::new();
        for file in files {
            let text =
                std::fs::read_to_string(file).map_err(|source| ConfigError::Read { file: file.clone(), source })?;
            let parsed = Config::parse(file, &text)?;
            parsed.check(file)?;
            let table: toml::Table = toml::from_str(&text)
                .map_err(|error| ConfigError::Parse { file: file.clone(), message: error.to_string() })?;
            lay_over(&mut merged, table);
        }
        let last = files.last().cloned().unwrap_or_default();
        Config::parse(&last, &merged.to_string())
    }

    pub fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError::Parse { file: file.into(), message: error.to_string() })
    }

    fn check(&self, file: &Path) -> Result<(), ConfigError> {
        let within = |field, value: u64, range: std::ops::RangeInclusive<u64>, words| {
            if range.contains(&value) {
                Ok(())
            } else {
                Err(ConfigError::Range { file: file.into(), field, range: words, value })
            }
        };
        within("sensor.ring_mib", self.sensor.ring_mib.into(), 1..=1024, "1 to 1024")?;
        within("sensor.drain_interval_ms", self.sensor.drain_interval_ms, 1..=1000, "1 to 1000")?;
        within("spool.max_mib", self.spool.max_mib, 1..=1_048_576, "1 to 1048576")?;
        within("spool.sync_interval_ms", self.spool.sync_interval_ms, 1..=10_000, "1 to 10000")?;
        within("logs.per_second", self.logs.per_second.into(), 1..=100_000, "1 to 100000")?;
        within("signatures.interval_seconds", self.signatures.interval_seconds, 1..=2_592_000, "1 to 2592000")
    }

    /// Every key with its value, as TOML.
    pub fn explain(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    pub fn drain_interval(&self) -> Duration {
        Duration::from_millis(self.sensor.drain_interval_ms)
    }
}

fn system_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    let main = PathBuf::from("/etc/tamon/agent.toml");
    if main.exists() {
        files.push(main);
    }
    if let Ok(entries) = std::fs::read_dir("/etc/tamon/conf.d") {
        let mut more: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                name.starts_with("agent-") && name.ends_with(".toml")
            })
            .collect();
        more.sort();
        files.append(&mut more);
    }
    files
}

/// Tables are merged key by key; anything else is replaced.
fn lay_over(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_key_is_an_error_with_its_line() {
        let error = Config::parse(Path::new("agent.toml"), "[sensor]\nring_mb = 3\n").unwrap_err().to_string();
        assert!(error.contains("agent.toml") && error.contains("line 2") && error.contains("ring_mb"), "{error}");
    }

    #[test]
    fn the_defaults_explain_themselves() {
        let text = toml::to_string(&Config::default()).unwrap();
        assert_eq!(Config::parse(Path::new("defaults"), &text).unwrap(), Config::default());
    }

    #[test]
    fn a_later_file_wins_key_by_key() {
        let mut base: toml::Table = toml::from_str("[sensor]\nring_mib = 8\ndrain_interval_ms = 7\n").unwrap();
        lay_over(&mut base, toml::from_str("[sensor]\nring_mib = 32\n").unwrap());
        let merged = Config::parse(Path::new("merged"), &base.to_string()).unwrap();
        assert_eq!((merged.sensor.ring_mib, merged.sensor.drain_interval_ms), (32, 7));
    }
}
