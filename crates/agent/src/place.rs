//! The agent's folders: made at start, root's only.

use anyhow::{Context as _, Result};
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct Place {
    pub identity: PathBuf,
    pub spool: PathBuf,
    pub vault: PathBuf,
    pub policy: PathBuf,
    pub run: PathBuf,
}

impl Place {
    pub fn new(state: &Path, run: &Path) -> Place {
        let agent = state.join("agent");
        Place {
            identity: agent.join("identity"),
            spool: agent.join("spool"),
            vault: agent.join("vault"),
            policy: agent.join("policy.toml"),
            run: run.to_path_buf(),
        }
    }

    pub fn create(&self) -> Result<()> {
        for folder in [&self.identity, &self.spool, &self.vault] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
        fs::create_dir_all(&self.run).with_context(|| format!("cannot make {}", self.run.display()))
    }

    pub fn identity_file(&self) -> PathBuf {
        self.identity.join("identity.pem")
    }

    pub fn node_file(&self) -> PathBuf {
        self.identity.join("node")
    }

    pub fn socket(&self) -> PathBuf {
        self.run.join("agent.sock")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.run.join("agent.pid")
    }
}
