//! Rules: the pack that every node and agent has, what operators put on their hosts, whether each can be used, and what it
//! found. Rules held against events that somebody gives stand here too; those over history are in `backtest`.

use super::asking::{self, WAIT};
use super::stored_alerts::{self, Wanted};
use super::{Body, Shared, now, watch};
use crate::catalogue::{self, Known};
use crate::node::Node;
use crate::problem::{Answer, fail, internal, not_found};
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::{Row, Timestamp};
use rules::RuleSet;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use store::AlertRecord;
use wire::CommandBody;

const DAY: i64 = 86_400 * crate::clock::SECOND;
const DAYS: i64 = 30;
/// Looked through for what rules found; older ones within the thirty days are not counted then.
const MOST_ALERTS: usize = 20_000;
const MOST_TESTED: usize = 1_000;

/// `agent::rule_files::list`.
#[derive(Deserialize)]
struct ToldRules {
    usable: u64,
    operator: Vec<ToldFile>,
    operator_left_out: u64,
    rejected: Vec<ToldRejected>,
    version: String,
}

#[derive(Deserialize)]
struct ToldFile {
    file: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct ToldRejected {
    rule_id: Option<String>,
    file: String,
    reason: String,
}

/// Rules that operators put on hosts, each once, with its file's text.
struct Operators {
    rules: BTreeMap<String, (Known, String, Vec<String>)>,
    hosts: Vec<RuleHost>,
    /// Why a rule cannot be used, by id or file, as a host says.
    rejected: HashMap<String, String>,
}

async fn operators(node: &Arc<Node>) -> Answer<Operators> {
    let members = asking::members(node, None)?;
    let answers = asking::ask_each::<ToldRules>(node, members, CommandBody::ListRules, WAIT).await;
    let mut all = Operators { rules: BTreeMap::new(), hosts: Vec::new(), rejected: HashMap::new() };
    for (member, answer, told) in answers {
        let Some(told) = told else {
            all.hosts.push(RuleHost { answer, usable: None, version: None, rejected: Vec::new(), left_out: 0 });
            continue;
        };
        for (file, text) in told.operator.iter().filter_map(|one| Some((&one.file, one.text.as_ref()?))) {
            for known in catalogue::read(file, text) {
                let one = all.rules.entry(known.id.clone()).or_insert_with(|| (known, text.clone(), Vec::new()));
                one.2.push(member.facts.name.clone());
            }
        }
        for one in &told.rejected {
            let key = one.rule_id.clone().unwrap_or_else(|| one.file.clone());
            all.rejected.entry(key).or_insert_with(|| format!("{}: {}", member.facts.name, one.reason));
        }
        let rejected = told.rejected.into_iter().map(|one| RejectedRule {
            rule_id: one.rule_id,
            file: one.file,
            reason: one.reason,
        });
        all.hosts.push(RuleHost {
            answer,
            usable: Some(told.usable),
            version: Some(told.version),
            rejected: rejected.collect(),
            left_out: told.operator_left_out,
        });
    }
    Ok(all)
}

/// Rules that were put on the node: each with its file's name there and its text. Indicators are no rules to people.
async fn on_node(node: &Node) -> Answer<Vec<(Known, String)>> {
    let records = node.control.node_rules(&node.tenant).await?;
    let records = records.into_iter().filter(|record| record.kind != "indicator");
    let known = |record: store::NodeRuleRecord| {
        let all = catalogue::sigma(&record.name, &record.text);
        all.into_iter().map(move |known| (known, record.text.clone()))
    };
    Ok(records.flat_map(known).collect())
}

/// Why the node itself cannot use it.
fn unused(rejected: &[rules::Rejected], known: &Known) -> Option<String> {
    let of = |one: &&rules::Rejected| {
        one.rule_id.as_ref().map_or(known.file.as_ref() == Some(&one.file), |id| *id == known.id)
    };
    rejected.iter().find(of).map(|one| one.reason.clone())
}

impl Operators {
    fn why_not(&self, known: &Known) -> Option<String> {
        let by_file = known.file.as_ref().and_then(|file| self.rejected.get(file));
        self.rejected.get(&known.id).or(by_file).cloned()
    }
}

/// Alerts by rule: how many, and the last.
fn tally(records: &[AlertRecord]) -> HashMap<&str, (u64, Timestamp)> {
    let mut out: HashMap<&str, (u64, Timestamp)> = HashMap::new();
    for record in records {
        let mut ids: Vec<&str> = record.alert.findings.iter().map(|finding| finding.rule_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let one = out.entry(id).or_insert((0, record.alert.time));
            (one.0, one.1) = (one.0 + 1, one.1.max(record.alert.time));
        }
    }
    out
}

fn summary(
    known: &Known,
    hosts: Option<Vec<String>>,
    rejected: Option<String>,
    told: Option<&(u64, Timestamp)>,
) -> RuleSummary {
    RuleSummary {
        id: known.id.clone(),
        title: known.title.clone(),
        kind: known.kind,
        severity: known.severity,
        techniques: known.techniques.iter().map(ToString::to_string).collect(),
        tactics: known.tactics.clone(),
        builtin: hosts.is_none(),
        node: None,
        file: known.file.clone(),
        hosts: hosts.unwrap_or_default(),
        rejected,
        alerts: told.map_or(0, |told| told.0),
        last: told.map(|told| told.1.into()),
    }
}

pub async fn list(State(node): Shared) -> Answer<Json<RuleList>> {
    let operators = operators(&node).await?;
    let since = now().plus_nanos(-DAYS * DAY);
    let (records, _) = stored_alerts::read(&node, Wanted { host: None, since, most: MOST_ALERTS }).await?;
    let told = tally(&records);
    let ours = catalogue::all()
        .iter()
        .map(|known| summary(known, None, operators.why_not(known), told.get(known.id.as_str())));
    let theirs = operators.rules.values().map(|(known, _, hosts)| {
        summary(known, Some(hosts.clone()), operators.why_not(known), told.get(known.id.as_str()))
    });
    let rejected = node.watch.rejected();
    let held = on_node(&node).await?;
    let held = held.iter().map(|(known, _)| RuleSummary {
        node: known.file.clone(),
        ..summary(known, Some(Vec::new()), unused(&rejected, known), told.get(known.id.as_str()))
    });
    let items = held.chain(ours).chain(theirs).collect();
    Ok(Json(RuleList { items, hosts: operators.hosts }))
}

pub async fn show(State(node): Shared, Path(id): Path<String>) -> Answer<Json<RuleDetail>> {
    let since = now().plus_nanos(-DAYS * DAY);
    let (records, _) = stored_alerts::read(&node, Wanted { host: None, since, most: MOST_ALERTS }).await?;
    let told = tally(&records).get(id.as_str()).copied();
    let (history, events_known) = history(&node, &id, &records).await;
    let ours = catalogue::all().iter().find(|known| known.id == id);
    let held = on_node(&node).await?.into_iter().find(|(known, _)| known.id == id).filter(|_| ours.is_none());
    let held_in = held.as_ref().and_then(|(known, _)| known.file.clone());
    let (known, text, hosts, rejected) = match (ours, held) {
        (Some(known), _) => (known.clone(), known.file.as_deref().and_then(catalogue::text), None, None),
        (None, Some((known, text))) => {
            let rejected = unused(&node.watch.rejected(), &known);
            (known, Some(text), Some(Vec::new()), rejected)
        }
        (None, None) => {
            let mut operators = operators(&node).await?;
            let (known, text, hosts) = operators.rules.remove(&id).ok_or_else(|| not_found("rule"))?;
            let rejected = operators.why_not(&known);
            (known, Some(text), Some(hosts), rejected)
        }
    };
    let (fires, silent) = match (ours, &known.file) {
        (Some(_), Some(file)) => catalogue::samples(file),
        _ => Default::default(),
    };
    let on_node = match &held_in {
        Some(name) => Some(watch::detail(&node, name).await?),
        None => None,
    };
    Ok(Json(RuleDetail {
        summary: RuleSummary { node: held_in, ..summary(&known, hosts, rejected, told.as_ref()) },
        description: known.description,
        text,
        fires,
        silent,
        history,
        events_known,
        on_node,
    }))
}

/// Day by day; events on which it stands are counted by the label that findings leave there.
async fn history(node: &Node, id: &str, records: &[AlertRecord]) -> (Vec<RuleFoundDay>, bool) {
    let today = now().0.div_euclid(DAY);
    let mut days: Vec<RuleFoundDay> = (today - DAYS + 1..=today)
        .map(|day| RuleFoundDay { day: Timestamp(day * DAY).into(), alerts: 0, events: 0 })
        .collect();
    let place = |time: Timestamp| usize::try_from(time.0.div_euclid(DAY) - (today - DAYS + 1)).ok();
    for record in records {
        let found = record.alert.findings.iter().any(|finding| finding.rule_id.as_str() == id);
        if let Some(day) = place(record.alert.time).filter(|_| found).and_then(|at| days.get_mut(at)) {
            day.alerts += 1;
        }
    }
    match events_by_day(node, id).await {
        Ok(counts) => {
            for (time, count) in counts {
                if let Some(day) = place(time).and_then(|at| days.get_mut(at)) {
                    day.events += count;
                }
            }
            (days, true)
        }
        Err(failure) => {
            tracing::warn!(rule = id, problem = failure.0.detail, "cannot count a rule's events");
            (days, false)
        }
    }
}

async fn events_by_day(node: &Node, id: &str) -> Answer<Vec<(Timestamp, u64)>> {
    let from = Timestamp((now().0.div_euclid(DAY) - DAYS + 1) * DAY);
    // Ids stand between blanks; what `LIKE` reads otherwise is written out.
    let id = id.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('\'', "''");
    let sql = format!(
        "SELECT date_trunc('day', timestamp) AS day, count(*) AS n FROM events \
         WHERE timestamp >= TIMESTAMP '{from}' AND (' ' || label('rule_id') || ' ') LIKE '% {id} %' \
         GROUP BY date_trunc('day', timestamp)"
    );
    let mut scope = hunt::Scope::new(node.tenant.clone(), now());
    scope.time_limit = Duration::from_secs(5);
    let answer = node.events.hunt(&hunt::plan(&sql, &scope)?).await?.collect().await?;
    let day = |row: &Vec<serde_json::Value>| Some((row[0].as_str()?.parse().ok()?, row[1].as_u64()?));
    Ok(answer.rows.iter().filter_map(day).collect())
}

pub async fn test(Body(request): Body<RuleTestRequest>) -> Answer<Json<RuleTestResult>> {
    if request.events.len() > MOST_TESTED {
        return Err(fail(ProblemCode::Invalid, format!("at most {MOST_TESTED} events")));
    }
    let tested = tokio::task::spawn_blocking(move || held(request)).await;
    Ok(Json(tested.map_err(|error| internal("test the rules", &error))?))
}

fn held(request: RuleTestRequest) -> RuleTestResult {
    let files: Vec<(String, String)> = request.rules.into_iter().map(|rule| (rule.name, rule.text)).collect();
    let (rules, report) = RuleSet::compile(files);
    let mut matcher = Arc::new(rules).matcher();
    let events = request.events.into_iter().map(|event| match serde_json::from_value::<Row>(event) {
        Ok(row) => RuleTestEvent { fault: None, hits: matcher.find(&row).into_iter().map(hit).collect() },
        Err(error) => RuleTestEvent { fault: Some(error.to_string()), hits: Vec::new() },
    });
    let events = events.collect();
    let rejected = |one: rules::Rejected| RejectedRule { rule_id: one.rule_id, file: one.file, reason: one.reason };
    RuleTestResult {
        usable: report.usable as u64,
        rejected: report.rejected.into_iter().map(rejected).collect(),
        events,
    }
}

fn hit(finding: event::Finding) -> RuleTestHit {
    RuleTestHit {
        rule_id: finding.rule_id.0,
        title: finding.name,
        severity: finding.severity,
        detail: finding.detail,
        matched: finding.matched.into_iter().map(|(field, value)| MatchedField { field, value }).collect(),
    }
}
