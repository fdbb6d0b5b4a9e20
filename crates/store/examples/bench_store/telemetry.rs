//! Events like those of a hundred busy servers in a day: few programs, command lines that repeat in most parts, processes that
//! do some dozen things each. Everything follows from the event's number, so any part can be made again.

use event::{Column, Row, Sha256, Timestamp, Value};
use std::ops::Range;

pub const HOSTS: u64 = 100;
/// 2026-01-31T00:00:00Z.
pub const T0: i64 = 1_769_817_600_000_000_000;
const DAY: i64 = 86_400_000_000_000;
/// Events of one process, in a row on its host.
const EACH: u64 = 12;

const PROGRAMS: [(&str, &str, &str); 12] = [
    ("/usr/bin/bash", "bash -c /opt/app/bin/health --port", "bash"),
    ("/usr/bin/python3.11", "python3 /srv/jobs/worker.py --queue=default --job", "python3.11"),
    ("/usr/sbin/nginx", "nginx: worker process", "nginx"),
    ("/usr/lib/postgresql/15/bin/postgres", "postgres: app app 10.0.0.4", "postgres"),
    ("/usr/bin/curl", "curl -fsS http://127.0.0.1:8080/health?id", "curl"),
    ("/usr/bin/grep", "grep -q ready /run/app/state.", "grep"),
    ("/usr/bin/sed", "sed -n 1,20p /var/log/app/part.", "sed"),
    ("/usr/lib/systemd/systemd", "/lib/systemd/systemd --user --id", "systemd"),
    ("/usr/sbin/cron", "/usr/sbin/CRON -f -P", "cron"),
    ("/usr/bin/ssh", "ssh -o BatchMode=yes backup@10.0.9.2 sync", "ssh"),
    ("/usr/bin/node", "node /srv/web/server.js --worker", "node"),
    ("/usr/bin/git", "git fetch --all --prune", "git"),
];

pub struct Telemetry {
    step: i64,
}

impl Telemetry {
    /// Spread over one day.
    pub fn new(events: u64) -> Self {
        Telemetry { step: DAY / events.max(1) as i64 }
    }

    pub fn rows(&self, numbers: Range<u64>) -> Vec<Row> {
        numbers.map(|n| self.row(n)).collect()
    }

    fn time(&self, n: u64) -> Timestamp {
        Timestamp(T0 + n as i64 * self.step + (mix(n) % 1_000_000) as i64)
    }

    /// SQL for what one host did in the minute of event `n`.
    pub fn host_minute(&self, n: u64) -> String {
        let from = self.time(n);
        format!(
            "SELECT timestamp, event_action, process_executable, process_command_line FROM events WHERE host_id = '{}' \
             AND timestamp >= TIMESTAMP '{from}' AND timestamp < TIMESTAMP '{}' ORDER BY timestamp",
            host(n),
            from.plus_nanos(60_000_000_000)
        )
    }

    /// Entity id of the process that acts in event `n`.
    pub fn process_of(&self, n: u64) -> String {
        entity(n % HOSTS, n / HOSTS / EACH)
    }

    fn row(&self, n: u64) -> Row {
        let (host_number, turn) = (n % HOSTS, n / HOSTS);
        let process = turn / EACH;
        let seed = mix(host_number << 40 | process);
        let (executable, arguments, name) = PROGRAMS[pick(seed)];
        let parent = process.saturating_sub(1 + seed % 5);
        let (parent_executable, parent_arguments, parent_name) = PROGRAMS[pick(mix(host_number << 40 | parent))];
        let mut row = Row::default();
        row.set(Column::Time, Value::Time(self.time(n)));
        row.set(Column::Sequence, Value::U64(n));
        row.set_text(Column::HostId, host(n));
        row.set_text(Column::HostName, format!("srv-{host_number:03}"));
        row.set_text(Column::BootId, format!("6f1ad5d2-8f0e-4d52-9f6c-{host_number:012x}"));
        row.set_text(Column::ProcessEntityId, entity(host_number, process));
        row.set(Column::ProcessPid, Value::U64(1000 + process * 3 % 60_000));
        row.set_text(Column::ProcessName, name);
        row.set_text(Column::ProcessExecutable, executable);
        row.set_text(Column::ProcessCommandLine, command_line(arguments, seed));
        row.set_text(Column::ProcessWorkingDirectory, if seed.is_multiple_of(3) { "/" } else { "/srv/app" });
        row.set(Column::ProcessHashSha256, Value::Digest(digest(pick(seed) as u64)));
        row.set(Column::ProcessStart, Value::Time(self.time(process * EACH * HOSTS + host_number)));
        row.set(Column::ProcessInteractive, Value::Bool(false));
        row.set_text(Column::ParentEntityId, entity(host_number, parent));
        row.set(Column::ParentPid, Value::U64(1000 + parent * 3 % 60_000));
        row.set_text(Column::ParentName, parent_name);
        row.set_text(Column::ParentExecutable, parent_executable);
        row.set_text(Column::ParentCommandLine, command_line(parent_arguments, mix(host_number << 40 | parent)));
        row.set(Column::UserId, Value::U64([0, 33, 1000, 110][(seed % 4) as usize]));
        row.set_text(Column::UserName, ["root", "www-data", "deploy", "postgres"][(seed % 4) as usize]);
        row.set(Column::UserEffectiveId, Value::U64([0, 33, 1000, 110][(seed % 4) as usize]));
        row.set(Column::GroupId, Value::U64([0, 33, 1000, 110][(seed % 4) as usize]));
        row.set_text(
            Column::Unit,
            ["app.service", "nginx.service", "cron.service", "ssh.service"][(seed % 4) as usize],
        );
        row.set_text(Column::PackageName, ["bash", "python3.11", "nginx-core", "postgresql-15"][pick(seed) % 4]);
        row.set_text(Column::PackageVersion, "5.2.15-2+b7");
        act(&mut row, turn % EACH, seed, n);
        row
    }
}

/// What the process does as its `step`th act: it starts, reads and writes, connects, and ends.
fn act(row: &mut Row, step: u64, seed: u64, n: u64) {
    let mut kind = |category: &str, action: &str| {
        row.set_text(Column::Category, category);
        row.set_text(Column::Action, action);
    };
    match step {
        0 => kind("process", "process-exec"),
        1..=5 => {
            kind("file", if step.is_multiple_of(2) { "file-create" } else { "file-open-write" });
            let name = format!("part.{}", mix(seed ^ step) % 5_000);
            row.set_text(Column::FilePath, format!("/var/lib/app/cache/{}/{name}", seed % 40));
            row.set_text(Column::FileName, name);
            row.set(Column::FileInode, Value::U64(1_000_000 + mix(seed ^ step) % 200_000));
            row.set(Column::FileSize, Value::U64(mix(n) % 65_536));
            row.set_text(Column::FileMode, "0644");
            row.set(Column::FileOwner, Value::U64(1000));
        }
        6..=9 => {
            kind("network", "network-connect");
            let ip = mix(seed ^ step) % 40_000;
            row.set(Column::SourceIp, Value::Ip(std::net::Ipv4Addr::new(10, 0, 1, (n % HOSTS) as u8).into()));
            row.set(Column::SourcePort, Value::U64(32_768 + mix(n) % 28_000));
            // A few hundred of them stand on the list of indicators.
            let first = if ip < 20 { 203 } else { 198 };
            let address = std::net::Ipv4Addr::new(first, 0, (ip >> 8) as u8, ip as u8);
            row.set(Column::DestinationIp, Value::Ip(address.into()));
            row.set(Column::DestinationPort, Value::U64([443, 5432, 80, 53][(ip % 4) as usize]));
            row.set_text(Column::NetworkTransport, "tcp");
            row.set_text(Column::NetworkDirection, "egress");
            row.set_text(Column::Outcome, "success");
        }
        10 => {
            kind("dns", "dns-query");
            row.set_text(Column::DnsQuestionName, format!("svc-{}.internal.example", seed % 300));
            row.set_text(Column::DnsQuestionType, "A");
        }
        _ => {
            kind("process", "process-exit");
            row.set(Column::ProcessExitCode, Value::I64(seed.is_multiple_of(50).into()));
        }
    }
}

fn command_line(arguments: &str, seed: u64) -> String {
    match seed % 20_011 {
        0 => format!("{arguments} --token=7f3a{:x}", seed >> 40),
        _ => format!("{arguments} {}", seed % 700),
    }
}

/// Some programs run far more often than others; the rarest on few hosts.
fn pick(seed: u64) -> usize {
    match seed % 1000 {
        0 => 11,
        r => (r as usize * r as usize) / 91_000,
    }
}

pub fn host(n: u64) -> String {
    format!("{:032x}", u128::from(mix(n % HOSTS)) << 64 | u128::from(n % HOSTS))
}

fn entity(host: u64, process: u64) -> String {
    format!("{:016x}-{:x}-{:x}", mix(host), 1000 + process * 3 % 60_000, process * 97)
}

fn digest(n: u64) -> Sha256 {
    let mut bytes = [0; 32];
    for (i, chunk) in bytes.chunks_mut(8).enumerate() {
        chunk.copy_from_slice(&mix(n * 4 + i as u64).to_le_bytes());
    }
    Sha256(bytes)
}

/// SplitMix64's finishing steps.
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
