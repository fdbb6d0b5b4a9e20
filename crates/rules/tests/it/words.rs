//! Commands as a process shows them: what an intruder does must be told under its technique, what a working host does must not be
//! told above `low`. The words are ours; each line is a case.

use crate::content::pack;
use event::{Column, Row, Severity, Technique};
use std::path::Path;

fn lines(name: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/words").join(name);
    let text = std::fs::read_to_string(file).expect("the words are there");
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// `/usr/sbin/x -y` → that file; a bare name lies in /usr/bin.
fn program(command: &str) -> (String, String) {
    let first = command.split_whitespace().next().unwrap_or_default().trim_start_matches('-');
    let name = first.rsplit('/').next().unwrap_or(first).to_owned();
    (if first.contains('/') { first.to_owned() } else { format!("/usr/bin/{first}") }, name)
}

fn started(parent: &str, command: &str) -> Row {
    let mut row = Row::default();
    let ((executable, name), (above, above_name)) = (program(command), program(parent));
    for (column, value) in [
        (Column::Category, "process"),
        (Column::Action, "process-exec"),
        (Column::ProcessName, name.as_str()),
        (Column::ProcessExecutable, executable.as_str()),
        (Column::ProcessCommandLine, command),
        (Column::ProcessWorkingDirectory, "/root"),
        (Column::ParentName, above_name.as_str()),
        (Column::ParentExecutable, above.as_str()),
        (Column::ParentCommandLine, parent),
        (Column::UserName, "root"),
    ] {
        row.set_text(column, value);
    }
    row
}

/// `file ACTION PATH by PROGRAM`.
fn touched(words: &str) -> Option<Row> {
    let (action, rest) = words.strip_prefix("file ")?.split_once(' ')?;
    let (path, by) = rest.rsplit_once(" by ")?;
    let mut row = started("bash", by);
    row.set_text(Column::Category, "file");
    row.set_text(Column::Action, action);
    row.set_text(Column::FilePath, path);
    row.set_text(Column::FileName, path.rsplit('/').next().unwrap_or(path));
    Some(row)
}

#[test]
fn what_an_intruder_does_is_told_under_its_technique() {
    let mut matcher = pack();
    let mut missed = Vec::new();
    for line in lines("attacks.txt") {
        let (technique, words) = line.split_once(' ').expect("a technique and words");
        let wanted: Technique = technique.parse().expect("a technique");
        let row = touched(words).unwrap_or_else(|| started("bash", words));
        let told: Vec<Technique> = matcher.find(&row).into_iter().flat_map(|finding| finding.techniques).collect();
        if !told.iter().any(|one| *one == wanted || one.parent() == wanted || *one == wanted.parent()) {
            missed.push(format!("{line}   told: {told:?}"));
        }
    }
    assert!(missed.is_empty(), "{} are not told:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn what_a_working_host_does_is_not_told_aloud() {
    let mut matcher = pack();
    let mut loud = Vec::new();
    for line in lines("ordinary.txt") {
        let (parent, command) = line.split_once(" | ").expect("a parent and a command");
        let found = matcher.find(&started(parent, command));
        loud.extend(found.iter().filter(|one| one.severity > Severity::Low).map(|one| format!("{}: {line}", one.name)));
    }
    assert!(loud.is_empty(), "{} are told:\n{}", loud.len(), loud.join("\n"));
}
