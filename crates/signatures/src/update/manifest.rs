//! What a publisher says: a version that only grows, and the files of that version with their digests.

use super::keys::{PrivateKey, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

pub const MAX_MANIFEST: u64 = 4 << 20;
const MAX_FILES: usize = 4096;
const MAX_DELTAS: usize = 64;
/// Signed with the text, so that a signature for something else is none for this.
const CONTEXT: &[u8] = b"tamon signatures manifest 1\n";

/// `manifest.json`: one file, so that a mirror never shows a manifest with another's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The manifest as JSON, in the very bytes that were signed.
    pub manifest: String,
    /// Ed25519, base64.
    pub signature: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    pub version: u64,
    /// For people.
    #[serde(default)]
    pub description: String,
    pub files: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Without folders.
    pub name: String,
    pub size: u64,
    /// Of the content, in hexadecimal. Whole it is `files/<sha256>.zst` on the mirror.
    pub sha256: String,
    /// Contents that this one can be made from: SHA-256 of the old; `deltas/<old>-<new>` on the mirror.
    #[serde(default)]
    pub deltas: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("the manifest is not what one looks like: {0}")]
    Format(String),
    #[error("no key that is trusted here signed the manifest")]
    Signature,
}

impl Manifest {
    pub fn sign(&self, key: &PrivateKey) -> Result<Envelope, ManifestError> {
        let manifest = serde_json::to_string(self).map_err(|error| ManifestError::Format(error.to_string()))?;
        let signature = STANDARD.encode(key.sign(&[CONTEXT, manifest.as_bytes()].concat()));
        Ok(Envelope { manifest, signature })
    }
}

impl Envelope {
    /// The manifest, if one of `keys` signed it.
    pub fn open(bytes: &[u8], keys: &[PublicKey]) -> Result<Manifest, ManifestError> {
        let format = |why: &str| ManifestError::Format(event::text::clip(why, 200).to_owned());
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(|error| format(&error.to_string()))?;
        let signature = STANDARD.decode(&envelope.signature).map_err(|_| ManifestError::Signature)?;
        let message = [CONTEXT, envelope.manifest.as_bytes()].concat();
        if !keys.iter().any(|key| key.verify(&message, &signature)) {
            return Err(ManifestError::Signature);
        }
        let manifest: Manifest =
            serde_json::from_str(&envelope.manifest).map_err(|error| format(&error.to_string()))?;
        if manifest.format != 1 {
            return Err(format("of another format than 1"));
        }
        if manifest.files.len() > MAX_FILES {
            return Err(format("more than 4096 files"));
        }
        let mut names = std::collections::HashSet::new();
        for file in &manifest.files {
            let named = is_plain(&file.name) && names.insert(&file.name);
            let digests = [&file.sha256].into_iter().chain(&file.deltas).all(|d| is_digest(d));
            if !named || !digests || file.deltas.len() > MAX_DELTAS {
                return Err(format("a file with a name or a digest that cannot be"));
            }
        }
        Ok(manifest)
    }
}

/// A name that stays in its folder.
fn is_plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    !name.is_empty() && name.len() <= 128 && !name.starts_with('.') && name.chars().all(allowed)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
