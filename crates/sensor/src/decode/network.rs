//! Socket records, and the question of a DNS datagram.

use event::{DnsQuery, Endpoint, EventKind, NetworkEvent, NetworkOp, Observed, Transport};
use kernel_abi::{Net, net_op, read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

pub(super) fn network(record: &[u8]) -> Option<Observed> {
    let (raw, mut bytes) = read::<Net>(record)?;
    let source = endpoint(raw.family, &raw.source, raw.source_port);
    let destination = endpoint(raw.family, &raw.destination, raw.destination_port);
    let op = match raw.head.op {
        net_op::CONNECT => NetworkOp::Connect,
        net_op::ACCEPT => NetworkOp::Accept,
        net_op::LISTEN => NetworkOp::Listen,
        net_op::BIND => NetworkOp::Bind,
        net_op::DNS => {
            let (name, qtype) = question(bytes.take(raw.payload as usize)?)?;
            let query = DnsQuery { name: name.into(), qtype, server: destination };
            return Some(Observed::Other(EventKind::Dns(query)));
        }
        _ => return None,
    };
    let local_only = matches!(op, NetworkOp::Listen | NetworkOp::Bind);
    let unbound = raw.source_port == 0 && raw.source == [0; 16];
    Some(Observed::Other(EventKind::Network(NetworkEvent {
        op,
        transport: transport(raw.protocol),
        source: source.filter(|_| !local_only && !unbound),
        destination,
        error: raw.error,
    })))
}

pub(super) fn endpoint(family: u16, ip: &[u8; 16], port: u16) -> Option<Endpoint> {
    let ip = match family {
        AF_INET => IpAddr::V4(Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3])),
        AF_INET6 => IpAddr::V6(Ipv6Addr::from(*ip)).to_canonical(),
        _ => return None,
    };
    Some(Endpoint { ip, port })
}

fn transport(protocol: u16) -> Transport {
    match protocol {
        6 | 262 => Transport::Tcp, // 262: MPTCP
        17 | 136 => Transport::Udp,
        1 | 58 => Transport::Icmp,
        255 => Transport::Raw,
        _ => Transport::Other,
    }
}

/// Name and type of the first question (RFC 1035). None for a response, for no question, and for a name that is no name.
fn question(message: &[u8]) -> Option<(String, u16)> {
    let header = message.get(..12)?;
    let is_response = header[2] & 0x80 != 0;
    let questions = u16::from_be_bytes([header[4], header[5]]);
    if is_response || questions == 0 {
        return None;
    }
    let mut rest = &message[12..];
    let mut name = Vec::new();
    loop {
        let (&length, after) = rest.split_first()?;
        if length == 0 {
            rest = after;
            break;
        }
        // The first name of a message cannot point back; a label has at most 63 bytes, a name 255.
        if length > 63 || name.len() + usize::from(length) > 255 {
            return None;
        }
        let (label, after) = after.split_at_checked(length.into())?;
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend(label.iter().map(u8::to_ascii_lowercase));
        rest = after;
    }
    let qtype = u16::from_be_bytes([*rest.first()?, *rest.get(1)?]);
    Some((event::text::from_bytes(&name).into_owned(), qtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions() {
        let header = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00";
        let check = |tail: &[u8], expected: Option<(&str, u16)>| {
            let message = [&header[..], tail].concat();
            assert_eq!(question(&message), expected.map(|(n, t)| (n.to_owned(), t)), "{tail:?}");
        };
        check(b"\x03wWw\x07example\x03com\x00\x00\x1c\x00\x01", Some(("www.example.com", 28)));
        check(b"\x00\x00\x02\x00\x01", Some(("", 2)));
        check(b"\x03www", None);
        check(b"\xc0\x0c\x00\x01", None);
        check(b"\x02a\xff\x00\x00\x01", Some(("a\\xff", 1)));
        check(b"", None);
        let long = [&[63u8][..], &[b'a'; 63]].concat().repeat(5);
        check(&long, None);
        let response = b"\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01";
        assert_eq!(question(response), None);
    }
}
