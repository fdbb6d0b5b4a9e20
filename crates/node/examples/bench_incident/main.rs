//! `bench_incident [EVENTS]`: the root cause of one incident over seven days of fifty hosts' stored events, as the page asks for
//! it, and what the node asks by itself about it. The last line is one JSON object; everything before it is for people.

#[path = "../../../store/examples/bench_store/figures.rs"]
mod figures;
#[path = "../../../store/examples/bench_store/telemetry.rs"]
#[expect(dead_code, reason = "the other bench's hunts are not run here")]
mod telemetry;

use axum::body::Body;
use axum::http::Request;
use event::*;
use figures::{Figures, cpu_seconds};
use http_body_util::BodyExt as _;
use incident::{Correlator, Limits};
use node::{NodeConfig, Peer, Running};
use std::sync::Arc;
use std::time::Instant;
use store::{BatchId, Config, ControlStore, EventStore, IncidentRecord};
use telemetry::{T0, Telemetry};
use tower::ServiceExt as _;

const BATCH: u64 = 2_000;
const HOSTS: u64 = 50;
const DAYS: i64 = 7;
/// Alerts of the incident, each of a process of its own.
const ALERTS: u64 = 300;
const ROUNDS: usize = 20;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let events: u64 = std::env::args().nth(1).unwrap_or_else(|| "3500000".into()).replace('_', "").parse()?;
    let folder = tempfile::tempdir()?;
    let text =
        "[console]\nlisten = \"127.0.0.1:0\"\n[agents]\nlisten = \"127.0.0.1:0\"\n[investigate]\nautomatic = false\n";
    let config = NodeConfig::from_text(text)?.with_state(folder.path(), None);
    let node = folder.path().join("node");
    std::fs::create_dir_all(&node)?;
    let control = ControlStore::open(&node.join("control.db")).await?;
    let telemetry = fill(&control, &node.join("events"), events).await?;
    let mut figures = Figures::default();
    figures.put("events", events as f64);
    let id = attack(&control, &telemetry, events, &mut figures).await?;
    control.close().await;

    let running = Running::start(node::prepare(config)?).await?;
    let path = format!("/api/v1/incidents/{id}");
    let mut took = Vec::new();
    let before = cpu_seconds()?;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let detail = ask(&running, "GET", &path).await?;
        took.push(started.elapsed().as_secs_f64() * 1e3);
        if detail["counters"] != "counted" {
            return Err(format!("not counted: {}", detail["counters"]).into());
        }
    }
    took.sort_by(f64::total_cmp);
    figures.put("incident_ms_median", took[took.len() / 2]);
    figures.put("incident_ms_worst", took[took.len() - 1]);
    figures.put("incident_cpu_ms", (cpu_seconds()? - before) * 1e3 / ROUNDS as f64);
    let (started, before) = (Instant::now(), cpu_seconds()?);
    let asked = ask(&running, "POST", &format!("{path}/investigate")).await?;
    figures.put("investigation_ms", started.elapsed().as_secs_f64() * 1e3);
    figures.put("investigation_cpu_ms", (cpu_seconds()? - before) * 1e3);
    let unanswered = asked["answers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["method"] == "hunt" && one["state"] == "unanswered");
    figures.put("investigation_hunts", asked["spent"]["hunts"].as_f64().unwrap_or(0.0));
    figures.put("investigation_hunts_unanswered", unanswered.count() as f64);
    running.stop().await;
    figures.print("incident");
    Ok(())
}

/// Half the hosts of the telemetry, its day drawn out to a week.
async fn fill(control: &ControlStore, folder: &std::path::Path, events: u64) -> Result<Telemetry, Failure> {
    let config = Config { max_age: None, ..Config::default() };
    let store = EventStore::open(folder, control.clone(), config).await?;
    let telemetry = Telemetry::new(events * 2);
    for first in (0..events * 2).step_by(BATCH as usize) {
        let numbers = first..(first + BATCH).min(events * 2);
        let rows =
            telemetry.rows(numbers.clone()).into_iter().zip(numbers).filter(|(_, n)| n % telemetry::HOSTS < HOSTS);
        let week = |(mut row, _): (Row, u64)| {
            row.set(Column::Time, Value::Time(Timestamp(T0 + (row.time().nanos() - T0) * DAYS)));
            row
        };
        let id = BatchId { tenant: TenantId::default(), agent: AgentId::new("bench"), epoch: 1, first_seq: first + 1 };
        store.append(id, rows.map(week).collect()).await?;
    }
    store.flush().await?;
    store.close().await;
    Ok(telemetry)
}

/// One attack on five hosts, by processes that are in the store.
async fn attack(
    control: &ControlStore,
    telemetry: &Telemetry,
    events: u64,
    figures: &mut Figures,
) -> Result<String, Failure> {
    let started = Instant::now();
    let mut correlator = Correlator::new(Limits::default(), 1);
    let mut joined = None;
    let mut alerts = Vec::new();
    for number in 0..ALERTS {
        let alert = alert(telemetry, events, number);
        joined = Some(correlator.observe(&alert).incident);
        alerts.push(alert);
    }
    let id = joined.ok_or("no alert")?;
    let incident = correlator.incident(&id).ok_or("no incident")?;
    figures.put("root_cause_pure_ms", started.elapsed().as_secs_f64() * 1e3);
    figures.put("incident_alerts", incident.alert_count as f64);
    figures.put("incident_nodes", incident.graph.nodes.len() as f64);
    let record = IncidentRecord {
        id: id.clone(),
        tenant: TenantId::default(),
        title: incident.title.text.en.clone(),
        status: "open".into(),
        severity: incident.severity,
        disposition: None,
        first_seen: incident.first.0,
        last_seen: incident.last.0,
        updated: incident.updated.0,
        json: serde_json::to_string(&incident)?,
    };
    for alert in &alerts {
        let incident = (alert.id == alerts[0].id).then_some(&record);
        match incident {
            Some(incident) => control.record_alert(alert, Some(incident), alert.time).await?,
            None => control.record_alert_of(alert, &id, alert.time).await?,
        };
    }
    control.next_incident_id().await?;
    Ok(id.0)
}

fn alert(telemetry: &Telemetry, events: u64, number: u64) -> Alert {
    // A process in the last tenth of the week, on one of five hosts.
    let turn = events * 2 * 9 / 10 / telemetry::HOSTS + number * 12;
    let event_number = turn * telemetry::HOSTS + number % 5;
    let time = Timestamp(T0 + (DAYS * 86_400 - 8 * 3_600) * 1_000_000_000 + number as i64 * 60_000_000_000);
    let process = |entity_id: String, name: &str, place: &str| ProcessSnapshot {
        entity_id,
        pid: 1_000 + number as u32,
        name: name.into(),
        executable: format!("{place}/{name}"),
        command_line: format!("{name} --job {number}"),
        started: time,
        user_id: 33,
        user_name: Some("www-data".into()),
        package: place.starts_with("/usr").then(|| "some 1".to_owned()),
        // The same foreign program everywhere: that makes it one attack.
        sha256: place.starts_with("/tmp").then(|| "ab".repeat(32)),
        ..ProcessSnapshot::default()
    };
    let root = format!("0-{:x}-64", 700 + number % 5);
    let lineage = vec![
        process(telemetry.process_of(event_number), "worker", "/tmp/.x"),
        process(format!("0-{:x}-65", 800 + number % 5), "dash", "/usr/bin"),
        process(root, "nginx", "/usr/sbin"),
    ];
    let mut event = Row::default();
    event.set(Column::Time, Value::Time(time));
    event.set_text(Column::Action, "network-connect");
    event.set(Column::DestinationIp, Value::Ip([203, 0, 113, 9].into()));
    event.set(Column::DestinationPort, Value::U64(3333));
    let finding = Finding {
        engine: Engine::Sigma,
        rule_id: RuleId::new(format!("rule-{}", number % 20)),
        name: "A worker that should not be".into(),
        severity: Severity::High,
        techniques: vec![Technique::new(1496)],
        tactics: vec![Tactic::Impact],
        detail: "because".into(),
        matched: Vec::new(),
        asks: None,
    };
    Alert {
        id: AlertId(format!("{number:032x}")),
        time,
        agent: AgentId::new("bench"),
        host: HostId(telemetry::host(event_number)),
        host_name: format!("srv-{:03}", number % 5),
        tenant: TenantId::default(),
        severity: Severity::High,
        title: finding.name.clone(),
        findings: vec![finding],
        decision: Decision {
            action: Action::Alert,
            wanted: Action::Alert,
            mode: Mode::Observe,
            tier: Tier::Gate,
            reasons: Vec::new(),
        },
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        event,
        lineage,
    }
}

async fn ask(running: &Running, method: &str, path: &str) -> Result<serde_json::Value, Failure> {
    let mut request = Request::builder().method(method).uri(path).body(Body::empty())?;
    request.extensions_mut().insert(Peer::Socket { uid: 0 });
    let response = node::app(Arc::clone(&running.node)).oneshot(request).await?;
    let status = response.status();
    let bytes = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&bytes)).into());
    }
    Ok(serde_json::from_slice(&bytes)?)
}
