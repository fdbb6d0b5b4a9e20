//! Saved queries: ours, which come with the product, and the team's, kept as one setting so that a change is one write.

use super::{Body, Shared, audit, hunting, now};
use crate::guard::Caller;
use crate::node::Node;
use crate::problem::{Answer, fail, internal, not_found};
use crate::secret;
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use console_api::{ProblemCode, SavedQuery, SavedQueryList, SavedQueryWrite};

const SETTING: &str = "hunt.saved-queries";
const MOST: usize = 500;

/// Name, description, SQL.
const OURS: [(&str, &str, &str); 6] = [
    (
        "Programs run from temporary folders",
        "Started within the last day from /tmp, /var/tmp or /dev/shm",
        "SELECT timestamp, host_name, user_name, process_executable, process_command_line, process_parent_name, process_entity_id\nFROM events\nWHERE event_action = 'process-exec'\n  AND (process_executable LIKE '/tmp/%' OR process_executable LIKE '/var/tmp/%' OR process_executable LIKE '/dev/shm/%')\n  AND timestamp > now() - INTERVAL '1 day'\nORDER BY timestamp DESC\nLIMIT 500",
    ),
    (
        "Shells started by servers",
        "A shell whose parent is a web server, database or mail server",
        "SELECT timestamp, host_name, process_parent_name, process_command_line, user_name, process_entity_id\nFROM events\nWHERE event_action = 'process-exec'\n  AND process_name IN ('sh', 'bash', 'dash', 'zsh', 'ksh')\n  AND process_parent_name IN ('nginx', 'apache2', 'httpd', 'php-fpm', 'caddy', 'mysqld', 'postgres', 'redis-server', 'master', 'exim4')\nORDER BY timestamp DESC\nLIMIT 500",
    ),
    (
        "Programs without a package that use the network",
        "Which unpackaged programs connected where, most first",
        "SELECT host_name, process_executable, destination_ip, destination_port, count(*) AS connections\nFROM events\nWHERE event_action = 'network-connect' AND package_name IS NULL AND destination_ip NOT LIKE '127.%'\nGROUP BY host_name, process_executable, destination_ip, destination_port\nORDER BY connections DESC\nLIMIT 500",
    ),
    (
        "New listeners",
        "Who began to listen within the last day",
        "SELECT timestamp, host_name, process_executable, destination_ip, destination_port, user_name, process_entity_id\nFROM events\nWHERE event_action = 'network-listen' AND timestamp > now() - INTERVAL '1 day'\nORDER BY timestamp DESC\nLIMIT 500",
    ),
    (
        "Rare programs",
        "Executables seen on one host only and seldom",
        "SELECT process_executable, min(host_name) AS host, count(*) AS runs, min(timestamp) AS first\nFROM events\nWHERE event_action = 'process-exec'\nGROUP BY process_executable\nHAVING count(DISTINCT host_name) = 1 AND count(*) <= 3\nORDER BY first DESC\nLIMIT 500",
    ),
    (
        "What the sensor lost",
        "Events that could not be recorded, by host and kind",
        "SELECT timestamp, host_name, label('loss_kind') AS kind, label('loss_count') AS lost\nFROM events\nWHERE event_action = 'sensor-loss'\nORDER BY timestamp DESC\nLIMIT 500",
    ),
];

pub async fn list(State(node): Shared) -> Answer<Json<SavedQueryList>> {
    let ours = OURS.iter().enumerate().map(|(n, (name, description, sql))| SavedQuery {
        id: format!("tamon-{}", n + 1),
        name: (*name).into(),
        description: (*description).into(),
        sql: (*sql).into(),
        owner: "tamon".into(),
        updated: node.started.into(),
        builtin: true,
    });
    let mut items: Vec<SavedQuery> = ours.collect();
    items.extend(load(&node).await?);
    Ok(Json(SavedQueryList { items }))
}

async fn load(node: &Node) -> Answer<Vec<SavedQuery>> {
    let Some(text) = node.control.setting(&node.tenant, SETTING).await? else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|error| internal("read the saved queries", &error))
}

async fn store(node: &Node, all: &[SavedQuery]) -> Answer<()> {
    let text = serde_json::to_string(all).map_err(|error| internal("write the saved queries", &error))?;
    Ok(node.control.set_setting(&node.tenant, SETTING, &text).await?)
}

fn checked(node: &Node, write: &SavedQueryWrite) -> Answer<()> {
    if write.name.trim().is_empty() || write.name.len() > 200 || write.description.len() > 2_000 {
        return Err(fail(ProblemCode::Invalid, "a saved query has a name of 1 to 200 bytes"));
    }
    hunting::check(node, &write.sql)
}

pub async fn create(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(write): Body<SavedQueryWrite>,
) -> Answer<(StatusCode, Json<SavedQuery>)> {
    checked(&node, &write)?;
    let _turn = node.saved_queries.lock().await;
    let mut all = load(&node).await?;
    if all.len() >= MOST {
        return Err(fail(ProblemCode::Conflict, format!("there are {MOST} saved queries; remove some")));
    }
    let query = SavedQuery {
        id: secret::draw_id(),
        name: write.name,
        description: write.description,
        sql: write.sql,
        owner: caller.name.clone(),
        updated: now().into(),
        builtin: false,
    };
    all.push(query.clone());
    store(&node, &all).await?;
    audit(&node, &caller, "saved-query.create", &query.id, &query.name).await?;
    Ok((StatusCode::CREATED, Json(query)))
}

pub async fn update(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(write): Body<SavedQueryWrite>,
) -> Answer<Json<SavedQuery>> {
    checked(&node, &write)?;
    let _turn = node.saved_queries.lock().await;
    let mut all = load(&node).await?;
    let query = all.iter_mut().find(|query| query.id == id).ok_or_else(|| not_found("saved query of the team"))?;
    (query.name, query.description, query.sql) = (write.name, write.description, write.sql);
    query.updated = now().into();
    let query = query.clone();
    store(&node, &all).await?;
    audit(&node, &caller, "saved-query.update", &query.id, &query.name).await?;
    Ok(Json(query))
}

pub async fn remove(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let _turn = node.saved_queries.lock().await;
    let mut all = load(&node).await?;
    let before = all.len();
    all.retain(|query| query.id != id);
    if all.len() == before {
        return Err(not_found("saved query of the team"));
    }
    store(&node, &all).await?;
    audit(&node, &caller, "saved-query.remove", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}
