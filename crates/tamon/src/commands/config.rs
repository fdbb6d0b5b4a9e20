//! `tamon config validate|explain`.

use crate::arguments::Config;
use crate::output;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: &Config) -> Result<ExitCode> {
    match command {
        Config::Validate { role, file } => {
            if !file.exists() {
                bail!("{} is not there", file.display());
            }
            explained(role, Some(file))?;
            output::line("ok")?;
        }
        Config::Explain { role, file } => output::line(explained(role, file.as_deref())?.trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration with every default filled in, as TOML.
fn explained(role: &str, file: Option<&Path>) -> Result<String> {
    match role {
        "agent" => agent::Config::load(file)?.explain().context("cannot print the configuration"),
        #[cfg(feature = "node")]
        "node" => crate::daemon::node_config(file, None)?.explain().context("cannot print the configuration"),
        other => bail!(
            "no configuration of {other:?}; there is agent{}",
            if cfg!(feature = "node") { " and node" } else { "" }
        ),
    }
}
