//! The host's side: bring a set, go back, tell what is in use. The agent sees that another set is in use and takes it.

use super::mirror::Way;
use super::report;
use crate::output::{self, Output, text};
use crate::place::Place;
use anyhow::{Context as _, Result};
use serde_json::json;
use signatures::Database;
use signatures::update::{self, Generations, PublicKey, SET};
use std::path::{Path, PathBuf};

/// Everything that comes from the mirror is taken in by a process that can no longer do anything else: this one.
pub fn update(way: &Way<'_>, keys: &[PathBuf], again: bool, place: &Place, print: Output) -> Result<()> {
    let keys = PublicKey::read(keys)?;
    let roots = way.roots()?;
    let generations = generations(place)?;
    scan::confine_update(&place.state.join("signatures"), &way.readable(place)).context("giving up rights")?;
    let source = way.source(roots, place)?;
    let update = update::update(&generations, &*source, &keys, again)?;
    match print {
        Output::Text if !update.changed => output::line(&format!("version {} is in use already", update.version)),
        Output::Text => output::line(&format!(
            "version {}: {} files kept, {} by delta, {} whole; {} bytes fetched",
            update.version, update.linked, update.patched, update.whole, update.fetched_bytes
        )),
        _ => output::json(&update),
    }
}

pub fn roll_back(place: &Place, print: Output) -> Result<()> {
    let generation = generations(place)?.roll_back()?;
    match print {
        Output::Text => output::line(&format!("version {} is in use", generation.version)),
        _ => output::json(&generation),
    }
}

pub fn list(place: &Place, print: Output) -> Result<()> {
    let document = json!({ "generations": generations(place)?.list()? });
    output::list(print, &document, "generations", |items| {
        let rows: Vec<Vec<String>> = items
            .iter()
            .map(|one| {
                let state = match (one["current"].as_bool(), one["rolled_back"].as_bool()) {
                    (Some(true), _) => "in use",
                    (_, Some(true)) => "rolled back",
                    _ => "",
                };
                vec![text(&one["version"]), state.into(), text(&one["files"]), text(&one["bytes"])]
            })
            .collect();
        output::table(&["version", "state", "files", "bytes"], &rows)
    })
}

pub fn info(file: Option<&Path>, place: &Place, print: Output) -> Result<()> {
    let (path, version) = match file {
        Some(file) => (file.to_path_buf(), None),
        None => {
            let generations = generations(place)?;
            let current = generations.current()?.context("no set was brought to this host yet")?;
            (generations.current_link().join(SET), Some(current.version))
        }
    };
    let database = Database::open(&path).with_context(|| format!("{}", path.display()))?;
    let info = database.info();
    if print != Output::Text {
        return output::json(&json!({ "file": path, "version": version, "database": info }));
    }
    if let Some(version) = version {
        output::line(&format!("version {version} is in use"))?;
    }
    for one in &info.hashes {
        let words = (text(&json!(one.algorithm)), text(&json!(one.place)));
        output::line(&format!("{:>10}  digests {} of {}", one.count, words.0, words.1))?;
    }
    output::line(&format!("{:>10}  patterns", info.patterns))?;
    output::line(&format!("{:>10}  logical signatures", info.logicals))?;
    output::line(&format!("{:>10}  signatures of members of containers", info.members))?;
    report::people(&info.report)
}

fn generations(place: &Place) -> Result<Generations> {
    Ok(Generations::open(&place.state.join("signatures"))?)
}
