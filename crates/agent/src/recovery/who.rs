//! Which process did something, and where it stands in its family: of several that did harm, the nearest process that all of
//! them come from is to blame. A harness that started one bad program among good ones is not.

use event::ProcessKey;
use respond::{Actor, Forebear, Member};
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Who {
    pub key: ProcessKey,
    /// What is written down of it: acts are undone by process.
    pub actor: Actor,
    /// From itself up to the root of its family.
    pub line: Arc<[ProcessKey]>,
    /// No package owns its program, as far as is known, nor did an administrator install it.
    pub loose: bool,
}

impl Who {
    pub fn of(member: &Member, loose: bool) -> Who {
        let actor = actor(member.key, member.root(), &member.executable, member.uid);
        Who { key: member.key, actor, line: Arc::clone(&member.line), loose }
    }

    /// As the sensor knows a process that has ended.
    pub fn ended(process: &event::Process, line: Vec<ProcessKey>) -> Who {
        let root = line.last().copied().unwrap_or(process.key);
        let actor = actor(process.key, root, &process.executable, process.user.credentials.euid);
        let loose = is_loose(process) && !is_roots(&process.executable);
        Who { key: process.key, actor, line: line.into(), loose }
    }

    pub fn is_below(&self, key: &ProcessKey) -> bool {
        self.line.contains(key)
    }
}

/// No package owns it; of one that has just started that is not known yet, and then where it lies must do.
pub fn is_loose(process: &event::Process) -> bool {
    process.package.is_none() && !detect::is_installed(&process.executable)
}

/// Only root can have put it there, and nobody else can change it: what an administrator has built deletes as an installed
/// tool does.
pub fn is_roots(executable: &str) -> bool {
    let by_root = |meta: std::fs::Metadata| meta.uid() == 0 && meta.mode() & 0o022 == 0;
    executable.starts_with("/usr/local/") && std::fs::metadata(executable).is_ok_and(by_root)
}

/// Of one whose program is not known nothing bad is thought.
pub fn forebear(process: &event::Process) -> Forebear {
    Forebear {
        key: process.key,
        executable: process.executable.to_string(),
        uid: process.user.credentials.euid,
        loose: !process.executable.is_empty() && is_loose(process),
    }
}

fn actor(key: ProcessKey, root: ProcessKey, executable: &str, uid: u32) -> Actor {
    Actor { tree: key.entity_id(), family: root.entity_id(), pid: key.tgid, executable: executable.to_owned(), uid }
}

/// None when nobody is named.
pub fn culprit<'a>(guilty: impl Iterator<Item = &'a Who> + Clone) -> Option<ProcessKey> {
    let first = guilty.clone().next()?;
    let all_below = |key: &&ProcessKey| guilty.clone().all(|who| who.is_below(key));
    first.line.iter().find(all_below).or(first.line.last()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_administrator_installed_stands_below_usr_local() {
        for elsewhere in ["/tmp/x", "/usr/local/bin/there-is-none", "/etc/passwd", ""] {
            assert!(!is_roots(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn the_nearest_that_all_come_from() {
        let key = |tgid: u32| ProcessKey { tgid, ..ProcessKey::default() };
        let who = |line: &[u32]| Who {
            key: key(line[0]),
            actor: Actor::default(),
            line: line.iter().map(|tgid| key(*tgid)).collect(),
            loose: false,
        };
        let check = |lines: &[&[u32]], expected: Option<u32>| {
            let guilty: Vec<Who> = lines.iter().map(|line| who(line)).collect();
            assert_eq!(culprit(guilty.iter()).map(|key| key.tgid), expected, "{lines:?}");
        };
        check(&[], None);
        check(&[&[7, 3, 1]], Some(7));
        check(&[&[7, 3, 1], &[8, 3, 1]], Some(3));
        check(&[&[7, 3, 1], &[3, 1]], Some(3));
        check(&[&[7, 3, 1], &[9, 4, 1]], Some(1));
    }
}
