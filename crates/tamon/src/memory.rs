//! Memory that was needed once goes back to the host: the allocator keeps what it was given, in a pool for each thread, and
//! an agent that came through a storm would stay large for ever. So does code that only the start needed.

use std::ffi::{c_int, c_void};
use std::time::Duration;

/// A look costs microseconds; what is given back is felt by nobody sooner.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Less than this is left to the allocator, which will want it again.
const WORTH_IT: usize = 4 << 20;
/// The agent's many threads allocate little but for one; a pool each would lie about half empty.
const POOLS: libc::c_int = 2;

/// Looks between two times that code and constants are let go: the first time soon after the start, then each hour.
const CODE_EVERY: u32 = 360;

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
            tracing::debug!(error = %std::io::Error::last_os_error(), "code that only the start needed stays mapped");
        }
    }
    1
}

/// Call it before any thread is made.
pub fn keep_small() -> std::io::Result<()> {
    // SAFETY: two plain numbers; it changes how many pools the allocator will make.
    if unsafe { libc::mallopt(libc::M_ARENA_MAX, POOLS) } != 1 {
        tracing::debug!("the allocator keeps its own number of pools");
    }
    let give_back = || {
        for look in 0u32.. {
            std::thread::sleep(LOOK_EVERY);
            if look.is_multiple_of(CODE_EVERY) {
                // SAFETY: the callback only reads what it is given, and looks at the first object alone.
                unsafe { libc::dl_iterate_phdr(Some(let_go), std::ptr::null_mut()) };
            }
            // SAFETY: both only look at, and give back, what the allocator holds free; they take its locks themselves.
            unsafe {
                if libc::mallinfo2().fordblks > WORTH_IT {
                    libc::malloc_trim(0);
                }
            }
        }
    };
    std::thread::Builder::new().name("memory".into()).spawn(give_back).map(drop)
}
