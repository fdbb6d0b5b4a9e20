//! ClamAV databases and lists of digests, compiled into one database that the nursery maps. What was compiled before
//! (`.tsig`, by `tamon signatures build`) is handed on as it is; the rest is compiled here, into a file without a name.

use crate::{RejectedFile, StartError, content};
use signatures::{BuildOptions, Report, build};
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

/// Lines told that are not used; the report counts all.
const MAX_TOLD: usize = 200;

/// None where there is nothing to compile.
pub fn compile(
    inputs: &[PathBuf],
    builtin: bool,
    rejected: &mut Vec<RejectedFile>,
) -> Result<Option<(File, Report)>, StartError> {
    let mut inputs = inputs.to_vec();
    let fail = |what: &str| {
        let what = what.to_owned();
        move |error: std::io::Error| StartError::Signatures(format!("{what}: {error}"))
    };
    let shipped = tempfile::Builder::new().prefix("tamon-").tempdir().map_err(fail("a temporary folder"))?;
    if builtin {
        for (name, text) in content::hashes() {
            let path = shipped.path().join(name.file_name().unwrap_or_default());
            File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(fail("what ships"))?;
            inputs.push(path);
        }
    }
    if inputs.is_empty() {
        return Ok(None);
    }
    let mut file = tempfile::tempfile().map_err(fail("a temporary file"))?;
    let report = build(&inputs, &BuildOptions::default(), &mut file)
        .map_err(|error| StartError::Signatures(error.to_string()))?;
    for one in report.rejected.iter().take(MAX_TOLD) {
        let line = if one.line > 0 { format!("line {}: ", one.line) } else { String::new() };
        let reason = format!("{line}{}", one.reason);
        rejected.push(RejectedFile { file: one.file.clone().into(), rule_id: one.name.clone(), reason });
    }
    let untold = report.rejected_count().saturating_sub(MAX_TOLD as u64);
    if untold > 0 {
        let reason = format!("{untold} further signatures are not used; `tamon signatures check` lists them");
        rejected.push(RejectedFile { file: PathBuf::new(), rule_id: None, reason });
    }
    Ok(Some((file, report)))
}
