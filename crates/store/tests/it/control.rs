//! The control store keeps what it is told, and refuses what must not be.

use crate::world::{T0, World, row};
use event::{
    Action, AgentId, Alert, AlertId, CommandId, Decision, Engine, Finding, HostFacts, HostId, LossKind, Mode, Outcome,
    OutcomeStatus, ProcessSnapshot, RuleId, Severity, Tactic, Technique, TenantId, Tier, Timestamp,
};
use std::collections::BTreeMap;
use store::{
    AgentRecord, AlertFilter, AuditEntry, CommandRecord, CommandState, ControlError, HostStatus, IncidentFilter,
    IncidentRecord, NewToken, Role, Session, TokenUse, User,
};

fn facts(name: &str) -> HostFacts {
    HostFacts {
        agent: AgentId::new(format!("agent-{name}")),
        host: HostId::new(format!("id-{name}")),
        name: name.into(),
        os: "Debian GNU/Linux 12".into(),
        kernel: "6.1".into(),
        architecture: "x86_64".into(),
        agent_version: "0.1.0".into(),
        boot_id: "b".into(),
        tier: Tier::Gate,
        tier_reason: "no LSM".into(),
        missing_protections: Tier::Gate.missing(),
        mode: Mode::Observe,
        seen: 1,
        lost: BTreeMap::from([(LossKind::Spool, 2)]),
        spool_bytes: 0,
        spool_events: 0,
        resident_bytes: 0,
        rules: 1,
        rules_rejected: 0,
        signatures: event::SignatureFacts::default(),
        addresses: vec!["10.0.0.1".into()],
        time: Timestamp(T0),
    }
}

pub fn alert(n: u64, severity: Severity) -> Alert {
    Alert {
        id: AlertId::new(format!("{n:032x}")),
        time: Timestamp(T0 + n as i64),
        agent: AgentId::new("agent-web1"),
        host: HostId::new("id-web1"),
        host_name: "web1".into(),
        tenant: TenantId::default(),
        severity,
        title: format!("alert {n} <b>"),
        findings: vec![Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new("r1"),
            name: "n".into(),
            severity,
            techniques: vec![Technique::sub(1059, 4)],
            tactics: vec![Tactic::Execution],
            detail: "d".into(),
            matched: vec![],
            asks: None,
        }],
        decision: decision(),
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        event: row(n),
        lineage: vec![ProcessSnapshot { name: "bash".into(), ..ProcessSnapshot::default() }],
    }
}

fn decision() -> Decision {
    Decision { action: Action::Alert, wanted: Action::Kill, mode: Mode::Observe, tier: Tier::Gate, reasons: vec![] }
}

#[tokio::test]
async fn hosts_and_agents() {
    let world = World::new().await;
    let (control, tenant) = (&world.control, TenantId::default());
    control.put_host(&tenant, &facts("web2"), Timestamp(1)).await.unwrap();
    control.put_host(&tenant, &facts("web1"), Timestamp(2)).await.unwrap();
    control.put_host(&tenant, &facts("web2"), Timestamp(3)).await.unwrap();
    let hosts = control.hosts(&tenant).await.unwrap();
    assert_eq!(
        hosts.iter().map(|h| (h.facts.name.as_str(), h.first_seen.0, h.last_seen.0)).collect::<Vec<_>>(),
        [("web1", 2, 2), ("web2", 1, 3)]
    );
    assert!(control.set_host_status(&tenant, &HostId::new("id-web1"), HostStatus::Away, Timestamp(9)).await.unwrap());
    let one = control.host(&tenant, &HostId::new("id-web1")).await.unwrap().unwrap();
    assert_eq!((one.status, one.facts), (HostStatus::Away, facts("web1")));
    assert!(control.host(&TenantId::new("other"), &HostId::new("id-web1")).await.unwrap().is_none());
    assert!(control.put_host(&TenantId::new("nobody"), &facts("x"), Timestamp(1)).await.is_err());

    let agent = AgentRecord {
        id: AgentId::new("a1"),
        tenant: tenant.clone(),
        host: HostId::new("id-web1"),
        fingerprint: "f".repeat(64),
        serial: "01".into(),
        enrolled: Timestamp(1),
        expires: Timestamp(100),
        revoked: None,
        revoked_reason: None,
    };
    control.put_agent(&agent).await.unwrap();
    assert_eq!(control.agent_by_fingerprint(&agent.fingerprint).await.unwrap().as_ref(), Some(&agent));
    assert!(control.revoke_agent(&agent.id, "stolen", Timestamp(5)).await.unwrap());
    assert!(!control.revoke_agent(&agent.id, "again", Timestamp(6)).await.unwrap());
    control.put_agent(&agent).await.unwrap();
    assert_eq!(control.agent(&agent.id).await.unwrap().unwrap().revoked, Some(Timestamp(5)));
}

#[tokio::test]
async fn a_token_lets_one_in() {
    let world = World::new().await;
    let token = |hash: &str, expires| NewToken {
        hash: hash.into(),
        tenant: TenantId::default(),
        note: "n".into(),
        created_by: "admin".into(),
        created: Timestamp(0),
        expires: Timestamp(expires),
    };
    world.control.create_token(&token("h1", 100)).await.unwrap();
    world.control.create_token(&token("h2", 5)).await.unwrap();
    let tries = (0..8).map(|n| {
        let control = world.control.clone();
        tokio::spawn(
            async move { control.use_token("h1", &AgentId::new(format!("a{n}")), Timestamp(10)).await.unwrap() },
        )
    });
    let mut accepted = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            TokenUse::Accepted { tenant } => accepted += usize::from(tenant == TenantId::default()),
            other => assert!(matches!(other, TokenUse::AlreadyUsed { by: Some(_) }), "{other:?}"),
        }
    }
    assert_eq!(accepted, 1);
    let use_of = async |hash: &str| world.control.use_token(hash, &AgentId::new("z"), Timestamp(10)).await.unwrap();
    assert_eq!(use_of("h2").await, TokenUse::Expired);
    assert_eq!(use_of("' OR 1=1 --").await, TokenUse::Unknown);
    assert_eq!(world.control.tokens(&TenantId::default()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn users_and_sessions() {
    let world = World::new().await;
    let mut user = User {
        name: "ann".into(),
        tenant: TenantId::default(),
        password_hash: "$argon2id$x".into(),
        role: Role::Analyst,
        language: "ja".into(),
        created: Timestamp(1),
        disabled: None,
    };
    world.control.create_user(&user).await.unwrap();
    assert!(matches!(world.control.create_user(&user).await, Err(ControlError::Exists { .. })));
    let session = |hash: &str, expires| Session {
        hash: hash.into(),
        user: "ann".into(),
        created: Timestamp(10),
        expires: Timestamp(expires),
    };
    world.control.create_session(&session("s1", 100)).await.unwrap();
    let who = async |at| world.control.session_user("s1", Timestamp(at)).await.unwrap().map(|u| u.name);
    assert_eq!(who(50).await.as_deref(), Some("ann"));
    assert_eq!(who(100).await, None);
    user.language = "en".into();
    assert!(world.control.update_user(&user).await.unwrap());
    assert_eq!(who(50).await.as_deref(), Some("ann"));
    user.password_hash = "$argon2id$y".into();
    world.control.update_user(&user).await.unwrap();
    assert_eq!(who(50).await, None);
    assert!(world.control.create_session(&Session { user: "nobody".into(), ..session("s2", 100) }).await.is_err());
}

#[tokio::test]
async fn alerts_and_incidents() {
    let world = World::new().await;
    let (control, tenant) = (&world.control, TenantId::default());
    let id = control.next_incident_id().await.unwrap();
    assert_eq!((id.as_str(), control.next_incident_id().await.unwrap().as_str()), ("INC-1", "INC-2"));
    let incident = IncidentRecord {
        id: id.clone(),
        tenant: tenant.clone(),
        title: "t".into(),
        status: "open".into(),
        disposition: None,
        severity: Severity::High,
        first_seen: Timestamp(T0),
        last_seen: Timestamp(T0 + 5),
        updated: Timestamp(T0 + 6),
        json: "{}".into(),
    };
    for n in 0..10u64 {
        let severity = if n % 2 == 0 { Severity::High } else { Severity::Low };
        assert!(control.record_alert(&alert(n, severity), Some(&incident), Timestamp(T0)).await.unwrap());
    }
    let changed = IncidentRecord { title: "never".into(), ..incident.clone() };
    assert!(!control.record_alert(&alert(3, Severity::Low), Some(&changed), Timestamp(T0)).await.unwrap());
    assert_eq!(control.incident(&tenant, &id).await.unwrap(), Some(incident.clone()));
    let page = |filter: AlertFilter| async move {
        let found = control.alerts(&filter).await.unwrap();
        found.iter().map(|r| r.alert.time.0 - T0).collect::<Vec<_>>()
    };
    let all = AlertFilter { limit: 4, ..AlertFilter::default() };
    assert_eq!(page(all.clone()).await, [9, 8, 7, 6]);
    let last = alert(6, Severity::High);
    assert_eq!(page(AlertFilter { before: Some((last.time, last.id)), ..all.clone() }).await, [5, 4, 3, 2]);
    assert_eq!(page(AlertFilter { at_least: Some(Severity::Medium), ..all.clone() }).await, [8, 6, 4, 2]);
    assert_eq!(page(AlertFilter { incident: Some(id.clone()), ..all.clone() }).await, [9, 8, 7, 6]);
    assert_eq!(page(AlertFilter { tenant: TenantId::new("other"), ..all }).await, [0; 0]);
    let counts = control.count_alerts(&tenant, Timestamp(T0 + 5)).await.unwrap();
    assert_eq!(counts, BTreeMap::from([(Severity::Low, 3), (Severity::High, 2)]));
    let open = IncidentFilter { status: Some("open".into()), ..IncidentFilter::default() };
    assert_eq!(control.incidents(&open).await.unwrap(), [incident]);

    let check = async |sql: &str, expected: &[&str]| assert_eq!(world.rows(sql).await, expected, "{sql}");
    check("SELECT count(*) FROM alerts WHERE severity = 'high' AND techniques LIKE '%T1059.004%'", &["[5]"]).await;
    check(
        "SELECT title, incident_id, rule_ids, process_entity_id, lineage FROM alerts ORDER BY timestamp LIMIT 1",
        &[r#"["alert 0 <b>","INC-1","r1","p-0","bash"]"#],
    )
    .await;
    world.append(0, crate::world::rows(0..3)).await;
    check("SELECT count(*) FROM events e JOIN alerts a ON a.process_entity_id = e.process_entity_id", &["[3]"]).await;
    let other = crate::world::hunt_as(&world.events, "other", "SELECT count(*) FROM alerts").await.unwrap();
    assert_eq!(other.rows[0][0], 0);
}

#[tokio::test]
async fn commands_run_their_course() {
    let world = World::new().await;
    let control = &world.control;
    let (agent, tenant) = (AgentId::new("a1"), TenantId::default());
    let command = |n: i64, expires| CommandRecord {
        id: CommandId::new(format!("c{n}")),
        tenant: tenant.clone(),
        agent: agent.clone(),
        kind: "kill".into(),
        json: "{}".into(),
        state: CommandState::Queued,
        issued_by: "ann".into(),
        reason: "why".into(),
        created: Timestamp(n),
        expires: Timestamp(expires),
        sent: None,
        finished: None,
        result: None,
    };
    for (n, expires) in [(1, 100), (2, 100), (3, 20)] {
        control.issue_command(&command(n, expires)).await.unwrap();
    }
    let pending = async |at| {
        let found = control.pending_commands(&agent, Timestamp(at)).await.unwrap();
        found.into_iter().map(|c| c.id.0).collect::<Vec<_>>()
    };
    assert_eq!(pending(10).await, ["c1", "c2", "c3"]);
    assert!(control.command_sent(&CommandId::new("c1"), Timestamp(11)).await.unwrap());
    let finish = async |id: &str, agent: &AgentId, ok| {
        control.command_finished(&CommandId::new(id), agent, ok, "said", Timestamp(30)).await.unwrap()
    };
    assert!(!finish("c1", &AgentId::new("thief"), true).await);
    assert!(finish("c1", &agent, true).await && !finish("c1", &agent, false).await);
    assert_eq!(pending(50).await, ["c2"]);
    let states = control.commands(&tenant, Some(&agent), 10).await.unwrap();
    assert_eq!(
        states.iter().map(|c| c.state).collect::<Vec<_>>(),
        [CommandState::Expired, CommandState::Queued, CommandState::Done]
    );
    assert_eq!(control.command(&tenant, &CommandId::new("c1")).await.unwrap().unwrap().result.as_deref(), Some("said"));
}

#[tokio::test]
async fn the_audit_log_only_grows() {
    let world = World::new().await;
    let entry = AuditEntry { actor: "ann".into(), action: "login".into(), ..AuditEntry::default() };
    for n in 1..=3 {
        assert_eq!(world.control.append_audit(&entry).await.unwrap(), n);
    }
    let page = world.control.audit(&TenantId::default(), Some(3), 10).await.unwrap();
    assert_eq!(page.iter().map(|e| e.sequence).collect::<Vec<_>>(), [2, 1]);
    let url = world.dir.path().join("control.db");
    let raw = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(url)).await.unwrap();
    for sql in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
        let said = sqlx::query(sql).execute(&raw).await.unwrap_err().to_string();
        assert!(said.contains("append-only"), "{said}");
    }
    world.control.set_setting(&TenantId::default(), "a", "1").await.unwrap();
    world.control.set_setting(&TenantId::default(), "a", "2").await.unwrap();
    assert_eq!(world.control.setting(&TenantId::default(), "a").await.unwrap().as_deref(), Some("2"));
    let world = world.reopen().await;
    assert_eq!(world.control.append_audit(&entry).await.unwrap(), 4);
    assert_eq!(world.control.tenants().await.unwrap().len(), 1);
}
