//! Alerts, whole as JSON, with the fields that lists are cut by beside it.

use super::{ControlError, ControlStore, IncidentRecord, Result, incidents};
use event::{Alert, AlertId, HostId, IncidentId, Severity, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRecord {
    pub alert: Alert,
    pub incident: Option<IncidentId>,
    pub received: Timestamp,
    /// Id of the suppression that silenced it.
    #[serde(default)]
    pub suppression: Option<String>,
}

/// Newest first; `before` is the last one of the page before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertFilter {
    pub tenant: TenantId,
    pub before: Option<(Timestamp, AlertId)>,
    /// Inclusive.
    pub since: Option<Timestamp>,
    pub host: Option<HostId>,
    pub incident: Option<IncidentId>,
    pub at_least: Option<Severity>,
    /// 0 means 100; at most 1,000.
    pub limit: usize,
}

impl ControlStore {
    /// Keeps an alert and the incident that it made or changed, in one transaction. False, and nothing is changed, when the
    /// alert was kept before.
    pub async fn record_alert(
        &self,
        alert: &Alert,
        incident: Option<&IncidentRecord>,
        received: Timestamp,
    ) -> Result<bool> {
        self.keep_alert(alert, incident.map(|i| &i.id), incident, received, None).await
    }

    /// Keeps an alert of an incident whose own record is written later: in a storm that would be written a thousand times.
    pub async fn record_alert_of(&self, alert: &Alert, incident: &IncidentId, received: Timestamp) -> Result<bool> {
        self.keep_alert(alert, Some(incident), None, received, None).await
    }

    /// Keeps an alert that a suppression silenced: it joins no incident.
    pub async fn record_suppressed(&self, alert: &Alert, suppression: &str, received: Timestamp) -> Result<bool> {
        self.keep_alert(alert, None, None, received, Some(suppression)).await
    }

    async fn keep_alert(
        &self,
        alert: &Alert,
        id: Option<&IncidentId>,
        incident: Option<&IncidentRecord>,
        received: Timestamp,
        suppression: Option<&str>,
    ) -> Result<bool> {
        let json = serde_json::to_string(alert).map_err(|e| ControlError::damaged("an alert", e))?;
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO alerts (tenant, id, time, received, severity, host, incident, title, json, suppression) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, id) DO NOTHING";
        let done = sqlx::query(sql)
            .bind(alert.tenant.as_str())
            .bind(alert.id.as_str())
            .bind(alert.time.nanos())
            .bind(received.nanos())
            .bind(severity_number(alert.severity))
            .bind(alert.host.as_str())
            .bind(id.map(IncidentId::as_str))
            .bind(&alert.title)
            .bind(json)
            .bind(suppression)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        for finding in &alert.findings {
            let sql = "INSERT INTO alert_rules (tenant, rule, alert, title) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (tenant, rule, alert) DO NOTHING";
            sqlx::query(sql)
                .bind(alert.tenant.as_str())
                .bind(finding.rule_id.as_str())
                .bind(alert.id.as_str())
                .bind(&finding.name)
                .execute(&mut *tx)
                .await?;
        }
        if let Some(incident) = incident {
            incidents::put(&mut tx, incident).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    pub async fn alert(&self, tenant: &TenantId, id: &AlertId) -> Result<Option<AlertRecord>> {
        let sql = "SELECT json, incident, received, suppression FROM alerts WHERE tenant = $1 AND id = $2";
        let row = sqlx::query(sql).bind(tenant.as_str()).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    pub async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRecord>> {
        let limit = if filter.limit == 0 { 100 } else { filter.limit.min(1_000) };
        self.select_alerts(filter, limit).await
    }

    /// For hunts: the newest, without the page's bound.
    pub(crate) async fn newest_alerts(&self, tenant: &TenantId, limit: usize) -> Result<Vec<AlertRecord>> {
        self.select_alerts(&AlertFilter { tenant: tenant.clone(), ..AlertFilter::default() }, limit).await
    }

    async fn select_alerts(&self, filter: &AlertFilter, limit: usize) -> Result<Vec<AlertRecord>> {
        let mut sql =
            QueryBuilder::<Sqlite>::new("SELECT json, incident, received, suppression FROM alerts WHERE tenant = ");
        sql.push_bind(filter.tenant.as_str());
        if let Some((time, id)) = &filter.before {
            sql.push(" AND (time < ").push_bind(time.nanos()).push(" OR (time = ").push_bind(time.nanos());
            sql.push(" AND id < ").push_bind(id.as_str()).push("))");
        }
        if let Some(since) = filter.since {
            sql.push(" AND time >= ").push_bind(since.nanos());
        }
        if let Some(host) = &filter.host {
            sql.push(" AND host = ").push_bind(host.as_str());
        }
        if let Some(incident) = &filter.incident {
            sql.push(" AND incident = ").push_bind(incident.as_str());
        }
        if let Some(severity) = filter.at_least {
            sql.push(" AND severity >= ").push_bind(severity_number(severity));
        }
        sql.push(" ORDER BY time DESC, id DESC LIMIT ").push_bind(limit as i64);
        sql.build().fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// How many of each severity since a time.
    pub async fn count_alerts(&self, tenant: &TenantId, since: Timestamp) -> Result<BTreeMap<Severity, u64>> {
        let sql = "SELECT severity, COUNT(*) AS n FROM alerts WHERE tenant = $1 AND time >= $2 GROUP BY severity";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(since.nanos()).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let count: i64 = row.try_get("n")?;
                Ok((severity_of(row.try_get("severity")?)?, count as u64))
            })
            .collect()
    }
}

pub(super) fn severity_number(severity: Severity) -> i64 {
    severity as i64
}

pub(super) fn severity_of(number: i64) -> Result<Severity> {
    let found = usize::try_from(number).ok().and_then(|n| Severity::ALL.get(n).copied());
    found.ok_or_else(|| ControlError::damaged("a severity", number))
}

fn read(row: &SqliteRow) -> Result<AlertRecord> {
    let json: String = row.try_get("json")?;
    Ok(AlertRecord {
        alert: serde_json::from_str(&json).map_err(|e| ControlError::damaged("an alert", e))?,
        incident: row.try_get::<Option<String>, _>("incident")?.map(IncidentId),
        received: Timestamp(row.try_get("received")?),
        suppression: row.try_get("suppression")?,
    })
}
