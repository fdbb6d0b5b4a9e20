//! How much goes out over TCP, by connection: the kernel tells it of each connection that ends (socket diagnostics, group of
//! destroyed sockets), and of those that live when it is asked. Bytes that the peer has acknowledged; who sent them is found by
//! the addresses. Only this network namespace is seen.
//!
//! A message is a netlink header (16 bytes), `struct inet_diag_msg` (linux/inet_diag.h, 72) and attributes, of which
//! INET_DIAG_INFO holds a `tcp_info`. Fields are read at their offsets; a short message is passed over.

use event::Endpoint;
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const NETLINK_SOCK_DIAG: i32 = 4;
/// Groups 1 and 3: destroyed TCP sockets over IPv4 and IPv6.
const DESTROYED: u32 = 0b101;
const BY_FAMILY: u16 = 20;
const DONE: u16 = 3;
const ERROR: u16 = 2;
const HEADER: usize = 16;
const BODY: usize = 72;
const INFO: u16 = 2;
/// `tcpi_bytes_acked` in `struct tcp_info`.
const BYTES_ACKED: usize = 120;
/// Connections whose bytes are remembered.
const MOST: usize = 65_536;
const ESTABLISHED: u32 = 1 << 1;

/// What went out over one connection since it was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentBytes {
    pub local: Endpoint,
    pub remote: Endpoint,
    pub bytes: u64,
}

pub struct VolumeMeter {
    ended: OwnedFd,
    asked: OwnedFd,
    /// Acknowledged bytes that were told, by the kernel's cookie of the socket.
    known: HashMap<u64, u64>,
    buffer: Vec<u8>,
    /// Times that more connections ended than the socket could hold.
    pub overflows: u64,
}

impl VolumeMeter {
    /// An error where the kernel has no socket diagnostics, or the rights are not there.
    pub fn open() -> io::Result<VolumeMeter> {
        let mut meter = VolumeMeter {
            ended: socket(DESTROYED)?,
            asked: socket(0)?,
            known: HashMap::new(),
            buffer: vec![0; 256 << 10],
            overflows: 0,
        };
        // What went out before is nobody's news.
        meter.ask(&mut |_| {})?;
        Ok(meter)
    }

    /// Connections that ended since.
    pub fn ended(&mut self, sink: &mut dyn FnMut(SentBytes)) {
        while let Some(length) = self.receive(self.ended.as_raw_fd()) {
            let known = &mut self.known;
            each(&self.buffer[..length], &mut |_, seen| {
                let told = known.remove(&seen.cookie).unwrap_or(0);
                tell(seen, told, sink);
            });
        }
    }

    /// Connections that live; it waits for the kernel's answer, some milliseconds.
    pub fn ask(&mut self, sink: &mut dyn FnMut(SentBytes)) -> io::Result<()> {
        let mut living = HashSet::new();
        for family in [libc::AF_INET as u8, libc::AF_INET6 as u8] {
            let mut request = [0u8; HEADER + 56];
            request[0..4].copy_from_slice(&((HEADER + 56) as u32).to_ne_bytes());
            request[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
            request[6..8].copy_from_slice(&((libc::NLM_F_REQUEST | libc::NLM_F_DUMP) as u16).to_ne_bytes());
            request[16] = family;
            request[17] = libc::IPPROTO_TCP as u8;
            request[18] = 1 << (INFO - 1);
            request[20..24].copy_from_slice(&ESTABLISHED.to_ne_bytes());
            // SAFETY: the request is ours and as long as said.
            let sent = unsafe { libc::send(self.asked.as_raw_fd(), request.as_ptr().cast(), request.len(), 0) };
            if sent < 0 {
                return Err(io::Error::last_os_error());
            }
            let mut done = false;
            while !done && wait(&self.asked)? {
                let Some(length) = self.receive(self.asked.as_raw_fd()) else { break };
                let known = &mut self.known;
                each(&self.buffer[..length], &mut |kind, seen| {
                    done |= kind == DONE || kind == ERROR;
                    if kind == BY_FAMILY && (known.len() < MOST || known.contains_key(&seen.cookie)) {
                        living.insert(seen.cookie);
                        let told = known.insert(seen.cookie, seen.acked).unwrap_or(0);
                        tell(seen, told, sink);
                    }
                });
            }
        }
        self.known.retain(|cookie, _| living.contains(cookie));
        Ok(())
    }

    fn receive(&mut self, socket: i32) -> Option<usize> {
        loop {
            // SAFETY: the buffer is ours and as long as said.
            let got = unsafe { libc::recv(socket, self.buffer.as_mut_ptr().cast(), self.buffer.len(), 0) };
            if got > 0 {
                return Some(got as usize);
            }
            if got < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ENOBUFS) {
                self.overflows += 1;
                continue;
            }
            return None;
        }
    }
}

#[derive(Clone, Copy)]
struct Seen {
    local: Endpoint,
    remote: Endpoint,
    cookie: u64,
    acked: u64,
}

fn tell(seen: Seen, told: u64, sink: &mut dyn FnMut(SentBytes)) {
    let bytes = seen.acked.saturating_sub(told);
    if bytes > 0 {
        sink(SentBytes { local: seen.local, remote: seen.remote, bytes });
    }
}

/// Each message of a datagram, by its type; those that say nothing of a socket as zeros.
fn each(mut bytes: &[u8], visit: &mut dyn FnMut(u16, Seen)) {
    while bytes.len() >= HEADER {
        let length = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
        let kind = u16::from_ne_bytes([bytes[4], bytes[5]]);
        if length < HEADER || length > bytes.len() {
            return;
        }
        match (kind, seen(&bytes[HEADER..length])) {
            (BY_FAMILY, Some(seen)) => visit(kind, seen),
            (DONE | ERROR, _) => {
                let nowhere = Endpoint { ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED), port: 0 };
                visit(kind, Seen { local: nowhere, remote: nowhere, cookie: 0, acked: 0 });
            }
            _ => {}
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
}

fn seen(body: &[u8]) -> Option<Seen> {
    let word = |at: usize| Some(u32::from_ne_bytes(body.get(at..at + 4)?.try_into().ok()?));
    let port = |at: usize| Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let address = |at: usize| -> Option<IpAddr> {
        let sixteen: [u8; 16] = body.get(at..at + 16)?.try_into().ok()?;
        Some(match i32::from(body[0]) {
            libc::AF_INET => IpAddr::V4(Ipv4Addr::new(sixteen[0], sixteen[1], sixteen[2], sixteen[3])),
            _ => IpAddr::V6(Ipv6Addr::from(sixteen)).to_canonical(),
        })
    };
    let local = Endpoint { ip: address(8)?, port: port(4)? };
    let remote = Endpoint { ip: address(24)?, port: port(6)? };
    let cookie = u64::from(word(44)?) | u64::from(word(48)?) << 32;
    let mut attributes = body.get(BODY..)?;
    while attributes.len() >= 4 {
        let length = usize::from(u16::from_ne_bytes([attributes[0], attributes[1]]));
        let kind = u16::from_ne_bytes([attributes[2], attributes[3]]);
        let value = attributes.get(4..length)?;
        if kind == INFO {
            let acked = value.get(BYTES_ACKED..BYTES_ACKED + 8)?.try_into().ok()?;
            return Some(Seen { local, remote, cookie, acked: u64::from_ne_bytes(acked) });
        }
        attributes = attributes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    None
}

fn socket(groups: u32) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: a plain system call; the result is checked.
    let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, NETLINK_SOCK_DIAG) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made the descriptor for us.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: all zeros is an address of netlink.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as u16;
    address.nl_groups = groups;
    // SAFETY: the address is ours and as long as said.
    let bound = unsafe {
        libc::bind(
            socket.as_raw_fd(),
            std::ptr::from_ref(&address).cast(),
            size_of::<libc::sockaddr_nl>() as libc::socklen_t,
        )
    };
    if bound < 0 { Err(io::Error::last_os_error()) } else { Ok(socket) }
}

/// False when nothing came within a second.
fn wait(socket: &OwnedFd) -> io::Result<bool> {
    let mut poll = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one descriptor, ours, as said.
    let ready = unsafe { libc::poll(&mut poll, 1, 1_000) };
    if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(ready > 0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn what_goes_out_is_counted_while_it_lives_and_when_it_ends() {
        let mut meter = VolumeMeter::open().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let ours = (client.local_addr().unwrap().port(), listener.local_addr().unwrap().port());
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            let mut first = vec![0; 3 << 20];
            server.read_exact(&mut first).unwrap();
            server.write_all(b"!").unwrap();
            server.read_to_end(&mut all).unwrap();
            first.len() + all.len()
        });
        client.write_all(&vec![7; 3 << 20]).unwrap();
        let mut one = [0];
        client.read_exact(&mut one).unwrap();
        let mut seen = 0;
        let mut count = |sent: SentBytes| {
            if (sent.local.port, sent.remote.port) == ours {
                seen += sent.bytes;
            }
        };
        meter.ask(&mut count).unwrap();
        client.write_all(&vec![7; 1 << 20]).unwrap();
        drop(client);
        assert_eq!(reader.join().unwrap(), 4 << 20);
        for _ in 0..100 {
            meter.ended(&mut count);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // The handshake counts for a byte or two.
        assert!((4 << 20..(4 << 20) + 4).contains(&seen), "{seen}");
    }

    #[test]
    fn hostile_messages() {
        for length in 0..200 {
            let mut bytes = vec![0xff; length];
            each(&bytes, &mut |_, _| panic!("nothing of it is a socket"));
            if length >= 16 {
                bytes[0..4].copy_from_slice(&(length as u32).to_ne_bytes());
                bytes[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
                each(&bytes, &mut |_, _| panic!("nothing of it is a socket"));
            }
        }
    }
}
