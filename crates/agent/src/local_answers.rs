//! What the local socket answers to each request.

use crate::local::{Answer, Request};
use crate::shared::Shared;
use crate::{actions, baselines, bundle, integrity, lockdown, policy, prevention, recovery, simulation, status};
use serde_json::json;
use std::sync::Arc;

pub fn answer(shared: Arc<Shared>) -> Arc<Answer> {
    Arc::new(move |request, pid| {
        Ok(match request {
            // `local` streams that one itself.
            Request::Follow => json!({ "error": "not a question" }),
            Request::Status => status::document(&shared),
            Request::PolicyShow => json!({ "policy": shared.policy_text.lock().clone() }),
            Request::PolicyApply { name, policy } => {
                policy::apply(&shared, &name, &policy)?;
                json!({ "applied": name })
            }
            Request::QuarantineList => json!({ "items": actions::vault_items(&shared)? }),
            Request::QuarantineAdd { path, reason } => actions::quarantine(&shared, &path, &reason, "command line")?,
            Request::RollbackList => recovery::list(&shared),
            Request::RollBack { trees, preview } => recovery::roll_back(&shared, &trees, preview, "command line")?,
            Request::IntegrityBaseline => integrity::baseline(&shared)?,
            Request::IntegrityAccept { paths } => integrity::accept(&shared, &paths)?,
            Request::IntegrityTry { tree } => integrity::try_tree(&shared, tree)?,
            Request::Baselines { asked } => baselines::show(&shared, asked)?,
            Request::BaselinesReset => baselines::reset(&shared)?,
            Request::QuarantineBundle { id, output } => {
                bundle::write(&shared, &id, &output)?;
                json!({ "path": output, "passphrase": bundle::PASSPHRASE })
            }
            Request::PolicyExplain { path, process, policy } => {
                let given = policy.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
                simulation::explained(&shared, given, &path, process.as_deref())?
            }
            Request::PolicyExplainAddress { address, process, policy } => {
                let given = policy.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
                simulation::explained_address(&shared, given, address, process.as_deref())?
            }
            Request::PolicyLearn { ask } => prevention::obey(&shared, ask)?,
            Request::PolicySimulate { name, policy, past, acts } => {
                simulation::simulate(&shared, &name, &policy, past, acts)?
            }
            Request::Lockdown { ask } => lockdown::obey(&shared, ask, pid)?,
            Request::QuarantineRestore { id } => json!({ "path": actions::restore(&shared, &id)? }),
        })
    })
}
