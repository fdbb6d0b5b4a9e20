//! Suppressions at work: held in memory for every alert that comes, kept in the control store, their hits written now and then.
//! What is silenced is stored and counted, and joins no incident. Hosts hold the same list (`quieting`).

use crate::desk::DeskError;
use crate::node::Node;
use crate::{clock, quieting, secret};
use console_api::{Suppression, SuppressionState};
use event::quiet::{HELD_LABEL, QUIET_LABEL};
use event::{Alert, IncidentId, TenantId, Timestamp};
use incident::tuning::{covers, propose};
use parking_lot::RwLock;
use std::collections::BTreeSet;
use store::{AlertFilter, ControlError, ControlStore};

/// Kept in all, removed and expired ones too.
const MOST: usize = 10_000;
/// Alerts of a case that its proposals are made of.
const ALERTS: usize = 1_000;

#[derive(Default)]
pub struct Tuning {
    all: RwLock<Vec<Suppression>>,
    /// Whose hits are not in the control store yet.
    hit: parking_lot::Mutex<BTreeSet<String>>,
}

#[derive(Debug, thiserror::Error)]
pub enum TuningError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("a suppression cannot be written or read as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("there are {MOST} suppressions already")]
    Full,
}

impl Tuning {
    pub async fn open(control: &ControlStore, tenant: &TenantId) -> Result<Tuning, TuningError> {
        let kept = control.suppressions(tenant).await?;
        let all: Vec<Suppression> = kept.iter().map(|json| serde_json::from_str(json)).collect::<Result<_, _>>()?;
        Ok(Tuning { all: RwLock::new(all), hit: parking_lot::Mutex::default() })
    }

    /// To the incident desk, or to the silenced. Durable when it returns; false when the alert was there before.
    pub async fn give(&self, node: &Node, alert: &Alert) -> Result<bool, DeskError> {
        let now = clock::now();
        let label = |name: &str| alert.event.labels.contains_key(name);
        // The host tells a stop that was held back aloud, now and then: so does the node.
        let aloud = label(HELD_LABEL) && !label(QUIET_LABEL);
        let covered = covers(&self.all.read(), alert, now).filter(|_| !aloud).map(|one| one.id.clone());
        let Some(id) = covered else {
            return node.desk.take(alert, &node.live).await;
        };
        let new = node.desk.silence(alert, &id, &node.live).await?;
        if new {
            self.count(&id, alert.time);
        }
        Ok(new)
    }

    fn count(&self, id: &str, time: Timestamp) {
        if let Some(one) = self.all.write().iter_mut().find(|one| one.id == id) {
            one.hits += 1;
            one.last_hit = one.last_hit.max(Some(time.into()));
        }
        self.hit.lock().insert(id.to_owned());
    }

    /// Called now and then: writes what was counted.
    pub async fn keep(&self, node: &Node) -> Result<(), TuningError> {
        let hit = std::mem::take(&mut *self.hit.lock());
        for id in hit {
            if let Some(one) = self.get(&id) {
                let written = write(node, &one).await;
                if written.is_err() {
                    self.hit.lock().insert(id);
                    return written;
                }
            }
        }
        Ok(())
    }

    /// Newest first.
    pub fn all(&self) -> Vec<Suppression> {
        let mut all = self.all.read().clone();
        all.sort_by_key(|one| std::cmp::Reverse((one.created, one.id.clone())));
        all
    }

    pub fn get(&self, id: &str) -> Option<Suppression> {
        self.all.read().iter().find(|one| one.id == id).cloned()
    }

    /// Creates or replaces: durable, then in force.
    pub async fn put(&self, node: &Node, one: Suppression) -> Result<(), TuningError> {
        if self.all.read().len() >= MOST && self.get(&one.id).is_none() {
            return Err(TuningError::Full);
        }
        write(node, &one).await?;
        let proposed = one.state == SuppressionState::Proposed;
        {
            let mut all = self.all.write();
            match all.iter_mut().find(|known| known.id == one.id) {
                Some(known) => *known = one,
                None => all.push(one),
            }
        }
        if !proposed {
            quieting::spread(node);
        }
        Ok(())
    }

    /// What a case that was closed as harmless teaches: kept as proposals, those that say what is there already left out.
    pub async fn learn(
        &self,
        node: &Node,
        incident: &console_api::Incident,
        reason: &str,
        by: &str,
    ) -> Result<(), TuningError> {
        let filter = AlertFilter {
            tenant: node.tenant.clone(),
            incident: Some(IncidentId(incident.id.clone())),
            limit: ALERTS,
            ..AlertFilter::default()
        };
        let alerts: Vec<Alert> = node.control.alerts(&filter).await?.into_iter().map(|record| record.alert).collect();
        let now = clock::now();
        for proposal in propose(incident, &alerts, reason, by, now, secret::draw_id) {
            let known = |one: &Suppression| {
                one.same_scope(&proposal) && (one.is_active(now) || one.state == SuppressionState::Proposed)
            };
            if !self.all.read().iter().any(known) {
                self.put(node, proposal).await?;
            }
        }
        Ok(())
    }
}

async fn write(node: &Node, one: &Suppression) -> Result<(), TuningError> {
    let state = match one.state {
        SuppressionState::Proposed => "proposed",
        SuppressionState::Active => "active",
        SuppressionState::Removed => "removed",
    };
    let json = serde_json::to_string(one)?;
    Ok(node.control.put_suppression(&node.tenant, &one.id, state, &json).await?)
}
