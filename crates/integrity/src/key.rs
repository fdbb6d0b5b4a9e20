//! The keys of this host's baselines: one that signs them, one that seals what is added between two baselines. Made once,
//! in a folder that only root reads.
//!
//! Who is root can make both anew. So the number and the digest of each baseline go to the node as an event, where a
//! baseline that nobody ordered shows.

use rand::RngCore as _;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const SEED: usize = 32;

pub struct SealKey {
    pair: Ed25519KeyPair,
    chain: hmac::Key,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read the key {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot keep the key {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{0} is no key of ours")]
    Malformed(PathBuf),
}

impl SealKey {
    /// That of `path`; made when there is none.
    pub fn load_or_create(path: &Path) -> Result<SealKey, KeyError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut seeds = vec![0; 2 * SEED];
                rand::rng().fill_bytes(&mut seeds);
                keep(path, &seeds).map_err(|source| KeyError::Write { path: path.into(), source })?;
                seeds
            }
            Err(source) => return Err(KeyError::Read { path: path.into(), source }),
        };
        let malformed = || KeyError::Malformed(path.into());
        if bytes.len() != 2 * SEED {
            return Err(malformed());
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&bytes[..SEED]).map_err(|_| malformed())?;
        Ok(SealKey { pair, chain: hmac::Key::new(hmac::HMAC_SHA256, &bytes[SEED..]) })
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair.sign(message).as_ref());
        out
    }

    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ring::signature::ED25519, self.pair.public_key().as_ref());
        public.verify(message, signature).is_ok()
    }

    /// The next link of a chain: of the link before and these bytes.
    pub fn link(&self, before: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.chain);
        context.update(before);
        context.update(bytes);
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// A short mark that tells two secrets apart and neither of them.
    pub fn mark(&self, secret: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.chain);
        context.update(b"secret in a text\0");
        context.update(secret);
        hex::encode(&context.sign().as_ref()[..4])
    }
}

fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_and_only_its_own_signature_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let key = SealKey::load_or_create(&path).unwrap();
        let signature = key.sign(b"baseline");
        let again = SealKey::load_or_create(&path).unwrap();
        assert!(again.signed(b"baseline", &signature));
        assert!(!again.signed(b"baselinE", &signature));
        assert_eq!(again.link(&[0; 32], b"x"), key.link(&[0; 32], b"x"));
        let other = SealKey::load_or_create(&folder.path().join("other")).unwrap();
        assert!(!other.signed(b"baseline", &signature));
        assert_ne!(other.mark(b"secret"), key.mark(b"secret"));
        fs::write(&path, "short").unwrap();
        assert!(matches!(SealKey::load_or_create(&path), Err(KeyError::Malformed(_))));
    }
}
