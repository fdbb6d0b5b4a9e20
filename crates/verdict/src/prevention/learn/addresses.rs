//! Addresses and ports to entries: loopback is one name, many addresses of one network are the network.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Addresses of one /24 or /64 that stand for it.
const MANY: usize = 4;
/// Networks for one port that stand for all.
const MANY_NETS: usize = 8;

pub(super) fn connect(seen: &BTreeMap<(IpAddr, u16), u64>) -> Vec<String> {
    let mut by_port: BTreeMap<u16, BTreeSet<IpAddr>> = BTreeMap::new();
    for (ip, port) in seen.keys() {
        by_port.entry(*port).or_default().insert(*ip);
    }
    let mut out = Vec::new();
    for (port, ips) in by_port {
        let (own, others): (Vec<IpAddr>, Vec<IpAddr>) = ips.into_iter().partition(IpAddr::is_loopback);
        if !own.is_empty() {
            out.push(format!("loopback:{port}"));
        }
        let mut nets: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
        for ip in others {
            nets.entry(network(ip)).or_default().push(ip);
        }
        if nets.len() >= MANY_NETS {
            out.push(format!("*:{port}"));
            continue;
        }
        for (net, ips) in nets {
            if ips.len() >= MANY {
                out.push(format!("{}:{port}", bracketed(&net)));
            } else {
                out.extend(ips.into_iter().map(|ip| format!("{}:{port}", bracketed(&ip.to_string()))));
            }
        }
    }
    out
}

/// Where it listens does not matter so much as at which port: an interface may get another address.
pub(super) fn bind(seen: &BTreeMap<(IpAddr, u16), u64>) -> Vec<String> {
    let mut out = BTreeSet::new();
    for (ip, port) in seen.keys().filter(|(_, port)| *port != 0) {
        let host = if ip.is_loopback() { "loopback" } else { "*" };
        out.insert((*port, format!("{host}:{port}")));
    }
    out.into_iter().map(|(_, entry)| entry).collect()
}

fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prevention::AddressEntry;

    #[test]
    fn networks_where_many_addresses_were_seen() {
        let seen = |pairs: &[(&str, u16)]| pairs.iter().map(|(ip, port)| ((ip.parse().unwrap(), *port), 1)).collect();
        let out = connect(&seen(&[("127.0.0.1", 80), ("10.0.0.1", 80), ("2001:db8::1", 443)]));
        assert_eq!(out, ["loopback:80", "10.0.0.1:80", "[2001:db8::1]:443"]);
        let many: Vec<String> = (1..6).map(|i| format!("10.0.0.{i}")).collect();
        let many: Vec<(&str, u16)> = many.iter().map(|ip| (ip.as_str(), 80)).collect();
        assert_eq!(connect(&seen(&many)), ["10.0.0.0/24:80"]);
        assert_eq!(
            bind(&seen(&[("0.0.0.0", 80), ("::", 80), ("127.0.0.1", 9000), ("0.0.0.0", 0)])),
            ["*:80", "loopback:9000"]
        );
        assert!(out.into_iter().all(|entry| AddressEntry::try_from(entry).is_ok()));
    }
}
