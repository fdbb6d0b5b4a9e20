//! The incident desk: each alert that comes in is given to its incident, both are stored, and open pages are told. One alert
//! at a time, since the next may belong to the incident that this one opens.
//!
//! An alert is durable, with its incident's id, before [`Desk::take`] returns. The incident's own record is told anew from its
//! alerts in the same transaction while it is small; a large one at most every [`RETELL`], by [`Desk::retell`], since telling a
//! thousand alerts anew for each of a storm would hold up all that come after. What a kill leaves untold is told at the start.

use crate::live::Live;
use crate::views::{alert_summary, disposition_name, incident_summary, status_name};
use crate::{buckets::Buckets, clock};
use console_api::{Disposition, IncidentStatus, IncidentSummary, StreamEvent};
use event::{Alert, IncidentId, TenantId, Timestamp};
use incident::{Correlator, Incident, Limits};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};
use store::{AlertFilter, AlertRecord, ControlError, ControlStore, IncidentFilter, IncidentRecord};

/// Incidents whose summaries are kept at hand for lists.
const SUMMARIES: usize = 20_000;
/// Incidents, and alerts of each, that are fed to the correlator again at a start.
const REPLAYED: usize = 500;
const REPLAYED_ALERTS: usize = 2_000;
/// Alerts of an incident that is told anew with each.
const SMALL: u64 = 40;
/// How often a large one is.
pub const RETELL: Duration = Duration::from_millis(400);
/// Quiet for longer than this, an incident is not taken up again.
const STALE: i64 = 7 * 86_400 * clock::SECOND;

pub struct Desk {
    control: ControlStore,
    tenant: TenantId,
    correlator: tokio::sync::Mutex<Correlator>,
    /// Alerts of each live incident, and large incidents that are to be told anew.
    sizes: parking_lot::Mutex<HashMap<String, u64>>,
    untold: parking_lot::Mutex<BTreeSet<String>>,
    /// When each incident first and last changed, until it is looked into.
    changed: parking_lot::Mutex<HashMap<String, (Instant, Instant)>>,
    pub summaries: parking_lot::RwLock<BTreeMap<u64, IncidentSummary>>,
    pub buckets: Buckets,
}

#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("incident {id} cannot be written or read as JSON: {error}")]
    Json { id: String, error: serde_json::Error },
    #[error("incident {0} is not there")]
    Unknown(String),
}

impl Desk {
    /// Takes up where the last run ended.
    pub async fn open(control: ControlStore, tenant: TenantId, now: Timestamp) -> Result<Desk, DeskError> {
        let next = control.next_incident_id().await?;
        let mut correlator = Correlator::new(Limits::default(), incident::number(&next).unwrap_or(1));
        let records = stored_incidents(&control, &tenant).await?;
        let mut summaries = BTreeMap::new();
        let (mut replayed, mut sizes, mut untold) = (0, HashMap::new(), BTreeSet::new());
        let mut changed = HashMap::new();
        for record in &records {
            let incident = parse(record)?;
            summaries.extend(incident::number(&record.id).map(|number| (number, incident_summary(&incident))));
            let live = incident.status != IncidentStatus::Resolved && now.since(record.last_seen) < STALE;
            if live && replayed < REPLAYED {
                replayed += 1;
                replay(&control, &tenant, &mut correlator, &incident).await?;
                sizes.insert(incident.id.clone(), incident.alert_count);
                changed.insert(incident.id.clone(), (Instant::now(), Instant::now()));
                let told = correlator.incident(&record.id);
                if told.is_some_and(|told| told.alert_count > incident.alert_count) {
                    untold.insert(incident.id);
                }
            }
        }
        let buckets = Buckets::default();
        fill_buckets(&control, &tenant, &buckets, now).await?;
        Ok(Desk {
            control,
            tenant,
            correlator: tokio::sync::Mutex::new(correlator),
            sizes: parking_lot::Mutex::new(sizes),
            untold: parking_lot::Mutex::new(untold),
            changed: parking_lot::Mutex::new(changed),
            summaries: parking_lot::RwLock::new(summaries),
            buckets,
        })
    }

    /// Durable when it returns. False when the alert was there before.
    pub async fn take(&self, alert: &Alert, live: &Live) -> Result<bool, DeskError> {
        let mut correlator = self.correlator.lock().await;
        if self.control.alert(&self.tenant, &alert.id).await?.is_some() {
            return Ok(false);
        }
        let received = clock::now();
        let joined = correlator.observe(alert);
        if joined.join == incident::Join::New {
            // Keeps the stored counter ahead of the numbers given, for the next start.
            self.control.next_incident_id().await?;
        }
        // When storing fails the alert comes again, and the correlator knows it by its id.
        let told = match self.count(&joined.incident) <= SMALL {
            true => {
                let incident = correlator.incident(&joined.incident);
                let incident = incident.ok_or_else(|| DeskError::Unknown(joined.incident.0.clone()))?;
                self.control.record_alert(alert, Some(&self.record(&incident)?), received).await?;
                Some(incident)
            }
            false => {
                self.control.record_alert_of(alert, &joined.incident, received).await?;
                self.untold.lock().insert(joined.incident.0.clone());
                None
            }
        };
        drop(correlator);
        self.buckets.count(alert, received);
        let incident = Some(joined.incident);
        let alert = AlertRecord { alert: alert.clone(), incident, received, suppression: None };
        live.send(StreamEvent::Alert(alert_summary(&alert)));
        if let Some(incident) = told {
            self.publish(&incident, live);
        }
        Ok(true)
    }

    /// Keeps an alert that a suppression silences. False when the alert was there before.
    pub async fn silence(&self, alert: &Alert, suppression: &str, live: &Live) -> Result<bool, DeskError> {
        let received = clock::now();
        if !self.control.record_suppressed(alert, suppression, received).await? {
            return Ok(false);
        }
        let suppression = Some(suppression.to_owned());
        let record = AlertRecord { alert: alert.clone(), incident: None, received, suppression };
        live.send(StreamEvent::Alert(alert_summary(&record)));
        Ok(true)
    }

    fn count(&self, id: &IncidentId) -> u64 {
        let mut sizes = self.sizes.lock();
        if sizes.len() > SUMMARIES {
            sizes.clear();
        }
        let size = sizes.entry(id.0.clone()).or_default();
        *size += 1;
        *size
    }

    /// Tells anew what had alerts since it was told last. What cannot be stored stays to be told.
    pub async fn retell(&self, live: &Live) -> Result<(), DeskError> {
        let untold = std::mem::take(&mut *self.untold.lock());
        for id in untold {
            let correlator = self.correlator.lock().await;
            let Some(incident) = correlator.incident(&IncidentId(id.clone())) else { continue };
            if let Err(error) = self.control.put_incident(&self.record(&incident)?).await {
                self.untold.lock().insert(id);
                return Err(error.into());
            }
            drop(correlator);
            self.publish(&incident, live);
        }
        Ok(())
    }

    pub async fn update(
        &self,
        id: &IncidentId,
        status: Option<IncidentStatus>,
        disposition: Option<Disposition>,
        reason: String,
        live: &Live,
    ) -> Result<Incident, DeskError> {
        let mut correlator = self.correlator.lock().await;
        let mut incident = self.load(id).await?.ok_or_else(|| DeskError::Unknown(id.0.clone()))?;
        incident.status = status.unwrap_or(incident.status);
        incident.disposition = disposition.or(incident.disposition);
        incident.status_reason = Some(reason.clone());
        let now = clock::now();
        incident.updated = now.into();
        self.control.put_incident(&self.record(&incident)?).await?;
        correlator.set_status(id, incident.status, incident.disposition, Some(reason), now);
        drop(correlator);
        self.publish(&incident, live);
        Ok(incident)
    }

    pub async fn load(&self, id: &IncidentId) -> Result<Option<Incident>, DeskError> {
        let record = self.control.incident(&self.tenant, id).await?;
        record.as_ref().map(parse).transpose()
    }

    fn record(&self, incident: &Incident) -> Result<IncidentRecord, DeskError> {
        let json =
            serde_json::to_string(incident).map_err(|error| DeskError::Json { id: incident.id.clone(), error })?;
        Ok(IncidentRecord {
            id: IncidentId(incident.id.clone()),
            tenant: self.tenant.clone(),
            title: incident.title.text.en.clone(),
            status: status_name(incident.status).into(),
            severity: incident.severity,
            disposition: incident.disposition.map(|disposition| disposition_name(disposition).to_owned()),
            first_seen: incident.first.0,
            last_seen: incident.last.0,
            updated: incident.updated.0,
            json,
        })
    }

    /// Incidents that nothing came to for so long since they changed, and those that have gone on changing for twelve times as
    /// long; each is given once a change.
    pub fn settled(&self, rest: Duration) -> Vec<String> {
        let mut changed = self.changed.lock();
        let is_settled = |(first, last): &(Instant, Instant)| last.elapsed() >= rest || first.elapsed() >= rest * 12;
        let mut settled: Vec<String> =
            changed.iter().filter(|(_, times)| is_settled(times)).map(|(id, _)| id.clone()).collect();
        settled.sort();
        for id in &settled {
            changed.remove(id);
        }
        settled
    }

    fn publish(&self, incident: &Incident, live: &Live) {
        let mut changed = self.changed.lock();
        // More than a list shows at once: the next change brings it back.
        if changed.len() < SUMMARIES || changed.contains_key(&incident.id) {
            let now = Instant::now();
            changed.entry(incident.id.clone()).or_insert((now, now)).1 = now;
        }
        drop(changed);
        let summary = incident_summary(incident);
        if let Some(number) = incident::number(&IncidentId(incident.id.clone())) {
            let mut summaries = self.summaries.write();
            summaries.insert(number, summary.clone());
            while summaries.len() > SUMMARIES {
                summaries.pop_first();
            }
        }
        live.send(StreamEvent::Incident(summary));
    }
}

fn parse(record: &IncidentRecord) -> Result<Incident, DeskError> {
    serde_json::from_str(&record.json).map_err(|error| DeskError::Json { id: record.id.0.clone(), error })
}

async fn stored_incidents(control: &ControlStore, tenant: &TenantId) -> Result<Vec<IncidentRecord>, DeskError> {
    let mut out: Vec<IncidentRecord> = Vec::new();
    loop {
        let before = out.last().map(|record| (record.last_seen, record.id.clone()));
        let filter = IncidentFilter { tenant: tenant.clone(), before, limit: 1_000, ..IncidentFilter::default() };
        let page = control.incidents(&filter).await?;
        let last = page.len() < 1_000;
        out.extend(page);
        if last || out.len() >= SUMMARIES {
            return Ok(out);
        }
    }
}

async fn replay(
    control: &ControlStore,
    tenant: &TenantId,
    correlator: &mut Correlator,
    incident: &Incident,
) -> Result<(), DeskError> {
    let id = IncidentId(incident.id.clone());
    let mut alerts: Vec<AlertRecord> = Vec::new();
    loop {
        let before = alerts.last().map(|record| (record.alert.time, record.alert.id.clone()));
        let filter = AlertFilter {
            tenant: tenant.clone(),
            incident: Some(id.clone()),
            before,
            limit: 1_000,
            ..AlertFilter::default()
        };
        let page = control.alerts(&filter).await?;
        let last = page.len() < 1_000;
        alerts.extend(page);
        if last || alerts.len() >= REPLAYED_ALERTS {
            break;
        }
    }
    alerts.iter().rev().for_each(|record| correlator.replay(&id, &record.alert));
    let reason = incident.status_reason.clone();
    correlator.set_status(&id, incident.status, incident.disposition, reason, incident.updated.0);
    Ok(())
}

async fn fill_buckets(
    control: &ControlStore,
    tenant: &TenantId,
    buckets: &Buckets,
    now: Timestamp,
) -> Result<(), DeskError> {
    let since = Some(now.plus_nanos(-24 * 3_600 * clock::SECOND));
    let mut before = None;
    for _ in 0..50 {
        let filter = AlertFilter { tenant: tenant.clone(), since, before, limit: 1_000, ..AlertFilter::default() };
        let page = control.alerts(&filter).await?;
        page.iter().for_each(|record| buckets.count(&record.alert, now));
        before = page.last().map(|record| (record.alert.time, record.alert.id.clone()));
        if page.len() < 1_000 {
            break;
        }
    }
    Ok(())
}
