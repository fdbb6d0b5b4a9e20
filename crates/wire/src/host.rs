//! [`event::HostFacts`] to and from `tamon.v1.HostFacts`. A protection or a kind of loss that this build does not know is
//! passed over: the agent's own count stays right, and the node shows its agent's version beside it.

use crate::limits::{MAX_HOST_ITEMS, MAX_TEXT};
use crate::skew::{MODE, Skew, TIER};
use crate::v1;
use event::text::clip;
use event::{AgentId, HostFacts, HostId, LossKind, Protection, SignatureFacts, Timestamp};

pub(crate) fn write(host: &HostFacts) -> v1::HostFacts {
    let text = |whole: &str| clip(whole, MAX_TEXT).to_owned();
    v1::HostFacts {
        agent: text(host.agent.as_str()),
        host: text(host.host.as_str()),
        name: text(&host.name),
        os: text(&host.os),
        kernel: text(&host.kernel),
        architecture: text(&host.architecture),
        agent_version: text(&host.agent_version),
        boot_id: text(&host.boot_id),
        tier: TIER.number(host.tier),
        tier_reason: text(&host.tier_reason),
        missing_protections: host.missing_protections.iter().map(|p| p.name().to_owned()).collect(),
        mode: MODE.number(host.mode),
        seen: host.seen,
        lost: host.lost.iter().map(|(kind, count)| (kind.name().to_owned(), *count)).collect(),
        spool_bytes: host.spool_bytes,
        spool_events: host.spool_events,
        resident_bytes: host.resident_bytes,
        rules: host.rules,
        rules_rejected: host.rules_rejected,
        addresses: host.addresses.iter().take(MAX_HOST_ITEMS).map(|a| text(a)).collect(),
        time: host.time.0,
        signatures: Some(write_signatures(&host.signatures)),
    }
}

fn write_signatures(signatures: &SignatureFacts) -> v1::SignatureFacts {
    let text = |whole: &str| clip(whole, MAX_TEXT).to_owned();
    v1::SignatureFacts {
        version: signatures.version,
        update: text(&signatures.update),
        refused: signatures.refused.as_deref().map(text),
        digests: signatures.digests,
        patterns: signatures.patterns,
        yara_rules: signatures.yara_rules,
        models: signatures.models.iter().take(MAX_HOST_ITEMS).map(|model| text(model)).collect(),
    }
}

pub(crate) fn read(host: v1::HostFacts) -> HostFacts {
    let skew = &mut Skew::default();
    let protection = |name: &String| Protection::ALL.into_iter().find(|p| p.name() == name);
    let loss = |(name, count): (String, u64)| Some((LossKind::ALL.into_iter().find(|k| k.name() == name)?, count));
    HostFacts {
        agent: AgentId(host.agent),
        host: HostId(host.host),
        name: host.name,
        os: host.os,
        kernel: host.kernel,
        architecture: host.architecture,
        agent_version: host.agent_version,
        boot_id: host.boot_id,
        tier: TIER.read(host.tier, skew),
        tier_reason: host.tier_reason,
        missing_protections: host.missing_protections.iter().filter_map(protection).take(MAX_HOST_ITEMS).collect(),
        mode: MODE.read(host.mode, skew),
        seen: host.seen,
        lost: host.lost.into_iter().filter_map(loss).collect(),
        spool_bytes: host.spool_bytes,
        spool_events: host.spool_events,
        resident_bytes: host.resident_bytes,
        rules: host.rules,
        rules_rejected: host.rules_rejected,
        addresses: host.addresses.into_iter().take(MAX_HOST_ITEMS).collect(),
        time: Timestamp(host.time),
        signatures: read_signatures(host.signatures.unwrap_or_default()),
    }
}

fn read_signatures(signatures: v1::SignatureFacts) -> SignatureFacts {
    SignatureFacts {
        version: signatures.version,
        update: signatures.update,
        refused: signatures.refused,
        digests: signatures.digests,
        patterns: signatures.patterns,
        yara_rules: signatures.yara_rules,
        models: signatures.models.into_iter().take(MAX_HOST_ITEMS).collect(),
    }
}
