//! The description of one taken file: everything that must come back with it.

use event::{Sha256, Timestamp};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

pub const FORM: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Of this description; 1.
    pub form: u32,
    /// 32 hex digits.
    pub id: String,
    /// Where it was, for people; hostile bytes per [`event::text::from_bytes`].
    pub path: String,
    /// The same, byte for byte, in hex.
    pub path_bytes: String,
    pub sha256: Sha256,
    pub size: u64,
    pub uid: u32,
    pub gid: u32,
    /// Permission bits with set-id and sticky.
    pub mode: u32,
    pub accessed: Timestamp,
    pub modified: Timestamp,
    pub changed: Timestamp,
    pub device: u64,
    pub inode: u64,
    /// Names that the file had; above 1 it still stands under the others.
    pub hard_links: u64,
    /// Name and value, both in hex: ACLs, capabilities and labels are among them.
    pub xattrs: Vec<(String, String)>,
    pub reason: String,
    pub who: String,
    pub quarantined: Timestamp,
    pub expires: Timestamp,
    pub state: ItemState,
    /// Beginning of the nonces that seal the content, in hex.
    pub nonce: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemState {
    /// The copy is whole; the original may still be there.
    Taking,
    /// The original is gone.
    Held,
}

pub fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl Item {
    pub(super) fn parse(bytes: &[u8], id: &str) -> Result<Item, String> {
        let item: Item = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if item.form != FORM {
            return Err(format!("form {} is not known here", item.form));
        }
        if item.id != id {
            return Err("it describes another item".into());
        }
        item.original().map(|_| item.clone())
    }

    /// Where it was.
    pub fn original(&self) -> Result<PathBuf, String> {
        let bytes = hex::decode(&self.path_bytes).map_err(|error| format!("path: {error}"))?;
        Ok(PathBuf::from(OsString::from_vec(bytes)))
    }
}
