//! The step of file integrity: a file in a tree of its own is changed, and who did it, what was before and what is now must
//! be told. The agent watches that tree for half a minute besides what its policy watches.

use super::steps::Step;
use crate::local::Local;
use anyhow::{Context as _, Result};
use event::{Column, Row, Technique};
use serde_json::json;
use std::fs;
use std::path::Path;

pub const STEP: Step = Step {
    name: "watched-file",
    technique: Technique::sub(1565, 1),
    what: "a watched file of its own is changed",
    seen,
};
const FILE: &str = "watched/settings.conf";
const BEFORE: &str = "port = 22\npassword = a-stand-in-for-a-secret\n";
const AFTER: &str = "port = 2222\npassword = a-stand-in-for-a-secret\n";

/// Before the step: the file, and the agent's eye on it.
pub fn prepare(local: &Local, folder: &Path) -> Result<()> {
    let file = folder.join(FILE);
    let tree = file.parent().context("the file lies in a folder")?;
    fs::create_dir_all(tree)?;
    fs::write(&file, BEFORE)?;
    local.ask(&json!({ "request": "integrity_try", "tree": tree })).context("the agent does not watch it")?;
    Ok(())
}

pub fn play(folder: &Path) -> Result<()> {
    Ok(fs::write(folder.join(FILE), AFTER)?)
}

/// Who, both digests, and the line that differs without the secret beside it.
fn seen(row: &Row) -> bool {
    let label = |name: &str| row.labels.get(name).map(String::as_str).unwrap_or_default();
    let text = |column| row.text(column).unwrap_or_default().into_owned();
    text(Column::Action) == "integrity-modify"
        && text(Column::FilePath).ends_with(FILE)
        && !text(Column::UserName).is_empty()
        && !text(Column::ProcessExecutable).is_empty()
        && label("before_content").len() == 64
        && label("after_content").len() == 64
        && label("before_content") != label("after_content")
        && label("integrity_diff").contains("+port = 2222")
        && !label("integrity_diff").contains("a-stand-in")
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Value;

    #[test]
    fn a_change_without_its_doer_or_with_its_secret_is_not_enough() {
        let row = |edit: &dyn Fn(&mut Row)| {
            let mut row = Row::default();
            row.set_text(Column::Action, "integrity-modify");
            row.set_text(Column::FilePath, "/tmp/tamon-selftest-x/watched-file/watched/settings.conf");
            row.set_text(Column::UserName, "root");
            row.set_text(Column::ProcessExecutable, "/usr/bin/tamon");
            row.labels.insert("before_content".into(), "a".repeat(64));
            row.labels.insert("after_content".into(), "b".repeat(64));
            row.labels.insert("integrity_diff".into(), "-port = 22\n+port = 2222\n".into());
            edit(&mut row);
            row
        };
        assert!(seen(&row(&|_| {})));
        assert!(!seen(&row(&|row| row.set(Column::UserName, Value::str("")))));
        assert!(!seen(&row(&|row| drop(row.labels.remove("before_content")))));
        let leaking = "+port = 2222\n password = a-stand-in-for-a-secret\n";
        assert!(!seen(&row(&|row| drop(row.labels.insert("integrity_diff".into(), leaking.into())))));
    }
}
