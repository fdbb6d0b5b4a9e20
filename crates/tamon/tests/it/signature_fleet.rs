//! A node that publishes signatures and an agent that takes them: real processes, mTLS between them.

use crate::faults::world::{World, is_root};
use crate::text;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

struct Publisher {
    folder: tempfile::TempDir,
}

impl Publisher {
    fn new(world: &World) -> Publisher {
        let publisher = Publisher { folder: tempfile::tempdir().unwrap() };
        publisher.key(world, "key");
        publisher
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, world: &World, name: &str) {
        let made = world.run(&["signatures", "keygen", self.path(name).to_str().unwrap()]);
        assert!(made.status.success(), "{}", text(&made.stderr));
    }

    /// Signatures that find each of these words.
    fn publish(&self, world: &World, key: &str, words: &[&str]) {
        let lines: String = words.iter().map(|word| format!("Fleet.{word}:0:*:{}\n", hex(word))).collect();
        fs::write(self.path("fleet.ndb"), lines).unwrap();
        let (mirror, key) = (world.state().join("node/signatures"), self.path(key));
        let arguments = ["signatures", "publish", shown(&mirror), shown(&self.path("fleet.ndb")), "--key", shown(&key)]
            .map(String::from);
        let made = world.run(&arguments.each_ref().map(String::as_str));
        assert!(made.status.success(), "{}", text(&made.stderr));
    }
}

fn hex(word: &str) -> String {
    word.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn sets(world: &World) -> Value {
    world.json(&["status"])["signatures"].clone()
}

fn until_version(world: &World, version: u64) {
    world.until(&format!("version {version} is in force"), |world| sets(world)["version"] == version);
}

/// Whether a file that is written now with this word in it is told of.
fn until_told(world: &World, folder: &Path, word: &str) {
    fs::write(folder.join(word), format!("…{word}…")).unwrap();
    world.until(&format!("{word} is told"), |world| {
        let alerts = world.run(&["--output", "ndjson", "alerts", "-n", "500"]);
        text(&alerts.stdout).contains(&format!("Fleet.{word}"))
    });
}

#[test]
fn an_agent_takes_what_its_node_publishes_keeps_the_last_good_one_and_goes_back() {
    if !is_root() {
        eprintln!("skipped: the sensor needs root");
        return;
    }
    let keys = tempfile::tempdir().unwrap();
    let config = format!("[signatures]\nkeys = [{:?}]\ninterval_seconds = 1\n", keys.path());
    let world = World::start(&config);
    let publisher = Publisher::new(&world);
    world.until("it says that nobody is trusted", |world| {
        text(sets(world)["update"].as_str().unwrap_or_default().as_bytes()).contains("no publisher is trusted")
    });
    fs::copy(publisher.path("key.pub"), keys.path().join("key.pub")).unwrap();
    publisher.publish(&world, "key", &["firstword"]);
    until_version(&world, 1);
    let scratch = tempfile::tempdir().unwrap();
    until_told(&world, scratch.path(), "firstword");
    world.until("the node tells the version of each host", |world| {
        world.json(&["hosts"])["items"][0]["signatures"]["version"] == 1
    });

    publisher.publish(&world, "key", &["firstword", "secondword"]);
    until_version(&world, 2);
    until_told(&world, scratch.path(), "secondword");

    // A set of somebody else, and one that is damaged on the disk: the good one stays.
    let mirror = world.state().join("node/signatures/manifest.json");
    let good = fs::read(&mirror).unwrap();
    fs::remove_file(&mirror).unwrap();
    publisher.key(&world, "stranger");
    publisher.publish(&world, "stranger", &["strangerword"]);
    world.until("the stranger's key is told", |world| {
        sets(world)["update"].as_str().is_some_and(|words| words.contains("no key that is trusted here"))
    });
    assert_eq!(sets(&world)["version"], 2);
    fs::write(&mirror, good).unwrap();
    let signatures = world.state().join("signatures");
    fs::create_dir(signatures.join("generations/9")).unwrap();
    fs::write(signatures.join("generations/9/set.tsig"), "no database").unwrap();
    let manifest = fs::read_to_string(signatures.join("current/manifest.json")).unwrap();
    let manifest = manifest.replace("\"version\":2", "\"version\":9");
    fs::write(signatures.join("generations/9/manifest.json"), manifest).unwrap();
    std::os::unix::fs::symlink("generations/9", signatures.join("other")).unwrap();
    fs::rename(signatures.join("other"), signatures.join("current")).unwrap();
    world.until("the damaged set is told", |world| {
        sets(world)["refused"].as_str().is_some_and(|words| words.contains("version 9 cannot be used, back to 2"))
    });
    assert_eq!(sets(&world)["version"], 2);
    assert_eq!(fs::read_link(signatures.join("current")).unwrap(), Path::new("generations/2"));

    let back = world.run(&["signatures", "rollback"]);
    assert_eq!(text(&back.stdout), "version 1 is in use\n");
    until_version(&world, 1);
    world.until("version 2 is not brought again", |world| {
        sets(world)["update"].as_str().is_some_and(|words| words.contains("went back from version 2"))
    });
    assert_eq!(sets(&world)["version"], 1);
}
