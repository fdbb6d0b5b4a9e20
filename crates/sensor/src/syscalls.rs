//! Which handler sees which system call: numbers of x86-64, and of i386 for 32-bit programs on the same kernel. i386's
//! socketcall(2), which packs its arguments in memory, is not among them.

/// `(program, x86-64 numbers, i386 numbers)`, run when the call returns.
pub(crate) const ON_EXIT: &[(&str, &[u32], &[u32])] = &[
    ("open", &[2], &[5]),
    ("openat", &[257], &[295]),
    ("openat2", &[437], &[437]),
    ("creat", &[85], &[8]),
    ("rename", &[82], &[38]),
    ("renameat", &[264, 316], &[302, 353]),
    ("unlink", &[87], &[10]),
    ("unlinkat", &[263], &[301]),
    ("mkdir", &[83], &[39]),
    ("mkdirat", &[258], &[296]),
    ("rmdir", &[84], &[40]),
    ("link", &[86], &[9]),
    ("linkat", &[265], &[303]),
    ("symlink", &[88], &[83]),
    ("symlinkat", &[266], &[304]),
    ("chmod", &[90], &[15]),
    ("fchmod", &[91], &[94]),
    ("fchmodat", &[268, 452], &[306, 452]),
    ("chown", &[92, 94], &[16, 182, 198, 212]),
    ("fchown", &[93], &[95, 207]),
    ("fchownat", &[260], &[298]),
    ("setxattr", &[188, 189, 197, 198], &[226, 227, 235, 236]),
    ("fsetxattr", &[190, 199], &[228, 237]),
    ("setxattrat", &[463, 466], &[463, 466]),
    ("truncate", &[76], &[92, 193]),
    ("ftruncate", &[77], &[93, 194]),
    ("mknod", &[133], &[14]),
    ("mknodat", &[259], &[297]),
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

/// The same, run when the call begins.
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
