//! Rules and indicators on the node: added, listed, taken off.

use super::{Body, Query, Shared, audit, now};
use crate::catalogue;
use crate::guard::Caller;
use crate::node::Node;
use crate::problem::{Answer, fail, internal, not_found};
use crate::watch::{self, indicator};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use console_api::*;
use event::Severity;
use std::sync::Arc;
use store::{NodeRuleRecord, NodeRuleVersion as Kept};

/// In one request, and in all.
const AT_ONCE: usize = 1_000;
const MOST: usize = 10_000;

pub async fn list(State(node): Shared) -> Answer<Json<NodeRuleList>> {
    let records = node.control.node_rules(&node.tenant).await?;
    let told = node.watch.told().into_iter();
    Ok(Json(NodeRuleList {
        items: records.into_iter().map(shown).collect(),
        told: told.map(|(rule_id, told)| NodeRuleTold { rule_id, alerts: told.alerts, shed: told.shed }).collect(),
    }))
}

pub async fn show(State(node): Shared, Path(name): Path<String>) -> Answer<Json<NodeRuleDetail>> {
    let detail = detail(&node, &name).await?;
    if detail.versions.is_empty() { Err(not_found("rule")) } else { Ok(Json(detail)) }
}

/// Without versions when there never was such a rule.
pub(super) async fn detail(node: &Node, name: &str) -> Answer<NodeRuleDetail> {
    let records = node.control.node_rules(&node.tenant).await?;
    let rule = records.into_iter().find(|record| record.name == name).map(shown);
    let versions = node.control.node_rule_versions(&node.tenant, name).await?;
    Ok(NodeRuleDetail { rule, versions: versions.into_iter().map(version).collect() })
}

fn version(kept: Kept) -> NodeRuleVersion {
    NodeRuleVersion {
        version: kept.version,
        time: kept.time.into(),
        by: kept.by,
        reason: kept.reason,
        removed: kept.removed,
        text: kept.text,
    }
}

fn shown(record: NodeRuleRecord) -> NodeRule {
    let unread = |error: serde_json::Error| HistorySearch {
        state: HistoryState::Failed,
        detail: error.to_string(),
        ..HistorySearch::default()
    };
    NodeRule {
        kind: if record.kind == "indicator" { NodeRuleKind::Indicator } else { NodeRuleKind::Sigma },
        history: serde_json::from_str(&record.history).unwrap_or_else(unread),
        name: record.name,
        text: record.text,
        added: record.added.into(),
        added_by: record.added_by,
        version: record.version,
    }
}

/// What somebody gave as a reason; the command line and scripts may give none.
fn given(reason: Option<&str>) -> Answer<String> {
    match reason.map(str::trim).unwrap_or_default() {
        "" => Ok(String::new()),
        text => super::reason(text),
    }
}

pub async fn add(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NodeRulesAdd>,
) -> Answer<Json<NodeRulesAdded>> {
    for rule in &request.rules {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if rule.name.is_empty() || rule.name.len() > 200 || !rule.name.chars().all(fits) {
            let told = event::text::clip(&rule.name, 80);
            return Err(fail(ProblemCode::Invalid, format!("{told:?} is no name: letters, digits, '-', '_' and '.'")));
        }
    }
    if request.base.is_some() && request.rules.len() != 1 {
        return Err(fail(ProblemCode::Invalid, "base goes with one rule"));
    }
    let rules = request.rules.into_iter().map(|rule| (rule.name, rule.text)).collect();
    let reason = given(request.reason.as_deref())?;
    keep(&node, &caller, New { kind: "sigma", rules, only_new: request.only_new_events, reason, base: request.base })
        .await
}

pub async fn add_indicators(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<IndicatorsAdd>,
) -> Answer<Json<NodeRulesAdded>> {
    let worded = |one: &Indicator| {
        let kind = match one.kind {
            IndicatorKind::Ip => indicator::Kind::Ip,
            IndicatorKind::Domain => indicator::Kind::Domain,
            IndicatorKind::Sha256 => indicator::Kind::Sha256,
            IndicatorKind::Path => indicator::Kind::Path,
        };
        indicator::rule(kind, &one.value, &one.note, one.severity.unwrap_or(Severity::High))
            .map_err(|error| fail(ProblemCode::Invalid, error.to_string()))
    };
    let rules: Vec<(String, String)> = request.indicators.iter().map(worded).collect::<Answer<_>>()?;
    let reason = given(request.indicators.first().map(|one| one.note.as_str()))?;
    let only_new = request.only_new_events;
    keep(&node, &caller, New { kind: "indicator", rules, only_new, reason, base: None }).await
}

/// What is to be kept.
struct New {
    kind: &'static str,
    rules: Vec<(String, String)>,
    only_new: bool,
    reason: String,
    base: Option<u64>,
}

/// All or nothing: a set of which a part runs is not what somebody meant.
async fn keep(node: &Arc<Node>, caller: &Caller, new: New) -> Answer<Json<NodeRulesAdded>> {
    let New { kind, rules, only_new, reason, base } = new;
    if rules.is_empty() || rules.len() > AT_ONCE {
        return Err(fail(ProblemCode::Invalid, format!("1 to {AT_ONCE} at once")));
    }
    let _turn = node.watch.change.lock().await;
    let state = if only_new { HistoryState::None } else { HistoryState::Running };
    let history = serde_json::to_string(&HistorySearch { state, ..HistorySearch::default() });
    let history = history.map_err(|error| internal("word a search", &error))?;
    let added = now();
    let record = |(name, text): (String, String)| NodeRuleRecord {
        name,
        kind: kind.to_owned(),
        text,
        added,
        added_by: caller.name.clone(),
        history: history.clone(),
        version: 0,
    };
    let new: Vec<NodeRuleRecord> = rules.into_iter().map(record).collect();
    // With those that are there, since a correlation may name a rule of another file.
    let mut all = node.control.node_rules(&node.tenant).await?;
    let there = |record: &NodeRuleRecord| all.iter().find(|known| known.name == record.name).map_or(0, |it| it.version);
    if let Some(base) = base.filter(|base| new.iter().any(|record| there(record) != *base)) {
        let told = format!("the rule on the node is not version {base} any more");
        return Err(fail(ProblemCode::Conflict, told));
    }
    all.retain(|known| !new.iter().any(|one| one.name == known.name));
    all.extend(new.iter().cloned());
    if all.len() > MOST {
        return Err(fail(ProblemCode::Conflict, format!("there would be more than {MOST} rules on the node")));
    }
    let compiled = all.clone();
    let report = tokio::task::spawn_blocking(move || watch::compile(&compiled).1).await;
    let report = report.map_err(|error| internal("compile the rules", &error))?;
    let mut rejected: Vec<RejectedRule> = report
        .rejected
        .into_iter()
        .filter(|rejected| new.iter().any(|one| one.name == rejected.file))
        .map(|one| RejectedRule { rule_id: one.rule_id, file: one.file, reason: one.reason })
        .collect();
    rejected.extend(new.iter().flat_map(taken));
    if !rejected.is_empty() {
        return Ok(Json(NodeRulesAdded { names: Vec::new(), rejected }));
    }
    let names: Vec<String> = new.iter().map(|one| one.name.clone()).collect();
    for one in &new {
        let detail = if reason.is_empty() { kind.to_owned() } else { format!("{kind}: {reason}") };
        audit(node, caller, "rules.add", &one.name, &detail).await?;
        node.control.put_node_rule(&node.tenant, one, &reason).await?;
    }
    node.watch.load(&all).await;
    if !only_new {
        new.into_iter().for_each(|one| watch::begin(Arc::clone(node), one));
    }
    Ok(Json(NodeRulesAdded { names, rejected }))
}

/// Ids of rules that come with the product: an alert of one would be told as if it were the other's.
fn taken(record: &NodeRuleRecord) -> Vec<RejectedRule> {
    let ours = |known: &catalogue::Known| catalogue::all().iter().any(|one| one.id == known.id);
    let rejected = |known: catalogue::Known| RejectedRule {
        rule_id: Some(known.id),
        file: record.name.clone(),
        reason: "this id belongs to a rule that comes with Tamon: give it one of its own".into(),
    };
    catalogue::sigma(&record.name, &record.text).into_iter().filter(ours).map(rejected).collect()
}

pub async fn remove(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    Query(query): Query<NodeRuleRemoveQuery>,
) -> Answer<StatusCode> {
    let reason = given(query.reason.as_deref())?;
    let _turn = node.watch.change.lock().await;
    audit(&node, &caller, "rules.remove", &name, &reason).await?;
    if !node.control.remove_node_rule(&node.tenant, &name, &caller.name, &reason, now()).await? {
        return Err(not_found("rule"));
    }
    node.watch.load(&node.control.node_rules(&node.tenant).await?).await;
    Ok(StatusCode::NO_CONTENT)
}
