//! The root-cause path: from the process of the gravest alert towards the root, to the first link out of the ordinary, and
//! one ordinary link more so that the reader sees out of what the attack came. Shown from the root down.

use crate::fact::{paths_run, writes};
use crate::model::{EdgeKind, PathStep};
use crate::story::Story;
use crate::strip;

/// Longest path shown.
const STEPS: usize = 40;

pub fn root_cause(story: &Story) -> Vec<PathStep> {
    let Some(gravest) = story.gravest_traced() else { return Vec::new() };
    let mut steps = chain(story, &gravest.lineage, gravest.entry);
    // The entry ran a file that another line of this attack wrote: the cause lies there.
    let entry = gravest.lineage.get(gravest.entry);
    if let Some(writer) = entry.and_then(|entity| writer_of(story, entity)) {
        let mut before = chain(story, &writer.lineage, writer.entry);
        steps.retain(|step| !step.ordinary);
        if let Some(first) = steps.first_mut() {
            first.relation = Some(EdgeKind::WroteThenRan);
        }
        before.append(&mut steps);
        steps = before;
    }
    steps.truncate(STEPS);
    steps
}

fn chain(story: &Story, lineage: &[String], entry: usize) -> Vec<PathStep> {
    let from = (entry + 1).min(lineage.len().saturating_sub(1));
    let mut out: Vec<PathStep> = Vec::new();
    for (index, entity) in lineage.iter().enumerate().take(from + 1).rev() {
        let Some(known) = story.processes.get(entity) else { continue };
        let alerts: Vec<String> = story
            .facts
            .iter()
            .filter(|fact| fact.lineage.first() == Some(entity))
            .map(|fact| fact.alert.clone())
            .collect();
        let acted = !alerts.is_empty() || index <= entry;
        out.push(PathStep {
            node: entity.clone(),
            relation: (!out.is_empty()).then_some(EdgeKind::Started),
            name: known.snapshot.name.clone(),
            executable: known.snapshot.executable.clone(),
            command_line: known.snapshot.command_line.clone(),
            ordinary: known.judgement.ordinary() && !acted,
            reason: strip::reason(story, known, acted, alerts.iter().take(3).cloned()),
            alerts,
        });
    }
    out
}

/// The fact of another line that wrote what this process runs, before it ran.
fn writer_of<'a>(story: &'a Story, entity: &str) -> Option<&'a crate::fact::Fact> {
    let known = story.processes.get(entity)?;
    let runs = paths_run(&known.snapshot);
    story.facts.iter().find(|fact| {
        writes(&fact.event_action)
            && fact.host == known.host
            && fact.file.as_deref().is_some_and(|file| runs.contains(&file))
            && !fact.lineage.iter().any(|other| other == entity)
    })
}
