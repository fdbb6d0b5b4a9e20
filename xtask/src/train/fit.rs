//! Trains.
use anyhow::Result;
use std::path::Path;
pub fn fit(_cache: &Path, _ember: Option<&Path>) -> Result<()> { anyhow::bail!("later") }
