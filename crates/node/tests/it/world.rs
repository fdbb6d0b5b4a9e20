//! One node in a folder of its own, and ways to speak to it.

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
use transport::{Client, ClientConfig, Host, NewHost, Source, SourceError};
use wire::{Command, CommandBody, CommandResult, CommandStatus, RecordEncoder};

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

struct Obedient {
    facts: HostFacts,
    memory: Arc<Memory>,
}

impl Host for Obedient {
    fn facts(&self) -> HostFacts {
        self.facts.clone()
    }
    fn policy_version(&self) -> u64 {
        0
    }
    fn obey(&self, command: Command) -> CommandResult {
        if let CommandBody::SetQuiet { quiet } = &command.body {
            quiet.clone_into(&mut self.memory.quiet.lock());
            let (status, time) = (CommandStatus::Done, Timestamp::default());
            return CommandResult { id: command.id, status, detail: "held".into(), json: String::new(), time };
        }
        let json = match &command.body {
            CommandBody::CollectProcesses => json!([{ "pid": 7, "parent_pid": 1, "name": "<b>sh</b>" }]).to_string(),
            CommandBody::Collect(collect) => seen(collect.look).to_string(),
            CommandBody::ListQuarantine => {
                json!([{ "id": "item1", "path": "/tmp/x", "size": 5, "mode": 493, "quarantined": 5 }]).to_string()
            }
            CommandBody::CollectStatus => json!({
                "signatures": { "version": 4, "update": "version 4 is the newest of node", "looked": "2026-11-22T10:00:00Z",
                    "files": 2, "yara_rules": 64, "digests": 9, "patterns": 8, "models": ["shell 3"], "rejected": 1 },
                "model": { "enabled": true, "block": "second-voice" },
                "scans": { "files": 5, "unjudged": 1, "shed": 0, "excluded": 2 },
                "sweep": { "state": "none yet" }, "problems": ["one"], "another_agents_key": 1,
            })
            .to_string(),
            CommandBody::ListScans => json!([{
                "id": "j1", "paths": ["/srv"], "by": "ana", "reason": "odd", "asked": 5, "state": "done", "started": 6, "ended": 7,
                "summary": { "files": 2, "clean": 1, "malicious": 1 }, "left_out": 0,
                "found": [{ "path": "/srv/x", "verdict": "malicious", "size": 3, "sha256": null,
                    "findings": [{ "engine": "model", "rule_id": "model:shell", "name": "<b>", "severity": "high", "detail": "d",
                        "matched": [["model_reason.a", "+1.2 decodes"]] }],
                    "voices": [{ "engine": "hash", "text": "none" }] }],
            }])
            .to_string(),
            CommandBody::PreviewRestore { .. } => json!({
                "path": "/tmp/x", "sha256": "00", "size": 5, "uid": 0, "gid": 0, "mode": "0755", "reason": "r", "who": "ana",
                "quarantined": "2026-11-22T10:00:00Z", "expires": "2026-12-22T10:00:00Z", "taken": true, "folder_there": true,
                "scan": { "verdict": "malicious" },
            })
            .to_string(),
            CommandBody::AskLockdown { ask } => lockdown(ask),
            CommandBody::ShowPolicy => json!({ "text": "version = 1", "name": "default", "mode": "observe", "version": 0 }).to_string(),
            CommandBody::SimulatePolicy { past, acts, .. } => {
                let past: Value = serde_json::from_str(past).unwrap();
                let acts: Option<Value> = acts.as_deref().map(|acts| serde_json::from_str(acts).unwrap());
                let prevention = acts.map(|acts| {
                    let acts = acts.as_array().unwrap().clone();
                    json!({ "profiles": 1, "judged": acts.len(), "denied": 1, "left_out": 0, "would_deny": [{ "profile": "web",
                        "act": "run", "what": acts[0]["action"], "program": acts[0]["executable"], "count": acts[0]["count"],
                        "line": "prevention.web.read", "says": "it may not" }] })
                });
                json!({ "prevention": prevention, "lockouts": [], "source": "given", "programs": past.as_array().unwrap().len(), "starts": 3, "denied_starts": 1,
                    "left_out": 0, "vital": [], "would_refuse": [{ "path": "/opt/x", "sha256": null, "count": 1,
                        "outcome": "denied", "reason": "nobody vouches for it" }] })
                .to_string()
            }
            CommandBody::ListRollback => json!({
                "trees": [{ "tree": "0-2a-64", "executable": "/opt/x", "uid": 0, "kept": 2, "bytes": 9, "made": 1, "incident": "a1",
                    "first": 5, "last": 6 }],
                "store": { "files": 2, "bytes": 9, "too_large": 1, "full": 0, "failed": 0, "pushed_out": 0, "cut_lines": 0, "shared": 1 },
            })
            .to_string(),
            CommandBody::RollBack { trees, preview } => json!({
                "trees": trees, "preview": preview,
                "files": [{ "path": "/srv/a", "done": "restored", "bytes": 4, "detail": "" },
                    { "path": "/srv/b", "done": "failed", "bytes": 4, "detail": "no room" }],
            })
            .to_string(),
            CommandBody::ListRules => json!({
                "usable": 30, "operator_left_out": 0, "rejected_left_out": 0, "version": "1",
                "operator": [{ "file": "/etc/tamon/content/sigma/own.yml", "text": OWN_RULE }],
                "rejected": [{ "rule_id": null, "file": "/etc/tamon/content/sigma/own.yml", "reason": "bad" }],
            })
            .to_string(),
            _ => String::new(),
        };
        if let CommandBody::SetPolicy { toml, .. } = &command.body
            && toml.contains("refuse-me")
        {
            let (id, status) = (command.id.clone(), CommandStatus::Refused);
            self.memory.commands.lock().push(command);
            return CommandResult {
                id,
                status,
                detail: "it would lock out sshd".into(),
                json,
                time: Timestamp::default(),
            };
        }
        let id = command.id.clone();
        self.memory.commands.lock().push(command);
        let detail = "as told".to_owned();
        CommandResult { id, status: CommandStatus::Done, detail, json, time: Timestamp::default() }
    }
}

/// What this host shows to who looks.
fn seen(look: wire::Look) -> Value {
    match look {
        wire::Look::HiddenProcesses => json!({
            "columns": ["pid", "verdict", "detail"],
            "rows": [[4242, "hidden", "pid 4242 (x) answers by its number and is not listed in /proc"]],
            "truncated": false, "notes": ["compared: 100 processes"],
        }),
        wire::Look::Modules => Value::from("no table"),
        wire::Look::File => json!({
            "columns": ["path", "state", "kind", "size", "sha256", "content"],
            "rows": [["/tmp/x", "present", "script", 3, "ab".repeat(32), "616263"]],
            "truncated": false, "notes": [],
        }),
        _ => json!({ "columns": ["state"], "rows": [], "truncated": false, "notes": [] }),
    }
}

pub const OWN_RULE: &str = "title: Our own\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: linux, category: process_creation}\ndetection: {a: {CommandLine|contains: ours}, condition: a}\nlevel: high\n";

/// What an agent's lock answers.
fn lockdown(ask: &str) -> String {
    let ask: Value = serde_json::from_str(ask).unwrap();
    let seen = json!({ "path": "/opt/x", "sha256": "00".repeat(32), "use": "program", "reason": "nobody vouches for it",
        "by": "/bin/sh", "user": "ana", "first": 5, "last": 6, "count": 3, "denied": 2, "file": "Program" });
    match ask["do"].as_str().unwrap() {
        "status" => json!({
            "lock": { "phase": { "phase": "locked", "since": 5, "by": "ana", "mode": "enforce", "until": null },
                "break_glass": { "reason": "repair", "by": "root", "since": 5, "until": 9 } },
            "mode": "alert", "trusted": 1, "listed": 2, "distrusted": 3, "unknown": 4, "unknown_shed": 0, "asked": 5, "denied": 6,
            "would_deny": 7, "ran_unasked": 8, "ended": 9, "unjudged": 10, "unread_arguments": 0, "jobs_shed": 0,
            "not_kept": [{ "attack": "a", "why": "w" }],
            "kernel": { "state": "in force", "without_agent": "only what was allowed before runs",
                "refused_programs": 1, "refused_libraries": 2, "refused_modules": 3, "refused_tracing": 4, "untold": 0,
                "failed_answers": 0, "mended": 0 },
        })
        .to_string(),
        "report" => json!({
            "lock": {}, "unknown": [seen], "unknown_shed": 0, "learned": 7,
            "package_errors": ["rpm: only the SQLite form is read, and this is an older one"],
            "trusted": [{ "path": "/opt/y", "sha256": "11".repeat(32), "source": { "source": "hand", "name": "ours" }, "by": "ana",
                "at": 5, "until": null }],
            "distrusted": [{ "path": "/opt/z", "sha256": null, "reason": "old", "by": "ana", "at": 5 }],
        })
        .to_string(),
        "consequence" => json!({
            "path": ask["path"], "exists": true, "sha256": ask["sha256"], "sha256_now": ask["sha256"], "same": true,
            "runs_already": false, "reasons": ["nobody"], "interpreter": false, "in_scope": true,
            "file": { "size": 1, "uid": 0, "gid": 0, "mode": "0755", "links": 1, "real_path": null, "only_root_writes": true,
                "written_by": null, "distrusted": null, "package": "x 1", "package_says": "no-digest" },
            "seen": [seen], "elsewhere": ["/tmp/x"], "scan": { "verdict": "clean" },
        })
        .to_string(),
        _ => String::new(),
    }
}

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
