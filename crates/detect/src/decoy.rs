//! Decoy files: nobody has a reason to open them, so one look is enough.

use crate::tell::{Rule, path, who};
use event::{Engine, Event, EventKind, FileOp, Finding, Process, Severity, Tactic, Technique};

pub(crate) const RULE: Rule = Rule {
    id: "behaviour.decoy-read",
    engine: Engine::Behaviour,
    name: "Decoy file was touched",
    severity: Severity::High,
    techniques: &[Technique::sub(1552, 1)],
    tactics: &[Tactic::CredentialAccess],
    asks: None,
};

pub(crate) fn observe(event: &Event, process: &Process, decoys: &[String]) -> Option<Finding> {
    let EventKind::File(file) = &event.kind else { return None };
    let touched = matches!(
        file.op,
        FileOp::OpenRead | FileOp::OpenWrite { .. } | FileOp::Rename { .. } | FileOp::Unlink | FileOp::Truncate { .. }
    );
    let name = file.op.other_path().filter(|_| matches!(file.op, FileOp::Rename { .. })).unwrap_or(&file.file.path);
    if !touched || !decoys.iter().any(|decoy| decoy == name) {
        return None;
    }
    let detail = format!("{} touched {}, which is there only to be touched by intruders.", who(process), path(name));
    Some(RULE.finding(detail, vec![("file_path", name.to_owned())]))
}
