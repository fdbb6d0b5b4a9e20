//! One node and what an agent needs to reach it.

use bytes::Bytes;
use event::{AgentId, HostFacts, HostId, Mode, Sha256, TenantId, Tier, Timestamp};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use transport::*;
use wire::{Batch, Command, CommandBody, CommandResult, CommandStatus, Hello};

pub struct World {
    pub runtime: Runtime,
    pub desk: Arc<Desk>,
    pub ca_dir: tempfile::TempDir,
    pub server: Option<Server>,
    pub config: ServerConfig,
}

/// The node's memory of tokens, agents and records.
#[derive(Default)]
pub struct Desk {
    pub tokens: Mutex<BTreeMap<Sha256, Token>>,
    pub agents: Mutex<BTreeMap<AgentId, Standing>>,
    pub records: Mutex<BTreeMap<(AgentId, u64), BTreeMap<u64, Bytes>>>,
    pub duplicates: Mutex<u64>,
    pub hellos: Mutex<Vec<Hello>>,
    pub statuses: Mutex<u64>,
    pub results: Mutex<Vec<CommandResult>>,
    pub pending: Mutex<Vec<Command>>,
    pub over: Mutex<Vec<(AgentId, Refusal)>>,
    /// Batches are refused while set.
    pub full: Mutex<bool>,
    /// Each batch waits until a permit is there.
    pub gate: Mutex<Option<Arc<tokio::sync::Semaphore>>>,
    pub waiting: Mutex<usize>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Token {
    Good,
    Used,
    Expired,
}

impl Admission for Desk {
    async fn admit(&self, applicant: &Applicant) -> Result<TenantId, AdmissionError> {
        let refuse = |text: &str| Err(AdmissionError::Refused(text.into()));
        match self.tokens.lock().get_mut(&applicant.token_hash) {
            None => return refuse("the token is not known here"),
            Some(Token::Used) => return refuse("the token was used before"),
            Some(Token::Expired) => return refuse("the token has expired"),
            Some(token) => *token = Token::Used,
        }
        let standing = Standing::Admitted { tenant: TenantId::default(), host: applicant.host.clone() };
        self.agents.lock().insert(applicant.agent.clone(), standing);
        Ok(TenantId::default())
    }
    async fn standing(&self, agent: &AgentId, _: &CertificateFacts) -> Result<Standing, AdmissionError> {
        Ok(self.agents.lock().get(agent).cloned().unwrap_or(Standing::Unknown))
    }
    async fn renewed(&self, _: &Peer, _: &CertificateFacts) -> Result<(), AdmissionError> {
        Ok(())
    }
}

impl Uplink for Desk {
    async fn connected(&self, peer: &Peer, hello: &Hello) -> Result<u64, Refusal> {
        self.hellos.lock().push(hello.clone());
        let records = self.records.lock();
        let last = records.get(&(peer.agent.clone(), hello.epoch)).and_then(|kept| kept.keys().last().copied());
        Ok(last.unwrap_or(0))
    }
    async fn pending(&self, _: &Peer) -> Vec<Command> {
        self.pending.lock().clone()
    }
    async fn batch(&self, peer: &Peer, batch: Batch) -> Result<u64, Refusal> {
        let gate = self.gate.lock().clone();
        if let Some(gate) = gate {
            *self.waiting.lock() += 1;
            let permit = gate.acquire().await;
            permit.map_err(|_| Refusal::new(RefusalCode::Unavailable, "closed"))?.forget();
        }
        if *self.full.lock() {
            return Err(Refusal::new(RefusalCode::Unavailable, "the disk is full"));
        }
        let last = batch.last();
        let mut records = self.records.lock();
        let kept = records.entry((peer.agent.clone(), batch.epoch)).or_default();
        for (sequence, bytes) in batch.records {
            *self.duplicates.lock() += u64::from(kept.insert(sequence, bytes).is_some());
        }
        Ok(last)
    }
    async fn status(&self, _: &Peer, _: HostFacts) {
        *self.statuses.lock() += 1;
    }
    async fn result(&self, _: &Peer, result: CommandResult) -> Result<(), Refusal> {
        self.pending.lock().retain(|command| command.id != result.id);
        self.results.lock().push(result);
        Ok(())
    }
    async fn disconnected(&self, peer: &Peer, why: &Refusal) {
        self.over.lock().push((peer.agent.clone(), why.clone()));
    }
}

impl World {
    pub fn new() -> World {
        World::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut ServerConfig)) -> World {
        let mut config = ServerConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            recheck: Duration::from_millis(100),
            ..ServerConfig::default()
        };
        change(&mut config);
        let ca_dir = tempfile::tempdir().unwrap();
        let mut world = World { runtime: runtime(), desk: Arc::default(), ca_dir, server: None, config };
        world.start();
        // The same port when it starts again.
        world.config.listen = world.server().address();
        world
    }

    pub fn start(&mut self) {
        let (ca, desk) = (self.ca(), self.desk.clone());
        let start = Server::start(self.config.clone(), ca, desk.clone(), desk);
        self.server = Some(self.runtime.block_on(start).unwrap());
    }

    /// As kill -9 would: connections break, nothing is said.
    pub fn kill_server(&mut self) {
        let fresh = runtime();
        std::mem::replace(&mut self.runtime, fresh).shutdown_timeout(std::time::Duration::from_secs(5));
        drop(self.server.take());
    }

    pub fn ca(&self) -> CertificateAuthority {
        CertificateAuthority::open(self.ca_dir.path()).unwrap()
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn address(&self) -> String {
        self.config.listen.to_string()
    }

    pub fn token(&self, state: Token) -> EnrolmentToken {
        let token = EnrolmentToken::draw(self.ca().fingerprint());
        self.desk.tokens.lock().insert(token.hash(), state);
        token
    }

    pub fn enrolled(&self) -> Identity {
        enrol(&self.address(), &self.token(Token::Good), &new_host()).unwrap()
    }

    pub fn client(&self, identity: Identity, memory: &Arc<Memory>) -> Client {
        Client::start(client_config(&self.address()), identity, Shared(memory.clone()), Agent::default()).unwrap()
    }

    pub fn kept(&self, agent: &AgentId, epoch: u64) -> Vec<u64> {
        let records = self.desk.records.lock();
        records.get(&(agent.clone(), epoch)).map(|kept| kept.keys().copied().collect()).unwrap_or_default()
    }

    pub fn refused(&self, reason: &str) -> bool {
        self.server().handle().stats().refused.keys().any(|known| known.contains(reason))
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn client_config(address: &str) -> ClientConfig {
    ClientConfig {
        poll: Duration::from_millis(5),
        backoff_least: Duration::from_millis(20),
        backoff_most: Duration::from_millis(100),
        status_every: Duration::from_millis(50),
        ..ClientConfig::new(address)
    }
}

pub fn new_host() -> NewHost {
    NewHost { host: HostId::new("ab".repeat(16)), name: "web-1".into(), agent_version: "0.1.0".into() }
}

/// Waits for what must come; the limit only ends a broken test.
pub fn until(what: &str, mut come: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !come() {
        assert!(begin.elapsed() < Duration::from_secs(30), "never came: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A spool in memory.
#[derive(Default)]
pub struct Memory {
    pub records: Mutex<BTreeMap<u64, Bytes>>,
    pub acked: Mutex<u64>,
    pub epoch: u64,
}

impl Memory {
    pub fn with(sequences: impl IntoIterator<Item = u64>) -> Arc<Memory> {
        let memory = Memory { epoch: 7, ..Memory::default() };
        memory.add(sequences);
        Arc::new(memory)
    }
    pub fn add(&self, sequences: impl IntoIterator<Item = u64>) {
        let record = |n: u64| (n, Bytes::from(format!("record {n}")));
        self.records.lock().extend(sequences.into_iter().map(record));
    }
}

pub struct Shared(pub Arc<Memory>);

impl Source for Shared {
    fn epoch(&self) -> u64 {
        self.0.epoch
    }
    fn latest(&self) -> u64 {
        self.0.records.lock().keys().last().copied().unwrap_or(0)
    }
    fn acked(&self) -> u64 {
        *self.0.acked.lock()
    }
    fn read_after(&self, after: u64, max_bytes: usize) -> Result<Vec<(u64, Bytes)>, SourceError> {
        let mut room = max_bytes as i64;
        let records = self.0.records.lock();
        let take = records.range(after + 1..).take_while(|(_, bytes)| {
            let fits = room > 0;
            room -= bytes.len() as i64;
            fits
        });
        Ok(take.map(|(n, bytes)| (*n, bytes.clone())).collect())
    }
    fn ack(&self, last: u64) -> Result<(), SourceError> {
        *self.0.acked.lock() = last;
        Ok(())
    }
}

#[derive(Default)]
pub struct Agent {
    pub obeyed: Arc<Mutex<BTreeSet<String>>>,
    pub times: Arc<Mutex<usize>>,
}

impl Host for Agent {
    fn facts(&self) -> HostFacts {
        HostFacts {
            agent: AgentId::new("not the certificate's"),
            host: HostId::new("claimed"),
            name: "web-1".into(),
            os: "Debian".into(),
            kernel: "6.1".into(),
            architecture: "x86_64".into(),
            agent_version: "0.1.0".into(),
            boot_id: String::new(),
            tier: Tier::Gate,
            tier_reason: String::new(),
            missing_protections: Tier::Gate.missing(),
            mode: Mode::Observe,
            seen: 1,
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
        3
    }
    fn obey(&self, command: Command) -> CommandResult {
        *self.times.lock() += 1;
        if command.body == CommandBody::CollectProcesses {
            panic!("a command that goes wrong");
        }
        self.obeyed.lock().insert(command.id.0.clone());
        let (status, detail, json) = (CommandStatus::Done, "done".into(), String::new());
        CommandResult { id: command.id, status, detail, json, time: Timestamp(1) }
    }
}
