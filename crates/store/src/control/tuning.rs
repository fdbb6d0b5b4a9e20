//! Suppressions, as JSON, and what became of each rule's alerts.

use super::{ControlStore, Result};
use event::{TenantId, Timestamp};
use sqlx::Row;

/// What a rule told and what people made of it. Dispositions are counted by incident: a storm is one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleHistory {
    pub rule: String,
    pub title: String,
    pub alerts: u64,
    pub suppressed: u64,
    pub first: Timestamp,
    pub last: Timestamp,
    pub true_positive: u64,
    pub benign: u64,
    pub false_positive: u64,
    /// Incidents without a disposition.
    pub undecided: u64,
}

impl ControlStore {
    /// Creates or replaces. `state` is the word by which lists are cut.
    pub async fn put_suppression(&self, tenant: &TenantId, id: &str, state: &str, json: &str) -> Result<()> {
        let sql = "INSERT INTO suppressions (tenant, id, state, json) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, json = excluded.json";
        sqlx::query(sql).bind(tenant.as_str()).bind(id).bind(state).bind(json).execute(&self.pool).await?;
        Ok(())
    }

    /// JSON of each, in the order of their ids.
    pub async fn suppressions(&self, tenant: &TenantId) -> Result<Vec<String>> {
        let sql = "SELECT json FROM suppressions WHERE tenant = $1 ORDER BY id LIMIT 10000";
        Ok(sqlx::query_scalar(sql).bind(tenant.as_str()).fetch_all(&self.pool).await?)
    }

    /// Of one rule, or of all that ever told anything; most alerts first, at most a thousand.
    pub async fn rule_history(&self, tenant: &TenantId, rule: Option<&str>) -> Result<Vec<RuleHistory>> {
        let sql = "SELECT r.rule AS rule, MAX(r.title) AS title, COUNT(*) AS alerts, \
                   SUM(CASE WHEN a.suppression IS NULL THEN 0 ELSE 1 END) AS suppressed, \
                   MIN(a.time) AS first, MAX(a.time) AS last, \
                   COUNT(DISTINCT CASE WHEN i.disposition = 'true_positive' THEN i.id END) AS true_positive, \
                   COUNT(DISTINCT CASE WHEN i.disposition = 'benign' THEN i.id END) AS benign, \
                   COUNT(DISTINCT CASE WHEN i.disposition = 'false_positive' THEN i.id END) AS false_positive, \
                   COUNT(DISTINCT CASE WHEN i.disposition IS NULL THEN i.id END) AS undecided \
                   FROM alert_rules r JOIN alerts a ON a.tenant = r.tenant AND a.id = r.alert \
                   LEFT JOIN incidents i ON i.tenant = a.tenant AND i.id = a.incident \
                   WHERE r.tenant = $1 AND ($2 IS NULL OR r.rule = $2) GROUP BY r.rule ORDER BY alerts DESC, rule LIMIT 1000";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(rule).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let count = |name: &str| row.try_get::<i64, _>(name).map(|n| n as u64);
                Ok(RuleHistory {
                    rule: row.try_get("rule")?,
                    title: row.try_get("title")?,
                    alerts: count("alerts")?,
                    suppressed: count("suppressed")?,
                    first: Timestamp(row.try_get("first")?),
                    last: Timestamp(row.try_get("last")?),
                    true_positive: count("true_positive")?,
                    benign: count("benign")?,
                    false_positive: count("false_positive")?,
                    undecided: count("undecided")?,
                })
            })
            .collect()
    }

    /// Alerts of one rule by day (UTC), days without any left out: (day since the epoch, alerts).
    pub async fn rule_days(&self, tenant: &TenantId, rule: &str, since: Timestamp) -> Result<Vec<(i64, u64)>> {
        let sql = "SELECT a.time / 86400000000000 AS day, COUNT(*) AS n FROM alert_rules r \
                   JOIN alerts a ON a.tenant = r.tenant AND a.id = r.alert \
                   WHERE r.tenant = $1 AND r.rule = $2 AND a.time >= $3 GROUP BY day ORDER BY day";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(rule).bind(since.nanos()).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get("day")?, row.try_get::<i64, _>("n")? as u64))).collect()
    }
}
