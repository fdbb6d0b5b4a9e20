//! What a process can run: its executable mappings.

use super::{CollectError, Table, is_here, is_odd_place, read_error};
use event::ProcessKey;
use serde_json::{Value, json};

pub fn look(key: ProcessKey, out: &mut Table) -> Result<(), CollectError> {
    out.columns(&["range", "permissions", "file", "suspect", "state"]);
    let ended = |out: &mut Table| {
        out.row(vec![Value::Null, Value::Null, Value::Null, Value::Null, json!("ended")]);
    };
    if !is_here(key) {
        ended(out);
        return Ok(());
    }
    let what = format!("/proc/{}/maps", key.tgid);
    let maps = match std::fs::read(&what) {
        Ok(maps) => maps,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(read_error(what)(error)),
    };
    // The pid may have come round while it was read.
    if !is_here(key) {
        ended(out);
        return Ok(());
    }
    for line in maps.split(|byte| *byte == b'\n') {
        let Some(mapping) = Mapping::parse(line).filter(|mapping| mapping.permissions.contains('x')) else { continue };
        let suspect = mapping.suspect().map_or(Value::Null, Value::String);
        let row = vec![json!(mapping.range), json!(mapping.permissions), json!(mapping.file), suspect, json!("living")];
        if out.late("some mappings") || !out.row(row) {
            break;
        }
    }
    Ok(())
}

/// Lines of /proc/PID/maps; how many are worth telling.
pub(super) fn parse_all(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').filter_map(Mapping::parse).filter_map(|mapping| mapping.suspect()).count()
}

#[derive(Debug, PartialEq)]
struct Mapping {
    range: String,
    permissions: String,
    /// Empty for memory without a file.
    file: String,
}

impl Mapping {
    /// One line of /proc/PID/maps: range, permissions, offset, device, inode, and the rest, blanks included, is the name.
    fn parse(line: &[u8]) -> Option<Mapping> {
        let line = event::text::from_bytes(line);
        let mut rest: &str = &line;
        let mut word = || {
            rest = rest.trim_start_matches(' ');
            let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
            rest = after;
            (!word.is_empty()).then(|| word.to_owned())
        };
        let (range, permissions) = (word()?, word()?);
        for _ in 0..3 {
            word()?;
        }
        Some(Mapping { range, permissions, file: rest.trim_start_matches(' ').to_owned() })
    }

    fn suspect(&self) -> Option<String> {
        let file = self.file.as_str();
        if file.starts_with("/memfd:") {
            return Some(format!("memfd without a file: {file}"));
        }
        if let Some(gone) = file.strip_suffix(" (deleted)") {
            return Some(format!("deleted file: {gone}"));
        }
        if self.permissions.contains('w') {
            let of = if file.is_empty() { "memory" } else { file };
            return Some(format!("writable and executable: {of} at {}", self.range));
        }
        if file.is_empty() {
            return Some(format!("anonymous code at {}", self.range));
        }
        (file.starts_with('/') && is_odd_place(file)).then(|| format!("temporary place: {file}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, suspect: Option<&str>) {
        let mapping = Mapping::parse(line.as_bytes()).unwrap();
        assert_eq!(mapping.suspect().as_deref(), suspect, "{mapping:?}");
    }

    #[test]
    fn mappings() {
        check("7f00-7f10 r-xp 00000000 fd:00 1234      /usr/lib/libc.so.6", None);
        check(
            "7f00-7f10 r-xp 00000000 00:01 99 /memfd:x y (deleted)",
            Some("memfd without a file: /memfd:x y (deleted)"),
        );
        check("7f00-7f10 r-xp 0 fd:00 9 /opt/a b (deleted)", Some("deleted file: /opt/a b"));
        check("7f00-7f10 rwxp 00000000 00:00 0 ", Some("writable and executable: memory at 7f00-7f10"));
        check("7f00-7f10 r-xp 00000000 00:00 0", Some("anonymous code at 7f00-7f10"));
        check("7f00-7f10 r-xp 00000000 00:00 0 [vdso]", None);
        check("7f00-7f10 r-xp 00000000 fd:00 7 /tmp/.x/lib.so", Some("temporary place: /tmp/.x/lib.so"));
        assert_eq!(Mapping::parse(b"garbage"), None);
    }
}
