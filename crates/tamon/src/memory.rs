//! Memory that was needed once goes back to the host: the allocator keeps what it was given, in a pool for each thread, and
//! an agent that came through a storm would stay large for ever. So does code that only the start needed.

use std::time::Duration;

/// A look costs microseconds; what is given back is felt by nobody sooner.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The start is over by then.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// Less than this is left to the allocator, which will want it again.
const WORTH_IT: usize = 4 << 20;
/// The agent's many threads allocate little but for one; a pool each would lie about half empty.
const POOLS: libc::c_int = 2;

/// Looks between two times that code and constants are let go: the first time soon after the start, then each hour.
const CODE_EVERY: u32 = 360;

/// Call it before any thread is made.
pub fn keep_small() -> std::io::Result<()> {
    // SAFETY: two plain numbers; it changes how many pools the allocator will make.
    if unsafe { libc::mallopt(libc::M_ARENA_MAX, POOLS) } != 1 {
        tracing::debug!("the allocator keeps its own number of pools");
    }
    let give_back = || {
        for look in 0u32.. {
            std::thread::sleep(if look == 0 { FIRST_LOOK } else { LOOK_EVERY });
            if look.is_multiple_of(CODE_EVERY) {
                scan::let_go_of_code();
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
