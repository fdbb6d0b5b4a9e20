//! Why something was not kept or not given back.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    #[error("{what} {path}: {source}")]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("the roll-back store {0} is not a folder of ours")]
    NotOurs(PathBuf),
    #[error("{path} of {size} bytes is larger than what is kept ({max})")]
    TooLarge { path: PathBuf, size: u64, max: u64 },
    #[error("the roll-back store is full: {path} of {size} bytes was not kept")]
    Full { path: PathBuf, size: u64 },
    #[error("nothing is kept of {0}")]
    Unknown(String),
}

impl RollbackError {
    pub(super) fn is_disk_full(&self) -> bool {
        matches!(self, RollbackError::Io { source, .. }
            if matches!(source.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT)))
    }
}
