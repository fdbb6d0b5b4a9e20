//! `cargo xtask bench node [EVENTS]`: what a real node spends on an event from its agents, all in: mutual TLS, decoding, the
//! checks, the incident desk and the store. An agent's own client streams recorded-looking events from memory; the node is a
//! process of its own, so its CPU time is read apart from that of the load beside it.

use bytes::Bytes;
use event::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use transport::*;
use wire::{CommandResult, CommandStatus, RecordEncoder};

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
            signatures: event::SignatureFacts::default(),
            addresses: Vec::new(),
            time: Timestamp(0),
        }
    }
    fn policy_version(&self) -> u64 {
        0
    }
    fn obey(&self, command: wire::Command) -> CommandResult {
        let (status, detail, json) = (CommandStatus::Done, String::new(), String::new());
        CommandResult { id: command.id, status, detail, json, time: Timestamp(0) }
    }
}

/// `now` in nanoseconds since the epoch, so that no retention applies.
fn event(n: u64, now: i64) -> Row {
    let mut row = Row::default();
    row.set(Column::Time, Value::Time(Timestamp(now + n as i64 * 1_234)));
    row.set(Column::Sequence, Value::U64(n));
    row.set_text(Column::Category, "process");
    row.set_text(Column::Action, "process-exec");
    row.set_text(Column::ProcessEntityId, format!("00000000deadbeef-{:x}-{:x}", n % 32768, n * 7));
    row.set(Column::ProcessPid, Value::U64(n % 32768));
    row.set_text(Column::ProcessName, ["sh", "ls", "cc1", "python3", "git"][(n % 5) as usize]);
    row.set_text(Column::ProcessExecutable, ["/usr/bin/dash", "/usr/bin/ls", "/usr/lib/gcc/cc1"][(n % 3) as usize]);
    row.set_text(Column::ProcessCommandLine, format!("sh -c 'make -j2 target-{} VERBOSE=1'", n % 997));
    row.set_text(Column::ProcessWorkingDirectory, format!("/home/build/project-{}", n % 13));
    row.set(Column::ProcessStart, Value::Time(Timestamp(now - 60_000_000_000 + n as i64 * 1_000_000)));
    row.set_text(Column::ParentEntityId, format!("00000000deadbeef-{:x}-{:x}", n % 900, n % 900 * 7));
    row.set(Column::ParentPid, Value::U64(n % 900));
    row.set_text(Column::ParentExecutable, "/usr/bin/make");
    row.set_text(Column::ParentCommandLine, "make -j2");
    row.set(Column::UserId, Value::U64(1000));
    row.set_text(Column::UserName, "build");
    row.set(Column::ProcessHashSha256, Value::Digest(Sha256([(n % 40) as u8; 32])));
    row
}

/// The node under test, in a folder of its own; ended when dropped.
struct Node {
    child: Child,
    tamon: PathBuf,
    state: PathBuf,
    agents_at: String,
}

impl Node {
    fn start(tamon: &Path, folder: &Path) -> Result<Node, Failure> {
        let free = || Ok::<_, std::io::Error>(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string());
        let (console, agents_at) = (free()?, free()?);
        let config = folder.join("node.toml");
        std::fs::write(&config, format!("[console]\nlisten = \"{console}\"\n[agents]\nlisten = \"{agents_at}\"\n"))?;
        let (state, log) = (folder.join("state"), File::create(folder.join("node.log"))?);
        let child = Command::new(tamon)
            .arg("--state")
            .arg(&state)
            .args(["node", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let node = Node { child, tamon: tamon.into(), state, agents_at };
        let begin = Instant::now();
        while node.ask(&["hosts"]).is_err() {
            if begin.elapsed() > Duration::from_secs(60) {
                return Err(std::fs::read_to_string(folder.join("node.log"))?.into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(node)
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = Command::new(&self.tamon).arg("--state").arg(&self.state).args(arguments).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Seconds of processor time since it started; `utime` and `stime` of proc(5), in 1/100 s.
    fn cpu_seconds(&self) -> Result<f64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(ticks as f64 / 100.0)
    }

    fn resident_mb(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
        Ok(line.split_whitespace().next().unwrap_or("0").parse::<f64>()? / 1_000.0)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("cannot end the node: {error}");
        }
    }
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let tamon = PathBuf::from(std::env::var_os("TAMON").ok_or("TAMON must name the binary; use cargo xtask bench")?);
    let now = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos())?;
    let rows: Vec<Row> = (0..10_000).map(|n| event(n, now)).collect();
    let mut encoder = RecordEncoder::new(BootId(1));
    let records: Vec<Bytes> =
        (0..count).map(|n| Bytes::copy_from_slice(encoder.event(&rows[(n % 10_000) as usize]))).collect();
    let raw: usize = records.iter().map(Bytes::len).sum();

    let folder = tempfile::tempdir()?;
    let node = Node::start(&tamon, folder.path())?;
    let token: EnrolmentToken = node.ask(&["node-token"])?.trim().parse()?;
    let host = NewHost { host: HostId::new("aa".repeat(16)), name: "bench".into(), agent_version: "0".into() };
    let identity = enrol(&node.agents_at, &token, &host)?;
    let (begin, before) = (Instant::now(), node.cpu_seconds()?);
    let client = Client::start(ClientConfig::new(&node.agents_at), identity, Events(records), Agent)?;
    while client.status().acked < count {
        if begin.elapsed() > Duration::from_secs(600) {
            return Err(format!("{} of {count} acknowledged after ten minutes", client.status().acked).into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let (took, cpu) = (begin.elapsed().as_secs_f64(), node.cpu_seconds()? - before);
    let status = client.status();
    client.stop();
    let stored: u64 = node
        .ask(&["--output", "ndjson", "hunt", "SELECT count(*) AS n FROM events"])?
        .trim()
        .trim_start_matches("{\"n\":")
        .trim_end_matches('}')
        .parse()?;
    println!(
        "sent       {count} events of {} bytes, {:.1} on the wire",
        raw as u64 / count,
        status.sent_bytes as f64 / count as f64
    );
    println!("stored     {stored}");
    println!("node       {cpu:.1} s of processor time in {took:.1} s, {:.0} MB resident", node.resident_mb()?);
    let figures = serde_json::json!({
        "events": count, "stored": stored,
        "events_per_second": (count as f64 / took).round(),
        "events_per_cpu_second": (count as f64 / cpu).round(),
        "wire_bytes_per_event": (status.sent_bytes as f64 / count as f64 * 10.0).round() / 10.0,
        "node_rss_mb": node.resident_mb()?.round(),
    });
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let cores = std::thread::available_parallelism()?;
    println!(
        "{}",
        serde_json::json!({ "bench": "node", "machine": format!("{cores} cores, Linux {}", kernel.trim()), "figures": figures })
    );
    if stored != count {
        return Err(format!("{count} events were acknowledged and {stored} are stored").into());
    }
    Ok(())
}
