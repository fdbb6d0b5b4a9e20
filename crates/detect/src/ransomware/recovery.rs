//! What is done so that nothing can be got back: snapshots and backups deleted, services stopped that hold files open. One
//! such command is an administrator's daily work, or a rotation's: a low sign, which the ledger of its tree and its risk
//! count. Of all backups at once, or by force, it is told.

use crate::tell::{Rule, who};
use event::text::clip;
use event::{Engine, Event, EventKind, Finding, Process, Severity, Tactic, Technique};

pub(crate) const RULE: Rule = Rule {
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
    let (severity, what) = inhibits(process.name(), &process.command_line)?;
    let rule = Rule { severity, ..RULE };
    let detail = format!("{} {what}: {}", who(process), event::text::printable(clip(&process.command_line, 160)));
    Some(rule.finding(detail, vec![("process_command_line", process.command_line.to_string())]))
}

/// How grave it is what a command does to recovery, and in words what. Also for the agent, which counts it against the tree.
pub fn inhibits(name: &str, line: &str) -> Option<(Severity, &'static str)> {
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
                .then_some((Severity::Medium, "ended a database by force"));
        }
        _ => false,
    };
    if stops && words.iter().any(is_service) {
        return Some((Severity::Low, "stopped a database or backup service"));
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
        "rm" if words.iter().any(|word| BACKUPS.contains(&word.trim_end_matches(['/', '*']))) => {
            return Some((Severity::Medium, "deleted all backups of a place"));
        }
        "rm" => words.iter().any(|word| BACKUPS.iter().any(|place| below(word, place))),
        _ => false,
    };
    deletes.then_some((Severity::Low, "deleted snapshots or backups"))
}

const BACKUPS: [&str; 6] = ["/var/backups", "/backup", "/backups", "/.snapshots", "/var/lib/bacula", "/srv/backup"];

fn below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        const SIGN: Option<Severity> = Some(Severity::Low);
        const TOLD: Option<Severity> = Some(Severity::Medium);
        let check = |line: &str, expected: Option<Severity>| {
            let name = line.split(' ').next().unwrap();
            assert_eq!(inhibits(name, line).map(|(severity, _)| severity), expected, "{line}");
        };
        check("systemctl stop postgresql.service", SIGN);
        check("systemctl stop postgresql@15-main", SIGN);
        check("systemctl restart postgresql", None);
        check("systemctl stop nginx", None);
        check("service mysql stop", SIGN);
        check("lvremove -f vg/snap", SIGN);
        check("btrfs subvolume delete /.snapshots/7", SIGN);
        check("btrfs subvolume list /", None);
        check("zfs destroy tank@daily", SIGN);
        check("zfs destroy tank/scratch", None);
        check("restic forget --keep-last 7 --prune", SIGN);
        check("rm -rf /srv/backup/data.old", SIGN);
        check("rm -rf /var/backups/", TOLD);
        check("rm -rf /backup/*", TOLD);
        check("rm -rf /home/u/backups-old.txt", None);
        check("pkill -9 mysqld", TOLD);
        check("pkill firefox", None);
    }
}
