//! Which clients of the kernel's NFS server have a file open. Only NFS 4 has opens: they stand in /proc/fs/nfsd/clients, one
//! folder a client, with its address in `info` and its files in `states`.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

const CLIENTS: &str = "/proc/fs/nfsd/clients";
/// A longer list is cut: who has so much open is not looked for.
const MAX_BYTES: usize = 4 << 20;

/// By st_dev and inode. Nobody where the server does not run here, or the client speaks NFS 3.
pub fn nfs_clients_of(device: u64, inode: u64) -> Vec<IpAddr> {
    let folders = fs::read_dir(CLIENTS).into_iter().flatten().flatten();
    let mut clients: Vec<IpAddr> = folders.filter_map(|folder| client_of(&folder.path(), device, inode)).collect();
    clients.sort();
    clients.dedup();
    clients
}

fn client_of(folder: &Path, device: u64, inode: u64) -> Option<IpAddr> {
    let states = fs::read(folder.join("states")).ok()?;
    let states = String::from_utf8_lossy(&states[..states.len().min(MAX_BYTES)]);
    let word = superblock(device, inode);
    states.contains(&word).then(|| address(&fs::read_to_string(folder.join("info")).ok()?)).flatten()
}

/// As the server writes it: device in hex, inode in decimal.
fn superblock(device: u64, inode: u64) -> String {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    format!("superblock: \"{major:02x}:{minor:02x}:{inode}\"")
}

fn address(info: &str) -> Option<IpAddr> {
    let value = info.lines().find_map(|line| line.strip_prefix("address:"))?.trim().trim_matches('"');
    let host = value.rsplit_once(':')?.0.trim_start_matches('[').trim_end_matches(']');
    host.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_client_by_its_open_file() {
        let dir = tempfile::tempdir().unwrap();
        let info = "clientid: 0x1\naddress: \"192.0.2.7:871\"\nstatus: confirmed\nname: \"Linux NFSv4.2\"\n";
        fs::write(dir.path().join("info"), info).unwrap();
        let states =
            "- 0x01: { type: open, access: rw, deny: --, superblock: \"fe:00:77\", filename: \"a\", owner: \"x\" }\n";
        fs::write(dir.path().join("states"), states).unwrap();
        let device = rustix::fs::makedev(0xfe, 0);
        assert_eq!(client_of(dir.path(), device, 77), Some("192.0.2.7".parse().unwrap()));
        assert_eq!(client_of(dir.path(), device, 7), None);
        assert_eq!(address("address: \"[2001:db8::1]:900\"\n"), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(address("address: x\n"), None);
    }
}
