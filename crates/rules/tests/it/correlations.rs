//! Correlations and filters: rule text and timed records in, hits out.

use event::Timestamp;
use rules::{Correlator, Options, Record, RuleSet};
use std::collections::BTreeMap;
use std::sync::Arc;

struct Timed {
    seconds: Option<i64>,
    fields: BTreeMap<String, String>,
}

impl Record for Timed {
    fn each_value(&self, field: &str, visit: &mut dyn FnMut(&str)) {
        self.fields.each_value(field, visit);
    }
    fn each_text(&self, visit: &mut dyn FnMut(&str)) {
        self.fields.each_text(visit);
    }
    fn time(&self) -> Option<Timestamp> {
        self.seconds.map(|seconds| Timestamp(seconds * 1_000_000_000))
    }
}

/// `10 a=1 b=2`: the time in seconds, then fields.
fn record(line: &str) -> Timed {
    let (seconds, fields) = line.split_once(' ').unwrap_or((line, ""));
    let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    Timed { seconds: seconds.parse().ok(), fields: fields.split(' ').filter_map(pair).collect() }
}

/// Four rules for events `e=a` to `e=d`, and the correlation that is given.
fn rules(correlation: &str) -> String {
    let single = |name: &str| {
        format!(
            "title: {name}\nid: id-{name}\nname: {name}\nlevel: low\nlogsource: {{category: test}}\ndetection: {{s: {{e: {name}}}, condition: s}}\n---\n"
        )
    };
    format!("{}{correlation}", ["a", "b", "c", "d"].map(single).concat())
}

/// `time rule fields` of each hit, single rules first as they come.
fn told(text: &str, lines: &[&str]) -> (Vec<String>, Correlator) {
    let (set, report) = RuleSet::compile_foreign([("t.yml".to_owned(), text.to_owned())], &Options::default());
    assert!(report.rejected.is_empty(), "{:?}", report.rejected);
    let set = Arc::new(set);
    let (mut matcher, mut correlator) = (set.matcher(), set.correlator());
    let mut out = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let mut observations = Vec::new();
        let record = record(line);
        let hits = matcher.find_and_observe(&record, None, at as u64, &mut observations);
        out.extend(hits.iter().map(|hit| format!("{} {}", record.seconds.unwrap_or(-1), hit.title)));
        for observation in &observations {
            out.extend(correlator.feed(observation).iter().map(shown));
        }
    }
    out.extend(correlator.finish().iter().map(shown));
    (out, correlator)
}

fn shown(hit: &rules::CorrelationHit) -> String {
    let fields: Vec<String> = hit.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} {} {}", hit.time.nanos() / 1_000_000_000, hit.title, fields.join(" "))
}

fn check(correlation: &str, lines: &[&str], expected: &[&str]) {
    let text = rules(&format!("title: C\nid: id-c0\ncorrelation: {{{correlation}}}\n"));
    assert_eq!(told(&text, lines).0, expected, "{correlation}");
}

#[test]
fn events_are_counted_in_a_sliding_window() {
    let count = "type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {gte: 3}";
    check(count, &["1 e=a u=x", "2 e=a u=y", "5 e=a u=x", "9 e=a u=x"], &["9 C u=x event_count=3"]);
    check(count, &["1 e=a u=x", "2 e=a u=x", "13 e=a u=x"], &[]);
    // Told once while it stays true, and again after it was not.
    let long = ["1 e=a u=x", "2 e=a u=x", "3 e=a u=x", "4 e=a u=x", "90 e=a u=x", "91 e=a u=x", "92 e=a u=x"];
    check(count, &long, &["3 C u=x event_count=3", "92 C u=x event_count=3"]);
    // Out of order, as logs of several hosts are.
    check(count, &["9 e=a u=x", "1 e=a u=x", "5 e=a u=x"], &["5 C u=x event_count=3"]);
    let all = "type: event_count, rules: [a, b], timespan: 1m, condition: {gt: 2}";
    check(all, &["1 e=a", "2 e=b", "3 e=a"], &["3 C event_count=3"]);
}

#[test]
fn few_events_are_told_when_the_time_is_over() {
    let few = "type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {lt: 3}";
    check(few, &["1 e=a u=x", "2 e=a u=x", "60 e=a u=y"], &["11 C u=x event_count=2", "70 C u=y event_count=1"]);
    let range = "type: event_count, rules: [a], timespan: 10s, condition: {gt: 1, lte: 2}";
    check(range, &["1 e=a", "2 e=a"], &["11 C event_count=2"]);
    check(range, &["1 e=a", "2 e=a", "3 e=a"], &[]);
    let not = "type: event_count, rules: [a], timespan: 10s, condition: {neq: 2}";
    check(not, &["1 e=a"], &["11 C event_count=1"]);
}

#[test]
fn distinct_values_are_counted() {
    let count = "type: value_count, rules: [a], group-by: [h], timespan: 1m, condition: {field: u, gte: 3}";
    check(count, &["1 e=a h=1 u=x", "2 e=a h=1 u=x", "3 e=a h=1 u=y", "4 e=a h=1 u=z"], &["4 C h=1 value_count=3"]);
    check(count, &["1 e=a h=1 u=x", "2 e=a h=1 u=y", "99 e=a h=1 u=z"], &[]);
    let pairs = "type: value_count, rules: [a], timespan: 1m, condition: {field: [u, p], gte: 2}";
    check(pairs, &["1 e=a u=x p=1", "2 e=a u=x p=1", "3 e=a u=x p=2"], &["3 C value_count=2"]);
}

#[test]
fn numbers_are_summed_averaged_and_ranked() {
    let of =
        |kind: &str, condition: &str| format!("type: {kind}, rules: [a], timespan: 10s, condition: {{{condition}}}");
    check(&of("value_sum", "field: n, gt: 100"), &["1 e=a n=60", "2 e=a n=50"], &["2 C value=110"]);
    check(&of("value_sum", "field: n, gt: 100"), &["1 e=a n=60", "20 e=a n=50"], &[]);
    check(&of("value_avg", "field: n, gte: 50"), &["1 e=a n=40", "2 e=a n=60"], &["11 C value=50"]);
    check(&of("value_avg", "field: n, gt: 50"), &["1 e=a n=90", "2 e=a n=1"], &[]);
    check(&of("value_median", "field: n, eq: 3"), &["1 e=a n=1", "2 e=a n=900", "3 e=a n=3"], &["11 C value=3"]);
    check(&of("value_percentile", "field: n, percentile: 100, gte: 9"), &["1 e=a n=1", "2 e=a n=9"], &["11 C value=9"]);
    // Without a percentile: how rare a value is.
    let mut lines = vec!["1 e=a n=x"; 9];
    lines.push("2 e=a n=y");
    check(&of("value_percentile", "field: n, lte: 10"), &lines, &["11 C n=y value_percentile=10"]);
}

#[test]
fn rules_meet_within_a_time_in_any_order_or_in_theirs() {
    let of = |kind: &str, more: &str| format!("type: {kind}, rules: [a, b, c], group-by: [u], timespan: 10s{more}");
    let forwards = ["1 e=a u=x", "2 e=b u=x", "3 e=c u=x"];
    let backwards = ["1 e=c u=x", "2 e=b u=x", "3 e=a u=x"];
    check(&of("temporal", ""), &forwards, &["3 C u=x rule_count=3"]);
    check(&of("temporal", ""), &backwards, &["3 C u=x rule_count=3"]);
    check(&of("temporal", ""), &["1 e=a u=x", "2 e=b u=x", "12 e=c u=x"], &[]);
    check(&of("temporal", ""), &["1 e=a u=x", "2 e=b u=y", "3 e=c u=x"], &[]);
    check(&of("temporal", ", condition: {gte: 2}"), &forwards, &["2 C u=x rule_count=2"]);
    check(&of("temporal_ordered", ""), &forwards, &["3 C u=x rule_count=3"]);
    check(&of("temporal_ordered", ""), &backwards, &[]);
    check(&of("temporal_ordered", ""), &["1 e=a u=x", "5 e=b u=x", "12 e=c u=x"], &[]);
    check(
        &of("temporal_ordered", ""),
        &["1 e=a u=x", "8 e=a u=x", "9 e=b u=x", "12 e=c u=x"],
        &["12 C u=x rule_count=3"],
    );
    check(&of("temporal", ", condition: a and (b or c)"), &["1 e=a u=x", "2 e=c u=x"], &["2 C u=x rule_count=2"]);
    check(&of("temporal", ", condition: a and not b"), &["1 e=a u=x"], &["11 C u=x rule_count=1"]);
    check(&of("temporal", ", condition: a and not b"), &["1 e=a u=x", "4 e=b u=x"], &[]);
}

#[test]
fn aliases_join_fields_of_different_names() {
    let alias = "type: temporal, rules: [a, b], group-by: [ip], timespan: 10s, aliases: {ip: {a: src, b: dst}}";
    check(alias, &["1 e=a src=1 dst=2", "2 e=b src=9 dst=1"], &["2 C ip=1 rule_count=2"]);
    check(alias, &["1 e=a src=1 dst=2", "2 e=b src=1 dst=9"], &[]);
}

/// The list names the rules by id, the aliases by name.
#[test]
fn an_alias_may_name_its_rule_otherwise_than_the_list() {
    let two = "type: temporal, rules: [id-a, id-b], group-by: [who], timespan: 10s, \
               aliases: {who: {a: u, b: v}}";
    check(two, &["1 e=a u=x", "2 e=b v=x"], &["2 C who=x rule_count=2"]);
    check(two, &["1 e=a u=x", "2 e=b v=y"], &[]);
}

#[test]
fn correlations_stand_on_correlations() {
    let chain = rules(
        "title: Many\nname: many\nid: id-many\ncorrelation: {type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {gte: 3}}\n---\n\
         title: Then\nid: id-then\nlevel: high\ncorrelation: {type: temporal_ordered, rules: [many, b], group-by: [u], timespan: 20s}\n",
    );
    let lines = ["1 e=a u=x", "2 e=a u=x", "3 e=a u=x", "9 e=b u=x"];
    assert_eq!(told(&chain, &lines).0, ["9 Then u=x rule_count=2"]);
    assert_eq!(told(&chain, &["1 e=a u=x", "2 e=a u=x", "9 e=b u=x"]).0, [] as [&str; 0]);
    // What goes on for long is still followed by what comes after it.
    let long: Vec<String> = (0..60).map(|n| format!("{n} e=a u=x")).chain(["61 e=b u=x".to_owned()]).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    assert_eq!(told(&chain, &long).0, ["61 Then u=x rule_count=2"]);
}

#[test]
fn the_rules_below_speak_only_when_asked_to() {
    let count = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}";
    check(count, &["1 e=a", "2 e=b"], &["2 b"]);
    check(&format!("{count}, generate: true"), &["1 e=a"], &["1 a"]);
}

#[test]
fn a_level_is_inherited_from_the_highest_rule() {
    let text = rules("title: C\ncorrelation: {type: event_count, rules: [a], timespan: 1s, condition: {gte: 1}}\n");
    let text = text.replace("name: a\nlevel: low", "name: a\nlevel: critical");
    let (set, _) = RuleSet::compile_foreign([("t".to_owned(), text)], &Options::default());
    let set = Arc::new(set);
    let mut observations = Vec::new();
    set.matcher().find_and_observe(&record("1 e=a"), None, 0, &mut observations);
    assert_eq!(set.correlator().feed(&observations[0])[0].level, event::Severity::Critical);
}

#[test]
fn what_cannot_be_correlated_says_why() {
    let check = |text: &str, expected: &str| {
        let text = rules(text);
        let (_, report) = RuleSet::compile_foreign([("t".to_owned(), text)], &Options::default());
        let reasons: Vec<&str> = report.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.contains(expected)), "{reasons:?}");
    };
    let of = |name: &str, rules: &str| {
        format!("title: {name}\nname: {name}\ncorrelation: {{type: temporal, rules: [{rules}], timespan: 5m}}\n")
    };
    check(&of("x", "x"), "refers to itself");
    check(&format!("{}---\n{}---\n{}", of("x", "y, a"), of("y", "z"), of("z", "x")), "refers to itself");
    check(&of("x", "gone"), "\"gone\", which is no usable rule");
    check(&of("x", "a").replace("5m", "5"), "is no time like");
    check(&of("x", "a").replace("5m", "9999y"), "more than a year");
    check(&of("x", "a").replace("temporal", "spatial"), "is no type of correlation");
    check(&of("x", "a").replace("timespan", "timespam"), "\"timespam\" is not known");
    check(&of("x", "a").replace("temporal", "value_count"), "correlation.condition");
    check(
        "title: x\nlogsource: {category: test}\nfilter: {rules: [gone], s: {e: a}, condition: not s}\n",
        "is named gone",
    );
}

#[test]
fn filters_suppress() {
    let filter = |rules: &str, condition: &str| {
        let text = "title: F\nlogsource: {category: test}\nfilter:";
        crate::correlations::rules(&format!(
            "{text} {{rules: {rules}, s: {{u|startswith: adm_}}, condition: {condition}}}\n"
        ))
    };
    let lines = ["1 e=a u=adm_x", "2 e=a u=eve", "3 e=b u=adm_x"];
    assert_eq!(told(&filter("[id-a]", "not s"), &lines).0, ["2 a", "3 b"]);
    assert_eq!(told(&filter("[a]", "s"), &lines).0, ["2 a", "3 b"]);
    assert_eq!(told(&filter("any", "not s"), &lines).0, ["2 a"]);
}

#[test]
fn a_flood_of_keys_costs_its_own_correlation_alone() {
    let text = rules(
        "title: A\nname: ca\ncorrelation: {type: event_count, rules: [a], group-by: [u], timespan: 1h, condition: {gte: 3}}\n---\n\
         title: B\ncorrelation: {type: event_count, rules: [b], group-by: [u], timespan: 1h, condition: {gte: 3}}\n",
    );
    let mut lines = vec!["1 e=b u=x".to_owned(), "2 e=b u=x".to_owned()];
    lines.extend((0..90_000).map(|n| format!("3 e=a u={}{n}", "k".repeat(100))));
    lines.push("4 e=b u=x".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (hits, correlator) = told(&text, &lines);
    assert_eq!(hits, ["4 B u=x event_count=3"]);
    let state = correlator.state();
    assert!(state.evicted > 0 && state.bytes <= rules::limits::CORRELATION_BYTES, "{state:?}");
}

#[test]
fn a_log_that_lies_about_time_neither_silences_nor_floods() {
    let count = "type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {gte: 3}";
    // One record from the far future, one from the past, one without a time: the others still make their count.
    let lies = ["1 e=a u=x", "4000000000 e=a u=x", "2 e=a u=x", "-4000000000 e=a u=x", "soon e=a u=x", "3 e=a u=x"];
    check(count, &lies, &["3 C u=x event_count=3"]);
    let (_, correlator) = told(
        &rules(&format!("title: C\ncorrelation: {{{count}}}\n")),
        &["1 e=a u=x", "4000000000 e=a u=x", "x e=a u=x"],
    );
    assert_eq!((correlator.state().jumps, correlator.state().untimed), (1, 1));
    // A window that is still open is not closed by one lie.
    let few = "type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {lt: 2}";
    check(few, &["1 e=a u=x", "4000000000 e=a u=y", "5 e=a u=x"], &["4000000010 C u=y event_count=1"]);
}

#[test]
fn the_agents_own_matcher_correlates() {
    let text = "title: Start\nname: start\nlogsource: {product: linux, category: process_creation}\ndetection: {s: {Image|endswith: /sh}, condition: s}\n---\n\
        title: Many\nid: many\ntags: [attack.t1059]\nlevel: high\ncorrelation: {type: event_count, rules: [start], group-by: [User], timespan: 10s, condition: {gte: 3}}\n";
    let (set, report) = RuleSet::compile([("t.yml".to_owned(), text.to_owned())]);
    assert_eq!((report.usable, report.rejected.len()), (2, 0), "{report:?}");
    let mut matcher = Arc::new(set).matcher();
    let mut found = Vec::new();
    for n in 1..=4 {
        let mut row = event::Row::default();
        row.set_text(event::Column::Action, "process-exec");
        row.set_text(event::Column::ProcessExecutable, "/bin/sh");
        row.set_text(event::Column::UserName, "eve");
        row.set(event::Column::Time, event::Value::Time(Timestamp(n * 1_000_000_000)));
        found.extend(matcher.find(&row));
    }
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule_id.as_str(), found[0].severity), ("many", event::Severity::High));
    assert_eq!(found[0].detail, "3 events within 10 s for User eve.");
    assert_eq!(found[0].techniques.len(), 1);
}
