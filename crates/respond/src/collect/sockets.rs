//! Sockets with both ends, from the tables of the process's own network namespace, tied to processes by inode.

use super::{CollectError, Table, is_here, is_odd_place, path_text, read_error};
use crate::proc::key_of;
use event::ProcessKey;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const COLUMNS: [&str; 7] = ["process", "pid", "protocol", "local", "remote", "state", "suspect"];
const TABLES: [&str; 4] = ["tcp", "tcp6", "udp", "udp6"];

#[derive(Clone, Debug, PartialEq)]
struct Socket {
    protocol: &'static str,
    local: SocketAddr,
    remote: SocketAddr,
    state: &'static str,
    inode: u64,
}

pub fn of_process(key: ProcessKey, out: &mut Table) -> Result<(), CollectError> {
    out.columns(&COLUMNS);
    let inodes = if is_here(key) { inodes(key.tgid) } else { Vec::new() };
    let sockets = tables(key.tgid)?;
    if !is_here(key) {
        out.row(vec![Value::Null, Value::Null, Value::Null, Value::Null, Value::Null, json!("ended"), Value::Null]);
        return Ok(());
    }
    for socket in sockets.iter().filter(|socket| inodes.contains(&socket.inode)) {
        if !out.row(row(socket, key.tgid)) {
            break;
        }
    }
    Ok(())
}

/// Of the host's own namespace; containers' listeners are those of their processes.
pub fn listeners(out: &mut Table) -> Result<(), CollectError> {
    out.columns(&COLUMNS);
    let sockets = tables(1).or_else(|_| tables(std::process::id()))?;
    let mut owners: HashMap<u64, u32> = HashMap::new();
    for pid in pids()? {
        if out.late("whose some sockets are") {
            break;
        }
        for inode in inodes(pid) {
            owners.entry(inode).or_insert(pid);
        }
    }
    let waits = |socket: &&Socket| socket.state == "listen" || (socket.protocol == "udp" && socket.remote.port() == 0);
    for socket in sockets.iter().filter(waits) {
        let row = match owners.get(&socket.inode) {
            Some(pid) => row(socket, *pid),
            None => row(socket, 0),
        };
        if !out.row(row) {
            break;
        }
    }
    Ok(())
}

fn row(socket: &Socket, pid: u32) -> Vec<Value> {
    let program = std::fs::read_link(format!("/proc/{pid}/exe")).map(|path| path_text(&path)).unwrap_or_default();
    let suspect = match &program {
        gone if gone.ends_with(" (deleted)") => json!(format!("deleted: {gone} on {}", socket.local)),
        odd if is_odd_place(odd) => json!(format!("temporary place: {odd} on {}", socket.local)),
        _ => Value::Null,
    };
    let process = if pid == 0 { json!("(none found)") } else { json!(program) };
    let remote = if socket.remote.port() == 0 { Value::Null } else { json!(socket.remote.to_string()) };
    vec![
        process,
        json!(pid),
        json!(socket.protocol),
        json!(socket.local.to_string()),
        remote,
        json!(socket.state),
        suspect,
    ]
}

pub fn pids() -> Result<Vec<u32>, CollectError> {
    let entries = std::fs::read_dir("/proc").map_err(read_error("/proc"))?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect())
}

fn inodes(pid: u32) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let links = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()).collect()
}

fn tables(pid: u32) -> Result<Vec<Socket>, CollectError> {
    let mut all = Vec::new();
    let mut failed = None;
    for name in TABLES {
        let what = format!("/proc/{pid}/net/{name}");
        match std::fs::read_to_string(&what) {
            Ok(text) => all.extend(text.lines().skip(1).filter_map(|line| parse(line, &name[..3]))),
            // A kernel without IPv6 has half of them.
            Err(_) if name.ends_with('6') => {}
            Err(_) if key_of(pid).is_none() => {}
            Err(error) => failed = Some(read_error(what)(error)),
        }
    }
    match failed {
        Some(error) if all.is_empty() => Err(error),
        _ => Ok(all),
    }
}

/// Lines of both protocols; how many are sockets.
pub(super) fn parse_all(text: &str) -> usize {
    ["tcp", "udp"].into_iter().flat_map(|name| text.lines().filter_map(move |line| parse(line, name))).count()
}

/// `0: 0100007F:1F90 00000000:0000 0A … inode`.
fn parse(line: &str, protocol: &str) -> Option<Socket> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let state = match (protocol, *words.get(3)?) {
        ("udp", "01") => "established",
        ("udp", _) => "open",
        (_, "01") => "established",
        (_, "02") => "syn-sent",
        (_, "03") => "syn-received",
        (_, "06") => "time-wait",
        (_, "08") => "close-wait",
        (_, "0A") => "listen",
        _ => "closing",
    };
    Some(Socket {
        protocol: if protocol == "udp" { "udp" } else { "tcp" },
        local: address(words.get(1)?)?,
        remote: address(words.get(2)?)?,
        state,
        inode: words.get(9)?.parse().ok()?,
    })
}

/// Words of the address in the host's byte order, as the kernel prints them.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| u32::from_str_radix(ip.get(at..at + 8)?, 16).ok().map(|word| word.to_ne_bytes());
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let mut bytes = [0; 16];
            for (index, chunk) in bytes.chunks_mut(4).enumerate() {
                chunk.copy_from_slice(&word(index * 8)?);
            }
            let ip = Ipv6Addr::from(bytes);
            ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernel() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 ffff 100";
        let socket = parse(line, "tcp").unwrap();
        let expected = if cfg!(target_endian = "little") { "127.0.0.1:8080" } else { "1.0.0.127:8080" };
        assert_eq!((socket.local.to_string().as_str(), socket.state, socket.inode), (expected, "listen", 4242));
        assert_eq!(parse("garbage", "tcp"), None);
        assert_eq!(address("0100007F"), None);
    }
}
