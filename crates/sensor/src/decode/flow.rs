//! How a connection began: the bytes that the kernel half chose to show, read by [`crate::first_bytes`]. Whoever writes byte
//! by byte says no less: what a segment leaves open is kept and read again with the next.

use super::network::endpoint;
use event::{Endpoint, EventKind, Flow, FlowProtocol, Observed};
use kernel_abi::{Net, read};
use std::collections::{HashMap, VecDeque};

/// Connections that have begun to say something. The oldest goes when there are more.
const MOST_CONNECTIONS: usize = 256;
/// More of one connection is not joined.
const MOST_BYTES: usize = 4096;

/// Process (number and start) and both ends.
type Connection = (u32, u64, Option<Endpoint>, Option<Endpoint>);

/// Beginnings that nothing was recognised in yet.
#[derive(Default)]
pub(super) struct Torn {
    held: HashMap<Connection, Vec<u8>>,
    order: VecDeque<Connection>,
}

impl Torn {
    /// None for a broken record; `Some(None)` for bytes that tell nothing, or nothing yet.
    pub fn flow(&mut self, record: &[u8]) -> Option<Option<Observed>> {
        let (raw, mut bytes) = read::<Net>(record)?;
        let bytes = bytes.take(raw.payload as usize)?;
        let source = endpoint(raw.family, &raw.source, raw.source_port);
        let destination = endpoint(raw.family, &raw.destination, raw.destination_port);
        let connection = (raw.head.actor.tgid, raw.head.actor.start, source, destination);
        let Some(spoken) = self.read(connection, bytes) else { return Some(None) };
        Some(Some(Observed::Other(EventKind::Flow(Flow {
            protocol: spoken.protocol,
            method: spoken.method,
            account: spoken.account,
            server: spoken.server,
            source,
            destination,
        }))))
    }

    fn read(&mut self, connection: Connection, bytes: &[u8]) -> Option<crate::first_bytes::Spoken> {
        let earlier = self.held.remove(&connection).unwrap_or_default();
        let alone = crate::first_bytes::read(bytes);
        let joined = if earlier.is_empty() { bytes.to_vec() } else { [&earlier, bytes].concat() };
        let spoken = alone.or_else(|| crate::first_bytes::read(&joined));
        // A hello that was cut before the name is told as what it is, and once more when the name has come.
        let open = spoken.as_ref().is_none_or(|s| s.protocol == FlowProtocol::Tls && s.server.is_none());
        if open && joined.len() <= MOST_BYTES {
            self.hold(connection, joined);
        }
        spoken
    }

    fn hold(&mut self, connection: Connection, bytes: Vec<u8>) {
        self.order.push_back(connection);
        self.held.insert(connection, bytes);
        // One connection may stand in the order several times: the last of them counts.
        while self.order.len() > MOST_CONNECTIONS {
            if let Some(oldest) = self.order.pop_front()
                && !self.order.contains(&oldest)
            {
                self.held.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION: Connection = (1, 1, None, None);

    /// What is told of a connection that says these pieces: protocol and server.
    fn check(pieces: &[&[u8]], expected: &[(FlowProtocol, &str)]) {
        let mut torn = Torn::default();
        let told: Vec<_> = pieces.iter().filter_map(|piece| torn.read(CONNECTION, piece)).collect();
        let told: Vec<_> = told.iter().map(|s| (s.protocol, s.server.as_deref().unwrap_or_default())).collect();
        assert_eq!(told, expected, "{pieces:?}");
    }

    #[test]
    fn pieces_are_read_together() {
        use FlowProtocol::{HttpConnect, Socks, Stratum};
        let request = b"\x05\x01\x00\x03\x0cpool.example\x0d\x05";
        let subscribe = b"{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n";
        check(&[b"\x05\x01\x00", request, subscribe], &[(Socks, "pool.example:3333"), (Stratum, "")]);
        let (most, port) = request.split_at(request.len() - 2);
        check(&[b"\x05\x01\x00", most, port, subscribe], &[(Socks, "pool.example:3333"), (Stratum, "")]);
        let signed_in: [&[u8]; 4] = [b"\x05\x02\x00\x02", b"\x01\x02me\x02pw", most, port];
        check(&signed_in, &[(Socks, "pool.example:3333")]);
        let bytes: Vec<&[u8]> = subscribe.chunks(1).collect();
        check(&bytes, &[(Stratum, "")]);
        check(&[b"{\"id\":1,\"method\":\"mini", b"ng.subscribe\"}"], &[(Stratum, "")]);
        check(&[b"CONNECT pool.exa", b"mple:3333 HT", b"TP/1.1\r\n\r\n"], &[(HttpConnect, "pool.example:3333")]);
        check(&[b"SSH-2.0-x\r\n", b"and so on"], &[]);
    }

    #[test]
    fn what_is_kept_has_bounds() {
        let mut torn = Torn::default();
        for n in 0..10 * MOST_CONNECTIONS as u32 {
            for _ in 0..8 {
                torn.read((n, 1, None, None), &[b'{'; 1000]);
            }
        }
        assert!(torn.order.len() <= MOST_CONNECTIONS && torn.held.len() <= MOST_CONNECTIONS);
        assert!(torn.held.values().all(|bytes| bytes.len() <= MOST_BYTES));
    }
}
