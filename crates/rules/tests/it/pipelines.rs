//! Pipelines in pySigma's form: what each does to a rule, seen by what the rule then matches.

use rules::{LogSource, Options, Pipeline, RuleSet, View, shipped};
use std::collections::BTreeMap;
use std::sync::Arc;

const HEAD: &str = "title: t\nid: r\nlevel: low\nstatus: test\ntags: [attack.t1059]\nlogsource: {product: windows, category: process_creation}\n";

fn outcome(detection: &str, pipeline: &str, record: &[(&str, &str)]) -> Result<bool, String> {
    let pipeline = Pipeline::parse("p", pipeline).map_err(|error| error.to_string())?;
    let options = Options { pipelines: vec![pipeline], ..Options::default() };
    let rule = format!("{HEAD}detection: {{s: {detection}, condition: s}}\n");
    let (set, report) = RuleSet::compile_foreign([("t.yml".to_owned(), rule)], &options);
    if let Some(rejected) = report.rejected.first() {
        return Err(rejected.reason.clone());
    }
    let record: BTreeMap<String, String> = record.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Ok(!Arc::new(set).matcher().find(&record, None).is_empty())
}

fn check(detection: &str, items: &str, record: &[(&str, &str)], expected: bool) {
    let pipeline = format!("name: p\nvars: {{who: [root, ad*]}}\ntransformations: [{items}]\n");
    assert_eq!(outcome(detection, &pipeline, record), Ok(expected), "{detection} by {items} on {record:?}");
}

fn refused(detection: &str, items: &str, expected: &str) {
    let pipeline = format!("name: p\nvars: {{who: [root, ad*]}}\ntransformations: [{items}]\n");
    let reason = outcome(detection, &pipeline, &[]).unwrap_err();
    assert!(reason.contains(expected), "{items}: {reason}");
}

#[test]
fn field_names() {
    let map = "{type: field_name_mapping, mapping: {F: G}}";
    check("{F: a}", map, &[("G", "a")], true);
    check("{F: a}", map, &[("F", "a")], false);
    let many = "{type: field_name_mapping, mapping: {F: [G, H]}}";
    check("{F: a}", many, &[("H", "a")], true);
    check("{F|neq: a}", many, &[("G", "b"), ("H", "a")], false);
    check("{F: null}", many, &[("G", "b")], false);
    check("{F: null}", many, &[], true);
    check("{win.F: a}", "{type: field_name_prefix_mapping, mapping: {win.: log.}}", &[("log.F", "a")], true);
    check("{F: a}", "{type: field_name_prefix, prefix: x.}", &[("x.F", "a")], true);
    check("{F: a}", "{type: field_name_suffix, suffix: .x}", &[("F.x", "a")], true);
    let only = "{type: field_name_prefix, prefix: x., field_name_conditions: [{type: include_fields, fields: [F]}]}";
    check("{F: a, G: b}", only, &[("x.F", "a"), ("G", "b")], true);
    let except = "{type: field_name_prefix, prefix: x., field_name_conditions: [{type: exclude_fields, fields: ['^F'], mode: re}]}";
    check("{F: a, G: b}", except, &[("F", "a"), ("x.G", "b")], true);
}

#[test]
fn items_and_conditions() {
    let add = "{type: add_condition, conditions: {Channel: Sysmon, EventID: [1, 2]}}";
    check("{F: a}", add, &[("F", "a"), ("Channel", "sysmon"), ("EventID", "2")], true);
    check("{F: a}", add, &[("F", "a"), ("EventID", "2")], false);
    let filled = "{type: add_condition, template: true, conditions: {src: '${product}-$category'}}";
    check("{F: a}", filled, &[("F", "a"), ("src", "windows-process_creation")], true);
    check("{F: a}", "{type: add_condition, negated: true, conditions: {G: b}}", &[("F", "a"), ("G", "b")], false);
    let drop = "{type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [G]}]}";
    check("{F: a, G: b}", drop, &[("F", "a")], true);
    let drop =
        "{type: drop_detection_item, detection_item_conditions: [{type: match_string, cond: any, pattern: '^b$'}]}";
    check("{F: a, G: b}", drop, &[("F", "a")], true);
    check("{F: a, G: c}", drop, &[("F", "a")], false);
    refused("{F: a}", "{type: rule_failure, message: not here}", "not here");
    let fails = "{type: detection_item_failure, message: no wildcards, detection_item_conditions: [{type: contains_wildcard, cond: any}]}";
    refused("{F: 'a*'}", fails, "no wildcards");
    check("{F: a}", fails, &[("F", "a")], true);
    refused("{F: a}", "{type: strict_field_mapping_failure}", "does not map: F");
}

#[test]
fn values() {
    check("{F: abc}", "{type: replace_string, regex: 'b(.)', replacement: '\\1x'}", &[("F", "acx")], true);
    check(r"{F: 'C:\a\*'}", r"{type: replace_string, regex: '^C:', replacement: '*'}", &[("F", r"D:\a*")], true);
    check(
        "{F|contains: b}",
        "{type: replace_string, regex: 'b', replacement: c, skip_special: true}",
        &[("F", "xcx")],
        true,
    );
    check("{F: a}", "{type: map_string, mapping: {a: [x, y]}}", &[("F", "y")], true);
    check("{F: a}", "{type: set_value, value: 7}", &[("F", "7")], true);
    check("{F: '7.0'}", "{type: convert_type, target_type: num}", &[("F", "7")], true);
    check("{F|cased: A}", "{type: case, method: lower}", &[("F", "a")], true);
    check("{F|cased: someName}", "{type: case, method: snake_case}", &[("F", "some_name")], true);
    check("{F: 'a*b'}", "{type: regex}", &[("F", "A.B")], true);
    check("{F|expand: '%who%'}", "{type: value_placeholders}", &[("F", "adam")], true);
    check("{F|expand: 'x%who%'}", "{type: value_placeholders, include: [who]}", &[("F", "xroot")], true);
    check("{F|expand: 'x%gone%y'}", "{type: wildcard_placeholders}", &[("F", "x--y")], true);
    refused("{F|expand: '%gone%'}", "{type: value_placeholders}", "%gone% has no value");
    refused("{F|expand: '%who%'}", "{type: value_placeholders, exclude: [who]}", "%who% has no value");
    let hashes = "{type: hashes_fields, valid_hash_algos: [MD5, SHA1], field_prefix: File}";
    check(
        "{Hashes: 'MD5=987B65CD9B9F4E9A1AFD8F8B48CF64A7'}",
        hashes,
        &[("FileMD5", "987b65cd9b9f4e9a1afd8f8b48cf64a7")],
        true,
    );
    check(
        "{F: 'Dword:7'}",
        r"{type: extract_fields, regex: '(?P<type>\w+):(?P<n>\d+)', field_prefix: r}",
        &[("r.type", "Dword"), ("r.n", "7")],
        true,
    );
}

#[test]
fn conditions_state_and_order() {
    let of =
        |condition: &str| format!("{{type: field_name_mapping, mapping: {{F: G}}, rule_conditions: [{condition}]}}");
    let applies = |condition: &str, expected: bool| {
        check("{F: a}", &of(condition), &[("G", "a")], expected);
    };
    applies("{type: logsource, product: windows}", true);
    applies("{type: logsource, product: linux}", false);
    applies("{type: contains_field, field: F}", true);
    applies("{type: contains_detection_item, field: F, value: a}", true);
    applies("{type: contains_detection_item, field: F, value: b}", false);
    applies("{type: rule_attribute, attribute: level, value: medium, op: lt}", true);
    applies("{type: rule_attribute, attribute: status, value: stable, op: gte}", false);
    applies("{type: tag, tag: attack.t1059}", true);
    applies("{type: is_sigma_rule}", true);
    applies("{type: is_sigma_correlation_rule}", false);
    let chained = "{id: one, type: set_state, key: k, val: v}, {type: field_name_mapping, mapping: {F: G}, rule_conditions: {a: {type: processing_state, key: k, val: v}, b: {type: processing_item_applied, processing_item_id: one}, c: {type: tag, tag: x}}, rule_cond_expr: a and b and not c}";
    check("{F: a}", chained, &[("G", "a")], true);
    let either = "{type: field_name_mapping, mapping: {F: G}, rule_cond_op: or, rule_conditions: [{type: tag, tag: x}, {type: contains_field, field: F}]}";
    check("{F: a}", either, &[("G", "a")], true);
    let not =
        "{type: field_name_mapping, mapping: {F: G}, rule_cond_not: true, rule_conditions: [{type: tag, tag: x}]}";
    check("{F: a}", not, &[("G", "a")], true);
    let nested = "{type: nest, items: [{type: field_name_mapping, mapping: {F: G}}, {type: field_name_mapping, mapping: {G: H}}]}";
    check("{F: a}", nested, &[("H", "a")], true);
}

#[test]
fn what_a_pipeline_may_not_say_is_told() {
    let check = |text: &str, expected: &str| {
        let error = Pipeline::parse("p", text).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    };
    check("name: [", "not YAML");
    check("a: 1\n---\nb: 2", "2 documents");
    check("name: p\ntransformation: []", "\"transformation\" is not known");
    check("transformations: [{type: shout}]", "no transformation \"shout\"");
    check("transformations: [{type: case, metod: lower}]", "\"metod\" is not known");
    check("transformations: [{type: case, rule_conditions: [{type: moon}]}]", "no rule condition \"moon\"");
    check("transformations: [{type: replace_string, regex: '(', replacement: x}]", "cannot be used");
    check("transformations: [{type: http_placeholders}]", "reads from outside");
    check("transformations: [{type: query_expression_placeholders}]", "query's text");
    check("postprocessing: [{type: embed}]", "query's text");
    check("transformations: [{type: field_name_mapping, mapping: {a: []}}]", "a name or a list of names");
    let deep = format!("transformations: {}{}", "[{type: nest, items: ".repeat(12), "[]".to_owned() + &"}]".repeat(12));
    check(&deep, "nested deeper");
}

#[test]
fn the_shipped_ones_are_sound_and_route_windows_rules() {
    let views = shipped::views().expect("each parses");
    assert_eq!(views.len(), shipped::PIPELINES.len());
    let rule = format!("{HEAD}detection: {{s: {{Image|endswith: '\\x.exe'}}, condition: s}}\n");
    let (set, report) = RuleSet::compile_foreign([("t".to_owned(), rule)], &Options { views, ..Options::default() });
    assert_eq!(report.usable, 1, "{report:?}");
    let mut matcher = Arc::new(set).matcher();
    let source = LogSource { product: Some("windows".into()), ..LogSource::default() };
    let mut check = |fields: &[(&str, &str)], expected: bool| {
        let record: BTreeMap<String, String> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(!matcher.find(&record, Some(&source)).is_empty(), expected, "{fields:?}");
    };
    const SYSMON: (&str, &str) = ("Channel", "Microsoft-Windows-Sysmon/Operational");
    check(&[SYSMON, ("EventID", "1"), ("Image", r"C:\x.exe")], true);
    check(&[SYSMON, ("EventID", "3"), ("Image", r"C:\x.exe")], false);
    check(&[("Channel", "Security"), ("EventID", "4688"), ("NewProcessName", r"C:\x.exe")], true);
    check(&[("Channel", "Security"), ("EventID", "4689"), ("NewProcessName", r"C:\x.exe")], false);
    check(&[("EventID", "1"), ("Image", r"C:\x.exe")], false);
}

#[test]
fn a_users_own_mapping_is_not_second_guessed() {
    let own = Pipeline::parse(
        "own",
        "transformations: [{type: field_name_mapping, mapping: {Image: process.executable}}, {type: change_logsource, category: ecs}]",
    );
    let views = vec![View { name: "windows".into(), pipelines: vec![shipped::pipeline("windows").unwrap().unwrap()] }];
    let options = Options { pipelines: vec![own.unwrap()], views, ..Options::default() };
    let rule = format!("{HEAD}detection: {{s: {{Image: x}}, condition: s}}\n");
    let (set, _) = RuleSet::compile_foreign([("t".to_owned(), rule)], &options);
    let record: BTreeMap<String, String> = [("process.executable".to_owned(), "x".to_owned())].into();
    assert_eq!(Arc::new(set).matcher().find(&record, None).len(), 1);
}
