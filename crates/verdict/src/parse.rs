//! Text of a policy to a [`Policy`], or the reason why not with file, line and field. A policy that is not understood in
//! full is refused in full: whoever called keeps the last good one in force.

use crate::Policy;
use std::fmt;

/// Larger text is refused before it is looked at.
const MAX_BYTES: usize = 4 << 20;

/// Where a policy is wrong and what is wrong about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    pub file: String,
    /// From 1; 0 when the fault belongs to the file as a whole.
    pub line: usize,
    /// `gate.timeout_ms`; empty when the fault is not in a field.
    pub field: String,
    pub message: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl Policy {
    /// `file_name` is only told in errors.
    pub fn parse(file_name: &str, text: &str) -> Result<Policy, PolicyError> {
        let fault = |line, field: String, message: String| PolicyError { file: file_name.into(), line, field, message };
        if text.len() > MAX_BYTES {
            return Err(fault(0, String::new(), format!("{} bytes; at most {MAX_BYTES} are read", text.len())));
        }
        let policy: Policy = toml::from_str(text).map_err(|error| {
            let at = error.span().map(|span| span.start);
            let line = at.map_or(0, |at| line_of(text, at));
            let field = missing_field(error.message()).or_else(|| Some(field_at(text, at?)));
            fault(line, field.unwrap_or_default(), error.message().to_owned())
        })?;
        check(&policy).map_err(|(field, message)| fault(line_of_field(text, &field), field, message))?;
        Ok(policy)
    }
}

/// What types alone cannot say. The field is given as `table[index].key`.
fn check(policy: &Policy) -> Result<(), (String, String)> {
    let fault = |field: String, message: &str| Err((field, message.to_owned()));
    if policy.version != 1 {
        return fault("version".into(), "this Tamon reads version 1");
    }
    for (i, one) in policy.overrides.iter().enumerate() {
        if one.id.is_none() && one.engine.is_none() && one.min_severity.is_none() {
            return fault(format!("rule[{i}]"), "says not which findings: give id, engine or min_severity");
        }
        if one.mode.is_none() && one.action.is_none() && one.severity.is_none() {
            return fault(format!("rule[{i}]"), "changes nothing: give mode, action or severity");
        }
    }
    for (i, one) in policy.exceptions.iter().enumerate() {
        if one.is_unbounded() {
            return fault(format!("exception[{i}]"), "would except everything: give at least one condition");
        }
        if one.reason.trim().is_empty() {
            return fault(format!("exception[{i}].reason"), "must say why");
        }
    }
    for (i, one) in policy.scan.exclusions.iter().enumerate() {
        if one.is_unbounded() {
            return fault(format!("scan.exclude[{i}]"), "would exclude everything: give at least one condition");
        }
        if one.reason.trim().is_empty() {
            return fault(format!("scan.exclude[{i}].reason"), "must say why");
        }
    }
    for (i, one) in policy.reputation.files.iter().enumerate() {
        if one.reason.trim().is_empty() {
            return fault(format!("reputation.file[{i}].reason"), "must say why");
        }
    }
    if policy.scan.schedule.minute().is_none() {
        return fault("scan.schedule.at".into(), "must be a time of day, HH:MM");
    }
    if policy.scan.schedule.every_hours > 8_760 {
        return fault("scan.schedule.every_hours".into(), "must be from 0 (never) to 8760");
    }
    if !(100..=10_000).contains(&policy.gate.timeout_ms) {
        return fault("gate.timeout_ms".into(), "must be from 100 to 10000");
    }
    if !(100..=600_000).contains(&policy.scan.timeout_ms) {
        return fault("scan.timeout_ms".into(), "must be from 100 to 600000");
    }
    policy.lockdown.check()?;
    policy.ransomware.check().map_err(|(field, message)| (field.to_owned(), message.to_owned()))?;
    policy.integrity.check()?;
    crate::prevention::check(&policy.prevention)?;
    let lists = [
        ("integrity.watch", &policy.integrity.watch),
        ("ransomware.protect", &policy.ransomware.protect),
        ("lockdown.directories", &policy.lockdown.directories),
        ("lockdown.exclude", &policy.lockdown.exclude),
        ("lockdown.publishers", &policy.lockdown.publishers),
        ("lockdown.hash_lists", &policy.lockdown.hash_lists),
        ("lockdown.manifests", &policy.lockdown.manifests),
        ("gate.directories", &policy.gate.directories),
        ("gate.mounts", &policy.gate.mounts),
        ("scan.write_directories", &policy.scan.write_directories),
        ("scan.schedule.paths", &policy.scan.schedule.paths),
        ("watch.read", &policy.watch.read),
        ("watch.decoys", &policy.watch.decoys),
        ("sensor.ignore_paths", &policy.sensor.ignore_paths),
        ("sensor.ignore_executables", &policy.sensor.ignore_executables),
    ];
    for (field, paths) in lists {
        if let Some(path) = paths.iter().find(|path| !path.starts_with('/')) {
            return Err((field.into(), format!("{path:?} is not an absolute path")));
        }
    }
    Ok(())
}

fn missing_field(message: &str) -> Option<String> {
    Some(message.strip_prefix("missing field `")?.split('`').next()?.to_owned())
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The dotted name of what stands at byte `at`: the table header above it and the key of its line.
fn field_at(text: &str, at: usize) -> String {
    let until = text[at.min(text.len())..].find('\n').map_or(text.len(), |n| at + n);
    let upto: Vec<&str> = text[..until].lines().collect();
    if upto.last().is_some_and(|line| line.trim_start().starts_with('[') && header_of(line).is_none()) {
        return String::new();
    }
    let header = upto.iter().rev().find_map(|line| header_of(line)).unwrap_or_default();
    let key = upto.iter().rev().map_while(|line| header_of(line).is_none().then(|| key_of(line))).find_map(|key| key);
    match (header.is_empty(), key) {
        (_, None) => header,
        (true, Some(key)) => key,
        (false, Some(key)) => format!("{header}.{key}"),
    }
}

fn header_of(line: &str) -> Option<String> {
    let line = line.trim();
    let inner = line.strip_prefix("[[").or_else(|| line.strip_prefix('['))?;
    let name = inner.split(']').next()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.\"'".contains(c);
    (!name.is_empty() && name.chars().all(plain) && inner.contains(']')).then(|| name.to_owned())
}

fn key_of(line: &str) -> Option<String> {
    let key = line.split_once('=')?.0.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (!key.is_empty() && key.chars().all(plain)).then(|| key.to_owned())
}

/// The line on which `table[index].key` (or `table.key`, or `key`; a table's own name may hold dots) stands; the table's when the key is not written.
fn line_of_field(text: &str, field: &str) -> usize {
    let (table, index, key) = match (field.split_once('['), field.rsplit_once('.')) {
        (Some((table, rest)), _) => {
            let (index, key) = rest.split_once(']').unwrap_or((rest, ""));
            (table, index.parse().unwrap_or(0), key.strip_prefix('.'))
        }
        (None, Some((table, key))) => (table, 0, Some(key)),
        (None, None) => ("", 0, Some(field)),
    };
    let mut seen = 0;
    let mut within = table.is_empty();
    let mut header_line = 0;
    for (number, line) in text.lines().enumerate() {
        if let Some(header) = header_of(line) {
            within = header == table && seen == index;
            if header == table {
                seen += 1;
            }
            if within {
                header_line = number + 1;
            }
        } else if within && key.is_some() && key_of(line).as_deref() == key {
            return number + 1;
        }
    }
    header_line
}
