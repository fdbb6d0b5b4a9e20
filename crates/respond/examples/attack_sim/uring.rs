//! Opens, reads and writes through io_uring: no open, read or write call is made.

use crate::Result;
use crate::confine::Folder;
use crate::stream::scramble;
use io_uring::{IoUring, opcode, squeue, types};
use std::ffi::CString;
use std::io::Error;
use std::os::unix::ffi::OsStrExt;

pub fn io_uring(folder: &Folder) -> Result {
    let mut ring = IoUring::new(8)?;
    for path in folder.files()? {
        let size = std::fs::metadata(&path)?.len() as usize;
        let name = CString::new(folder.below(&path)?.as_os_str().as_bytes())?;
        let open = opcode::OpenAt::new(types::Fd(libc::AT_FDCWD), name.as_ptr()).flags(libc::O_RDWR).build();
        let fd = types::Fd(one(&mut ring, open)?);
        let mut bytes = vec![0u8; size];
        one(&mut ring, opcode::Read::new(fd, bytes.as_mut_ptr(), size as u32).build())?;
        scramble(&mut bytes, 6);
        one(&mut ring, opcode::Write::new(fd, bytes.as_ptr(), size as u32).build())?;
        one(&mut ring, opcode::Close::new(fd).build())?;
    }
    Ok(())
}

/// What its operation points at lives until it has returned.
fn one(ring: &mut IoUring, entry: squeue::Entry) -> Result<i32> {
    // SAFETY: the caller's buffers outlive this call, which waits for the completion.
    unsafe { ring.submission().push(&entry).map_err(Error::other)? };
    ring.submit_and_wait(1)?;
    let result = ring.completion().next().ok_or_else(|| Error::other("no completion"))?.result();
    if result < 0 { Err(Error::from_raw_os_error(-result)) } else { Ok(result) }
}
