//! Roll-back on order: of an incident by the trees that were in it, or of any tree by its name.

use super::Heard;
use crate::shared::Shared;
use anyhow::{Result, bail};
use crossbeam_channel::bounded;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::time::Duration;

/// Longer is not waited for what has happened and was not heard of yet.
const CATCH_UP: Duration = Duration::from_secs(5);
/// Trees in one answer: those that were stopped, then the newest.
const MOST_TREES: usize = 1_000;

/// What could be undone, newest first.
pub fn list(shared: &Shared) -> Value {
    let mut trees = shared.rollback.trees();
    trees.sort_by_key(|tree| tree.incident.is_none());
    let left_out = trees.len().saturating_sub(MOST_TREES);
    trees.truncate(MOST_TREES);
    json!({ "trees": trees, "left_out": left_out, "store": shared.rollback.stats() })
}

/// A client of a share is let in again before its time is over.
pub fn unblock(shared: &Shared, client: IpAddr, who: &str) -> Result<Value> {
    if !shared.shares.unblock(&client) {
        bail!("{client} is not kept out");
    }
    tracing::info!(%client, who, "a client is let in again");
    Ok(json!({ "unblocked": client.to_string() }))
}

/// `names`: ids of alerts, or entity ids of processes, as alerts and incidents show them. Those of which nothing is kept are left out as long
/// as something is kept of one.
pub fn roll_back(shared: &Shared, names: &[String], preview: bool, who: &str) -> Result<Value> {
    catch_up(shared, CATCH_UP);
    let mut trees: Vec<String> = names.iter().flat_map(|name| shared.rollback.trees_of(name)).collect();
    trees.sort();
    trees.dedup();
    if trees.is_empty() {
        bail!("nothing is kept of {}", names.join(", "));
    }
    let report = shared.rollback.roll_back(&trees, preview)?;
    if !preview {
        tracing::info!(?trees, who, files = report.files.len(), "rolled back");
    }
    Ok(serde_json::to_value(report)?)
}

/// New names are told by the sensor: an attack of a moment ago is known whole before it is undone.
pub fn catch_up(shared: &Shared, most: Duration) {
    let queue = shared.recovery_queue.lock().clone();
    let Some(queue) = queue else { return };
    shared.lockdown.catch_up(most);
    let (done, heard) = bounded(1);
    let asked = queue.send_timeout(Heard::Until(done), most).is_ok();
    if !asked || heard.recv_timeout(most).is_err() {
        tracing::warn!("what happened last was not heard of in time");
    }
}
