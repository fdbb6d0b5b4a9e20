//! What the node publishes, fetched file by file over a connection of its own: not the agent's stream, which must not wait
//! for it. Blocks; for a program or a thread that has nothing else to do.

use super::dial::{DialError, dial};
use crate::identity::Identity;
use crate::tls::{self, explain};
use crate::v1::stream_client::StreamClient;
use std::io::{self, Read};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tonic::Streaming;
use tonic::transport::Channel;
use wire::limits::MAX_MESSAGE;
use wire::v1::{FetchPiece, FetchRequest};

const CONNECT: Duration = Duration::from_secs(15);
/// Between two pieces; the node may make an agent wait for its turn.
const PATIENCE: Duration = Duration::from_secs(300);

pub struct Publication {
    /// With a thread of its own: the connection answers the node's pings while what came is worked on.
    runtime: Runtime,
    client: StreamClient<Channel>,
}

#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    #[error("the agent's certificate cannot be used: {0}")]
    Identity(#[from] rustls::Error),
    #[error(transparent)]
    Connect(#[from] DialError),
    #[error("cannot start: {0}")]
    Start(#[from] io::Error),
}

impl Publication {
    /// `address` is `host:port`. Must not be called from async code.
    pub fn open(address: &str, identity: &Identity) -> Result<Publication, PublicationError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let channel = runtime.block_on(dial(address, tls::agent(identity)?, CONNECT))?;
        let client = StreamClient::new(channel).max_decoding_message_size(MAX_MESSAGE);
        Ok(Publication { runtime, client })
    }

    /// The whole file, in order. What is not there is [`io::ErrorKind::NotFound`].
    pub fn fetch(&self, name: &str) -> io::Result<impl Read + use<'_>> {
        let mut client = self.client.clone();
        let request = FetchRequest { name: name.to_owned() };
        let answer = self.runtime.block_on(async { timeout(PATIENCE, client.fetch(request)).await });
        let pieces = answer.map_err(late)?.map_err(|status| io_error(&status))?.into_inner();
        let mut file = Pieces { runtime: &self.runtime, pieces, left: bytes::Bytes::new() };
        // Whether it is there shows with the first piece.
        file.left = file.next()?.unwrap_or_default();
        Ok(file)
    }
}

struct Pieces<'p> {
    runtime: &'p Runtime,
    pieces: Streaming<FetchPiece>,
    left: bytes::Bytes,
}

impl Pieces<'_> {
    fn next(&mut self) -> io::Result<Option<bytes::Bytes>> {
        let piece = self.runtime.block_on(async { timeout(PATIENCE, self.pieces.message()).await });
        Ok(piece.map_err(late)?.map_err(|status| io_error(&status))?.map(|piece| piece.data))
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            match self.next()? {
                Some(piece) => self.left = piece,
                None => return Ok(0),
            }
        }
        let length = self.left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.left.split_to(length));
        Ok(length)
    }
}

fn late(_: tokio::time::error::Elapsed) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the node did not answer within {} s", PATIENCE.as_secs()))
}

fn io_error(status: &tonic::Status) -> io::Error {
    let kind = match status.code() {
        tonic::Code::NotFound => io::ErrorKind::NotFound,
        tonic::Code::PermissionDenied | tonic::Code::Unauthenticated => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, explain(status))
}
