//! Containers made here, byte by byte where they must be wrong in a certain way.

use std::io::Write as _;

/// Words that compress like words, of any length.
pub fn words(len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 16);
    let mut state = 7u64;
    while out.len() < len {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let word =
            ["lantern ", "harbour ", "of ", "pine\n", "seven ", "the ", "quiet ", "0123 "][(state >> 61) as usize];
        out.extend_from_slice(word.as_bytes());
    }
    out.truncate(len);
    out
}

pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e3779b97f4a7c15u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..len).map(next).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(9));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// One member of a zip, each field as it will stand.
#[derive(Clone, Debug)]
pub struct ZipMember {
    pub name: Vec<u8>,
    pub local_name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub local_method: u16,
    pub crc: u32,
    pub size: u32,
    pub data: Vec<u8>,
    pub listed: bool,
}

impl ZipMember {
    pub fn stored(name: &str, bytes: &[u8]) -> Self {
        ZipMember {
            name: name.into(),
            local_name: name.into(),
            flags: 0,
            method: 0,
            local_method: 0,
            crc: crc(bytes),
            size: bytes.len() as u32,
            data: bytes.to_vec(),
            listed: true,
        }
    }

    pub fn deflated(name: &str, bytes: &[u8]) -> Self {
        ZipMember { method: 8, local_method: 8, data: deflate(bytes), ..ZipMember::stored(name, bytes) }
    }
}

pub fn local_header(member: &ZipMember) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0".to_vec();
    out.extend(member.flags.to_le_bytes());
    out.extend(member.local_method.to_le_bytes());
    out.extend([0; 4]);
    let streamed = member.flags & 8 != 0;
    for value in [member.crc, member.data.len() as u32, member.size] {
        out.extend(if streamed { [0; 4] } else { value.to_le_bytes() });
    }
    out.extend((member.local_name.len() as u16).to_le_bytes());
    out.extend([0; 2]);
    out.extend(&member.local_name);
    out
}

pub fn central_header(member: &ZipMember, offset: u32) -> Vec<u8> {
    let mut out = b"PK\x01\x02\x14\0\x14\0".to_vec();
    out.extend(member.flags.to_le_bytes());
    out.extend(member.method.to_le_bytes());
    out.extend([0; 4]);
    for value in [member.crc, member.data.len() as u32, member.size] {
        out.extend(value.to_le_bytes());
    }
    out.extend((member.name.len() as u16).to_le_bytes());
    out.extend([0; 12]);
    out.extend(offset.to_le_bytes());
    out.extend(&member.name);
    out
}

pub fn zip_end(entries: u16, len: u32, offset: u32) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend(entries.to_le_bytes());
    out.extend(entries.to_le_bytes());
    out.extend(len.to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend([0; 2]);
    out
}

pub fn zip(members: &[ZipMember]) -> Vec<u8> {
    let (mut out, mut directory, mut listed) = (Vec::new(), Vec::new(), 0u16);
    for member in members {
        if member.listed {
            directory.extend(central_header(member, out.len() as u32));
            listed = listed.wrapping_add(1);
        }
        out.extend(local_header(member));
        out.extend(&member.data);
        if member.flags & 8 != 0 {
            out.extend(b"PK\x07\x08");
            for value in [member.crc, member.data.len() as u32, member.size] {
                out.extend(value.to_le_bytes());
            }
        }
    }
    let offset = out.len() as u32;
    out.extend(&directory);
    out.extend(zip_end(listed, directory.len() as u32, offset));
    out
}

pub fn tar_header(name: &str, size: u64, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    let digits = format!("{size:011o}");
    if digits.len() == 11 {
        block[124..135].copy_from_slice(digits.as_bytes());
    } else {
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    seal(&mut block);
    block
}

/// Writes a header's checksum anew.
pub fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

pub fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out.resize(bytes.len().next_multiple_of(512), 0);
    out
}

pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        out.extend(tar_header(name, bytes.len() as u64, b'0'));
        out.extend(padded(bytes));
    }
    out.extend([0; 1024]);
    out
}

/// What a program of this machine makes of files in a folder; `None`, said, where it is not installed.
pub fn made_by(
    program: &str,
    files: &[(&str, &[u8])],
    run: impl Fn(&std::path::Path) -> std::process::Command,
    out: &str,
) -> Option<Vec<u8>> {
    if !std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
    {
        eprintln!("skipped: {program} is not installed");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let mut command = run(dir.path());
    let done = command.current_dir(dir.path()).stdin(std::process::Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    Some(std::fs::read(dir.path().join(out)).unwrap())
}

/// The same, by a shell line.
pub fn shell(program: &str, files: &[(&str, &[u8])], line: &str, out: &str) -> Option<Vec<u8>> {
    let run = |_: &std::path::Path| {
        let mut command = std::process::Command::new("sh");
        command.args(["-ec", line]);
        command
    };
    made_by(program, files, run, out)
}

/// A program's headers and so many bytes of it: nothing that could run.
pub fn elf(content: &[u8]) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    let word = |value: u64| value.to_le_bytes();
    out.extend(word(0x40_0078));
    out.extend(word(64));
    out.extend(word(0));
    out.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
    out.extend([1, 0, 0, 0, 5, 0, 0, 0]);
    let len = 120 + content.len() as u64;
    for value in [0, 0x40_0000, 0x40_0000, len, len, 0x1000] {
        out.extend(word(value));
    }
    out.extend(content);
    out
}

/// The headers of a Windows program with one section.
pub fn pe(content: &[u8]) -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.resize(60, 0);
    out.extend(64u32.to_le_bytes());
    out.extend(b"PE\0\0\x64\x86\x01\0");
    out.resize(out.len() + 12, 0);
    out.extend([240, 0, 0x22, 0]);
    let optional = out.len();
    out.extend([0x0b, 2]);
    out.resize(optional + 240, 0);
    out.extend(b".text\0\0\0");
    for value in [content.len() as u32, 0x1000, content.len() as u32, 512] {
        out.extend(value.to_le_bytes());
    }
    out.resize(512, 0);
    out.extend(content);
    out
}

pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |n: usize| u32::from(*three.get(n).unwrap_or(&0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            out.push(if n > three.len() { '=' } else { ALPHABET[(word >> (18 - 6 * n) & 63) as usize] as char });
        }
    }
    out
}
