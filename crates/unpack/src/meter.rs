//! The budget of one file, shared by all readers of a walk. A reader that spends too much gets an error that names the
//! limit, through whatever library stands between.

use crate::{Limits, Reason};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;
use std::time::Instant;

/// Reads between two looks at the clock.
const CLOCK_EVERY: u32 = 16;

/// Why a reading ended early.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", reason.name())]
pub(crate) struct Cut {
    pub reason: Reason,
    pub detail: Cow<'static, str>,
}

impl Cut {
    pub fn new(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Cut { reason, detail: detail.into() }
    }

    pub fn damaged(detail: impl Into<Cow<'static, str>>) -> Self {
        Cut::new(Reason::Damaged, detail)
    }

    pub fn unsupported(detail: impl Into<Cow<'static, str>>) -> Self {
        Cut::new(Reason::Unsupported, detail)
    }
}

impl From<Cut> for io::Error {
    fn from(cut: Cut) -> Self {
        io::Error::other(cut)
    }
}

pub(crate) struct Meter {
    pub limits: Limits,
    /// Of the file itself: what comes out is held against it.
    pub expanded: Cell<u64>,
    memory: Cell<u64>,
    ticks: Cell<u32>,
    /// Of programs that were run to unpack themselves.
    pub steps: Cell<u64>,
    /// Set once something that ends all was met.
    spent: RefCell<Option<Cut>>,
    /// The last limit that a reader met: libraries in between may lose the error's type.
    tripped: RefCell<Option<Cut>>,
}

impl Meter {
    pub fn new(limits: Limits) -> Self {
        Meter {
            limits,
            expanded: Cell::new(0),
            memory: Cell::new(0),
            ticks: Cell::new(0),
            steps: Cell::new(0),
            spent: RefCell::new(None),
            tripped: RefCell::new(None),
        }
    }

    pub fn trip(&self, reason: Reason, detail: impl Into<Cow<'static, str>>) -> Cut {
        let cut = Cut::new(reason, detail);
        if reason.ends_all() && self.spent.borrow().is_none() {
            self.spent.replace(Some(cut.clone()));
        }
        self.tripped.replace(Some(cut.clone()));
        cut
    }

    pub fn spent(&self) -> Option<Cut> {
        self.spent.borrow().clone()
    }

    pub fn forget_trip(&self) {
        self.tripped.replace(None);
    }

    /// What an error of a reader means.
    pub fn cut(&self, error: &io::Error) -> Cut {
        let mut source: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|e| e as _);
        while let Some(one) = source {
            if let Some(cut) = one.downcast_ref::<Cut>() {
                return cut.clone();
            }
            source = match one.downcast_ref::<io::Error>() {
                Some(inner) => inner.get_ref().map(|e| e as _),
                None => one.source(),
            };
        }
        if let Some(cut) = self.tripped.borrow().as_ref() {
            return cut.clone();
        }
        let reason = match error.kind() {
            io::ErrorKind::UnexpectedEof => Reason::Truncated,
            io::ErrorKind::OutOfMemory => Reason::Memory,
            io::ErrorKind::Unsupported => Reason::Unsupported,
            _ if error.raw_os_error().is_some() => Reason::Unreadable,
            _ => Reason::Damaged,
        };
        Cut::new(reason, event::text::clip(&error.to_string(), 200).to_owned())
    }

    /// Now and then a look at the clock.
    pub fn tick(&self) -> Result<(), Cut> {
        if let Some(cut) = self.spent() {
            return Err(cut);
        }
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if !ticks.is_multiple_of(CLOCK_EVERY) {
            return Ok(());
        }
        match self.limits.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(self.trip(Reason::Time, "")),
            _ => Ok(()),
        }
    }

    pub fn expand(&self, bytes: u64) -> Result<(), Cut> {
        let expanded = self.expanded.get().saturating_add(bytes);
        self.expanded.set(expanded);
        if expanded > self.limits.total_bytes {
            return Err(self.trip(Reason::TotalSize, format!("more than {} bytes", self.limits.total_bytes)));
        }
        Ok(())
    }

    /// Memory that is given back when the lease is dropped.
    pub fn lease(&self, bytes: u64) -> Result<Lease<'_>, Cut> {
        let mut lease = Lease { meter: self, bytes: 0 };
        lease.grow(bytes)?;
        Ok(lease)
    }

    /// Before `size` bytes are decoded out of `taken` ones in memory: held to all that a reader's output is held to.
    pub fn room(&self, size: u64, taken: u64) -> Result<Lease<'_>, Cut> {
        if size > self.limits.member_bytes {
            return Err(Cut::new(Reason::MemberSize, format!("{size} bytes")));
        }
        if size > self.limits.ratio_from && size / taken.max(1) > self.limits.ratio {
            return Err(self.trip(Reason::Ratio, format!("{size} bytes out of {taken}")));
        }
        self.expand(size)?;
        self.lease(size)
    }

    /// What is left for one decoder's dictionary.
    pub fn memory_left(&self) -> u64 {
        self.limits.memory_bytes.saturating_sub(self.memory.get())
    }
}

pub(crate) struct Lease<'m> {
    meter: &'m Meter,
    bytes: u64,
}

impl Lease<'_> {
    pub fn grow(&mut self, by: u64) -> Result<(), Cut> {
        if by > self.meter.memory_left() {
            let limit = self.meter.limits.memory_bytes;
            return Err(self.meter.trip(Reason::Memory, format!("more than {limit} bytes at a time")));
        }
        self.meter.memory.set(self.meter.memory.get() + by);
        self.bytes += by;
        Ok(())
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.meter.memory.set(self.meter.memory.get().saturating_sub(self.bytes));
    }
}

/// Counts what a decoder takes in.
pub(crate) struct Counted<R> {
    inner: R,
    pub count: Rc<Cell<u64>>,
}

impl<R: Read> Counted<R> {
    pub fn new(inner: R) -> Self {
        Counted { inner, count: Rc::new(Cell::new(0)) }
    }

    pub fn inner_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}

/// What comes out of a decoder, held to total, ratio and time.
pub(crate) struct Expanding<'m, R> {
    inner: R,
    meter: &'m Meter,
    taken: Rc<Cell<u64>>,
    given: u64,
}

impl<'m, R: Read> Expanding<'m, R> {
    pub fn new(inner: R, meter: &'m Meter, taken: Rc<Cell<u64>>) -> Self {
        Expanding { inner, meter, taken, given: 0 }
    }

    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Expanding<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.meter.tick()?;
        // A call is kept small so that limits are met near where they stand.
        let most = buffer.len().min(256 << 10);
        let n = self.inner.read(&mut buffer[..most])?;
        self.given += n as u64;
        self.meter.expand(n as u64)?;
        let limits = &self.meter.limits;
        let taken = self.taken.get().max(1);
        if self.given > limits.ratio_from && self.given / taken > limits.ratio {
            let detail = format!("{} bytes out of {taken}", self.given);
            return Err(self.meter.trip(Reason::Ratio, detail).into());
        }
        Ok(n)
    }
}
