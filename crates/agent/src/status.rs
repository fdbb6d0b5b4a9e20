//! What the agent says of itself: to `tamon status` as JSON, to the node as facts.

use crate::host;
use crate::shared::{Counters, Shared};
use crate::signature_sets;
use event::HostFacts;
use serde_json::{Map, Value, json};

/// The document of `tamon status`; its keys stay.
pub fn document(shared: &Shared) -> Value {
    let counters = &shared.counters;
    let spool = shared.spool.stats();
    let rules = *shared.rules.lock();
    let table = shared.enricher.stats();
    let policy = shared.policy();
    let lost: Map<String, Value> =
        event::LossKind::ALL.iter().map(|kind| (kind.name().to_owned(), 0.into())).chain(losses(shared)).collect();
    json!({
        "tier": shared.tier.name(),
        "tier_reason": shared.tier_reason,
        "missing_protections": missing(shared),
        "mode": policy.mode.name(),
        "sensor": { "seen": Counters::get(&counters.seen), "lost": lost },
        "stages": {
            "seen": Counters::get(&counters.seen),
            "enriched": Counters::get(&counters.enriched),
            "matched": Counters::get(&counters.matched),
            "passed": Counters::get(&counters.passed),
            "stored": Counters::get(&counters.stored),
        },
        "alerts": Counters::get(&counters.alerts),
        "alerts_repeated": Counters::get(&counters.suppressed),
        "alerts_silenced": Counters::get(&counters.silenced),
        "suppressions": shared.quieting.document(crate::pipeline::now()),
        "scans": { "files": Counters::get(&counters.scanned), "unjudged": Counters::get(&counters.unjudged), "shed": Counters::get(&counters.scans_shed), "excluded": Counters::get(&counters.excluded) },
        "samples": { "shed": Counters::get(&counters.samples_shed) },
        "rules": { "usable": rules.usable, "rejected": rules.rejected },
        "spool": { "events": spool.pending.total(), "bytes": spool.bytes, "degraded": spool.degraded },
        "processes": { "held": table.processes, "bytes": table.bytes },
        "node": { "state": shared.uplink.lock().clone() },
        "recovery": shared.recovery.lock().clone(),
        "integrity": shared.integrity.lock().clone(),
        "gate": { "state": shared.gate.lock().clone(), "kernel": *shared.kernel_gate.lock(), "waits": *shared.gate_stats.lock() },
        "signatures": signature_sets::document(shared),
        "lockdown": shared.lockdown.status(shared),
        "prevention": *shared.prevention.figures.lock(),
        "sweep": { "state": shared.sweep.lock().clone() },
        "baselines": crate::baselines::file_of(&shared.place),
        "logs": shared.logs.lock().clone(),
        "model": { "enabled": policy.model.enabled, "block": policy.model.block },
        "decoy": shared.place.decoy,
        "agent_id": shared.agent.as_str(),
        "host_id": shared.host.id.as_str(),
        "host_name": shared.host.name,
        "os": shared.host.os,
        "kernel": shared.host.kernel,
        "boot_id": shared.host.boot.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "resident_bytes": host::resident_bytes(),
        "problems": shared.problems.lock().clone(),
    })
}

fn losses(shared: &Shared) -> impl Iterator<Item = (String, Value)> {
    shared.lost().into_iter().map(|(kind, count)| (kind.name().to_owned(), count.into()))
}

fn missing(shared: &Shared) -> Vec<&'static str> {
    shared.tier.missing().into_iter().map(event::Protection::name).collect()
}

pub fn facts(shared: &Shared) -> HostFacts {
    let spool = shared.spool.stats();
    let rules = *shared.rules.lock();
    HostFacts {
        agent: shared.agent.clone(),
        host: shared.host.id.clone(),
        name: shared.host.name.clone(),
        os: shared.host.os.clone(),
        kernel: shared.host.kernel.clone(),
        architecture: shared.host.architecture.clone(),
        agent_version: env!("CARGO_PKG_VERSION").into(),
        boot_id: shared.host.boot.to_string(),
        tier: shared.tier,
        tier_reason: shared.tier_reason.clone(),
        missing_protections: shared.tier.missing(),
        mode: shared.policy().mode,
        seen: Counters::get(&shared.counters.seen),
        lost: shared.lost(),
        spool_bytes: spool.bytes,
        spool_events: spool.pending.total(),
        resident_bytes: host::resident_bytes(),
        rules: rules.usable,
        rules_rejected: rules.rejected,
        signatures: signature_sets::facts(shared),
        addresses: host::addresses(),
        time: crate::pipeline::now(),
    }
}
