//! Records of other origin, by field name.

use rules::{LogSource, Options, RuleSet};
use std::collections::BTreeMap;
use std::sync::Arc;

const RULE: &str = r#"
title: Encoded PowerShell
id: 0d5c2a34-5a0b-4a9a-9a53-7a4d8b9f6b10
logsource: {product: windows, category: process_creation}
detection:
  image: {Image|endswith: '\powershell.exe'}
  flag: {CommandLine|contains|windash: ' -enc '}
  condition: image and flag
level: high
"#;

#[test]
fn a_windows_event_meets_a_windows_rule() {
    let (rules, report) = RuleSet::compile_foreign([("w.yml".into(), RULE.into())], &Options::default());
    assert_eq!((report.usable, report.rejected.len()), (1, 0));
    let mut matcher = Arc::new(rules).matcher();
    let record: BTreeMap<String, String> = [
        ("Image", r"C:\Windows\System32\WindowsPowerShell\v1.0\PowerShell.exe"),
        ("CommandLine", "powershell /enc SQBFAFgA"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    let hits = matcher.find(&record, None);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].matched[0].0, "Image");

    let source = |product: &str| LogSource {
        product: Some(product.into()),
        category: Some("process_creation".into()),
        service: None,
    };
    assert_eq!(matcher.find(&record, Some(&source("windows"))).len(), 1);
    assert_eq!(matcher.find(&record, Some(&source("macos"))).len(), 0);
}
