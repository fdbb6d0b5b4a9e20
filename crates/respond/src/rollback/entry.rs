//! One file as it was before a tree changed it; one file that a tree made.

use event::Timestamp;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Of an object's file: 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(String);

impl Id {
    pub fn named(name: &str) -> Id {
        Id(name.to_owned())
    }
    pub fn draw() -> Id {
        Id(hex::encode(rand::random::<[u8; 16]>()))
    }
    /// A hostile log must not name a file elsewhere.
    pub fn is_sound(&self) -> bool {
        self.0.len() == 32 && self.0.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who is about to change a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// What is undone as a whole: the agent gives the process's entity id.
    pub tree: String,
    /// Entity id of what its family hangs under, so that all of a family can be undone.
    pub family: String,
    pub pid: u32,
    pub executable: String,
    pub uid: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub number: u64,
    pub object: Id,
    pub tree: String,
    #[serde(default)]
    pub family: String,
    pub pid: u32,
    pub executable: String,
    pub actor_uid: u32,
    /// Where it was, for people.
    pub path: String,
    /// The same, byte for byte, in hex.
    pub path_bytes: String,
    pub device: u64,
    pub inode: u64,
    /// Of the content that is kept: together they say which version of the file it is.
    pub changed: Timestamp,
    pub size: u64,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub accessed: Timestamp,
    pub modified: Timestamp,
    pub hard_links: u64,
    /// Name and value in hex.
    pub xattrs: Vec<(String, String)>,
    /// Mode and owner of its folder, in case that goes too.
    pub folder: (u32, u32, u32),
    /// When the inode was made; inode numbers come round. None where the file system does not tell.
    pub born: Option<Timestamp>,
    pub taken: Timestamp,
    /// In the store's own seconds.
    pub age: u64,
    /// The content shares the original's blocks.
    pub shared: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub tree: String,
    #[serde(default)]
    pub family: String,
    pub path: String,
    pub path_bytes: String,
    pub device: u64,
    pub inode: u64,
    pub born: Option<Timestamp>,
    pub taken: Timestamp,
    pub age: u64,
    /// It goes again only when nothing is left in it.
    #[serde(default)]
    pub folder: bool,
}

/// A tree gave a file or a folder that was there before it another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    pub tree: String,
    #[serde(default)]
    pub family: String,
    pub from: String,
    pub from_bytes: String,
    pub to: String,
    pub to_bytes: String,
    pub device: u64,
    pub inode: u64,
    pub folder: bool,
    pub age: u64,
}

/// A name that stood in a folder a tree looked into: hard links of what is kept, and symbolic links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub tree: String,
    pub path: String,
    pub path_bytes: String,
    pub kind: NameKind,
    pub age: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NameKind {
    /// One more name of a file that is kept.
    HardLink { device: u64, inode: u64 },
    Symbolic {
        /// In hex.
        target: String,
        uid: u32,
        gid: u32,
    },
}

/// From its hex form; None where the log lies.
pub fn path_of(hex_bytes: &str) -> Option<PathBuf> {
    let path = PathBuf::from(OsString::from_vec(hex::decode(hex_bytes).ok()?));
    path.is_absolute().then_some(path)
}

pub fn path_words(path: &Path) -> (String, String) {
    use std::os::unix::ffi::OsStrExt;
    let bytes = path.as_os_str().as_bytes();
    (event::text::from_bytes(bytes).into_owned(), hex::encode(bytes))
}

impl Entry {
    pub fn original(&self) -> Option<PathBuf> {
        path_of(&self.path_bytes)
    }
}

impl Made {
    pub fn place(&self) -> Option<PathBuf> {
        path_of(&self.path_bytes)
    }
}

impl Renamed {
    pub fn from(&self) -> Option<PathBuf> {
        path_of(&self.from_bytes)
    }
    pub fn to(&self) -> Option<PathBuf> {
        path_of(&self.to_bytes)
    }
}

impl Name {
    pub fn place(&self) -> Option<PathBuf> {
        path_of(&self.path_bytes)
    }
}
