//! Rule files that nobody means well with.

use proptest::prelude::*;
use rules::{Options, RuleSet};
use std::sync::Arc;

fn rule(detection: &str) -> String {
    format!("title: t\nid: 1\nlogsource: {{product: linux, category: process_creation}}\ndetection:\n{detection}")
}

fn reason(text: String) -> String {
    let (_, report) = RuleSet::compile([("bad.yml".to_owned(), text)]);
    assert_eq!(report.usable, 0, "{report:?}");
    report.rejected.into_iter().next().expect("a reason").reason
}

#[test]
fn what_is_too_much_is_refused() {
    let check = |text: String, expected: &str| {
        let reason = reason(text);
        assert!(reason.contains(expected), "{reason}");
    };
    check("#".repeat(2 << 20), "bytes; at most");
    check(
        rule(&format!("  s: {{Image: {}}}\n  condition: {}s{}", "a", "(".repeat(60), ")".repeat(60))),
        "nested deeper",
    );
    check(rule("  s: {CommandLine|re: '((a{1,100}){1,100}){1,100}'}\n  condition: s"), "compiled it would take more");
    check(rule("  s: {CommandLine|re: '(?<=x)y'}\n  condition: s"), "look-around");
    check(rule("  s: {CommandLine|re: '('}\n  condition: s"), "regular expression");
    check(
        rule(&format!("  s: {{CommandLine|re: '{}'}}\n  condition: s", "(".repeat(500) + &")".repeat(500))),
        "regular expression",
    );
    let many = (0..30_000).map(|n| format!("x{n}")).collect::<Vec<_>>().join(", ");
    check(rule(&format!("  s: {{Image: [{many}]}}\n  condition: s")), "more than 20000 values");
    check(rule(&format!("  s: {{Image: {}}}\n  condition: s", "a".repeat(20_000))), "at most 16384 are taken");
    check(rule("  s: {CommandLine|windash: '-a -b -c -d -e -f'}\n  condition: s"), "dashes under windash");
    let names = |count: usize| (0..count).map(|n| format!("s{n}")).collect::<Vec<_>>();
    let searches: String = names(10_000).iter().map(|name| format!("  {name}: {{Image: x}}\n")).collect();
    check(rule(&format!("{searches}  condition: 1 of s*")), "a map of more than 1000 keys");
    check(rule(&format!("  s: {{Image: x}}\n  condition: {}", ["s"; 10_000].join(" and "))), "more than 2000 words");
    let half = (0..9_000).map(|n| format!("x{n}")).collect::<Vec<_>>().join(", ");
    let condition = ["s"; 900].join(" or ");
    check(rule(&format!("  s: {{Image: [{half}]}}\n  condition: {condition}")), "more than 20000 values");
}

/// Ten thousand conditions of one rule are a list like any other, and cost what they say.
#[test]
fn ten_thousand_conditions_are_taken_or_refused_but_never_slow() {
    let conditions = ["s"; 10_000].join(", ");
    let (_, report) =
        RuleSet::compile([("c.yml".to_owned(), rule(&format!("  s: {{Image: x}}\n  condition: [{conditions}]")))]);
    assert_eq!(report.usable + report.rejected.len(), 1, "{report:?}");
}

#[test]
fn an_exponential_expression_costs_what_any_other_costs() {
    let (rules, report) =
        RuleSet::compile([("r.yml".to_owned(), rule("  s: {CommandLine|re: '^(a+)+(b|c)*$'}\n  condition: s"))]);
    assert_eq!(report.usable, 1);
    let mut row = event::Row::default();
    row.set_text(event::Column::Action, "process-exec");
    row.set_text(event::Column::ProcessCommandLine, "a".repeat(200_000) + "!");
    assert!(Arc::new(rules).matcher().find(&row).is_empty());
}

fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "title: x\n",
        "id: 1\n",
        "logsource:\n",
        "  product: linux\n",
        "  category: process_creation\n",
        "detection:\n",
        "  sel:\n",
        "    Image|endswith: '/sh'\n",
        "    '|all': [a, b]\n",
        "    CommandLine|re: '(a|b)+'\n",
        "  condition: ",
        "sel",
        " and ",
        " or ",
        "not ",
        "(",
        ")",
        "1 of sel*",
        "all of them",
        "\n",
        "---\n",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "|",
        "\\",
        "'",
        "\"",
        "%",
        "?",
        "*",
        "\u{0}",
        "é",
        "  ",
        "|base64offset|contains: x\n",
        "|windash: -a\n",
        "null",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever the text: no panic, and each rule is either usable or rejected with a reason.
    #[test]
    fn any_text_is_accounted_for(text in words()) {
        for report in [
            RuleSet::compile([("x.yml".to_owned(), text.clone())]).1,
            RuleSet::compile_foreign([("x.yml".to_owned(), text.clone())], &Options::default()).1,
        ] {
            prop_assert!(report.rules >= 1);
            prop_assert_eq!(report.rules, report.usable + report.rejected.len());
            prop_assert!(report.rejected.iter().all(|rejected| !rejected.reason.is_empty()));
        }
    }

    /// The automaton and a plain look at the text agree.
    #[test]
    fn literals_are_found_where_they_stand(text in "[abAB/\\.é]{0,12}", needle in "[abé/]{1,4}") {
        let forms = [
            ("contains", text.to_lowercase().contains(&needle)),
            ("startswith", text.to_lowercase().starts_with(&needle)),
            ("endswith", text.to_lowercase().ends_with(&needle)),
            ("cased", text == needle),
        ];
        for (modifier, expected) in forms {
            let rule = rule(&format!("  s: {{CommandLine|{modifier}: '{needle}'}}\n  condition: s"));
            let (rules, report) = RuleSet::compile([("x.yml".to_owned(), rule)]);
            prop_assert_eq!(report.usable, 1);
            let mut row = event::Row::default();
            row.set_text(event::Column::Action, "process-exec");
            row.set_text(event::Column::ProcessCommandLine, text.clone());
            prop_assert_eq!(Arc::new(rules).matcher().find(&row).len() == 1, expected, "{} {} {}", modifier, text, needle);
        }
    }
}
