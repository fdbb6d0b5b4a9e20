//! Where state and sockets stand: `--state`, else `TAMON_STATE`, else the system's folders.

use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct Place {
    pub state: PathBuf,
    pub run: PathBuf,
}

impl Place {
    /// `--state DIR` moves everything below DIR, run files too. Without it run files are in /run/tamon, unless a daemon
    /// was given /var/lib/tamon by name and so put them below it.
    pub fn new(asked: Option<&Path>) -> Place {
        let system = Path::new("/var/lib/tamon");
        match asked {
            Some(state) => Place { state: state.to_path_buf(), run: state.join("run") },
            None if system.join("run").is_dir() => Place { state: system.into(), run: system.join("run") },
            None => Place { state: system.into(), run: "/run/tamon".into() },
        }
    }

    pub fn node_socket(&self) -> PathBuf {
        self.run.join("node.sock")
    }

    pub fn agent_socket(&self) -> PathBuf {
        self.run.join("agent.sock")
    }
}
