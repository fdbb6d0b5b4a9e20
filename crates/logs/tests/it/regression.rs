//! SigmaHQ's own regression cases, where the test data is there: each rule fires on its log as often as its author says, in
//! both forms of the log; and is silent once one field that it selects by is changed.

use crate::data;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Its log holds two records (AutoShareServer and AutoShareWks) that each meet the rule as it is written; the author
/// counts one.
const COUNTED_OTHERWISE: &[(&str, u64, u64)] = &[("c7dcacd0-cc59-4004-b0a4-1d6cdebe6f3e", 1, 2)];

/// Rules that are lists of alternatives (a path, or an original name, or a digest …): their records meet several at once, so
/// only changing all of them silences the rule.
const ALTERNATIVES: &[&str] = &[
    "514e7e3e-b3b4-4a67-af60-be20f139198b",
    "df55196f-f105-44d3-a675-e9dfb6cc2f2b",
    "c598cc0c-9e70-4852-b9eb-8921af79f598",
    "589ac73f-8e12-409c-964e-31a2f5775ae2",
    "bef37fa2-f205-4a7b-b484-0759bfd5f86f",
];

struct Case {
    id: String,
    count: Option<u64>,
}

fn cases(folder: &Path) -> Vec<Case> {
    let manifest = std::fs::read_to_string(folder.join("manifest.csv")).expect("a manifest");
    let case = |line: &str| {
        let id = line.split(',').next()?.to_owned();
        // Titles may hold commas; the count stands before the path.
        let count = line.rsplit(',').nth(1)?.parse().ok();
        Some(Case { id, count })
    };
    manifest.lines().skip(1).filter_map(case).collect()
}

#[test]
fn each_rule_fires_on_its_log_and_not_beside_it() {
    let Some(cases_folder) = data::unpacked("sigma/regression-dev.tar.xz") else { return };
    let Some(rules_folder) = data::unpacked("sigma/rules.tar.xz") else { return };
    let root = cases_folder.path().join("regression-dev");
    let root = if root.exists() { root } else { cases_folder.path().to_path_buf() };
    let cases = cases(&root);
    assert!(cases.len() >= 87, "{}", cases.len());
    let set = Arc::new(data::rules(rules_folder.path(), &|id| cases.iter().any(|case| case.id == id)));
    let mut matcher = set.matcher();
    let mut wrong = Vec::new();
    let mut changed = 0;
    for Case { id, count } in &cases {
        let known = COUNTED_OTHERWISE.iter().find(|(other, ..)| other == id);
        let count = known.map(|(_, _, ours)| *ours).or(*count);
        for extension in ["evtx", "json"] {
            let path = root.join(id).join(format!("{id}.{extension}"));
            let mut hits = 0;
            let outcome = logs::read(&path, None, &mut |record| {
                let found = matcher.find(record, record.origin.source());
                hits += found.iter().filter(|hit| hit.rule_id == *id).count() as u64;
                if extension == "json" {
                    for hit in found.iter().filter(|hit| hit.rule_id == *id) {
                        changed += near_misses(record, &hit.matched, id, &mut matcher_of(&set), &mut wrong);
                    }
                }
                ControlFlow::Continue(())
            });
            let outcome = outcome.expect("a log");
            assert_eq!(outcome.fault_count, 0, "{outcome:?}");
            if hits == 0 || count.is_some_and(|count| count != hits) {
                wrong.push(format!("{id}.{extension}: {hits} hits, not {count:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed > 200, "only {changed} near misses were tried");
}

fn matcher_of(set: &Arc<rules::ForeignRules>) -> rules::ForeignMatcher {
    set.matcher()
}

/// All fields that the rule matched by are changed in turn. Where the rule offers alternatives it may still hold; but
/// with all of them changed it must not.
fn near_misses(
    record: &logs::Flat,
    matched: &[(String, String)],
    id: &str,
    matcher: &mut rules::ForeignMatcher,
    wrong: &mut Vec<String>,
) -> usize {
    let whole: BTreeMap<String, String> = record.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let fires = |record: &BTreeMap<String, String>, matcher: &mut rules::ForeignMatcher| {
        let source = logs::Origin::Windows.source();
        matcher.find(record, source).iter().any(|hit| hit.rule_id == id)
    };
    if !fires(&whole, matcher) {
        wrong.push(format!("{id}: does not fire on its own record, read by name"));
    }
    let mut silent = 0;
    let mut all = whole.clone();
    for (name, _) in matched {
        let mut one = whole.clone();
        one.insert(name.clone(), "near-miss".to_owned());
        all.insert(name.clone(), "near-miss".to_owned());
        silent += usize::from(!fires(&one, matcher));
    }
    if fires(&all, matcher) {
        wrong.push(format!("{id}: fires with all selected fields changed"));
    }
    if silent == 0 && !ALTERNATIVES.contains(&id) {
        wrong.push(format!("{id}: no change of one selected field silences it"));
    }
    // An event of another kind, or of another channel, is not asked at all.
    for (name, value) in [("EventID", "9999"), ("Channel", "Other")] {
        let mut other = whole.clone();
        other.insert(name.to_owned(), value.to_owned());
        if fires(&other, matcher) {
            wrong.push(format!("{id}: fires with {name} {value}"));
        }
    }
    matched.len() + 3
}
