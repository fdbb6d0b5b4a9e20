//! What the console shows of this host's rules: those that the operator put here, as they are written, and what of all rules
//! cannot be used and why. Our own pack is not sent: every node has it.

use crate::shared::Shared;
use detect::SequenceError;
use rules::Rejected;
use serde_json::{Value, json};

/// Text of all files that are sent; more are named and counted.
const MOST_BYTES: usize = 2 << 20;
const MOST_FILES: usize = 2_000;
const MOST_REJECTED: usize = 1_000;

#[derive(Debug, Default)]
pub struct RuleFiles {
    /// Name and text; no text where there was no room for it.
    operator: Vec<(String, Option<String>)>,
    left_out: usize,
    rejected: Vec<(Option<String>, String, String)>,
    rejected_left_out: usize,
}

impl RuleFiles {
    /// `operator` is (name, text) of the files that are not built in.
    pub fn new(operator: Vec<(String, String)>, rejected: &[Rejected], errors: &[SequenceError]) -> RuleFiles {
        let mut files = RuleFiles { left_out: operator.len().saturating_sub(MOST_FILES), ..RuleFiles::default() };
        let mut room = MOST_BYTES;
        for (name, text) in operator.into_iter().take(MOST_FILES) {
            let kept = (text.len() <= room).then_some(text);
            room -= kept.as_ref().map_or(0, String::len);
            files.operator.push((name, kept));
        }
        let sigma = rejected.iter().map(|one| (one.rule_id.clone(), one.file.clone(), one.reason.clone()));
        let sequences = errors.iter().map(|error| (None, String::new(), error.to_string()));
        let all: Vec<_> = sigma.chain(sequences).collect();
        files.rejected_left_out = all.len().saturating_sub(MOST_REJECTED);
        files.rejected = all.into_iter().take(MOST_REJECTED).collect();
        files
    }
}

/// What `ListRules` is answered.
pub fn list(shared: &Shared) -> Value {
    let files = shared.rule_files.lock();
    let operator = files.operator.iter().map(|(file, text)| json!({ "file": file, "text": text }));
    let rejected = files.rejected.iter().map(|(id, file, why)| json!({ "rule_id": id, "file": file, "reason": why }));
    let loaded = shared.scanner.as_ref().map(|scanner| scanner.loaded()).unwrap_or_default();
    let yara = loaded.rejected.iter().take(MOST_REJECTED);
    let yara = yara.map(|one| json!({ "rule_id": one.rule_id, "file": one.file, "reason": one.reason }));
    json!({
        "usable": shared.rules.lock().usable,
        "operator": operator.collect::<Vec<_>>(),
        "operator_left_out": files.left_out,
        "rejected": rejected.chain(yara).collect::<Vec<_>>(),
        "rejected_left_out": files.rejected_left_out,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn what_is_built_in_is_not_sent_and_the_rest_is_bounded() {
        let own = |n: usize, bytes: usize| (format!("/etc/tamon/content/sigma/{n}.yml"), "x".repeat(bytes));
        let mut read = content::builtin("sigma/");
        read.extend([own(1, 10), own(2, MOST_BYTES), own(3, 5)]);
        let files = RuleFiles::new(content::operators(&read), &[], &[]);
        let shown: Vec<_> = files.operator.iter().map(|(name, text)| (name.clone(), text.is_some())).collect();
        assert_eq!(shown, [(own(1, 0).0, true), (own(2, 0).0, false), (own(3, 0).0, true)]);
        let many = (0..MOST_FILES + 7).map(|n| own(n, 1)).collect();
        assert_eq!(RuleFiles::new(many, &[], &[]).left_out, 7);
    }
}
