//! Sockets and names.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Tcp,
    Udp,
    Icmp,
    Raw,
    Unix,
    Other,
}

impl Transport {
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Icmp => "icmp",
            Transport::Raw => "raw",
            Transport::Unix => "unix",
            Transport::Other => "other",
        }
    }
}

/// ECS `network.direction` as the host sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// IPv4-mapped IPv6 addresses are given as IPv4.
    pub ip: IpAddr,
    pub port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkOp {
    Connect,
    Accept,
    Listen,
    Bind,
}

impl NetworkOp {
    /// ECS `event.action`.
    pub const fn action(self) -> &'static str {
        match self {
            NetworkOp::Connect => "network-connect",
            NetworkOp::Accept => "network-accept",
            NetworkOp::Listen => "network-listen",
            NetworkOp::Bind => "network-bind",
        }
    }
    pub const fn direction(self) -> Direction {
        match self {
            NetworkOp::Connect => Direction::Egress,
            NetworkOp::Accept | NetworkOp::Listen | NetworkOp::Bind => Direction::Ingress,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct NetworkEvent {
    pub op: NetworkOp,
    pub transport: Transport,
    /// The side that opens the connection: ours for `Connect`, the peer for `Accept`.
    pub source: Option<Endpoint>,
    /// The side that is reached; for `Listen` and `Bind` the local address.
    pub destination: Option<Endpoint>,
    /// errno of the call where the tier sees the result; 0 is success, EINPROGRESS counts as success.
    pub error: i32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DnsQuery {
    /// Lower case, without the last dot.
    pub name: Arc<str>,
    /// RR type number: 1 A, 28 AAAA, …
    pub qtype: u16,
    pub server: Option<Endpoint>,
}

/// What a connection's first bytes speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowProtocol {
    /// A mining pool's: JSON-RPC over a bare connection.
    Stratum,
    /// A coin node's calls for work, in the body of an HTTP request.
    GetWork,
    Tls,
    HttpConnect,
    Socks,
}

impl FlowProtocol {
    /// ECS `network.protocol`.
    pub const fn name(self) -> &'static str {
        match self {
            FlowProtocol::Stratum => "stratum",
            FlowProtocol::GetWork => "getwork",
            FlowProtocol::Tls => "tls",
            FlowProtocol::HttpConnect => "http-connect",
            FlowProtocol::Socks => "socks",
        }
    }
}

/// How a connection that a process opened began, where its first bytes say something.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    pub protocol: FlowProtocol,
    /// The call that was made (`mining.subscribe`, `CONNECT`); of TLS the first ALPN protocol.
    pub method: Option<Arc<str>>,
    /// The wallet or worker that it names.
    pub account: Option<Arc<str>>,
    /// The host that it asks for, lower case: TLS server name, or a proxy's target with its port.
    pub server: Option<Arc<str>>,
    pub source: Option<Endpoint>,
    pub destination: Option<Endpoint>,
}

/// What went out over TCP connections to one place, as their peers have acknowledged it, since it was told last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    pub bytes: u64,
    pub source: Option<Endpoint>,
    pub destination: Option<Endpoint>,
}
