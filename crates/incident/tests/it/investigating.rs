//! What the node asks by itself, and what it makes of the answers.

use crate::telling::{incident, web_shell};
use crate::world::*;
use event::{TenantId, Timestamp};
use incident::investigation::*;
use incident::{Incident, Text};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn catalogue() -> Catalogue {
    Catalogue::shipped().unwrap()
}

/// A person logged in, took a file from a server and had it start by itself.
fn intruder() -> Incident {
    let mut curl = p(901, "/usr/bin/curl", "curl -o /etc/cron.d/x 203.0.113.9");
    (curl.session_id, curl.login_id, curl.login_name) = (Some(7), Some(1000), Some("alice".into()));
    let curl = below(curl, &login(7));
    let shell = login(7);
    incident(&[
        told("a", 0, "T1105", "file-write-close", curl.clone()).file("/etc/cron.d/x"),
        told("b", 1, "T1053.003", "file-create", shell).file("/etc/cron.d/x"),
        told("c", 2, "T1571", "network-connect", curl).remote("203.0.113.9", 4444),
    ])
}

fn table(columns: &[&str], rows: &[&[Value]]) -> Table {
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    Table { columns, rows: rows.iter().map(|row| row.to_vec()).collect(), ..Table::default() }
}

fn asked<'a>(asks: &'a [Ask], question: &str) -> &'a Ask {
    asks.iter().find(|ask| ask.question == question).unwrap_or_else(|| panic!("{question} was not asked"))
}

#[test]
fn every_question_can_be_put_and_planned() {
    let catalogue = catalogue();
    assert!(catalogue.questions.len() >= 40, "{}", catalogue.questions.len());
    let destroyed =
        incident(&[told("a", 0, "T1486", "file-rename", below(p(9, "/tmp/x", "x"), &[init()])).file("/srv/a")]);
    let stories = [incident(&web_shell()), intruder(), destroyed];
    let mut put = BTreeSet::new();
    for story in &stories {
        for ask in plan(story, &catalogue) {
            assert!(!ask.text.en.contains(['{', '}']) && !ask.text.ja.contains(['{', '}']), "{:?}", ask.text);
            if let How::Hunt { sql, .. } = &ask.how {
                let scope = hunt::Scope::new(TenantId::default(), Timestamp(0));
                hunt::plan(sql, &scope).unwrap_or_else(|error| panic!("{}: {error}\n{sql}", ask.question));
            }
            put.insert(ask.question);
        }
    }
    // A digest is what no alert of these stories carries.
    let never: Vec<&String> =
        catalogue.questions.iter().map(|question| &question.id).filter(|id| !put.contains(*id)).collect();
    assert_eq!(never, ["program.same_digest"]);
}

#[test]
fn the_first_questions_are_about_the_first_subjects() {
    let asks = plan(&incident(&web_shell()), &catalogue());
    assert_eq!(asks[0].question, "program.written_by");
    assert_eq!(asks[0].text.en, "Where did /tmp/m come from: who wrote it?");
    let all: Vec<&str> = asks.iter().map(|ask| ask.question.as_str()).collect();
    let last_first = all.iter().position(|id| *id == "host.lost").unwrap();
    let second = all.iter().rposition(|id| *id == "process.children").unwrap();
    assert!(second > last_first, "the second process comes after everything about the first");
}

/// A path is a literal in the query, whatever it is made of.
#[test]
fn a_hostile_path_stays_text() {
    let odd = "/tmp/x' OR '1'='1'; --{entity}";
    let story = incident(&[told("a", 0, "T1059", "process-exec", below(p(9, odd, "x"), &[init()]))]);
    let asks = plan(&story, &catalogue());
    let How::Hunt { sql, .. } = &asked(&asks, "program.prevalence").how else { panic!() };
    assert!(sql.ends_with("process_executable = '/tmp/x'' OR ''1''=''1''; --{entity}'"), "{sql}");
    let scope = hunt::Scope::new(TenantId::default(), Timestamp(0));
    assert!(hunt::plan(sql, &scope).unwrap().sql.contains("tenant_id"));
}

#[test]
fn answers_are_worded_and_weighed() {
    let (story, catalogue) = (incident(&web_shell()), catalogue());
    let asks = plan(&story, &catalogue);
    let wrote = table(
        &["timestamp", "process_name", "user_name"],
        &[&[json!("2023-11-14T22:13:22Z"), json!("curl"), json!("www-data")]],
    );
    let origin = answer(&catalogue, asked(&asks, "program.written_by"), &wrote, 3).unwrap();
    assert_eq!(origin.answer.en, "curl brought it onto srv-1 (2023-11-14T22:13:22Z, as www-data).");
    assert_eq!(origin.answer.ja, "curl が srv-1 に持ち込みました（2023-11-14T22:13:22Z、www-data）。");
    assert_eq!((origin.state, origin.count), (AnswerState::Answered, 1));
    assert!(origin.sql.as_deref().unwrap().contains("file_path = '/tmp/m'"));

    let before =
        answer(&catalogue, asked(&asks, "server.shells_before"), &table(&["process_name", "times"], &[]), 1).unwrap();
    let names = table(&["dns_question_name"], &[&[json!("xmr.pool.example")]]);
    let names = answer(&catalogue, asked(&asks, "process.names_asked"), &names, 1).unwrap();
    let away = Text { en: "The host is not connected.".into(), ja: "未接続".into() };
    let open = unanswered(asked(&asks, "host.hidden"), away, 0);
    let answers = vec![origin, before, names, open];
    let (weighed, conclusion) = conclude(&story, &catalogue, &answers);
    let by = |id: &str| weighed.iter().find(|weighed| weighed.id == id).unwrap();
    let (shell, miner, admin) = (by("web_shell"), by("miner"), by("admin_work"));
    assert!(shell.support >= 7 && miner.support >= 8, "{shell:?} {miner:?}");
    assert!(admin.against >= 6 && admin.support == 0, "{admin:?}");
    assert_eq!(weighed.last().unwrap().id, "admin_work");
    // The alerts' own vote rests on alerts, an answer's on its answer.
    assert!(shell.reasons.iter().any(|vote| vote.answer.is_none() && vote.alerts == ["a"]));
    assert!(miner.reasons.iter().any(|vote| vote.answer == Some(2)));
    assert!(weighed.iter().all(|weighed| weighed.reasons.iter().all(|vote| vote.answer != Some(3))));
    assert!(conclusion.en.ends_with("1 of 4 questions got no answer."), "{}", conclusion.en);
}

#[test]
fn what_is_usual_here_speaks_for_work() {
    let (story, catalogue) = (intruder(), catalogue());
    let asks = plan(&story, &catalogue);
    let usual = table(&["days", "sessions", "first_seen"], &[&[json!(40), json!(200), json!("2023-01-01T00:00:00Z")]]);
    let never = table(&["days", "sessions", "first_seen"], &[&[json!(0), json!(0), Value::Null]]);
    let votes = |found: &Table| {
        let answered = answer(&catalogue, asked(&asks, "login.usual"), found, 1).unwrap();
        let weight = |id: &str| answered.weights.get(id).copied().unwrap_or(0);
        (weight("admin_work"), weight("account_takeover"))
    };
    assert_eq!(votes(&usual), (2, -1));
    assert_eq!(votes(&never), (-2, 3));
}

/// The same question about another subject says it again, and less.
#[test]
fn one_kind_of_answer_does_not_decide_by_number() {
    let (story, catalogue) = (incident(&web_shell()), catalogue());
    let asks = plan(&story, &catalogue);
    let ask = asked(&asks, "process.reads");
    let secrets = table(&["file_path", "times", "first_seen"], &[&[json!("/etc/shadow"), json!(1), Value::Null]]);
    let once = vec![answer(&catalogue, ask, &secrets, 1).unwrap()];
    let thrice: Vec<Answered> = (0..3).map(|_| once[0].clone()).collect();
    let support = |answers: &[Answered]| {
        let (weighed, _) = conclude(&story, &catalogue, answers);
        weighed.iter().find(|weighed| weighed.id == "credential_theft").map_or(0, |weighed| weighed.support)
    };
    assert_eq!((support(&once), support(&thrice)), (4, 6));
}

/// What could not be looked at is never "clean".
#[test]
fn a_look_that_saw_little_speaks_for_nothing() {
    let (story, catalogue) = (incident(&web_shell()), catalogue());
    let asks = plan(&story, &catalogue);
    let rootkit = |question: &str, found: &Table| {
        let answered = answer(&catalogue, asked(&asks, question), found, 1).unwrap();
        answered.weights.get("rootkit").copied()
    };
    let hooks = |checks: &[&str]| {
        let rows: Vec<Vec<Value>> =
            checks.iter().map(|check| vec![json!(check), json!("clean"), Value::Null]).collect();
        Table { columns: vec!["check".into(), "verdict".into(), "detail".into()], rows, ..Table::default() }
    };
    assert_eq!(rootkit("host.kernel_hooks", &hooks(&["taint"])), None);
    assert_eq!(rootkit("host.kernel_hooks", &hooks(&[])), None);
    assert_eq!(rootkit("host.kernel_hooks", &hooks(&["taint", "system-call table"])), Some(-2));
    let modules = |file: Value| table(&["module", "file", "suspect"], &[&[json!("ext4"), file, Value::Null]]);
    assert_eq!(rootkit("host.modules", &modules(Value::Null)), None);
    assert_eq!(rootkit("host.modules", &modules(json!("/lib/modules/x/ext4.ko"))), Some(-2));
}

#[test]
fn mistakes_in_a_catalogue_are_told() {
    let good = "[[hypothesis]]\nid = 'h'\nen = 'x'\nja = 'x'\n[[question]]\nid = 'q'\nabout = 'host'\nen = 'x'\nja = 'x'\n\
                collect = 'modules'\n[[question.answer]]\nen = 'x'\nja = 'x'\nweigh = { h = 2 }\n";
    assert!(Catalogue::read([("a", good)]).is_ok());
    for (from, to, why) in [
        ("h = 2", "other = 2", "weighs other"),
        ("h = 2", "h = 9", "weights are 1 to 5"),
        ("collect = 'modules'", "", "one of them"),
        ("ja = 'x'\ncollect", "ja = ''\ncollect", "lacks a language"),
        ("[[question.answer]]", "[[question.answer]]\nwhen = [{ rows_at_least = 1 }]", "none of its tests"),
        ("[[question.answer]]", "[[question.answer]]\nwhen = [{ any = ['x'] }]", "no answer"),
        ("about = 'host'", "about = 'hosts'", "unknown variant"),
        ("collect = 'modules'", "collect = 'memory'", "collects of a process"),
        ("about", "abuot", "unknown field"),
    ] {
        let error = Catalogue::read([("a", good.replacen(from, to, 1).as_str())]).unwrap_err().to_string();
        assert!(error.contains(why), "{to}: {error}");
    }
}
