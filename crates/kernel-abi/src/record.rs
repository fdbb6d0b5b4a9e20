//! The structs of records.h, and how one is taken from a run of bytes.

use std::mem::size_of;

/// # Safety
/// The type is `repr(C)`, holds only integers and arrays of them (any bytes are a value of it), and has no padding.
pub unsafe trait Plain: Copy {}

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident = $c_name:literal { $($field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[repr(C)]
            #[derive(Clone, Copy, Debug)]
            pub struct $name { $(pub $field: $type,)* }

            // SAFETY: repr(C), integers only; that nothing is padding is asserted below.
            unsafe impl Plain for $name {}
            const _: () = assert!(size_of::<$name>() == 0 $(+ size_of::<$type>())*, "padding");
        )*

        /// C name, size, and each field's name and offset: what a test compares with BTF.
        pub fn layouts() -> Vec<(&'static str, usize, Vec<(&'static str, usize)>)> {
            vec![$(($c_name, size_of::<$name>(), vec![$((stringify!($field), std::mem::offset_of!($name, $field)),)*]),)*]
        }
    };
}

records! {
    Actor = "tamon_actor" {
        start: u64,
        parent_start: u64,
        cgroup: u64,
        tgid: u32,
        tid: u32,
        parent_tgid: u32,
        uid: u32,
        gid: u32,
        euid: u32,
        egid: u32,
        pid_level: u32,
    }
    Head = "tamon_head" {
        boottime: u64,
        tag: u64,
        kind: u16,
        via: u8,
        flags: u8,
        op: u32,
        actor: Actor,
    }
    /// Text as the caller gave it and components from leaf to root, each with a NUL.
    Path = "tamon_path" {
        text: u16,
        walk: u16,
        flags: u32,
    }
    Identity = "tamon_identity" {
        ino: u64,
        size: u64,
        ctime: u64,
        dev: u32,
        mode: u32,
        uid: u32,
        gid: u32,
    }
    Exec = "tamon_exec" {
        head: Head,
        file: Identity,
        capabilities: u64,
        args_total: u64,
        login: u32,
        session: u32,
        pid_ns: u32,
        mnt_ns: u32,
        flags: u32,
        requested: u16,
        interp: u16,
        args: u32,
        reserved: u32,
        exe: Path,
        cwd: Path,
        comm: [u8; 16],
    }
    Fork = "tamon_fork" {
        head: Head,
        child_start: u64,
        clone_flags: u64,
        child_tgid: u32,
        reserved: u32,
    }
    Exit = "tamon_exit" {
        head: Head,
        status: u32,
        reserved: u32,
    }
    File = "tamon_file" {
        head: Head,
        file: Identity,
        arg: u64,
        path: Path,
        other: Path,
    }
    Net = "tamon_net" {
        head: Head,
        source: [u8; 16],
        destination: [u8; 16],
        source_port: u16,
        destination_port: u16,
        family: u16,
        protocol: u16,
        error: i32,
        payload: u32,
    }
    Act = "tamon_event" {
        head: Head,
        n: [u64; 5],
        p: [Path; 3],
    }
    /// What user space tells the programs.
    Settings = "tamon_settings" {
        wall_offset: u64,
        wake_at: u64,
        beat: u64,
        ignored_directories: u32,
        own_children: u32,
        confining: u32,
        holding: u32,
    }
    /// What of a profile the kernel half knows.
    Domain = "tamon_domain" {
        capabilities: u64,
        speaks: u32,
        closed: u32,
        enforced: u32,
        flags: u32,
    }
    PathEntry = "tamon_path_entry" {
        bits: u32,
        list: u32,
        text: [u8; 248],
    }
    NetEntry = "tamon_net_entry" {
        bits: u32,
        list: u32,
        address: [u8; 16],
    }
    Ports = "tamon_ports" {
        count: u32,
        allowed: u32,
        first: [u16; crate::MOST_PORTS],
        last: [u16; crate::MOST_PORTS],
    }
    Program = "tamon_program" {
        ino: u64,
        dev: u32,
        reserved: u32,
    }
    Entry = "tamon_entry" {
        cgroup: u64,
        domain: u32,
        reserved: u32,
    }
    Lock = "tamon_lock" {
        beat: u64,
        mode: u32,
        flags: u32,
        generation: u32,
        mnt_ns: u32,
    }
    Answer = "tamon_answer" {
        generation: u32,
        says: u32,
        touched: u32,
        reserved: u32,
    }
    Content = "tamon_content" {
        ino: u64,
        size: u64,
        ctime: u64,
        dev: u64,
    }
    Place = "tamon_place" {
        ino: u64,
        dev: u32,
        reserved: u32,
    }
    Watch = "tamon_watch" {
        ino: u64,
        dev: u32,
        reserved: u32,
        name: [u8; 64],
    }
    Prefix = "tamon_prefix" {
        bits: u32,
        text: [u8; 64],
    }
    Tally = "tally" {
        told: [u64; crate::CLASSES],
        lost: [u64; crate::CLASSES],
        woken_at: u64,
    }
}

/// The fixed part at the start of `bytes` and what follows it; None when there is less.
pub fn read<T: Plain>(bytes: &[u8]) -> Option<(T, Bytes<'_>)> {
    if bytes.len() < size_of::<T>() {
        return None;
    }
    // SAFETY: there are enough bytes, any bytes are a value of a Plain type, and read_unaligned asks for no alignment.
    let value = unsafe { bytes.as_ptr().cast::<T>().read_unaligned() };
    Some((value, Bytes(&bytes[size_of::<T>()..])))
}

/// The same bytes as C sees them, for map keys and values.
pub fn as_bytes<T: Plain>(value: &T) -> &[u8] {
    // SAFETY: a Plain type has no padding, so each of its bytes is initialised, and the slice lives as long as the value.
    unsafe { std::slice::from_raw_parts((value as *const T).cast::<u8>(), size_of::<T>()) }
}

/// What follows a fixed part, taken piece by piece.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `length` bytes; None when fewer came.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_record_is_none() {
        assert!(read::<Fork>(&[0; 10]).is_none());
        let (fork, mut rest) = read::<Fork>(&[1; size_of::<Fork>() + 3]).unwrap();
        assert_eq!(fork.child_tgid, 0x01010101);
        assert_eq!(rest.take(3), Some(&[1u8, 1, 1][..]));
        assert_eq!(rest.take(1), None);
    }
}
