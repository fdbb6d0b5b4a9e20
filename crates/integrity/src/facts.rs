//! What is known of one file at one time: the value that baselines hold and comparisons are made of.

use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub kind: Kind,
    /// Permission bits with set-uid, set-gid and sticky.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    /// Names of the file; 0 for directories, whose count says how many directories are in them.
    pub links: u32,
    pub device: u64,
    pub inode: u64,
    /// Nanoseconds since the epoch.
    pub modified: i64,
    pub changed: i64,
    /// Of a device node.
    pub node: u64,
    pub content: Content,
    /// What a symbolic link points at.
    pub target: Vec<u8>,
    /// Names and values in order of names; a value longer than [`LONGEST_XATTR`] is its SHA-256.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

pub const LONGEST_XATTR: usize = 1024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    #[default]
    File,
    Directory,
    Symlink,
    Fifo,
    Socket,
    CharacterDevice,
    BlockDevice,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::File,
        Kind::Directory,
        Kind::Symlink,
        Kind::Fifo,
        Kind::Socket,
        Kind::CharacterDevice,
        Kind::BlockDevice,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Directory => "directory",
            Kind::Symlink => "symlink",
            Kind::Fifo => "fifo",
            Kind::Socket => "socket",
            Kind::CharacterDevice => "character device",
            Kind::BlockDevice => "block device",
        }
    }

    /// By the type bits of `st_mode`.
    pub const fn of_mode(mode: u32) -> Kind {
        match mode & 0o170_000 {
            0o040_000 => Kind::Directory,
            0o120_000 => Kind::Symlink,
            0o010_000 => Kind::Fifo,
            0o140_000 => Kind::Socket,
            0o020_000 => Kind::CharacterDevice,
            0o060_000 => Kind::BlockDevice,
            _ => Kind::File,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// It has none: not a regular file.
    #[default]
    None,
    Sha256([u8; 32]),
    /// It could not be read when it was looked at.
    Unread,
}

impl Facts {
    /// Nothing that any write would leave as it is has moved: then the content need not be read again.
    pub fn untouched(&self, other: &Facts) -> bool {
        let of = |f: &Facts| (f.kind, f.size, f.modified, f.changed, f.inode, f.device, f.mode, f.uid, f.gid);
        of(self) == of(other)
    }

    pub fn xattr(&self, name: &[u8]) -> Option<&[u8]> {
        self.xattrs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }
}
