//! Writes alerts the way a story is told: who, below whom, did what, when.

use event::*;

/// A process by its name in the story: `p(812, "nginx")`.
pub fn p(pid: u32, executable: &str, command_line: &str) -> ProcessSnapshot {
    ProcessSnapshot {
        entity_id: format!("boot-{pid:x}-1"),
        pid,
        name: executable.rsplit('/').next().unwrap().to_owned(),
        executable: executable.to_owned(),
        command_line: command_line.to_owned(),
        started: Timestamp(1_700_000_000_000_000_000 + i64::from(pid)),
        user_id: 0,
        user_name: Some("root".into()),
        package: executable.starts_with("/usr/").then(|| "some 1.0".to_owned()),
        ..ProcessSnapshot::default()
    }
}

pub fn init() -> ProcessSnapshot {
    p(1, "/usr/lib/systemd/systemd", "/sbin/init")
}

/// systemd, sshd, its session, a login shell; nearest first. `login` keeps two logins apart.
pub fn login(login: u32) -> Vec<ProcessSnapshot> {
    let sshd = p(500, "/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D");
    let session = p(1000 + login * 100, "/usr/sbin/sshd", "sshd: alice [priv]");
    let shell = p(1001 + login * 100, "/usr/bin/bash", "-bash");
    let mut all = vec![shell, session, sshd, init()];
    for process in &mut all[..2] {
        process.session_id = Some(login);
        process.login_id = Some(1000);
        process.login_name = Some("alice".into());
    }
    all
}

pub struct Told(pub Alert);

/// An alert by the first of `lineage` at `seconds`.
pub fn told(id: &str, seconds: i64, technique: &str, action: &str, lineage: Vec<ProcessSnapshot>) -> Told {
    let time = Timestamp(1_700_000_000_000_000_000 + seconds * 1_000_000_000);
    let mut event = Row::default();
    event.set(Column::Time, Value::Time(time));
    event.set_text(Column::Action, action);
    let finding = Finding {
        engine: Engine::Sigma,
        rule_id: RuleId::new(format!("rule-{technique}-{action}")),
        name: format!("rule about {technique}"),
        severity: Severity::High,
        techniques: vec![technique.parse().unwrap()],
        tactics: vec![Tactic::Execution],
        detail: "because".into(),
        matched: Vec::new(),
        asks: None,
    };
    Told(Alert {
        id: AlertId::new(id),
        time,
        agent: AgentId::new("agent-1"),
        host: HostId::new("host-1"),
        host_name: "srv-1".into(),
        tenant: TenantId::default(),
        severity: Severity::High,
        title: finding.name.clone(),
        findings: vec![finding],
        decision: Decision {
            action: Action::Alert,
            wanted: Action::Kill,
            mode: Mode::Observe,
            tier: Tier::Gate,
            reasons: Vec::new(),
        },
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        event,
        lineage,
    })
}

impl Told {
    pub fn file(mut self, path: &str) -> Told {
        self.0.event.set_text(Column::FilePath, path);
        self
    }
    pub fn remote(mut self, ip: &str, port: u64) -> Told {
        self.0.event.set(Column::DestinationIp, Value::Ip(ip.parse().unwrap()));
        self.0.event.set(Column::DestinationPort, Value::U64(port));
        self
    }
    pub fn on(mut self, host: &str) -> Told {
        self.0.host = HostId::new(host);
        self.0.host_name = host.into();
        self
    }
    pub fn severity(mut self, severity: Severity) -> Told {
        self.0.severity = severity;
        self.0.findings[0].severity = severity;
        self
    }
    /// A log-in from there, as a log of this host has it.
    pub fn log_in(mut self, ip: &str, users: &str, ok: bool) -> Told {
        self.0.event.set(Column::SourceIp, Value::Ip(ip.parse().unwrap()));
        self.0.event.set_text(Column::Outcome, if ok { "success" } else { "failure" });
        self.0.findings[0].matched = vec![("users".into(), users.into()), ("source_ip".into(), ip.into())];
        self
    }
    /// The host counted as many more of these as it did not tell.
    pub fn held_back(mut self, count: u32) -> Told {
        self.0.findings[0].note_held_back(count);
        self
    }
    pub fn killed(mut self) -> Told {
        self.0.outcome = Outcome { action: Action::Kill, status: OutcomeStatus::Done, detail: "3 processes".into() };
        self
    }
}

/// `child` below `parents`.
pub fn below(child: ProcessSnapshot, parents: &[ProcessSnapshot]) -> Vec<ProcessSnapshot> {
    std::iter::once(child).chain(parents.iter().cloned()).collect()
}
