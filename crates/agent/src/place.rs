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
    /// What files held before a tree changed them.
    pub rollback: PathBuf,
    pub policy: PathBuf,
    /// A file of cloud credentials that are none: whoever reads it is looking for some.
    pub decoy: PathBuf,
    pub run: PathBuf,
    state: PathBuf,
}

impl Place {
    pub fn new(state: &Path, run: &Path) -> Place {
        let agent = state.join("agent");
        Place {
            identity: agent.join("identity"),
            spool: agent.join("spool"),
            vault: agent.join("vault"),
            rollback: agent.join("rollback"),
            state: state.to_path_buf(),
            policy: agent.join("policy.toml"),
            decoy: state.join("decoys/.aws/credentials"),
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
        self.plant_decoy().with_context(|| format!("cannot plant {}", self.decoy.display()))?;
        fs::create_dir_all(&self.run).with_context(|| format!("cannot make {}", self.run.display()))
    }

    /// Before the sensor starts, which watches it by the folder's inode.
    fn plant_decoy(&self) -> std::io::Result<()> {
        if let Some(folder) = self.decoy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.decoy, "[default]\naws_access_key_id = TAMONDECOY\naws_secret_access_key = not-a-key\n")
    }

    /// Where the kernel keeps programs that go on without the agent: by its state folder, so that each agent has its own. A
    /// name there holds no dot.
    pub fn pins(&self) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = self.state.to_string_lossy().chars().map(plain).collect();
        Path::new("/sys/fs/bpf").join(format!("tamon{name}"))
    }

    pub fn state(&self) -> &Path {
        &self.state
    }

    pub fn identity_file(&self) -> PathBuf {
        self.identity.join("identity.pem")
    }

    pub fn node_file(&self) -> PathBuf {
        self.identity.join("node")
    }

    /// When the last sweep began.
    pub fn sweep(&self) -> PathBuf {
        self.policy.with_file_name("sweep")
    }

    /// How far it came.
    pub fn sweep_journal(&self) -> PathBuf {
        self.policy.with_file_name("sweep.journal")
    }

    /// Scans that were ordered.
    pub fn scan_jobs(&self) -> PathBuf {
        self.policy.with_file_name("scans.json")
    }

    /// The lock's state and what it trusts.
    pub fn lockdown(&self) -> PathBuf {
        self.policy.with_file_name("lockdown.json")
    }

    /// Files that were found clean.
    pub fn verdicts(&self) -> PathBuf {
        self.policy.with_file_name("verdicts")
    }

    /// What the node said is not worth telling here.
    pub fn quiet(&self) -> PathBuf {
        self.policy.with_file_name("quiet.json")
    }

    /// How far each log was read.
    pub fn logs(&self) -> PathBuf {
        self.policy.with_file_name("logs.json")
    }

    /// What was learned to be normal here.
    pub fn baselines(&self) -> PathBuf {
        self.policy.with_file_name("baselines")
    }

    /// Keys, baseline and changes of watched files.
    pub fn integrity(&self) -> PathBuf {
        self.policy.with_file_name("integrity")
    }

    pub fn socket(&self) -> PathBuf {
        self.run.join("agent.sock")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.run.join("agent.pid")
    }
}
