//! Who is logged in: sessions that logind keeps, and the utmp file where there is one.

use super::Table;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// Of glibc's `struct utmp` on 64-bit machines.
const RECORD: usize = 384;
const USER_PROCESS: i16 = 7;

pub fn look(out: &mut Table) {
    out.columns(&["user", "session", "remote", "terminal", "service", "since"]);
    let sessions = sessions();
    if sessions.is_none() {
        out.note("no logind sessions: /run/systemd/sessions is not there");
    }
    for fields in sessions.into_iter().flatten() {
        let field = |name: &str| fields.get(name).map_or(Value::Null, |value| json!(value));
        let since = fields.get("REALTIME").and_then(|text| text.parse::<i64>().ok());
        let since = since.map(|micros| event::Timestamp(micros.saturating_mul(1_000)).to_string());
        let remote = fields.get("REMOTE_HOST").map_or(Value::Null, |value| json!(value));
        let row = vec![field("USER"), field("AUDIT"), remote, field("TTY"), field("SERVICE"), json!(since)];
        if !out.row(row) {
            return;
        }
    }
    match fs::read("/run/utmp").or_else(|_| fs::read("/var/run/utmp")) {
        Ok(bytes) => {
            for entry in bytes.chunks_exact(RECORD).filter_map(utmp) {
                let since = event::Timestamp(i64::from(entry.seconds) * 1_000_000_000).to_string();
                let remote = if entry.host.is_empty() { Value::Null } else { json!(entry.host) };
                let row = vec![json!(entry.user), Value::Null, remote, json!(entry.line), json!("utmp"), json!(since)];
                if !out.row(row) {
                    return;
                }
            }
        }
        Err(error) => out.note(format!("utmp: {error}")),
    }
}

fn sessions() -> Option<Vec<BTreeMap<String, String>>> {
    let entries = fs::read_dir("/run/systemd/sessions").ok()?;
    let files = entries.filter_map(Result::ok).filter(|entry| !entry.file_name().to_string_lossy().ends_with(".ref"));
    let read = |path: std::path::PathBuf| Some(fields(&fs::read_to_string(path).ok()?));
    Some(files.filter_map(|entry| read(entry.path())).collect())
}

/// Records of utmp, and lines of a session; how many there are.
pub(super) fn parse_all(bytes: &[u8]) -> usize {
    let records = bytes.chunks_exact(RECORD).filter_map(utmp).count();
    records + fields(&String::from_utf8_lossy(bytes)).len()
}

/// `NAME=value` lines.
fn fields(text: &str) -> BTreeMap<String, String> {
    let pair =
        |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()));
    text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect()
}

#[derive(Debug, PartialEq)]
struct Entry {
    user: String,
    line: String,
    host: String,
    seconds: i32,
}

fn utmp(record: &[u8]) -> Option<Entry> {
    let kind = i16::from_ne_bytes(record.get(..2)?.try_into().ok()?);
    let text = |from: usize, length: usize| {
        let bytes = record.get(from..from + length).unwrap_or_default();
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        event::text::from_bytes(&bytes[..end]).into_owned()
    };
    let seconds = i32::from_ne_bytes(record.get(340..344)?.try_into().ok()?);
    (kind == USER_PROCESS).then(|| Entry { line: text(8, 32), user: text(44, 32), host: text(76, 256), seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_utmp() {
        let mut record = vec![0u8; RECORD];
        record[..2].copy_from_slice(&USER_PROCESS.to_ne_bytes());
        record[8..13].copy_from_slice(b"pts/0");
        record[44..47].copy_from_slice(b"ana");
        record[76..85].copy_from_slice(b"192.0.2.7");
        record[340..344].copy_from_slice(&1_700_000_000i32.to_ne_bytes());
        let entry = utmp(&record).unwrap();
        assert_eq!((entry.user.as_str(), entry.host.as_str(), entry.seconds), ("ana", "192.0.2.7", 1_700_000_000));
        record[0] = 8;
        assert_eq!(utmp(&record), None, "ended");
        assert_eq!(utmp(&record[..10]), None);
    }

    #[test]
    fn a_session_of_logind() {
        let fields = fields("# private\nUID=1000\nUSER=ana\nREMOTE_HOST=192.0.2.7\nTTY=\"pts/0\"\n");
        assert_eq!((fields["USER"].as_str(), fields["TTY"].as_str(), fields.len()), ("ana", "pts/0", 4));
    }
}
