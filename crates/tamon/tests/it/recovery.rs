//! A real agent that guards one tmpfs which only this test sees: what is destroyed there is stopped and comes back, whoever
//! else was at work is left alone, and neither a kill -9 of the agent nor a store without room costs more than it must.

use crate::agent::Agent;
use crate::lockdown::world::confined;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

const KINDS: [&str; 4] = ["txt", "csv", "sql", "md"];

fn agent(home: &Path, guarded: &Path, more: &str) -> Agent {
    let policy = format!(
        "version = 1\nmode = \"observe\"\n[gate]\nenabled = false\n[scan]\non_exec = false\non_write = false\n\
         [ransomware]\nmode = \"enforce\"\nprotect = [{guarded:?}]\ndecoys = false\n{more}"
    );
    let agent = Agent::configured(home, &policy, "content = []\nforce_tier = \"gate\"\n");
    agent.until("files are guarded", |agent| agent.json(&["status"])["recovery"]["guarded"] == true);
    agent
}

/// The self-test's own encryptor works in such a folder only.
fn documents(dir: &Path) -> PathBuf {
    let documents = dir.join("tamon-selftest-x/documents");
    fs::create_dir_all(&documents).unwrap();
    for n in 0..40 {
        let path = documents.join(format!("report-{n:02}.{}", KINDS[n % KINDS.len()]));
        fs::write(&path, format!("Figures of the {n}th quarter, by region and month.\n").repeat(60)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(if n % 2 == 0 { 0o640 } else { 0o600 })).unwrap();
        rustix::fs::setxattr(&path, "trusted.origin", b"here", rustix::fs::XattrFlags::empty()).unwrap();
    }
    documents
}

/// Digest of the content, mode, time of change, an attribute.
type Facts = (u64, u32, i64, i64, Vec<u8>);

/// What every file below is, but for what others than the test put there.
fn facts(folder: &Path) -> BTreeMap<PathBuf, Facts> {
    let mut all = BTreeMap::new();
    if !folder.exists() {
        return all;
    }
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let meta = entry.metadata().unwrap();
        if meta.is_dir() {
            all.extend(facts(&entry.path()));
            continue;
        }
        let mut value = vec![0; 16];
        let length = rustix::fs::getxattr(entry.path(), "trusted.origin", &mut value[..]).unwrap_or(0);
        value.truncate(length);
        let mut digest = DefaultHasher::new();
        fs::read(entry.path()).unwrap().hash(&mut digest);
        all.insert(entry.path(), (digest.finish(), meta.mode(), meta.mtime(), meta.mtime_nsec(), value));
    }
    all
}

fn encrypt(documents: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamon"));
    command.args(["selftest-step", "encrypt"]).arg(documents);
    command
}

fn run(command: &mut Command) -> ExitStatus {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

fn sh(script: &str, folder: &Path) -> ExitStatus {
    run(Command::new("sh").args(["-c", script]).current_dir(folder))
}

/// The alert that something was stopped under.
fn incident(agent: &Agent) -> String {
    let mut found = None;
    agent.until("a stopped process is written down", |agent| {
        let list = agent.json(&["rollback", "list"]);
        let stopped = |tree: &Value| tree["incident"].as_str().map(str::to_owned);
        found = list["trees"].as_array().unwrap().iter().find_map(stopped);
        found.is_some()
    });
    found.unwrap()
}

/// A folder that only this test sees, with documents in it and an agent over it.
struct World<'a> {
    dir: &'a Path,
    documents: PathBuf,
    before: BTreeMap<PathBuf, Facts>,
    home: tempfile::TempDir,
    agent: Agent,
}

/// Only root may guard files. `more` of the policy's table.
fn guarded(more: &str, body: impl FnOnce(World) + Send) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    confined(|dir| {
        let documents = documents(dir);
        let before = facts(&documents);
        let home = tempfile::tempdir().unwrap();
        let agent = agent(home.path(), dir, more);
        body(World { dir, documents, before, home, agent });
    });
}

impl World<'_> {
    fn lost(&self) -> usize {
        let now = facts(&self.documents);
        self.before.iter().filter(|(path, facts)| now.get(*path) != Some(facts)).count()
    }

    /// The agent is killed with -9, by its destructor, and started again.
    fn with_new_agent(self) -> Self {
        let World { dir, documents, before, home, agent: old } = self;
        drop(old);
        let agent = agent(home.path(), dir, "");
        World { dir, documents, before, home, agent }
    }

    /// By a copy of the shell that no package owns, since what people's own tools do is theirs. False when it was ended.
    fn attack(&self, script: &str) -> bool {
        let shell = self.home.path().join("x");
        fs::copy("/bin/sh", &shell).unwrap();
        fs::set_permissions(&shell, fs::Permissions::from_mode(0o755)).unwrap();
        run(Command::new(shell).args(["-c", script]).current_dir(&self.documents)).success()
    }

    fn roll_back(&self) -> Value {
        self.agent.json(&["rollback", &incident(&self.agent)])
    }
}

#[test]
fn an_encryptor_is_stopped_and_undone_by_the_alert_even_after_the_agent_was_killed() {
    guarded("", |world| {
        let status = run(&mut encrypt(&world.documents));
        // Ended, or by itself when it was refused the next file.
        assert!(!status.success(), "{}", world.agent.log());
        let destroyed = world.lost();
        assert!((1..=10).contains(&destroyed), "{destroyed} were lost");
        let alert = incident(&world.agent);
        let world = world.with_new_agent();
        let preview = world.agent.json(&["rollback", "--preview", &alert]);
        assert!(preview["files"].as_array().unwrap().len() >= destroyed, "{preview}");
        assert_eq!(world.lost(), destroyed, "a preview touches nothing");
        world.agent.json(&["rollback", &alert]);
        assert_eq!(facts(&world.documents), world.before);
    });
}

#[test]
fn who_started_it_and_what_that_one_made_stay() {
    guarded("", |world| {
        // An innocent script makes files, changes some, and starts the encryptor among other things.
        let script = format!(
            "for n in 1 2 3 4 5 6 7 8; do echo new > made$n.txt; done; echo more >> report-00.txt; \
             {} selftest-step encrypt {}; echo survived > after.txt",
            env!("CARGO_BIN_EXE_tamon"),
            world.documents.display()
        );
        assert!(sh(&script, &world.documents).success(), "{}", world.agent.log());
        world.roll_back();
        let now = facts(&world.documents);
        let read = |name: &str| fs::read_to_string(world.documents.join(name)).unwrap();
        assert_eq!(read("after.txt"), "survived\n");
        assert!((1..=8).all(|n| read(&format!("made{n}.txt")) == "new\n"));
        assert!(read("report-00.txt").ends_with("month.\nmore\n"));
        assert!(now.keys().all(|path| path.extension().is_none_or(|end| end != "locked")), "{:?}", now.keys());
        assert_eq!(now.len(), 49);
    });
}

/// Stopped, and every file is what it was after a roll-back, whatever was still deleted while it was being ended.
fn comes_back(script: &str) {
    guarded("", |world| {
        assert!(!world.attack(script), "{}", world.agent.log());
        let destroyed = world.lost();
        let report = world.roll_back();
        assert_eq!(facts(&world.documents), world.before, "{destroyed} were lost: {report}\n{}", world.agent.log());
    });
}

#[test]
fn wiped_and_deleted_comes_back() {
    // What `dd` is refused is deleted all the same.
    comes_back("for f in *; do head -c 3000 /dev/zero | dd of=$f conv=notrunc; rm $f; done");
}

#[test]
fn some_wiped_then_the_folder_deleted_comes_back() {
    // The deletion runs while the fifth is judged.
    comes_back(
        "for f in report-0[0-4]*; do head -c 3000 /dev/zero | dd of=$f conv=notrunc; done; rm -rf ../documents; sleep 8",
    );
}

#[test]
fn replaced_comes_back() {
    comes_back("for f in *; do head -c 3000 /dev/urandom > ../part; mv -f ../part $f; done");
}

#[test]
fn renamed_and_encrypted_comes_back() {
    comes_back("for f in *; do mv $f $f.q; done; for f in *; do head -c 3500 /dev/urandom > $f; done");
}

#[test]
fn packed_and_deleted_comes_back() {
    comes_back(
        "tar cf - . | openssl enc -aes-256-ctr -pbkdf2 -iter 1 -pass pass:x -out /tmp/tamon-test-$$ && rm -r ../documents",
    );
}

#[test]
fn a_swarm_that_detaches_itself_is_one_attack() {
    guarded("", |world| {
        // Each destroys one file, and what started it has ended by then.
        let one = "setsid sh -c 'sleep 0.02; head -c 3000 /dev/zero | dd of=$0 conv=notrunc' $f";
        let script = &format!("for f in *; do ({one} &); sleep 0.05; done; sleep 8");
        assert!(!world.attack(script), "{}", world.agent.log());
        let destroyed = world.lost();
        // How few is for the bench on a quiet machine to say: here the sensor may be seconds behind.
        assert!(destroyed < world.before.len(), "{}", world.agent.log());
        let report = world.roll_back();
        assert_eq!(facts(&world.documents), world.before, "{destroyed} were lost: {report}\n{}", world.agent.log());
    });
}

#[test]
fn a_store_without_room_is_told_and_stops_nobody() {
    guarded("keep_max_bytes = 4096\nkeep_max_tree_bytes = 4096\nkeep_max_file_bytes = 4096\n", |world| {
        assert!(sh("for f in *; do echo more >> $f; done", &world.documents).success());
        world.agent.until("what was not kept is counted", |running| {
            running.json(&["status"])["recovery"]["not_kept"].as_u64().unwrap() >= 38
        });
        let status = world.agent.json(&["status"]);
        assert_eq!(status["recovery"]["stopped"], 0);
        let problems = status["problems"].to_string();
        assert!(problems.contains("files are changed that are not kept"), "{problems}");
    });
}

#[test]
fn what_was_not_stopped_is_undone_by_its_process() {
    guarded("", |world| {
        let script = "for n in 0 4 8; do echo gone > report-0$n.txt; done; mkdir left; echo x > left/y";
        assert!(sh(script, &world.documents).success());
        let of_family = |running: &Agent| {
            let trees = running.json(&["rollback", "list"])["trees"].as_array().unwrap().clone();
            let shell = trees.iter().find(|tree| tree["kept"] == 3)?.clone();
            let kin = trees.iter().filter(|tree| tree["family"] == shell["family"]);
            let made: u64 = kin.map(|tree| tree["made"].as_u64().unwrap()).sum();
            (made >= 2).then(|| shell["family"].as_str().unwrap().to_owned())
        };
        let mut family = None;
        world.agent.until("the new folder is known", |running| {
            family = of_family(running);
            family.is_some()
        });
        let world = world.with_new_agent();
        let report = world.agent.json(&["rollback", &family.unwrap()]);
        assert_eq!(facts(&world.documents), world.before, "{report}");
        assert!(!world.documents.join("left").exists(), "{report}");
    });
}
