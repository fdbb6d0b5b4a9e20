//! Frames over a Unix socket: four bytes of length, then the body in postcard's compact form; a descriptor may ride on a
//! frame. A small frame is one system call on each side, since most files are small and uninteresting and cost nothing
//! else. Every wait has an end, every length a limit, since the other end may be hostile.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::VecDeque;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// Read at once: several small frames.
const CHUNK: usize = 16 << 10;
/// Descriptors that came and that no frame has taken yet; more would only fill our table.
const MAX_FDS: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    #[error("the other end is gone")]
    Closed,
    #[error("no answer in time")]
    TimedOut,
    #[error("a frame of {0} bytes is over the limit")]
    TooLong(usize),
    #[error("what came is not what was asked for: {0}")]
    Malformed(String),
    #[error("socket: {0}")]
    Io(#[from] Errno),
}

pub struct Channel {
    socket: OwnedFd,
    max_frame: usize,
    /// What was read and not yet taken.
    pending: Vec<u8>,
    fds: VecDeque<OwnedFd>,
    out: Vec<u8>,
}

impl Channel {
    pub fn new(socket: OwnedFd, max_frame: usize) -> Self {
        Channel { socket, max_frame, pending: Vec::new(), fds: VecDeque::new(), out: Vec::new() }
    }

    /// In a child that must not keep its parent's socket. The descriptor is closed; the channel must not be used again.
    pub fn forget(&self) {
        // SAFETY: called once, in a forked child that never returns to the code that owns the channel.
        unsafe { rustix::io::close(self.socket.as_raw_fd()) };
    }

    /// The first byte of the body says whether a descriptor belongs to the frame.
    pub fn send(
        &mut self,
        message: &impl Serialize,
        fd: Option<BorrowedFd<'_>>,
        within: Option<Duration>,
    ) -> Result<(), ChannelError> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        out.extend([0, 0, 0, 0, u8::from(fd.is_some())]);
        let mut out = postcard::to_extend(message, out).map_err(|error| ChannelError::Malformed(error.to_string()))?;
        let length = u32::try_from(out.len() - 4).map_err(|_| ChannelError::TooLong(out.len()))?;
        out[..4].copy_from_slice(&length.to_le_bytes());
        let deadline = within.map(|within| Instant::now() + within);
        let mut sent = self.send_some(&out, fd, deadline)?;
        while sent < out.len() {
            sent += self.send_some(&out[sent..], None, deadline)?;
        }
        out.truncate(CHUNK);
        self.out = out;
        Ok(())
    }

    fn send_some(
        &self,
        bytes: &[u8],
        fd: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
    ) -> Result<usize, ChannelError> {
        loop {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            let fds = fd.map(|fd| [fd]);
            if let Some(fds) = &fds
                && !control.push(SendAncillaryMessage::ScmRights(fds))
            {
                return Err(ChannelError::Malformed("no room for a descriptor".into()));
            }
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            match sendmsg(&self.socket, &[IoSlice::new(bytes)], &mut control, flags) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait(PollFlags::OUT, deadline)?,
                other => return gone(other),
            }
        }
    }

    /// The message and the descriptor that came with it. Without `within` it waits for ever.
    pub fn receive<T: DeserializeOwned>(
        &mut self,
        within: Option<Duration>,
    ) -> Result<(T, Option<OwnedFd>), ChannelError> {
        let deadline = within.map(|within| Instant::now() + within);
        self.fill(4, deadline)?;
        let length = u32::from_le_bytes([self.pending[0], self.pending[1], self.pending[2], self.pending[3]]) as usize;
        if length > self.max_frame {
            return Err(ChannelError::TooLong(length));
        }
        self.fill(4 + length.max(1), deadline)?;
        let message = postcard::from_bytes(&self.pending[5..4 + length.max(1)])
            .map_err(|error| ChannelError::Malformed(error.to_string()))?;
        let carries = self.pending[4] == 1;
        self.pending.drain(..4 + length.max(1));
        self.pending.shrink_to(CHUNK);
        Ok((message, if carries { self.fds.pop_front() } else { None }))
    }

    /// Until at least `wanted` bytes are pending.
    fn fill(&mut self, wanted: usize, deadline: Option<Instant>) -> Result<(), ChannelError> {
        while self.pending.len() < wanted {
            let had = self.pending.len();
            // Not all at once: who only claims a long frame shall not make us hold that much.
            let room = (wanted - had).clamp(CHUNK, 1 << 20);
            self.pending.resize(had + room, 0);
            let got = self.read_some(had, deadline);
            self.pending.truncate(had + got.as_ref().map_or(0, |got| *got));
            if got? == 0 {
                return Err(ChannelError::Closed);
            }
        }
        Ok(())
    }

    fn read_some(&mut self, at: usize, deadline: Option<Instant>) -> Result<usize, ChannelError> {
        loop {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            // With nothing to wait for but the next frame, the call itself waits.
            let wait = if deadline.is_some() { RecvFlags::DONTWAIT } else { RecvFlags::empty() };
            let flags = RecvFlags::CMSG_CLOEXEC | wait;
            let into = &mut [IoSliceMut::new(&mut self.pending[at..])];
            let got = match recvmsg(&self.socket, into, &mut control, flags) {
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => {
                    self.wait(PollFlags::IN, deadline)?;
                    continue;
                }
                other => gone(other)?,
            };
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(fds) = message {
                    self.fds.extend(fds);
                }
            }
            if got.flags.contains(ReturnFlags::CTRUNC) || self.fds.len() > MAX_FDS {
                return Err(ChannelError::Malformed("too many descriptors".into()));
            }
            return Ok(got.bytes);
        }
    }

    fn wait(&self, flags: PollFlags, deadline: Option<Instant>) -> Result<(), ChannelError> {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let timeout =
                left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
            match poll(&mut [PollFd::from_borrowed_fd(self.socket.as_fd(), flags)], timeout.as_ref()) {
                Ok(0) => return Err(ChannelError::TimedOut),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn gone<T>(result: Result<T, Errno>) -> Result<T, ChannelError> {
    result.map_err(|errno| match errno {
        Errno::PIPE | Errno::CONNRESET | Errno::NOTCONN => ChannelError::Closed,
        other => ChannelError::Io(other),
    })
}
