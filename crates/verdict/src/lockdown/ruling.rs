//! The one place where it is decided what may run on a locked host. Sources are asked in a fixed order and the first that
//! vouches decides; then the lock's mode, a broken glass and the tier can only make the answer milder. Each step that
//! mattered leaves a reason.

use super::settings::is_below;
use super::{Act, Answer, Evidence, Lock, Lockdown, Nameless, PackageSays, Source, Use};
use crate::{FileFacts, Policy, Subject};
use event::{
    Action, Decision, Engine, Finding, Mode, Protection, Reason, RuleId, Severity, Tactic, Technique, Tier, Timestamp,
};

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    pub decision: Decision,
    /// Who vouches; None: nobody does, and [`Ruling::finding`] says of what.
    pub source: Option<Source>,
    pub finding: Option<Finding>,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Matter {
    File(Use),
    Act(Act),
}

/// `subject` is who asks, for exceptions and for the alert. Of an [`Act`] the evidence holds the interpreter or nothing.
pub fn rule(
    policy: &Policy,
    lock: &Lock,
    tier: Tier,
    matter: Result<Use, Act>,
    evidence: &Evidence<'_>,
    subject: &Subject<'_>,
    now: Timestamp,
) -> Ruling {
    let settings = &policy.lockdown;
    let Some(mode) = lock.mode(now) else { return allowed("the host is not locked".into(), Mode::Observe, tier) };
    let matter = match (matter, evidence.nameless) {
        (Ok(_), Some(Nameless::Memory)) => Matter::Act(Act::Fileless),
        // An update took its name while it was being started: what is vouched for may still run.
        (Ok(_), Some(Nameless::Deleted)) if vouch(settings, evidence, now).is_none() => Matter::Act(Act::Fileless),
        (Ok(usage), Some(Nameless::Deleted)) => Matter::File(usage),
        // Where the policy lets such files be, they are judged as any other.
        (Ok(usage), None) if evidence.foreign && settings.foreign != Answer::Allow && usage.is_asked(settings) => {
            Matter::Act(Act::Foreign)
        }
        (Ok(usage), None) => Matter::File(usage),
        (Err(act), _) => Matter::Act(act),
    };
    let asked = match matter {
        Matter::File(usage) => {
            if !usage.is_asked(settings) {
                return allowed(format!("the policy does not ask about a {}", usage.name()), mode, tier);
            }
            if !settings.in_scope(evidence.path) {
                return allowed("outside of the policy's lockdown.directories".into(), mode, tier);
            }
            match (evidence.distrusted.as_deref(), vouch(settings, evidence, now)) {
                (None, Some(source)) => {
                    let mut ruling = allowed(source.words(), mode, tier);
                    ruling.source = Some(source);
                    return ruling;
                }
                (distrusted, _) => (why_not(evidence, distrusted), answer_of(usage, settings)),
            }
        }
        Matter::Act(act) => match act.answer(settings) {
            Answer::Allow => return allowed(format!("the policy lets {} run", act.name()), mode, tier),
            answer => (act.name().to_owned(), answer),
        },
    };
    let (why, answer) = asked;
    let finding = finding(matter, evidence, &why);
    let protection = match matter {
        Matter::File(Use::Module) | Matter::Act(Act::ModuleData) => Protection::DenyModule,
        Matter::Act(Act::Trace) => Protection::DenyPtrace,
        _ => Protection::DenyExec,
    };
    if let Some(exception) = policy.exceptions.iter().find(|one| one.covers(&finding, subject, now)) {
        let source = Source::Exception(exception.reason.clone());
        return Ruling { source: Some(source.clone()), ..allowed(source.words(), mode, tier) };
    }
    refused(finding, why, answer, protection, lock, (mode, tier), now)
}

fn answer_of(usage: Use, settings: &Lockdown) -> Answer {
    match usage {
        Use::Loaded => settings.loader,
        Use::Module => settings.modules,
        Use::Program | Use::Library | Use::Script | Use::Input => Answer::Deny,
    }
}

fn refused(
    finding: Finding,
    why: String,
    answer: Answer,
    protection: Protection,
    lock: &Lock,
    (mode, tier): (Mode, Tier),
    now: Timestamp,
) -> Ruling {
    let mut reasons = vec![Reason { engine: Some(Engine::Policy), text: why }];
    let mut note = |text: String| reasons.push(Reason { engine: None, text });
    let wanted = if answer == Answer::Alert { Action::Alert } else { Action::Deny };
    let mut action = match mode {
        Mode::Observe => Action::Allow,
        Mode::Alert => Action::Alert,
        Mode::Enforce => wanted,
    };
    if action < wanted {
        note(format!("lockdown only goes as far as {}", mode.name()));
    }
    if let Some(glass) = lock.broken(now).filter(|_| action > Action::Alert) {
        note(format!("the glass is broken by {} until {}: {}", glass.by, glass.until, glass.reason));
        action = Action::Alert;
    }
    if action > Action::Alert && !tier.keeps(protection) {
        let what = match protection {
            Protection::DenyModule => "a kernel module",
            Protection::DenyPtrace => "taking over a process",
            _ => "an execution",
        };
        note(format!("tier {} cannot refuse {what}: alert instead", tier.name()));
        action = Action::Alert;
    }
    let decision = Decision { action, wanted, mode, tier, reasons };
    Ruling { decision, source: None, finding: Some(finding) }
}

fn allowed(why: String, mode: Mode, tier: Tier) -> Ruling {
    let reasons = vec![Reason { engine: Some(Engine::Policy), text: why }];
    let decision = Decision { action: Action::Allow, wanted: Action::Allow, mode, tier, reasons };
    Ruling { decision, source: None, finding: None }
}

/// The first who does, the surest first.
fn vouch(settings: &Lockdown, evidence: &Evidence<'_>, now: Timestamp) -> Option<Source> {
    let by_policy = || {
        let digest = evidence.sha256?;
        let holds = |one: &&super::TrustedFile| {
            one.sha256 == digest
                && one.path.as_ref().is_none_or(|path| path.matches(evidence.path))
                && one.expires.as_ref().is_none_or(|expiry| now <= expiry.last)
        };
        settings.trusted.iter().find(holds).map(|one| Source::Policy(one.reason.clone()))
    };
    let by_package = || match &evidence.package {
        PackageSays::Same(package) if settings.packages => Some(Source::Package(package.clone())),
        _ => None,
    };
    let by_updater = || evidence.written_by.clone().map(Source::Updater);
    let by_folder = || {
        let folder = settings.publishers.iter().find(|folder| is_below(evidence.path, folder))?;
        evidence.only_root_writes.then(|| Source::Publisher(folder.clone()))
    };
    by_policy()
        .or_else(by_package)
        .or_else(|| evidence.listed.clone())
        .or_else(by_updater)
        .or_else(|| evidence.image.clone().map(Source::Image))
        .or_else(by_folder)
}

fn why_not(evidence: &Evidence<'_>, distrusted: Option<&str>) -> String {
    if let Some(reason) = distrusted {
        return format!("distrusted by hand: {reason}");
    }
    match &evidence.package {
        PackageSays::Changed(package) => format!("{package} owns it, and it is not what that put there"),
        PackageSays::NoDigest(package) => {
            format!("{package} owns it and keeps no digest of it, and nobody else vouches")
        }
        PackageSays::Same(package) => format!("it is as {package} put it there, and the policy does not take that"),
        PackageSays::Nobody if evidence.sha256.is_none() => {
            "it could not be read to its end, or changed meanwhile".into()
        }
        PackageSays::Nobody => "nobody vouches for this content at this path".into(),
    }
}

fn finding(matter: Matter, evidence: &Evidence<'_>, why: &str) -> Finding {
    let changed = matches!(evidence.package, PackageSays::Changed(_)) || evidence.distrusted.is_some();
    let (rule_id, name, severity) = match matter {
        Matter::File(usage) if changed => (usage.rule_id(), format!("A changed {}", usage.name()), Severity::High),
        Matter::File(usage) => (usage.rule_id(), format!("An unknown {}", usage.name()), Severity::Medium),
        Matter::Act(act @ Act::Foreign) => (act.rule_id(), "Code on a foreign file system".into(), Severity::Medium),
        Matter::Act(act @ Act::ModuleData) => (act.rule_id(), "A kernel module from memory".into(), Severity::High),
        Matter::Act(act @ Act::Trace) => (act.rule_id(), "A process is taken over".into(), Severity::High),
        Matter::Act(act @ Act::Fileless) => (act.rule_id(), "A program without a file".into(), Severity::High),
        Matter::Act(act) => (act.rule_id(), format!("An interpreter was given {}", act.name()), Severity::Medium),
    };
    let technique = match matter {
        Matter::File(Use::Module) | Matter::Act(Act::ModuleData) => Technique::sub(1547, 6),
        Matter::Act(Act::Trace) => Technique::sub(1055, 8),
        Matter::File(Use::Library) => Technique::sub(1574, 6),
        Matter::Act(Act::Fileless) => Technique::new(1620),
        Matter::File(Use::Program | Use::Loaded) => Technique::sub(1204, 2),
        _ => Technique::new(1059),
    };
    let mut matched = vec![("file_path".to_owned(), evidence.path.to_owned())];
    matched.extend(evidence.sha256.map(|digest| ("file_hash_sha256".to_owned(), digest.to_hex())));
    Finding {
        engine: Engine::Policy,
        rule_id: RuleId::new(rule_id),
        name,
        severity,
        techniques: vec![technique],
        tactics: vec![Tactic::Execution],
        detail: why.to_owned(),
        matched,
        asks: Some(Action::Deny),
    }
}

/// For exceptions: what is asked about is the file acted on.
pub(super) fn subject<'a>(evidence: &'a Evidence<'a>) -> Subject<'a> {
    let file = FileFacts { path: evidence.path, sha256: evidence.sha256, package: None };
    Subject { file: Some(file), ..Subject::default() }
}
