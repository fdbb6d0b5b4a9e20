//! Rules on the node: Sigma that was added here, and indicators, held to every event that arrives from any host (so that a
//! correlation may count across hosts), and once to what is stored. One compiled form for all, the agent's own.
//!
//! - [`tell`] makes an alert of a stored or arriving event.
//! - [`history`] searches what was stored before the rule came.
//! - [`indicator`] words an address, a name, a digest or a path as a rule.

mod history;
pub mod indicator;
mod tell;

pub use history::{begin, resume};
pub use tell::RETROSPECTIVE;

use crate::node::Node;
use event::{AlertId, Column, Finding, Row, TenantId};
use ingest::Origin;
use parking_lot::{Mutex, RwLock};
use rules::{Matcher, Rejected, RuleSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{ControlError, ControlStore, NodeRuleRecord};

/// Alerts of one rule about one host in a minute; a rule that is met by everything must not bury what others tell.
const PER_MINUTE: u32 = 20;
const MINUTE: i64 = 60 * crate::clock::SECOND;
/// Counters of (rule, host) kept; forgotten with their minute.
const COUNTERS: usize = 10_000;

#[derive(Default)]
pub struct Watch {
    /// None while there are no rules.
    rules: RwLock<Option<Arc<RuleSet>>>,
    /// Those that cannot be used, of the set that is in force.
    rejected: RwLock<Vec<Rejected>>,
    /// With the state of the correlations: one, since they count over all hosts. Taken while a batch is judged.
    matcher: tokio::sync::Mutex<Option<Matcher>>,
    /// By rule: what was told and what was more than a minute bears.
    told: Mutex<BTreeMap<String, Told>>,
    minute: Mutex<Minute>,
    /// One writer of the rules, and one search through history, at a time.
    pub(crate) change: tokio::sync::Mutex<()>,
    pub(crate) search: tokio::sync::Mutex<()>,
}

/// Alerts of this minute, by rule and host.
#[derive(Default)]
struct Minute {
    number: i64,
    told: BTreeMap<(String, String), u32>,
}

/// Events of an agent by their sequence.
pub type Rows = Vec<(u64, Row)>;

/// What was found in one of them.
pub struct Hit {
    sequence: u64,
    row: Row,
    findings: Vec<Finding>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub alerts: u64,
    pub shed: u64,
}

/// Compiled together, as they will run.
pub fn compile(records: &[NodeRuleRecord]) -> (RuleSet, rules::Report) {
    RuleSet::compile(records.iter().map(|record| (record.name.clone(), record.text.clone())))
}

impl Watch {
    pub async fn open(control: &ControlStore, tenant: &TenantId) -> Result<Watch, ControlError> {
        let watch = Watch::default();
        watch.load(&control.node_rules(tenant).await?).await;
        Ok(watch)
    }

    /// Puts these rules in force. Correlations begin anew: what they had counted belonged to the old set.
    pub async fn load(&self, records: &[NodeRuleRecord]) {
        let (rules, report) = compile(records);
        for rejected in &report.rejected {
            tracing::warn!(file = rejected.file, reason = %rejected.reason, "a rule on the node cannot be used");
        }
        let rules = (!rules.is_empty()).then(|| Arc::new(rules));
        let mut matcher = self.matcher.lock().await;
        *matcher = rules.as_ref().map(RuleSet::matcher);
        *self.rules.write() = rules;
        *self.rejected.write() = report.rejected;
    }

    /// Rules on the node that cannot be used, and why.
    pub fn rejected(&self) -> Vec<Rejected> {
        self.rejected.read().clone()
    }

    /// The rows again, and what was found of which; `known` was found of them before, by their sequence.
    pub async fn judge(&self, rows: Rows, mut known: BTreeMap<u64, Vec<Finding>>) -> (Rows, Vec<Hit>) {
        let Some(rules) = self.rules.read().clone() else {
            let found = hits(&rows, known);
            return (rows, found);
        };
        let mut turn = self.matcher.lock().await;
        // Lost with a panic of the matcher: the rules go on, their correlations begin anew.
        let mut matcher = turn.take().unwrap_or_else(|| rules.matcher());
        let rows = Arc::new(rows);
        let judged = Arc::clone(&rows);
        let work = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            for (sequence, row) in judged.iter() {
                let mut findings = matcher.find(row);
                findings.extend(known.remove(sequence).unwrap_or_default());
                if !findings.is_empty() {
                    found.push(Hit { sequence: *sequence, row: row.clone(), findings });
                }
            }
            drop(judged);
            (matcher, found)
        });
        let found = match work.await {
            Ok((matcher, found)) => {
                *turn = Some(matcher);
                found
            }
            Err(error) => {
                tracing::error!(%error, "the rules on the node did not judge a batch");
                Vec::new()
            }
        };
        drop(turn);
        (Arc::try_unwrap(rows).unwrap_or_else(|shared| (*shared).clone()), found)
    }

    /// The alert of an arriving event; None when the rule's minute is full, which is counted.
    pub fn alert(&self, node: &Node, origin: &Origin, epoch: u64, hit: Hit) -> Option<event::Alert> {
        let Hit { sequence, row, findings } = hit;
        let host = origin.host.as_str();
        let findings: Vec<Finding> =
            findings.into_iter().filter(|finding| self.may_tell(finding.rule_id.as_str(), host)).collect();
        if findings.is_empty() {
            return None;
        }
        let id = tell::id(&["arriving", origin.agent.as_str(), &epoch.to_string(), &sequence.to_string()]);
        let tier = node.fleet.get(host).map(|member| member.facts.tier).unwrap_or_default();
        Some(tell::alert(AlertId(id), origin.agent.clone(), tier, row, findings))
    }

    fn may_tell(&self, rule: &str, host: &str) -> bool {
        // The node's minutes: a host may say any time.
        let now = crate::clock::now().nanos().div_euclid(MINUTE);
        let mut minute = self.minute.lock();
        if minute.number != now || minute.told.len() > COUNTERS {
            *minute = Minute { number: now, ..Minute::default() };
        }
        let count = minute.told.entry((rule.to_owned(), host.to_owned())).or_default();
        *count += 1;
        let may = *count <= PER_MINUTE;
        drop(minute);
        let mut told = self.told.lock();
        let of_rule = told.entry(rule.to_owned()).or_default();
        if may {
            of_rule.alerts += 1;
        } else {
            of_rule.shed += 1;
        }
        may
    }

    /// Since the node started, by rule.
    pub fn told(&self) -> BTreeMap<String, Told> {
        self.told.lock().clone()
    }
}

fn hits(rows: &Rows, mut known: BTreeMap<u64, Vec<Finding>>) -> Vec<Hit> {
    if known.is_empty() {
        return Vec::new();
    }
    let hit = |(sequence, row): &(u64, Row)| {
        let findings = known.remove(sequence)?;
        Some(Hit { sequence: *sequence, row: row.clone(), findings })
    };
    rows.iter().filter_map(hit).collect()
}

/// What an alert about an event needs, beside what the rules read.
pub const READS: &[Column] = &[
    Column::Time,
    Column::Category,
    Column::Action,
    Column::HostId,
    Column::HostName,
    Column::Tenant,
    Column::ProcessEntityId,
    Column::ProcessPid,
    Column::ProcessName,
    Column::ProcessExecutable,
    Column::ProcessCommandLine,
    Column::ProcessHashSha256,
    Column::ProcessStart,
    Column::ParentEntityId,
    Column::ParentPid,
    Column::ParentName,
    Column::ParentExecutable,
    Column::ParentCommandLine,
    Column::UserId,
    Column::UserName,
    Column::LoginId,
    Column::LoginName,
    Column::SessionId,
    Column::Unit,
    Column::ContainerId,
    Column::ContainerImage,
    Column::PackageName,
    Column::FilePath,
    Column::SourceIp,
    Column::DestinationIp,
    Column::DestinationPort,
    Column::NetworkDirection,
    Column::DnsQuestionName,
];
