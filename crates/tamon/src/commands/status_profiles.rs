//! What `tamon status` says of profiles: who is confined by each, what was denied, and what this host's tier cannot keep.

use crate::output::text;
use serde_json::Value;

/// Name and words of each line; none where the policy has no profiles.
pub fn lines(prevention: &Value) -> Vec<(&'static str, String)> {
    let list = |key: &str| prevention[key].as_array().cloned().unwrap_or_default();
    let profile = |one: &Value| {
        format!(
            "{} ({}): {} processes, {} acts refused, {} processes ended",
            text(&one["id"]),
            text(&one["mode"]),
            text(&one["processes"]),
            text(&one["denied"]),
            text(&one["ended"])
        )
    };
    let limit = |one: &Value| format!("{}: {}", text(&one["doing"]), text(&one["why"]));
    let profiles = list("profiles").iter().map(|one| ("profile", profile(one))).collect::<Vec<_>>();
    profiles.into_iter().chain(list("not_kept").iter().map(|one| ("not kept of profiles", limit(one)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn profiles_and_what_is_not_kept() {
        assert!(lines(&json!({ "profiles": [], "not_kept": [] })).is_empty());
        let found = lines(&json!({
            "profiles": [{ "id": "web", "mode": "enforce", "processes": 3, "denied": 2, "ended": 0 }],
            "not_kept": [{ "doing": "signals", "why": "the signal is sent" }],
        }));
        let expected = [
            ("profile", "web (enforce): 3 processes, 2 acts refused, 0 processes ended".to_owned()),
            ("not kept of profiles", "signals: the signal is sent".to_owned()),
        ];
        assert_eq!(found, expected);
    }
}
