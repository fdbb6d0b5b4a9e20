//! Attack logs of Windows that two other engines agree about, where the test data is there.

use crate::data;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// `RunMRU Registry Key Deletion` is for `registry_delete`. In these three logs the key is created (Sysmon 12,
/// `CreateKey`): the others ask for the event id alone, we for the kind of change too.
const NO_DELETION: &str = "3a9b8c1e-5b2e-4f7a-9d1c-2a7f3b6e1c55";

#[test]
fn what_two_engines_agree_about_is_found() {
    let Some(logs_folder) = data::unpacked("evtx/evtx-attack-samples.tar.xz") else { return };
    let Some(rules_folder) = data::unpacked("sigma/rules.tar.xz") else { return };
    let agreed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/evtx/agreed-hits.tsv");
    let agreed = std::fs::read_to_string(agreed).expect("the agreed hits");
    let agreed: BTreeSet<(String, String)> =
        agreed.lines().filter_map(|line| line.split_once('\t')).map(|(f, r)| (f.to_owned(), r.to_owned())).collect();
    // Only the rules that are agreed about: the whole set takes long without optimisation.
    let set = Arc::new(data::rules(rules_folder.path(), &|id| agreed.iter().any(|(_, rule)| rule == id)));
    let mut matcher = set.matcher();
    let mut found = BTreeSet::new();
    for path in data::files(logs_folder.path(), "evtx") {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let outcome = logs::read(&path, None, &mut |record| {
            let hits = matcher.find(record, record.origin.source());
            found.extend(hits.into_iter().map(|hit| (name.clone(), hit.rule_id)));
            ControlFlow::Continue(())
        });
        assert_eq!(outcome.expect("a log").fault_count, 0, "{name}");
    }
    let missing: Vec<_> = agreed.difference(&found).collect();
    assert!(missing.iter().all(|(_, rule)| rule == NO_DELETION), "{missing:#?}");
    assert!(agreed.len() - missing.len() >= 620, "{} of {}", agreed.len() - missing.len(), agreed.len());
}
