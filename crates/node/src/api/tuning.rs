//! Suppressions and the history of rules.

use super::{Body, Query, Shared, audit, now, reason};
use crate::guard::Caller;
use crate::node::Node;
use crate::problem::{Answer, Failure, fail, internal, not_found};
use crate::tuning::TuningError;
use crate::{quieting, secret};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use console_api::*;
use event::Timestamp;

const DAY: i64 = 86_400 * crate::clock::SECOND;
/// Days of one rule's history.
const DAYS: i64 = 30;
/// Entries of the audit log that are searched for changes of a rule.
const SEARCHED: usize = 1_000;

impl From<TuningError> for Failure {
    fn from(error: TuningError) -> Self {
        match error {
            TuningError::Control(error) => error.into(),
            TuningError::Full => fail(ProblemCode::Conflict, error.to_string()),
            error => internal("keep a suppression", &error),
        }
    }
}

pub async fn list(State(node): Shared) -> Json<SuppressionList> {
    Json(SuppressionList { items: node.tuning.all(), hosts_behind: quieting::behind(&node) })
}

pub async fn create(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<SuppressionCreate>,
) -> Answer<Json<Suppression>> {
    let created = now();
    let one = Suppression {
        id: secret::draw_id(),
        state: SuppressionState::Active,
        rule: request.rule,
        host_id: request.host_id,
        fields: request.fields,
        reason: reason(&request.reason)?,
        stops: request.stops,
        created_by: caller.name.clone(),
        created: created.into(),
        expires: after(created, request.days.unwrap_or(30)).into(),
        incident_id: None,
        hits: 0,
        last_hit: None,
    };
    if let Some(host) = &one.host_id {
        node.fleet.get(host).ok_or_else(|| not_found("host"))?;
    }
    put(&node, &caller, "rules.suppress", one, None).await
}

pub async fn accept(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<SuppressionDecision>,
) -> Answer<Json<Suppression>> {
    let mut one = known(&node, &id)?;
    if one.state != SuppressionState::Proposed {
        return Err(fail(ProblemCode::Conflict, "only a proposal can be accepted"));
    }
    let why = reason(&request.reason)?;
    one.state = SuppressionState::Active;
    if let Some(days) = request.days {
        one.expires = after(now(), days).into();
    }
    put(&node, &caller, "rules.suppress", one, Some(why)).await
}

pub async fn remove(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<SuppressionDecision>,
) -> Answer<Json<Suppression>> {
    let mut one = known(&node, &id)?;
    let why = reason(&request.reason)?;
    one.state = SuppressionState::Removed;
    audit(&node, &caller, "rules.unsuppress", &target(&one), &format!("{id}: {why}")).await?;
    node.tuning.put(&node, one.clone()).await?;
    Ok(Json(one))
}

fn known(node: &Node, id: &str) -> Answer<Suppression> {
    node.tuning.get(id).ok_or_else(|| not_found("suppression"))
}

fn after(start: Timestamp, days: u32) -> Timestamp {
    start.plus_nanos(i64::from(days).saturating_mul(DAY))
}

async fn put(
    node: &Node,
    caller: &Caller,
    action: &str,
    one: Suppression,
    why: Option<String>,
) -> Answer<Json<Suppression>> {
    one.check(now()).map_err(|error| fail(ProblemCode::Invalid, error.to_string()))?;
    let fields: Vec<String> = one.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = one.host_id.as_deref().unwrap_or("every host");
    let why = why.as_deref().unwrap_or(&one.reason);
    let stops = if one.stops { ", stops held back" } else { "" };
    let detail = format!("{} on {host} [{}] until {}{stops}: {why}", one.id, fields.join(", "), one.expires.0);
    audit(node, caller, action, &target(&one), &detail).await?;
    node.tuning.put(node, one.clone()).await?;
    Ok(Json(one))
}

/// By which a rule's history finds it.
fn target(one: &Suppression) -> String {
    one.rule.clone().unwrap_or_else(|| "*".into())
}

pub async fn history(State(node): Shared, Query(query): Query<RuleHistoryQuery>) -> Answer<Json<RuleHistoryList>> {
    let found = node.control.rule_history(&node.tenant, query.rule.as_deref()).await?;
    let mut items: Vec<RuleHistory> = found.into_iter().map(|one| shown(&node, one)).collect();
    if let (Some(rule), Some(item)) = (&query.rule, items.first_mut()) {
        let since = now().plus_nanos(-DAYS * DAY);
        let days = node.control.rule_days(&node.tenant, rule, since).await?;
        item.days = days.into_iter().map(|(day, alerts)| RuleDay { day: date(day), alerts }).collect();
        item.changes = changes(&node, rule).await?;
    }
    Ok(Json(RuleHistoryList { items }))
}

fn shown(node: &Node, one: store::RuleHistory) -> RuleHistory {
    let decided = one.true_positive + one.benign + one.false_positive;
    let now = now();
    let names = |suppression: &&Suppression| {
        suppression.rule.is_some() && suppression.is_active(now) && suppression.fits_rule(&one.rule)
    };
    let suppressions = node.tuning.all().iter().filter(names).map(|one| one.id.clone()).collect();
    RuleHistory {
        precision: (decided > 0).then(|| one.true_positive as f64 / decided as f64),
        suppressions,
        title: one.title,
        alerts: one.alerts,
        suppressed: one.suppressed,
        first: one.first.into(),
        last: one.last.into(),
        true_positive: one.true_positive,
        benign: one.benign,
        false_positive: one.false_positive,
        undecided: one.undecided,
        days: Vec::new(),
        changes: Vec::new(),
        rule_id: one.rule,
    }
}

fn date(day: i64) -> String {
    Timestamp(day.saturating_mul(DAY)).to_string().chars().take(10).collect()
}

async fn changes(node: &Node, rule: &str) -> Answer<Vec<RuleChange>> {
    let entries = node.control.audit(&node.tenant, None, SEARCHED).await?;
    let of_rule = |entry: &store::AuditEntry| entry.action.starts_with("rules.") && entry.target == rule;
    let change = |entry: store::AuditEntry| {
        let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
        RuleChange {
            time: entry.time.into(),
            actor: entry.actor,
            action: entry.action,
            detail: detail["detail"].as_str().unwrap_or_default().to_owned(),
        }
    };
    Ok(entries.into_iter().filter(of_rule).map(change).collect())
}
