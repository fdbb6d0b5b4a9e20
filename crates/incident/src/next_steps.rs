//! What a person would do next, each with the button that does it where there is one.

use crate::act::Act;
use crate::fact::{Fact, writes};
use crate::model::{NextStep, SuggestedAction};
use crate::ordinary::is_temporary;
use crate::sentence::say;
use crate::story::{Known, Story};
use crate::strip::{self, clock};

/// More than this nobody reads.
const STEPS: usize = 10;

pub fn propose(story: &Story) -> Vec<NextStep> {
    let mut out = Vec::new();
    if let (Some((fact, entry)), Some((_, core))) = (strip::entry(story), strip::core(story)) {
        out.push(kill(core, fact));
        out.push(hunt_process(core, fact));
        out.extend(login(entry, fact));
        out.extend(server(story, entry, fact));
    }
    out.extend(quarantine(story));
    out.extend(of_act(story, Act::Credentials).and_then(|fact| on_file("next.credentials", fact)));
    let planted = [Act::Schedule, Act::Service, Act::Persist].into_iter().filter_map(|act| of_act(story, act));
    out.extend(planted.filter_map(|fact| on_file("next.persistence", fact)));
    out.extend(of_act(story, Act::Encrypt).map(|fact| plain("next.restore", [], fact)));
    out.extend(hunt_address(story));
    if let (true, Some(fact)) = (story.stopped.is_empty(), story.gravest()) {
        out.push(plain("next.enforce", [], fact));
    }
    out.truncate(STEPS);
    out
}

fn of_act(story: &Story, act: Act) -> Option<&Fact> {
    story.facts.iter().find(|fact| fact.act == act)
}

fn plain<const N: usize>(key: &str, args: [(&'static str, String); N], fact: &Fact) -> NextStep {
    NextStep { sentence: say(key, args, [fact.alert.clone()]), action: None }
}

fn on_file(key: &str, fact: &Fact) -> Option<NextStep> {
    let file = fact.file.clone()?;
    Some(plain(key, [("file", file)], fact))
}

fn process_args(known: &Known) -> [(&'static str, String); 2] {
    [("name", known.snapshot.name.clone()), ("pid", known.snapshot.pid.to_string())]
}

fn kill(entry: &Known, fact: &Fact) -> NextStep {
    let action = SuggestedAction::KillTree { host_id: entry.host.clone(), entity_id: entry.snapshot.entity_id.clone() };
    NextStep { action: Some(action), ..plain("next.kill", process_args(entry), fact) }
}

fn hunt_process(entry: &Known, fact: &Fact) -> NextStep {
    let entity = quoted(&entry.snapshot.entity_id);
    let sql = format!(
        "SELECT timestamp, event_action, process_name, process_command_line, file_path, destination_ip FROM events \
         WHERE process_entity_id = {entity} OR process_parent_entity_id = {entity} ORDER BY timestamp LIMIT 1000"
    );
    NextStep { action: Some(SuggestedAction::Hunt { sql }), ..plain("next.hunt_process", process_args(entry), fact) }
}

fn login(entry: &Known, fact: &Fact) -> Option<NextStep> {
    let (login, session) = (entry.snapshot.login_name.clone()?, entry.snapshot.session_id?);
    Some(plain("next.login", [("login", login), ("session", session.to_string())], fact))
}

fn server(story: &Story, entry: &Known, fact: &Fact) -> Option<NextStep> {
    let above = strip::parent(story, entry)?;
    crate::role::server_kind(&above.snapshot.name)?;
    let args = [("name", above.snapshot.name.clone()), ("time", clock(fact.time, false))];
    Some(plain("next.server", args, fact))
}

/// Programs of the attack that lie where no package puts any.
fn quarantine(story: &Story) -> Vec<NextStep> {
    let mut out: Vec<NextStep> = Vec::new();
    let mut seen: Vec<(String, String)> = Vec::new();
    for fact in &story.facts {
        let run = fact.lineage.first().and_then(|entity| story.processes.get(entity)).map(|known| &known.snapshot);
        let run = run.filter(|s| s.package.is_none() && !s.fileless && is_temporary(&s.executable));
        let malware = fact.file.clone().filter(|_| fact.act == Act::Malware && writes(&fact.event_action));
        let Some(path) = malware.or_else(|| run.map(|s| s.executable.clone())) else { continue };
        let place = (fact.host.clone(), path.clone());
        if out.len() < 3 && !seen.contains(&place) {
            seen.push(place);
            let action = SuggestedAction::Quarantine { host_id: fact.host.clone(), path: path.clone() };
            out.push(NextStep { action: Some(action), ..plain("next.quarantine", [("file", path)], fact) });
        }
    }
    out
}

fn hunt_address(story: &Story) -> Option<NextStep> {
    let fact = story.facts.iter().filter(|f| f.remote.is_some()).max_by_key(|f| (f.severity, f.act.weight()))?;
    let (ip, _) = fact.remote?;
    let sql = format!(
        "SELECT host_name, process_name, min(timestamp) AS first, max(timestamp) AS last, count(*) AS events FROM events \
         WHERE destination_ip = {} GROUP BY host_name, process_name ORDER BY first LIMIT 1000",
        quoted(&ip.to_string())
    );
    let step = plain("next.hunt_address", [("remote", ip.to_string())], fact);
    Some(NextStep { action: Some(SuggestedAction::Hunt { sql }), ..step })
}

/// A SQL string literal; quotes doubled. The planner refuses what is no query, this keeps ours correct.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
