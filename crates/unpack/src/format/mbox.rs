//! mbox: messages one after the other, each begun by a line "From " behind an empty one.

use crate::Kind;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use std::io::{self, BufRead, Read};

/// Longer lines are taken in parts.
const MAX_LINE: u64 = 64 << 10;

pub(crate) fn read(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let mut messages = Messages { input: input.buffered(), line: Vec::new(), at: 0, blank: true, ended: false };
    // The first separator.
    if let Err(error) = messages.next_line() {
        walk.unread_error(&error);
        return Ok(());
    }
    let mut position = 0;
    while !messages.ended {
        messages.at = messages.line.len();
        let name = format!("message {position}");
        let entry = Entry { position, kind: Some(Kind::Mail), ..Entry::named(name.as_bytes()) };
        let mut message = Message { messages: &mut messages, over: false };
        walk.member(&entry, Body::Stream(&mut message))?;
        // What was not wanted of it.
        if let Err(error) = io::copy(&mut message, &mut io::sink()) {
            walk.unread_error(&error);
            return Ok(());
        }
        position += 1;
    }
    Ok(())
}

struct Messages<R> {
    input: R,
    line: Vec<u8>,
    at: usize,
    /// The line before was empty.
    blank: bool,
    ended: bool,
}

impl<R: BufRead> Messages<R> {
    fn next_line(&mut self) -> io::Result<()> {
        self.blank = matches!(&self.line[..], b"\n" | b"\r\n" | b"");
        self.line.clear();
        self.at = 0;
        self.input.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.line)?;
        self.ended = self.line.is_empty();
        Ok(())
    }
}

struct Message<'m, R> {
    messages: &'m mut Messages<R>,
    over: bool,
}

impl<R: BufRead> Read for Message<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let messages = &mut *self.messages;
        if messages.at == messages.line.len() && !self.over && !buffer.is_empty() {
            messages.next_line()?;
            self.over = messages.ended || messages.blank && messages.line.starts_with(b"From ");
        }
        if self.over {
            return Ok(0);
        }
        let rest = &messages.line[messages.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        messages.at += n;
        Ok(n)
    }
}
