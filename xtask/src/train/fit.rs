//! LightGBM, in a Python environment of its own in the cache folder; then the files that the agent loads, and the card.

use super::Places;
use crate::{paths, run};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Exact versions, since another LightGBM grows other trees.
const PYTHON: &[&str] = &["lightgbm==4.6.0", "numpy==2.2.6", "scipy==1.15.3", "PyYAML==6.0.2"];

pub(super) fn fit(places: &Places, data: &Path, ember: Option<&Path>, day: &str, quick: bool) -> Result<()> {
    let python = places.python.join("bin/python");
    let ready = places.python.join("ready");
    if !ready.exists() {
        run::run("make a Python environment", Command::new("python3").args(["-m", "venv"]).arg(&places.python))?;
        run::run("fetch LightGBM", Command::new(&python).args(["-m", "pip", "install", "-q"]).args(PYTHON))?;
        std::fs::write(ready, "")?;
    }
    let tool = super::features::tool()?;
    let here = paths::root().join("xtask/src/train");
    let mut command = Command::new(&python);
    command.arg(here.join("fit.py")).arg(&places.work).arg(paths::root()).arg(data).arg(&tool);
    command.arg(ember.unwrap_or(Path::new("-"))).arg(day).env("OMP_NUM_THREADS", "1");
    command.env("TAMON_TRAIN_QUICK", if quick { "1" } else { "" }).env("PYTHONDONTWRITEBYTECODE", "1");
    run::run("train and measure", &mut command)?;
    let fitted = places.work.join("fit");
    let pack = ["run", "-q", "-p", "model", "--example", "pack", "--profile", "up", "--"];
    let mut pack = run::cargo(&pack);
    pack.arg(&fitted).arg(&places.models).arg(&places.scores);
    run::run("pack the models", &mut pack)?;
    let mut card = Command::new(&python);
    card.arg(here.join("card.py")).arg(&fitted).arg(&places.models).arg(&places.card);
    run::run("write the model card", &mut card).context("the card could not be written")?;
    println!("models: {}; card: {}", places.models.display(), places.card.display());
    Ok(())
}
