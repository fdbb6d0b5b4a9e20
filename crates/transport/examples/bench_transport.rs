//! Events a second from a source in memory to a node that only decodes, over mutual TLS on loopback:
//! `cargo run --release -p transport --example bench_transport [events]`. Both sides share the machine's cores.

use bytes::Bytes;
use event::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use transport::*;
use wire::{Batch, Command, CommandResult, CommandStatus, Hello, Record, RecordEncoder};

#[derive(Default)]
struct Node {
    decoded: AtomicU64,
}

impl Admission for Node {
    async fn admit(&self, _: &Applicant) -> Result<TenantId, AdmissionError> {
        Ok(TenantId::default())
    }
    async fn standing(&self, _: &AgentId, _: &CertificateFacts) -> Result<Standing, AdmissionError> {
        Ok(Standing::Admitted { tenant: TenantId::default(), host: HostId::new("aa") })
    }
    async fn renewed(&self, _: &Peer, _: &CertificateFacts) -> Result<(), AdmissionError> {
        Ok(())
    }
}

impl Uplink for Node {
    async fn connected(&self, _: &Peer, _: &Hello) -> Result<u64, Refusal> {
        Ok(0)
    }
    async fn pending(&self, _: &Peer) -> Vec<Command> {
        Vec::new()
    }
    async fn batch(&self, _: &Peer, batch: Batch) -> Result<u64, Refusal> {
        for (_, bytes) in &batch.records {
            let decoded = Record::decode(bytes);
            decoded.map_err(|e| Refusal::new(RefusalCode::BadMessage, e.to_string()))?;
            self.decoded.fetch_add(1, Ordering::Relaxed);
        }
        Ok(batch.last())
    }
    async fn status(&self, _: &Peer, _: HostFacts) {}
    async fn result(&self, _: &Peer, _: CommandResult) -> Result<(), Refusal> {
        Ok(())
    }
    async fn disconnected(&self, _: &Peer, _: &Refusal) {}
}

struct Events(Vec<Bytes>);

impl Source for Events {
    fn epoch(&self) -> u64 {
        1
    }
    fn latest(&self) -> u64 {
        self.0.len() as u64
    }
    fn acked(&self) -> u64 {
        0
    }
    fn read_after(&self, after: u64, max_bytes: usize) -> Result<Vec<(u64, Bytes)>, SourceError> {
        let mut room = max_bytes;
        let rest = self.0[after as usize..].iter().take_while(|bytes| {
            let fits = room >= bytes.len();
            room = room.saturating_sub(bytes.len());
            fits
        });
        Ok((after + 1..).zip(rest.cloned()).collect())
    }
    fn ack(&self, _: u64) -> Result<(), SourceError> {
        Ok(())
    }
}

struct Agent;

impl Host for Agent {
    fn facts(&self) -> HostFacts {
        let text = String::new;
        HostFacts {
            agent: AgentId::new(""),
            host: HostId::new(""),
            name: text(),
            os: text(),
            kernel: text(),
            architecture: text(),
            agent_version: text(),
            boot_id: text(),
            tier: Tier::Gate,
            tier_reason: text(),
            missing_protections: Vec::new(),
            mode: Mode::Observe,
            seen: 0,
            lost: BTreeMap::new(),
            spool_bytes: 0,
            spool_events: 0,
            resident_bytes: 0,
            rules: 0,
            rules_rejected: 0,
            addresses: Vec::new(),
            time: Timestamp(0),
        }
    }
    fn policy_version(&self) -> u64 {
        0
    }
    fn obey(&self, command: Command) -> CommandResult {
        let (status, detail, json) = (CommandStatus::Done, String::new(), String::new());
        CommandResult { id: command.id, status, detail, json, time: Timestamp(0) }
    }
}

fn event(n: u64) -> Row {
    let mut row = Row::default();
    row.set(Column::Time, Value::Time(Timestamp(1_700_000_000_000_000_000 + n as i64 * 1_234_567)));
    row.set(Column::Sequence, Value::U64(n));
    row.set_text(Column::Category, "process");
    row.set_text(Column::Action, "process-exec");
    row.set_text(Column::ProcessEntityId, format!("00000000deadbeef-{:x}-{:x}", n % 32768, n * 7));
    row.set(Column::ProcessPid, Value::U64(n % 32768));
    row.set_text(Column::ProcessName, ["sh", "ls", "cc1", "python3", "git"][(n % 5) as usize]);
    row.set_text(Column::ProcessExecutable, ["/usr/bin/dash", "/usr/bin/ls", "/usr/lib/gcc/cc1"][(n % 3) as usize]);
    row.set_text(Column::ProcessCommandLine, format!("sh -c 'make -j2 target-{} VERBOSE=1'", n % 997));
    row.set_text(Column::ProcessWorkingDirectory, format!("/home/build/project-{}", n % 13));
    row.set(Column::ProcessStart, Value::Time(Timestamp(1_700_000_000_000_000_000 + n as i64 * 1_000_000)));
    row.set_text(Column::ParentEntityId, format!("00000000deadbeef-{:x}-{:x}", n % 900, n % 900 * 7));
    row.set(Column::ParentPid, Value::U64(n % 900));
    row.set_text(Column::ParentExecutable, "/usr/bin/make");
    row.set_text(Column::ParentCommandLine, "make -j2");
    row.set(Column::UserId, Value::U64(1000));
    row.set_text(Column::UserName, "build");
    row.set(Column::ProcessHashSha256, Value::Digest(Sha256([(n % 40) as u8; 32])));
    row
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(500_000), |text| text.parse())?;
    let rows: Vec<Row> = (0..10_000).map(event).collect();
    let mut encoder = RecordEncoder::new(BootId(1));
    let begin = Instant::now();
    let encode = |n: u64| Bytes::copy_from_slice(encoder.event(&rows[(n % 10_000) as usize]));
    let records: Vec<Bytes> = (0..count).map(encode).collect();
    let encoding = begin.elapsed();
    let raw: usize = records.iter().map(Bytes::len).sum();

    let dir = tempfile::tempdir()?;
    let ca = CertificateAuthority::open(dir.path())?;
    let token = EnrolmentToken::draw(ca.fingerprint());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let node = Arc::new(Node::default());
    let config = ServerConfig { listen: "127.0.0.1:0".parse()?, ..ServerConfig::default() };
    let server = runtime.block_on(Server::start(config, ca, node.clone(), node.clone()))?;
    let address = server.address().to_string();
    let host = NewHost { host: HostId::new("aa"), name: "bench".into(), agent_version: "0".into() };
    let identity = enrol(&address, &token, &host)?;
    let begin = Instant::now();
    let client = Client::start(ClientConfig::new(&address), identity, Events(records), Agent)?;
    while client.status().acked < count {
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = begin.elapsed();
    let status = client.status();
    let figures = serde_json::json!({ "bench": "transport", "figures": {
        "events": count,
        "events_per_second": (count as f64 / took.as_secs_f64()) as u64,
        "encode_ns_per_event": encoding.as_nanos() as u64 / count,
        "raw_bytes_per_event": raw as u64 / count,
        "sent_bytes_per_event": status.sent_bytes as f64 / count as f64,
        "batches": status.sent_batches,
    }});
    assert_eq!(node.decoded.load(Ordering::Relaxed), count);
    println!("{figures}");
    Ok(())
}
