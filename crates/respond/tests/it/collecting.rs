//! Looking at real processes and files of this machine.

use respond::collect::{Collected, Known, Limits, Look, Owner, collect};
use respond::key_of;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

fn see(look: Look, limits: Limits) -> Collected {
    collect(&look, limits, &mut Known { living: &[std::process::id()], package: &mut |_| None }).unwrap()
}

fn column(collected: &Collected, name: &str) -> Vec<String> {
    let at = collected.columns.iter().position(|column| *column == name).unwrap();
    let text = |row: &Vec<Value>| row[at].as_str().map(str::to_owned).unwrap_or_else(|| row[at].to_string());
    collected.rows.iter().map(text).collect()
}

struct Sleeper(Child);

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program whose file is gone while it runs.
fn without_file(folder: &Path) -> Sleeper {
    let copy = folder.join("napper");
    std::fs::copy("/bin/sleep", &copy).unwrap();
    let child = Command::new(&copy).arg("60").spawn().unwrap();
    // The child has become the program once /proc says so.
    let link = format!("/proc/{}/exe", child.id());
    while std::fs::read_link(&link).ok().as_deref() != Some(copy.as_path()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::fs::remove_file(&copy).unwrap();
    Sleeper(child)
}

#[test]
fn memory_of_a_program_whose_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let sleeper = without_file(folder.path());
    let key = key_of(sleeper.0.id()).unwrap();
    let seen = see(Look::Memory(key), Limits::MOST);
    let gone = format!("deleted file: {}", folder.path().join("napper").display());
    assert!(column(&seen, "suspect").contains(&gone), "{:?}", column(&seen, "suspect"));
    assert!(column(&seen, "permissions").iter().all(|permissions| permissions.contains('x')));
    let files = see(Look::OpenFiles(key), Limits::MOST);
    let exe = column(&files, "fd").iter().position(|fd| fd == "exe").unwrap();
    assert!(column(&files, "target")[exe].ends_with("napper (deleted)"));

    let one = see(Look::Memory(key), Limits { items: 1, ..Limits::MOST });
    assert_eq!((one.rows.len(), one.truncated), (1, true));
    drop(sleeper);
    for look in [Look::Memory(key), Look::OpenFiles(key), Look::Sockets(Some(key))] {
        let after = see(look.clone(), Limits::MOST);
        assert_eq!(column(&after, "state"), ["ended"], "{look:?}");
    }
}

#[test]
fn sockets_of_this_process_and_who_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let peer = std::net::TcpStream::connect(&address).unwrap();
    let own = see(Look::Sockets(key_of(std::process::id())), Limits::MOST);
    let (local, remote, state) = (column(&own, "local"), column(&own, "remote"), column(&own, "state"));
    let at = |wanted: &str| state.iter().zip(&local).position(|(state, local)| state == wanted && *local == address);
    assert!(at("listen").is_some(), "{own:?}");
    let out = peer.local_addr().unwrap().to_string();
    let connected = local.iter().position(|local| *local == out).unwrap();
    assert_eq!((state[connected].as_str(), remote[connected].as_str()), ("established", address.as_str()));
}

#[test]
fn one_file_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run me");
    std::fs::write(&path, b"#!/bin/sh\nexit 0\n").unwrap();
    let mut package = |_: &Path| Some(Owner { package: "some".into(), changed: true });
    let limits = Limits { bytes: 9, ..Limits::MOST };
    let seen = collect(&Look::File(path.clone()), limits, &mut Known { living: &[], package: &mut package }).unwrap();
    let one = |name: &str| column(&seen, name).remove(0);
    assert_eq!((one("state").as_str(), one("kind").as_str(), one("size").as_str()), ("present", "script", "17"));
    assert_eq!(one("sha256"), "306c6ca7407560340797866e077e053627ad409277d1b9da58106fce4cf717cb");
    assert_eq!((one("package").as_str(), one("content").as_str()), ("some, changed since", "23212f62696e2f7368"));

    // A link is told as a link, never followed into what it names.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/etc/shadow", &link).unwrap();
    let seen = see(Look::File(link), Limits { bytes: 100, ..Limits::MOST });
    assert_eq!(
        (column(&seen, "kind"), column(&seen, "content")),
        (vec!["link to /etc/shadow".into()], vec!["null".into()])
    );
    let seen = see(Look::File(folder.path().join("none")), Limits::MOST);
    assert_eq!(column(&seen, "state"), ["missing"]);
    let relative = collect(&Look::File("x".into()), Limits::MOST, &mut Known { living: &[], package: &mut |_| None });
    assert!(relative.is_err());
    // A pipe that nobody writes to does not hold it up.
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(column(&see(Look::File(pipe), Limits::MOST), "kind"), ["pipe"]);
}

/// Nothing hides on a machine for tests, whatever comes and goes meanwhile; what was compared is said.
#[test]
fn nothing_hides_here() {
    let busy = std::thread::spawn(|| {
        for _ in 0..50 {
            let _ = Command::new("true").status();
        }
    });
    let limits = Limits { time: Duration::from_secs(5), ..Limits::MOST };
    let seen = see(Look::HiddenProcesses, limits);
    busy.join().unwrap();
    assert_eq!(seen.rows, Vec::<Vec<Value>>::new());
    assert!(seen.notes.iter().any(|note| note.starts_with("compared: ")), "{:?}", seen.notes);
}

#[test]
fn every_look_says_what_it_saw_or_why_not() {
    for look in [Look::Persistence, Look::Modules, Look::KernelHooks, Look::Logins, Look::Sockets(None)] {
        let seen = see(look.clone(), Limits { time: Duration::from_secs(5), items: 5_000, bytes: 0 });
        assert!(seen.rows.len() <= Limits::MOST.items, "{look:?}");
        assert!(seen.rows.iter().all(|row| row.len() == seen.columns.len()), "{look:?}");
    }
    let hooks = see(Look::KernelHooks, Limits::MOST);
    let checks = column(&hooks, "check");
    for check in ["system-call table", "ftrace hooks", "kprobes", "taint"] {
        let said = checks.iter().any(|name| name == check) || hooks.notes.iter().any(|note| note.starts_with(check));
        assert!(said, "{check}: {hooks:?}");
    }
}
