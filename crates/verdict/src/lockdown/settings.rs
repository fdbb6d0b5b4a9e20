//! `[lockdown]`: what an operator may say of the allowlist.

use crate::{ExpiryDate, Glob};
use event::{Mode, Sha256};
use serde::{Deserialize, Serialize};

/// `[lockdown]`. Nothing of it acts before the host is locked (`tamon lockdown lock`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lockdown {
    /// How far a lock goes that was not told otherwise.
    pub mode: Mode,
    /// Only what lies below these is asked about.
    pub directories: Vec<String>,
    /// Nothing below these is.
    pub exclude: Vec<String>,
    /// A file with the digest that its package says is trusted.
    pub packages: bool,
    /// Programs whose process trees, started by root on the host itself, write what becomes trusted.
    pub updaters: Vec<Glob>,
    /// Folders whose files are trusted as long as only root can write to them and to all above.
    pub publishers: Vec<String>,
    /// Files of lines `SHA-256 [path]`, writable by root only.
    pub hash_lists: Vec<String>,
    /// Signed lists, and whose signatures count.
    pub manifests: Vec<String>,
    #[serde(rename = "key")]
    pub keys: Vec<PublisherKey>,
    pub scripts: bool,
    /// Shared libraries when they are opened or mapped.
    pub libraries: bool,
    pub inline: Answer,
    pub piped: Answer,
    pub loader: Answer,
    pub fileless: Answer,
    /// A file on a file system that may show another content each time it is read: FUSE, network.
    pub foreign: Answer,
    /// A kernel module that nobody vouches for, or that comes from memory.
    pub modules: Answer,
    /// Attaching to another process, and writing to memory through /proc.
    pub tracing: Answer,
    /// An unknown program that ran before anyone could be asked is ended.
    pub end_unasked: bool,
    /// Where the kernel can, it does not start at all.
    pub refuse_unasked: bool,
    /// Digests of container images, `sha256:…`, whose files are trusted in their containers.
    pub images: Vec<String>,
    /// The longest that the glass may stay broken.
    pub break_glass_minutes: u32,
    #[serde(rename = "trust")]
    pub trusted: Vec<TrustedFile>,
}

/// What is answered to an act that has no file of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    Allow,
    Alert,
    #[default]
    Deny,
}

/// `[[lockdown.key]]`: an Ed25519 public key, in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherKey {
    pub name: String,
    pub ed25519: String,
}

/// `[[lockdown.trust]]`: the operator's own word, for a digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedFile {
    pub sha256: Sha256,
    /// Where it may lie; anywhere if not given.
    #[serde(default)]
    pub path: Option<Glob>,
    /// Why; shown with every decision that it makes.
    pub reason: String,
    #[serde(default)]
    pub expires: Option<ExpiryDate>,
}

impl Default for Lockdown {
    fn default() -> Self {
        let updaters = [
            "/usr/bin/apt",
            "/usr/bin/apt-get",
            "/usr/bin/aptitude",
            "/usr/bin/dpkg",
            "/usr/bin/unattended-upgrade",
            "/usr/bin/dnf*",
            "/usr/bin/microdnf",
            "/usr/bin/rpm",
            "/usr/bin/yum",
            "/usr/bin/zypper",
            "/usr/lib/snapd/snapd",
        ];
        Lockdown {
            mode: Mode::Observe,
            directories: vec!["/".into()],
            exclude: Vec::new(),
            packages: true,
            updaters: updaters.map(Glob::from).to_vec(),
            publishers: Vec::new(),
            hash_lists: Vec::new(),
            manifests: Vec::new(),
            keys: Vec::new(),
            scripts: true,
            libraries: true,
            inline: Answer::Allow,
            piped: Answer::Deny,
            loader: Answer::Deny,
            fileless: Answer::Deny,
            foreign: Answer::Deny,
            modules: Answer::Deny,
            tracing: Answer::Deny,
            end_unasked: true,
            refuse_unasked: true,
            images: Vec::new(),
            break_glass_minutes: 60,
            trusted: Vec::new(),
        }
    }
}

impl Lockdown {
    /// What is no absolute path (it is no UTF-8, or the kernel does not tell it) could lie anywhere, and so is in scope.
    pub fn in_scope(&self, path: &str) -> bool {
        let below = |folder: &String| is_below(path, folder);
        !path.starts_with('/') || self.directories.iter().any(below) && !self.exclude.iter().any(below)
    }

    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        let fault = |field: String, message: &str| Err((field, message.to_owned()));
        for (i, one) in self.trusted.iter().enumerate() {
            if one.reason.trim().is_empty() {
                return fault(format!("lockdown.trust[{i}].reason"), "must say why");
            }
        }
        for (i, one) in self.keys.iter().enumerate() {
            // 32 bytes.
            let plain = one.ed25519.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
            if one.ed25519.len() != 44 || !plain {
                return fault(format!("lockdown.key[{i}].ed25519"), "must be an Ed25519 public key in base64");
            }
        }
        if !self.manifests.is_empty() && self.keys.is_empty() {
            return fault("lockdown.manifests".into(), "nobody's signature counts: give [[lockdown.key]]");
        }
        if !(1..=1_440).contains(&self.break_glass_minutes) {
            return fault("lockdown.break_glass_minutes".into(), "must be from 1 to 1440");
        }
        let is_digest = |image: &String| image.strip_prefix("sha256:").is_some_and(|hex| hex.parse::<Sha256>().is_ok());
        if !self.images.iter().all(is_digest) {
            return fault("lockdown.images".into(), "must be digests of images: sha256: and 64 hex digits each");
        }
        if self.publishers.iter().any(|folder| folder.trim_end_matches('/').matches('/').count() < 2) {
            return fault("lockdown.publishers".into(), "would trust a whole top folder: name one below it");
        }
        Ok(())
    }
}

pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
