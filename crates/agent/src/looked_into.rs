//! Files whose content was looked into and told nothing, by identity: a program that was scanned when it was written is not
//! scanned again when it is started. Shared by the scanning threads; new signatures end it.

use event::FileIdentity;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Forgotten all at once when full, since the next look is cheap.
const MOST: usize = 32_768;

#[derive(Default)]
pub struct LookedInto(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Of the signatures that they were held against.
    generation: u64,
    files: HashSet<FileIdentity>,
}

impl LookedInto {
    pub fn has(&self, file: &FileIdentity, generation: u64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.generation == generation && known.files.contains(file)
    }

    /// `generation` is the one at which the look began: what was held against older signatures is not kept.
    pub fn put(&self, file: FileIdentity, generation: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generation > known.generation || known.files.len() >= MOST {
            known.files.clear();
            known.generation = known.generation.max(generation);
        }
        if generation == known.generation {
            known.files.insert(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Timestamp;

    fn file(inode: u64) -> FileIdentity {
        FileIdentity { dev: 1, inode, ctime: Timestamp(5), size: 10 }
    }

    #[test]
    fn newer_signatures_end_it() {
        let known = LookedInto::default();
        known.put(file(1), 1);
        assert!(known.has(&file(1), 1) && !known.has(&file(2), 1));
        assert!(!known.has(&file(1), 2));
        known.put(file(2), 2);
        assert!(known.has(&file(2), 2) && !known.has(&file(1), 2));
        known.put(file(3), 1);
        assert!(!known.has(&file(3), 1) && !known.has(&file(3), 2) && known.has(&file(2), 2));
    }

    #[test]
    fn bounded() {
        let known = LookedInto::default();
        (0..3 * MOST as u64).for_each(|inode| known.put(file(inode), 1));
        assert!(known.0.lock().unwrap().files.len() <= MOST);
    }
}
