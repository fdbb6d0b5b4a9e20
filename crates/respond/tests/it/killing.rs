//! Trees of harmless sleepers.

use crate::world::eventually;
use event::ProcessKey;
use respond::{KillPolicy, KillStatus, boot_id, key_of, kill_tree};
use std::process::{Child, Command, Stdio};

struct Tree(Child);

impl Tree {
    fn start(script: &str) -> Tree {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Tree(command.spawn().unwrap())
    }
    fn key(&self) -> ProcessKey {
        key_of(self.0.id()).unwrap()
    }
    fn children(&self) -> Vec<u32> {
        children(self.0.id())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Some(key) = key_of(self.0.id()) {
            kill_tree(key, &[], &KillPolicy::default());
        }
        let _ = self.0.wait();
    }
}

fn children(of: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &of.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

fn is_running(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z ") && !stat.contains(") X "))
}

#[test]
fn a_tree_is_ended_root_first_with_everyone_in_it() {
    let tree = Tree::start("sleep 1000 & (sleep 1000 & sleep 1000) & wait");
    let all = || -> Vec<u32> {
        let near = tree.children();
        let far: Vec<u32> = near.iter().flat_map(|pid| children(*pid)).collect();
        [near, far].concat()
    };
    eventually("the tree stands", || all().len() >= 3);
    let members = all();
    let report = kill_tree(tree.key(), &[], &KillPolicy::default());
    assert_eq!(report.killed(), members.len() + 1, "{report:?}");
    assert_eq!(report.processes[0].pid, tree.0.id());
    assert!(members.iter().all(|pid| !is_running(*pid)));
}

#[test]
fn one_that_keeps_making_children_does_not_get_away() {
    let tree = Tree::start("while :; do sleep 0.02 & sleep 0.01; done");
    eventually("it is at work", || !tree.children().is_empty());
    let report = kill_tree(tree.key(), &[], &KillPolicy::default());
    assert_eq!((report.processes[0].pid, report.processes[0].status), (tree.0.id(), KillStatus::Killed));
    assert_eq!(tree.children(), Vec::<u32>::new());
}

#[test]
fn another_process_under_the_same_pid_is_not_hit() {
    let tree = Tree::start("sleep 1000");
    let right = tree.key();
    let check = |key: ProcessKey| {
        let report = kill_tree(key, &[], &KillPolicy::default());
        assert_eq!(report.processes[0].status, KillStatus::Gone, "{report:?}");
        assert!(is_running(tree.0.id()));
    };
    check(ProcessKey { start_ticks: right.start_ticks + 1, ..right });
    check(ProcessKey { boot: event::BootId(right.boot.0 ^ 1), ..right });
}

#[test]
fn the_protected_are_refused() {
    let refused = |pid: u32, policy: &KillPolicy| {
        let report = kill_tree(key_of(pid).unwrap(), &[], policy);
        assert_eq!(report.processes.len(), 1);
        assert_eq!(report.processes[0].status, KillStatus::Refused, "{report:?}");
    };
    refused(1, &KillPolicy::default());
    refused(std::process::id(), &KillPolicy::default());
    let tree = Tree::start("sleep 1000");
    refused(tree.0.id(), &KillPolicy { ours: vec![tree.0.id()], ..KillPolicy::default() });
    assert!(is_running(tree.0.id()));
    let nonsense = ProcessKey { boot: boot_id(), tgid: 0, start_ticks: 0 };
    assert_eq!(kill_tree(nonsense, &[], &KillPolicy::default()).processes[0].status, KillStatus::Refused);
}

#[test]
fn a_protected_child_is_left_and_the_rest_ended() {
    let tree = Tree::start("sleep 1000 & sleep 1001 & wait");
    eventually("both are there", || tree.children().len() == 2);
    let children = tree.children();
    let policy = KillPolicy { ours: vec![children[0]], ..KillPolicy::default() };
    let report = kill_tree(tree.key(), &[], &policy);
    assert_eq!((report.killed(), report.refused()), (2, 1), "{report:?}");
    assert!(is_running(children[0]) && !is_running(children[1]));
    kill_tree(key_of(children[0]).unwrap(), &[], &KillPolicy::default());
}

#[test]
fn orphans_that_the_process_table_knows_are_ended_too() {
    let tree = Tree::start("sleep 1000");
    let orphan = Tree::start("sleep 1000");
    let gone = ProcessKey { start_ticks: tree.key().start_ticks + 1, ..tree.key() };
    let report = kill_tree(gone, &[orphan.key()], &KillPolicy::default());
    let status: Vec<_> = report.processes.iter().map(|p| p.status).collect();
    assert_eq!((status[0], status[1]), (KillStatus::Gone, KillStatus::Killed));
    assert!(!is_running(orphan.0.id()) && is_running(tree.0.id()));
}
