//! The question to a store of events: what did those do that profiles name? Text of SQL over the table `events`; whoever
//! judges the answer looks again whom a profile fits.

use super::PreventionProfile;
use crate::Glob;

/// What a profile may speak of.
const ACTIONS: &str = "(event_action LIKE 'file-%' OR event_action LIKE 'directory-%' OR event_action IN ('process-exec', \
     'network-connect', 'network-bind', 'dns-query', 'module-load', 'process-ptrace', 'process-vm-write', 'mount', 'unmount', \
     'pivot-root', 'namespace-unshare', 'namespace-setns', 'chroot', 'bpf-load', 'memory-write-execute'))";

/// What each cell of a row of the answer is called where an act of the past is read; the last is how often.
pub const KEYS: [&str; 11] =
    ["executable", "parent", "unit", "user", "image", "action", "path", "address", "port", "name", "count"];

const COLUMNS: &str = "process_executable, process_parent_executable, service_name, user_name, container_image_name, \
     event_action, file_path, destination_ip, destination_port, dns_question_name";

/// Acts put together, the most frequent first. `also` are further conditions, of which host and since when. None where no
/// profile names anybody by what is stored.
pub fn question(profiles: &[PreventionProfile], also: &str) -> Option<String> {
    let who: Vec<String> = profiles.iter().filter_map(|profile| condition(&profile.whole())).collect();
    let who = (!who.is_empty()).then(|| who.join(" OR "))?;
    Some(format!(
        "SELECT {COLUMNS}, count(*) AS n FROM events WHERE {also} AND {ACTIONS} AND ({who}) GROUP BY {COLUMNS} \
         ORDER BY n DESC"
    ))
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
        let policy = crate::Policy::parse(
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
        assert_eq!(question(&policy.prevention[1..], "true"), None);
        let asked = question(&policy.prevention, "host_id = 'h'").unwrap();
        assert_eq!(COLUMNS.split(',').count() + 1, KEYS.len());
        assert!(asked.contains(&format!("WHERE host_id = 'h' AND {ACTIONS} AND ({expected})")), "{asked}");
    }
}
