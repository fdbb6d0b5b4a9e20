//! Several digests of bytes that come by in pieces, only those that anything could be known by.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use signatures::{Digests, Wanted};

pub struct Running {
    md5: Option<Md5>,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
}

impl Running {
    pub fn new(wanted: Wanted) -> Self {
        Running {
            md5: wanted.md5.then(Md5::new),
            sha1: wanted.sha1.then(Sha1::new),
            sha256: wanted.sha256.then(Sha256::new),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.iter_mut().for_each(|hasher| hasher.update(bytes));
        self.sha1.iter_mut().for_each(|hasher| hasher.update(bytes));
        self.sha256.iter_mut().for_each(|hasher| hasher.update(bytes));
    }

    pub fn finish(self) -> Digests {
        Digests {
            md5: self.md5.map(|hasher| hasher.finalize().into()),
            sha1: self.sha1.map(|hasher| hasher.finalize().into()),
            sha256: self.sha256.map(|hasher| hasher.finalize().into()),
        }
    }
}
