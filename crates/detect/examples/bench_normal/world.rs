//! Hosts at work on a simulated clock: processes start processes, talk, ask for names, write; each event as the agent has it.

use event::{
    Container, DnsQuery, Endpoint, Event, EventKind, Exec, File, FileEvent, FileOp, Fork, LogEvent, LogFacility,
    LogSays, LogSource, LogWriter, Login, NetworkEvent, NetworkOp, Package, Process, ProcessKey, Timestamp, Transport,
    User, Via,
};
use std::cell::Cell;
use std::sync::Arc;

pub const SECOND: i64 = 1_000_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
/// A Monday.
pub const BEGIN: i64 = 20_521 * DAY;

/// Numbers that look drawn and are the same in every run.
pub struct Draw(Cell<u64>);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(Cell::new(seed))
    }
    pub fn next(&self) -> u64 {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&self, limit: u64) -> u64 {
        (self.next() >> 16) % limit.max(1)
    }
    pub fn of<'a, T: ?Sized>(&self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len() as u64) as usize]
    }
    /// Within a span of time.
    pub fn within(&self, span: i64) -> i64 {
        self.below(span as u64) as i64
    }
}

pub type Who = Arc<Process>;

pub struct Host {
    pub name: &'static str,
    pub draw: Draw,
    pub events: Vec<Event>,
    next: u32,
}

impl Host {
    pub fn new(name: &'static str, seed: u64) -> Host {
        Host { name, draw: Draw::new(seed), events: Vec::new(), next: 2_000 }
    }

    /// Processes from here on have these numbers.
    pub fn number_from(&mut self, first: u32) {
        self.next = first;
    }

    pub fn number(&self) -> u32 {
        self.next
    }

    /// A service that runs since before anybody looked.
    pub fn service(&mut self, executable: &str, user: &str, unit: &str) -> Who {
        let key = self.key();
        let parent = ProcessKey { tgid: 1, ..ProcessKey::default() };
        Arc::new(Process {
            unit: Some(unit.into()),
            user: User { name: Some(user.into()), ..User::default() },
            ..process(key, parent, executable, executable)
        })
    }

    pub fn container(&mut self, executable: &str, image: &str, id: &str) -> Who {
        let service = self.service(executable, "root", "");
        let runtime = Container {
            id: id.into(),
            runtime: "docker".into(),
            name: Some(id.into()),
            image: Some(image.into()),
            labels: [].into(),
        };
        Arc::new(Process { unit: None, container: Some(Arc::new(runtime)), package: None, ..(*service).clone() })
    }

    /// A person logs in: sshd's child and its shell.
    pub fn log_in(&mut self, at: i64, sshd: &Who, (user, uid): (&str, u32), from: &str) -> Who {
        let session = self.start(at, sshd, "/usr/sbin/sshd", "sshd: session");
        let login = Login { uid, session: self.next, name: Some(user.into()) };
        let says = LogSays::Login {
            user: user.into(),
            method: "publickey".into(),
            from: Some(Endpoint { ip: from.parse().expect("an address"), port: 50_000 }),
            ok: true,
            unknown_user: false,
        };
        let user = User { name: Some(user.into()), ..User::default() };
        let session = Arc::new(Process { login: Some(login), user, unit: None, ..(*session).clone() });
        let log = LogEvent {
            source: LogSource::Journal,
            says,
            claimed: Some(Timestamp(at)),
            program: "sshd".into(),
            pid: Some(session.key.tgid),
            writer: LogWriter::Confirmed,
            facility: LogFacility::Auth,
            message: "".into(),
        };
        self.push(at + SECOND / 2, &session, None, EventKind::Log(Box::new(log)));
        let shell = self.start(at + SECOND, &session, "/usr/bin/bash", "-bash");
        Arc::new(Process { interactive: true, ..(*shell).clone() })
    }

    /// A job of cron, which logs its user in.
    pub fn job(&mut self, at: i64, cron: &Who, user: &str, command: &str) -> Who {
        let child = self.start(at, cron, "/usr/sbin/cron", "/usr/sbin/CRON -f");
        let login = Login { uid: 0, session: self.next, name: Some(user.into()) };
        let child = Arc::new(Process { login: Some(login), ..(*child).clone() });
        self.start(at, &child, "/usr/bin/dash", &format!("/bin/sh -c {command}"))
    }

    pub fn start(&mut self, at: i64, parent: &Who, executable: &str, command: &str) -> Who {
        let key = self.key();
        self.push(at, parent, None, EventKind::Fork(Fork { child: key, namespace_flags: 0 }));
        let child = Arc::new(Process {
            user: parent.user.clone(),
            login: parent.login.clone(),
            unit: parent.unit.clone(),
            container: parent.container.clone(),
            interactive: parent.interactive,
            package: parent.container.is_none().then(|| package(executable)).flatten(),
            ..process(key, parent.key, executable, command)
        });
        self.push(at + 1_000_000, &child, Some(parent), EventKind::Exec(Exec::default()));
        child
    }

    pub fn talk(&mut self, at: i64, who: &Who, to: &str, port: u16) {
        let kind = EventKind::Network(NetworkEvent {
            op: NetworkOp::Connect,
            transport: if port == 123 { Transport::Udp } else { Transport::Tcp },
            source: None,
            destination: Some(Endpoint { ip: to.parse().expect("an address"), port }),
            error: 0,
        });
        self.push(at, who, None, kind);
    }

    pub fn ask(&mut self, at: i64, who: &Who, name: &str) {
        self.push(at, who, None, EventKind::Dns(DnsQuery { name: name.into(), qtype: 1, server: None }));
    }

    pub fn write(&mut self, at: i64, who: &Who, path: &str) {
        self.push(at, who, None, EventKind::File(FileEvent { op: FileOp::WriteClose, file: File::at(path) }));
    }

    pub fn push(&mut self, at: i64, who: &Who, parent: Option<&Who>, kind: EventKind) {
        let (process, parent) = (Some(Arc::clone(who)), parent.cloned());
        self.events.push(Event { sequence: 0, time: Timestamp(at), via: Via::Syscall, process, parent, kind });
    }

    fn key(&mut self) -> ProcessKey {
        self.next += 1;
        ProcessKey { tgid: self.next, start_ticks: u64::from(self.next), ..ProcessKey::default() }
    }
}

fn process(key: ProcessKey, parent: ProcessKey, executable: &str, command: &str) -> Process {
    Process {
        key,
        parent: Some(parent),
        executable: executable.into(),
        command_line: command.into(),
        comm: executable.rsplit('/').next().unwrap_or_default().chars().take(15).collect::<String>().into(),
        package: package(executable),
        ..Process::default()
    }
}

fn package(executable: &str) -> Option<Arc<Package>> {
    let installed = executable.starts_with("/usr/") && !executable.starts_with("/usr/local/");
    let name = executable.rsplit('/').next().unwrap_or_default();
    installed.then(|| Arc::new(Package { name: name.into(), version: "1".into(), kind: "deb" }))
}
