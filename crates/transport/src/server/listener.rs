//! TCP and TLS in front of gRPC. The handshake is ours, not tonic's, so that each refusal is counted and logged in words.

use super::connected::Shared;
use crate::certificate::CertificateFacts;
use crate::tls::words;
use rustls::ServerConfig;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

/// What the handshake told of the other side.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub address: SocketAddr,
    /// None for a host that has no certificate yet.
    pub certificate: Option<CertificateFacts>,
}

pub(super) struct Connection {
    stream: TlsStream<TcpStream>,
    caller: Caller,
    _permit: OwnedSemaphorePermit,
}

pub(super) struct Listener {
    pub tcp: TcpListener,
    pub tls: Arc<ServerConfig>,
    pub handshake_timeout: Duration,
    pub max_connections: usize,
    pub shared: Arc<Shared>,
}

impl Listener {
    /// Accepts until nobody takes the connections any more.
    pub async fn run(self, out: mpsc::Sender<io::Result<Connection>>) {
        let places = Arc::new(Semaphore::new(self.max_connections));
        let acceptor = TlsAcceptor::from(self.tls.clone());
        loop {
            let Ok(permit) = places.clone().acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                () = out.closed() => return,
            };
            match accepted {
                Ok((stream, address)) => {
                    let (acceptor, out, shared) = (acceptor.clone(), out.clone(), self.shared.clone());
                    let limit = self.handshake_timeout;
                    tokio::spawn(async move {
                        match tokio::time::timeout(limit, handshake(acceptor, stream, address, permit)).await {
                            Ok(Ok(connection)) => drop(out.send(Ok(connection)).await),
                            Ok(Err(why)) => shared.refused(address, &why),
                            Err(_) => shared.refused(address, "no TLS handshake in time"),
                        }
                    });
                }
                // Out of descriptors, mostly: what is open must end first.
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
}

async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    address: SocketAddr,
    permit: OwnedSemaphorePermit,
) -> Result<Connection, String> {
    stream.set_nodelay(true).map_err(|e| e.to_string())?;
    let stream = match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => stream,
        Err((error, stream)) => {
            tokio::spawn(hang_up(stream));
            return Err(refusal(&error));
        }
    };
    let certificate = match stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        Some(der) => Some(CertificateFacts::of(der).map_err(|e| e.to_string())?),
        None => None,
    };
    Ok(Connection { stream, caller: Caller { address, certificate }, _permit: permit })
}

/// Closing a socket with unread bytes resets it, and the alert that says why would be lost on its way.
async fn hang_up(mut stream: TcpStream) {
    let drain = async {
        let _ = stream.shutdown().await;
        let mut bytes = [0; 4096];
        let mut left = 64;
        while left > 0 && stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {
            left -= 1;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), drain).await;
}

fn refusal(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => words(tls),
        None => format!("the TLS handshake broke off: {error}"),
    }
}

impl Connected for Connection {
    type ConnectInfo = Caller;
    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
