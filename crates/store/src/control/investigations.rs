//! What the node asked by itself about an incident: the latest investigation of each, as JSON. And files that were taken into it.

use super::{ControlStore, Result};
use event::{IncidentId, TenantId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

#[derive(Clone, Debug, PartialEq)]
pub struct InvestigationRecord {
    pub incident: IncidentId,
    pub finished: Timestamp,
    /// Alerts that the incident had then.
    pub alert_count: u64,
    pub json: String,
}

/// A file of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    /// From 1, in the order in which they were taken.
    pub number: u64,
    pub json: String,
    /// Hex; empty where it was not asked for, and in lists.
    pub content: String,
}

impl ControlStore {
    /// The number that it was given; None when the case holds `most` already.
    pub async fn add_case_file(
        &self,
        tenant: &TenantId,
        incident: &IncidentId,
        json: &str,
        content: &str,
        most: u64,
    ) -> Result<Option<u64>> {
        let mut tx = self.begin().await?;
        let sql = "SELECT COALESCE(MAX(number), 0) FROM case_files WHERE tenant = $1 AND incident = $2";
        let last: i64 =
            sqlx::query_scalar(sql).bind(tenant.as_str()).bind(incident.as_str()).fetch_one(&mut *tx).await?;
        if last as u64 >= most {
            return Ok(None);
        }
        let sql = "INSERT INTO case_files (tenant, incident, number, json, content) VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(incident.as_str())
            .bind(last + 1)
            .bind(json)
            .bind(content)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(last as u64 + 1))
    }

    /// In the order in which they were taken, without their content.
    pub async fn case_files(&self, tenant: &TenantId, incident: &IncidentId) -> Result<Vec<CaseFile>> {
        let sql =
            "SELECT number, json, '' AS content FROM case_files WHERE tenant = $1 AND incident = $2 ORDER BY number";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(incident.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(case_file).collect()
    }

    pub async fn case_file(&self, tenant: &TenantId, incident: &IncidentId, number: u64) -> Result<Option<CaseFile>> {
        let sql = "SELECT number, json, content FROM case_files WHERE tenant = $1 AND incident = $2 AND number = $3";
        let row = sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(incident.as_str())
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(case_file).transpose()
    }

    /// Replaces what was kept of the incident before.
    pub async fn put_investigation(&self, tenant: &TenantId, record: &InvestigationRecord) -> Result<()> {
        let sql = "INSERT INTO investigations (tenant, incident, finished, alert_count, json) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (tenant, incident) DO UPDATE SET finished = excluded.finished, \
                   alert_count = excluded.alert_count, json = excluded.json";
        sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(record.incident.as_str())
            .bind(record.finished.nanos())
            .bind(i64::try_from(record.alert_count).unwrap_or(i64::MAX))
            .bind(&record.json)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn investigation(&self, tenant: &TenantId, incident: &IncidentId) -> Result<Option<InvestigationRecord>> {
        let sql = "SELECT finished, alert_count, json FROM investigations WHERE tenant = $1 AND incident = $2";
        let row = sqlx::query(sql).bind(tenant.as_str()).bind(incident.as_str()).fetch_optional(&self.pool).await?;
        row.map(|row| {
            Ok(InvestigationRecord {
                incident: incident.clone(),
                finished: Timestamp(row.try_get("finished")?),
                alert_count: row.try_get::<i64, _>("alert_count")? as u64,
                json: row.try_get("json")?,
            })
        })
        .transpose()
    }
}

fn case_file(row: &SqliteRow) -> Result<CaseFile> {
    Ok(CaseFile {
        number: row.try_get::<i64, _>("number")? as u64,
        json: row.try_get("json")?,
        content: row.try_get("content")?,
    })
}
