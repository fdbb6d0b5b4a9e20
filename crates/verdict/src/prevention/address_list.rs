//! Entries about addresses, compiled: a question costs a look-up for each length of network that the list has.

use super::address::{AddressEntry, Ports, Reach, mapped, mask};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// Entries that fit one address: the kernel half walks them one by one.
pub(super) const MOST_OF_ONE: usize = 16;

#[derive(Clone, Debug, Default)]
pub struct AddressList {
    entries: Vec<AddressEntry>,
    closed: bool,
    /// By length of the network, then by the network: entries, the most specific ports first.
    nets: BTreeMap<u8, HashMap<u128, Vec<usize>>>,
}

/// An address space as the kernel half holds it: the longest that fits is looked up, and its port ranges are asked in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelNet {
    pub reach: Reach,
    /// Whether the ports are allowed.
    pub ports: Vec<(Ports, bool)>,
}

impl AddressList {
    pub fn new(given: &[AddressEntry]) -> AddressList {
        let closed = given.iter().any(|entry| entry.allow) || given.is_empty();
        let mut nets: BTreeMap<u8, HashMap<u128, Vec<usize>>> = BTreeMap::new();
        for (number, entry) in given.iter().enumerate() {
            for net in &entry.nets {
                nets.entry(net.bits).or_default().entry(net.network).or_default().push(number);
            }
        }
        for at in nets.values_mut().flat_map(HashMap::values_mut) {
            at.sort_by_key(|i| (given[*i].ports.width(), given[*i].allow));
        }
        AddressList { entries: given.to_vec(), closed, nets }
    }

    /// As [`super::PathList::decide`].
    pub fn decide(&self, ip: IpAddr, port: u16) -> (bool, Option<&AddressEntry>) {
        let address = mapped(ip);
        let of = |(bits, nets): (&u8, &HashMap<u128, Vec<usize>>)| {
            let fits = nets.get(&(address & mask(*bits)))?;
            fits.iter().map(|i| &self.entries[*i]).find(|entry| entry.ports.hold(port))
        };
        let found = self.nets.iter().rev().find_map(of);
        (found.map_or(!self.closed, |entry| entry.allow), found)
    }

    pub fn entries(&self) -> &[AddressEntry] {
        &self.entries
    }

    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Each network with all that is said of it: its own entries, then those of the wider ones around it.
    pub fn kernel_nets(&self) -> Vec<KernelNet> {
        let mut out = Vec::new();
        for (bits, nets) in &self.nets {
            for network in nets.keys() {
                let reach = Reach { network: *network, bits: *bits };
                let around = self.nets.range(..=*bits).rev();
                let entries = around.filter_map(|(bits, nets)| nets.get(&(network & mask(*bits)))).flatten();
                let ports = entries.map(|i| (self.entries[*i].ports, self.entries[*i].allow)).collect();
                out.push(KernelNet { reach, ports });
            }
        }
        out.sort_by_key(|net| net.reach);
        out
    }

    pub(super) fn most_of_one(&self) -> usize {
        self.kernel_nets().iter().map(|net| net.ports.len()).max().unwrap_or(0)
    }
}

/// What the kernel half would say that holds `nets`, the networks of `list`: the longest that fits has the ports.
pub fn ports_say(list: &AddressList, nets: &[KernelNet], ip: IpAddr, port: u16) -> bool {
    let address = mapped(ip);
    let net = nets.iter().filter(|net| net.reach.holds(address)).max_by_key(|net| net.reach.bits);
    let says = net.and_then(|net| net.ports.iter().find(|(ports, _)| ports.hold(port)));
    says.map_or(!list.closed, |(_, allow)| *allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AddressList {
        let parse = |text: &&str| AddressEntry::try_from((*text).to_owned()).unwrap();
        AddressList::new(&entries.iter().map(parse).collect::<Vec<_>>())
    }

    #[test]
    fn the_narrowest_network_then_the_narrowest_ports_decide() {
        let list = list(&["10.0.0.0/8:5432", "!10.1.0.0/16", "10.1.2.3:5432", "*:53", "!*:1-100", "loopback"]);
        let check = |ip: &str, port: u16, allowed: bool, by: Option<&str>| {
            let ip: IpAddr = ip.parse().unwrap();
            let (may, entry) = list.decide(ip, port);
            assert_eq!((may, entry.map(ToString::to_string).as_deref()), (allowed, by), "{ip} {port}");
            // What the kernel half would say.
            assert_eq!(ports_say(&list, &list.kernel_nets(), ip, port), allowed, "kernel: {ip} {port}");
        };
        check("10.2.0.1", 5432, true, Some("10.0.0.0/8:5432"));
        check("10.1.2.3", 5432, true, Some("10.1.2.3:5432"));
        check("10.1.2.3", 53, false, Some("!10.1.0.0/16"));
        check("10.1.9.9", 5432, false, Some("!10.1.0.0/16"));
        check("192.0.2.1", 53, true, Some("*:53"));
        check("192.0.2.1", 22, false, Some("!*:1-100"));
        check("192.0.2.1", 443, false, None);
        check("::1", 9999, true, Some("loopback"));
        check("127.9.9.9", 1, true, Some("loopback"));
        check("::ffff:10.2.0.1", 5432, true, Some("10.0.0.0/8:5432"));
    }

    #[test]
    fn an_empty_list_reaches_nothing() {
        assert!(!list(&[]).decide("127.0.0.1".parse().unwrap(), 80).0);
        assert!(list(&["!*:25"]).decide("127.0.0.1".parse().unwrap(), 80).0);
    }
}
