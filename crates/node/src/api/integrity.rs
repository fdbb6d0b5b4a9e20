//! Changes of watched files, newest first, and reports over them. Both are read from the stored events, so that they show
//! hosts that are away as well.

use super::{Query, Shared, audit, limit, now, page};
use crate::guard::Caller;
use crate::node::Node;
use crate::problem::{Answer, fail};
use ::integrity::report::{self, Inputs, View};
use ::integrity::{Judge, Told};
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use console_api::*;
use event::{ChangeKind, Timestamp};
use hunt::Order;
use store::StoredEvent;

/// Pages of a thousand looked through for what was asked before the answer hands out a cursor.
const PAGES: usize = 20;
const DAY: i64 = 86_400_000_000_000;
/// Changes of one report.
const MOST_REPORTED: usize = 50_000;

pub async fn list(State(node): Shared, Query(query): Query<IntegrityQuery>) -> Answer<Json<IntegrityPage>> {
    let limit = limit(query.limit, 100, 1_000)?;
    let text = query.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
    let before = query.before.as_deref().map(cursor).transpose()?;
    let judge = judge();
    let fits = |told: &Told| {
        let graver = query.severity.is_none_or(|least| told.severity >= least);
        graver && text.as_deref().is_none_or(|text| holds(told, text)) && answers(&judge, told, &query)
    };
    let mut reader = Reader { node: &node, host: query.host.clone(), from: None, before };
    let mut items = Vec::new();
    for _ in 0..PAGES {
        let found = reader.next().await?;
        let last = found.is_empty();
        for (id, told) in found {
            if items.len() == limit {
                let next = items.last().map(|one: &IntegrityChange| one.id.clone());
                return Ok(Json(IntegrityPage { items, next }));
            }
            if fits(&told) {
                items.push(shown(id, told));
            }
        }
        if last {
            return Ok(Json(IntegrityPage { items, next: None }));
        }
    }
    let next = reader.before.map(place);
    Ok(Json(IntegrityPage { items, next }))
}

pub async fn report(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Query(query): Query<IntegrityReportQuery>,
) -> Answer<Response> {
    let days = days(query.days)?;
    let format = query.format.unwrap_or_default();
    audit(&node, &caller, "integrity.report", query.host.as_deref().unwrap_or("all hosts"), &format!("{days} days"))
        .await?;
    let (from, told) = told_within(&node, query.host.clone(), days).await?;
    let host = told.iter().find_map(|one| one.host_name.clone()).filter(|_| query.host.is_some());
    let inputs = Inputs {
        host: host.unwrap_or_else(|| query.host.clone().unwrap_or_else(|| "all hosts".into())),
        from,
        to: now(),
        baseline: None,
        told: &told,
        found: None,
        not_compared: Some("a node reports what hosts told; `tamon integrity report` there compares".into()),
    };
    let report = report::report(view(query.view.unwrap_or_default()), &judge(), &inputs);
    let (media, ending, bytes) = match format {
        IntegrityFormat::Html => ("text/html; charset=utf-8", "html", report::html(&report).into_bytes()),
        IntegrityFormat::Csv => ("text/csv; charset=utf-8", "csv", report::csv(&report).into_bytes()),
        IntegrityFormat::Pdf => ("application/pdf", "pdf", report::pdf(&report)),
    };
    let name = format!("attachment; filename=\"tamon-integrity.{ending}\"");
    Ok(([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

pub async fn summary(
    State(node): Shared,
    Query(query): Query<IntegritySummaryQuery>,
) -> Answer<Json<IntegritySummary>> {
    let (from, told) = told_within(&node, query.host.clone(), days(query.days)?).await?;
    let left_out = if told.len() >= MOST_REPORTED { told.len() as u64 } else { 0 };
    let inputs = Inputs { from, to: now(), told: &told, ..Inputs::default() };
    let report = report::report(view(query.view.unwrap_or(IntegrityView::Pci)), &judge(), &inputs);
    let sections = report.sections.into_iter().map(|one| IntegritySection {
        id: one.id,
        rules: one.rules,
        changes: one.changes,
        highest: one.highest,
    });
    Ok(Json(IntegritySummary {
        changes: report.by_severity.values().sum(),
        expected: report.expected,
        sections: sections.collect(),
        left_out,
    }))
}

/// Every set that ships says which rule answers which requirement; a change that a host's own rule judged is told by the
/// rules that speak of the file.
fn judge() -> Judge {
    let sets = verdict::SET_NAMES.iter().map(ToString::to_string).collect();
    Judge::new(&verdict::Integrity { sets, ..verdict::Integrity::default() })
}

fn answers(judge: &Judge, told: &Told, query: &IntegrityQuery) -> bool {
    let rule = judge.answering(told.rule.as_deref().unwrap_or_default(), &told.path);
    let within = |wanted: &Option<String>, ids: fn(&verdict::IntegrityRule) -> &Vec<String>| {
        wanted.as_ref().is_none_or(|wanted| rule.is_some_and(|rule| ids(rule).contains(wanted)))
    };
    within(&query.pci, |rule| &rule.pci) && within(&query.cis, |rule| &rule.cis)
}

fn view(asked: IntegrityView) -> View {
    match asked {
        IntegrityView::All => View::All,
        IntegrityView::Pci => View::Pci,
        IntegrityView::Cis => View::Cis,
    }
}

fn days(asked: Option<u32>) -> Answer<u32> {
    let days = asked.unwrap_or(7);
    let fits = (1..=366).contains(&days);
    fits.then_some(days).ok_or_else(|| fail(ProblemCode::Invalid, "days must be between 1 and 366"))
}

/// From when, and what was told since, oldest first; the newest [`MOST_REPORTED`] of it.
async fn told_within(node: &Node, host: Option<String>, days: u32) -> Answer<(Timestamp, Vec<Told>)> {
    let from = now().plus_nanos(-i64::from(days) * DAY);
    let mut reader = Reader { node, host, from: Some(from), before: None };
    let mut told = Vec::new();
    while told.len() < MOST_REPORTED {
        let found = reader.next().await?;
        if found.is_empty() {
            break;
        }
        told.extend(found.into_iter().map(|(_, told)| told));
    }
    told.reverse();
    Ok((from, told))
}

/// Stored changes in pages, newest first.
struct Reader<'a> {
    node: &'a Node,
    host: Option<String>,
    from: Option<Timestamp>,
    before: Option<(Timestamp, u64)>,
}

impl Reader<'_> {
    /// Each with its place, which is a cursor too; empty at the end.
    async fn next(&mut self) -> Answer<Vec<(String, Told)>> {
        let asked = hunt::EventQuery {
            tenant: self.node.tenant.clone(),
            hosts: self.host.iter().cloned().collect(),
            actions: ChangeKind::ACTIONS.iter().map(|action| (*action).to_owned()).collect(),
            order: Order::Newest,
            from: self.from,
            to: self.before.map(|(time, _)| time.plus_nanos(1)),
            limit: 1_000,
            ..hunt::EventQuery::default()
        };
        let found = self.node.events.events(&asked).await?;
        let older = |event: &&StoredEvent| self.before.is_none_or(|last| (event.row.time(), event.sequence) < last);
        let fresh: Vec<&StoredEvent> = found.events.iter().filter(older).collect();
        let at = |event: &StoredEvent| (event.row.time(), event.sequence);
        let items = fresh.iter().filter_map(|event| Some((place(at(event)), Told::of(&event.row)?))).collect();
        self.before = fresh.last().map(|event| at(event)).or(self.before);
        Ok(items)
    }
}

fn place((time, sequence): (Timestamp, u64)) -> String {
    page::cursor(time, &format!("{sequence:x}"))
}

fn cursor(text: &str) -> Answer<(Timestamp, u64)> {
    let (time, sequence) = page::read(text)?;
    let sequence = u64::from_str_radix(&sequence, 16);
    Ok((time, sequence.map_err(|_| fail(ProblemCode::Invalid, "this cursor was not given out by the node"))?))
}

fn holds(told: &Told, text: &str) -> bool {
    let who = told.who.as_ref();
    let actor = who.map(|who| [Some(&who.executable), Some(&who.command_line), who.user.as_ref(), who.login.as_ref()]);
    let mut texts = actor.into_iter().flatten().flatten().chain([&told.path]).chain(&told.paths).chain(&told.package);
    texts.any(|one| one.to_lowercase().contains(text))
}

fn shown(id: String, told: Told) -> IntegrityChange {
    IntegrityChange {
        id,
        time: told.time.into(),
        host_id: told.host,
        host_name: told.host_name,
        what: match told.what.as_str() {
            "create" => IntegrityKind::Create,
            "attributes" => IntegrityKind::Attributes,
            "rename" => IntegrityKind::Rename,
            "delete" => IntegrityKind::Delete,
            "expected" => IntegrityKind::Expected,
            "unverified" => IntegrityKind::Unverified,
            "baseline" => IntegrityKind::Baseline,
            _ => IntegrityKind::Modify,
        },
        path: told.path,
        from: told.from,
        severity: told.severity,
        found: match told.found.as_str() {
            "start" => IntegrityFound::Start,
            "scan" => IntegrityFound::Scan,
            _ => IntegrityFound::Live,
        },
        rule: told.rule,
        why: told.why,
        changed: told
            .changed
            .into_iter()
            .map(|one| IntegrityAttribute {
                attribute: one.attribute.name().into(),
                before: one.before,
                after: one.after,
            })
            .collect(),
        diff: told.diff,
        diff_note: told.diff_note,
        package: told.package,
        transaction: told.transaction,
        files: told.files,
        paths: told.paths,
        who: told.who.map(|who| IntegrityActor {
            entity_id: who.entity_id,
            pid: who.pid,
            executable: who.executable,
            command_line: who.command_line,
            parent: who.parent,
            user: who.user,
            login: who.login,
            session: who.session,
            unit: who.unit,
            container: who.container,
            image: who.image,
            lineage: who.lineage,
        }),
    }
}
