//! A file system in user space that lies: one file, `tool`, whose bytes are one content for the first reading of each opening and
//! another for the next. The kernel's FUSE protocol, as far as reading one file needs it.

use super::world::mount;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

const LOOKUP: u32 = 1;
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const OPEN: u32 = 14;
const READ: u32 = 15;
const STATFS: u32 = 17;
const RELEASE: u32 = 18;
const FLUSH: u32 = 25;
const INIT: u32 = 26;
const BATCH_FORGET: u32 = 42;

pub struct Lying {
    at: PathBuf,
}

impl Lying {
    /// Both contents are of one length, or the shorter is filled up.
    pub fn mount(at: &Path, mut first: Vec<u8>, mut next: Vec<u8>) -> Lying {
        let length = first.len().max(next.len());
        first.resize(length, 0);
        next.resize(length, 0);
        let device = File::options().read(true).write(true).open("/dev/fuse").unwrap();
        let options = format!("fd={},rootmode=40755,user_id=0,group_id=0", device.as_raw_fd());
        mount("lying", at, "fuse", 0, &options);
        // It ends with the mount, or with the test.
        std::thread::spawn(move || serve(device, &first, &next));
        Lying { at: at.to_owned() }
    }
}

impl Drop for Lying {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(&self.at, rustix::mount::UnmountFlags::DETACH);
    }
}

fn serve(mut device: File, first: &[u8], next: &[u8]) {
    let mut request = vec![0; 1 << 18];
    let mut reads = 0u32;
    // It ends when nothing has the file system open any more.
    while let Ok(length) = device.read(&mut request) {
        let word = |at: usize| u32::from_ne_bytes(request[at..at + 4].try_into().unwrap());
        let long = |at: usize| u64::from_ne_bytes(request[at..at + 8].try_into().unwrap());
        let (operation, unique, node, body) = (word(4), long(8), long(16), 40);
        assert!(length >= body);
        let size = first.len() as u64;
        let answer: Result<Vec<u8>, i32> = match operation {
            FORGET | BATCH_FORGET => continue,
            // Version 7.31; no reading ahead, no flags.
            INIT => Ok([7u32, 31, 0, 0, 0x10_0010, 1 << 16, 0, 0]
                .iter()
                .flat_map(|n| n.to_ne_bytes())
                .chain([0; 32])
                .collect()),
            LOOKUP if request[body..].starts_with(b"tool\0") => {
                Ok([&2u64.to_ne_bytes()[..], &[0; 32], &attributes(2, size)].concat())
            }
            LOOKUP => Err(libc::ENOENT),
            GETATTR => Ok([&[0; 16][..], &attributes(node, size)].concat()),
            // Each reading comes here: nothing is kept in the kernel's cache (FOPEN_DIRECT_IO would forbid mapping it).
            OPEN => Ok([0; 16].to_vec()),
            READ => {
                let (offset, size) = (long(body + 8) as usize, word(body + 16) as usize);
                reads += u32::from(offset == 0);
                let content = if reads % 2 == 1 { first } else { next };
                let end = (offset + size).min(content.len());
                Ok(content.get(offset..end).unwrap_or_default().to_vec())
            }
            STATFS => Ok(vec![0; 80]),
            RELEASE | FLUSH => Ok(Vec::new()),
            _ => Err(libc::ENOSYS),
        };
        let (error, bytes) = answer.map_or_else(|error| (-error, Vec::new()), |bytes| (0, bytes));
        let head = [(16 + bytes.len() as u32).to_ne_bytes(), error.to_ne_bytes()].concat();
        let reply = [&head[..], &unique.to_ne_bytes(), &bytes].concat();
        if device.write_all(&reply).is_err() {
            // Who asked was ended meanwhile.
            continue;
        }
    }
}

/// `struct fuse_attr` of 88 bytes: the root is a folder, all else the file.
fn attributes(node: u64, size: u64) -> [u8; 88] {
    let mut out = [0; 88];
    let (mode, size) = if node == 1 { (0o40755u32, 0) } else { (0o100755, size) };
    out[..8].copy_from_slice(&node.to_ne_bytes());
    out[8..16].copy_from_slice(&size.to_ne_bytes());
    out[16..24].copy_from_slice(&size.div_ceil(512).to_ne_bytes());
    out[60..64].copy_from_slice(&mode.to_ne_bytes());
    out[64..68].copy_from_slice(&1u32.to_ne_bytes());
    out[80..84].copy_from_slice(&4096u32.to_ne_bytes());
    out
}
