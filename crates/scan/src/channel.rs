//! Frames over a Unix socket: four bytes of length, then the body; a descriptor may ride on the length. Every wait has
//! an end, every length a limit, since the other end may be hostile.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

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
}

impl Channel {
    pub fn new(socket: OwnedFd, max_frame: usize) -> Self {
        Channel { socket, max_frame }
    }

    /// In a child that must not keep its parent's socket. The descriptor is closed; the channel must not be used again.
    pub fn forget(&self) {
        // SAFETY: called once, in a forked child that never returns to the code that owns the channel.
        unsafe { rustix::io::close(self.socket.as_raw_fd()) };
    }

    pub fn send(
        &self,
        message: &impl Serialize,
        fd: Option<BorrowedFd<'_>>,
        within: Option<Duration>,
    ) -> Result<(), ChannelError> {
        let body = serde_json::to_vec(message).map_err(|error| ChannelError::Malformed(error.to_string()))?;
        let length = u32::try_from(body.len()).map_err(|_| ChannelError::TooLong(body.len()))?.to_le_bytes();
        let deadline = within.map(|within| Instant::now() + within);
        let mut sent = self.send_head(&length, fd, deadline)?;
        while sent < length.len() {
            sent += self.send_some(&length[sent..], deadline)?;
        }
        let mut rest = &body[..];
        while !rest.is_empty() {
            rest = &rest[self.send_some(rest, deadline)?..];
        }
        Ok(())
    }

    fn send_head(
        &self,
        length: &[u8],
        fd: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
    ) -> Result<usize, ChannelError> {
        let Some(fd) = fd else { return self.send_some(length, deadline) };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fds = [fd];
        if !control.push(SendAncillaryMessage::ScmRights(&fds)) {
            return Err(ChannelError::Malformed("no room for a descriptor".into()));
        }
        self.wait(PollFlags::OUT, deadline)?;
        gone(sendmsg(&self.socket, &[IoSlice::new(length)], &mut control, SendFlags::NOSIGNAL))
    }

    fn send_some(&self, bytes: &[u8], deadline: Option<Instant>) -> Result<usize, ChannelError> {
        loop {
            self.wait(PollFlags::OUT, deadline)?;
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            let mut none = SendAncillaryBuffer::default();
            match sendmsg(&self.socket, &[IoSlice::new(bytes)], &mut none, flags) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                other => return gone(other),
            }
        }
    }

    /// The message and the descriptor that came with it. Without `within` it waits for ever.
    pub fn receive<T: DeserializeOwned>(&self, within: Option<Duration>) -> Result<(T, Option<OwnedFd>), ChannelError> {
        let deadline = within.map(|within| Instant::now() + within);
        let mut fd = None;
        let mut length = [0; 4];
        self.fill(&mut length, &mut fd, deadline)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > self.max_frame {
            return Err(ChannelError::TooLong(length));
        }
        let mut body = vec![0; length];
        self.fill(&mut body, &mut fd, deadline)?;
        let message = serde_json::from_slice(&body).map_err(|error| ChannelError::Malformed(error.to_string()))?;
        Ok((message, fd))
    }

    fn fill(
        &self,
        mut into: &mut [u8],
        fd: &mut Option<OwnedFd>,
        deadline: Option<Instant>,
    ) -> Result<(), ChannelError> {
        while !into.is_empty() {
            self.wait(PollFlags::IN, deadline)?;
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
            let got = match recvmsg(&self.socket, &mut [IoSliceMut::new(into)], &mut control, flags) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                other => gone(other)?,
            };
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(fds) = message {
                    fds.for_each(|one| *fd = Some(one));
                }
            }
            if got.flags.contains(ReturnFlags::CTRUNC) {
                return Err(ChannelError::Malformed("too many descriptors".into()));
            }
            if got.bytes == 0 {
                return Err(ChannelError::Closed);
            }
            into = &mut into[got.bytes..];
        }
        Ok(())
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
