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

/// Credentials, private keys, dumps of databases.
fn is_secret(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ends = [".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx", ".sql", ".dump", ".bson", ".keytab"];
    let whole = [
        "shadow",
        "gshadow",
        "credentials",
        "id_rsa",
        "id_ed25519",
        "id_ecdsa",
        ".pgpass",
        ".my.cnf",
        ".netrc",
        ".git-credentials",
        "kubeconfig",
        "krb5.keytab",
        "wallet.dat",
        "config.json",
    ];
    let secret_folder = ["/.ssh/", "/.aws/", "/.kube/", "/.gnupg/", "/.docker/", "/.config/gcloud/"];
    (ends.iter().any(|end| name.ends_with(end)) || whole.contains(&name) && name != "config.json")
        || secret_folder.iter().any(|folder| path.contains(folder))
            && !name.ends_with(".pub")
            && !matches!(name, "known_hosts" | "authorized_keys" | "config")
        || name.ends_with("sql.gz")
}
