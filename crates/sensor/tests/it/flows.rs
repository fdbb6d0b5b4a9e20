//! How connections begin, on loopback: what is told, of whom, and what is not.

use crate::watching::{Watching, me};
use event::{EventKind, Flow, FlowProtocol};
use std::io::Write;
use std::net::{TcpListener, TcpStream};

/// A connection to nobody in particular that says these bytes, one write each; and the port it went to.
fn say(address: &str, writes: &[&[u8]]) -> (u16, TcpStream, TcpListener) {
    let listener = TcpListener::bind(address).unwrap();
    let server = listener.local_addr().unwrap();
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_nodelay(true).unwrap();
    for bytes in writes {
        stream.write_all(bytes).unwrap();
    }
    (server.port(), stream, listener)
}

fn flow(kind: &EventKind, port: u16, protocol: FlowProtocol) -> Option<Flow> {
    match kind {
        EventKind::Flow(flow) if flow.destination.is_some_and(|to| to.port == port) && flow.protocol == protocol => {
            Some(flow.clone())
        }
        _ => None,
    }
}

const SUBSCRIBE: &[u8] = b"{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": [\"stand-in\"]}\n";

#[test]
fn a_mining_protocol_is_told_with_both_ends_and_its_process() {
    let mut watching = Watching::start();
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (port, stream, _listener) = say(address, &[SUBSCRIBE]);
        let told = watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Stratum));
        assert_eq!(told.method.as_deref(), Some("mining.subscribe"));
        let local = stream.local_addr().unwrap();
        assert_eq!(told.source.map(|from| (from.ip, from.port)), Some((local.ip(), local.port())));
    }
}

#[test]
fn it_is_told_behind_a_proxy_and_when_it_comes_in_pieces() {
    let mut watching = Watching::start();
    let socks: &[&[u8]] = &[b"\x05\x01\x00", b"\x05\x01\x00\x03\x0cpool.example\x0d\x05", SUBSCRIBE];
    let (port, _stream, _listener) = say("127.0.0.1:0", socks);
    let proxied = watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Socks));
    assert_eq!(proxied.server.as_deref(), Some("pool.example:3333"));
    watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Stratum));
    let (port, _stream, _listener) = say("127.0.0.1:0", &[b"CONNECT pool.example:443 HTTP/1.1\r\n\r\n", SUBSCRIBE]);
    watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::HttpConnect));
    watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Stratum));
    let (port, _stream, _listener) = say("127.0.0.1:0", &[&SUBSCRIBE[..1], &SUBSCRIBE[1..]]);
    watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Stratum));
}

#[test]
fn no_way_of_cutting_hides_it() {
    let mut watching = Watching::start();
    let request: &[u8] = b"\x05\x01\x00\x03\x0cpool.example\x0d\x05";
    for cut in [4, 9, request.len() - 2, request.len() - 1] {
        let (port, _stream, _listener) = say("127.0.0.1:0", &[b"\x05\x01\x00", &request[..cut], &request[cut..]]);
        let proxied = watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Socks));
        assert_eq!(proxied.server.as_deref(), Some("pool.example:3333"), "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = SUBSCRIBE.chunks(1).collect();
    let (port, _stream, _listener) = say("127.0.0.1:0", &bytes);
    watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Stratum));
    let long = format!("{{\"id\": 1, \"agent\": \"{}\", \"meth", "x".repeat(100));
    let (port, _stream, _listener) = say("127.0.0.1:0", &[long.as_bytes(), b"od\": \"mining.subscribe\"}\n"]);
    watching.find_kind(me(), |kind| flow(kind, port, FlowProtocol::Stratum));
}

#[test]
fn later_bytes_and_the_answering_side_are_not_looked_at() {
    let mut watching = Watching::start();
    let (port, _stream, listener) = say("127.0.0.1:0", &[b"SSH-2.0-stand-in\r\n", SUBSCRIBE]);
    let (mut answer, _) = listener.accept().unwrap();
    answer.write_all(SUBSCRIBE).unwrap();
    // A flow that is told comes after the others: when it is there they would be too.
    let (last, _last_stream, _last_listener) = say("127.0.0.1:0", &[SUBSCRIBE]);
    watching.find_kind(me(), |kind| flow(kind, last, FlowProtocol::Stratum));
    watching.settle();
    let others = watching.of(me()).filter(|seen| match &seen.what {
        event::Observed::Other(EventKind::Flow(flow)) => {
            [flow.source, flow.destination].into_iter().flatten().any(|end| end.port == port)
        }
        _ => false,
    });
    assert_eq!(others.count(), 0);
}
