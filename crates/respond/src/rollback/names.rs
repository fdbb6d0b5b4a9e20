//! Names that need no content: further hard links of what is kept, and symbolic links.

use super::entry::{Actor, Name, NameKind, path_words};
use super::log::Record;
use super::{Rollback, RollbackError, State};
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

impl Rollback {
    pub(super) fn also_named(
        &self,
        state: &mut State,
        meta: &Metadata,
        path: &Path,
        by: &Actor,
    ) -> Result<(), RollbackError> {
        let (words, path_bytes) = path_words(path);
        let kind = NameKind::HardLink { device: meta.dev(), inode: meta.ino() };
        let known = state.entries.values().any(|e| e.tree == by.tree && e.path_bytes == path_bytes)
            || state.names.iter().any(|n| n.tree == by.tree && n.path_bytes == path_bytes && n.kind == kind);
        if known { Ok(()) } else { self.enter_name(state, words, path_bytes, by, kind) }
    }

    /// A symbolic link as it stands, before `by` takes it away.
    pub fn keep_link(&self, path: &Path, target: &Path, meta: &Metadata, by: &Actor) -> Result<(), RollbackError> {
        let mut state = self.state.lock();
        let (words, path_bytes) = path_words(path);
        let target = hex::encode(target.as_os_str().as_bytes());
        let kind = NameKind::Symbolic { target, uid: meta.uid(), gid: meta.gid() };
        if state.names.iter().any(|n| n.tree == by.tree && n.path_bytes == path_bytes) {
            return Ok(());
        }
        self.enter_name(&mut state, words, path_bytes, by, kind)
    }

    fn enter_name(
        &self,
        state: &mut State,
        path: String,
        path_bytes: String,
        by: &Actor,
        kind: NameKind,
    ) -> Result<(), RollbackError> {
        if state.names.len() >= self.config.lock().max_entries {
            state.stats.full += 1;
            return Ok(());
        }
        let record = Record::Name(Name { tree: by.tree.clone(), path, path_bytes, kind, age: state.age });
        state.log.append(&record)?;
        state.replay(record);
        Ok(())
    }
}
