//! What the node has stored of the programs that profiles name, put together: for `policy simulate` and `policy learn`.

use super::policy_simulate::now;
use crate::api::Api;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use verdict::Glob;
use verdict::prevention::PreventionProfile;

/// Different acts that the node is asked for.
const MOST: u32 = 5_000;
/// What a profile may speak of.
const ACTIONS: &str = "(event_action LIKE 'file-%' OR event_action LIKE 'directory-%' OR event_action IN ('process-exec', \
     'network-connect', 'network-bind', 'dns-query', 'module-load', 'process-ptrace', 'process-vm-write', 'mount', 'unmount', \
     'pivot-root', 'namespace-unshare', 'namespace-setns', 'chroot', 'bpf-load', 'memory-write-execute'))";
const COLUMNS: [(&str, &str); 10] = [
    ("executable", "process_executable"),
    ("parent", "process_parent_executable"),
    ("unit", "service_name"),
    ("user", "user_name"),
    ("image", "container_image_name"),
    ("action", "event_action"),
    ("path", "file_path"),
    ("address", "destination_ip"),
    ("port", "destination_port"),
    ("name", "dns_question_name"),
];

/// As the agent takes them; empty where no profile names anybody by what is stored.
pub fn acts(api: &Api, profiles: &[PreventionProfile], days: u32, host: Option<&str>) -> Result<Vec<Value>> {
    let who: Vec<String> = profiles.iter().filter_map(|profile| condition(&profile.whole())).collect();
    if who.is_empty() {
        return Ok(Vec::new());
    }
    let since = event::Timestamp(now()? - i64::from(days) * 86_400_000_000_000);
    let only = host.map_or_else(String::new, |name| format!(" AND host_name = {}", quoted(name)));
    let columns = COLUMNS.map(|(_, column)| column).join(", ");
    let sql = format!(
        "SELECT {columns}, count(*) AS n FROM events WHERE timestamp >= '{since}'{only} AND {ACTIONS} AND ({}) \
         GROUP BY {columns} ORDER BY n DESC",
        who.join(" OR ")
    );
    let answer = api.post("/hunt", &json!({ "sql": sql, "limit": MOST }))?;
    let rows = answer["rows"].as_array().context("the node's answer has no rows")?;
    Ok(rows.iter().map(act).collect())
}

fn act(row: &Value) -> Value {
    let mut out = Map::new();
    for (at, (key, _)) in COLUMNS.iter().enumerate() {
        if let Some(cell) = row.get(at).filter(|cell| !cell.is_null() && **cell != "") {
            out.insert((*key).to_owned(), cell.clone());
        }
    }
    out.insert("count".into(), row.get(COLUMNS.len()).cloned().unwrap_or_else(|| 1.into()));
    Value::Object(out)
}

/// Of what a record knows: program or its parent's, unit, user, image. None where the profile asks for nothing of that.
fn condition(profile: &PreventionProfile) -> Option<String> {
    let either = |columns: &[&str], patterns: &[Glob]| {
        let like = |column: &&str| patterns.iter().map(|glob| like(column, &glob.to_string())).collect::<Vec<_>>();
        let all: Vec<String> = columns.iter().flat_map(like).collect();
        (!all.is_empty()).then(|| format!("({})", all.join(" OR ")))
    };
    let users: Vec<String> = profile.user.iter().map(|name| format!("user_name = {}", quoted(name))).collect();
    let all = [
        either(&["process_executable", "process_parent_executable"], &profile.executable),
        either(&["service_name"], &profile.unit),
        either(&["container_image_name"], &profile.image),
        (!users.is_empty()).then(|| format!("({})", users.join(" OR "))),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| format!("({})", all.join(" AND ")))
}

/// Wider than the pattern where it has wildcards: whoever judges looks again.
fn like(column: &str, pattern: &str) -> String {
    if !pattern.contains(['*', '?', '%', '_']) && !pattern.ends_with('/') {
        return format!("{column} = {}", quoted(pattern));
    }
    let start = pattern.split(['*', '?', '%', '_']).next().unwrap_or_default();
    format!("{column} LIKE {}", quoted(&format!("{start}%")))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_whom_the_profiles_name() {
        let policy = verdict::Policy::parse(
            "t",
            "version = 1\n[[prevention]]\nid = \"a\"\nexecutable = [\"/usr/bin/o'x\", \"/opt/*/y\"]\nuser = [\"web\"]\n\
             [[prevention]]\nid = \"b\"\nlabel = [\"x=y\"]\n",
        )
        .unwrap();
        let found: Vec<Option<String>> = policy.prevention.iter().map(condition).collect();
        let expected = "((process_executable = '/usr/bin/o''x' OR process_executable LIKE '/opt/%' OR \
                        process_parent_executable = '/usr/bin/o''x' OR process_parent_executable LIKE '/opt/%') AND \
                        (user_name = 'web'))";
        assert_eq!(found, [Some(expected.to_owned()), None]);
    }
}
