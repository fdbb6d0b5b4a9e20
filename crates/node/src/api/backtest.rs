//! Rules held against what is stored.

use super::hunting::coverage;
use super::{Body, Shared, audit, now};
use crate::backtest::{READS, Tally, replay};
use crate::guard::Caller;
use crate::problem::{Answer, fail, internal};
use axum::extract::State;
use axum::{Extension, Json};
use console_api::*;
use rules::RuleSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    let (tally, complete) = replay(&node, &rules, &READS, from, to, TIME_LIMIT, Tally::default()).await?;
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
