//! Sockets and names, on loopback.

use crate::watching::{Watching, me};
use event::{EventKind, NetworkEvent, NetworkOp, Transport};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};

fn network(kind: &EventKind, op: NetworkOp, port: u16) -> Option<NetworkEvent> {
    match kind {
        EventKind::Network(event) if event.op == op => {
            let event = event.clone();
            event.destination.filter(|to| to.port == port).map(|_| event)
        }
        _ => None,
    }
}

fn connection(address: &str) {
    let mut watching = Watching::start();
    let listener = TcpListener::bind(address).unwrap();
    let server = listener.local_addr().unwrap();
    let client = TcpStream::connect(server).unwrap();
    let local = client.local_addr().unwrap();
    let _accepted = listener.accept().unwrap();
    for (op, source) in [
        (NetworkOp::Bind, None),
        (NetworkOp::Listen, None),
        (NetworkOp::Connect, Some(local)),
        (NetworkOp::Accept, Some(local)),
    ] {
        let event = watching.find_kind(me(), |kind| network(kind, op, server.port()));
        assert_eq!(event.transport, Transport::Tcp);
        assert_eq!(event.error, 0);
        assert_eq!(event.destination.map(|e| e.ip), Some(server.ip()));
        assert_eq!(event.source.map(|e| SocketAddr::new(e.ip, e.port)), source, "{op:?}");
    }
}

#[test]
fn a_connection_is_seen_from_both_sides() {
    connection("127.0.0.1:0");
}

#[test]
fn a_connection_over_ipv6_too() {
    connection("[::1]:0");
}

#[test]
fn a_refused_connection_says_so() {
    let mut watching = Watching::start();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    let event = watching.find_kind(me(), |kind| network(kind, NetworkOp::Connect, port));
    assert_eq!(event.error, libc::ECONNREFUSED);
}

fn query(name: &[&str]) -> Vec<u8> {
    let mut message = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00".to_vec();
    for label in name {
        message.push(label.len() as u8);
        message.extend(label.as_bytes());
    }
    message.extend(b"\x00\x00\x10\x00\x01");
    message
}

#[test]
fn a_dns_question_is_read_however_it_is_sent() {
    let mut watching = Watching::start();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    // Nobody need listen: the question is seen when it is sent.
    socket.send_to(&query(&["SendTo", "example", "test"]), "127.83.1.9:53").unwrap();
    let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected.connect("127.83.1.8:53").unwrap();
    connected.send(&query(&["connected", "test"])).unwrap();
    for (name, server) in [("sendto.example.test", "127.83.1.9"), ("connected.test", "127.83.1.8")] {
        let found = watching.find_kind(me(), |kind| match kind {
            EventKind::Dns(query) if *query.name == *name => Some(query.clone()),
            _ => None,
        });
        assert_eq!(found.qtype, 16);
        let expected = event::Endpoint { ip: server.parse().unwrap(), port: 53 };
        assert_eq!(found.server, Some(expected));
    }
}
