//! Whose doing an event was, and with what family it is judged.

use super::state::State;
use super::tree::Tree;
use super::who::Who;
use event::{Event, Process, ProcessKey};
use parking_lot::Mutex;
use respond::Member;
use std::sync::Arc;
use verdict::Protected;

pub struct Doer {
    /// Of its family.
    pub root: ProcessKey,
    pub executable: String,
    pub who: Who,
    pub tree: Option<Arc<Mutex<Tree>>>,
    /// Itself and all that it comes from, as far as it is known.
    pub lineage: Vec<ProcessKey>,
}

impl State {
    /// By /proc while it lives, by its ancestors when it has ended. None for whom nobody judges.
    pub fn doer(&self, event: &Event) -> Option<Doer> {
        let process = event.process.as_deref()?;
        match self.families.of(process.key.tgid).filter(|member| member.key == process.key) {
            Some(member) => self.living(&member),
            None if self.is_ours_or_protected(process) => None,
            None => self.ended(process),
        }
    }

    fn living(&self, member: &Member) -> Option<Doer> {
        let exempt = member.trusted
            || matches!(member.protected, Some(Protected::PackageManager | Protected::Tamon | Protected::Init));
        (!exempt).then(|| Doer {
            root: member.root(),
            executable: member.root_executable.clone(),
            who: self.who(member),
            tree: self.known_tree(&member.root()),
            lineage: member.line.to_vec(),
        })
    }

    fn ended(&self, process: &Process) -> Option<Doer> {
        let lineage: Vec<ProcessKey> = self.shared.enricher.processes(&process.key).iter().map(|p| p.key).collect();
        let known = lineage.iter().enumerate().find_map(|(at, key)| Some((at, *key, self.known_tree(key)?)));
        if let Some((at, root, tree)) = known {
            let executable = tree.lock().executable.clone();
            let who = Who::ended(process, lineage[..=at].to_vec());
            return Some(Doer { root, executable, who, tree: Some(tree), lineage });
        }
        // Its parent may still be there, and tells what family it was of.
        let parent = process.parent.filter(|parent| parent.tgid > 2);
        let parent = parent.and_then(|key| self.families.of(key.tgid).filter(|member| member.key == key));
        match parent.filter(|parent| self.families.may_be_kin(parent)) {
            Some(parent) if parent.trusted => None,
            Some(parent) => {
                let line = std::iter::once(process.key).chain(parent.line.iter().copied()).collect();
                Some(Doer {
                    root: parent.root(),
                    executable: parent.root_executable.clone(),
                    who: Who::ended(process, line),
                    tree: self.known_tree(&parent.root()),
                    lineage,
                })
            }
            None => Some(Doer {
                root: process.key,
                executable: process.executable.to_string(),
                who: Who::ended(process, vec![process.key]),
                tree: None,
                lineage,
            }),
        }
    }
}
