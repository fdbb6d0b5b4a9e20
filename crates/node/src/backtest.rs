//! Rules held against what is stored ([`replay`]), and what they would have told: findings counted by rule and host.

use crate::node::Node;
use console_api::{BacktestHits, BacktestSample, HostHits};
use event::{Column, Fields, Finding, Timestamp, Value};
use hunt::ReplayQuery;
use rules::{Matcher, RuleSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{HuntFailure, StoredBatch};

/// Of one rule.
const SAMPLES: usize = 10;
/// Counted apart; those beyond are counted in the sum alone.
const HOSTS: usize = 10_000;
const HOSTS_TOLD: usize = 100;

/// Columns that the tally reads beside those of the rules.
pub const READS: [Column; 3] = [Column::HostName, Column::ProcessEntityId, Column::Time];

/// Takes each stored event with what was found in it.
pub trait Judged: Send + 'static {
    fn take(&mut self, event: &impl Fields, findings: Vec<Finding>);
}

/// Every stored event from `from` to `to` that any of the rules is about, with these columns beside those that the rules read.
/// Says whether it came to the end within `limit`, too.
pub async fn replay<T: Judged>(
    node: &Node,
    rules: &Arc<RuleSet>,
    columns: &[Column],
    from: Timestamp,
    to: Timestamp,
    limit: Duration,
    mut into: T,
) -> Result<(T, bool), HuntFailure> {
    if rules.is_empty() {
        return Ok((into, true));
    }
    let reads = rules.reads();
    let query = ReplayQuery {
        tenant: node.tenant.clone(),
        columns: reads.columns.into_iter().chain(columns.iter().copied()).collect(),
        labels: reads.labels,
        actions: reads.actions.iter().map(|action| (*action).to_owned()).collect(),
        from,
        to,
        in_order: reads.in_order,
        time_limit: limit,
    };
    let mut stream = node.events.hunt(&query.plan()).await?;
    let mut matcher = rules.matcher();
    loop {
        let batch = match stream.next_events().await {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok((into, true)),
            Err(HuntFailure::TimeLimit(_)) => return Ok((into, false)),
            Err(error) => return Err(error),
        };
        // Matching is work for a processor, which the server's own threads must stay free of.
        let judged = tokio::task::spawn_blocking(move || {
            judge(&mut matcher, &mut into, &batch);
            (matcher, into)
        });
        match judged.await {
            Ok(state) => (matcher, into) = state,
            // It panicked: this thread goes on doing so, as if it had been here.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

fn judge(matcher: &mut Matcher, into: &mut impl Judged, batch: &StoredBatch) {
    for event in batch.iter() {
        let findings = matcher.find(&event);
        into.take(&event, findings);
    }
}

#[derive(Default)]
pub struct Tally {
    pub events: u64,
    rules: BTreeMap<String, One>,
}

struct One {
    hits: BacktestHits,
    hosts: BTreeMap<String, u64>,
}

impl Judged for Tally {
    fn take(&mut self, event: &impl Fields, findings: Vec<Finding>) {
        self.events += 1;
        for finding in findings {
            self.hit(event, finding);
        }
    }
}

impl Tally {
    fn hit(&mut self, event: &impl Fields, finding: Finding) {
        let host = text(event, Column::HostName).unwrap_or_default();
        let time = match event.field(Column::Time) {
            Some(Value::Time(time)) => time,
            _ => Timestamp::default(),
        };
        let one = self.rules.entry(finding.rule_id.as_str().to_owned()).or_insert_with(|| One::new(&finding, time));
        let hits = &mut one.hits;
        hits.count += 1;
        (hits.first, hits.last) = (hits.first.min(time.into()), hits.last.max(time.into()));
        if hits.samples.len() < SAMPLES {
            let entity_id = text(event, Column::ProcessEntityId);
            hits.samples.push(BacktestSample {
                time: time.into(),
                host: host.clone(),
                entity_id,
                detail: finding.detail,
            });
        }
        if one.hosts.len() < HOSTS || one.hosts.contains_key(&host) {
            *one.hosts.entry(host).or_default() += 1;
        }
    }

    pub fn hits(self) -> Vec<BacktestHits> {
        let mut all: Vec<BacktestHits> = self.rules.into_values().map(One::told).collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.rule_id.cmp(&b.rule_id)));
        all
    }
}

impl One {
    fn new(finding: &Finding, time: Timestamp) -> One {
        let hits = BacktestHits {
            rule_id: finding.rule_id.as_str().to_owned(),
            title: finding.name.clone(),
            severity: finding.severity,
            count: 0,
            hosts: Vec::new(),
            first: time.into(),
            last: time.into(),
            samples: Vec::new(),
        };
        One { hits, hosts: BTreeMap::new() }
    }

    fn told(mut self) -> BacktestHits {
        let mut hosts: Vec<HostHits> = self.hosts.into_iter().map(|(host, count)| HostHits { host, count }).collect();
        hosts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.host.cmp(&b.host)));
        hosts.truncate(HOSTS_TOLD);
        self.hits.hosts = hosts;
        self.hits
    }
}

fn text(event: &impl Fields, column: Column) -> Option<String> {
    event.field(column).map(|value| value.text().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Engine, Row, RuleId, Severity};

    fn row(host: &str, seconds: i64) -> Row {
        let mut row = Row::default();
        row.set_text(Column::HostName, host);
        row.set(Column::Time, Value::Time(Timestamp(seconds * 1_000_000_000)));
        row
    }

    fn finding(rule: &str) -> Finding {
        Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new(rule),
            name: format!("rule {rule}"),
            severity: Severity::Low,
            techniques: Vec::new(),
            tactics: Vec::new(),
            detail: "because".into(),
            matched: Vec::new(),
            asks: None,
        }
    }

    #[test]
    fn counts_by_rule_and_host() {
        let mut tally = Tally::default();
        for n in 0..30 {
            tally.take(&row(if n % 3 == 0 { "b" } else { "a" }, 100 - n), vec![finding("often")]);
        }
        tally.take(&row("a", 7), vec![finding("once"), finding("often")]);
        tally.take(&row("a", 8), Vec::new());
        assert_eq!(tally.events, 32);
        let hits = tally.hits();
        let counts: Vec<(&str, u64, usize)> =
            hits.iter().map(|hits| (hits.rule_id.as_str(), hits.count, hits.samples.len())).collect();
        assert_eq!(counts, [("often", 31, SAMPLES), ("once", 1, 1)]);
        let hosts: Vec<(&str, u64)> = hits[0].hosts.iter().map(|host| (host.host.as_str(), host.count)).collect();
        assert_eq!(hosts, [("a", 21), ("b", 10)]);
        assert_eq!((hits[0].first.0.nanos(), hits[0].last.0.nanos()), (7_000_000_000, 100_000_000_000));
    }
}
