//! The node's own certificate authority: ECDSA P-256, its key in a file that only the node's user can read. It signs the
//! node's server certificate and, at enrolment and renewal, each agent's client certificate. An agent's certificate is good
//! for client authentication only, so one stolen from a host cannot stand in for the node.

use crate::certificate::{CertificateError, CertificateFacts, fingerprint};
use crate::files;
use crate::identity::pem;
use crate::tls::NODE_NAME;
use event::{AgentId, Sha256};
use rand::RngCore;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer};
use std::io;
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};

const CA_DAYS: i64 = 20 * 365;
pub(crate) const SERVER_DAYS: i64 = 397;
/// Clocks of hosts differ; a certificate counts from a little before it was made.
const LEEWAY: Duration = Duration::hours(1);

pub struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

#[derive(Debug, thiserror::Error)]
pub enum CaError {
    #[error("cannot {doing} {path}: {source}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{path} is damaged: {detail}")]
    Damaged { path: PathBuf, detail: String },
    #[error("{present} is there and {missing} is not: restore it from a backup; a new CA would shut every agent out")]
    Half { present: PathBuf, missing: PathBuf },
    #[error("cannot make a certificate: {0}")]
    Issue(#[from] rcgen::Error),
    #[error("the signing request is not acceptable: {0}")]
    Request(String),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl CertificateAuthority {
    /// Loads `ca.key` and `ca.crt` from `dir`, or makes both when neither is there.
    pub fn open(dir: &Path) -> Result<Self, CaError> {
        let (key_path, certificate_path) = (dir.join("ca.key"), dir.join("ca.crt"));
        match (key_path.exists(), certificate_path.exists()) {
            (true, true) => load(&key_path, &certificate_path),
            (false, false) => create(dir, &key_path, &certificate_path),
            (true, false) => Err(CaError::Half { present: key_path, missing: certificate_path }),
            (false, true) => Err(CaError::Half { present: certificate_path, missing: key_path }),
        }
    }

    /// SHA-256 of the CA's certificate: what tokens carry.
    pub fn fingerprint(&self) -> Sha256 {
        fingerprint(&self.certificate)
    }

    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A server certificate with a fresh key, which never touches the disk.
    pub(crate) fn issue_server(
        &self,
        names: &[String],
    ) -> Result<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>), CaError> {
        let key = KeyPair::generate()?;
        let mut all = vec![NODE_NAME.to_owned()];
        all.extend(names.iter().cloned());
        let mut params = leaf(all, "Tamon node", SERVER_DAYS, ExtendedKeyUsagePurpose::ServerAuth)?;
        params.serial_number = Some(serial());
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((certificate.der().clone(), key.into()))
    }

    /// Takes nothing but the public key from the request, whose signature proves that the asker holds the private one.
    pub(crate) fn issue_agent(
        &self,
        csr_der: &[u8],
        agent: &AgentId,
        days: i64,
    ) -> Result<(CertificateDer<'static>, CertificateFacts), CaError> {
        if csr_der.len() > 16 * 1024 {
            return Err(CaError::Request(format!("{} bytes", csr_der.len())));
        }
        let request = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(csr_der))
            .map_err(|e| CaError::Request(e.to_string()))?;
        let mut params = leaf(Vec::new(), agent.as_str(), days, ExtendedKeyUsagePurpose::ClientAuth)?;
        params.serial_number = Some(serial());
        let certificate = params.signed_by(&request.public_key, &self.issuer)?.der().clone();
        let facts = CertificateFacts::of(&certificate)?;
        Ok((certificate, facts))
    }
}

/// 32 hex digits, as [`AgentId`] wants them.
pub(crate) fn draw_agent_id() -> AgentId {
    let mut id = [0; 16];
    rand::rng().fill_bytes(&mut id);
    AgentId::new(hex::encode(id))
}

fn leaf(
    names: Vec<String>,
    common_name: &str,
    days: i64,
    usage: ExtendedKeyUsagePurpose,
) -> Result<CertificateParams, CaError> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.not_before = OffsetDateTime::now_utc() - LEEWAY;
    params.not_after = OffsetDateTime::now_utc() + Duration::days(days);
    Ok(params)
}

/// 127 random bits, positive as X.509 wants it.
fn serial() -> SerialNumber {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn create(dir: &Path, key_path: &Path, certificate_path: &Path) -> Result<CertificateAuthority, CaError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Tamon CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = OffsetDateTime::now_utc() - Duration::days(1);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(CA_DAYS);
    params.serial_number = Some(serial());
    let certificate = params.self_signed(&key)?.der().clone();
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| CaError::Io { doing: "write", path, source }
    };
    files::make_private_dir(dir).map_err(fail(dir))?;
    files::write_private(key_path, key.serialize_pem().as_bytes()).map_err(fail(key_path))?;
    files::write_private(certificate_path, pem("CERTIFICATE", &certificate).as_bytes())
        .map_err(fail(certificate_path))?;
    Ok(CertificateAuthority { issuer: Issuer::new(params, key), certificate })
}

fn load(key_path: &Path, certificate_path: &Path) -> Result<CertificateAuthority, CaError> {
    let damaged = |path: &Path, detail: String| CaError::Damaged { path: path.to_owned(), detail };
    let read = |path: &Path, text: io::Result<Vec<u8>>| {
        text.map_err(|source| CaError::Io { doing: "read", path: path.to_owned(), source })
    };
    let key_text = read(key_path, files::read_private(key_path))?;
    let key_text = String::from_utf8(key_text).map_err(|e| damaged(key_path, e.to_string()))?;
    let key = KeyPair::from_pem(&key_text).map_err(|e| damaged(key_path, e.to_string()))?;
    let certificate_text = read(certificate_path, std::fs::read(certificate_path))?;
    let certificate =
        CertificateDer::from_pem_slice(&certificate_text).map_err(|e| damaged(certificate_path, e.to_string()))?;
    let issuer = Issuer::from_ca_cert_der(&certificate, key).map_err(|e| damaged(certificate_path, e.to_string()))?;
    Ok(CertificateAuthority { issuer, certificate })
}
