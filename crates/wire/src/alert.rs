//! [`event::Alert`] to and from `tamon.v1.Alert`.

use crate::limits::{MAX_EVENT, MAX_RECORD};
use crate::skew::{ACTION, ENGINE, MODE, OUTCOME, SEVERITY, Skew, TIER};
use crate::{EventError, decode_row, encode_event, v1};
use event::text::clip;
use event::{
    AgentId, Alert, AlertId, Decision, Finding, HostId, Outcome, ProcessSnapshot, Reason, Row, RuleId, Tactic,
    Technique, TenantId, Timestamp,
};
use prost::Message;

/// Where [`read`] tells what it did not understand.
const UNKNOWN: &str = "wire_unknown";

pub(crate) fn write(alert: &Alert, cut: &Cut) -> v1::Alert {
    v1::Alert {
        id: cut.text(alert.id.as_str()),
        time: alert.time.0,
        agent: cut.text(alert.agent.as_str()),
        host: cut.text(alert.host.as_str()),
        host_name: cut.text(&alert.host_name),
        tenant: cut.text(alert.tenant.as_str()),
        severity: SEVERITY.number(alert.severity),
        title: cut.text(&alert.title),
        findings: alert.findings.iter().take(cut.max_items).map(|f| cut.finding(f)).collect(),
        decision: Some(cut.decision(&alert.decision)),
        outcome: Some(v1::Outcome {
            action: ACTION.number(alert.outcome.action),
            status: OUTCOME.number(alert.outcome.status),
            detail: cut.text(&alert.outcome.detail),
        }),
        event: Some(write_row(&alert.event)),
        lineage: alert.lineage.iter().take(cut.max_items).map(|p| cut.process(p)).collect(),
    }
}

pub(crate) fn read(alert: v1::Alert) -> Result<Alert, EventError> {
    let skew = &mut Skew::default();
    let decision = alert.decision.unwrap_or_default();
    let outcome = alert.outcome.unwrap_or_default();
    let mut out = Alert {
        id: AlertId(alert.id),
        time: Timestamp(alert.time),
        agent: AgentId(alert.agent),
        host: HostId(alert.host),
        host_name: alert.host_name,
        tenant: TenantId(alert.tenant),
        severity: SEVERITY.read(alert.severity, skew),
        title: alert.title,
        findings: alert.findings.into_iter().map(|f| read_finding(f, skew)).collect(),
        decision: Decision {
            action: ACTION.read(decision.action, skew),
            wanted: ACTION.read(decision.wanted, skew),
            mode: MODE.read(decision.mode, skew),
            tier: TIER.read(decision.tier, skew),
            reasons: decision.reasons.into_iter().map(|r| read_reason(r, skew)).collect(),
        },
        outcome: Outcome {
            action: ACTION.read(outcome.action, skew),
            status: OUTCOME.read(outcome.status, skew),
            detail: outcome.detail,
        },
        event: read_row(alert.event)?,
        lineage: alert.lineage.into_iter().map(read_process).collect(),
    };
    if let Some(unknown) = skew.text() {
        out.event.labels.insert(UNKNOWN.into(), unknown);
    }
    Ok(out)
}

/// How much of an alert is written.
pub(crate) struct Cut {
    /// Bytes of each text.
    pub max_text: usize,
    /// Of each list.
    pub max_items: usize,
}

impl Cut {
    /// Reckoned from above, without a copy.
    pub fn fits(&self, alert: &Alert) -> bool {
        let findings: usize = alert.findings.iter().take(self.max_items).map(|f| self.finding_size(f)).sum();
        let lineage: usize = alert.lineage.iter().take(self.max_items).map(|p| self.process_size(p)).sum();
        let reasons = alert.decision.reasons.iter().take(self.max_items).map(|r| self.size(&r.text)).sum::<usize>();
        let ids = [alert.id.as_str(), alert.agent.as_str(), alert.host.as_str(), alert.tenant.as_str()];
        let texts = [alert.host_name.as_str(), &alert.title, &alert.outcome.detail];
        let own = ids.into_iter().chain(texts).map(|text| self.size(text));
        MAX_EVENT + 4096 + own.sum::<usize>() + findings + lineage + reasons <= MAX_RECORD
    }

    fn size(&self, text: &str) -> usize {
        text.len().min(self.max_text) + 8
    }

    fn finding_size(&self, finding: &Finding) -> usize {
        let matched = finding.matched.iter().take(self.max_items);
        let names = finding.techniques.len().min(self.max_items) + finding.tactics.len().min(self.max_items);
        let texts = self.size(finding.rule_id.as_str()) + self.size(&finding.name) + self.size(&finding.detail);
        32 + texts + names * 32 + matched.map(|(f, v)| self.size(f) + self.size(v) + 8).sum::<usize>()
    }

    fn process_size(&self, process: &ProcessSnapshot) -> usize {
        let texts = [&process.entity_id, &process.name, &process.executable, &process.command_line];
        let options = [&process.user_name, &process.login_name, &process.unit, &process.container_id];
        let more = [&process.container_image, &process.sha256, &process.package];
        let options = options.into_iter().chain(more).flatten();
        64 + texts.into_iter().chain(options).map(|text| self.size(text)).sum::<usize>()
    }

    fn text(&self, whole: &str) -> String {
        clip(whole, self.max_text).to_owned()
    }

    fn finding(&self, finding: &Finding) -> v1::Finding {
        let pair = |(field, value): &(String, String)| v1::Match { field: self.text(field), value: self.text(value) };
        v1::Finding {
            engine: ENGINE.number(finding.engine),
            rule_id: self.text(finding.rule_id.as_str()),
            name: self.text(&finding.name),
            severity: SEVERITY.number(finding.severity),
            techniques: finding.techniques.iter().take(self.max_items).map(ToString::to_string).collect(),
            tactics: finding.tactics.iter().take(self.max_items).map(|t| t.name().to_owned()).collect(),
            detail: self.text(&finding.detail),
            matched: finding.matched.iter().take(self.max_items).map(pair).collect(),
            asks: finding.asks.map_or(0, |action| ACTION.number(action)),
        }
    }

    fn decision(&self, decision: &Decision) -> v1::Decision {
        let reason =
            |r: &Reason| v1::Reason { engine: r.engine.map_or(0, |e| ENGINE.number(e)), text: self.text(&r.text) };
        v1::Decision {
            action: ACTION.number(decision.action),
            wanted: ACTION.number(decision.wanted),
            mode: MODE.number(decision.mode),
            tier: TIER.number(decision.tier),
            reasons: decision.reasons.iter().take(self.max_items).map(reason).collect(),
        }
    }

    fn process(&self, process: &ProcessSnapshot) -> v1::ProcessSnapshot {
        let optional = |whole: &Option<String>| whole.as_deref().map(|t| self.text(t));
        v1::ProcessSnapshot {
            entity_id: self.text(&process.entity_id),
            pid: process.pid,
            name: self.text(&process.name),
            executable: self.text(&process.executable),
            command_line: self.text(&process.command_line),
            started: process.started.0,
            user_id: process.user_id,
            user_name: optional(&process.user_name),
            login_id: process.login_id,
            login_name: optional(&process.login_name),
            session_id: process.session_id,
            unit: optional(&process.unit),
            container_id: optional(&process.container_id),
            container_image: optional(&process.container_image),
            sha256: optional(&process.sha256),
            package: optional(&process.package),
            fileless: process.fileless,
            login_source: optional(&process.login_source),
        }
    }
}

/// Through the event's own bytes: alerts are rare, and one codec of events is enough.
fn write_row(row: &Row) -> v1::Event {
    let mut bytes = Vec::new();
    encode_event(row, &mut bytes);
    v1::Event::decode(bytes.as_slice()).unwrap_or_default()
}

fn read_row(event: Option<v1::Event>) -> Result<Row, EventError> {
    event.map_or(Ok(Row::default()), |event| decode_row(&event.encode_to_vec()))
}

fn read_finding(finding: v1::Finding, skew: &mut Skew) -> Finding {
    Finding {
        engine: ENGINE.read(finding.engine, skew),
        rule_id: RuleId(finding.rule_id),
        name: finding.name,
        severity: SEVERITY.read(finding.severity, skew),
        techniques: finding.techniques.iter().filter_map(|t| known::<Technique>(t, "technique", skew)).collect(),
        tactics: finding.tactics.iter().filter_map(|t| known::<Tactic>(t, "tactic", skew)).collect(),
        detail: finding.detail,
        matched: finding.matched.into_iter().map(|m| (m.field, m.value)).collect(),
        asks: ACTION.read_optional(finding.asks, skew),
    }
}

fn known<T: std::str::FromStr>(name: &str, what: &str, skew: &mut Skew) -> Option<T> {
    let parsed = name.parse().ok();
    if parsed.is_none() {
        skew.note(format!("{what} {}", clip(name, 64)));
    }
    parsed
}

fn read_reason(reason: v1::Reason, skew: &mut Skew) -> Reason {
    Reason { engine: ENGINE.read_optional(reason.engine, skew), text: reason.text }
}

fn read_process(process: v1::ProcessSnapshot) -> ProcessSnapshot {
    ProcessSnapshot {
        entity_id: process.entity_id,
        pid: process.pid,
        name: process.name,
        executable: process.executable,
        command_line: process.command_line,
        started: Timestamp(process.started),
        user_id: process.user_id,
        user_name: process.user_name,
        login_id: process.login_id,
        login_name: process.login_name,
        session_id: process.session_id,
        unit: process.unit,
        container_id: process.container_id,
        container_image: process.container_image,
        sha256: process.sha256,
        package: process.package,
        fileless: process.fileless,
        login_source: process.login_source,
    }
}
