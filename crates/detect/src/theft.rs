//! Theft: one process tree reads several kinds of secrets or dumps, and then a connection goes out of it. A backup does the
//! same, so installed programs need more of it, and it is told, not stopped.

use crate::bounded::Bounded;
use crate::lineage::{outgoing, shown};
use crate::names::is_installed;
use crate::tell::{Rule, path, who};
use event::{Engine, Event, EventKind, FileOp, Finding, Process, ProcessKey, Severity, Tactic, Technique, Timestamp};
use std::collections::HashSet;

pub(crate) const RULE: Rule = Rule {
    id: "behaviour.theft",
    engine: Engine::Behaviour,
    name: "Secrets were gathered, then a connection went out",
    severity: Severity::High,
    techniques: &[Technique::new(1552), Technique::new(1041)],
    tactics: &[Tactic::CredentialAccess, Tactic::Exfiltration],
    asks: None,
};

const ENOUGH: usize = 3;
const ENOUGH_INSTALLED: usize = 6;
const WINDOW_NANOS: i64 = 300_000_000_000;
const MAX_TREES: usize = 1_024;
const MAX_FILES: usize = 32;

#[derive(Debug, Default)]
struct Reads {
    began: Option<Timestamp>,
    files: HashSet<String>,
    not_installed: bool,
}

#[derive(Debug)]
pub(crate) struct Theft {
    trees: Bounded<ProcessKey, Reads>,
}

impl Theft {
    pub fn new() -> Theft {
        Theft { trees: Bounded::new(MAX_TREES) }
    }

    pub fn observe(&mut self, event: &Event, process: &Process) -> Option<Finding> {
        // A script's programs are siblings below it.
        let keys = || [Some(process.key), process.parent.filter(|parent| parent.tgid > 2)].into_iter().flatten();
        match &event.kind {
            EventKind::File(file) if file.op == FileOp::OpenRead && is_secret(&file.file.path) => {
                for key in keys() {
                    let reads = self.trees.entry(&key, Reads::default);
                    if reads.began.is_none_or(|began| event.time.since(began) > WINDOW_NANOS) {
                        *reads = Reads { began: Some(event.time), ..Reads::default() };
                    }
                    reads.not_installed |= !is_installed(&process.executable);
                    if reads.files.len() < MAX_FILES {
                        reads.files.insert(file.file.path.to_string());
                    }
                }
                None
            }
            EventKind::Network(network) => {
                let to = outgoing(network).filter(|to| !to.ip.is_loopback())?;
                let key = keys().find(|key| self.trees.get(key).is_some_and(|reads| is_enough(reads, event.time)))?;
                let reads = std::mem::take(self.trees.entry(&key, Reads::default));
                let mut files: Vec<String> = reads.files.into_iter().collect();
                files.sort();
                let detail = format!(
                    "{} connected to {} after {} secrets were read, {} among them.",
                    who(process),
                    shown(&to),
                    files.len(),
                    path(&files[0])
                );
                Some(RULE.finding(detail, vec![("file_path", files.join(" ")), ("destination_ip", to.ip.to_string())]))
            }
            _ => None,
        }
    }
}

fn is_enough(reads: &Reads, now: Timestamp) -> bool {
    let fresh = reads.began.is_some_and(|began| now.since(began) <= WINDOW_NANOS);
    fresh && reads.files.len() >= if reads.not_installed { ENOUGH } else { ENOUGH_INSTALLED }
}

/// Credentials, private keys, dumps of databases: by the name. Also for the agent, whose guard sees reads that the sensor
/// was not told to watch.
pub fn is_secret(path: &str) -> bool {
    const ENDS: [&str; 15] = [
        ".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx", ".keytab", ".ovpn", ".tfstate", ".sql", ".dump", ".dmp",
        ".bson", ".rdb", ".env",
    ];
    const NAMES: [&str; 17] = [
        "shadow",
        "gshadow",
        "credentials",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        ".pgpass",
        ".my.cnf",
        "debian.cnf",
        ".netrc",
        ".git-credentials",
        "kubeconfig",
        "wallet.dat",
        "wp-config.php",
        ".env",
        ".htpasswd",
    ];
    const FOLDERS: [&str; 7] =
        ["/.ssh/", "/.aws/", "/.kube/", "/.gnupg/", "/.docker/", "/.config/gcloud/", "/etc/ssl/private/"];
    let name = path.rsplit('/').next().unwrap_or(path);
    let public = name.ends_with(".pub") || matches!(name, "known_hosts" | "authorized_keys" | "config");
    let unpacked = [".gz", ".xz", ".zst", ".bz2"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    NAMES.contains(&name)
        || ENDS.iter().any(|end| unpacked.ends_with(end))
        || FOLDERS.iter().any(|folder| path.contains(folder)) && !public
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_stealing() {
        let check = |path: &str, expected| assert_eq!(is_secret(path), expected, "{path}");
        check("/home/u/.ssh/id_ed25519", true);
        check("/home/u/.ssh/work", true);
        check("/home/u/.ssh/id_ed25519.pub", false);
        check("/home/u/.ssh/known_hosts", false);
        check("/srv/backup/shop.sql.gz", true);
        check("/srv/app/.env", true);
        check("/etc/shadow", true);
        check("/home/u/.docker/config.json", true);
        check("/home/u/config.json", false);
        check("/home/u/letter.txt", false);
        check("/home/u/key", false);
    }
}
