//! The attack steps: name, ATT&CK technique, what an analyst would call it, and how it is known in the event stream.
//! What each does stands in `stand_in`.

use event::{Column, Row, Technique};

pub struct Step {
    pub name: &'static str,
    pub technique: Technique,
    pub what: &'static str,
    /// The event that shows that the sensor saw the act itself.
    pub seen: fn(&Row) -> bool,
}

pub const STEPS: &[Step] = &[
    Step {
        name: "web-shell",
        technique: Technique::sub(1505, 3),
        what: "a program named nginx starts a shell",
        seen: |row| is(row, Column::Action, "process-exec") && is(row, Column::ParentName, "nginx"),
    },
    Step {
        name: "download-and-run",
        technique: Technique::new(1105),
        what: "a program is fetched from loopback into /tmp and run",
        seen: |row| is(row, Column::Action, "process-exec") && is(row, Column::ProcessName, "payload"),
    },
    Step {
        name: "deleted-program",
        technique: Technique::sub(1070, 4),
        what: "a program runs from a file that has been deleted",
        seen: |row| is(row, Column::Action, "process-exec") && row.labels.contains_key("deleted"),
    },
    Step {
        name: "memfd-program",
        technique: Technique::new(1620),
        what: "a program runs from anonymous memory",
        seen: |row| is(row, Column::Action, "process-exec") && row.labels.contains_key("memfd"),
    },
    Step {
        name: "eicar",
        technique: Technique::sub(1204, 2),
        what: "the EICAR test file is written and run",
        seen: |row| ends(row, Column::FilePath, "/eicar.com"),
    },
    Step {
        name: "reverse-shell",
        technique: Technique::sub(1059, 4),
        what: "an interactive shell is connected to a listener on loopback",
        seen: |row| is(row, Column::Action, "network-connect") && is(row, Column::ProcessName, "bash"),
    },
    Step {
        name: "cron-persistence",
        technique: Technique::sub(1053, 3),
        what: "a cron job is written, below a temporary root",
        seen: |row| ends(row, Column::FilePath, "/etc/cron.d/updater"),
    },
    Step {
        name: "systemd-persistence",
        technique: Technique::sub(1543, 2),
        what: "a systemd unit is written, below a temporary root",
        seen: |row| ends(row, Column::FilePath, "/etc/systemd/system/updater.service"),
    },
    Step {
        name: "credential-read",
        technique: Technique::sub(1552, 1),
        what: "a decoy file of cloud credentials is read",
        seen: |row| is(row, Column::Action, "file-open-read") && ends(row, Column::FilePath, "/.aws/credentials"),
    },
    Step {
        name: "miner",
        technique: Technique::sub(1496, 1),
        what: "a fake miner talks stratum to loopback",
        seen: |row| is(row, Column::Action, "network-connect") && is(row, Column::ProcessName, "xmrig"),
    },
    Step {
        name: "ransomware",
        technique: Technique::new(1486),
        what: "sixty documents of its own are encrypted and renamed",
        seen: |row| is(row, Column::Action, "file-rename") && ends(row, Column::FilePath, ".locked"),
    },
    Step {
        name: "set-uid-copy",
        technique: Technique::sub(1548, 1),
        what: "a copy of `true` is made set-uid",
        seen: |row| is(row, Column::Action, "file-change-mode") && ends(row, Column::FilePath, "/helper"),
    },
    Step {
        name: "ptrace",
        technique: Technique::sub(1055, 8),
        what: "a process attaches to its own child with ptrace",
        seen: |row| is(row, Column::Action, "process-ptrace"),
    },
    Step {
        name: "kernel-log-wipe",
        technique: Technique::sub(1070, 2),
        what: "a copy of `true` named dmesg is run with --clear, and a log below a temporary root is emptied",
        seen: |row| is(row, Column::Action, "process-exec") && is(row, Column::ProcessName, "dmesg"),
    },
    super::service_namespace::STEP,
    super::watched_file::STEP,
];

pub fn is(row: &Row, column: Column, text: &str) -> bool {
    row.text(column).is_some_and(|value| value == text)
}

fn ends(row: &Row, column: Column, end: &str) -> bool {
    row.text(column).is_some_and(|value| value.ends_with(end))
}
