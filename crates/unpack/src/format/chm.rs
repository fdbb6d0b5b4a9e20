//! CHM, compiled help of Windows: a directory of files by name, and one LZX stream that holds most of them, which begins
//! anew after every few blocks, so that a block is found without those before it. (The format was never published; this is
//! what its readers agree on.)

use super::fields::Fields;
use crate::meter::Cut;
use crate::source::{Part, Source, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use lzxd::{Lzxd, WindowSize};
use std::io;

const BLOCK: usize = 0x8000;
const CONTENT: &[u8] = b"::DataSpace/Storage/MSCompressed/Content";
const CONTROL: &[u8] = b"::DataSpace/Storage/MSCompressed/ControlData";
/// Its name holds the identifier of the method.
const TABLE: &[u8] = b"/InstanceData/ResetTable";
const MOST_CHUNKS: u32 = 100_000;

struct File {
    name: Vec<u8>,
    /// 0 lies there as it is, 1 in the stream.
    section: u64,
    at: u64,
    len: u64,
}

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let (data, files) = match directory(source) {
        Ok(found) => found,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let compressed = files.iter().any(|file| file.section == 1 && file.len > 0);
    let stream = if compressed { stream(walk, source, data, &files) } else { Ok(Vec::new()) };
    let stream = stream.unwrap_or_else(|error| {
        walk.unread_error(&error);
        Vec::new()
    });
    for (n, file) in files.iter().enumerate().filter(|(_, file)| file.len > 0) {
        let entry = Entry { position: n as u64, declared: Some(file.len), ..Entry::named(&file.name) };
        match file.section {
            0 if file.name.starts_with(b"::") => {}
            0 => walk.member(&entry, Body::At(&Part::new(source, data + file.at, file.len)))?,
            1 => {
                let end = file.at.saturating_add(file.len).min(stream.len() as u64) as usize;
                let bytes = stream.get(file.at as usize..end).unwrap_or_default();
                walk.member(&entry, Body::Bytes(bytes))?;
                if (bytes.len() as u64) < file.len {
                    walk.at(&file.name, |walk| walk.truncated("a file of the stream"));
                }
            }
            other => {
                let detail = format!("a file in section {other}");
                walk.at(&file.name, |walk| walk.unread(Cut::unsupported(detail)));
            }
        }
    }
    Ok(())
}

/// Where the data begin, and what lies in them.
fn directory(source: &dyn Source) -> io::Result<(u64, Vec<File>)> {
    let header = read_vec(source, 0, 0x60)?;
    let fields = Fields(&header);
    let long = |at: usize| Ok::<_, io::Error>(u64::from(fields.u32(at)?) | u64::from(fields.u32(at + 4)?) << 32);
    let (at, data) = (long(0x48)?, long(0x58)?);
    let table = read_vec(source, at, 0x54)?;
    let table = Fields(&table);
    if table.bytes(0, 4)? != b"ITSP" {
        return Err(Cut::damaged("no directory").into());
    }
    let (len, size, chunks) = (table.u32(8)?, table.u32(0x10)?, table.u32(0x2c)?);
    if !(0x100..=0x10_0000).contains(&size) || chunks > MOST_CHUNKS {
        return Err(Cut::damaged("the size of the directory").into());
    }
    let mut files = Vec::new();
    for n in 0..u64::from(chunks) {
        let chunk = read_vec(source, at + u64::from(len) + n * u64::from(size), size as usize)?;
        if chunk.len() < size as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // Others are its index.
        if chunk.starts_with(b"PMGL") {
            let free = Fields(&chunk).place(4)?;
            list(chunk.get(0x14..chunk.len().saturating_sub(free)).unwrap_or_default(), &mut files)?;
        }
    }
    Ok((data, files))
}

fn list(mut bytes: &[u8], files: &mut Vec<File>) -> io::Result<()> {
    while !bytes.is_empty() {
        let len = number(&mut bytes)? as usize;
        let name = bytes.get(..len).ok_or(io::ErrorKind::UnexpectedEof)?.to_vec();
        bytes = &bytes[len..];
        let (section, at, len) = (number(&mut bytes)?, number(&mut bytes)?, number(&mut bytes)?);
        files.push(File { name, section, at, len });
    }
    Ok(())
}

/// Seven bits a byte, the highest first.
fn number(bytes: &mut &[u8]) -> io::Result<u64> {
    let mut value = 0u64;
    for _ in 0..9 {
        let (byte, rest) = bytes.split_first().ok_or(io::ErrorKind::UnexpectedEof)?;
        *bytes = rest;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Cut::damaged("a number of the directory").into())
}

/// The whole of it, as far as it comes: an error in it is said, and what came before is given.
fn stream(walk: &Walk<'_>, source: &dyn Source, data: u64, files: &[File]) -> io::Result<Vec<u8>> {
    let part = |wanted: &dyn Fn(&[u8]) -> bool| {
        let found = files.iter().find(|file| file.section == 0 && wanted(&file.name));
        found.map(|file| Part::new(source, data + file.at, file.len)).ok_or_else(|| Cut::damaged("no stream"))
    };
    let control = read_vec(&part(&|name| name == CONTROL)?, 0, 0x1c)?;
    let control = Fields(&control);
    if control.bytes(4, 4)? != b"LZXC" {
        return Err(Cut::unsupported("a stream that is not LZX").into());
    }
    let unit = if control.u32(8)? == 2 { BLOCK as u64 } else { 1 };
    let (interval, window) = (u64::from(control.u32(12)?) * unit, u64::from(control.u32(16)?) * unit);
    let window = match window >> 10 {
        32 => WindowSize::KB32,
        64 => WindowSize::KB64,
        128 => WindowSize::KB128,
        256 => WindowSize::KB256,
        512 => WindowSize::KB512,
        1024 => WindowSize::MB1,
        2048 => WindowSize::MB2,
        _ => return Err(Cut::damaged("a window of LZX").into()),
    };
    let content = part(&|name| name == CONTENT)?;
    let table = part(&|name| name.ends_with(TABLE))?;
    let table = read_vec(&table, 0, usize::try_from(table.len()).unwrap_or(usize::MAX).min(64 << 20))?;
    let table = Fields(&table);
    let (blocks, begin, size) = (table.u32(4)? as usize, table.place(12)?, u64::from(table.u32(16)?));
    let _lease = walk.meter().room(size, content.len())?;
    let fresh = (interval / BLOCK as u64).max(1) as usize;
    let (mut out, mut decoder) = (Vec::new(), Lzxd::new(window));
    for n in 0..blocks {
        walk.meter().tick()?;
        let left = (size as usize).saturating_sub(out.len()).min(BLOCK);
        if left == 0 {
            break;
        }
        if n % fresh == 0 {
            decoder = Lzxd::new(window);
        }
        let from = u64::from(table.u32(begin + 8 * n)?);
        let to = if n + 1 < blocks { u64::from(table.u32(begin + 8 * (n + 1))?) } else { content.len() };
        let packed = read_vec(&content, from, usize::try_from(to.saturating_sub(from)).unwrap_or(0).min(2 * BLOCK))?;
        match decoder.decompress_next(&packed, left) {
            Ok(bytes) => out.extend_from_slice(bytes),
            Err(error) => {
                walk.unread(Cut::damaged(error.to_string()));
                break;
            }
        }
    }
    Ok(out)
}
