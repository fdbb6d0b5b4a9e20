//! The node's side: one port for enrolment and streams.

mod config;
mod connected;
mod enrolment;
mod listener;
mod publication;
mod seams;
mod session;
mod streams;

use crate::ca::{CaError, CertificateAuthority, SERVER_DAYS};
use crate::tls::{self, ServerCertificate};
use crate::v1::enrol_server::EnrolServer;
use crate::v1::stream_server::StreamServer;
use connected::Shared;
use enrolment::Enrolment;
use listener::Listener;
use publication::Shelf;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use streams::Streams;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use wire::limits::MAX_MESSAGE;
use wire::{Refusal, RefusalCode};

pub use config::ServerConfig;
pub use connected::{ConnectedAgent, NotSent, ServerHandle, ServerStats};
pub use seams::{Admission, AdmissionError, Applicant, Peer, Standing, Uplink};

/// Pings find a peer that is gone without a word.
const KEEPALIVE: Duration = Duration::from_secs(4);

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Ca(#[from] CaError),
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// Ends when dropped; [`Server::stop`] waits for it.
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), tonic::transport::Error>>,
    renewal: JoinHandle<()>,
}

impl Server {
    /// Listens when it returns.
    pub async fn start(
        config: ServerConfig,
        ca: CertificateAuthority,
        admission: Arc<impl Admission>,
        uplink: Arc<impl Uplink>,
    ) -> Result<Server, ServerError> {
        let (ca, config, shared) = (Arc::new(ca), Arc::new(config), Arc::new(Shared::default()));
        let fail = |source| ServerError::Listen { address: config.listen, source };
        let tcp = TcpListener::bind(config.listen).await.map_err(fail)?;
        let address = tcp.local_addr().map_err(fail)?;
        let (certificate, key) = ca.issue_server(&config.names)?;
        let certificate = Arc::new(ServerCertificate::new(vec![certificate, ca.certificate().clone()], key)?);
        let listener = Listener {
            tcp,
            tls: tls::server(ca.certificate(), certificate.clone())?,
            handshake_timeout: config.handshake_timeout,
            max_connections: config.max_connections,
            shared: shared.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let (connections_in, connections) = mpsc::channel(64);
        tokio::spawn(accept(listener, connections_in, stopped.clone()));
        let renewal = tokio::spawn(renew(ca.clone(), certificate, config.names.clone()));
        let enrolment = Enrolment {
            ca: ca.clone(),
            admission: admission.clone(),
            shared: shared.clone(),
            certificate_days: config.agent_certificate_days,
        };
        let shelf = Shelf::new(config.publication.clone());
        let streams = Streams { ca, admission, uplink, shared: shared.clone(), config, shelf };
        let router = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE))
            .http2_keepalive_timeout(Some(KEEPALIVE))
            .max_concurrent_streams(8)
            .http2_max_header_list_size(16 * 1024)
            .initial_connection_window_size(8 * 1024 * 1024)
            .initial_stream_window_size(4 * 1024 * 1024)
            .add_service(EnrolServer::new(enrolment).max_decoding_message_size(64 * 1024))
            .add_service(
                StreamServer::new(streams)
                    .max_decoding_message_size(MAX_MESSAGE)
                    .max_encoding_message_size(MAX_MESSAGE),
            );
        let serve = router.serve_with_incoming_shutdown(ReceiverStream::new(connections), wait(stopped));
        let task = tokio::spawn(serve);
        Ok(Server { address, handle: ServerHandle { shared }, stop, task, renewal })
    }

    /// With the port that was given out when the configuration said 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn handle(&self) -> ServerHandle {
        self.handle.clone()
    }

    /// Tells every agent, waits for what is under way, at most 5 s.
    pub async fn stop(mut self) {
        self.end();
        let _ = tokio::time::timeout(Duration::from_secs(5), &mut self.task).await;
    }
}

impl Server {
    /// Closes the port and tells every agent; connections then end on their own.
    fn end(&self) {
        self.handle.drop_all(&Refusal::new(RefusalCode::Shutdown, "the node is shutting down"));
        let _ = self.stop.send(true);
        self.renewal.abort();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

async fn accept(
    listener: Listener,
    out: mpsc::Sender<std::io::Result<listener::Connection>>,
    stopped: watch::Receiver<bool>,
) {
    tokio::select! {
        () = listener.run(out) => {}
        () = wait(stopped) => {}
    }
}

async fn wait(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// A node that runs for a year must not shut its agents out.
async fn renew(ca: Arc<CertificateAuthority>, certificate: Arc<ServerCertificate>, names: Vec<String>) {
    let third = Duration::from_secs(SERVER_DAYS.unsigned_abs() * 86_400 / 3);
    loop {
        tokio::time::sleep(third).await;
        let renewed = ca.issue_server(&names).map_err(|e| e.to_string()).and_then(|(leaf, key)| {
            certificate.replace(vec![leaf, ca.certificate().clone()], key).map_err(|e| e.to_string())
        });
        if let Err(error) = renewed {
            tracing::error!(error, "cannot renew the node's certificate");
        }
    }
}
