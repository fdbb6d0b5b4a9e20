//! Reads the kernel's ring in place: one mapping, no callback, no copy, no system call for a record.
//!
//! Protocol (kernel/bpf/ringbuf.c): a page with the consumer's position, a page with the producer's, then the data twice in
//! a row so that no record is ever split; of the second copy only as much is mapped as a record can reach into, since every
//! page that is mapped counts as ours. A record is a u32 length (top bit: still being written; next: discarded), a u32
//! of the kernel's own, and the bytes, rounded up to 8.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

const BUSY: u32 = 1 << 31;
const DISCARDED: u32 = 1 << 30;
const HEADER: usize = 8;
/// More than any record of `bpf/` has (SCRATCH_BYTES), and a multiple of every page size.
const LONGEST: usize = 64 << 10;

pub(crate) struct Ring {
    consumer: Mapping,
    producer: Mapping,
    size: usize,
    page: usize,
}

struct Mapping {
    start: NonNull<libc::c_void>,
    length: usize,
}

// SAFETY: a mapping is memory of the process, not of a thread; Ring hands out nothing that outlives `&mut self`.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(fd: BorrowedFd<'_>, length: usize, protection: i32, offset: usize) -> io::Result<Mapping> {
        let offset = offset as libc::off_t;
        // SAFETY: a new shared mapping at an address the kernel picks touches no memory of ours.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), length, protection, libc::MAP_SHARED, fd.as_raw_fd(), offset) };
        match NonNull::new(start) {
            Some(start) if start.as_ptr() != libc::MAP_FAILED => Ok(Mapping { start, length }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, of this length, and nothing borrows from it any more.
        unsafe { libc::munmap(self.start.as_ptr(), self.length) };
    }
}

impl Ring {
    /// `size` is the map's max_entries: a power of two of pages.
    pub fn new(map: BorrowedFd<'_>, size: usize) -> io::Result<Ring> {
        let page = rustix::param::page_size();
        let consumer = Mapping::new(map, page, libc::PROT_READ | libc::PROT_WRITE, 0)?;
        let producer = Mapping::new(map, page + size + LONGEST.min(size), libc::PROT_READ, page)?;
        Ok(Ring { consumer, producer, size, page })
    }

    /// Hands on each finished record; stops at the first that is still being written. Gives their number.
    pub fn drain(&mut self, sink: &mut dyn FnMut(&[u8])) -> usize {
        let mut count = 0;
        let mut at = self.consumer_position().load(Ordering::Acquire);
        // What comes in while we read waits for the next round: a busy host must not keep us here for ever.
        let end = self.producer_position().load(Ordering::Acquire);
        while at < end {
            let length = self.length_at(at).load(Ordering::Acquire);
            if length & BUSY != 0 {
                break;
            }
            let size = (length & !DISCARDED) as usize;
            if length & DISCARDED == 0 {
                sink(self.bytes_at(at, size));
                count += 1;
            }
            at += (size + HEADER).next_multiple_of(8);
            self.consumer_position().store(at, Ordering::Release);
        }
        count
    }

    fn consumer_position(&self) -> &AtomicUsize {
        // SAFETY: the first word of the consumer page; the kernel only reads it, we write it atomically.
        unsafe { self.consumer.start.cast::<AtomicUsize>().as_ref() }
    }

    fn producer_position(&self) -> &AtomicUsize {
        // SAFETY: the first word of the producer page, which the kernel writes atomically and we only load.
        unsafe { self.producer.start.cast::<AtomicUsize>().as_ref() }
    }

    fn length_at(&self, position: usize) -> &AtomicU32 {
        let offset = self.page + (position & (self.size - 1));
        // SAFETY: the offset is inside the first copy of the data, and records begin at multiples of 8.
        unsafe { self.producer.start.byte_add(offset).cast::<AtomicU32>().as_ref() }
    }

    fn bytes_at(&self, position: usize, length: usize) -> &[u8] {
        let offset = self.page + (position & (self.size - 1)) + HEADER;
        let length = length.min(LONGEST.min(self.size) - HEADER);
        // SAFETY: so many bytes from inside the first copy stay inside what is mapped; the kernel does not write to a
        // finished record before the consumer position has passed it, which needs `&mut self`.
        unsafe { std::slice::from_raw_parts(self.producer.start.byte_add(offset).cast::<u8>().as_ptr(), length) }
    }
}
