//! One file: metadata, digest, and its beginning where the limits allow.

use super::{CollectError, Known, Table, path_text};
use rustix::fs::{Mode, OFlags, open};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

/// Read for the digest at most; a larger file has none, and a note says so.
const DIGESTED: u64 = 512 << 20;
/// The attribute that keeps even root from changing a file: FS_IMMUTABLE_FL.
const IMMUTABLE: u32 = 0x10;

const COLUMNS: [&str; 13] = [
    "path",
    "state",
    "kind",
    "size",
    "owner",
    "mode",
    "modified",
    "sha256",
    "package",
    "special",
    "immutable",
    "inode",
    "content",
];

pub fn look(path: &Path, known: &mut Known<'_>, out: &mut Table) -> Result<(), CollectError> {
    out.columns(&COLUMNS);
    if !path.is_absolute() {
        return Err(CollectError::NotAbsolute(path.into()));
    }
    let meta = match std::fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            let mut row = vec![Value::Null; COLUMNS.len()];
            (row[0], row[1]) = (json!(path_text(path)), json!("missing"));
            out.row(row);
            return Ok(());
        }
        Err(source) => return Err(CollectError::Read { what: path_text(path), source }),
    };
    let kind = kind(&meta.file_type());
    let (mut sha256, mut content, mut immutable, mut what) = (Value::Null, Value::Null, Value::Null, kind.to_owned());
    if meta.is_file() {
        // Never waits for a writer and never follows a link that was put there meanwhile.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match open(path, flags, Mode::empty()) {
            Ok(opened) => {
                let file = File::from(opened);
                immutable = rustix::fs::ioctl_getflags(&file)
                    .map_or(Value::Null, |flags| json!((flags.bits() & IMMUTABLE != 0).to_string()));
                let (digest, beginning) = read(file, out);
                sha256 = digest.map_or(Value::Null, |digest| json!(digest));
                what = magic(&beginning).unwrap_or(kind).to_owned();
                beginning_of(&mut content, beginning, out);
            }
            Err(error) => out.note(format!("{} cannot be read: {error}", path_text(path))),
        }
    }
    let target = std::fs::read_link(path).map(|target| format!("link to {}", path_text(&target)));
    let row = vec![
        json!(path_text(path)),
        json!("present"),
        json!(target.unwrap_or(what)),
        json!(meta.size()),
        json!(format!("{}:{}", meta.uid(), meta.gid())),
        json!(format!("{:04o}", meta.mode() & 0o7777)),
        json!(
            event::Timestamp(meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec())).to_string()
        ),
        sha256,
        json!((known.package)(path).map(|owner| match owner.changed {
            true => format!("{}, changed since", owner.package),
            false => owner.package,
        })),
        special(path, meta.mode()),
        immutable,
        json!(meta.ino()),
        content,
    ];
    out.row(row);
    Ok(())
}

/// Digest of the whole, and its first bytes.
fn read(file: File, out: &mut Table) -> (Option<String>, Vec<u8>) {
    let keep = usize::try_from(out.limits.bytes).unwrap_or(usize::MAX).max(8);
    let (mut digest, mut beginning, mut buffer) = (Sha256::new(), Vec::new(), vec![0; 64 << 10]);
    let mut file = file.take(DIGESTED + 1);
    let mut total = 0u64;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return (Some(hex::encode(digest.finalize())), beginning),
            Ok(read) => {
                total += read as u64;
                digest.update(&buffer[..read]);
                let room = keep.saturating_sub(beginning.len()).min(read);
                beginning.extend_from_slice(&buffer[..room]);
                if total > DIGESTED {
                    out.note(format!("larger than {DIGESTED} bytes: no digest"));
                    return (None, beginning);
                }
                if out.late("the file was not read to its end: no digest") {
                    return (None, beginning);
                }
            }
            Err(error) => {
                out.note(format!("reading broke off: {error}"));
                return (None, beginning);
            }
        }
    }
}

/// In hex, so that it is data wherever it goes.
fn beginning_of(content: &mut Value, beginning: Vec<u8>, out: &mut Table) {
    if out.limits.bytes > 0 {
        *content = json!(hex::encode(
            &beginning[..beginning.len().min(usize::try_from(out.limits.bytes).unwrap_or(usize::MAX))]
        ));
    }
}

fn kind(kind: &std::fs::FileType) -> &'static str {
    match kind {
        kind if kind.is_dir() => "folder",
        kind if kind.is_symlink() => "link",
        kind if kind.is_fifo() => "pipe",
        kind if kind.is_socket() => "socket",
        kind if kind.is_char_device() || kind.is_block_device() => "device",
        _ => "file",
    }
}

fn magic(beginning: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"\x7fELF", "ELF program"),
        (b"#!", "script"),
        (b"\x1f\x8b", "gzip archive"),
        (b"PK\x03\x04", "zip archive"),
        (b"MZ", "Windows program"),
        (b"<?php", "PHP script"),
        (b"\xfd7zXZ", "xz archive"),
        (b"\x28\xb5\x2f\xfd", "zstd archive"),
    ];
    KNOWN.iter().find(|(magic, _)| beginning.starts_with(magic)).map(|(_, name)| *name)
}

/// What makes it give rights to whoever runs it.
fn special(path: &Path, mode: u32) -> Value {
    let mut all = Vec::new();
    if mode & 0o4000 != 0 {
        all.push("setuid");
    }
    if mode & 0o2000 != 0 {
        all.push("setgid");
    }
    let mut value = [0u8; 64];
    if rustix::fs::lgetxattr(path, "security.capability", &mut value).is_ok_and(|length| length > 0) {
        all.push("file capabilities");
    }
    if all.is_empty() { Value::Null } else { json!(all.join(", ")) }
}
