//! Model files from what training wrote: `pack FIT MODELS` reads `FIT/<name>.lightgbm.txt` and `FIT/<name>.card.json`, and writes
//! `MODELS/<name>.model`. A model file of a name that training did not write is removed: it was trained on something else.
//! The rows with scores that came with them become the fixture of the crate's regression test.

use model::{Card, Ensemble, Model};
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [fit, models] = arguments.as_slice() else { return Err("give FIT MODELS".into()) };
    for old in fs::read_dir(models)?.flatten() {
        if old.path().extension().is_some_and(|end| end == "model") {
            fs::remove_file(old.path())?;
        }
    }
    let mut scores = String::new();
    let mut cards: Vec<_> = fs::read_dir(fit)?.flatten().collect();
    cards.sort_by_key(|entry| entry.file_name());
    for entry in cards {
        let path = entry.path();
        let Some(name) =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".card.json"))
        else {
            continue;
        };
        let card: Card = serde_json::from_slice(&fs::read(&path)?)?;
        let trees = fs::read_to_string(Path::new(fit).join(format!("{name}.lightgbm.txt")))?;
        let file = Model::new(Ensemble::from_lightgbm(&trees)?, card)?.to_file()?;
        fs::write(Path::new(models).join(format!("{name}.model")), &file)?;
        scores += &fs::read_to_string(Path::new(fit).join(format!("{name}.scores.tsv")))?;
        println!("{name}: {} bytes", file.len());
    }
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/shipped_scores.tsv"), scores)?;
    Ok(())
}
