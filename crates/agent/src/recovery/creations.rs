//! Files that were made outside of what is guarded, as the sensor tells of them. What a tree that deletes guarded files wrote
//! elsewhere may be what it made of them.

use super::made::Made;
use super::tree::Tree;
use crate::shared::Shared;
use event::{Event, Process};
use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;

const MAX: usize = 256;

struct Creation {
    path: PathBuf,
    process: Arc<Process>,
}

#[derive(Default)]
pub struct Creations(VecDeque<Creation>);

impl Creations {
    pub fn note(&mut self, event: &Event, path: PathBuf) {
        let Some(process) = &event.process else { return };
        self.0.push_back(Creation { path, process: Arc::clone(process) });
        if self.0.len() > MAX {
            self.0.pop_front();
        }
    }

    /// Those of this tree's processes are its from now on.
    pub fn adopt(&mut self, shared: &Shared, tree: &mut Tree) {
        self.0.retain(|creation| {
            let line = shared.enricher.processes(&creation.process.key);
            let is_its = line.iter().any(|process| process.key == tree.root);
            if is_its && let Some(made) = open(creation, tree, line.iter().map(|process| process.key).collect()) {
                tree.made(made);
            }
            !is_its
        });
    }
}

fn open(creation: &Creation, tree: &mut Tree, line: Vec<event::ProcessKey>) -> Option<Made> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let mut options = File::options();
    let file = options.read(true).custom_flags(flags.bits() as i32).open(&creation.path).ok()?;
    let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let who = tree.ended(&creation.process, &line);
    Made::new(&file, &meta, &creation.path, who)
}
