//! File records.

use super::{Decoder, identity, text};
use crate::paths::Parts;
use event::{EventKind, File, FileEvent, FileOp, Observed};
use kernel_abi::{file_op, read};

const O_ACCMODE: u64 = 3;
const O_CREAT: u64 = 0o100;
const O_TRUNC: u64 = 0o1000;

impl Decoder {
    pub(super) fn file(&mut self, record: &[u8]) -> Option<Observed> {
        let (raw, mut bytes) = read::<kernel_abi::File>(record)?;
        let path = Parts::take(&raw.path, &mut bytes)?;
        let other = Parts::take(&raw.other, &mut bytes)?;
        let op = match raw.head.op {
            file_op::OPEN_READ => FileOp::OpenRead,
            file_op::OPEN_WRITE => FileOp::OpenWrite { truncate: raw.arg != 0 },
            file_op::CREATE => FileOp::Create,
            file_op::WRITE_CLOSE => FileOp::WriteClose,
            file_op::RENAME => FileOp::Rename { from: self.path(other) },
            file_op::UNLINK => FileOp::Unlink,
            file_op::MKDIR => FileOp::CreateDirectory,
            file_op::RMDIR => FileOp::RemoveDirectory,
            file_op::LINK => FileOp::HardLink { existing: self.path(other) },
            file_op::SYMLINK => FileOp::SymbolicLink { target: text(other.plain()) },
            file_op::CHMOD => FileOp::ChangeMode { mode: raw.arg as u32 },
            file_op::CHOWN => FileOp::ChangeOwner { uid: (raw.arg >> 32) as u32, gid: raw.arg as u32 },
            file_op::XATTR => FileOp::ChangeXattr { name: text(other.plain()) },
            file_op::TRUNCATE => FileOp::Truncate { size: raw.arg },
            file_op::MKNOD => FileOp::CreateNode { mode: raw.arg as u32 },
            file_op::OPEN_FLAGS => opened_with(raw.arg),
            _ => return None,
        };
        let known = raw.file.ino != 0;
        let file = File {
            path: self.path(path),
            path_truncated: path.cut(),
            identity: known.then(|| identity(&raw.file)),
            mode: raw.file.mode,
            owner: known.then_some((raw.file.uid, raw.file.gid)),
        };
        Some(Observed::Other(EventKind::File(FileEvent { op, file })))
    }
}

/// An open through io_uring is told from its flags: whether O_CREAT made the file is not known then, so a file that was
/// asked to be made counts as made.
fn opened_with(flags: u64) -> FileOp {
    if flags & O_CREAT != 0 {
        FileOp::Create
    } else if flags & O_ACCMODE != 0 || flags & O_TRUNC != 0 {
        FileOp::OpenWrite { truncate: flags & O_TRUNC != 0 }
    } else {
        FileOp::OpenRead
    }
}
