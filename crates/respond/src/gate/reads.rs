//! Which openings may bring code into a process, told without waiting: what an interpreter opens and could be a script, and
//! what begins as a library or a script does, whoever opens it. Everything else goes on at once.

use super::fan::PermissionEvent;
use super::marks::About;
use super::pending::Pending;
use super::{Inner, marks, reader};
use crate::proc::is_own_thread;
use event::FileIdentity;
use rustix::io::{Errno, ReadWriteFlags};
use std::fs::File;
use std::io::IoSliceMut;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::Ordering;

/// A script is not longer; a file of data that an interpreter works on is.
const MOST_SCRIPT: u64 = 8 << 20;
const LOOKED_AT: usize = 512;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Run,
    /// Read by an interpreter, or code.
    Read,
    /// The first bytes are not in memory: the judge looks whether it is code.
    Look,
}

/// None for what goes on at once. Opens no file: an open of this thread would wait for itself.
pub fn act(inner: &Inner, interpreters: fn(&Path) -> bool, event: &PermissionEvent, path: &Path) -> Option<Act> {
    let pass = || {
        inner.counters.passed.fetch_add(1, Ordering::Relaxed);
        None
    };
    if is_own_thread(event.tid) {
        return pass();
    }
    if !inner.config.in_scope(path, true) {
        inner.counters.out_of_scope.fetch_add(1, Ordering::Relaxed);
        // Where its execution is asked about no mark may outlive a write: marks of a file are one, and it would hold for that
        // answer too.
        let about = if inner.config.in_scope(path, false) { About::Reading } else { About::Everything };
        marks::spare(&inner.group, &event.file, about);
        return None;
    }
    let Some(size) = event.file.metadata().ok().filter(std::fs::Metadata::is_file).map(|meta| meta.len()) else {
        return pass();
    };
    let before = reader::identity_of(&event.file);
    let interpreted = size <= MOST_SCRIPT
        && std::fs::read_link(format!("/proc/{}/exe", event.tid)).is_ok_and(|exe| interpreters(&exe));
    match first_bytes(&event.file) {
        Ok(bytes) if begins_as_code(&bytes) || interpreted && is_text(&bytes) => Some(Act::Read),
        Ok(bytes) => {
            if let Some(before) = before {
                remember_data(inner, &event.file, before, &bytes);
            }
            pass()
        }
        Err(_) if interpreted => Some(Act::Read),
        Err(_) => Some(Act::Look),
    }
}

/// On a judge's thread, which may wait for the disk.
pub fn is_code(inner: &Inner, pending: &Pending) -> bool {
    let mut bytes = [0; LOOKED_AT];
    // What cannot be read cannot be judged either, but is told as such.
    let Ok(n) = pending.file.read_at(&mut bytes, 0) else { return true };
    let code = begins_as_code(&bytes[..n]);
    if !code {
        remember_data(inner, &pending.file, pending.identity, &bytes[..n]);
    }
    code
}

/// What no interpreter would be asked about either: nobody waits for it again until it is written to.
fn remember_data(inner: &Inner, file: &File, before: FileIdentity, first: &[u8]) {
    if before.size > MOST_SCRIPT || !first.is_empty() && !is_text(first) {
        // Where that fails it is asked about again, as before.
        reader::remember_as(inner, file, before, About::Reading);
    }
}

/// Of what lies in memory; anything else is an error, the disk is not waited for.
fn first_bytes(file: &File) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; LOOKED_AT];
    let read = rustix::io::preadv2(file, &mut [IoSliceMut::new(&mut bytes)], 0, ReadWriteFlags::NOWAIT);
    let n = match read {
        // It lies nowhere but in memory, and that kind of file system does not know the question.
        Err(Errno::OPNOTSUPP) if is_in_memory(file) => rustix::io::pread(file, &mut bytes, 0)?,
        other => other?,
    };
    bytes.truncate(n);
    Ok(bytes)
}

fn is_in_memory(file: &File) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|of| of.f_type == libc::TMPFS_MAGIC)
}

/// A library or program, a script that names its interpreter, Python's compiled form.
fn begins_as_code(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF") || bytes.starts_with(b"#!") || bytes.get(2..4) == Some(b"\r\n")
}

/// Or an archive, from which Python runs as well.
fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && (!bytes.contains(&0) || bytes.starts_with(b"PK"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_code() {
        let check = |bytes: &[u8], expected: (bool, bool)| {
            assert_eq!((begins_as_code(bytes), is_text(bytes)), expected, "{bytes:?}");
        };
        check(b"\x7fELF\x02", (true, true));
        check(b"#!/bin/sh\n", (true, true));
        check(b"import os\n", (false, true));
        check(b"\xa7\x0d\r\n\0\0\0\0", (true, false));
        check(b"PK\x03\x04\0\0", (false, true));
        check(b"SQLite format 3\0", (false, false));
        check(b"", (false, false));
    }
}
