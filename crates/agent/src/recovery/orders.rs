//! Roll-back on order: of an incident by the trees that were in it, or of any tree by its name.

use crate::shared::Shared;
use anyhow::{Result, bail};
use serde_json::{Value, json};

/// What could be undone, newest first.
pub fn list(shared: &Shared) -> Value {
    json!({ "trees": shared.rollback.trees(), "store": shared.rollback.stats() })
}

/// `names`: entity ids of processes, as alerts and incidents show them. Those of which nothing is kept are left out as long
/// as something is kept of one.
pub fn roll_back(shared: &Shared, names: &[String], preview: bool, who: &str) -> Result<Value> {
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
