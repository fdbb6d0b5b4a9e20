//! A line of EMBER2024's feature files (JSON) to the vector: what training reads.

use super::bytes::share;
use super::strings::Strings;
use super::structure::Structure;
use super::things::{COUNT, THINGS};
use super::{FULL, GENERAL};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a line gives no vector.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("not a line of EMBER2024 features: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{group} has {found} values, not {expected}")]
    Length { group: &'static str, found: usize, expected: usize },
}

#[derive(Deserialize)]
struct Line {
    general: GeneralFacts,
    histogram: Vec<u64>,
    byteentropy: Vec<u64>,
    strings: StringFacts,
}

#[derive(Deserialize)]
struct GeneralFacts {
    size: f64,
    entropy: f64,
    is_pe: f64,
    start_bytes: [f64; 4],
}

#[derive(Deserialize)]
struct StringFacts {
    numstrings: u64,
    avlength: f64,
    /// Counts; the original writes them as numbers with a fraction when there is no string at all.
    printabledist: Vec<f64>,
    printables: u64,
    entropy: f64,
    string_counts: BTreeMap<String, u64>,
}

/// All 2,568 dimensions of one line, into `row`. Keys that are not features (label, hashes, dates) are ignored.
pub fn vectorize(line: &str, row: &mut Vec<f32>) -> Result<(), LineError> {
    vectorize_general(line, row)?;
    let structure: Structure = serde_json::from_str(line)?;
    structure.write(row);
    debug_assert_eq!(row.len(), FULL);
    Ok(())
}

/// The 696 dimensions that every file has.
pub fn vectorize_general(line: &str, row: &mut Vec<f32>) -> Result<(), LineError> {
    let line: Line = serde_json::from_str(line)?;
    row.clear();
    let general = &line.general;
    row.extend([general.size, general.entropy, general.is_pe].map(|value| value as f32));
    row.extend(general.start_bytes.map(|value| value as f32));
    share(&exactly("histogram", line.histogram)?, row);
    share(&exactly("byteentropy", line.byteentropy)?, row);
    let facts = line.strings;
    let mut things = [0; COUNT];
    for (count, (_, key, _)) in things.iter_mut().zip(THINGS) {
        *count = facts.string_counts.get(key).copied().unwrap_or(0);
    }
    let characters = facts.printabledist.into_iter().map(|count| count as u64).collect();
    Strings {
        count: facts.numstrings,
        mean_length: facts.avlength,
        characters: exactly("printabledist", characters)?,
        printable: facts.printables,
        entropy: facts.entropy,
        things,
    }
    .write(row);
    debug_assert_eq!(row.len(), GENERAL);
    Ok(())
}

fn exactly<const N: usize>(group: &'static str, values: Vec<u64>) -> Result<[u64; N], LineError> {
    values.try_into().map_err(|values: Vec<u64>| LineError::Length { group, found: values.len(), expected: N })
}
