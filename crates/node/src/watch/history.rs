//! A rule that is new here, held to what is stored: within a time, in the background, one search at a time. What it finds
//! becomes alerts that say they look back, one for each rule and host, with the first event and how many there were.

use super::{READS, RETROSPECTIVE, compile, tell};
use crate::backtest::{Judged, replay};
use crate::node::Node;
use crate::{clock, stop};
use console_api::{HistorySearch, HistoryState};
use event::{AgentId, AlertId, Column, Fields, Finding, Row, Timestamp, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{HuntFailure, NodeRuleRecord};

/// Pairs of rule and host that are told apart; more are counted.
const PAIRS: usize = 10_000;
/// Alerts of one search: beyond them a rule is better read in a back-test.
const ALERTS: usize = 100;

/// Searches that the last run of the node did not finish.
pub async fn resume(node: Arc<Node>) {
    let records = match node.control.node_rules(&node.tenant).await {
        Ok(records) => records,
        Err(error) => {
            tracing::error!(%error, "cannot read the rules on the node");
            return;
        }
    };
    let unfinished = |record: &NodeRuleRecord| {
        serde_json::from_str::<HistorySearch>(&record.history).is_ok_and(|report| report.state == HistoryState::Running)
    };
    for record in records.into_iter().filter(unfinished) {
        begin(Arc::clone(&node), record);
    }
}

/// In the background, after those that were asked for before.
pub fn begin(node: Arc<Node>, record: NodeRuleRecord) {
    let mut stopping = node.stopping.clone();
    tokio::spawn(async move {
        let _turn = node.watch.search.lock().await;
        let report = tokio::select! {
            // Taken up again at the next start.
            () = stop::said(&mut stopping) => return,
            report = search(&node, &record) => report,
        };
        let report = report.unwrap_or_else(|error| {
            tracing::error!(%error, rule = record.name, "the search through history failed");
            HistorySearch {
                state: HistoryState::Failed,
                finished: Some(clock::now().into()),
                detail: error,
                ..HistorySearch::default()
            }
        });
        let json = serde_json::to_string(&report).unwrap_or_default();
        if let Err(error) = node.control.set_node_rule_history(&node.tenant, &record.name, &json).await {
            tracing::error!(%error, rule = record.name, "cannot keep what a search came to");
        }
    });
}

async fn search(node: &Arc<Node>, record: &NodeRuleRecord) -> Result<HistorySearch, String> {
    let config = &node.config.rules;
    let (rules, report) = compile(std::slice::from_ref(record));
    if let Some(rejected) = report.rejected.first() {
        // A correlation over rules of other files runs with them, on what arrives.
        return Err(format!("it cannot be searched for by itself: {}", rejected.reason));
    }
    let to = record.added;
    let from = to.plus_nanos(-i64::from(config.history_days) * 86_400 * clock::SECOND);
    let mut report = HistorySearch { from: Some(from.into()), to: Some(to.into()), ..HistorySearch::default() };
    let limit = Duration::from_secs(config.history_seconds.into());
    let found = Found::default();
    let (found, complete) = replay(node, &Arc::new(rules), READS, from, to, limit, found)
        .await
        .map_err(|error: HuntFailure| error.to_string())?;
    report.state = if complete { HistoryState::Done } else { HistoryState::Cut };
    (report.events, report.hits) = (found.events, found.hits);
    let pairs = found.pairs.len() as u64;
    for ((rule, host), pair) in found.pairs.into_iter().take(ALERTS) {
        let alert = pair.alert(node, &rule, &host);
        match node.tuning.give(node, &alert).await {
            Ok(new) => report.alerts += u64::from(new),
            Err(error) => return Err(error.to_string()),
        }
    }
    report.untold = pairs.saturating_sub(ALERTS as u64) + found.more;
    report.finished = Some(clock::now().into());
    Ok(report)
}

#[derive(Default)]
struct Found {
    events: u64,
    hits: u64,
    pairs: BTreeMap<(String, String), Pair>,
    /// Pairs beyond [`PAIRS`]: hits of them.
    more: u64,
}

struct Pair {
    row: Row,
    finding: Finding,
    count: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Judged for Found {
    fn take(&mut self, event: &impl Fields, findings: Vec<Finding>) {
        self.events += 1;
        for finding in findings {
            self.hits += 1;
            let host = event.field(Column::HostId).map(|host| host.text().into_owned()).unwrap_or_default();
            let time = match event.field(Column::Time) {
                Some(Value::Time(time)) => time,
                _ => Timestamp::default(),
            };
            let key = (finding.rule_id.as_str().to_owned(), host);
            if self.pairs.len() >= PAIRS && !self.pairs.contains_key(&key) {
                self.more += 1;
                continue;
            }
            let new = || Pair { row: Row::of(event), finding: finding.clone(), count: 0, first: time, last: time };
            let pair = self.pairs.entry(key).or_insert_with(new);
            pair.count += 1;
            pair.last = pair.last.max(time);
            if time < pair.first {
                // Events lie in any order; the first tells where it began.
                (pair.first, pair.row, pair.finding) = (time, Row::of(event), finding);
            }
        }
    }
}

impl Pair {
    fn alert(mut self, node: &Node, rule: &str, host: &str) -> event::Alert {
        let what = std::mem::take(&mut self.finding.detail);
        self.finding.detail = match self.count {
            1 => format!("Found in the stored history: {what}"),
            n => format!("Found in the stored history, {n} times from {} to {}: {what}", self.first, self.last),
        };
        self.finding.name = format!("{} (in history)", self.finding.name);
        // What a rule asks for is for the moment; this moment has passed.
        self.finding.asks = None;
        self.row.labels.insert(RETROSPECTIVE.into(), "true".into());
        let id = AlertId(tell::id(&["history", rule, host, &self.first.nanos().to_string()]));
        let member = node.fleet.get(host);
        let agent = member.as_ref().map_or_else(|| AgentId(String::new()), |member| member.facts.agent.clone());
        let tier = member.map(|member| member.facts.tier).unwrap_or_default();
        tell::alert(id, agent, tier, self.row, vec![self.finding])
    }
}
