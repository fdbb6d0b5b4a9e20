//! One entry of `connect` or `bind`: `10.0.0.0/8:5432`, `[2001:db8::]:443`, `192.0.2.1:8000-8100`, `loopback:6379`, `*:53`,
//! `!169.254.169.254`. Without a port every port is meant. With `!` before it, what it names is denied.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressEntry {
    text: String,
    pub allow: bool,
    pub ports: Ports,
    /// One, or two where the text stands for both families.
    pub(super) nets: Vec<Reach>,
}

/// From the first to the last, both meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    pub first: u16,
    pub last: u16,
}

impl Ports {
    const ALL: Ports = Ports { first: 0, last: u16::MAX };
    pub const fn hold(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
    /// How many ports more than one; fewer is more specific.
    pub(super) const fn width(self) -> u16 {
        self.last - self.first
    }
}

/// A network of IPv6, or of IPv4 as IPv6 has it (`::ffff:0:0/96`), so that one table holds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reach {
    pub network: u128,
    pub bits: u8,
}

impl Reach {
    fn of(ip: IpAddr, bits: u8) -> Option<Reach> {
        let (most, offset) = if ip.is_ipv4() { (32, 96) } else { (128, 0) };
        (bits <= most).then(|| Reach { network: mapped(ip) & mask(bits + offset), bits: bits + offset })
    }
    pub const fn holds(&self, address: u128) -> bool {
        address & mask(self.bits) == self.network
    }
}

pub(super) const fn mask(bits: u8) -> u128 {
    if bits == 0 { 0 } else { u128::MAX << (128 - bits as u32) }
}

pub(super) fn mapped(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

impl TryFrom<String> for AddressEntry {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let fault =
            || format!("not an address, as 10.0.0.0/8:5432, [2001:db8::]:443, loopback:6379 or *:53 are: {text:?}");
        let bare = text.strip_prefix('!').unwrap_or(&text);
        let (host, ports) =
            match (bare.strip_prefix('[').and_then(|rest| rest.split_once(']')), bare.matches(':').count()) {
                (Some((host, rest)), _) => {
                    (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or_else(fault)?) })
                }
                // An IPv6 address without brackets has no port.
                (None, 0 | 2..) => (bare, None),
                (None, _) => bare.split_once(':').map(|(host, ports)| (host, Some(ports))).ok_or_else(fault)?,
            };
        let ports = ports.map_or(Some(Ports::ALL), parse_ports).ok_or_else(fault)?;
        let nets = parse_host(host).ok_or_else(fault)?;
        Ok(AddressEntry { allow: bare.len() == text.len(), ports, nets, text })
    }
}

fn parse_ports(text: &str) -> Option<Ports> {
    if text == "*" {
        return Some(Ports::ALL);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ports = Ports { first: first.parse().ok()?, last: last.parse().ok()? };
    (ports.first <= ports.last).then_some(ports)
}

fn parse_host(text: &str) -> Option<Vec<Reach>> {
    let both = |four: Option<Reach>, six: Option<Reach>| Some(vec![four?, six?]);
    match text {
        "*" => Some(vec![Reach { network: 0, bits: 0 }]),
        "loopback" => both(Reach::of(Ipv4Addr::LOCALHOST.into(), 8), Reach::of(Ipv6Addr::LOCALHOST.into(), 128)),
        _ => {
            let (ip, bits) = match text.split_once('/') {
                Some((ip, bits)) => (ip, Some(bits.parse().ok()?)),
                None => (text, None),
            };
            let ip: IpAddr = ip.parse().ok()?;
            Some(vec![Reach::of(ip, bits.unwrap_or(if ip.is_ipv4() { 32 } else { 128 }))?])
        }
    }
}

impl From<AddressEntry> for String {
    fn from(entry: AddressEntry) -> String {
        entry.text
    }
}

impl fmt::Display for AddressEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_entry_may_be() {
        let check = |text: &str, expected: Option<(bool, usize, u8, u16, u16)>| {
            let entry = AddressEntry::try_from(text.to_owned()).ok();
            let found = entry.map(|e| (e.allow, e.nets.len(), e.nets[0].bits, e.ports.first, e.ports.last));
            assert_eq!(found, expected, "{text}");
        };
        check("10.0.0.0/8:5432", Some((true, 1, 104, 5432, 5432)));
        check("!169.254.169.254", Some((false, 1, 128, 0, 65535)));
        check("[2001:db8::/32]:80-90", Some((true, 1, 32, 80, 90)));
        check("2001:db8::1", Some((true, 1, 128, 0, 65535)));
        check("[::1]", Some((true, 1, 128, 0, 65535)));
        check("loopback:6379", Some((true, 2, 104, 6379, 6379)));
        check("*:53", Some((true, 1, 0, 53, 53)));
        check("*", Some((true, 1, 0, 0, 65535)));
        for wrong in ["", "host:80", "10.0.0.1:", "10.0.0.1:70000", "10.0.0.0/33", "10.0.0.1:9-8", "[::1]80", "!"] {
            check(wrong, None);
        }
    }
}
