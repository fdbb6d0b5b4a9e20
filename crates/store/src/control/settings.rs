//! Small values kept by name, a set for each tenant.

use super::{ControlStore, Result};
use event::TenantId;

impl ControlStore {
    pub async fn setting(&self, tenant: &TenantId, name: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT value FROM settings WHERE tenant = $1 AND name = $2")
            .bind(tenant.as_str())
            .bind(name)
            .fetch_optional(&self.pool)
            .await?)
    }

    pub async fn set_setting(&self, tenant: &TenantId, name: &str, value: &str) -> Result<()> {
        let sql = "INSERT INTO settings (tenant, name, value) VALUES ($1, $2, $3) ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value";
        sqlx::query(sql).bind(tenant.as_str()).bind(name).bind(value).execute(&self.pool).await?;
        Ok(())
    }
}
