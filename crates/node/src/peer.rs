//! Who is at the other end of a connection, as the kernel says.

use std::net::SocketAddr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Tcp(SocketAddr),
    /// Through the admin socket; root or the node's own account, checked before the first byte is read.
    Socket {
        uid: u32,
    },
}

impl Peer {
    /// For the audit log.
    pub fn source(&self) -> String {
        match self {
            Peer::Tcp(address) => address.ip().to_string(),
            Peer::Socket { .. } => "socket".into(),
        }
    }
}
