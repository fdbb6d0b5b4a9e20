//! Files and what is done to them.

use crate::Timestamp;
use std::sync::Arc;

/// What tells that a file is still the same content: any write moves `ctime`. (dev, inode) alone is not enough on
/// overlayfs and btrfs. `dev` is `st_dev` as user space sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileIdentity {
    pub dev: u64,
    pub inode: u64,
    pub ctime: Timestamp,
    pub size: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Absolute path in the mount namespace of the process that acted; hostile bytes per [`crate::text::from_bytes`].
    pub path: Arc<str>,
    /// The path did not fit or could not be walked to the root; it is its end.
    pub path_truncated: bool,
    /// Where the sensor saw it; some operations know the name only.
    pub identity: Option<FileIdentity>,
    /// `st_mode` with type bits, 0 when unknown.
    pub mode: u32,
    pub owner: Option<(u32, u32)>,
}

impl File {
    pub fn at(path: impl Into<Arc<str>>) -> Self {
        File { path: path.into(), ..File::default() }
    }
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct FileEvent {
    pub op: FileOp,
    /// The file as it stands after the operation (new name of a rename, name of a new link).
    pub file: File,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FileOp {
    /// Read of a file that policy watches (credentials, decoys).
    OpenRead,
    /// Opened for writing, existing before.
    OpenWrite {
        truncate: bool,
    },
    Create,
    /// A descriptor that could write was closed.
    WriteClose,
    Rename {
        from: Arc<str>,
    },
    Unlink,
    CreateDirectory,
    RemoveDirectory,
    /// `link(2)`: the file's new name is `file.path`.
    HardLink {
        existing: Arc<str>,
    },
    /// `symlink(2)`: `target` is the text of the link.
    SymbolicLink {
        target: Arc<str>,
    },
    ChangeMode {
        mode: u32,
    },
    ChangeOwner {
        uid: u32,
        gid: u32,
    },
    ChangeXattr {
        name: Arc<str>,
    },
    Truncate {
        size: u64,
    },
    CreateNode {
        mode: u32,
    },
}

impl FileOp {
    /// ECS `event.action`.
    pub const fn action(&self) -> &'static str {
        match self {
            FileOp::OpenRead => "file-open-read",
            FileOp::OpenWrite { .. } => "file-open-write",
            FileOp::Create => "file-create",
            FileOp::WriteClose => "file-write-close",
            FileOp::Rename { .. } => "file-rename",
            FileOp::Unlink => "file-unlink",
            FileOp::CreateDirectory => "directory-create",
            FileOp::RemoveDirectory => "directory-remove",
            FileOp::HardLink { .. } => "file-hard-link",
            FileOp::SymbolicLink { .. } => "file-symbolic-link",
            FileOp::ChangeMode { .. } => "file-change-mode",
            FileOp::ChangeOwner { .. } => "file-change-owner",
            FileOp::ChangeXattr { .. } => "file-change-xattr",
            FileOp::Truncate { .. } => "file-truncate",
            FileOp::CreateNode { .. } => "file-create-node",
        }
    }

    /// The other path of a rename or a link: what stood before, or what the link points at.
    pub fn other_path(&self) -> Option<&str> {
        match self {
            FileOp::Rename { from } => Some(from),
            FileOp::HardLink { existing } => Some(existing),
            FileOp::SymbolicLink { target } => Some(target),
            _ => None,
        }
    }
}
