//! Accepts connections and hands them to the application: plain TCP on loopback, TLS, or the admin socket. Bounded in number,
//! in the time a header may take, and in the time a shutdown waits.

use crate::peer::Peer;
use crate::stop;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::Service;

const CONNECTIONS: usize = 1_024;
const HEADER_TIME: Duration = Duration::from_secs(10);
const FAREWELL: Duration = Duration::from_secs(5);

pub enum Listener {
    Tcp(TcpListener, Option<TlsAcceptor>),
    /// Peers of other accounts than root and `uid` are turned away.
    Unix(UnixListener, u32),
}

/// Runs until `stop` turns true; then lets requests under way end for a moment.
pub async fn serve(listener: Listener, app: Router, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        tokio::select! {
            () = stop::said(&mut stop) => break,
            accepted = accept(&listener) => match accepted {
                Ok(Some((stream, peer))) => {
                    let (app, watcher) = (app.clone(), graceful.watcher());
                    tokio::spawn(async move {
                        let _permit = permit;
                        if let Some(io) = stream.ready().await {
                            converse(io, peer, app, watcher).await;
                        }
                    });
                }
                Ok(None) => {}
                Err(error) => {
                    // Out of descriptors, most likely: waiting is all that helps.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            },
        }
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::info!("connections were still open at shutdown");
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}
type Io = Box<dyn Stream>;

enum Accepted {
    Ready(Io),
    /// The handshake still to do: not while others wait to be accepted.
    Tls(Box<tokio_rustls::Accept<tokio::net::TcpStream>>),
}

impl Accepted {
    async fn ready(self) -> Option<Io> {
        match self {
            Accepted::Ready(io) => Some(io),
            Accepted::Tls(handshake) => match tokio::time::timeout(HEADER_TIME, handshake).await {
                Ok(Ok(stream)) => Some(Box::new(stream)),
                _ => None,
            },
        }
    }
}

async fn accept(listener: &Listener) -> io::Result<Option<(Accepted, Peer)>> {
    match listener {
        Listener::Tcp(listener, tls) => {
            let (stream, address) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let accepted = match tls {
                Some(tls) => Accepted::Tls(Box::new(tls.accept(stream))),
                None => Accepted::Ready(Box::new(stream)),
            };
            Ok(Some((accepted, Peer::Tcp(address))))
        }
        Listener::Unix(listener, own) => {
            let (stream, _) = listener.accept().await?;
            let uid = stream.peer_cred()?.uid();
            if uid != 0 && uid != *own {
                tracing::warn!(uid, "an account that is not the node's tried the admin socket");
                return Ok(None);
            }
            Ok(Some((Accepted::Ready(Box::new(stream)), Peer::Socket { uid })))
        }
    }
}

async fn converse(io: Io, peer: Peer, app: Router, watcher: hyper_util::server::graceful::Watcher) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        app.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(io), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}
