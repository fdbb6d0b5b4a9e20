//! One TLS connection as a gRPC channel.

use crate::tls::{NODE_NAME, explain};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};

/// Pings go out this often and must come back within as long, so a dead node shows within twice as much.
const KEEPALIVE: Duration = Duration::from_secs(4);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot connect to {address}: {detail}")]
pub struct DialError {
    pub address: String,
    pub detail: String,
}

pub(crate) async fn dial(address: &str, tls: Arc<ClientConfig>, timeout: Duration) -> Result<Channel, DialError> {
    let fail = |detail: String| DialError { address: address.to_owned(), detail };
    let endpoint = Endpoint::from_static("http://node.tamon.internal")
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE)
        .keep_alive_while_idle(true)
        .initial_connection_window_size(8 * 1024 * 1024)
        .initial_stream_window_size(4 * 1024 * 1024);
    // Made before the channel, so that why it failed is ours to say.
    let stream = tokio::time::timeout(timeout, handshake(address, tls))
        .await
        .map_err(|_| fail(format!("no answer within {} s", timeout.as_secs())))?
        .map_err(|e| fail(explain(&e)))?;
    let mut once = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_: Uri| {
        let stream = once.take().ok_or_else(|| std::io::Error::other("the connection has ended"));
        async move { stream }
    });
    endpoint.connect_with_connector(connector).await.map_err(|e| fail(explain(&e)))
}

async fn handshake(
    address: &str,
    tls: Arc<ClientConfig>,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(NODE_NAME).map_err(std::io::Error::other)?;
    TlsConnector::from(tls).connect(name, stream).await
}
