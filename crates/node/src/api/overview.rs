//! The overview, from memory: it must not slow down when the store is busy.

use super::{Shared, now};
use crate::fleet::Member;
use crate::node::Node;
use crate::problem::Answer;
use axum::Json;
use axum::extract::State;
use console_api::*;
use std::collections::HashMap;

/// Hosts in the overview's list.
const HOSTS: usize = 100;

pub async fn show(State(node): Shared) -> Answer<Json<Overview>> {
    let now = now();
    let members = node.fleet.all();
    let open_by_host = open_incidents_by_host(&node);
    let mut hosts: Vec<HostSummary> = members.iter().map(|member| host(&node, member, &open_by_host)).collect();
    let counts = counts(&members);
    hosts.sort_by_key(|host| (host.connected && host.lost_total == 0 && host.open_incidents == 0, host.name.clone()));
    hosts.truncate(HOSTS);
    let (incidents, open) = incidents(&node);
    Ok(Json(Overview {
        time: now.into(),
        hosts: counts,
        host_list: hosts,
        alerts: node.desk.buckets.view(now),
        incidents,
        open_incidents: open,
        ingest: node.figures.view(),
        store: store_figures(&node),
        node: NodeFacts {
            version: env!("CARGO_PKG_VERSION").into(),
            started: node.started.into(),
            agent_address: node.agent_address(),
        },
    }))
}

fn counts(members: &[Member]) -> HostCounts {
    let count = |pick: fn(&Member) -> bool| members.iter().filter(|member| pick(member)).count() as u64;
    HostCounts {
        total: members.len() as u64,
        connected: count(|m| m.connected),
        enforce: count(|m| m.facts.tier == event::Tier::Enforce),
        gate: count(|m| m.facts.tier == event::Tier::Gate),
        observe: count(|m| m.facts.tier == event::Tier::Observe),
        losing: count(|m| m.lost_total() > 0),
    }
}

fn incidents(node: &Node) -> (IncidentCounts, Vec<IncidentSummary>) {
    let summaries = node.desk.summaries.read();
    let mut counts = IncidentCounts::default();
    let mut open: Vec<&IncidentSummary> = Vec::new();
    for summary in summaries.values() {
        match summary.status {
            IncidentStatus::Open => counts.open += 1,
            IncidentStatus::Investigating => counts.investigating += 1,
            IncidentStatus::Resolved => counts.resolved += 1,
        }
        if summary.status != IncidentStatus::Resolved {
            open.push(summary);
        }
    }
    open.sort_by_key(|summary| std::cmp::Reverse((summary.severity, summary.last)));
    (counts, open.into_iter().take(10).cloned().collect())
}

/// Not yet resolved.
pub(crate) fn open_incidents(node: &Node) -> u64 {
    let summaries = node.desk.summaries.read();
    summaries.values().filter(|summary| summary.status != IncidentStatus::Resolved).count() as u64
}

pub(crate) fn open_incidents_by_host(node: &Node) -> HashMap<String, u64> {
    let mut out: HashMap<String, u64> = HashMap::new();
    let summaries = node.desk.summaries.read();
    for summary in summaries.values().filter(|summary| summary.status != IncidentStatus::Resolved) {
        for host in &summary.hosts {
            *out.entry(host.id.clone()).or_default() += 1;
        }
    }
    out
}

/// One host as lists show it; None when it is not known.
pub(crate) fn host_summary(node: &Node, id: &str) -> Option<HostSummary> {
    Some(host(node, &node.fleet.get(id)?, &open_incidents_by_host(node)))
}

pub(crate) fn host(node: &Node, member: &Member, open: &HashMap<String, u64>) -> HostSummary {
    let facts = &member.facts;
    HostSummary {
        id: facts.host.0.clone(),
        name: facts.name.clone(),
        agent_id: facts.agent.0.clone(),
        os: facts.os.clone(),
        kernel: facts.kernel.clone(),
        architecture: facts.architecture.clone(),
        agent_version: facts.agent_version.clone(),
        tier: facts.tier,
        tier_reason: facts.tier_reason.clone(),
        missing_protections: facts.missing_protections.clone(),
        mode: facts.mode,
        connected: member.connected,
        last_seen: member.last_seen.into(),
        seen: facts.seen,
        lost: facts.lost.iter().map(|(kind, n)| (kind.name().to_owned(), *n)).collect(),
        lost_total: member.lost_total(),
        events_per_second: member.events_per_second(),
        alerts_24h: node.desk.buckets.of_host(facts.host.as_str(), now()),
        open_incidents: open.get(facts.host.as_str()).copied().unwrap_or(0),
        revoked: member.revoked,
        signatures: (&facts.signatures).into(),
    }
}

pub(crate) fn store_figures(node: &Node) -> StoreFigures {
    let stats = node.events.stats();
    StoreFigures {
        bytes: stats.segment_bytes,
        events: stats.segment_rows + stats.recent_rows,
        segments: stats.segments,
        pending_events: stats.recent_rows,
        damaged: stats.damaged_places,
    }
}
