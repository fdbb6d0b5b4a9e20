//! The command line as a script sees it: output keys and exit codes are interfaces that stay.

mod agent;
mod faults;
mod gate;
mod integrity;
mod lockdown;
mod logs;
mod miner;
mod policy;
mod prevention;
mod recovery;
mod rules;
mod scan;
mod signature_fleet;
mod signatures;
mod suppressions;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// The real binary, in a state folder where nothing runs.
pub fn tamon(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tamon")).arg("--state").arg("/nonexistent/tamon").args(arguments).output().unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stdout)))
}

pub fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_daemon_that_is_not_there_is_an_error_in_words() {
    for command in [&["status"][..], &["hosts"], &["selftest"], &["hunt", "SELECT 1"]] {
        let output = tamon(command);
        assert_eq!(code(&output), 2, "{command:?}");
        assert!(text(&output.stderr).contains("--state"), "{command:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_self_test_lists_its_steps_without_an_agent() {
    let output = tamon(&["selftest", "--list"]);
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).lines().count() >= 12);
}

#[test]
fn configuration_is_checked_with_line_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("agent.toml");
    std::fs::write(&file, "[sensor]\nring_mb = 3\n").unwrap();
    let output = tamon(&["config", "validate", "agent", path(&file)]);
    assert_eq!(code(&output), 2);
    let said = text(&output.stderr);
    assert!(said.contains("line 2") && said.contains("ring_mb"), "{said}");
    std::fs::write(&file, "[sensor]\nring_mib = 3\n").unwrap();
    assert_eq!(code(&tamon(&["config", "validate", "agent", path(&file)])), 0);
    assert!(text(&tamon(&["config", "explain", "agent"]).stdout).contains("drain_interval_ms = 5"));
}
