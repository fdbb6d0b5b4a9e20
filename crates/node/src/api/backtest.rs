//! Rules held against what is stored.

use super::hunting::coverage;
use super::{Body, Shared, audit, now};
use crate::backtest::{READS, Tally};
use crate::guard::Caller;
use crate::node::Node;
use crate::problem::{Answer, Failure, fail, internal};
use axum::extract::State;
use axum::{Extension, Json};
use console_api::*;
use event::Timestamp;
use hunt::ReplayQuery;
use rules::{Matcher, RuleSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{HuntFailure, StoredBatch};

const HOUR: i64 = 3_600_000_000_000;
const LONGEST_HOURS: u32 = 8_760;
/// The answer must be out before the server's own limit.
const TIME_LIMIT: Duration = Duration::from_secs(280);

pub async fn run(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<BacktestRequest>,
) -> Answer<Json<BacktestResult>> {
    let hours = request.hours.unwrap_or(168);
    if !(1..=LONGEST_HOURS).contains(&hours) {
        return Err(fail(ProblemCode::Invalid, format!("hours must be 1 to {LONGEST_HOURS}")));
    }
    let names: Vec<&str> = request.rules.iter().map(|rule| rule.name.as_str()).collect();
    audit(&node, &caller, "rules.backtest", event::text::clip(&names.join(" "), 500), "").await?;
    let files: Vec<(String, String)> = request.rules.into_iter().map(|rule| (rule.name, rule.text)).collect();
    let compiled = tokio::task::spawn_blocking(move || RuleSet::compile(files)).await;
    let (rules, report) = compiled.map_err(|error| internal("compile the rules", &error))?;
    let (rules, to, started) = (Arc::new(rules), now(), Instant::now());
    let from = to.plus_nanos(-HOUR * i64::from(hours));
    let (tally, complete) =
        if rules.is_empty() { (Tally::default(), true) } else { replay(&node, &rules, from, to).await? };
    let rejected = |one: rules::Rejected| RejectedRule { rule_id: one.rule_id, file: one.file, reason: one.reason };
    Ok(Json(BacktestResult {
        usable: report.usable as u64,
        rejected: report.rejected.into_iter().map(rejected).collect(),
        from: from.into(),
        to: to.into(),
        events: tally.events,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        complete,
        hits: tally.hits(),
        coverage: coverage(&node),
    }))
}

/// Whether it came to the end, too.
async fn replay(node: &Node, rules: &Arc<RuleSet>, from: Timestamp, to: Timestamp) -> Result<(Tally, bool), Failure> {
    let reads = rules.reads();
    let query = ReplayQuery {
        tenant: node.tenant.clone(),
        columns: reads.columns.into_iter().chain(READS).collect(),
        labels: reads.labels,
        actions: reads.actions.iter().map(|action| (*action).to_owned()).collect(),
        from,
        to,
        in_order: reads.in_order,
        time_limit: TIME_LIMIT,
    };
    let mut stream = node.events.hunt(&query.plan()).await?;
    let (mut matcher, mut tally) = (rules.matcher(), Tally::default());
    loop {
        let batch = match stream.next_events().await {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok((tally, true)),
            Err(HuntFailure::TimeLimit(_)) => return Ok((tally, false)),
            Err(error) => return Err(error.into()),
        };
        // Matching is work for a processor, which the server's own threads must stay free of.
        let judged = tokio::task::spawn_blocking(move || {
            judge(&mut matcher, &mut tally, &batch);
            (matcher, tally)
        });
        (matcher, tally) = judged.await.map_err(|error| internal("match the rules", &error))?;
    }
}

fn judge(matcher: &mut Matcher, tally: &mut Tally, batch: &StoredBatch) {
    for event in batch.iter() {
        let findings = matcher.find(&event);
        tally.take(&event, findings);
    }
}
