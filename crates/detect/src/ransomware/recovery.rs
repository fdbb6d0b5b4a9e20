//! What is done so that nothing can be got back: snapshots and backups deleted, services stopped that hold files open. One
//! such command is an administrator's daily work, so it is told and nothing more; the ledger of its tree counts it as a sign.

use crate::tell::{Rule, who};
use event::text::clip;
use event::{Engine, Event, EventKind, Finding, Process, Severity, Tactic, Technique};

const RULE: Rule = Rule {
    id: "ransomware.recovery",
    engine: Engine::Ransomware,
    name: "Recovery is made impossible",
    severity: Severity::Medium,
    techniques: &[Technique::new(1490), Technique::new(1489)],
    tactics: &[Tactic::Impact],
    asks: None,
};

pub(crate) fn observe(event: &Event, process: &Process) -> Option<Finding> {
    let EventKind::Exec(_) = &event.kind else { return None };
    let what = inhibits(process.name(), &process.command_line)?;
    let detail = format!("{} {what}: {}", who(process), event::text::printable(clip(&process.command_line, 160)));
    Some(RULE.finding(detail, vec![("process_command_line", process.command_line.to_string())]))
}

/// What a command does to recovery, in words. Also for the agent, which counts it against the tree.
pub fn inhibits(name: &str, line: &str) -> Option<&'static str> {
    const SERVICES: &[&str] = &[
        "mysql",
        "mariadb",
        "postgresql",
        "mongod",
        "mongodb",
        "redis",
        "oracle",
        "mssql-server",
        "elasticsearch",
        "docker",
        "veeamservice",
        "bacula",
        "bareos",
        "amanda",
        "cassandra",
        "influxdb",
        "couchdb",
        "rsnapshot",
        "snapperd",
        "libvirtd",
    ];
    let words: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
    let has = |word: &str| words.contains(&word);
    let starts = |start: &str| words.iter().any(|word| word.starts_with(start));
    let is_service = |word: &&str| {
        let word = word.trim_end_matches(".service");
        SERVICES.iter().any(|service| {
            word == *service || word.strip_prefix(service).is_some_and(|rest| rest.starts_with(['-', '@', '.']))
        })
    };
    let stops = match name {
        "systemctl" => has("stop") || has("disable") || has("kill") || has("mask"),
        "service" => has("stop"),
        "pkill" | "killall" => {
            return words
                .iter()
                .any(|word| {
                    matches!(*word, "mysqld" | "mariadbd" | "postgres" | "mongod" | "redis-server" | "java" | "oracle")
                })
                .then_some("ended a database by force");
        }
        _ => false,
    };
    if stops && words.iter().any(is_service) {
        return Some("stopped a database or backup service");
    }
    let deletes = match name {
        "lvremove" | "vgremove" => true,
        "btrfs" => has("subvolume") && (has("delete") || has("del")),
        "zfs" => has("destroy") && words.iter().any(|word| word.contains('@')),
        "snapper" => has("delete") || has("remove"),
        "timeshift" => starts("--delete"),
        "restic" => has("forget") && has("--prune"),
        "borg" => has("delete"),
        "virsh" => has("snapshot-delete"),
        "vim-cmd" => starts("vmsvc/snapshot.removeall"),
        "rm" => words.iter().any(|word| is_backup(word)),
        _ => false,
    };
    deletes.then_some("deleted snapshots or backups")
}

fn is_backup(word: &str) -> bool {
    ["/var/backups", "/backup", "/backups", "/.snapshots", "/var/lib/bacula", "/srv/backup"]
        .iter()
        .any(|place| word.trim_end_matches(['/', '*']) == *place || word.starts_with(&format!("{place}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        let check = |line: &str, expected: bool| {
            let name = line.split(' ').next().unwrap();
            assert_eq!(inhibits(name, line).is_some(), expected, "{line}");
        };
        check("systemctl stop postgresql.service", true);
        check("systemctl stop postgresql@15-main", true);
        check("systemctl restart postgresql", false);
        check("systemctl stop nginx", false);
        check("service mysql stop", true);
        check("lvremove -f vg/snap", true);
        check("btrfs subvolume delete /.snapshots/7", true);
        check("btrfs subvolume list /", false);
        check("zfs destroy tank@daily", true);
        check("zfs destroy tank/scratch", false);
        check("restic forget --keep-last 7 --prune", true);
        check("rm -rf /var/backups/db", true);
        check("rm -rf /home/u/backups-old.txt", false);
        check("pkill -9 mysqld", true);
        check("pkill firefox", false);
    }
}
