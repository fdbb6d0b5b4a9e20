//! What a roll-back did, or would do, file by file.

use serde::Serialize;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RollbackReport {
    pub trees: Vec<String>,
    /// Nothing was touched.
    pub preview: bool,
    pub files: Vec<FileReport>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    pub path: String,
    pub done: Undone,
    pub bytes: u64,
    /// Why, where it is not as it was.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undone {
    /// Content, name, owner, mode, times and attributes are those of before.
    Restored,
    /// A hard or symbolic link stands again.
    Linked,
    /// The tree made it; it is gone.
    Deleted,
    /// It was never changed.
    Unchanged,
    /// Somebody else's file stands there, or somebody else changed it since: what was kept lies beside it.
    Beside,
    Failed,
}

impl RollbackReport {
    pub fn count(&self, done: Undone) -> usize {
        self.files.iter().filter(|file| file.done == done).count()
    }
}
