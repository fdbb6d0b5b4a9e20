//! The one place where it is decided. Each finding is a voice: exceptions silence it, the policy says what it may ask
//! for and how far its mode lets it go; the model is held to what a second voice or the policy allows; the strongest
//! voice counts; then come the protected ones, the operation and the
//! tier, each of which can only make the action milder. Every step that mattered leaves a reason, in that order.

use crate::{ModelBlock, Operation, Override, Policy, Subject};
use event::{Action, Decision, Engine, Finding, Mode, Protection, Reason, Severity, Tier, Timestamp};

/// What one finding comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    pub severity: Severity,
    pub wanted: Action,
    pub allowed: Action,
    pub mode: Mode,
}

pub fn decide(policy: &Policy, tier: Tier, findings: &[Finding], subject: &Subject<'_>, now: Timestamp) -> Decision {
    let mut reasons = subject.voices.to_vec();
    let mut strongest: Option<Judged> = None;
    let mut wanted = Action::Allow;
    let mut heard = Vec::with_capacity(findings.len());
    for finding in findings {
        heard.extend(judge(policy, finding, subject, now, &mut reasons).map(|judged| (finding, judged)));
    }
    let second = second_voice(&heard);
    for (finding, judged) in heard {
        let judged = if finding.engine == Engine::Model {
            hold_model(policy, finding, judged, second, &mut reasons)
        } else {
            judged
        };
        wanted = wanted.max(judged.wanted);
        let stronger = |best: &Judged| (judged.allowed, judged.wanted) > (best.allowed, best.wanted);
        if strongest.as_ref().is_none_or(stronger) {
            strongest = Some(judged);
        }
    }
    let (mut action, mode) = strongest.map_or((Action::Allow, policy.mode), |best| (best.allowed, best.mode));
    if wanted > action {
        note(&mut reasons, format!("mode {}: {} instead of {}", mode.name(), action.name(), wanted.name()));
    }
    for limit in [protection_limit, operation_limit, target_limit] {
        if let Some((milder, why)) = limit(action, tier, subject) {
            debug_assert!(milder < action);
            note(&mut reasons, why);
            action = milder;
        }
    }
    Decision { action, wanted, mode, tier, reasons }
}

fn note(reasons: &mut Vec<Reason>, text: String) {
    reasons.push(Reason { engine: None, text });
}

/// None when an exception covers the finding.
fn judge(
    policy: &Policy,
    finding: &Finding,
    subject: &Subject<'_>,
    now: Timestamp,
    reasons: &mut Vec<Reason>,
) -> Option<Judged> {
    let judged = policy.judge(finding);
    let text = format!("{} {} asks for {}: {}", judged.severity, finding.rule_id, judged.wanted.name(), finding.name);
    reasons.push(Reason { engine: Some(finding.engine), text });
    if let Some(exception) = policy.exceptions.iter().find(|one| one.covers(finding, subject, now)) {
        let until = exception.expires.clone().map(|e| format!(", until {}", String::from(e))).unwrap_or_default();
        note(reasons, format!("exception for {}: {}{until}", finding.rule_id, exception.reason));
        return None;
    }
    Some(judged)
}

impl Policy {
    /// What the policy makes of one finding, before anyone looks at process, operation or tier.
    pub fn judge(&self, finding: &Finding) -> Judged {
        let severity = self.first(finding, finding.severity, |o| o.severity).unwrap_or(finding.severity);
        let asked = finding.asks.unwrap_or_else(|| self.actions.of(severity));
        let wanted = self.first(finding, severity, |o| o.action).unwrap_or(asked);
        let own = || self.mode_of_profile(finding).unwrap_or(self.mode);
        let mode = self.first(finding, severity, |o| o.mode).unwrap_or_else(own);
        let allowed = if mode == Mode::Enforce { wanted } else { wanted.min(Action::Alert) };
        Judged { severity, wanted, allowed, mode }
    }

    /// A profile of `[[prevention]]` has a mode of its own. Those that ship all observe.
    fn mode_of_profile(&self, finding: &Finding) -> Option<Mode> {
        let rest = finding.rule_id.as_str().strip_prefix(crate::prevention::RULE_PREFIX)?;
        let id = rest.rsplit_once('.').filter(|_| finding.engine == Engine::Policy)?.0;
        self.prevention.iter().find(|one| one.name() == id).map(|one| one.mode.unwrap_or_default())
    }

    fn first<T>(&self, finding: &Finding, severity: Severity, setting: impl Fn(&Override) -> Option<T>) -> Option<T> {
        self.overrides.iter().filter(|o| o.applies(finding, severity)).find_map(setting)
    }
}

impl Override {
    fn applies(&self, finding: &Finding, severity: Severity) -> bool {
        self.id.as_ref().is_none_or(|id| id.matches(finding.rule_id.as_str()))
            && self.engine.is_none_or(|engine| engine == finding.engine)
            && self.min_severity.is_none_or(|floor| severity >= floor)
    }
}

/// What else speaks against it, when the model does.
fn second_voice(heard: &[(&Finding, Judged)]) -> Option<Engine> {
    let others = heard.iter().filter(|(finding, _)| finding.engine != Engine::Model);
    others.filter(|(_, judged)| judged.severity >= Severity::Medium).map(|(finding, _)| finding.engine).next()
}

/// The model errs at a measured rate, so alone it only alerts; what a second voice or the operator makes of it is said.
/// An override that gives the model an action is the operator's own word and stands.
fn hold_model(
    policy: &Policy,
    finding: &Finding,
    judged: Judged,
    second: Option<Engine>,
    reasons: &mut Vec<Reason>,
) -> Judged {
    if policy.first(finding, judged.severity, |o| o.action).is_some() {
        return judged;
    }
    let strict = judged.severity >= Severity::High;
    let (wanted, why) = match (policy.model.block, second) {
        (ModelBlock::Never, _) => (judged.wanted.min(Action::Alert), "the policy never lets the model block".into()),
        (_, Some(voice)) => {
            let firm = policy.actions.of(judged.severity.max(Severity::High));
            (firm, format!("the model has a second voice, {}", voice.name()))
        }
        (ModelBlock::Alone, None) if strict => (judged.wanted, "the policy lets the model block alone".into()),
        (_, None) => (judged.wanted.min(Action::Alert), "the model alone only raises suspicion".into()),
    };
    note(reasons, why);
    let allowed = if judged.mode == Mode::Enforce { wanted } else { wanted.min(Action::Alert) };
    Judged { wanted, allowed, ..judged }
}

type Limit = Option<(Action, String)>;

fn protection_limit(action: Action, _: Tier, subject: &Subject<'_>) -> Limit {
    let protected = subject.protected.filter(|_| action > Action::Alert)?;
    Some((Action::Alert, format!("the process is {}: never touched, alert instead", protected.name())))
}

/// What has happened cannot be refused; what has not happened need not be killed.
fn operation_limit(action: Action, tier: Tier, subject: &Subject<'_>) -> Limit {
    let (pending, protection, what, not_yet) = match subject.operation {
        Operation::Done => (false, Protection::DenyExec, "an execution", ""),
        Operation::ExecPending => (true, Protection::DenyExec, "an execution", "the program has not run yet"),
        Operation::ReadPending => (true, Protection::DenyRead, "a reading", "the file has not been read yet"),
    };
    let can_deny = tier.keeps(protection);
    match action {
        Action::Deny if !pending => Some((Action::Alert, "it has already happened: alert instead of deny".into())),
        Action::Deny if !can_deny => {
            Some((Action::Alert, format!("tier {} cannot refuse {what}: alert instead", tier.name())))
        }
        Action::Kill if pending && can_deny => Some((Action::Deny, format!("{not_yet}: deny instead of kill"))),
        _ => None,
    }
}

/// A file is needed to take one away, a process to end one.
fn target_limit(action: Action, _: Tier, subject: &Subject<'_>) -> Limit {
    let process = subject.process.is_some();
    match action {
        Action::Quarantine if subject.file.is_none() && process => {
            Some((Action::Kill, "no file is known to take away: kill instead of quarantine".into()))
        }
        Action::Quarantine if subject.file.is_none() => {
            Some((Action::Alert, "neither file nor process is known: alert instead of quarantine".into()))
        }
        Action::Kill if !process => Some((Action::Alert, "no process is known to end: alert instead of kill".into())),
        _ => None,
    }
}
