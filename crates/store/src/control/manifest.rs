//! The event store's manifest: which segments there are and from which log file on the log must be replayed. Both change in
//! one transaction, so a kill between them can neither lose nor double a row.

use super::{ControlStore, Result};
use sqlx::Row;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SegmentRecord {
    /// Path below the store's `segments` folder.
    pub file: String,
    pub tenant: String,
    /// Days since the epoch.
    pub day: i64,
    pub rows: u64,
    pub bytes: u64,
    pub min_time: i64,
    pub max_time: i64,
    pub min_sequence: u64,
    pub max_sequence: u64,
    pub min_host: String,
    pub max_host: String,
}

/// Which sequences of an agent's run are in segments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub agent: String,
    pub epoch: u64,
    /// JSON of `[[first, last], …]`.
    pub ranges: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Manifest {
    pub segments: Vec<SegmentRecord>,
    pub progress: Vec<Progress>,
    /// The first log file that is not yet in segments.
    pub log_floor: u64,
    /// The last `store_sequence` that is in segments.
    pub last_sequence: u64,
}

/// One change of the manifest.
#[derive(Debug, Default)]
pub(crate) struct Checkpoint {
    pub added: Vec<SegmentRecord>,
    pub removed: Vec<String>,
    pub progress: Vec<Progress>,
    pub log_floor: Option<u64>,
    pub last_sequence: Option<u64>,
    /// When, in nanoseconds: progress of runs not heard of for long is forgotten by it.
    pub now: i64,
}

/// A run of an agent that has been silent for this long is over; its sequences are not asked for again.
const FORGET_RUN_AFTER: i64 = 90 * 86_400 * 1_000_000_000;

impl ControlStore {
    pub(crate) async fn manifest(&self) -> Result<Manifest> {
        let segments = sqlx::query("SELECT * FROM segments ORDER BY min_sequence, file").fetch_all(&self.pool).await?;
        let progress = sqlx::query("SELECT agent, epoch, ranges FROM event_progress").fetch_all(&self.pool).await?;
        Ok(Manifest {
            segments: segments.iter().map(read_segment).collect::<Result<_>>()?,
            progress: progress
                .iter()
                .map(|row| {
                    let epoch: String = row.try_get("epoch")?;
                    let epoch = epoch.parse().map_err(|e| super::ControlError::damaged("an epoch", e))?;
                    Ok(Progress { agent: row.try_get("agent")?, epoch, ranges: row.try_get("ranges")? })
                })
                .collect::<Result<_>>()?,
            log_floor: self.log_value("floor").await?,
            last_sequence: self.log_value("last_sequence").await?,
        })
    }

    async fn log_value(&self, name: &str) -> Result<u64> {
        let value: Option<i64> = sqlx::query_scalar("SELECT value FROM event_log WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        Ok(value.unwrap_or(0) as u64)
    }

    pub(crate) async fn commit_checkpoint(&self, change: &Checkpoint) -> Result<()> {
        let mut tx = self.begin().await?;
        for file in &change.removed {
            sqlx::query("DELETE FROM segments WHERE file = $1").bind(file).execute(&mut *tx).await?;
        }
        for segment in &change.added {
            insert_segment(&mut tx, segment).await?;
        }
        for progress in &change.progress {
            let sql = "INSERT INTO event_progress (agent, epoch, ranges, seen) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (agent, epoch) DO UPDATE SET ranges = excluded.ranges, seen = excluded.seen";
            sqlx::query(sql)
                .bind(&progress.agent)
                .bind(progress.epoch.to_string())
                .bind(&progress.ranges)
                .bind(change.now)
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query("DELETE FROM event_progress WHERE seen < $1")
            .bind(change.now.saturating_sub(FORGET_RUN_AFTER))
            .execute(&mut *tx)
            .await?;
        for (name, value) in [("floor", change.log_floor), ("last_sequence", change.last_sequence)] {
            let Some(value) = value else { continue };
            let sql = "INSERT INTO event_log (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            sqlx::query(sql).bind(name).bind(value as i64).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn insert_segment(tx: &mut sqlx::SqliteConnection, segment: &SegmentRecord) -> Result<()> {
    let sql = "INSERT INTO segments (file, tenant, day, row_count, bytes, min_time, max_time, min_sequence, max_sequence, \
               min_host, max_host) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    sqlx::query(sql)
        .bind(&segment.file)
        .bind(&segment.tenant)
        .bind(segment.day)
        .bind(segment.rows as i64)
        .bind(segment.bytes as i64)
        .bind(segment.min_time)
        .bind(segment.max_time)
        .bind(segment.min_sequence as i64)
        .bind(segment.max_sequence as i64)
        .bind(&segment.min_host)
        .bind(&segment.max_host)
        .execute(tx)
        .await?;
    Ok(())
}

fn read_segment(row: &sqlx::sqlite::SqliteRow) -> Result<SegmentRecord> {
    let unsigned = |name: &str| -> Result<u64> { Ok(row.try_get::<i64, _>(name)? as u64) };
    Ok(SegmentRecord {
        file: row.try_get("file")?,
        tenant: row.try_get("tenant")?,
        day: row.try_get("day")?,
        rows: unsigned("row_count")?,
        bytes: unsigned("bytes")?,
        min_time: row.try_get("min_time")?,
        max_time: row.try_get("max_time")?,
        min_sequence: unsigned("min_sequence")?,
        max_sequence: unsigned("max_sequence")?,
        min_host: row.try_get("min_host")?,
        max_host: row.try_get("max_host")?,
    })
}
