//! To cut a file by its name (`truncate(2)`) asks nobody, and leaves nothing that a handle could hold. So when a family has
//! done it to one file, those that lie beside it are kept before it comes to them: a file more is then lost for good only
//! where it was cut sooner than that.

use super::neighbours;
use super::state::State;
use super::tree::Tree;
use event::ProcessKey;
use respond::{Actor, Kept};
use std::path::Path;

/// Files of one folder, and bytes of one family.
const MAX_FILES: usize = 512;
const MAX_BYTES: u64 = 64 << 20;
const MAX_FOLDERS: usize = 64;

/// Under which the store has what is kept ahead of this family: it is nobody's doing yet, and no roll-back gives it back.
pub fn name(root: &ProcessKey) -> String {
    format!("{}{}", respond::AHEAD, root.entity_id())
}

/// Each folder once.
pub fn keep(state: &State, tree: &mut Tree, beside: &Path) {
    let Some(folder) = beside.parent().filter(|_| tree.ahead.len() < MAX_FOLDERS) else { return };
    if !tree.ahead.insert(folder.to_owned()) {
        return;
    }
    let handles = state.neighbours.lock().of_folder(folder, MAX_FILES);
    let by = Actor { tree: name(&tree.root), ..Actor::default() };
    for (path, handle) in handles {
        let Some(file) = neighbours::open(&handle) else { continue };
        let size = file.metadata().map_or(0, |meta| meta.len());
        if tree.ahead_bytes + size > MAX_BYTES {
            continue;
        }
        match state.shared.rollback.keep(&file, &path, &by) {
            Ok(Kept::Now) => tree.ahead_bytes += size,
            Ok(Kept::Before | Kept::Empty) => {}
            Err(error) => tracing::warn!(%error, "a file beside one that was cut could not be kept"),
        }
    }
}
