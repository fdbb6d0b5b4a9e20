//! Policies: kept as versions, checked, simulated over what is stored, rolled out to the hosts that are named.

use super::asking::{self, PATIENT, WAIT};
use super::stored_alerts::{self, Wanted};
use super::{Body, Shared, audit, now, reason};
use crate::fleet::Member;
use crate::guard::Caller;
use crate::node::Node;
use crate::policies::{Given, PolicyStoreError, Version};
use crate::problem::{Answer, Failure, fail, internal, not_found};
use crate::{rollout, simulation};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::Timestamp;
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use verdict::prevention::{PreventionProfile, stored};
use wire::CommandBody;

const DAY: i64 = 86_400 * crate::clock::SECOND;
/// A body of ours is not longer either.
const MOST_BYTES: usize = 200 * 1024;
const MOST_SIMULATED: usize = 50;
/// Simulated at the same time: each is work for its host.
const AT_ONCE: usize = 8;
/// Programs of one host that are held against a policy.
const MOST_PROGRAMS: usize = 5_000;
/// Different acts of one host.
const MOST_ACTS: usize = 5_000;
const MOST_ALERTS: usize = 5_000;

impl From<PolicyStoreError> for Failure {
    fn from(error: PolicyStoreError) -> Self {
        match error {
            PolicyStoreError::Control(error) => error.into(),
            PolicyStoreError::Conflict(_) | PolicyStoreError::Full => fail(ProblemCode::Conflict, error.to_string()),
            PolicyStoreError::Json(_) => internal("read what is kept of policies", &error),
        }
    }
}

pub async fn list(State(node): Shared) -> Answer<Json<PolicyList>> {
    let given = node.policies.given().await?;
    let mut items = Vec::new();
    for name in node.policies.names().await? {
        let Some(newest) = node.policies.versions(&name).await?.into_iter().next() else { continue };
        let mode = verdict::Policy::parse(&name, &newest.text).map_or(event::Mode::Observe, |policy| policy.mode);
        let hosts = given.values().filter(|given| given.policy == name).count() as u64;
        items.push(PolicySummary {
            name,
            version: newest.version,
            updated: newest.time.into(),
            by: newest.by,
            reason: newest.reason,
            mode,
            hosts,
        });
    }
    let hosts = node.fleet.all().iter().map(|member| host(member, &given)).collect();
    Ok(Json(PolicyList { items, hosts }))
}

fn host(member: &Member, given: &BTreeMap<String, Given>) -> PolicyHost {
    PolicyHost {
        host_id: member.facts.host.0.clone(),
        host_name: member.facts.name.clone(),
        connected: member.connected,
        given: given.get(member.facts.host.as_str()).map(shown),
    }
}

fn shown(given: &Given) -> PolicyGiven {
    PolicyGiven {
        policy: given.policy.clone(),
        version: given.version,
        state: given.state,
        detail: given.detail.clone(),
        at: given.at.into(),
    }
}

pub async fn show(State(node): Shared, Path(name): Path<String>) -> Answer<Json<Policy>> {
    Ok(Json(policy(&node, name).await?))
}

async fn policy(node: &Node, name: String) -> Answer<Policy> {
    let versions = node.policies.versions(&name).await?;
    let newest = versions.first().cloned().ok_or_else(|| not_found("policy"))?;
    let given = node.policies.given().await?;
    let mine = |member: &&Member| given.get(member.facts.host.as_str()).is_some_and(|given| given.policy == name);
    let hosts = node.fleet.all().iter().filter(mine).map(|member| host(member, &given)).collect();
    let versions = versions.into_iter().map(|one| PolicyVersion {
        version: one.version,
        time: one.time.into(),
        by: one.by,
        reason: one.reason,
    });
    Ok(Policy { version: newest.version, text: newest.text, versions: versions.collect(), hosts, name })
}

pub async fn version(State(node): Shared, Path((name, version)): Path<(String, String)>) -> Answer<Json<PolicyText>> {
    let number = version.parse().map_err(|_| not_found("version"))?;
    let found = node.policies.version(&name, number).await?.ok_or_else(|| not_found("version"))?;
    Ok(Json(PolicyText { name, version: found.version, text: found.text }))
}

pub async fn check(Body(request): Body<PolicyCheckRequest>) -> Json<PolicyCheck> {
    let fault = verdict::Policy::parse("policy", &request.text).err();
    let fault = fault.map(|error| PolicyFault { line: error.line as u64, field: error.field, message: error.message });
    Json(PolicyCheck { ok: fault.is_none(), fault })
}

fn parsed(name: &str, text: &str) -> Answer<verdict::Policy> {
    if text.len() > MOST_BYTES {
        return Err(fail(ProblemCode::BodyTooLarge, format!("a policy has at most {MOST_BYTES} bytes")));
    }
    verdict::Policy::parse(name, text).map_err(|error| {
        let mut failure = fail(ProblemCode::Invalid, error.to_string());
        failure.0.line = (error.line > 0).then_some(error.line as u64);
        failure
    })
}

pub async fn write(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    Body(request): Body<PolicyWrite>,
) -> Answer<Json<Policy>> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !(1..=64).contains(&name.len()) || !name.chars().all(fits) {
        return Err(fail(
            ProblemCode::Invalid,
            "a policy's name has 1 to 64 letters, digits, dots, dashes or underscores",
        ));
    }
    let why = reason(&request.reason)?;
    parsed(&name, &request.text)?;
    audit(&node, &caller, "policy.write", &name, &why).await?;
    node.policies.write(&name, request.base, request.text, &caller.name, why).await?;
    Ok(Json(policy(&node, name).await?))
}

pub async fn in_force(State(node): Shared, Path(id): Path<String>) -> Answer<Json<HostPolicy>> {
    #[derive(Deserialize)]
    struct Told {
        text: String,
        name: String,
    }
    let member = asking::member(&node, &id)?;
    let (answer, told) = asking::ask_for::<Told>(&node, &member, CommandBody::ShowPolicy, WAIT).await;
    let given = node.policies.given().await?.remove(&id);
    let version = match &given {
        Some(given) => node.policies.version(&given.policy, given.version).await?,
        None => None,
    };
    let as_given = told.as_ref().zip(version).map(|(told, version)| told.text == version.text);
    let (text, name) = told.map(|told| (told.text, told.name)).unzip();
    Ok(Json(HostPolicy { answer, text, name, given: given.as_ref().map(shown), as_given }))
}

pub async fn roll_out(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    Body(request): Body<RolloutRequest>,
) -> Answer<Json<Rollout>> {
    let versions = node.policies.versions(&name).await?;
    let wanted = |one: &&Version| request.version.is_none_or(|version| one.version == version);
    let version = versions.iter().find(wanted).ok_or_else(|| not_found("version of this policy"))?;
    parsed(&name, &version.text)?;
    if request.host_ids.is_empty() {
        return Err(fail(ProblemCode::Invalid, "name the hosts that are to get it"));
    }
    let members = request.host_ids.iter().map(|host| asking::member(&node, host)).collect::<Answer<Vec<_>>>()?;
    let given = node.policies.given().await?;
    let hosts = members.iter().map(|member| host(member, &given)).collect();
    let mut commands = Vec::new();
    if !request.preview {
        let why = reason(request.reason.as_deref().unwrap_or_default())?;
        let target = format!("{name} {}", version.version);
        for member in &members {
            audit(&node, &caller, "policy.roll-out", &target, &format!("to {}: {why}", member.facts.name)).await?;
            let (host, agent) = (member.facts.host.as_str(), &member.facts.agent);
            commands.push(rollout::give(&node, host, agent, &name, version, &caller.name, &why).await?);
        }
    }
    Ok(Json(Rollout { version: version.version, hosts, commands }))
}

pub async fn simulate(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<SimulationRequest>,
) -> Answer<Json<Simulation>> {
    let days = request.days.unwrap_or(7);
    if !(1..=30).contains(&days) {
        return Err(fail(ProblemCode::Invalid, "days must be 1 to 30"));
    }
    if !(1..=MOST_SIMULATED).contains(&request.host_ids.len()) {
        return Err(fail(ProblemCode::Invalid, format!("name 1 to {MOST_SIMULATED} hosts")));
    }
    let policy = Arc::new(parsed("policy", &request.text)?);
    let members = request.host_ids.iter().map(|host| asking::member(&node, host)).collect::<Answer<Vec<_>>>()?;
    audit(&node, &caller, "policy.simulate", &format!("{} hosts", members.len()), &format!("{days} days")).await?;
    let to = now();
    let from = to.plus_nanos(-DAY * i64::from(days));
    let each = members.into_iter().map(|member| {
        let (node, policy, text) = (Arc::clone(&node), Arc::clone(&policy), request.text.clone());
        async move { simulate_one(&node, &member, &policy, text, from).await }
    });
    let hosts: Vec<Answer<HostSimulation>> = futures::stream::iter(each).buffered(AT_ONCE).collect().await;
    let hosts = hosts.into_iter().collect::<Answer<Vec<_>>>()?;
    Ok(Json(Simulation { from: from.into(), to: to.into(), hosts }))
}

async fn simulate_one(
    node: &Node,
    member: &Member,
    policy: &Arc<verdict::Policy>,
    text: String,
    from: Timestamp,
) -> Answer<HostSimulation> {
    let wanted = Wanted { host: Some(member.facts.host.clone()), since: from, most: MOST_ALERTS };
    let (records, truncated) = stored_alerts::read(node, wanted).await?;
    let (policy, profiles) = (Arc::clone(policy), policy.prevention.clone());
    let judged = tokio::task::spawn_blocking(move || simulation::alerts(&policy, &records, truncated)).await;
    let alerts = judged.map_err(|error| internal("decide the alerts anew", &error))?;
    let acts = acts(node, member, &profiles, from).await?.map(|acts| json!(acts).to_string());
    let past = json!(past(node, member, from).await?).to_string();
    let body = CommandBody::SimulatePolicy { toml: text, past, acts };
    let (answer, told) = asking::ask_for::<Judged>(node, member, body, PATIENT).await;
    let (starts, prevention, lockouts) = match told {
        Some(told) => (Some(told.starts), told.prevention, told.lockouts),
        None => (None, None, Vec::new()),
    };
    Ok(HostSimulation { answer, alerts, starts, prevention, lockouts })
}

/// The host's answer.
#[derive(Deserialize)]
struct Judged {
    #[serde(flatten)]
    starts: StartSimulation,
    #[serde(default)]
    prevention: Option<PreventionSimulation>,
    #[serde(default)]
    lockouts: Vec<Lockout>,
}

/// What those did whom profiles name, as the agent takes it; None where nobody is named by what is stored.
async fn acts(
    node: &Node,
    member: &Member,
    profiles: &[PreventionProfile],
    from: Timestamp,
) -> Answer<Option<Vec<Value>>> {
    let host = member.facts.host.as_str().replace('\'', "''");
    let also = format!("host_id = '{host}' AND timestamp >= TIMESTAMP '{from}'");
    let Some(sql) = stored::question(profiles, &also) else { return Ok(None) };
    let rows = rows(node, &sql, MOST_ACTS).await?;
    let act = |row: &Vec<Value>| {
        let there = stored::KEYS.iter().zip(row).filter(|(_, cell)| !cell.is_null() && **cell != "");
        Value::Object(there.map(|(key, cell)| ((*key).to_owned(), cell.clone())).collect())
    };
    Ok(Some(rows.iter().map(act).collect()))
}

async fn rows(node: &Node, sql: &str, most: usize) -> Answer<Vec<Vec<Value>>> {
    let mut scope = hunt::Scope::new(node.tenant.clone(), now());
    (scope.time_limit, scope.row_limit) = (Duration::from_secs(30), most);
    Ok(node.events.hunt(&hunt::plan(sql, &scope)?).await?.collect().await?.rows)
}

/// Program starts as the agent takes them, the most started first.
async fn past(node: &Node, member: &Member, from: Timestamp) -> Answer<Vec<Value>> {
    let sql = format!(
        "SELECT process_executable, process_hash_sha256, package_name, count(*) AS n FROM events \
         WHERE event_action = 'process-exec' AND host_id = '{}' AND timestamp >= TIMESTAMP '{from}' \
         GROUP BY process_executable, process_hash_sha256, package_name ORDER BY n DESC",
        member.facts.host.as_str().replace('\'', "''")
    );
    let rows = rows(node, &sql, MOST_PROGRAMS).await?;
    let cell = |row: &[Value], at: usize| row.get(at).filter(|cell| !cell.is_null() && **cell != "").cloned();
    let starts = rows.iter().filter_map(|row| {
        let (path, count) = (cell(row, 0)?, cell(row, 3)?);
        Some(json!({ "path": path, "sha256": cell(row, 1), "package": cell(row, 2), "count": count }))
    });
    Ok(starts.collect())
}
