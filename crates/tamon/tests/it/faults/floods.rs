//! Somebody floods, so that one true thing goes under among many: what the analyst sees then.

use super::world::{World, is_root};
use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command};

/// Data is gathered, it says: no other rule speaks of the same act here.
const FLOODED: &str = "title: The flooded rule\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a31\nlogsource: {product: linux, category: process_creation}\n\
     detection: {a: {CommandLine|contains: tamon-flooded}, condition: a}\nlevel: medium\ntags: [attack.t1123]\n";

fn shell(script: &str) -> Child {
    Command::new("sh").args(["-c", script]).spawn().unwrap()
}

fn true_alert(mark: &str) {
    Command::new("/bin/true").args(["-o", "stratum+tcp://127.0.0.1:1", mark]).status().unwrap();
}

/// Of one rule fifteen hundred times: a handful of alerts that say how many, one incident, and the true alert beside it.
#[test]
fn a_flooded_rule_is_a_few_alerts_with_their_count_and_hides_no_other() {
    needs_root!();
    let content = tempfile::tempdir().unwrap();
    fs::create_dir(content.path().join("sigma")).unwrap();
    fs::write(content.path().join("sigma/flooded.yml"), FLOODED).unwrap();
    let world = World::start(&format!("content = [{:?}]\n", content.path()));
    // The mark is the shell's variable, so that the shell itself is none of them.
    let mut flood = Command::new("sh")
        .args(["-c", "n=0; while [ $n -lt 1500 ]; do /bin/true \"$MARK\" $n; n=$((n+1)); done"])
        .env("MARK", "tamon-flooded")
        .spawn()
        .unwrap();
    true_alert("tamon-true-in-flood");
    assert!(flood.wait().unwrap().success());
    world.until("the true alert is there", |world| !world.alerts_of("tamon-true-in-flood").is_empty());
    world.until("the flood is told with its count", |world| {
        world.alerts_of("The flooded rule").iter().any(|alert| alert["detail"].as_str().unwrap().contains("899 more"))
    });
    let told = world.alerts_of("The flooded rule");
    assert_eq!(told.len(), 3, "the first, the hundredth, the thousandth: {told:#?}");
    assert!(world.json(&["status"])["alerts_repeated"].as_u64() >= Some(997));
    let incidents: BTreeSet<&str> = told.iter().map(|alert| alert["incident_id"].as_str().unwrap()).collect();
    assert_eq!(incidents.len(), 1);
    let story = world.json(&["incidents", "show", incidents.first().unwrap()]);
    let said: Vec<&str> = story["incident"]["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["text"]["en"].as_str())
        .collect();
    assert!(said.contains(&"That was seen 1000 times in all."), "{said:#?}");
}

/// Four shells that start programs as fast as they can, before a ring of one mebibyte: every start is stored or counted as
/// lost, the loss is told where it is looked for, and the true alert is there.
#[test]
fn a_flood_of_processes_is_stored_or_counted_and_the_true_alert_survives() {
    needs_root!();
    let world = World::start("[sensor]\nring_mib = 1\n");
    const EACH: u64 = 800;
    let flood: Vec<Child> = (0..4)
        .map(|_| shell(&format!("n=0; while [ $n -lt {EACH} ]; do /bin/true tamon-storm; n=$((n+1)); done")))
        .collect();
    true_alert("tamon-true-in-storm");
    for mut one in flood {
        assert!(one.wait().unwrap().success());
    }
    let lost = |world: &World| {
        let status = world.json(&["status"]);
        status["sensor"]["lost"].as_object().unwrap().values().filter_map(serde_json::Value::as_u64).sum::<u64>()
    };
    let stored = |world: &World| {
        let sql = "SELECT count(*) AS n FROM events WHERE event_action = 'process-exec' AND process_command_line = '/bin/true tamon-storm'";
        world.hunt(sql)[0]["n"].as_u64().unwrap()
    };
    world.until("each start is stored or counted", |world| stored(world) + lost(world) >= 4 * EACH);
    world.until("the true alert is there", |world| !world.alerts_of("tamon-true-in-storm").is_empty());
    if lost(&world) > 0 {
        world.until("the node knows of the loss", |world| {
            !world.hunt("SELECT event_action FROM events WHERE event_category = 'sensor' LIMIT 1").is_empty()
        });
        world.until("the list of hosts shows it", |world| {
            world.json(&["hosts"])["items"][0]["lost_total"].as_u64().is_some_and(|lost| lost > 0)
        });
    }
}
