//! A pid that comes round at once, by the kernel's own means: what an ended attacker did is not laid to whoever has its number
//! now, nor does an attacker inherit the parents of who had it before.

use super::world::{World, is_root};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

/// Two starts within one hundredth of a second would be one process to everybody; none comes round that quickly by itself.
fn a_tick_later() {
    std::thread::sleep(Duration::from_millis(30));
}

/// A process with this pid; None where the kernel lets nobody choose.
fn started_as(pid: u32, command: &dyn Fn() -> Command) -> Option<Child> {
    a_tick_later();
    for _ in 0..500 {
        std::fs::write(LAST_PID, (pid - 1).to_string()).ok()?;
        let mut child = command().stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        if child.id() == pid {
            return Some(child);
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    None
}

/// The miner's rule has spoken of this test's tree already, and is quiet for a minute.
const OTHER: &str = "title: The other attack\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a32\nlogsource: {product: linux, category: process_creation}\n\
     detection: {a: {CommandLine|contains: tamon-reused-second}, condition: a}\nlevel: medium\ntags: [attack.t1123]\n";

/// Becomes the attacker only with the wanted pid; its words stand in the environment, so that those who miss are none.
fn attacker(pid: u32, mark: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "[ $$ = \"$WANTED\" ] && exec /bin/true \"$MARK\"; :"]);
    command.env("WANTED", pid.to_string()).env("MARK", mark);
    command
}

fn detail(world: &World, mark: &str) -> Value {
    world.until("the attacker is told of", |world| !world.alerts_of(mark).is_empty());
    let alert = &world.alerts_of(mark)[0];
    world.json(&["api", "get", &format!("/alerts/{}", alert["id"].as_str().unwrap())])
}

#[test]
fn a_pid_that_comes_round_frames_nobody() {
    needs_root!();
    let content = tempfile::tempdir().unwrap();
    std::fs::create_dir(content.path().join("sigma")).unwrap();
    std::fs::write(content.path().join("sigma/other.yml"), OTHER).unwrap();
    let world = World::start(&format!("content = [{:?}]\n", content.path()));
    // The attacker first; its number goes to somebody innocent.
    let mut first =
        Command::new("/bin/true").args(["-o", "stratum+tcp://127.0.0.1:1", "tamon-reused-first"]).spawn().unwrap();
    let pid = first.id();
    first.wait().unwrap();
    let Some(mut innocent) = started_as(pid, &|| {
        let mut command = Command::new("/bin/sleep");
        command.arg("60");
        command
    }) else {
        eprintln!("skipped: pids cannot be chosen here");
        return;
    };
    let told = detail(&world, "tamon-reused-first");
    let acting = &told["lineage"][0];
    assert_eq!((&acting["name"], &acting["pid"]), (&json!("true"), &json!(pid)), "{told:#}");
    world.until("the innocent is stored", |world| {
        !world.hunt("SELECT 1 AS one FROM events WHERE process_command_line = '/bin/sleep 60' LIMIT 1").is_empty()
    });
    let incident = told["summary"]["incident_id"].as_str().unwrap();
    let story = world.json(&["incidents", "show", incident])["incident"].clone();
    let processes = story["graph"]["nodes"].as_array().unwrap().iter().filter_map(|node| node["process"].as_object());
    assert!(processes.into_iter().all(|process| process["name"] != "sleep"), "{story:#}");

    // Ordered to end the attacker, the host finds it gone and leaves who has its number alone.
    let entity = acting["entity_id"].as_str().unwrap();
    let order = json!({
        "action": { "kind": "kill_tree", "host_id": told["summary"]["host_id"], "entity_id": entity },
        "reason": "it may still run",
    });
    let path = format!("/incidents/{incident}/actions");
    let answer = world.json(&["api", "post", &path, "--body", &order.to_string()]);
    let command = format!("/commands/{}", answer["command"]["id"].as_str().unwrap());
    world.until("the order is answered", |world| {
        !matches!(world.json(&["api", "get", &command])["status"].as_str(), Some("queued" | "sent") | None)
    });
    assert!(innocent.try_wait().unwrap().is_none(), "somebody innocent was ended");
    innocent.kill().unwrap();
    innocent.wait().unwrap();

    // The innocent first, below a shell of its own; its number goes to the attacker, who is ours.
    let mut below =
        Command::new("sh").args(["-c", "sleep 0.1 & echo $!; wait"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(below.stdout.take().unwrap()), &mut line).unwrap();
    let pid: u32 = line.trim().parse().unwrap();
    let shell = below.id();
    below.wait().unwrap();
    let mut second = started_as(pid, &|| attacker(pid, "tamon-reused-second")).expect("as before");
    second.wait().unwrap();
    let told = detail(&world, "tamon-reused-second");
    let lineage = told["lineage"].as_array().unwrap();
    assert_eq!((&lineage[0]["name"], &lineage[0]["pid"]), (&json!("true"), &json!(pid)), "{told:#}");
    assert_eq!(lineage[1]["pid"], json!(std::process::id()), "its parent is who started it: {told:#}");
    assert!(lineage.iter().all(|process| process["pid"] != json!(shell)), "{told:#}");
}
