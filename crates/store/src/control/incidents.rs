//! Incidents: the correlator's JSON, kept whole, with the fields that lists are cut and sorted by beside it.

use super::alerts::{severity_number, severity_of};
use super::{ControlStore, Result, open};
use event::{IncidentId, Severity, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

#[derive(Clone, Debug, PartialEq)]
pub struct IncidentRecord {
    pub id: IncidentId,
    pub tenant: TenantId,
    pub title: String,
    /// The correlator's word for where the work stands, as `open`.
    pub status: String,
    pub severity: Severity,
    /// The correlator's word for what it turned out to be.
    pub disposition: Option<String>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub updated: Timestamp,
    /// The whole incident.
    pub json: String,
}

/// Latest activity first; `before` is the last one of the page before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentFilter {
    pub tenant: TenantId,
    pub status: Option<String>,
    pub at_least: Option<Severity>,
    /// Inclusive: with activity since then.
    pub since: Option<Timestamp>,
    pub before: Option<(Timestamp, IncidentId)>,
    /// 0 means 100; at most 1,000.
    pub limit: usize,
}

impl ControlStore {
    /// `INC-1`, `INC-2`, …; never given twice.
    pub async fn next_incident_id(&self) -> Result<IncidentId> {
        let mut tx = self.begin().await?;
        let number = open::count_up(&mut tx, "incident").await?;
        tx.commit().await?;
        Ok(IncidentId(format!("INC-{number}")))
    }

    /// Creates or replaces.
    pub async fn put_incident(&self, incident: &IncidentRecord) -> Result<()> {
        let mut tx = self.begin().await?;
        put(&mut tx, incident).await?;
        Ok(tx.commit().await?)
    }

    pub async fn incident(&self, tenant: &TenantId, id: &IncidentId) -> Result<Option<IncidentRecord>> {
        let sql = "SELECT * FROM incidents WHERE tenant = $1 AND id = $2";
        let row = sqlx::query(sql).bind(tenant.as_str()).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    pub async fn incidents(&self, filter: &IncidentFilter) -> Result<Vec<IncidentRecord>> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM incidents WHERE tenant = ");
        sql.push_bind(filter.tenant.as_str());
        if let Some(status) = &filter.status {
            sql.push(" AND status = ").push_bind(status);
        }
        if let Some(severity) = filter.at_least {
            sql.push(" AND severity >= ").push_bind(severity_number(severity));
        }
        if let Some(since) = filter.since {
            sql.push(" AND last_seen >= ").push_bind(since.nanos());
        }
        if let Some((time, id)) = &filter.before {
            sql.push(" AND (last_seen < ").push_bind(time.nanos()).push(" OR (last_seen = ").push_bind(time.nanos());
            sql.push(" AND id < ").push_bind(id.as_str()).push("))");
        }
        let limit = if filter.limit == 0 { 100 } else { filter.limit.min(1_000) };
        sql.push(" ORDER BY last_seen DESC, id DESC LIMIT ").push_bind(limit as i64);
        sql.build().fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

pub(super) async fn put(tx: &mut sqlx::SqliteConnection, incident: &IncidentRecord) -> Result<()> {
    let sql = "INSERT INTO incidents (tenant, id, title, status, severity, first_seen, last_seen, updated, json, disposition) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, id) DO UPDATE SET title = excluded.title, \
               status = excluded.status, severity = excluded.severity, first_seen = excluded.first_seen, \
               last_seen = excluded.last_seen, updated = excluded.updated, json = excluded.json, \
               disposition = excluded.disposition";
    sqlx::query(sql)
        .bind(incident.tenant.as_str())
        .bind(incident.id.as_str())
        .bind(&incident.title)
        .bind(&incident.status)
        .bind(severity_number(incident.severity))
        .bind(incident.first_seen.nanos())
        .bind(incident.last_seen.nanos())
        .bind(incident.updated.nanos())
        .bind(&incident.json)
        .bind(&incident.disposition)
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<IncidentRecord> {
    Ok(IncidentRecord {
        id: IncidentId(row.try_get("id")?),
        tenant: TenantId(row.try_get("tenant")?),
        title: row.try_get("title")?,
        status: row.try_get("status")?,
        severity: severity_of(row.try_get("severity")?)?,
        disposition: row.try_get("disposition")?,
        first_seen: Timestamp(row.try_get("first_seen")?),
        last_seen: Timestamp(row.try_get("last_seen")?),
        updated: Timestamp(row.try_get("updated")?),
        json: row.try_get("json")?,
    })
}
