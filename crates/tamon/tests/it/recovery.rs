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

fn lost(before: &BTreeMap<PathBuf, Facts>, folder: &Path) -> usize {
    let now = facts(folder);
    before.iter().filter(|(path, facts)| now.get(*path) != Some(facts)).count()
}

fn encrypt(documents: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamon"));
    command.args(["selftest-step", "encrypt"]).arg(documents).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn sh(script: &str, folder: &Path) -> ExitStatus {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
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

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn an_encryptor_is_stopped_and_undone_by_the_alert_even_after_the_agent_was_killed() {
    if !is_root() {
        return;
    }
    confined(|dir| {
        let documents = documents(dir);
        let before = facts(&documents);
        let home = tempfile::tempdir().unwrap();
        let running = agent(home.path(), dir, "");
        let status = encrypt(&documents).status().unwrap();
        // Ended, or by itself when it was refused the next file.
        assert!(!status.success(), "{}", running.log());
        let destroyed = lost(&before, &documents);
        assert!((1..=10).contains(&destroyed), "{destroyed} were lost");
        let alert = incident(&running);
        // The destructor kills it with -9.
        drop(running);
        let running = agent(home.path(), dir, "");
        let preview = running.json(&["rollback", "--preview", &alert]);
        assert!(preview["files"].as_array().unwrap().len() >= destroyed, "{preview}");
        assert_eq!(lost(&before, &documents), destroyed, "a preview touches nothing");
        running.json(&["rollback", &alert]);
        assert_eq!(facts(&documents), before);
    });
}

#[test]
fn who_started_it_and_what_that_one_made_stay() {
    if !is_root() {
        return;
    }
    confined(|dir| {
        let documents = documents(dir);
        let home = tempfile::tempdir().unwrap();
        let running = agent(home.path(), dir, "");
        // An innocent script makes files, changes some, and starts the encryptor among other things.
        let script = format!(
            "for n in 1 2 3 4 5 6 7 8; do echo new > made$n.txt; done; echo more >> report-00.txt; \
             {} selftest-step encrypt {}; echo survived > after.txt",
            env!("CARGO_BIN_EXE_tamon"),
            documents.display()
        );
        assert!(sh(&script, &documents).success(), "{}", running.log());
        running.json(&["rollback", &incident(&running)]);
        let now = facts(&documents);
        let read = |name: &str| fs::read_to_string(documents.join(name)).unwrap();
        assert_eq!(read("after.txt"), "survived\n");
        assert!((1..=8).all(|n| read(&format!("made{n}.txt")) == "new\n"));
        assert!(read("report-00.txt").ends_with("month.\nmore\n"));
        assert!(now.keys().all(|path| path.extension().is_none_or(|end| end != "locked")), "{:?}", now.keys());
        assert_eq!(now.len(), 49);
    });
}

/// A copy of the shell that no package owns, since what people's own tools do is theirs.
fn other_shell(dir: &Path) -> PathBuf {
    let shell = dir.join("x");
    fs::copy("/bin/sh", &shell).unwrap();
    fs::set_permissions(&shell, fs::Permissions::from_mode(0o755)).unwrap();
    shell
}

#[test]
fn wiped_renamed_and_packed_come_back() {
    if !is_root() {
        return;
    }
    const WAYS: &[(&str, &str)] = &[
        ("wiped, then deleted", "for f in *; do head -c 3000 /dev/zero | dd of=$f conv=notrunc && rm $f; done"),
        ("names first", "for f in *; do mv $f $f.q; done; for f in *; do head -c 3500 /dev/urandom > $f; done"),
        (
            "packed elsewhere, then deleted",
            "tar cf - . | openssl enc -aes-256-ctr -pbkdf2 -iter 1 -pass pass:x -out /tmp/tamon-test-$$ && rm -r ../documents",
        ),
    ];
    for (what, script) in WAYS {
        confined(|dir| {
            let documents = documents(dir);
            let before = facts(&documents);
            let home = tempfile::tempdir().unwrap();
            let running = agent(home.path(), dir, "");
            let shell = other_shell(home.path());
            let mut command = Command::new(shell);
            command.args(["-c", script]).current_dir(&documents).stdin(Stdio::null());
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            assert!(!status.success(), "{what}: {}", running.log());
            let destroyed = lost(&before, &documents);
            if destroyed > 0 {
                running.json(&["rollback", &incident(&running)]);
            }
            assert_eq!(facts(&documents), before, "{what}: {destroyed} were lost");
        });
    }
}

#[test]
fn a_store_without_room_is_told_and_stops_nobody() {
    if !is_root() {
        return;
    }
    confined(|dir| {
        let documents = documents(dir);
        let home = tempfile::tempdir().unwrap();
        let small = "keep_max_bytes = 4096\nkeep_max_tree_bytes = 4096\nkeep_max_file_bytes = 4096\n";
        let running = agent(home.path(), dir, small);
        assert!(sh("for f in *; do echo more >> $f; done", &documents).success());
        running.until("what was not kept is counted", |running| {
            running.json(&["status"])["recovery"]["not_kept"].as_u64().unwrap() >= 38
        });
        let status = running.json(&["status"]);
        assert_eq!(status["recovery"]["stopped"], 0);
        let problems = status["problems"].to_string();
        assert!(problems.contains("files are changed that are not kept"), "{problems}");
    });
}

#[test]
fn what_was_not_stopped_is_undone_by_its_process() {
    if !is_root() {
        return;
    }
    confined(|dir| {
        let documents = documents(dir);
        let before = facts(&documents);
        let home = tempfile::tempdir().unwrap();
        let running = agent(home.path(), dir, "");
        assert!(
            sh("for n in 0 4 8; do echo gone > report-0$n.txt; done; mkdir left; echo x > left/y", &documents)
                .success()
        );
        let of_family = |running: &Agent| {
            let trees = running.json(&["rollback", "list"])["trees"].as_array().unwrap().clone();
            let shell = trees.iter().find(|tree| tree["kept"] == 3)?.clone();
            let kin = trees.iter().filter(|tree| tree["family"] == shell["family"]);
            let made: u64 = kin.map(|tree| tree["made"].as_u64().unwrap()).sum();
            (made >= 2).then(|| shell["family"].as_str().unwrap().to_owned())
        };
        let mut family = None;
        running.until("the new folder is known", |running| {
            family = of_family(running);
            family.is_some()
        });
        drop(running);
        let running = agent(home.path(), dir, "");
        let report = running.json(&["rollback", &family.unwrap()]);
        assert_eq!(facts(&documents), before, "{report}");
        assert!(!documents.join("left").exists(), "{report}");
    });
}
