//! Orders of the command line: they go to the monitor's thread, which alone writes what is known.

use super::Order;
use crate::shared::Shared;
use anyhow::{Context as _, Result, anyhow};
use crossbeam_channel::{Sender, bounded};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Takes as long as reading all watched files does.
pub fn baseline(shared: &Shared) -> Result<Value> {
    let (reply, answer) = bounded(1);
    orders(shared)?.send(Order::Baseline(reply))?;
    answer.recv().context("the agent ends")?.map_err(|error| anyhow!(error))
}

pub fn accept(shared: &Shared, paths: &[PathBuf]) -> Result<Value> {
    let (reply, answer) = bounded(1);
    let paths = paths.iter().map(|path| path.display().to_string()).collect();
    orders(shared)?.send(Order::Accept(paths, reply))?;
    let approved = answer.recv().context("the agent ends")?.map_err(|error| anyhow!(error))?;
    Ok(json!({ "approved": approved }))
}

/// Watches a folder of the self-test besides, for half a minute.
pub fn try_tree(shared: &Shared, tree: PathBuf) -> Result<Value> {
    let (reply, answer) = bounded(1);
    orders(shared)?.send(Order::Try(tree.clone(), reply))?;
    answer.recv().context("the agent ends")?.map_err(|error| anyhow!(error))?;
    Ok(json!({ "watching": tree }))
}

fn orders(shared: &Shared) -> Result<Sender<Order>> {
    shared.integrity_orders.lock().clone().context("watched files are not looked at by this agent")
}
