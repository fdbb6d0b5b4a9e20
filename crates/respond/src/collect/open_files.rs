//! What a process holds open.

use super::{CollectError, Table, is_here, path_text, read_error};
use event::ProcessKey;
use serde_json::{Value, json};
use std::path::Path;

pub fn look(key: ProcessKey, out: &mut Table) -> Result<(), CollectError> {
    out.columns(&["fd", "target", "mode", "state"]);
    if !is_here(key) {
        out.row(vec![Value::Null, Value::Null, Value::Null, json!("ended")]);
        return Ok(());
    }
    let folder = format!("/proc/{}", key.tgid);
    let entries = std::fs::read_dir(format!("{folder}/fd")).map_err(read_error(format!("{folder}/fd")))?;
    for (name, link) in [("cwd", "cwd"), ("root", "root"), ("exe", "exe")] {
        if let Ok(target) = std::fs::read_link(format!("{folder}/{link}")) {
            out.row(vec![json!(name), json!(path_text(&target)), Value::Null, json!("living")]);
        }
    }
    let mut numbers: Vec<u32> = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    for number in numbers {
        let Ok(target) = std::fs::read_link(format!("{folder}/fd/{number}")) else { continue };
        let mode = mode(Path::new(&format!("{folder}/fdinfo/{number}")));
        let row = vec![json!(number.to_string()), json!(path_text(&target)), json!(mode), json!("living")];
        if out.late("some descriptors") || !out.row(row) {
            break;
        }
    }
    if !is_here(key) {
        out.done.rows.clear();
        out.row(vec![Value::Null, Value::Null, Value::Null, json!("ended")]);
    }
    Ok(())
}

/// `read`, `write` or `read and write`, of the flags in fdinfo; empty when it does not say.
fn mode(fdinfo: &Path) -> &'static str {
    let text = std::fs::read_to_string(fdinfo).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    match flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).map(|flags| flags & 3) {
        Some(0) => "read",
        Some(1) => "write",
        Some(2) => "read and write",
        _ => "",
    }
}
