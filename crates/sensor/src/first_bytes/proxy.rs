//! Where a proxy is asked to lead: HTTP CONNECT (RFC 9110), SOCKS 4, 4a and 5 (RFC 1928).

use super::{Spoken, lower, text};
use event::FlowProtocol;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn request(bytes: &[u8]) -> Option<Spoken> {
    connect(bytes).or_else(|| socks5(bytes)).or_else(|| socks5(greeted(bytes)?)).or_else(|| socks4(bytes))
}

fn spoken(protocol: FlowProtocol, method: &str, host: &str, port: u16) -> Spoken {
    Spoken { protocol, method: Some(method.into()), account: None, server: Some(format!("{host}:{port}").into()) }
}

fn connect(bytes: &[u8]) -> Option<Spoken> {
    let rest = bytes.strip_prefix(b"CONNECT ")?;
    let end = rest.iter().position(|byte| *byte == b' ')?;
    let (target, rest) = rest.split_at(end);
    if !rest.starts_with(b" HTTP/") || target.is_empty() {
        return None;
    }
    let colon = target.iter().rposition(|byte| *byte == b':')?;
    let port = std::str::from_utf8(&target[colon + 1..]).ok()?.parse().ok()?;
    Some(spoken(FlowProtocol::HttpConnect, "CONNECT", &lower(&target[..colon]), port))
}

/// What stands behind a client's greeting and, where it gives one, its name and password (RFC 1929).
fn greeted(bytes: &[u8]) -> Option<&[u8]> {
    let (methods, rest) = bytes.strip_prefix(&[5])?.split_first()?;
    let rest = rest.get(usize::from(*methods)..)?;
    let Some((name, behind)) = rest.strip_prefix(&[1]).and_then(<[u8]>::split_first) else { return Some(rest) };
    let (password, behind) = behind.get(usize::from(*name)..)?.split_first()?;
    behind.get(usize::from(*password)..)
}

fn socks5(bytes: &[u8]) -> Option<Spoken> {
    let rest = bytes.strip_prefix(&[5, 1, 0])?;
    let (kind, rest) = rest.split_first()?;
    let (host, rest) = match kind {
        1 => {
            let (ip, rest) = rest.split_first_chunk::<4>()?;
            (Ipv4Addr::from(*ip).to_string().into(), rest)
        }
        3 => {
            let (length, rest) = rest.split_first()?;
            let (name, rest) = rest.split_at_checked(usize::from(*length))?;
            (lower(name), rest)
        }
        4 => {
            let (ip, rest) = rest.split_first_chunk::<16>()?;
            (text(Ipv6Addr::from(*ip).to_string().as_bytes(), 64), rest)
        }
        _ => return None,
    };
    let port = u16::from_be_bytes(*rest.first_chunk()?);
    Some(spoken(FlowProtocol::Socks, "socks5", &host, port))
}

fn socks4(bytes: &[u8]) -> Option<Spoken> {
    let rest = bytes.strip_prefix(&[4, 1])?;
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let (ip, rest) = rest.split_first_chunk::<4>()?;
    let user_end = rest.iter().position(|byte| *byte == 0)?;
    // 4a: an address that cannot be, and the name behind the user.
    let host = match ip {
        [0, 0, 0, last] if *last != 0 => {
            let name = &rest[user_end + 1..];
            lower(&name[..name.iter().position(|byte| *byte == 0)?])
        }
        _ => Ipv4Addr::from(*ip).to_string().into(),
    };
    Some(spoken(FlowProtocol::Socks, "socks4", &host, u16::from_be_bytes(*port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let check = |said: &[u8], expected: Option<&str>| {
            assert_eq!(request(said).and_then(|s| s.server).as_deref(), expected, "{said:?}");
        };
        check(b"CONNECT Pool.example:3333 HTTP/1.1\r\nHost: x\r\n\r\n", Some("pool.example:3333"));
        check(b"CONNECT [::1]:443 HTTP/1.0\r\n", Some("[::1]:443"));
        check(b"CONNECT pool.example HTTP/1.1\r\n", None);
        check(b"CONNECT pool.example:99999 HTTP/1.1\r\n", None);
        check(b"\x05\x01\x00\x03\x0cPool.example\x0d\x05", Some("pool.example:3333"));
        check(b"\x05\x01\x00\x01\x7f\x00\x00\x01\x0d\x05", Some("127.0.0.1:3333"));
        check(b"\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x0d\x05", Some("127.0.0.1:3333"));
        check(b"\x05\x01\x02\x01\x01u\x01p\x05\x01\x00\x03\x01h\x0d\x05", Some("h:3333"));
        check(b"\x05\x01\x02\x01\x01u\x09p", None);
        check(b"\x05\x01\x00", None);
        check(b"\x05\x02\x00\x02", None);
        check(b"\x04\x01\x0d\x05\x00\x00\x00\x01me\x00pool.example\x00", Some("pool.example:3333"));
        check(b"\x04\x01\x0d\x05\x7f\x00\x00\x01\x00", Some("127.0.0.1:3333"));
        check(b"\x04\x01\x0d\x05\x00\x00\x00\x01me\x00pool", None);
    }
}
