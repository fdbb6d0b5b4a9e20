//! Code and constants that only the start needed go back to the page cache: rules are compiled once, by the larger part of
//! this program, and what scans afterwards is small.

use std::ffi::{c_int, c_void};

/// Of the calling process; what is used is mapped again at its next use.
pub fn let_go_of_code() {
    // SAFETY: the callback only reads what it is given, and looks at the first object alone.
    unsafe { libc::dl_iterate_phdr(Some(let_go), std::ptr::null_mut()) };
}

/// Of this program (the first object that is told), the parts that are never written: they stay in the page cache, and what
/// is used is mapped again at its next use.
extern "C" fn let_go(program: *mut libc::dl_phdr_info, _size: usize, _data: *mut c_void) -> c_int {
    // SAFETY: the loader's tables, alive and unchanged during the call.
    let (base, parts) = unsafe {
        let program = &*program;
        (program.dlpi_addr, std::slice::from_raw_parts(program.dlpi_phdr, usize::from(program.dlpi_phnum)))
    };
    let page = 4096;
    for part in parts.iter().filter(|part| part.p_type == libc::PT_LOAD && part.p_flags & libc::PF_W == 0) {
        let (from, to) = (base + part.p_vaddr, base + part.p_vaddr + part.p_memsz);
        let (from, to) = (from.next_multiple_of(page), to / page * page);
        // SAFETY: whole pages of a private mapping of a file that nobody can have written to: their content is the file's,
        // and comes back from there.
        if to > from && unsafe { libc::madvise(from as *mut c_void, (to - from) as usize, libc::MADV_DONTNEED) } != 0 {
            // It stays mapped, which costs room and nothing else.
            return 1;
        }
    }
    1
}
