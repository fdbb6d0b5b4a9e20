//! The whole road on loopback: a real spool, mutual TLS, a node that is killed, and each record once in the sink.

use crate::world::*;
use event::*;
use ingest::Ingest;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use transport::*;
use wire::{Command, CommandResult, CommandStatus};

#[derive(Default)]
struct Door(Mutex<BTreeMap<AgentId, HostId>>);

impl Admission for Door {
    async fn admit(&self, applicant: &Applicant) -> Result<TenantId, AdmissionError> {
        self.0.lock().unwrap().insert(applicant.agent.clone(), applicant.host.clone());
        Ok(TenantId::default())
    }
    async fn standing(&self, agent: &AgentId, _: &CertificateFacts) -> Result<Standing, AdmissionError> {
        let host = self.0.lock().unwrap().get(agent).cloned();
        Ok(host.map_or(Standing::Unknown, |host| Standing::Admitted { tenant: TenantId::default(), host }))
    }
    async fn renewed(&self, _: &Peer, _: &CertificateFacts) -> Result<(), AdmissionError> {
        Ok(())
    }
}

struct Agent;

impl Host for Agent {
    fn facts(&self) -> HostFacts {
        HostFacts {
            agent: AgentId::new("forged"),
            host: HostId::new("forged"),
            name: "web-1".into(),
            os: String::new(),
            kernel: String::new(),
            architecture: String::new(),
            agent_version: String::new(),
            boot_id: String::new(),
            tier: Tier::Gate,
            tier_reason: String::new(),
            missing_protections: Vec::new(),
            mode: Mode::Observe,
            seen: 0,
            lost: BTreeMap::new(),
            spool_bytes: 0,
            spool_events: 0,
            resident_bytes: 0,
            rules: 0,
            rules_rejected: 0,
            signatures: event::SignatureFacts::default(),
            addresses: Vec::new(),
            time: NOW,
        }
    }
    fn policy_version(&self) -> u64 {
        0
    }
    fn obey(&self, command: Command) -> CommandResult {
        let (detail, json) = (String::new(), String::new());
        CommandResult { id: command.id, status: CommandStatus::Done, detail, json, time: NOW }
    }
}

struct Node {
    runtime: tokio::runtime::Runtime,
    address: std::net::SocketAddr,
    _server: Server,
}

fn node(listen: &str, ca: &std::path::Path, door: &Arc<Door>, disk: &Disk) -> Node {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = ServerConfig { listen: listen.parse().unwrap(), ..ServerConfig::default() };
    let ca = CertificateAuthority::open(ca).unwrap();
    let ingest = Arc::new(Ingest::with_clock(disk.clone(), || NOW));
    let server = runtime.block_on(Server::start(config, ca, door.clone(), ingest)).unwrap();
    Node { address: server.address(), runtime, _server: server }
}

fn until(what: &str, mut come: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !come() {
        assert!(begin.elapsed() < Duration::from_secs(30), "never came: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn each_record_once_over_kills_of_node_and_agent() {
    let dir = tempfile::tempdir().unwrap();
    let (ca, door, disk) = (dir.path().join("ca"), Arc::<Door>::default(), Disk::default());
    let mut node_now = node("127.0.0.1:0", &ca, &door, &disk);
    let address = node_now.address.to_string();
    let token = EnrolmentToken::draw(CertificateAuthority::open(&ca).unwrap().fingerprint());
    let host = NewHost { host: HostId::new("cd".repeat(16)), name: "web-1".into(), agent_version: "0".into() };
    let path = dir.path().join("identity.pem");
    enrol(&address, &token, &host).unwrap().save(&path).unwrap();

    let spool = Arc::new(spool::Spool::open(dir.path().join("spool"), spool::SpoolConfig::default()).unwrap());
    let config = ClientConfig {
        batch_bytes: 2000,
        poll: Duration::from_millis(2),
        backoff_least: Duration::from_millis(5),
        backoff_most: Duration::from_millis(20),
        ..ClientConfig::new(&address)
    };
    let start = || {
        let identity = Identity::load(&path).unwrap().unwrap();
        Client::start(config.clone(), identity, spool.clone(), Agent).unwrap()
    };
    let mut client = start();
    let mut last = 0;
    for round in 0..6u64 {
        for n in 0..200 {
            last = spool.append(spool::Priority::Normal, &record(round * 1000 + n + 1)).unwrap();
        }
        spool.sync().unwrap();
        until("some have come", || disk.0.lock().unwrap().log.len() as u64 > round * 200 + 10);
        if round % 2 == 0 {
            node_now.runtime.shutdown_timeout(Duration::from_secs(5));
            node_now = node(&address, &ca, &door, &disk);
        } else {
            drop(std::mem::replace(&mut client, start()));
        }
    }
    until("all are acknowledged", || spool.acked() == last);
    drop(client);
    let kept = disk.0.lock().unwrap();
    assert_eq!(kept.log.len(), 1200);
    assert_eq!(kept.rows.len() + kept.alerts.len(), 1200, "none twice");
    assert!(kept.rows.values().all(|row| row.text(Column::HostId).unwrap() == "cd".repeat(16)));
    assert!(kept.hosts.iter().all(|facts| facts.host.as_str() == "cd".repeat(16)));
}
