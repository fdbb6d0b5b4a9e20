//! Ed25519 keys of publishers, as text in files: `tamon-signatures-public:` or `tamon-signatures-private:` and base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const PUBLIC: &str = "tamon-signatures-public:";
const PRIVATE: &str = "tamon-signatures-private:";

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("not a public key of a publisher of signatures")]
    Public,
    #[error("not a private key of a publisher of signatures")]
    Private,
    #[error("the system gave no random numbers")]
    Random,
    #[error("reading {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: Box<KeyError> },
    #[error("no publisher is trusted: there is no key in {0}")]
    None(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

pub struct PrivateKey {
    pair: Ed25519KeyPair,
    pkcs8: Vec<u8>,
}

impl PublicKey {
    pub fn parse(text: &str) -> Result<PublicKey, KeyError> {
        let encoded = text.trim().strip_prefix(PUBLIC).ok_or(KeyError::Public)?;
        let bytes = STANDARD.decode(encoded.trim()).map_err(|_| KeyError::Public)?;
        Ok(PublicKey(bytes.try_into().map_err(|_| KeyError::Public)?))
    }

    /// Of files, and of each `.pub` in folders; a folder that is not there holds none.
    pub fn read(paths: &[PathBuf]) -> Result<Vec<PublicKey>, KeyError> {
        let mut keys = Vec::new();
        for path in paths {
            for file in files(path).map_err(|source| KeyError::Read { path: path.clone(), source })? {
                let text = fs::read_to_string(&file).map_err(|source| KeyError::Read { path: file.clone(), source })?;
                let key = PublicKey::parse(&text);
                keys.push(key.map_err(|source| KeyError::File { path: file, source: source.into() })?);
            }
        }
        let shown = || paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        if keys.is_empty() { Err(KeyError::None(shown())) } else { Ok(keys) }
    }

    pub fn to_text(&self) -> String {
        format!("{PUBLIC}{}\n", STANDARD.encode(self.0))
    }

    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

impl PrivateKey {
    pub fn generate() -> Result<PrivateKey, KeyError> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::Random)?;
        PrivateKey::from_pkcs8(pkcs8.as_ref().to_vec())
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Result<PrivateKey, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| KeyError::Private)?;
        Ok(PrivateKey { pair, pkcs8 })
    }

    pub fn parse(text: &str) -> Result<PrivateKey, KeyError> {
        let encoded = text.trim().strip_prefix(PRIVATE).ok_or(KeyError::Private)?;
        PrivateKey::from_pkcs8(STANDARD.decode(encoded.trim()).map_err(|_| KeyError::Private)?)
    }

    /// For a file that only its owner can read.
    pub fn to_text(&self) -> String {
        format!("{PRIVATE}{}\n", STANDARD.encode(&self.pkcs8))
    }

    pub fn public(&self) -> PublicKey {
        let mut key = [0; 32];
        key.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(key)
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let meta = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.extension().is_none() => return Ok(Vec::new()),
        other => other?,
    };
    if !meta.is_dir() {
        return Ok(vec![path.into()]);
    }
    let mut all = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    all.retain(|path| path.extension().is_some_and(|e| e == "pub"));
    all.sort();
    Ok(all)
}
