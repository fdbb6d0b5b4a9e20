//! Whom a process is connected to: the sockets it holds, looked up among the connections of its network namespace. For a
//! server that gives each client a process of its own (smbd) that is the client.

use std::collections::HashSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Descriptors looked at.
const MAX_DESCRIPTORS: usize = 4_096;

/// Addresses at the other end of established TCP connections, each once, in order.
pub fn peers_of(pid: u32) -> Vec<IpAddr> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().take(MAX_DESCRIPTORS);
    let inode = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    let sockets: HashSet<u64> = entries.filter_map(inode).collect();
    let mut peers = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        peers.extend(
            text.lines().skip(1).filter_map(established).filter(|(n, _)| sockets.contains(n)).map(|(_, ip)| ip),
        );
    }
    peers.sort();
    peers.dedup();
    peers
}

/// Socket and remote address of an established connection.
fn established(line: &str) -> Option<(u64, IpAddr)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    if *fields.get(3)? != "01" {
        return None;
    }
    let (address, _) = fields.get(2)?.split_once(':')?;
    Some((fields.get(9)?.parse().ok()?, address_of(address)?))
}

/// As /proc shows it: 32-bit words in the machine's own order.
fn address_of(hex_words: &str) -> Option<IpAddr> {
    let words: Option<Vec<u8>> = hex_words
        .as_bytes()
        .chunks(8)
        .map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok())
        .collect::<Option<Vec<u32>>>()
        .map(|words| words.iter().flat_map(|word| word.to_ne_bytes()).collect());
    let bytes = words?;
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some(Ipv4Addr::from(four).into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes.as_slice()).ok()?;
    Some(Ipv6Addr::from(sixteen).to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_who_is_at_the_other_end() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, _) = listener.accept().unwrap();
        assert!(peers_of(std::process::id()).contains(&"127.0.0.1".parse().unwrap()));
        drop(client);
        assert_eq!(address_of("0100007F"), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(address_of("0000000000000000FFFF00000100007F"), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(address_of("xyz"), None);
    }
}
