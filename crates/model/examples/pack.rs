//! Model files: `pack FIT MODELS` reads `FIT/<name>.lightgbm.txt` and `FIT/<name>.card.json`, and writes `MODELS/<name>.model`.
//!
//! Training adds a third name, SCORES: the rows with scores that came with the trees go into that file, the fixture of the crate's
//! regression test, and a model file of a name that training did not write is removed, since it was trained on something else.

use model::{Card, Ensemble, Model};
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (fit, models, scores_to) = match arguments.as_slice() {
        [fit, models] => (fit, models, None),
        [fit, models, scores] => (fit, models, Some(scores)),
        _ => return Err("give FIT MODELS, and SCORES if it is training that asks".into()),
    };
    for old in entries(models)?.iter().filter(|_| scores_to.is_some()) {
        if old.extension().is_some_and(|end| end == "model") {
            fs::remove_file(old)?;
        }
    }
    let mut scores = String::new();
    for path in entries(fit)? {
        let Some(name) =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".card.json"))
        else {
            continue;
        };
        let card: Card = serde_json::from_slice(&fs::read(&path)?)?;
        let trees = fs::read_to_string(Path::new(fit).join(format!("{name}.lightgbm.txt")))?;
        let file = Model::new(Ensemble::from_lightgbm(&trees)?, card)?.to_file()?;
        fs::write(Path::new(models).join(format!("{name}.model")), &file)?;
        if scores_to.is_some() {
            scores += &fs::read_to_string(Path::new(fit).join(format!("{name}.scores.tsv")))?;
        }
        println!("{name}: {} bytes", file.len());
    }
    if let Some(to) = scores_to {
        fs::write(to, scores)?;
    }
    Ok(())
}

fn entries(folder: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
