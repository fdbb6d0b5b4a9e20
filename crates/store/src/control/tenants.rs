//! Customers of this node.

use super::{ControlStore, Result};
use event::{TenantId, Timestamp};
use sqlx::Row;

#[derive(Clone, Debug, PartialEq)]
pub struct Tenant {
    pub id: TenantId,
    pub name: String,
    pub created: Timestamp,
}

impl ControlStore {
    /// Creates it or renames it.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<()> {
        sqlx::query("INSERT INTO tenants (id, name, created) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET name = excluded.name")
            .bind(tenant.id.as_str())
            .bind(&tenant.name)
            .bind(tenant.created.nanos())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        let rows = sqlx::query("SELECT id, name, created FROM tenants ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                Ok(Tenant {
                    id: TenantId(row.try_get("id")?),
                    name: row.try_get("name")?,
                    created: Timestamp(row.try_get("created")?),
                })
            })
            .collect()
    }
}
