//! Who an agent is: its key, the certificate that the node's CA gave it, and that CA. One file, so that it is never half there.

use crate::certificate::{CertificateError, CertificateFacts};
use crate::files;
use event::AgentId;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::io;
use std::path::{Path, PathBuf};

pub struct Identity {
    pub(crate) key: PrivatePkcs8KeyDer<'static>,
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) ca: CertificateDer<'static>,
    facts: CertificateFacts,
}

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("cannot {doing} the agent's identity at {path}: {source}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("the agent's identity at {path} is damaged: {detail}")]
    Damaged { path: PathBuf, detail: String },
}

impl Identity {
    pub(crate) fn new(
        key: PrivatePkcs8KeyDer<'static>,
        certificate: CertificateDer<'static>,
        ca: CertificateDer<'static>,
    ) -> Result<Self, CertificateError> {
        let facts = CertificateFacts::of(&certificate)?;
        Ok(Identity { key, certificate, ca, facts })
    }

    pub fn agent(&self) -> &AgentId {
        &self.facts.agent
    }

    pub fn certificate(&self) -> &CertificateFacts {
        &self.facts
    }

    /// Less than a third of the certificate's time is left: call [`crate::renew`], save what it gives.
    pub fn wants_renewal(&self, now: event::Timestamp) -> bool {
        let whole = self.facts.not_after.since(self.facts.not_before);
        self.facts.not_after.since(now) < whole / 3
    }

    /// Mode 0600, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), IdentityError> {
        let fail = |source| IdentityError::Io { doing: "write", path: path.to_owned(), source };
        if let Some(dir) = path.parent() {
            files::make_private_dir(dir).map_err(fail)?;
        }
        let text = [
            pem("PRIVATE KEY", self.key.secret_pkcs8_der()),
            pem("CERTIFICATE", &self.certificate),
            pem("CERTIFICATE", &self.ca),
        ];
        files::write_private(path, text.concat().as_bytes()).map_err(fail)
    }

    /// None when the host was never enrolled.
    pub fn load(path: &Path) -> Result<Option<Self>, IdentityError> {
        let text = match files::read_private(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(IdentityError::Io { doing: "read", path: path.to_owned(), source }),
        };
        let damaged = |detail: String| IdentityError::Damaged { path: path.to_owned(), detail };
        let key = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|e| damaged(format!("key: {e}")))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|e| damaged(format!("certificate: {e}")))?;
        let [certificate, ca] = <[CertificateDer<'static>; 2]>::try_from(certificates)
            .map_err(|found| damaged(format!("{} certificates where there must be 2", found.len())))?;
        Identity::new(key, certificate, ca).map(Some).map_err(|e| damaged(e.to_string()))
    }
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    use std::fmt::Write as _;
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in base64::engine::general_purpose::STANDARD.encode(der).as_bytes().chunks(64) {
        let _ = writeln!(out, "{}", String::from_utf8_lossy(line));
    }
    let _ = writeln!(out, "-----END {label}-----");
    out
}
