//! Every modifier and kind of value of Sigma 2.1, a line a case: detection, record, whether it matches.

use rules::{Options, RuleSet};
use std::collections::BTreeMap;
use std::sync::Arc;

fn matches(detection: &str, record: &[(&str, &str)]) -> bool {
    let rule = format!("title: t\nlogsource: {{category: test}}\ndetection: {{s: {detection}, condition: s}}\n");
    run(&rule, record)
}

fn run(rule: &str, record: &[(&str, &str)]) -> bool {
    let options = Options {
        placeholders: [("admins".to_owned(), vec!["root".to_owned(), "ad*".to_owned()])].into_iter().collect(),
        ..Options::default()
    };
    let (rules, report) = RuleSet::compile_foreign([("t.yml".to_owned(), rule.to_owned())], &options);
    assert_eq!(report.usable, 1, "{rule}: {:?}", report.rejected);
    let record: BTreeMap<String, String> =
        record.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    !Arc::new(rules).matcher().find(&record, None).is_empty()
}

fn check(detection: &str, record: &[(&str, &str)], expected: bool) {
    assert_eq!(matches(detection, record), expected, "{detection} on {record:?}");
}

#[test]
fn text() {
    check("{F: value}", &[("F", "VALUE")], true);
    check("{F: value}", &[("F", "values")], false);
    check("{F: 'v*e'}", &[("F", "vALUe")], true);
    check("{F: 'v?lue'}", &[("F", "value")], true);
    check(r"{F: 'v\*e'}", &[("F", "v*e")], true);
    check(r"{F: 'v\*e'}", &[("F", "vale")], false);
    check("{F: ''}", &[("F", "")], true);
    check("{F: ''}", &[("F", "x")], false);
    check("{F: '*'}", &[("F", "")], true);
    check("{F: '*'}", &[("G", "x")], false);
    check("{F|contains: lu}", &[("F", "VALUE")], true);
    check("{F|startswith: va}", &[("F", "VALUE")], true);
    check("{F|startswith: al}", &[("F", "VALUE")], false);
    check("{F|endswith: UE}", &[("F", "value")], true);
    check("{F|endswith: va}", &[("F", "value")], false);
    check("{F|contains|all: [a, b]}", &[("F", "xbxa")], true);
    check("{F|contains|all: [a, b]}", &[("F", "xa")], false);
    check("{F|cased: Value}", &[("F", "Value")], true);
    check("{F|cased: Value}", &[("F", "value")], false);
    check("{F|contains|cased: AL}", &[("F", "vALue")], true);
    check("{F|contains|cased: AL}", &[("F", "value")], false);
    check("{F: straße}", &[("F", "STRAßE")], true);
    check("{F|contains: É}", &[("F", "café")], true);
}

#[test]
fn numbers_booleans_null() {
    check("{F: 4444}", &[("F", "4444")], true);
    check("{F: 0x1F}", &[("F", "31")], true);
    check("{F: true}", &[("F", "True")], true);
    check("{F: null}", &[("G", "x")], true);
    check("{F: null}", &[("F", "x")], false);
    check("{F: [null, '']}", &[("F", "")], true);
    check("{F|lt: 10}", &[("F", "9.5")], true);
    check("{F|lt: 10}", &[("F", "10")], false);
    check("{F|lte: 10}", &[("F", "10")], true);
    check("{F|gt: 10}", &[("F", "11")], true);
    check("{F|gte: 10}", &[("F", "9")], false);
    check("{F|gt: 10}", &[("F", "x")], false);
    check("{F|exists: true}", &[("F", "")], true);
    check("{F|exists: true}", &[("G", "")], false);
    check("{F|exists: false}", &[("G", "")], true);
    check("{F|neq: a}", &[("F", "b")], true);
    check("{F|neq: a}", &[("F", "A")], false);
    check("{F|contains: 44}", &[("F", "4444")], true);
}

#[test]
fn regular_expressions() {
    check(r"{F|re: '^a\d+$'}", &[("F", "a12")], true);
    check(r"{F|re: 'A\d'}", &[("F", "a1")], false);
    check(r"{F|re|i: 'A\d'}", &[("F", "xa1")], true);
    check(r"{F|re|i: 'a.b'}", &[("F", "A\nB")], false);
    check(r"{F|re|i|s: 'a.b'}", &[("F", "A\nB")], true);
    check(r"{F|re|m: '^b$'}", &[("F", "a\nb\nc")], true);
    check(r"{F|re: '^b$'}", &[("F", "a\nb\nc")], false);
    check(r"{F|re: 'C:\\Windows\\'}", &[("F", r"C:\Windows\x")], true);
    check(r"{F|re: '(foo|bar)x+'}", &[("F", "abarxx")], true);
    check(r"{F|re: '\(\)\s*{\s*:;\s*}'}", &[("F", "() { :; }; id")], true);
    check(r"{F|re: '\<a\>'}", &[("F", "x<a>y")], true);
    check(r"{F|re: '[[\]]x'}", &[("F", "[x")], true);
}

#[test]
fn encodings() {
    check("{F|base64: ping}", &[("F", "cGluZw==")], true);
    check("{F|base64offset|contains: /bin/sh}", &[("F", "ZWNobyAvYmluL3NoIC1p")], true);
    check("{F|base64offset|contains: /bin/sh}", &[("F", "IC9iaW4vc2g=")], true);
    check("{F|base64offset|contains: /bin/sh}", &[("F", "L2Jpbi9zaAo=")], true);
    check("{F|base64offset|contains: /bin/sh}", &[("F", "L2Jpbi9scwo=")], false);
    check("{F|wide|base64offset|contains: ping}", &[("F", "cABpAG4AZwA=")], true);
    check("{F|utf16le|base64: ab}", &[("F", "YQBiAA==")], true);
    check("{F|utf16be|base64: ab}", &[("F", "AGEAYg==")], true);
    check("{F|utf16|base64: ab}", &[("F", "//5hAGIA")], true);
    check("{F|windash|contains: ' -f'}", &[("F", "x /f y")], true);
    check("{F|windash|contains: ' -f'}", &[("F", "x –f y")], true);
    check("{F|windash|contains: ' --f'}", &[("F", "x -—f y")], true);
    check("{F|windash|contains: 'a-b'}", &[("F", "a/b")], false);
}

#[test]
fn networks_references_placeholders() {
    check("{F|cidr: 10.0.0.0/8}", &[("F", "10.1.2.3")], true);
    check("{F|cidr: 10.0.0.0/8}", &[("F", "11.1.2.3")], false);
    check("{F|cidr: [10.0.0.0/8, 'fe80::/10']}", &[("F", "fe80::1")], true);
    check("{F|cidr: 10.0.0.0/8}", &[("F", "::ffff:10.0.0.1")], true);
    check("{F|cidr: 10.0.0.0/8}", &[("F", "ten")], false);
    check("{F|fieldref: G}", &[("F", "a"), ("G", "A")], true);
    check("{F|fieldref: G}", &[("F", "a"), ("G", "b")], false);
    check("{F|fieldref: G}", &[("F", "a")], false);
    check("{F|fieldref|startswith: G}", &[("F", "abc"), ("G", "AB")], true);
    check("{F|fieldref|endswith: G}", &[("F", "abc"), ("G", "bc")], true);
    check("{F|fieldref|contains: G}", &[("F", "abc"), ("G", "B")], true);
    check("{F|expand: '%admins%'}", &[("F", "root")], true);
    check("{F|expand: '%admins%'}", &[("F", "adam")], true);
    check("{F|expand: '%admins%'}", &[("F", "eve")], false);
    check("{F|contains|expand: 'u=%admins%;'}", &[("F", "x u=root; y")], true);
    check("{F|expand: '100%'}", &[("F", "100%")], true);
    check(r"{F|expand: '\%plain%admins%'}", &[("F", "%plainroot")], true);
    check(r"{F|expand: '\%admins\%'}", &[("F", "%admins%")], true);
    check(r"{F|expand: '\%admins\%'}", &[("F", "root")], false);
    check("{F: '%admins%'}", &[("F", "%admins%")], true);
    check("{F|fieldref|neq: G}", &[("F", "a"), ("G", "b")], true);
    check("{F|fieldref|neq: G}", &[("F", "a"), ("G", "A")], false);
}

#[test]
fn times() {
    let at = [("T", "2024-12-30T23:45:00Z")];
    check("{T|minute: 45}", &at, true);
    check("{T|hour: 23}", &at, true);
    check("{T|hour|gte: 22}", &at, true);
    check("{T|gte|hour: 22}", &at, true);
    check("{T|hour|lt: 6}", &at, false);
    check("{T|day: 30}", &at, true);
    check("{T|week: 1}", &at, true);
    check("{T|month: 12}", &at, true);
    check("{T|year: 2024}", &at, true);
    check("{T|year: 2024}", &[("T", "soon")], false);
}

#[test]
fn shapes_of_searches() {
    check("[{F: a}, {G: b}]", &[("G", "b")], true);
    check("{F: a, G: b}", &[("G", "b")], false);
    check("[alpha, beta]", &[("x", "say BETA now")], true);
    check("{'|all': [alpha, beta]}", &[("x", "alpha"), ("y", "beta")], true);
    check("{'|all': [alpha, beta]}", &[("x", "alpha")], false);
    check("word", &[("x", "a word")], true);
    check("[{F: a}, word]", &[("x", "a word")], true);
    check("['al*ha']", &[("x", "my alpha")], true);
    check("['al*ha']", &[("x", "al"), ("y", "ha")], false);
    check("{'|re': 'b.d'}", &[("x", "abide"), ("y", "bad")], true);
    check("[4625]", &[("EventID", "4625")], true);
}

#[test]
fn conditions() {
    let check = |condition: &str, record: &[(&str, &str)], expected: bool| {
        let rule = format!(
            "title: t\nlogsource: {{category: test}}\ndetection:\n  sel_a: {{A: 1}}\n  sel_b: {{B: 1}}\n  filter: {{C: 1}}\n  condition: {condition}\n"
        );
        assert_eq!(run(&rule, record), expected, "{condition}");
    };
    check("1 of sel_* and not filter", &[("B", "1")], true);
    check("1 of sel_* and not filter", &[("B", "1"), ("C", "1")], false);
    check("all of sel_*", &[("A", "1"), ("B", "1")], true);
    check("not 1 of them", &[("A", "2")], true);
    check("not all of them", &[("A", "1")], true);
    check("sel_a or sel_b and filter", &[("A", "1")], true);
    check("(sel_a or sel_b) and filter", &[("A", "1")], false);
    check("[sel_a, sel_b]", &[("B", "1")], true);
    check("[sel_a and sel_b, filter]", &[("B", "1")], false);
}

#[test]
fn words_of_another_taxonomy_need_a_pipeline() {
    let rule = |taxonomy: &str| {
        let head = if taxonomy.is_empty() { String::new() } else { format!("taxonomy: {taxonomy}\n") };
        format!(
            "title: t\n{head}logsource: {{product: linux, category: process_creation}}\n\
             detection: {{s: {{process.executable: /bin/x}}, condition: s}}\n"
        )
    };
    for (taxonomy, usable) in [("", 1), ("sigma", 1), ("ECS", 1), ("splunk_cim", 0)] {
        let (_, report) = RuleSet::compile([("t.yml".to_owned(), rule(taxonomy))]);
        assert_eq!(report.usable, usable, "{taxonomy}: {:?}", report.rejected);
    }
}
