//! Why a file was not taken or not given back.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{what} {path}: {source}")]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("the vault is full: {needed} bytes are needed, {left} are left of {max}; {path} was not touched")]
    Full { path: PathBuf, needed: u64, left: u64, max: u64 },
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    #[error("{0} is not the file that was judged; it was not touched")]
    OtherFile(PathBuf),
    #[error("{0} kept changing while it was copied; it was not touched")]
    Changing(PathBuf),
    #[error("{0} is on a path with a symbolic link; it was not touched")]
    Link(PathBuf),
    #[error("{0} exists; nothing was overwritten")]
    Exists(PathBuf),
    #[error("no item has the id {0}")]
    Unknown(String),
    #[error("{path} cannot be used: {reason}")]
    Broken { path: PathBuf, reason: String },
    #[error("the vault {0} is not a folder of ours")]
    NotOurs(PathBuf),
}

/// What was attempted on what.
pub trait At<T> {
    fn at(self, what: &'static str, path: &Path) -> Result<T, VaultError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, what: &'static str, path: &Path) -> Result<T, VaultError> {
        self.map_err(|source| VaultError::Io { what, path: path.to_owned(), source })
    }
}

pub trait AtPath<T> {
    fn at(self, what: &'static str, path: &Path) -> Result<T, VaultError>;
}

impl<T> AtPath<T> for Result<T, rustix::io::Errno> {
    fn at(self, what: &'static str, path: &Path) -> Result<T, VaultError> {
        self.map_err(|errno| VaultError::Io { what, path: path.to_owned(), source: errno.into() })
    }
}
