//! The link to the node as the agent uses it: what it says of itself, and the commands it obeys.

use crate::actions;
use crate::baselines;
use crate::collect;
use crate::enrolment;
use crate::lockdown;
use crate::policy;
use crate::recovery;
use crate::restoring;
use crate::rule_files;
use crate::scan_jobs;
use crate::shared::Shared;
use crate::simulation;
use crate::status;
use anyhow::{Context as _, Result};
use event::{HostFacts, ProcessSnapshot};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use transport::{Client, ClientConfig, LinkState};
use wire::{Command, CommandBody, CommandResult, CommandStatus};

/// None when this host is not enrolled; it is protected all the same.
pub fn start(shared: &Arc<Shared>) -> Result<Option<Client>> {
    let Some((identity, node)) = enrolment::enrolled(&shared.place)? else {
        return Ok(None);
    };
    let identity = enrolment::renewed(shared, identity, &node);
    let host = Obedient(Arc::clone(shared));
    Ok(Some(Client::start(ClientConfig::new(node), identity, Arc::clone(&shared.spool), host)?))
}

/// Keeps what `status` shows of the link.
pub fn describe(shared: &Shared, client: Option<&Client>) {
    let Some(client) = client else { return };
    let link = client.status();
    let words = match (link.state, &link.error) {
        (LinkState::Connected, _) => format!("connected (node {})", link.node_version),
        (LinkState::Connecting, None) => "connecting".to_owned(),
        (LinkState::Stopped, None) => "stopped".to_owned(),
        (_, Some(error)) => format!("not connected: {error}"),
        (LinkState::Waiting, None) => "not connected".to_owned(),
    };
    *shared.uplink.lock() = words;
}

struct Obedient(Arc<Shared>);

impl transport::Host for Obedient {
    fn facts(&self) -> HostFacts {
        status::facts(&self.0)
    }

    fn policy_version(&self) -> u64 {
        self.0.policy_version.load(Ordering::Acquire)
    }

    fn obey(&self, command: Command) -> CommandResult {
        let now = crate::pipeline::now();
        tracing::info!(command = %command.id, by = %command.issued_by, reason = %command.reason, "command");
        let (status, detail, json) = if command.is_expired(now) {
            (CommandStatus::Expired, "it came after its time".to_owned(), String::new())
        } else {
            match obey(&self.0, &command) {
                Ok((status, detail, json)) => (status, detail, json),
                Err(error) => (CommandStatus::Failed, format!("{error:#}"), String::new()),
            }
        };
        CommandResult { id: command.id, status, detail, json, time: crate::pipeline::now() }
    }
}

type Obeyed = (CommandStatus, String, String);

fn obey(shared: &Arc<Shared>, command: &Command) -> Result<Obeyed> {
    let done = |detail: String| (CommandStatus::Done, detail, String::new());
    let told = |json: serde_json::Value| Ok((CommandStatus::Done, "told".to_owned(), json.to_string()));
    match &command.body {
        CommandBody::Ping => Ok(done("here".into())),
        CommandBody::CollectProcesses => {
            let living = shared.enricher.living();
            let processes: Vec<serde_json::Value> = living.iter().map(|process| live(process)).collect();
            let json = serde_json::to_string(&processes)?;
            Ok((CommandStatus::Done, format!("{} processes", processes.len()), json))
        }
        CommandBody::KillTree { entity_id, pid, start_ticks } => {
            actions::kill_by_command(shared, entity_id, *pid, *start_ticks)
        }
        CommandBody::Quarantine { path, sha256, .. } => {
            actions::quarantine_by_command(shared, path, sha256.as_deref(), command)
        }
        CommandBody::Restore { item } => {
            let path = actions::restore(shared, item)?;
            Ok(done(format!("{path} is back")))
        }
        CommandBody::RollBack { trees, preview } => {
            let report = recovery::roll_back(shared, trees, *preview, &command.issued_by)?;
            Ok((CommandStatus::Done, "rolled back".into(), report.to_string()))
        }
        CommandBody::ListRollback => told(recovery::list(shared)),
        CommandBody::CollectStatus => told(status::document(shared)),
        CommandBody::ShowPolicy => told(policy::shown(shared)),
        CommandBody::SimulatePolicy { toml, past, acts } => {
            let past = serde_json::from_str(past).context("what ran cannot be read")?;
            let acts = acts.as_deref().map(serde_json::from_str).transpose().context("what was done cannot be read")?;
            told(simulation::simulate(shared, "policy", toml, Some(past), acts)?)
        }
        CommandBody::AskLockdown { ask } => told(lockdown::obey_node(shared, ask, &command.issued_by)?),
        CommandBody::StartScan { paths } => {
            scan_jobs::order(shared, command.id.as_str(), paths, &command.issued_by, &command.reason)?;
            Ok(done("the scan is ordered".into()))
        }
        CommandBody::StopScan { job } => {
            shared.scan_jobs.stop(job)?;
            Ok(done("the scan ends".into()))
        }
        CommandBody::ListScans => Ok((CommandStatus::Done, "listed".into(), shared.scan_jobs.list()?)),
        CommandBody::PreviewRestore { item } => told(restoring::preview(shared, item)?),
        CommandBody::ListRules => told(rule_files::list(shared)),
        CommandBody::SetQuiet { quiet } => match shared.quieting.set(quiet) {
            Ok(held) => Ok(done(format!("{held} suppressions are held"))),
            Err(error) => Ok((CommandStatus::Refused, format!("{error:#}"), String::new())),
        },
        CommandBody::Collect(order) => collect::obey(shared, order),
        CommandBody::CollectBaselines { asked } => {
            let asked = serde_json::from_str(asked).context("not a question about what is normal")?;
            Ok((CommandStatus::Done, "collected".into(), baselines::show(shared, asked)?.to_string()))
        }
        CommandBody::ListQuarantine => {
            let items = actions::vault_items(shared)?;
            Ok((CommandStatus::Done, "listed".into(), serde_json::to_string(&items)?))
        }
        CommandBody::SetPolicy { version, toml } => match policy::apply(shared, "the node's policy", toml) {
            Ok(()) => {
                shared.policy_version.store(*version, Ordering::Release);
                Ok(done(format!("policy {version} is in force")))
            }
            Err(error) => Ok((CommandStatus::Refused, format!("{error:#}"), String::new())),
        },
    }
}

/// As the console's process tree shows it.
fn live(process: &event::Process) -> serde_json::Value {
    let snapshot = ProcessSnapshot::from(process);
    let parent = process.parent;
    serde_json::json!({
        "pid": snapshot.pid,
        "parent_pid": parent.map_or(0, |key| key.tgid),
        "entity_id": snapshot.entity_id,
        "parent_entity_id": parent.map(|key| key.entity_id()),
        "name": snapshot.name,
        "executable": snapshot.executable,
        "command_line": event::text::clip(&snapshot.command_line, 1024),
        "user_id": snapshot.user_id,
        "user": snapshot.user_name,
        "started": snapshot.started.to_string(),
        "unit": snapshot.unit,
        "container_id": snapshot.container_id,
        "container_image": snapshot.container_image,
        "sha256": snapshot.sha256,
        "package": snapshot.package,
        "fileless": snapshot.fileless,
    })
}
