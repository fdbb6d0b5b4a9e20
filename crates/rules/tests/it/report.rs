//! The report: every rule that does not run says why, under the keys that `tamon rules check` promises.

use rules::RuleSet;

const GOOD: &str = "title: t\nid: a-1\nlogsource: {product: linux, category: process_creation}\ndetection:\n  s: {Image: /x}\n  condition: s\n";

fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}

#[test]
fn each_fault_has_its_reason() {
    let check = |text: &str, expected: &str| {
        let (_, report) = RuleSet::compile([("dir/r.yml".to_owned(), text.to_owned())]);
        let reasons: Vec<&str> = report.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert!(reasons.len() == 1 && reasons[0].contains(expected), "{text}\n{reasons:?}");
    };
    check("", "the file holds no rule");
    check("- a\n- b", "a rule is a YAML map");
    check("a: [", "not YAML");
    check(&with("title: t\n", ""), "the field \"title\" is missing");
    check(&with("title: t", "title: [t]"), "the field \"title\" must be text");
    check(&with("logsource: {product: linux, category: process_creation}\n", ""), "the field \"logsource\" is missing");
    check(&with("product: linux, category: process_creation", ""), "a product, category or service");
    check(&with("  condition: s\n", ""), "the field \"condition\" is missing");
    check(&with("condition: s", "condition: gone"), "which the detection does not have");
    check(&with("condition: s", "condition: s | count() > 3"), "correlation rules");
    check(&with("{Image: /x}", "{Image|shout: /x}"), "\"shout\" is not one of Sigma 2.1's");
    check(&with("{Image: /x}", "{Image|cidr: everywhere}"), "a network like 10.0.0.0/8");
    check(&with("{Image: /x}", "{Image|lt: few}"), "lt needs a number");
    check(&with("{Image: /x}", "{Image|exists: perhaps}"), "true or false");
    check(&with("{Image: /x}", "{Image|i: x}"), "the modifier \"i\" cannot take text");
    check(&with("{Image: /x}", "{Image|base64: 'a*'}"), "a value with wildcards");
    check(&with("{Image: /x}", "{Image|expand: '%who%'}"), "the placeholder %who% has no value here");
    check(&with("{Image: /x}", "{Image: []}"), "it is empty");
    check(&with("{Image: /x}", "{}"), "it is empty");
    check(&with("{Image: /x}", "{Image: {a: b}}"), "a map or list stands where a value is expected");
    check(&with("{Image: /x}", "{Imaje: /x}"), "it can never be true: Imaje is no field of");
    check(&with("{Image: /x}", "{OriginalFileName: x}"), "it can never be true: OriginalFileName");
    check(&with("title: t", "title: t\nlevel: loud"), "level: \"loud\" is none of");
    check(&with("title: t", "title: t\ntamon: {action: nuke}"), "action is none of");
    check(&with("title: t", "title: t\ntamon: {aktion: kill}"), "the key \"aktion\" is not known");
    check(&with("linux", "windows"), "is not fed");
    check("title: t\ncorrelation: {type: event_count, rules: [x], timespan: 1m}", "correlation.condition");
    check("title: t\nfilter: {rules: [x], s: {Image: a}, condition: not s}\nlogsource: {product: linux}", "is named x");
    check("action: global\ntitle: t", "not supported: “action: global”");
    check(&format!("{GOOD}---\n{GOOD}"), "its id stands already in dir/r.yml");
}

#[test]
fn the_keys_are_those_that_were_promised() {
    let (rules, report) = RuleSet::compile([
        ("a.yml".to_owned(), format!("{GOOD}---\n{}", with("a-1", "a-2").replace("/x", "/y"))),
        ("b.yml".to_owned(), "nope".to_owned()),
    ]);
    assert_eq!(rules.len(), 2);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"files": 2, "rules": 3, "usable": 2,
            "rejected": [{"rule_id": null, "file": "b.yml", "reason": "a rule is a YAML map"}]})
    );
}

#[test]
fn a_field_that_only_a_filter_needs_does_not_stop_a_rule() {
    let text = with("  condition: s", "  f: {OriginalFileName: x}\n  condition: s and not f");
    let (_, report) = RuleSet::compile([("r.yml".to_owned(), text)]);
    assert_eq!(report.usable, 1, "{:?}", report.rejected);
}
