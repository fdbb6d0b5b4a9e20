use crate::world::{Agent, Memory, Shared, World, client_config, until};
use event::{CommandId, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use transport::{Client, LinkState, Refusal, RefusalCode, Standing};
use wire::{Command, CommandBody, CommandStatus};

#[test]
fn records_arrive_and_are_acknowledged() {
    let world = World::new();
    let identity = world.enrolled();
    let agent = identity.agent().clone();
    let sequences: Vec<u64> = (1..=5000).filter(|n| n % 7 != 0).collect();
    let memory = Memory::with(sequences.clone());
    let client = world.client(identity, &memory);
    until("all are acknowledged", || *memory.acked.lock() == 5000 - 5000 % 7 + 5000 % 7);
    assert_eq!(world.kept(&agent, 7), sequences);
    memory.add(6000..6010);
    client.wake();
    until("the new ones are acknowledged", || *memory.acked.lock() == 6009);
    assert_eq!(*world.desk.duplicates.lock(), 0);
    until("the host tells of itself", || *world.desk.statuses.lock() > 2);
    let status = client.status();
    assert_eq!((status.state, status.acked, status.error), (LinkState::Connected, 6009, None));
    assert_eq!(world.server().handle().connected()[0].peer.agent, agent);
}

#[test]
fn an_agent_resumes_over_a_node_that_is_killed_again_and_again() {
    let mut world = World::new();
    let identity = world.enrolled();
    let agent = identity.agent().clone();
    let memory = Memory::with(1..=100);
    let mut config = client_config(&world.address());
    config.batch_bytes = 200;
    let client = Client::start(config, identity, Shared(memory.clone()), Agent::default()).unwrap();
    for round in 1..=4u64 {
        memory.add(round * 1000..round * 1000 + 300);
        until("some have come", || *memory.acked.lock() >= (round - 1) * 1000 + 20);
        world.kill_server();
        until("the client notices", || client.status().state != LinkState::Connected);
        world.start();
    }
    until("all are acknowledged", || *memory.acked.lock() == 4299);
    let all: Vec<u64> = memory.records.lock().keys().copied().collect();
    assert_eq!(world.kept(&agent, 7), all);
}

#[test]
fn what_the_node_cannot_store_is_kept_and_sent_later() {
    let world = World::new();
    let memory = Memory::with(1..=50);
    *world.desk.full.lock() = true;
    let client = world.client(world.enrolled(), &memory);
    until("the refusal is shown", || client.status().refused == Some(RefusalCode::Unavailable));
    assert_eq!(*memory.acked.lock(), 0);
    *world.desk.full.lock() = false;
    until("all are acknowledged", || *memory.acked.lock() == 50);
}

#[test]
fn a_slow_node_bounds_what_is_under_way() {
    let world = World::with(|config| config.window = 3);
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    *world.desk.gate.lock() = Some(gate.clone());
    let memory = Memory::with(1..=2000);
    let mut config = client_config(&world.address());
    config.batch_bytes = 100;
    let client = Client::start(config, world.enrolled(), Shared(memory.clone()), Agent::default()).unwrap();
    until("the window is full", || client.status().sent_batches == 3 && *world.desk.waiting.lock() == 1);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(client.status().sent_batches, 3);
    gate.add_permits(100_000);
    until("all are acknowledged", || *memory.acked.lock() == 2000);
}

fn command(id: &str, body: CommandBody) -> Command {
    let (issued_by, reason) = ("ana".into(), "test".into());
    Command { id: CommandId::new(id), issued_by, reason, expires: Timestamp(i64::MAX), body }
}

#[test]
fn commands_are_obeyed_once_and_answered() {
    let world = World::new();
    let identity = world.enrolled();
    let id = identity.agent().clone();
    let agent = Agent::default();
    let times = agent.times.clone();
    let memory = Memory::with([]);
    *world.desk.pending.lock() = vec![command("waiting", CommandBody::Ping)];
    let _client = Client::start(client_config(&world.address()), identity, Shared(memory), agent).unwrap();
    let handle = world.server().handle();
    until("connected", || handle.connected().len() == 1);
    for _ in 0..3 {
        handle
            .send(&id, command("kill", CommandBody::KillTree { entity_id: "e".into(), pid: 9, start_ticks: 1 }))
            .unwrap();
    }
    handle.send(&id, command("panics", CommandBody::CollectProcesses)).unwrap();
    let late = Command { expires: Timestamp(1), ..command("late", CommandBody::Ping) };
    handle.send(&id, late).unwrap();
    let result = |id: &str| world.desk.results.lock().iter().find(|r| r.id.as_str() == id).map(|r| r.status);
    until("all are answered", || ["waiting", "kill", "panics", "late"].iter().all(|id| result(id).is_some()));
    assert_eq!(result("kill"), Some(CommandStatus::Done));
    assert_eq!(result("panics"), Some(CommandStatus::Failed));
    assert_eq!(result("late"), Some(CommandStatus::Expired));
    assert_eq!(*times.lock(), 3, "waiting, kill once, panics");
    let gone = event::AgentId::new("f".repeat(32));
    assert!(handle.send(&gone, command("x", CommandBody::Ping)).unwrap_err().to_string().contains("not connected"));
}

#[test]
fn a_revoked_agent_is_dropped_at_once_and_does_not_come_back() {
    let world = World::new();
    let identity = world.enrolled();
    let agent = identity.agent().clone();
    let client = world.client(identity, &Memory::with([]));
    until("connected", || client.status().state == LinkState::Connected);
    // Found by the server's own look, without a word from the node.
    world.desk.agents.lock().insert(agent.clone(), Standing::Revoked { reason: "stolen laptop".into() });
    until("told so", || client.status().refused == Some(RefusalCode::Revoked));
    assert!(client.status().error.unwrap().contains("stolen laptop"));
    until("nobody is connected", || world.server().handle().connected().is_empty());
    until("refused at connection too", || client.status().failures > 2);
    assert_eq!(client.status().sessions, 1);
    assert!(world.refused("stream: revoked"));
}

#[test]
fn an_agent_can_be_dropped_by_hand_and_comes_back_when_it_may() {
    let world = World::new();
    let identity = world.enrolled();
    let agent = identity.agent().clone();
    let client = world.client(identity, &Memory::with([]));
    let handle = world.server().handle();
    until("connected", || handle.connected().len() == 1);
    assert!(handle.drop_agent(&agent, Refusal::new(RefusalCode::Unavailable, "by hand")));
    until("a second session", || client.status().sessions == 2);
    until("the end was told", || world.desk.over.lock().iter().any(|(_, why)| why.message == "by hand"));
}

#[test]
fn an_agent_that_the_node_forgot_is_unknown() {
    let world = World::new();
    let identity = world.enrolled();
    world.desk.agents.lock().clear();
    let client = world.client(identity, &Memory::with([]));
    until("told so", || client.status().refused == Some(RefusalCode::UnknownAgent));
}

#[test]
fn a_second_stream_of_one_agent_takes_over() {
    let world = World::new();
    let identity = world.enrolled();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.pem");
    identity.save(&path).unwrap();
    let first = world.client(identity, &Memory::with([]));
    until("connected", || first.status().state == LinkState::Connected);
    let copy = transport::Identity::load(&path).unwrap().unwrap();
    let second = world.client(copy, &Memory::with([]));
    until("the first is told", || world.refused("stream: replaced"));
    second.stop();
    until("one is left", || {
        first.status().state == LinkState::Connected && world.server().handle().connected().len() == 1
    });
}

#[test]
fn a_certificate_of_another_ca_is_refused_on_both_sides() {
    let (world, other) = (World::new(), World::new());
    let stranger = other.enrolled();
    // The stranger trusts its own node only: it refuses ours.
    let client = world.client(stranger, &Memory::with([]));
    until("told so", || client.status().error.is_some());
    let error = client.status().error.unwrap();
    assert!(error.contains("not of the CA that is expected"), "{error}");
    until("the node counts it", || world.refused("the other side says: your certificate is not of its CA"));
}

#[test]
fn a_certificate_that_our_ca_did_not_sign_is_refused_in_the_handshake() {
    let (world, other) = (World::new(), World::new());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.pem");
    other.enrolled().save(&path).unwrap();
    // Another CA's certificate in the hands of one who trusts our CA, so that only the node can refuse.
    let text = std::fs::read_to_string(&path).unwrap();
    let own_ca = world.ca().certificate_pem();
    let forged = text.replace(&other.ca().certificate_pem(), &own_ca);
    assert_ne!(forged, text);
    std::fs::write(&path, forged).unwrap();
    let client = world.client(transport::Identity::load(&path).unwrap().unwrap(), &Memory::with(1..3));
    until("told so", || client.status().error.is_some());
    let error = client.status().error.unwrap();
    assert!(error.contains("your certificate is not of its CA"), "{error}");
    until("the node counts it", || world.refused("not of the CA that is expected"));
    assert_eq!(client.status().sessions, 0);
}

#[test]
fn an_expired_certificate_is_refused_by_agent_and_node() {
    let world = World::with(|config| config.agent_certificate_days = 0);
    let identity = world.enrolled();
    until("it has expired", || identity.certificate().not_after < now());
    std::thread::sleep(Duration::from_millis(1100));
    let client = world.client(identity, &Memory::with([]));
    until("told so", || client.status().error.is_some());
    let error = client.status().error.unwrap();
    assert!(error.contains("expired") && error.contains("enrol it again"), "{error}");
}

fn now() -> Timestamp {
    Timestamp(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64)
}

#[test]
fn too_many_agents_are_refused() {
    let world = World::with(|config| config.max_agents = 1);
    let first = world.client(world.enrolled(), &Memory::with([]));
    until("connected", || first.status().state == LinkState::Connected);
    let second = world.client(world.enrolled(), &Memory::with([]));
    until("told so", || second.status().refused == Some(RefusalCode::Full));
    first.stop();
    until("there is room", || second.status().state == LinkState::Connected);
}

#[test]
fn noise_on_the_port_does_not_hurt() {
    use std::io::Write;
    let world = World::with(|config| config.handshake_timeout = Duration::from_millis(200));
    let address = world.address();
    for noise in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 4096], &[0x16, 3, 1, 0xff, 0xff], b""] {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let _ = stream.write_all(noise);
    }
    let silent = std::net::TcpStream::connect(&address).unwrap();
    until("the silent one is given up", || world.refused("no TLS handshake in time"));
    drop(silent);
    let client = world.client(world.enrolled(), &Memory::with(1..10));
    until("an agent comes through", || client.status().acked == 9);
}

#[test]
fn a_real_spool_is_drained() {
    let world = World::new();
    let identity = world.enrolled();
    let agent = identity.agent().clone();
    let dir = tempfile::tempdir().unwrap();
    let spool = Arc::new(spool::Spool::open(dir.path(), spool::SpoolConfig::default()).unwrap());
    let mut last = 0;
    for n in 0..1000u32 {
        last = spool.append(spool::Priority::Normal, &n.to_le_bytes()).unwrap();
    }
    spool.sync().unwrap();
    let config = client_config(&world.address());
    let client = Client::start(config, identity, spool.clone(), Agent::default()).unwrap();
    until("all are acknowledged", || spool.acked() == last);
    client.stop();
    let epoch = transport::Source::epoch(&spool);
    assert_eq!(world.kept(&agent, epoch).len(), 1000);
}
