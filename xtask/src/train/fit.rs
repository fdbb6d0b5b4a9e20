//! LightGBM, in a Python environment of its own in the cache folder; then the files that the agent loads, and the card.

use crate::{paths, run};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Exact versions, since another LightGBM grows other trees.
const PYTHON: &[&str] = &["lightgbm==4.6.0", "numpy==2.2.6", "scipy==1.15.3", "PyYAML==6.0.2"];

pub fn fit(cache: &Path, data: &Path, ember: Option<&Path>, day: &str) -> Result<()> {
    let python = cache.join("venv/bin/python");
    if !cache.join("venv/ready").exists() {
        run::run("make a Python environment", Command::new("python3").args(["-m", "venv"]).arg(cache.join("venv")))?;
        run::run("fetch LightGBM", Command::new(&python).args(["-m", "pip", "install", "-q"]).args(PYTHON))?;
        std::fs::write(cache.join("venv/ready"), "")?;
    }
    let tool = super::features::tool()?;
    let here = paths::root().join("xtask/src/train");
    let mut command = Command::new(&python);
    command.arg(here.join("fit.py")).arg(cache).arg(paths::root()).arg(data).arg(&tool);
    command.arg(ember.unwrap_or(Path::new("-"))).arg(day).env("OMP_NUM_THREADS", "1");
    run::run("train and measure", &mut command)?;
    let models = paths::root().join("content/models");
    std::fs::create_dir_all(&models)?;
    let pack = ["run", "-q", "-p", "model", "--example", "pack", "--profile", "up", "--"];
    run::run("pack the models", run::cargo(&pack).arg(cache.join("fit")).arg(&models))?;
    let mut card = Command::new(&python);
    card.arg(here.join("card.py")).arg(cache.join("fit")).arg(&models).arg(paths::root().join("docs/MODEL.md"));
    run::run("write the model card", &mut card).context("the card could not be written")
}
