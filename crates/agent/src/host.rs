//! What this host is, read once at start.

use event::{BootId, HostId};
use sha2::{Digest as _, Sha256};

#[derive(Clone, Debug)]
pub struct Host {
    pub id: HostId,
    pub name: String,
    pub os: String,
    pub kernel: String,
    pub architecture: String,
    pub boot: BootId,
}

impl Host {
    pub fn read() -> anyhow::Result<Host> {
        let uname = rustix::system::uname();
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?.parse()?;
        let name = uname.nodename().to_string_lossy().into_owned();
        Ok(Host {
            id: host_id(&name)?,
            name,
            os: os_name().unwrap_or_else(|| "Linux".into()),
            kernel: uname.release().to_string_lossy().into_owned(),
            architecture: uname.machine().to_string_lossy().into_owned(),
            boot,
        })
    }
}

/// machine-id is confidential by its own manual, so only a digest of it leaves the host. A host without one is known by
/// its name.
fn host_id(name: &str) -> std::io::Result<HostId> {
    let machine = match std::fs::read_to_string("/etc/machine-id") {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        // Under another id it would be another host.
        read => read?,
    };
    let source = if machine.trim().is_empty() { name } else { machine.trim() };
    let digest = Sha256::digest(format!("tamon host {source}"));
    Ok(HostId(digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn os_name() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches('"').to_owned())
}

/// Addresses of this host's interfaces, without loopback and link-local ones.
pub fn addresses() -> Vec<String> {
    let v6 = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let v6 = v6.lines().filter_map(|line| {
        let bits = u128::from_str_radix(line.split_whitespace().next()?, 16).ok()?;
        let address = std::net::Ipv6Addr::from(bits);
        (!address.is_loopback() && (bits >> 118) != 0x3fa).then(|| address.to_string())
    });
    let trie = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let mut all: Vec<String> = local_v4(&trie).into_iter().chain(v6).collect();
    all.sort();
    all.dedup();
    all.truncate(64);
    all
}

/// /proc/net/fib_trie names each local address on the line before `/32 host LOCAL`.
fn local_v4(trie: &str) -> Vec<String> {
    let mut last = "";
    let mut found = Vec::new();
    for line in trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address;
        } else if line == "/32 host LOCAL" && !last.starts_with("127.") {
            found.push(last.to_owned());
        }
    }
    found
}

/// Resident set of this process in bytes.
pub fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_addresses_come_from_the_routing_trie() {
        let trie = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.5\n        /32 host LOCAL\n     |-- 10.0.0.255\n        \
                    /32 link BROADCAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n";
        assert_eq!(local_v4(trie), ["10.0.0.5"]);
    }
}
