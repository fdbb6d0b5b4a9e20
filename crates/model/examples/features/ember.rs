//! Rows out of EMBER2024's feature files: standard input names one a line. Lines without a label of 0 or 1 are left out and counted.

use super::{Failure, Table};
use model::ember::{vectorize, vectorize_general};
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// Of a line, what is known of the file besides its features.
#[derive(Deserialize)]
struct Known {
    sha256: String,
    label: Option<f64>,
    #[serde(default)]
    file_type: Option<String>,
    #[serde(default)]
    family: Option<String>,
}

/// `OUT.<layout>.{f32,tsv}`; of each row SHA-256, feature file, file type, `ember`, then for the caller's fields nothing but family
/// (package), family or file's name (source) and label (group).
pub fn lines(layout: &str, out: &str) -> Result<(), Failure> {
    let vectorize = match layout {
        "ember-v3" => vectorize,
        "ember-v3-general" => vectorize_general,
        other => return Err(format!("{other} is no layout of EMBER2024").into()),
    };
    let mut table = Table::new(out, layout)?;
    let (mut row, mut taken, mut unlabelled, mut other) = (Vec::new(), 0u64, 0u64, 0u64);
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let name =
            Path::new(&path).file_name().map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned());
        for (number, line) in BufReader::new(File::open(&path)?).lines().enumerate() {
            let line = line?;
            let at = |error: &dyn std::fmt::Display| format!("{path}, line {}: {error}", number + 1);
            let known: Known = serde_json::from_str(&line).map_err(|error| at(&error))?;
            let label = match known.label {
                Some(label) if label == 0.0 || label == 1.0 => label as u8,
                _ => {
                    unlabelled += 1;
                    continue;
                }
            };
            let kind = known.file_type.unwrap_or_default();
            let windows = ["Win32", "Win64", "Dot_Net", "DotNet", ".NET", "PE"].contains(&kind.as_str());
            if windows != (layout == "ember-v3") {
                other += 1;
                continue;
            }
            vectorize(&line, &mut row).map_err(|error| at(&error))?;
            let family = known.family.filter(|family| !family.is_empty());
            let source =
                family.clone().unwrap_or_else(|| format!("none/{}", &known.sha256[..known.sha256.len().min(4)]));
            let family = family.unwrap_or_default();
            let fields = [&known.sha256, &name, &kind, "ember", "", "", &family, "", &source, &label.to_string()];
            table.add(&row, &fields.map(|field| field.replace(['\t', '\n'], " ")).join("\t"))?;
            taken += 1;
        }
    }
    eprintln!("features: {taken} lines of {layout}; {unlabelled} without a label, {other} of other types");
    table.end()
}
