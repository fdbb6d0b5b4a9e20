//! Hunts: SQL that people write, held to reading by the planner, with what the answer could not know said beside it.

use super::{Body, Shared, audit, limit, now};
use crate::guard::Caller;
use crate::node::Node;
use crate::problem::{Answer, fail};
use axum::Extension;
use axum::Json;
use axum::extract::State;
use console_api::*;
use event::{Column, ColumnType};
use std::time::Duration;

pub async fn run(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<HuntRequest>,
) -> Answer<Json<HuntResult>> {
    let most = node.config.hunt.max_rows;
    let mut scope = hunt::Scope::new(node.tenant.clone(), now());
    scope.row_limit = limit(request.limit, most.min(1_000), most)?;
    scope.time_limit = Duration::from_secs(node.config.hunt.max_seconds.into());
    let planned = hunt::plan(&request.sql, &scope);
    // Also what was refused: somebody tried it.
    let told = planned.as_ref().map_or_else(|error| format!("refused: {error}"), |_| String::new());
    audit(&node, &caller, "hunt.run", event::text::clip(&request.sql, 500), &told).await?;
    let answer = node.events.hunt(&planned?).await?.collect().await?;
    let columns = answer.columns.into_iter().map(|column| HuntColumn { name: column.name, kind: column.kind.into() });
    let stats = node.events.stats();
    Ok(Json(HuntResult {
        columns: columns.collect(),
        rows: answer.rows,
        truncated: answer.truncated,
        elapsed_ms: u64::try_from(answer.elapsed.as_millis()).unwrap_or(u64::MAX),
        scanned_rows: stats.segment_rows + stats.recent_rows,
        coverage: coverage(&node),
    }))
}

pub(super) fn coverage(node: &Node) -> Coverage {
    let members = node.fleet.all();
    let name = |member: &crate::fleet::Member| member.facts.name.clone();
    // What is under way anyway is no backlog.
    let behind = |member: &&crate::fleet::Member| member.connected && member.facts.spool_events > 5_000;
    let behind: Vec<String> = members.iter().filter(behind).map(name).collect();
    let connected = members.iter().filter(|member| member.connected).count();
    Coverage {
        hosts: members.len() as u64,
        answered: (connected - behind.len()) as u64,
        offline: members.iter().filter(|member| !member.connected).map(name).collect(),
        behind,
    }
}

pub async fn schema(State(node): Shared) -> Json<HuntSchema> {
    Json(HuntSchema {
        tables: vec![
            HuntTable {
                name: "events".into(),
                description: "Everything that hosts recorded, one row an event".into(),
                columns: event_columns(),
            },
            HuntTable {
                name: "alerts".into(),
                description: "The newest alerts, one row each".into(),
                columns: alert_columns(&node).await,
            },
        ],
        functions: hunt::FUNCTIONS.iter().map(|name| (*name).to_owned()).collect(),
        max_rows: node.config.hunt.max_rows,
        max_seconds: node.config.hunt.max_seconds,
    })
}

fn event_columns() -> Vec<HuntSchemaColumn> {
    let column = |name: &str, kind: &str, description: &str| HuntSchemaColumn {
        name: name.into(),
        kind: kind.into(),
        description: description.into(),
    };
    let typed = Column::ALL.iter().map(|c| column(c.name(), kind(c.kind()), c.describe()));
    let labels = column("labels", "list", "facts outside the columns; read one with label('name')");
    typed.chain([labels]).collect()
}

const fn kind(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text | ColumnType::Ip | ColumnType::Digest => "text",
        ColumnType::Unsigned | ColumnType::Signed => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Time => "time",
    }
}

/// Asked of the engine itself, so that the list cannot be stale; empty when it does not answer.
async fn alert_columns(node: &Node) -> Vec<HuntSchemaColumn> {
    let mut scope = hunt::Scope::new(node.tenant.clone(), now());
    scope.row_limit = 1;
    let Ok(plan) = hunt::plan("SELECT * FROM alerts LIMIT 1", &scope) else { return Vec::new() };
    let answer = match node.events.hunt(&plan).await {
        Ok(stream) => stream.collect().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => answer
            .columns
            .into_iter()
            .map(|c| HuntSchemaColumn { name: c.name, kind: c.kind.into(), description: String::new() })
            .collect(),
        Err(error) => {
            tracing::warn!(%error, "cannot list the columns of alerts");
            Vec::new()
        }
    }
}

/// A query is kept only if it would run.
pub(super) fn check(node: &Node, sql: &str) -> Answer<()> {
    hunt::plan(sql, &hunt::Scope::new(node.tenant.clone(), now()))?;
    if sql.len() > 20_000 {
        return Err(fail(ProblemCode::Invalid, "a saved query has at most 20000 bytes"));
    }
    Ok(())
}
