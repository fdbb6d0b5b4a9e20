//! One page between the gate and its warden: a heartbeat, the group's number, and the requests that are being judged.
//! Both sides are the same program; the page is an unnamed memory file that nobody else can open.

use super::GateError;
use rustix::fd::OwnedFd;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::os::fd::{AsFd, BorrowedFd, RawFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

const SLOTS: usize = 1000;
const FREE: i32 = -1;

#[repr(C)]
pub struct Page {
    /// Milliseconds of the boot clock at the last sign of life.
    pub beat: AtomicU64,
    pub timeout_ms: AtomicU64,
    pub group: AtomicI32,
    /// Set by the warden while the gate stands open because of it.
    pub stalled: AtomicI32,
    /// What it let through in this stall.
    pub opened: AtomicU64,
    /// Descriptor numbers of requests that wait, or [`FREE`].
    pub waiting: [AtomicI32; SLOTS],
}

pub struct Shared {
    memory: OwnedFd,
    page: NonNull<Page>,
}

// SAFETY: the page is only ever used through atomics, and it lives as long as this value.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: mapped by us with this size; no reference outlives `self`.
        unsafe { munmap(self.page.as_ptr().cast(), size_of::<Page>()) }.ok();
    }
}

/// Boot clock: it goes on while the machine sleeps, so a wake-up looks like a stall; the warden then opens for a moment.
pub fn now_ms() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to a timespec of ours; the clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut now) };
    now.tv_sec as u64 * 1_000 + now.tv_nsec as u64 / 1_000_000
}

impl Shared {
    pub fn make(group: RawFd, timeout: Duration) -> Result<Shared, GateError> {
        let os = |what: &'static str| move |errno: Errno| GateError::Os { what, source: errno.into() };
        let memory = memfd_create("tamon-gate", MemfdFlags::CLOEXEC).map_err(os("memfd_create"))?;
        rustix::fs::ftruncate(&memory, size_of::<Page>() as u64).map_err(os("sizing the shared page"))?;
        let shared = Shared::map(memory).map_err(os("mapping the shared page"))?;
        let page = shared.page();
        page.timeout_ms.store(timeout.as_millis() as u64, Ordering::Relaxed);
        page.group.store(group, Ordering::Relaxed);
        page.waiting.iter().for_each(|slot| slot.store(FREE, Ordering::Relaxed));
        shared.beat();
        Ok(shared)
    }

    pub fn map(memory: OwnedFd) -> Result<Shared, Errno> {
        let size = size_of::<Page>();
        if rustix::fs::fstat(&memory)?.st_size < size as i64 {
            return Err(Errno::INVAL);
        }
        // SAFETY: a fresh mapping at an address of the kernel's choice, of a file that is at least as long and never cut.
        let at = unsafe {
            mmap(std::ptr::null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &memory, 0)
        }?;
        let page = NonNull::new(at.cast()).ok_or(Errno::NOMEM)?;
        Ok(Shared { memory, page })
    }

    pub fn memory(&self) -> BorrowedFd<'_> {
        self.memory.as_fd()
    }

    pub fn page(&self) -> &Page {
        // SAFETY: mapped, aligned to a page, all zero bytes are valid, and only atomics are in it.
        unsafe { self.page.as_ref() }
    }

    pub fn beat(&self) {
        self.page().beat.store(now_ms(), Ordering::Release);
    }

    /// When all slots are taken the request is not known to the warden; the in-process watchdog still is there.
    pub fn hold(&self, number: RawFd) {
        let take = |slot: &&AtomicI32| slot.compare_exchange(FREE, number, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let _ = self.page().waiting.iter().find(take);
    }

    pub fn release(&self, number: RawFd) {
        let free = |slot: &&AtomicI32| slot.compare_exchange(number, FREE, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let _ = self.page().waiting.iter().find(free);
    }

    /// What the warden let through, once after each stall.
    pub fn take_opened(&self) -> Option<u64> {
        let page = self.page();
        (page.stalled.swap(0, Ordering::AcqRel) != 0).then(|| page.opened.swap(0, Ordering::AcqRel))
    }
}
