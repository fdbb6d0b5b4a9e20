//! What a person would do next, each with the button that does it where there is one.

use crate::act::Act;
use crate::fact::{Fact, writes};
use crate::model::{NextStep, SuggestedAction};
use crate::ordinary::is_temporary;
use crate::sentence::say;
use crate::story::{Known, Story};
use crate::strip::{self, clock};
use event::Mode;

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
    out.extend(from_outside(story));
    out.extend(quarantine(story));
    out.extend(of_act(story, Act::Credentials).and_then(|fact| on_file("next.credentials", fact)));
    let planted = [Act::Schedule, Act::Service, Act::Persist, Act::BackDoor, Act::WebShell]
        .into_iter()
        .filter_map(|act| of_act(story, act));
    out.extend(planted.filter_map(|fact| on_file("next.persistence", fact)));
    let lost = [Act::Encrypt, Act::Destroy].into_iter().find_map(|act| of_act(story, act));
    out.extend(lost.map(|fact| plain("next.restore", [], fact)));
    out.extend(of_act(story, Act::Recovery).map(|fact| plain("next.backups", [], fact)));
    out.extend(hunt_address(story));
    let held = story.facts.iter().filter(|fact| fact.asks_for_a_stop() && fact.mode != Mode::Enforce);
    if let Some(fact) = held.max_by_key(|fact| fact.severity).filter(|_| story.stopped.is_empty()) {
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

/// What an address tried on this host, and whose password it may know.
fn from_outside(story: &Story) -> Vec<NextStep> {
    let mut out = Vec::new();
    let attacks = || story.facts.iter().filter(|fact| fact.is_from_outside());
    if let Some((fact, ip)) = attacks().find_map(|fact| Some((fact, fact.source?))) {
        let source = ip.to_string();
        let sql = format!(
            "SELECT host_name, event_action, user_name, event_outcome, min(timestamp) AS first, max(timestamp) AS last, \
             count(*) AS events FROM events WHERE source_ip = {} GROUP BY host_name, event_action, user_name, \
             event_outcome ORDER BY first LIMIT 1000",
            quoted(&source)
        );
        let step = plain("next.hunt_source", [("source", source)], fact);
        out.push(NextStep { action: Some(SuggestedAction::Hunt { sql }), ..step });
    }
    if let Some(fact) = attacks().find(|fact| fact.act == Act::LogIn && !fact.accounts.is_empty()) {
        let accounts = strip::list(fact.accounts.iter().cloned(), 5);
        out.push(plain("next.password", [("accounts", accounts)], fact));
    }
    out
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
