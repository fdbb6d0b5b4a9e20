//! Watched files under the real agent: what is told of a change, by whom, before and after; what an agent that was away finds;
//! and that a baseline which somebody changed is not believed.

use crate::agent::Agent;
use crate::code;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn policy(tree: &Path) -> String {
    format!(
        "version = 1\n[gate]\nenabled = false\n[integrity]\nsets = []\nwatch = [{tree:?}]\nexclude = [\"**/*.swp\"]\n\
         [[integrity.rule]]\nid = \"settings\"\ntitle = \"The settings changed\"\npath = [\"**/*.conf\"]\nseverity = \"high\"\n"
    )
}

fn tree(folder: &Path) -> std::path::PathBuf {
    let tree = folder.join("watched");
    fs::create_dir_all(tree.join("sub")).unwrap();
    for name in ["app.conf", "sub/mode", "sub/old", "sub/gone", "sub/linked"] {
        fs::write(tree.join(name), format!("{name}\npassword = hunter22\n")).unwrap();
    }
    tree
}

/// Told changes of one file, as (change, found).
fn told(agent: &Agent, path: &Path) -> Vec<Value> {
    let answer = agent.json(&["integrity", "changes", "--path", path.to_str().unwrap()]);
    answer["changes"].as_array().unwrap().clone()
}

fn shell(command: &str) {
    assert!(Command::new("/bin/sh").args(["-c", command]).status().unwrap().success(), "{command}");
}

#[test]
fn what_changes_is_told_with_who_and_what_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let at = |name: &str| tree.join(name);
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    agent.until("it says that there is no baseline", |agent| {
        agent.json(&["status"])["integrity"]["state"].as_str().is_some_and(|state| state.starts_with("no baseline"))
    });
    assert_eq!(agent.json(&["integrity", "baseline"])["files"], 7);
    assert_eq!(code(&agent.run(&["integrity", "check"])), 0);

    shell(&format!("echo 'debug = 1' >> {}", at("app.conf").display()));
    fs::set_permissions(at("sub/mode"), fs::Permissions::from_mode(0o4755)).unwrap();
    fs::rename(at("sub/old"), at("sub/new")).unwrap();
    fs::remove_file(at("sub/gone")).unwrap();
    fs::hard_link(at("sub/linked"), at("sub/second")).unwrap();
    fs::write(at("sub/.x.swp"), "not watched").unwrap();
    let whats = |agent: &Agent, name: &str| -> Vec<String> {
        told(agent, &at(name)).iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect()
    };
    for (name, what) in [
        ("app.conf", "modify"),
        ("sub/mode", "attributes"),
        ("sub/new", "rename"),
        ("sub/gone", "delete"),
        ("sub/second", "create"),
        ("sub/linked", "attributes"),
    ] {
        agent.until(&format!("{name} is told"), |agent| !whats(agent, name).is_empty());
        assert_eq!(whats(&agent, name), [what], "{name}");
    }
    assert!(whats(&agent, "sub/old").is_empty(), "a rename is no deletion");
    assert!(whats(&agent, "sub/.x.swp").is_empty());
    let conf = &told(&agent, &at("app.conf"))[0];
    assert_eq!(
        (&conf["severity"], &conf["rule"], &conf["found"]),
        (&"high".into(), &"integrity.settings".into(), &"live".into())
    );
    let diff = conf["diff"].as_str().unwrap();
    assert!(diff.contains("+debug = 1") && !diff.contains("hunter22"), "{diff}");
    assert!(conf["who"]["command_line"].as_str().unwrap().contains("echo 'debug = 1'"), "{conf}");
    let mode = &told(&agent, &at("sub/mode"))[0];
    assert_eq!((&mode["rule"], &mode["changed"][0]["after"]), (&"integrity.set-uid".into(), &"4755".into()));

    assert_eq!(code(&agent.run(&["integrity", "check"])), 1);
    assert!(agent.json(&["integrity", "accept", "--all"])["approved"].as_u64().unwrap() >= 6);
    let check = agent.json(&["integrity", "check"]);
    assert_eq!(check["differences"], Value::Array(Vec::new()), "{check}");

    agent.stop();
    let alerts = agent.alerts();
    let of = |rule: &str| alerts.iter().filter(|one| one.findings[0].rule_id.as_str() == rule).count();
    assert_eq!((of("integrity.settings"), of("integrity.set-uid")), (1, 1), "{alerts:#?}");
}

#[test]
fn what_changed_while_the_agent_was_away_is_found_and_a_forged_baseline_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    agent.json(&["integrity", "baseline"]);
    agent.stop();
    fs::write(tree.join("app.conf"), "other\n").unwrap();

    let mut agent = Agent::start(folder.path(), &policy(&tree));
    agent.until("the change is found", |agent| !told(agent, &tree.join("app.conf")).is_empty());
    let found = &told(&agent, &tree.join("app.conf"))[0];
    assert_eq!((&found["found"], &found["who"]), (&"start".into(), &Value::Null), "{found}");
    assert!(found["diff"].as_str().unwrap().contains("+other"), "{found}");
    agent.stop();

    let baseline = agent.state().join("agent/integrity/baseline");
    let mut bytes = fs::read(&baseline).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&baseline, bytes).unwrap();
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    let state = |agent: &Agent| agent.json(&["status"])["integrity"]["state"].as_str().unwrap_or_default().to_owned();
    agent.until("it refuses the baseline", |agent| state(agent).starts_with("refused"));
    assert!(state(&agent).contains("`tamon integrity baseline` makes a new one"), "{}", state(&agent));
    agent.json(&["integrity", "baseline"]);
    agent.until("it watches again", |agent| state(agent) == "watching");
    assert_eq!(code(&agent.run(&["integrity", "check"])), 0);
    agent.stop();
    let alerts = agent.alerts();
    let refused = alerts.iter().filter(|one| one.findings[0].rule_id.as_str() == "integrity.baseline").count();
    assert_eq!(refused, 1, "{alerts:#?}");
}

#[test]
fn a_report_comes_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let agent = Agent::start(folder.path(), &policy(&tree));
    agent.json(&["integrity", "baseline"]);
    shell(&format!("rm {}", tree.join("sub/gone").display()));
    agent.until("the deletion is told", |agent| !told(agent, &tree.join("sub/gone")).is_empty());
    let report = agent.json(&["integrity", "report", "--view", "pci"]);
    assert_eq!(
        (&report["changes"][0]["what"], &report["differences"][0]["what"]),
        (&"delete".into(), &"delete".into()),
        "{report}"
    );
    for (format, begin) in
        [("csv", "kind,time"), ("html", "<!doctype html>"), ("pdf", "%PDF"), ("text", "File integrity")]
    {
        let file = folder.path().join(format!("report.{format}"));
        let output = agent.run(&["integrity", "report", "--format", format, "--to", file.to_str().unwrap()]);
        assert_eq!(code(&output), 0, "{format}");
        assert!(fs::read(&file).unwrap().starts_with(begin.as_bytes()), "{format}");
    }
    assert_eq!(code(&agent.run(&["integrity", "report", "--format", "pdf"])), 2, "a PDF is no text for a terminal");
}

/// Of the agent's status on watched files.
fn count(agent: &Agent, what: &str) -> u64 {
    agent.json(&["status"])["integrity"][what].as_u64().unwrap()
}

fn run(command: &mut Command) {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A package of the real dpkg with forty files, a link and a folder below `tree`, its database in a root of its own.
fn install_deb(folder: &Path, tree: &Path) {
    let (package, database) = (folder.join("package"), folder.join("packages/var/lib/dpkg"));
    let below = tree.strip_prefix("/").unwrap().join("from-package");
    fs::create_dir_all(package.join(&below)).unwrap();
    fs::create_dir_all(package.join("DEBIAN")).unwrap();
    for n in 0..40 {
        fs::write(package.join(&below).join(format!("file{n}")), format!("content {n}\n")).unwrap();
    }
    shell(&format!("cd {} && md5sum {}/file* > DEBIAN/md5sums", package.display(), below.display()));
    std::os::unix::fs::symlink("file0", package.join(&below).join("link")).unwrap();
    let control = "Package: tamon-test\nVersion: 3\nArchitecture: all\nMaintainer: Tamon <none@example.org>\nDescription: a test\n";
    fs::write(package.join("DEBIAN/control"), control).unwrap();
    // Its script makes a file that no package lists.
    let script = format!("#!/bin/sh\necho made > {}\n", tree.join("by-script").display());
    fs::write(package.join("DEBIAN/postinst"), script).unwrap();
    fs::set_permissions(package.join("DEBIAN/postinst"), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["info", "updates", "triggers"] {
        fs::create_dir_all(database.join(name)).unwrap();
    }
    fs::write(database.join("status"), "").unwrap();
    let file = folder.join("test.deb");
    run(Command::new("dpkg-deb").args(["--root-owner-group", "-Znone", "--build"]).arg(&package).arg(&file));
    let admin = format!("--admindir={}", database.display());
    run(Command::new("dpkg").args([&admin, "--force-unsafe-io", "-i"]).arg(&file));
}

#[test]
fn what_dpkg_unpacks_is_expected_and_what_its_script_makes_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let root = folder.path().join("packages");
    fs::create_dir_all(&root).unwrap();
    let mut agent =
        Agent::configured(folder.path(), &policy(&tree), &format!("content = []\npackage_root = {root:?}\n"));
    agent.json(&["integrity", "baseline"]);
    install_deb(folder.path(), &tree);
    // Forty files, the link, and their folder.
    agent.until("all files are held against their digests", |agent| count(agent, "expected") >= 42);
    agent.until("the script's file is told", |agent| !told(agent, &tree.join("by-script")).is_empty());
    assert_eq!((count(&agent, "expected"), count(&agent, "told")), (42, 1));
    let script = &told(&agent, &tree.join("by-script"))[0];
    assert!(script["transaction"].as_str().unwrap().contains("-i"), "by which transaction: {script}");
    assert!(script["who"]["lineage"][0].as_str().unwrap().contains("dpkg"), "below whom: {script}");
    assert_eq!(script["severity"], "low");

    // The package's own file in another's hands.
    shell(&format!("echo changed > {}", tree.join("from-package/file7").display()));
    agent.until("a changed file of the package is told", |agent| {
        !told(agent, &tree.join("from-package/file7")).is_empty()
    });
    let changed = &told(&agent, &tree.join("from-package/file7"))[0];
    assert!(changed["why"].as_str().unwrap().contains("belongs to tamon-test 3"), "{changed}");
    assert!(changed["diff"].as_str().unwrap().contains("-content 7"), "texts of packages are kept: {changed}");
    agent.stop();
    let folds: Vec<_> = agent
        .rows()
        .into_iter()
        .filter(|row| row.text(event::Column::Action).as_deref() == Some("integrity-expected"))
        .collect();
    let files: u64 = folds.iter().map(|row| row.labels["integrity_files"].parse::<u64>().unwrap()).sum();
    assert_eq!(files, 42);
    assert!(folds.iter().any(|row| row.labels.get("integrity_package").is_some_and(|name| name == "tamon-test 3")));
}

#[test]
fn what_rpm_unpacks_is_expected_by_its_sha256() {
    if !Command::new("rpmbuild").arg("--version").output().is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: there is no rpm here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let root = folder.path().join("packages");
    fs::create_dir_all(&root).unwrap();
    let mut agent =
        Agent::configured(folder.path(), &policy(&tree), &format!("content = []\npackage_root = {root:?}\n"));
    agent.json(&["integrity", "baseline"]);
    let database = root.join("usr/lib/sysimage/rpm");
    let install = |version: u32| {
        let at = tree.join("rpm");
        let spec = format!(
            "Name: tamon-test\nVersion: {version}\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\n\
             %description\na test\n%install\nmkdir -p %{{buildroot}}{0}\n\
             for n in 1 2 3 4 5; do echo \"content {version} $n\" > %{{buildroot}}{0}/file$n; done\n\
             %files\n%dir {0}\n{0}/file*\n",
            at.display()
        );
        let path = folder.path().join("test.spec");
        fs::write(&path, spec).unwrap();
        let top = folder.path().join("build");
        run(Command::new("rpmbuild").arg("-bb").arg("--define").arg(format!("_topdir {}", top.display())).arg(&path));
        let file = top.join(format!("RPMS/noarch/tamon-test-{version}-1.noarch.rpm"));
        run(Command::new("rpm").arg("--dbpath").arg(&database).args(["-U", "--nodeps"]).arg(file));
    };
    install(1);
    agent.until("the first version is held against its digests", |agent| count(agent, "expected") >= 6);
    install(2);
    agent.until("the second too", |agent| count(agent, "expected") >= 11);
    agent.until("nothing waits", |agent| count(agent, "waiting_for_packages") == 0);
    assert_eq!((count(&agent, "expected"), count(&agent, "told")), (11, 0));
    shell(&format!("echo changed > {}", tree.join("rpm/file3").display()));
    agent.until("a changed file is told", |agent| !told(agent, &tree.join("rpm/file3")).is_empty());
    let changed = &told(&agent, &tree.join("rpm/file3"))[0];
    assert!(changed["why"].as_str().unwrap().contains("belongs to tamon-test 2-1"), "{changed}");
    agent.stop();
    let named = |row: &event::Row| row.labels.get("integrity_package").cloned().unwrap_or_default();
    let folds: Vec<String> = agent
        .rows()
        .iter()
        .filter(|row| row.text(event::Column::Action).as_deref() == Some("integrity-expected"))
        .map(named)
        .collect();
    assert!(folds.contains(&"tamon-test 2-1".to_owned()), "{folds:?}");
}

#[test]
fn a_large_file_is_told_at_once_and_its_digest_follows() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let agent = Agent::start(folder.path(), &policy(&tree));
    agent.json(&["integrity", "baseline"]);
    let file = tree.join("large");
    shell(&format!("truncate -s 34M {}", file.display()));
    agent.until("its digest is told", |agent| told(agent, &file).len() == 2);
    let all = told(&agent, &file);
    let content = |one: &Value| {
        let changed = one["changed"].as_array().unwrap().iter().find(|one| one["attribute"] == "content").unwrap();
        (changed["before"].as_str().unwrap().to_owned(), changed["after"].as_str().unwrap().to_owned())
    };
    assert_eq!((&all[0]["what"], content(&all[0])), (&"create".into(), (String::new(), "not read".into())));
    assert_eq!((&all[1]["what"], content(&all[1]).0), (&"modify".into(), "not read".into()));
    assert_eq!(content(&all[1]).1.len(), 64, "{all:#?}");
    // Its mode alone is another now; nobody says that its content is.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    agent.until("the mode is told", |agent| told(agent, &file).len() == 3);
    assert_eq!(told(&agent, &file)[2]["what"], "attributes");
}

#[test]
fn the_self_test_sees_a_watched_file_change_with_and_without_a_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(folder.path());
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    for baseline in [false, true] {
        if baseline {
            agent.json(&["integrity", "baseline"]);
        }
        let report = agent.json(&["selftest", "--only", "watched-file"]);
        let step = &report["steps"][0];
        assert_eq!((&step["seen"], &step["told"]), (&true.into(), &true.into()), "{report}");
    }
    // Nobody else's folder is watched by that way, and nothing of it stays.
    agent.stop();
    let mut agent = Agent::start(folder.path(), &policy(&tree));
    assert_eq!(code(&agent.run(&["integrity", "check"])), 0);
    assert!(!agent.state().join("agent/integrity/trial").exists());
    agent.stop();
}
