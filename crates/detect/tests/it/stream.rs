//! A small host: processes that act, one event after the other, seconds apart or not.

use detect::{DetectConfig, Detector};
use event::{
    CpuLoad, DnsQuery, Endpoint, Event, EventKind, Exec, File, FileEvent, FileOp, Finding, Flow, FlowProtocol, Fork,
    NetworkEvent, NetworkOp, Package, Process, ProcessKey, Timestamp, Transport, Via,
};
use std::collections::HashMap;
use std::sync::Arc;

pub struct Stream {
    detector: Detector,
    processes: HashMap<u32, Arc<Process>>,
    now: Timestamp,
    pub findings: Vec<Finding>,
}

impl Stream {
    pub fn new() -> Self {
        let config = DetectConfig { decoys: vec!["/srv/decoy/passwords.txt".into()], ..DetectConfig::default() };
        Stream {
            detector: Detector::new(config),
            processes: HashMap::new(),
            now: Timestamp(1_000_000_000_000_000_000),
            findings: Vec::new(),
        }
    }

    pub fn wait(&mut self, millis: i64) -> &mut Self {
        self.now = self.now.plus_nanos(millis * 1_000_000);
        self
    }

    /// `pid` becomes `executable`, as a child of `parent` if it is new.
    pub fn exec(&mut self, pid: u32, parent: u32, executable: &str, command_line: &str) -> &mut Self {
        self.exec_as(pid, parent, executable, command_line, Exec::default())
    }

    pub fn exec_as(&mut self, pid: u32, parent: u32, executable: &str, line: &str, exec: Exec) -> &mut Self {
        let installed = executable.starts_with("/usr/");
        let package = Package { name: "p".into(), version: "1".into(), kind: "deb" };
        let process = Process {
            key: key(pid),
            parent: Some(key(parent)),
            executable: executable.into(),
            command_line: line.into(),
            package: installed.then(|| Arc::new(package)),
            fileless: exec.memfd,
            ..Process::default()
        };
        self.processes.insert(pid, Arc::new(process));
        self.act(pid, EventKind::Exec(exec))
    }

    pub fn fork(&mut self, pid: u32, child: u32) -> &mut Self {
        let copy = Process { key: key(child), parent: Some(key(pid)), ..(*self.processes[&pid]).clone() };
        self.processes.insert(child, Arc::new(copy));
        self.act(pid, EventKind::Fork(Fork { child: key(child), namespace_flags: 0 }))
    }

    pub fn file(&mut self, pid: u32, op: FileOp, path: &str) -> &mut Self {
        self.act(pid, EventKind::File(FileEvent { op, file: File::at(path) }))
    }

    pub fn create(&mut self, pid: u32, path: &str) -> &mut Self {
        self.file(pid, FileOp::Create, path).file(pid, FileOp::WriteClose, path)
    }

    pub fn overwrite(&mut self, pid: u32, path: &str) -> &mut Self {
        self.file(pid, FileOp::OpenWrite { truncate: false }, path).file(pid, FileOp::WriteClose, path)
    }

    pub fn rename(&mut self, pid: u32, from: &str, to: &str) -> &mut Self {
        self.file(pid, FileOp::Rename { from: from.into() }, to)
    }

    pub fn unlink(&mut self, pid: u32, path: &str) -> &mut Self {
        self.file(pid, FileOp::Unlink, path)
    }

    pub fn connect(&mut self, pid: u32, to: &str) -> &mut Self {
        let to: std::net::SocketAddr = to.parse().expect("an address and a port");
        self.act(
            pid,
            EventKind::Network(NetworkEvent {
                op: NetworkOp::Connect,
                transport: Transport::Tcp,
                source: None,
                destination: Some(Endpoint { ip: to.ip(), port: to.port() }),
                error: 0,
            }),
        )
    }

    pub fn look_up(&mut self, pid: u32, name: &str) -> &mut Self {
        self.act(pid, EventKind::Dns(DnsQuery { name: name.into(), qtype: 1, server: None }))
    }

    /// How a connection of `pid` begins: protocol, call, host asked for.
    pub fn flow(&mut self, pid: u32, protocol: FlowProtocol, method: &str, server: &str) -> &mut Self {
        let text = |text: &str| (!text.is_empty()).then(|| text.into());
        let destination = Some(Endpoint { ip: std::net::Ipv4Addr::new(192, 0, 2, 7).into(), port: 443 });
        self.act(
            pid,
            EventKind::Flow(Flow {
                protocol,
                method: text(method),
                account: None,
                server: text(server),
                source: None,
                destination,
            }),
        )
    }

    /// `pid` has been busy for `seconds` with `threads` of 8 processors.
    pub fn load(&mut self, pid: u32, seconds: u64, threads: u32, change: impl Fn(&mut CpuLoad)) -> &mut Self {
        let mut load = CpuLoad {
            busy_ns: seconds * 1_000_000_000,
            busy_threads: threads,
            processors: 8,
            system_permille: 4,
            ..CpuLoad::default()
        };
        change(&mut load);
        self.act(pid, EventKind::Load(load))
    }

    fn act(&mut self, pid: u32, kind: EventKind) -> &mut Self {
        let process = self.processes[&pid].clone();
        let parent = process.parent.and_then(|parent| self.processes.get(&parent.tgid)).cloned();
        self.now = self.now.plus_nanos(1_000_000);
        let event = Event { sequence: 0, time: self.now, via: Via::Syscall, process: Some(process), parent, kind };
        self.findings.extend(self.detector.observe(&event));
        self
    }

    /// The rules told, in order.
    #[track_caller]
    pub fn told(&self, expected: &[&str]) {
        let told: Vec<&str> = self.findings.iter().map(|finding| finding.rule_id.as_str()).collect();
        assert_eq!(told, expected, "{:#?}", self.findings);
    }
}

fn key(pid: u32) -> ProcessKey {
    ProcessKey { tgid: pid, start_ticks: 1, ..ProcessKey::default() }
}
