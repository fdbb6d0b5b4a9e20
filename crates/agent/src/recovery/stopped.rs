//! Who was stopped: it opens nothing here any more, with all that is below it, and what is told of it later belongs to the
//! same alert. Of a swarm that nothing living started, its program is stopped.

use event::ProcessKey;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// What cannot be ended (the kernel's NFS server), and programs, open nothing for so long.
const STOPPED_FOR: Duration = Duration::from_secs(60);

struct One {
    alert: String,
    until: Option<Instant>,
}

#[derive(Default)]
pub struct Stopped {
    processes: RwLock<HashMap<ProcessKey, One>>,
    /// By path.
    programs: RwLock<HashMap<String, One>>,
}

impl Stopped {
    /// `lives_on`: it cannot be ended, and works for others too.
    pub fn add(&self, key: ProcessKey, alert: &str, lives_on: bool) {
        let until = lives_on.then(|| Instant::now() + STOPPED_FOR);
        self.processes.write().insert(key, One { alert: alert.to_owned(), until });
    }

    pub fn add_program(&self, executable: &str, alert: &str) {
        let until = Some(Instant::now() + STOPPED_FOR);
        self.programs.write().insert(executable.to_owned(), One { alert: alert.to_owned(), until });
    }

    /// The alert that one of these, or this program, was stopped by.
    pub fn alert_of(&self, line: &[ProcessKey], executable: &str) -> Option<String> {
        let by_process = find(&self.processes, line.iter());
        by_process.or_else(|| find(&self.programs, std::iter::once(executable)))
    }
}

fn find<'a, K, Q>(stopped: &RwLock<HashMap<K, One>>, mut keys: impl Iterator<Item = &'a Q>) -> Option<String>
where
    K: Hash + Eq + std::borrow::Borrow<Q>,
    Q: Hash + Eq + ?Sized + 'a,
{
    let stopped = stopped.read();
    if stopped.is_empty() {
        return None;
    }
    let holds = |one: &&One| one.until.is_none_or(|at| Instant::now() < at);
    keys.find_map(|key| stopped.get(key).filter(holds)).map(|one| one.alert.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_process_and_by_program() {
        let stopped = Stopped::default();
        let key = |tgid| ProcessKey { tgid, ..ProcessKey::default() };
        stopped.add(key(7), "a", false);
        stopped.add_program("/t/swarm", "b");
        let check = |line: &[u32], program: &str, expected: Option<&str>| {
            let line: Vec<ProcessKey> = line.iter().map(|tgid| key(*tgid)).collect();
            assert_eq!(stopped.alert_of(&line, program).as_deref(), expected, "{line:?} {program}");
        };
        check(&[9, 7, 3], "/bin/cp", Some("a"));
        check(&[9, 3], "/t/swarm", Some("b"));
        check(&[9, 3], "/bin/cp", None);
        check(&[], "", None);
    }
}
