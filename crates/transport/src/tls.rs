//! TLS 1.3 and nothing older, by rustls with ring. The node is known by one fixed name under its own CA, whatever address
//! reaches it; a new host checks the CA by the fingerprint in its token.

use crate::certificate::fingerprint;
use crate::identity::Identity;
use event::Sha256;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme,
};
use std::sync::Arc;

/// The node's name in its server certificate.
pub(crate) const NODE_NAME: &str = "node.tamon.internal";
const ALPN: &[u8] = b"h2";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn roots(ca: &CertificateDer<'static>) -> Result<Arc<RootCertStore>, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.clone())?;
    Ok(Arc::new(roots))
}

/// For an enrolled agent.
pub(crate) fn agent(identity: &Identity) -> Result<Arc<ClientConfig>, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots(&identity.ca)?)
        .with_client_auth_cert(vec![identity.certificate.clone()], identity.key.clone_key().into())?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// For a host that has only a token: no certificate of its own, and a CA known by its fingerprint.
pub(crate) fn applicant(ca: Sha256) -> Result<Arc<ClientConfig>, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedCa { ca }))
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// A client without a certificate may connect, to enrol; the stream's service refuses it. One with a certificate of another
/// CA, or an expired one, is refused in the handshake.
pub(crate) fn server(
    ca: &CertificateDer<'static>,
    certificate: Arc<ServerCertificate>,
) -> Result<Arc<ServerConfig>, Error> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(ca)?, provider())
        .allow_unauthenticated()
        .build()
        .map_err(|e| Error::General(e.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// The node's certificate, which is changed under running connections when it nears its end.
#[derive(Debug)]
pub(crate) struct ServerCertificate(parking_lot::RwLock<Arc<CertifiedKey>>);

impl ServerCertificate {
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivatePkcs8KeyDer<'static>) -> Result<Self, Error> {
        Ok(ServerCertificate(parking_lot::RwLock::new(certified(chain, key)?)))
    }

    pub fn replace(&self, chain: Vec<CertificateDer<'static>>, key: PrivatePkcs8KeyDer<'static>) -> Result<(), Error> {
        *self.0.write() = certified(chain, key)?;
        Ok(())
    }
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivatePkcs8KeyDer<'static>,
) -> Result<Arc<CertifiedKey>, Error> {
    Ok(Arc::new(CertifiedKey::from_der(chain, key.into(), &provider())?))
}

impl ResolvesServerCert for ServerCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().clone())
    }
}

/// Trusts the one CA whose digest is known, provided that the node sends it along and its own certificate stands under it.
#[derive(Debug)]
struct PinnedCa {
    ca: Sha256,
}

impl ServerCertVerifier for PinnedCa {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ca = intermediates.iter().find(|certificate| fingerprint(certificate) == self.ca);
        let ca = ca.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        WebPkiServerVerifier::builder_with_provider(roots(&ca.clone().into_owned())?, provider())
            .build()
            .map_err(|e| Error::General(e.to_string()))?
            .verify_server_cert(end_entity, &[], server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The words behind a chain of errors in which TLS said why.
pub(crate) fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut next = Some(error);
    let mut last = error.to_string();
    while let Some(error) = next {
        if let Some(tls) = tls_error(error) {
            return words(tls);
        }
        last = error.to_string();
        next = error.source();
    }
    told(&last).unwrap_or(last)
}

/// HTTP/2 keeps only the text of what TLS said.
fn told(text: &str) -> Option<String> {
    use rustls::AlertDescription as Alert;
    let (_, name) = text.split_once("received fatal alert: ")?;
    let known = [Alert::CertificateExpired, Alert::UnknownCA, Alert::DecryptError, Alert::BadCertificate];
    let alert = known.into_iter().find(|alert| name.starts_with(&format!("{alert:?}")))?;
    Some(words(&Error::AlertReceived(alert)))
}

fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    let inner = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
    error.downcast_ref::<Error>().or_else(|| inner.and_then(|inner| inner.downcast_ref::<Error>()))
}

pub(crate) fn words(error: &Error) -> String {
    use rustls::AlertDescription as Alert;
    match error {
        Error::AlertReceived(Alert::CertificateExpired) => "the other side says: your certificate has expired".into(),
        Error::AlertReceived(Alert::UnknownCA | Alert::DecryptError | Alert::BadCertificate) => {
            "the other side says: your certificate is not of its CA".into()
        }
        Error::AlertReceived(alert) => format!("the other side refused the TLS handshake: {alert:?}"),
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "the other side's certificate is not of the CA that is expected".into()
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the other side's certificate has expired".into()
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "the other side's certificate is not valid yet: compare the clocks".into()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca::{CertificateAuthority, draw_agent_id};
    use rcgen::{CertificateParams, KeyPair};
    use rustls::{ClientConnection, ServerConnection};

    struct Authority {
        ca: CertificateAuthority,
        _dir: tempfile::TempDir,
    }

    fn authority() -> Authority {
        let dir = tempfile::tempdir().unwrap();
        Authority { ca: CertificateAuthority::open(dir.path()).unwrap(), _dir: dir }
    }

    fn agent_of(authority: &Authority, days: i64) -> Identity {
        let key = KeyPair::generate().unwrap();
        let csr = CertificateParams::new(Vec::new()).unwrap().serialize_request(&key).unwrap();
        let (certificate, _) = authority.ca.issue_agent(csr.der(), &draw_agent_id(), days).unwrap();
        Identity::new(key.into(), certificate, authority.ca.certificate().clone()).unwrap()
    }

    fn node_of(authority: &Authority) -> Arc<ServerConfig> {
        let (leaf, key) = authority.ca.issue_server(&[]).unwrap();
        let chain = vec![leaf, authority.ca.certificate().clone()];
        server(authority.ca.certificate(), Arc::new(ServerCertificate::new(chain, key).unwrap())).unwrap()
    }

    /// What the server and then the client say at the end of the handshake.
    fn handshake(client: Arc<ClientConfig>, server: Arc<ServerConfig>) -> (Result<(), String>, Result<(), String>) {
        let mut client = ClientConnection::new(client, ServerName::try_from(NODE_NAME).unwrap()).unwrap();
        let mut server = ServerConnection::new(server).unwrap();
        let (mut server_says, mut client_says) = (Ok(()), Ok(()));
        for _ in 0..6 {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            let _ = server.read_tls(&mut bytes.as_slice());
            server_says = server_says.and(server.process_new_packets().map(|_| ()).map_err(|e| words(&e)));
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            let _ = client.read_tls(&mut bytes.as_slice());
            client_says = client_says.and(client.process_new_packets().map(|_| ()).map_err(|e| words(&e)));
        }
        (server_says, client_says)
    }

    #[test]
    fn each_refusal_is_clear_on_both_sides() {
        let (ours, theirs) = (authority(), authority());
        let check = |client, node, server_says: Result<(), &str>, client_says: Result<(), &str>| {
            let (server, client) = handshake(client, node);
            assert_eq!(server.as_ref().map_err(|e| e.as_str()).copied(), server_says);
            assert_eq!(client.as_ref().map_err(|e| e.as_str()).copied(), client_says);
        };
        check(agent(&agent_of(&ours, 30)).unwrap(), node_of(&ours), Ok(()), Ok(()));
        check(applicant(ours.ca.fingerprint()).unwrap(), node_of(&ours), Ok(()), Ok(()));
        check(
            agent(&agent_of(&ours, -1)).unwrap(),
            node_of(&ours),
            Err("the other side's certificate has expired"),
            Err("the other side says: your certificate has expired"),
        );
        check(
            agent(&agent_of(&theirs, 30)).unwrap(),
            node_of(&ours),
            Err("the other side says: your certificate is not of its CA"),
            Err("the other side's certificate is not of the CA that is expected"),
        );
        let mut forged = agent_of(&theirs, 30);
        forged.ca = ours.ca.certificate().clone();
        check(
            agent(&forged).unwrap(),
            node_of(&ours),
            Err("the other side's certificate is not of the CA that is expected"),
            Err("the other side says: your certificate is not of its CA"),
        );
    }

    #[test]
    fn an_agents_certificate_does_not_make_a_node() {
        let ours = authority();
        let thief = agent_of(&ours, 30);
        let chain = vec![thief.certificate.clone(), thief.ca.clone()];
        let certificate = Arc::new(ServerCertificate::new(chain, thief.key.clone_key()).unwrap());
        let fake = server(ours.ca.certificate(), certificate).unwrap();
        for client in [agent(&agent_of(&ours, 30)).unwrap(), applicant(ours.ca.fingerprint()).unwrap()] {
            assert!(handshake(client, fake.clone()).1.is_err());
        }
    }
}
