//! A host becomes an agent: it makes a key that never leaves it, and gets a certificate for one token.

use crate::certificate::fingerprint;
use crate::client::dial::{DialError, dial};
use crate::identity::Identity;
use crate::tls::{self, explain};
use crate::token::EnrolmentToken;
use crate::v1::enrol_client::EnrolClient;
use crate::v1::stream_client::StreamClient;
use event::HostId;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::time::Duration;
use wire::v1::{EnrolRequest, RenewRequest};

const TIMEOUT: Duration = Duration::from_secs(15);

/// What a host says of itself when it asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHost {
    pub host: HostId,
    pub name: String,
    pub agent_version: String,
}

#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error(transparent)]
    Connect(#[from] DialError),
    /// The node's words: the token is unknown, used or expired.
    #[error("the node refused to enrol this host: {0}")]
    Refused(String),
    #[error("the node did not answer: {0}")]
    NoAnswer(String),
    #[error("the node's answer is not acceptable: {0}")]
    BadAnswer(String),
    #[error("cannot make a key: {0}")]
    Key(#[from] rcgen::Error),
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
}

/// Blocks at most about 30 s. `address` is `host:port`. Must not be called from async code.
pub fn enrol(address: &str, token: &EnrolmentToken, host: &NewHost) -> Result<Identity, EnrolError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(enrol_async(address, token, host))
}

/// A new key and certificate for the same agent, before the old one ends; see [`Identity::wants_renewal`]. The old one stays
/// good until its end. Blocks at most about 30 s; must not be called from async code.
pub fn renew(address: &str, identity: &Identity) -> Result<Identity, EnrolError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(renew_async(address, identity))
}

async fn renew_async(address: &str, identity: &Identity) -> Result<Identity, EnrolError> {
    let key = KeyPair::generate()?;
    let csr = CertificateParams::new(Vec::new())?.serialize_request(&key)?;
    let channel = dial(address, tls::agent(identity)?, TIMEOUT).await?;
    let mut client = StreamClient::new(channel).max_decoding_message_size(256 * 1024);
    let reply = tokio::time::timeout(TIMEOUT, client.renew(RenewRequest { csr_der: csr.der().to_vec().into() }))
        .await
        .map_err(|_| EnrolError::NoAnswer(format!("within {} s", TIMEOUT.as_secs())))?
        .map_err(refusal)?
        .into_inner();
    accept(identity.agent().as_str(), &reply.certificate_der, identity.ca.clone(), key)
}

async fn enrol_async(address: &str, token: &EnrolmentToken, host: &NewHost) -> Result<Identity, EnrolError> {
    let key = KeyPair::generate()?;
    let csr = CertificateParams::new(Vec::new())?.serialize_request(&key)?;
    let channel = dial(address, tls::applicant(token.ca())?, TIMEOUT).await?;
    let request = EnrolRequest {
        secret: token.secret().to_vec().into(),
        csr_der: csr.der().to_vec().into(),
        host: host.host.0.clone(),
        host_name: host.name.clone(),
        agent_version: host.agent_version.clone(),
    };
    let mut client = EnrolClient::new(channel).max_decoding_message_size(256 * 1024);
    let reply = tokio::time::timeout(TIMEOUT, client.enrol(request))
        .await
        .map_err(|_| EnrolError::NoAnswer(format!("within {} s", TIMEOUT.as_secs())))?
        .map_err(refusal)?;
    let reply = reply.into_inner();
    let ca = CertificateDer::from(reply.ca_der.to_vec());
    if fingerprint(&ca) != token.ca() {
        return Err(EnrolError::BadAnswer("its CA is not the token's".into()));
    }
    accept(&reply.agent, &reply.certificate_der, ca, key)
}

fn refusal(status: tonic::Status) -> EnrolError {
    match status.code() {
        tonic::Code::PermissionDenied | tonic::Code::InvalidArgument => EnrolError::Refused(status.message().into()),
        _ => EnrolError::NoAnswer(explain(&status)),
    }
}

fn accept(agent: &str, certificate: &[u8], ca: CertificateDer<'static>, key: KeyPair) -> Result<Identity, EnrolError> {
    let certificate = CertificateDer::from(certificate.to_vec());
    let key = PrivatePkcs8KeyDer::from(key);
    let identity = Identity::new(key, certificate, ca).map_err(|e| EnrolError::BadAnswer(e.to_string()))?;
    if identity.agent().as_str() != agent {
        return Err(EnrolError::BadAnswer("the certificate bears another agent's id".into()));
    }
    // Fails when the certificate is for another key.
    tls::agent(&identity).map_err(|e| EnrolError::BadAnswer(tls::words(&e)))?;
    Ok(identity)
}
