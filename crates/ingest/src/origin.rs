//! Where a record came from, by certificate, and how that is written over what the record claims.

use event::{AgentId, Alert, BootId, Column, HostFacts, HostId, Row, TenantId, Timestamp};
use transport::Peer;

const MAX_SKEW_SECONDS: i64 = 5 * 60;
const SKEW_LABEL: &str = "clock_skew_seconds";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub agent: AgentId,
    pub tenant: TenantId,
    pub host: HostId,
    /// The one thing here that the host itself says.
    pub host_name: String,
    /// The host's clock less the node's, when that is more than a little.
    pub skew_seconds: i64,
}

impl Origin {
    pub(crate) fn new(peer: &Peer, facts: &HostFacts, now: Timestamp) -> Origin {
        Origin {
            agent: peer.agent.clone(),
            tenant: peer.tenant.clone(),
            host: peer.host.clone(),
            host_name: event::text::clip(&facts.name, 255).to_owned(),
            skew_seconds: notable(seconds_ahead(facts.time, now)).unwrap_or(0),
        }
    }

    pub(crate) fn fill_row(&self, row: &mut Row, boot: Option<BootId>, now: Timestamp) {
        row.set_text(Column::HostId, self.host.as_str());
        row.set_text(Column::HostName, self.host_name.as_str());
        row.set_text(Column::Tenant, self.tenant.as_str());
        if let Some(boot) = boot {
            row.set_text(Column::BootId, boot.to_string());
        }
        // An old event may have waited in the spool; one of the future can only come from a wrong clock.
        let ahead = notable(seconds_ahead(row.time(), now)).filter(|seconds| *seconds > 0);
        if let Some(seconds) = ahead.or((self.skew_seconds != 0).then_some(self.skew_seconds)) {
            row.labels.insert(SKEW_LABEL.into(), seconds.to_string());
        }
    }

    pub(crate) fn fill_alert(&self, alert: &mut Alert, boot: Option<BootId>, now: Timestamp) {
        alert.agent = self.agent.clone();
        alert.host = self.host.clone();
        alert.host_name = self.host_name.clone();
        alert.tenant = self.tenant.clone();
        self.fill_row(&mut alert.event, boot, now);
    }

    pub(crate) fn fill_facts(&self, facts: &mut HostFacts) {
        facts.agent = self.agent.clone();
        facts.host = self.host.clone();
    }
}

fn seconds_ahead(theirs: Timestamp, ours: Timestamp) -> i64 {
    theirs.since(ours) / 1_000_000_000
}

fn notable(seconds: i64) -> Option<i64> {
    (seconds.abs() > MAX_SKEW_SECONDS).then_some(seconds)
}
