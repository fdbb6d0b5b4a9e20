//! Signatures that are switched off: `.ign2` as `Name[:MD5 of the line]`, `.ign` as `Database:Line:Name` or a name alone.

use super::{LineError, check_name, malformed};
use md5::{Digest as _, Md5};
use std::collections::HashMap;

#[derive(Clone, Debug, Default)]
pub struct Ignored {
    /// Name, and the digest that the line must have.
    names: HashMap<String, Option<[u8; 16]>>,
}

impl Ignored {
    pub fn add(&mut self, line: &str, old: bool) -> Result<(), LineError> {
        let fields: Vec<&str> = line.trim().split(':').collect();
        let (name, digest) = match (fields.as_slice(), old) {
            ([name], _) => (*name, None),
            ([_, _, name], true) => (*name, None),
            ([name, digest], false) => (*name, Some(*digest)),
            _ => return Err(malformed("neither a name nor a name with a digest")),
        };
        let digest = match digest {
            None => None,
            Some(text) => {
                let mut digest = [0; 16];
                hex::decode_to_slice(text, &mut digest).map_err(|_| malformed("not an MD5"))?;
                Some(digest)
            }
        };
        self.names.insert(check_name(name)?.to_owned(), digest);
        Ok(())
    }

    /// `line`: the whole entry of the database.
    pub fn covers(&self, name: &str, line: &str) -> bool {
        match self.names.get(name) {
            None => false,
            Some(None) => true,
            Some(Some(digest)) => <[u8; 16]>::from(Md5::digest(line.as_bytes())) == *digest,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
