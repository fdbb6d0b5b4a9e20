//! Which handler sees which system call: numbers of x86-64, and of i386 for 32-bit programs on the same kernel. i386's
//! socketcall(2), which packs its arguments in memory, is not among them.

use kernel_abi::file_op::{CHMOD, CHOWN, LINK, MKDIR, MKNOD, RENAME, RMDIR, SYMLINK, TRUNCATE, UNLINK, XATTR};

/// `(program, x86-64 numbers, i386 numbers)`, run when the call returns.
pub(crate) const ON_EXIT: &[(&str, &[u32], &[u32])] = &[
    ("open", &[2], &[5]),
    ("openat", &[257], &[295]),
    ("openat2", &[437], &[437]),
    ("creat", &[85], &[8]),
    ("connect", &[42], &[362]),
    ("accept", &[43, 288], &[364]),
    ("listen", &[50], &[363]),
    ("bind", &[49], &[361]),
    ("sendto", &[44], &[369]),
    ("write", &[1], &[4]),
    ("sendmsg", &[46], &[]),
    ("sendmmsg", &[307], &[]),
    ("after_ids", SET_IDS, SET_IDS_32),
    ("after_caps", &[126], &[185]),
    ("ptrace", &[101], &[26]),
    ("process_vm_writev", &[311], &[348]),
    ("memfd_create", &[319], &[356]),
    ("mmap", &[9], &[192]),
    ("mprotect", &[10, 329], &[125, 380]),
    ("mount", &[165], &[21]),
    ("move_mount", &[429], &[429]),
    ("umount", &[166], &[52]),
    ("pivot_root", &[155], &[217]),
    ("chroot", &[161], &[61]),
    ("unshare", &[272], &[310]),
    ("setns", &[308], &[346]),
    ("bpf", &[321], &[357]),
    ("io_uring_setup", &[425], &[425]),
    ("syslog", &[103], &[103]),
];

/// Calls on names and attributes: one program, `named`, which takes the arguments from the places given here.
pub(crate) const NAMES: &[(NameCall, &[u32], &[u32])] = &[
    (at_cwd(RENAME, 1).other(NONE, 0), &[82], &[38]),
    (at(RENAME, 2, 3).other(0, 1), &[264, 316], &[302, 353]),
    (at_cwd(UNLINK, 0), &[87], &[10]),
    (at(UNLINK, 0, 1).arg(2), &[263], &[301]),
    (at_cwd(MKDIR, 0).arg(1), &[83], &[39]),
    (at(MKDIR, 0, 1).arg(2), &[258], &[296]),
    (at_cwd(RMDIR, 0), &[84], &[40]),
    (at_cwd(LINK, 1).other(NONE, 0), &[86], &[9]),
    (at(LINK, 2, 3).other(0, 1), &[265], &[303]),
    (at_cwd(SYMLINK, 1).other(NONE, 0), &[88], &[83]),
    (at(SYMLINK, 1, 2).other(NONE, 0), &[266], &[304]),
    (at_cwd(CHMOD, 0).arg(1), &[90], &[15]),
    (on_fd(CHMOD).arg(1), &[91], &[94]),
    (at(CHMOD, 0, 1).arg(2), &[268, 452], &[306, 452]),
    (at_cwd(CHOWN, 0).pair(1, 2), &[92, 94], &[16, 182, 198, 212]),
    (on_fd(CHOWN).pair(1, 2), &[93], &[95, 207]),
    (at(CHOWN, 0, 1).pair(2, 3), &[260], &[298]),
    (at_cwd(XATTR, 0).other(NONE, 1), &[188, 189, 197, 198], &[226, 227, 235, 236]),
    (on_fd(XATTR).other(NONE, 1), &[190, 199], &[228, 237]),
    (at(XATTR, 0, 1).other(NONE, 3), &[463, 466], &[463, 466]),
    (at_cwd(TRUNCATE, 0).arg(1), &[76], &[92]),
    (at_cwd(TRUNCATE, 0).pair(2, 1), &[], &[193]),
    (on_fd(TRUNCATE).arg(1), &[77], &[93]),
    (on_fd(TRUNCATE).pair(2, 1), &[], &[194]),
    (at_cwd(MKNOD, 0).arg(1), &[133], &[14]),
    (at(MKNOD, 0, 1).arg(2), &[259], &[297]),
];

/// Where i386's numbers begin in `name_calls`.
pub(crate) const CALLS_32: u32 = 512;

const NONE: u8 = 15;

/// `struct name_call` of name.bpf.c.
#[derive(Clone, Copy)]
pub(crate) struct NameCall {
    op: u32,
    fd: u8,
    dfd: u8,
    path: u8,
    other_dfd: u8,
    other: u8,
    high: u8,
    low: u8,
}

const fn at(op: u32, dfd: u8, path: u8) -> NameCall {
    NameCall { op, fd: NONE, dfd, path, other_dfd: NONE, other: NONE, high: NONE, low: NONE }
}
const fn at_cwd(op: u32, path: u8) -> NameCall {
    at(op, NONE, path)
}
const fn on_fd(op: u32) -> NameCall {
    NameCall { fd: 0, ..at(op, NONE, NONE) }
}

impl NameCall {
    const fn other(self, other_dfd: u8, other: u8) -> NameCall {
        NameCall { other_dfd, other, ..self }
    }
    const fn arg(self, low: u8) -> NameCall {
        NameCall { low, ..self }
    }
    const fn pair(self, high: u8, low: u8) -> NameCall {
        NameCall { high, low, ..self }
    }
    pub fn bytes(self) -> [u8; 8] {
        [self.op as u8, self.fd, self.dfd, self.path, self.other_dfd, self.other, self.high, self.low]
    }
}

/// The same as [`ON_EXIT`], run when the call begins.
pub(crate) const ON_ENTER: &[(&str, &[u32], &[u32])] = &[
    ("close", &[3], &[6]),
    ("dup2", &[33, 292], &[63, 330]),
    ("close_range", &[436], &[436]),
    ("before_ids", SET_IDS, SET_IDS_32),
    ("before_caps", &[126], &[185]),
];

/// setuid, setgid, setreuid, setregid, setresuid, setresgid, setfsuid, setfsgid
const SET_IDS: &[u32] = &[105, 106, 113, 114, 117, 119, 122, 123];
const SET_IDS_32: &[u32] = &[23, 46, 70, 71, 138, 139, 164, 170, 203, 204, 208, 210, 213, 214, 215, 216];
