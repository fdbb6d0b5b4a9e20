//! What a certificate says of its holder.

use event::{AgentId, Sha256, Timestamp};
use rustls::pki_types::CertificateDer;
use sha2::Digest;
use x509_parser::prelude::{FromDer, X509Certificate};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The common name.
    pub agent: AgentId,
    /// Lower-case hex.
    pub serial: String,
    /// SHA-256 of the DER.
    pub fingerprint: Sha256,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("not an X.509 certificate: {0}")]
    Malformed(String),
    #[error("the common name {0:?} is not an agent's id (32 hex digits)")]
    NotAnAgent(String),
}

impl CertificateFacts {
    /// Parses; whether the certificate is to be trusted is TLS's business.
    pub fn of(der: &CertificateDer<'_>) -> Result<Self, CertificateError> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|e| CertificateError::Malformed(e.to_string()))?;
        let name = parsed.subject().iter_common_name().next().and_then(|cn| cn.as_str().ok()).unwrap_or_default();
        if name.len() != 32 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(CertificateError::NotAnAgent(event::text::clip(name, 80).to_owned()));
        }
        let time = |seconds: i64| Timestamp(seconds.saturating_mul(1_000_000_000));
        Ok(CertificateFacts {
            agent: AgentId::new(name),
            serial: hex::encode(parsed.raw_serial()),
            fingerprint: fingerprint(der),
            not_before: time(parsed.validity().not_before.timestamp()),
            not_after: time(parsed.validity().not_after.timestamp()),
        })
    }
}

pub(crate) fn fingerprint(der: &CertificateDer<'_>) -> Sha256 {
    Sha256(sha2::Sha256::digest(der).into())
}
