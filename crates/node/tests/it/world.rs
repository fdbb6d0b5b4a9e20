//! One node in a folder of its own, and ways to speak to it.

use crate::answers::Obedient;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use event::*;
use http_body_util::BodyExt as _;
use node::{NodeConfig, Peer, Running};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::ServiceExt as _;
use transport::{Client, ClientConfig, NewHost, Source, SourceError};
use wire::{Command, RecordEncoder};

pub struct World {
    pub running: Running,
    pub app: Router,
    pub folder: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!((self.status.as_u16(), &problem["code"]), (status, &json!(code)), "{problem}");
        problem
    }
}

/// A browser that has signed in.
#[derive(Clone, Default)]
pub struct Browser {
    pub cookie: String,
    pub csrf: String,
}

/// Nothing is asked of hosts but what a test asks.
pub fn config(folder: &std::path::Path) -> NodeConfig {
    config_with(folder, "[investigate]\nautomatic = false\n")
}

pub fn config_with(folder: &std::path::Path, more: &str) -> NodeConfig {
    let text = format!("[console]\nlisten = \"127.0.0.1:0\"\n[agents]\nlisten = \"127.0.0.1:0\"\n{more}");
    NodeConfig::from_text(&text).unwrap().with_state(folder, None)
}

impl World {
    pub async fn new() -> World {
        World::at(tempfile::tempdir().unwrap()).await
    }

    pub async fn at(folder: tempfile::TempDir) -> World {
        let config = config(folder.path());
        World::of(folder, config).await
    }

    /// With more lines of configuration.
    pub async fn with(more: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let config = config_with(folder.path(), more);
        World::of(folder, config).await
    }

    async fn of(folder: tempfile::TempDir, config: NodeConfig) -> World {
        let running = Running::start(node::prepare(config).unwrap()).await.unwrap();
        let app = node::app(Arc::clone(&running.node));
        World { running, app, folder }
    }

    /// Ends it in good order and starts another in the same folder.
    pub async fn again(self) -> World {
        self.running.stop().await;
        drop(self.app);
        World::at(self.folder).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// As root on the admin socket.
    pub async fn root(&self, method: &str, path: &str, body: Value) -> Answer {
        let mut request = request(method, path, &body);
        request.extensions_mut().insert(Peer::Socket { uid: 0 });
        self.send(request).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.root("GET", path, Value::Null).await.ok()
    }

    /// From the network, with or without a session.
    pub async fn browse(&self, browser: &Browser, method: &str, path: &str, body: Value) -> Answer {
        let mut request = request(method, path, &body);
        request.extensions_mut().insert(Peer::Tcp(([127, 0, 0, 1], 50_000).into()));
        let headers = request.headers_mut();
        if !browser.cookie.is_empty() {
            headers.insert("cookie", browser.cookie.parse().unwrap());
        }
        if !browser.csrf.is_empty() {
            headers.insert("x-csrf-token", browser.csrf.parse().unwrap());
        }
        self.send(request).await
    }

    /// Through a one-time login.
    pub async fn sign_in(&self, user: &str) -> Browser {
        let login = self.root("POST", "/api/v1/admin/one-time-login", json!({ "username": user })).await.ok();
        let body = json!({ "token": login["token"] });
        let answer = self.browse(&Browser::default(), "POST", "/api/v1/session", body).await;
        browser(answer)
    }

    /// An enrolled agent that is connected.
    pub async fn agent(&self, host: &str) -> Agent {
        let token = self.root("POST", "/api/v1/admin/enrolment-tokens", json!({})).await.ok();
        let token = token["token"].as_str().unwrap().parse().unwrap();
        let address = self.running.agent_address().to_string();
        let host = HostId::new(host);
        let applicant = NewHost { host: host.clone(), name: "srv-1".into(), agent_version: "1".into() };
        let identity = {
            let address = address.clone();
            tokio::task::spawn_blocking(move || transport::enrol(&address, &token, &applicant)).await.unwrap().unwrap()
        };
        let memory = Arc::new(Memory::default());
        let facts = facts(identity.agent().clone(), host.clone());
        let id = identity.agent().clone();
        let (source, host_side) = (Outbox(Arc::clone(&memory)), Obedient { facts, memory: Arc::clone(&memory) });
        let config = ClientConfig { status_every: Duration::from_millis(300), ..ClientConfig::new(address) };
        let client = Client::start(config, identity, source, host_side).unwrap();
        let agent = Agent { client, memory, id };
        self.until(&format!("/api/v1/hosts/{host}"), |host| host["summary"]["connected"] == true).await;
        agent
    }

    /// Asks until the answer is as wanted.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.root("GET", path, Value::Null).await;
            if answer.status.is_success() && wanted(&answer.json()) {
                return answer.json();
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{path}: {} {}", answer.status, answer.text);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub fn browser(answer: Answer) -> Browser {
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let me = answer.ok();
    Browser { cookie, csrf: me["csrf"].as_str().unwrap().to_owned() }
}

pub fn request(method: &str, path: &str, body: &Value) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path);
    match body {
        Value::Null => builder.body(Body::empty()).unwrap(),
        body => builder.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap(),
    }
}

pub struct Agent {
    pub client: Client,
    pub memory: Arc<Memory>,
    pub id: AgentId,
}

/// What the agent has to send, and what it was told to do.
#[derive(Default)]
pub struct Memory {
    records: Mutex<Vec<Bytes>>,
    acked: Mutex<u64>,
    pub commands: Mutex<Vec<Command>>,
    /// What was given last as not worth telling.
    pub quiet: Mutex<String>,
}

impl Agent {
    pub fn event(&self, row: &Row) {
        self.push(RecordEncoder::new(BootId(7)).event(row).to_vec());
    }
    pub fn alert(&self, alert: &Alert) {
        self.push(RecordEncoder::new(BootId(7)).alert(alert).to_vec());
    }
    fn push(&self, record: Vec<u8>) {
        self.memory.records.lock().push(record.into());
        self.client.wake();
    }
}

struct Outbox(Arc<Memory>);

impl Source for Outbox {
    fn epoch(&self) -> u64 {
        3
    }
    fn latest(&self) -> u64 {
        self.0.records.lock().len() as u64
    }
    fn acked(&self) -> u64 {
        *self.0.acked.lock()
    }
    fn read_after(&self, after: u64, _: usize) -> Result<Vec<(u64, Bytes)>, SourceError> {
        let records = self.0.records.lock();
        let all = records.iter().enumerate().map(|(index, bytes)| (index as u64 + 1, bytes.clone()));
        Ok(all.filter(|(number, _)| *number > after).collect())
    }
    fn ack(&self, last: u64) -> Result<(), SourceError> {
        *self.0.acked.lock() = last;
        Ok(())
    }
}

pub const OWN_RULE: &str = "title: Our own\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: linux, category: process_creation}\ndetection: {a: {CommandLine|contains: ours}, condition: a}\nlevel: high\n";

fn facts(agent: AgentId, host: HostId) -> HostFacts {
    HostFacts {
        agent,
        host,
        name: "srv-1".into(),
        os: "Debian GNU/Linux 12".into(),
        kernel: "6.12".into(),
        architecture: "x86_64".into(),
        agent_version: "1".into(),
        boot_id: BootId(7).to_string(),
        tier: Tier::Gate,
        tier_reason: "no LSM".into(),
        missing_protections: Tier::Gate.missing(),
        mode: Mode::Observe,
        seen: 10,
        lost: [(LossKind::File, 2)].into(),
        spool_bytes: 0,
        spool_events: 0,
        resident_bytes: 1,
        rules: 25,
        rules_rejected: 0,
        signatures: event::SignatureFacts { version: Some(5), ..event::SignatureFacts::default() },
        addresses: Vec::new(),
        time: now(),
    }
}

pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_nanos() as i64)
}

/// A process of the story: its entity id is what `KillTree` needs.
pub fn process(pid: u32, executable: &str, command_line: &str) -> ProcessSnapshot {
    ProcessSnapshot {
        entity_id: ProcessKey { tgid: pid, start_ticks: 100, ..ProcessKey::default() }.entity_id(),
        pid,
        name: executable.rsplit('/').next().unwrap().into(),
        executable: executable.into(),
        command_line: command_line.into(),
        started: now(),
        user_id: 33,
        user_name: Some("www-data".into()),
        package: executable.starts_with("/usr/").then(|| "some 1".into()),
        ..ProcessSnapshot::default()
    }
}

/// nginx starts a shell with this command.
pub fn web_shell(id: &str, command_line: &str) -> Alert {
    let lineage = vec![
        process(900, "/usr/bin/dash", command_line),
        process(812, "/usr/sbin/nginx", "nginx: worker"),
        process(1, "/usr/lib/systemd/systemd", "/sbin/init"),
    ];
    let finding = Finding {
        engine: Engine::Sigma,
        rule_id: RuleId::new("shell-from-server"),
        name: "A server started a shell".into(),
        severity: Severity::High,
        techniques: vec![Technique::sub(1505, 3)],
        tactics: vec![Tactic::Persistence],
        detail: "nginx started dash".into(),
        matched: vec![("process_parent_name".into(), "nginx".into())],
        asks: None,
    };
    Alert {
        id: AlertId::new(id),
        time: now(),
        agent: AgentId::new("claimed"),
        host: HostId::new("claimed"),
        host_name: "claimed".into(),
        tenant: TenantId::default(),
        severity: Severity::High,
        title: finding.name.clone(),
        findings: vec![finding],
        decision: Decision {
            action: Action::Alert,
            wanted: Action::Kill,
            mode: Mode::Observe,
            tier: Tier::Gate,
            reasons: vec![Reason { engine: None, text: "the policy only observes".into() }],
        },
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        event: exec(command_line),
        lineage,
    }
}

pub fn exec(command_line: &str) -> Row {
    let mut row = Row::default();
    row.set(Column::Time, Value_::Time(now()));
    row.set_text(Column::Category, "process");
    row.set_text(Column::Action, "process-exec");
    row.set_text(Column::ProcessEntityId, process(900, "/usr/bin/dash", "").entity_id);
    row.set_text(Column::ProcessName, "dash");
    row.set_text(Column::ProcessExecutable, "/usr/bin/dash");
    row.set_text(Column::ProcessCommandLine, command_line);
    row
}

use event::Value as Value_;
