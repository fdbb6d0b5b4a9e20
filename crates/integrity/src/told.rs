//! A told change read back from its row: what the command line prints, the node's page shows and the reports count.

use event::{Attribute, ChangeKind, Changed, Column, Row, Severity, Timestamp, Value};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub time: Timestamp,
    /// `create`, `modify`, `attributes`, `rename`, `delete`, `expected`, `unverified`, `baseline`.
    pub what: String,
    pub path: String,
    pub from: Option<String>,
    pub severity: Severity,
    /// `live`, `start`, `scan`.
    pub found: String,
    pub rule: Option<String>,
    pub why: String,
    pub changed: Vec<Changed>,
    pub diff: Option<String>,
    pub diff_note: Option<String>,
    pub package: Option<String>,
    pub transaction: Option<String>,
    /// Files that this stands for, and the first of them.
    pub files: u64,
    pub paths: Vec<String>,
    pub host: Option<String>,
    pub host_name: Option<String>,
    pub who: Option<Who>,
}

/// The process that did it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Who {
    pub entity_id: String,
    pub pid: u64,
    pub executable: String,
    pub command_line: String,
    pub parent: Option<String>,
    pub user: Option<String>,
    /// Who signed in, where that is somebody else or known at all.
    pub login: Option<String>,
    pub session: Option<u64>,
    pub unit: Option<String>,
    pub container: Option<String>,
    pub image: Option<String>,
    /// The processes above, nearest first: pid and command line.
    #[serde(default)]
    pub lineage: Vec<String>,
}

impl Told {
    /// None when the row is no change that integrity monitoring told.
    pub fn of(row: &Row) -> Option<Told> {
        let action = row.text(Column::Action)?;
        if !ChangeKind::ACTIONS.contains(&&*action) {
            return None;
        }
        let text = |column| row.text(column).map(std::borrow::Cow::into_owned);
        let label = |name: &str| row.labels.get(name).cloned();
        let changed = Attribute::ALL.into_iter().filter_map(|attribute| {
            let (before, after) = (label(&format!("before_{attribute}")), label(&format!("after_{attribute}")));
            (before.is_some() || after.is_some()).then(|| Changed {
                attribute,
                before: before.unwrap_or_default(),
                after: after.unwrap_or_default(),
            })
        });
        Some(Told {
            time: row.time(),
            what: action.strip_prefix("integrity-").unwrap_or(&action).to_owned(),
            path: text(Column::FilePath).unwrap_or_default(),
            from: text(Column::FileOtherPath),
            severity: label("integrity_severity").and_then(|name| name.parse().ok()).unwrap_or_default(),
            found: label("integrity_found").unwrap_or_default(),
            rule: label("integrity_rule"),
            why: label("integrity_why").unwrap_or_default(),
            changed: changed.collect(),
            diff: label("integrity_diff"),
            diff_note: label("integrity_diff_note"),
            package: label("integrity_package"),
            transaction: label("integrity_transaction"),
            files: label("integrity_files").and_then(|n| n.parse().ok()).unwrap_or(1),
            paths: label("integrity_paths").map(|all| all.lines().map(str::to_owned).collect()).unwrap_or_default(),
            host: text(Column::HostId),
            host_name: text(Column::HostName),
            who: who(row),
        })
    }

    /// Nothing that anyone has to look at.
    pub fn is_expected(&self) -> bool {
        matches!(self.what.as_str(), "expected" | "unverified" | "baseline")
    }
}

fn who(row: &Row) -> Option<Who> {
    let text = |column| row.text(column).map(std::borrow::Cow::into_owned);
    let number = |column| match row.get(column) {
        Some(Value::U64(n)) => Some(n),
        _ => None,
    };
    let name = |named, id| text(named).or_else(|| number(id).map(|id| id.to_string()));
    Some(Who {
        entity_id: text(Column::ProcessEntityId)?,
        pid: number(Column::ProcessPid).unwrap_or_default(),
        executable: text(Column::ProcessExecutable).unwrap_or_default(),
        command_line: text(Column::ProcessCommandLine).unwrap_or_default(),
        parent: text(Column::ParentCommandLine).or_else(|| text(Column::ParentExecutable)),
        user: name(Column::UserName, Column::UserId),
        login: name(Column::LoginName, Column::LoginId),
        session: number(Column::SessionId),
        unit: text(Column::Unit),
        container: text(Column::ContainerName).or_else(|| text(Column::ContainerId)),
        image: text(Column::ContainerImage),
        lineage: row
            .labels
            .get("integrity_lineage")
            .map(|all| all.lines().map(str::to_owned).collect())
            .unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Event, EventKind, File, FileChange, Found, Process, ProcessKey, Sha256, Via};
    use std::sync::Arc;

    #[test]
    fn a_change_survives_its_row() {
        let change = FileChange {
            what: ChangeKind::Renamed { from: "/etc/old".into() },
            file: File { mode: 0o100_644, ..File::at("/etc/new") },
            sha256: Some(Sha256([3; 32])),
            changed: vec![Changed { attribute: Attribute::Mode, before: "0600".into(), after: "0644".into() }],
            diff: Some("-a\n+b\n".into()),
            diff_note: None,
            found: Found::Live,
            severity: Severity::High,
            rule: Some("integrity.accounts".into()),
            why: "no package manager did it".into(),
            package: None,
            transaction: None,
            lineage: Some("6 bash\n1 init".into()),
            files: 1,
            paths: Vec::new(),
        };
        let process = Process {
            key: ProcessKey { tgid: 7, ..ProcessKey::default() },
            executable: "/usr/bin/vim".into(),
            ..Process::default()
        };
        let event = Event {
            sequence: 1,
            time: Timestamp(5),
            via: Via::Syscall,
            process: Some(Arc::new(process)),
            parent: None,
            kind: EventKind::Change(Box::new(change.clone())),
        };
        let row: Row = serde_json::from_str(&serde_json::to_string(&Row::of(&event)).unwrap()).unwrap();
        let told = Told::of(&row).unwrap();
        assert_eq!((&*told.what, &*told.path, told.from.as_deref()), ("rename", "/etc/new", Some("/etc/old")));
        assert_eq!(
            (told.severity, &told.changed, told.diff.as_deref()),
            (Severity::High, &change.changed, Some("-a\n+b\n"))
        );
        let who = told.who.unwrap();
        assert_eq!((&*who.executable, who.lineage), ("/usr/bin/vim", vec!["6 bash".to_owned(), "1 init".to_owned()]));
        assert_eq!(Told::of(&Row::default()), None);
    }
}
