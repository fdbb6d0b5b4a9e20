//! What the kernel half did about an act, as an alert.

use crate::alerting::{self, Judged};
use crate::shared::Shared;
use event::{
    Action, Decision, Event, Finding, Mode, Outcome, OutcomeStatus, Overstep, OverstepAct, OverstepEnd, Process, Reason,
};
use verdict::prevention::{Act, Capability, Profile};

pub fn who(process: &Process) -> String {
    format!("{} ({})", process.executable, process.key.tgid)
}

/// The line that decided, and what was done, for `status`.
pub fn words(profile: &Profile, act: &Act<'_>) -> String {
    format!("{}: {act}", profile.rule(act).line)
}

/// None for what this Tamon has no name for.
pub fn act(overstep: &Overstep) -> Option<Act<'_>> {
    Some(match &overstep.act {
        OverstepAct::Read(path) => Act::Read(path),
        OverstepAct::Write(path) => Act::Write(path),
        OverstepAct::Run(path) => Act::Run(path),
        OverstepAct::Connect(to) => Act::Connect(to.ip, to.port),
        OverstepAct::Bind(to) => Act::Bind(to.ip, to.port),
        OverstepAct::Capability(number) => Act::Use(Capability::from_number(*number)?),
        OverstepAct::Module => Act::LoadModule("a kernel module"),
        OverstepAct::Trace(_) => Act::Trace("another process"),
        OverstepAct::Mount => Act::Mount("a file system"),
        OverstepAct::Namespace => Act::MakeNamespace,
        OverstepAct::Signal(_) => Act::Signal("another process"),
        OverstepAct::WriteExecute => Act::WriteExecute,
        OverstepAct::Reach(path) => Act::Reach(path),
        OverstepAct::Raise(path) => Act::Raise(path),
    })
}

pub fn tell(shared: &Shared, event: &Event, process: &Process, profile: &Profile, act: &Act<'_>, end: OverstepEnd) {
    let refused = end != OverstepEnd::Let;
    // The kernel half may hold a pattern wider or narrower than it is written; what it did is told all the same.
    let finding = profile.finding(act, &who(process), refused).unwrap_or_else(|| unlisted(profile, act, process));
    let (action, status, detail) = match end {
        OverstepEnd::Denied => (Action::Deny, OutcomeStatus::Done, "the kernel refused it".to_owned()),
        OverstepEnd::Ended => {
            let detail = "the kernel ended the process before it could use what it had got".to_owned();
            (Action::Kill, OutcomeStatus::Done, detail)
        }
        OverstepEnd::Let => (Action::Alert, OutcomeStatus::None, "told".to_owned()),
    };
    let reasons = vec![
        Reason { engine: Some(finding.engine), text: finding.detail.clone() },
        Reason { engine: None, text: format!("the profile's mode is {}", profile.mode.name()) },
    ];
    let mode = if refused { Mode::Enforce } else { profile.mode };
    let decision = Decision { action, wanted: action, mode, tier: shared.tier, reasons };
    let judged = Judged::new(vec![finding], decision);
    shared.tell(&alerting::alert(shared, event, judged, Outcome { action, status, detail }));
}

fn unlisted(profile: &Profile, act: &Act<'_>, process: &Process) -> Finding {
    Finding {
        engine: event::Engine::Policy,
        rule_id: profile.rule_id(act),
        name: format!("{} oversteps its profile", profile.title),
        severity: profile.severity,
        techniques: vec![act.doing().technique()],
        tactics: Vec::new(),
        detail: format!(
            "{} tried to {} {act}; the kernel half refused it, since it cannot hold each pattern as it is written.",
            who(process),
            act.doing().verb()
        ),
        matched: vec![("prevention_act".into(), act.to_string())],
        asks: Some(Action::Deny),
    }
}
