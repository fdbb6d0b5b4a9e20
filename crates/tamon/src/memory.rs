//! Memory that was needed once goes back to the host: the allocator keeps what it was given, in a pool for each thread, and
//! an agent that came through a storm would stay large for ever.

use std::time::Duration;

/// A look costs microseconds; what is given back is felt by nobody sooner.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Less than this is left to the allocator, which will want it again.
const WORTH_IT: usize = 4 << 20;
/// The agent's many threads allocate little but for one; a pool each would lie about half empty.
const POOLS: libc::c_int = 2;

/// Call it before any thread is made.
pub fn keep_small() -> std::io::Result<()> {
    // SAFETY: two plain numbers; it changes how many pools the allocator will make.
    if unsafe { libc::mallopt(libc::M_ARENA_MAX, POOLS) } != 1 {
        tracing::debug!("the allocator keeps its own number of pools");
    }
    let give_back = || {
        loop {
            std::thread::sleep(LOOK_EVERY);
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
