//! How heavy the console is: its own script drives a browser and prints the figures, this reads them.

use crate::{build, paths, run};
use anyhow::{Context, Result};
use serde_json::Value;

pub fn console() -> Result<Vec<(String, f64)>> {
    let web = paths::root().join("web");
    build::console()?;
    build::install_modules(&web)?;
    let text = run::output(build::npm(&web)?.args(["run", "--silent", "bench"]))?;
    let line = text.lines().last().context("the bench said nothing")?;
    let answer: Value = serde_json::from_str(line).with_context(|| format!("{line:?} is not its last line"))?;
    let figures = answer["figures"].as_object().context("it has no figures")?;
    println!("{}", text.trim_end().rsplit_once('\n').map_or("", |(people, _)| people));
    Ok(figures.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect())
}
