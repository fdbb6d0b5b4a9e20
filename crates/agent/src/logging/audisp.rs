//! auditd's dispatcher: where auditd owns the kernel's audit, its plugin `af_unix` hands every record on over a socket, in the
//! form of its log. Records that stand in the log too are told once, by whichever comes first.

use super::socket::{self, Daemon};
use super::{Desk, Measure};
use anyhow::{Context as _, Result, bail};
use logs::live::{Audit, LINE_BYTES};
use std::io::{ErrorKind, Read as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const NAME: &str = "auditd's dispatcher";
/// Nothing for so long: an event that waits for more lines is whole.
const IDLE: Duration = Duration::from_millis(500);
const SHOWN: Duration = Duration::from_secs(1);

const DISPATCHER: Daemon = Daemon { name: NAME, thread: "audisp", over: "the dispatcher ended" };

pub fn start(path: PathBuf, desk: Arc<Desk>) -> Result<()> {
    socket::start(DISPATCHER, path, desk, follow)
}

fn follow(socket: &Path, desk: &Desk, measure: &mut Measure) -> Result<()> {
    let mut stream = UnixStream::connect(socket).with_context(|| format!("cannot reach {}", socket.display()))?;
    if peer_uid(&stream)? != 0 {
        bail!("{} is not root's: it is no dispatcher of auditd", socket.display());
    }
    stream.set_read_timeout(Some(IDLE))?;
    desk.say(NAME, |state| state.state = "followed".into());
    let mut lines = Pieces::default();
    let mut audit = Audit::default();
    let mut block = vec![0; 64 << 10];
    let mut shown = Instant::now();
    loop {
        let read = match stream.read(&mut block) {
            Ok(0) => {
                audit.idle(&mut |one| measure.take(desk, one));
                return Ok(());
            }
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                audit.idle(&mut |one| measure.take(desk, one));
                0
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            Err(error) => return Err(error).context("the dispatcher cannot be read"),
        };
        lines.split(&block[..read], &mut |line| audit.line(line, &mut |one| measure.take(desk, one)));
        measure.tend(desk);
        if shown.elapsed() >= SHOWN || read == 0 {
            shown = Instant::now();
            desk.say(NAME, |state| {
                (state.counts.lines, state.counts.cut) = (lines.lines, lines.cut);
                state.counts.damaged = audit.odd;
                measure.show(state);
            });
        }
    }
}

/// Anybody may lay a socket where auditd has none; what root does not hold is believed nothing.
fn peer_uid(stream: &UnixStream) -> Result<u32> {
    let peer = rustix::net::sockopt::socket_peercred(stream).context("cannot ask who holds the socket")?;
    Ok(peer.uid.as_raw())
}

/// Bytes as they come → whole lines. Of one that is too long the beginning is taken, as of a file.
#[derive(Default)]
struct Pieces {
    partial: Vec<u8>,
    over: bool,
    lines: u64,
    cut: u64,
}

impl Pieces {
    fn split(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let room = LINE_BYTES - self.partial.len();
            if text.len() > room && !self.over {
                self.over = true;
                self.cut += 1;
            }
            self.partial.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.lines += 1;
                take(&self.partial);
                self.partial.clear();
                self.over = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_pieces_and_without_end() {
        let mut pieces = Pieces::default();
        let mut seen = Vec::new();
        for part in ["one\ntw", "o\n\nthr", "ee", "\n"] {
            pieces.split(part.as_bytes(), &mut |line| seen.push(String::from_utf8_lossy(line).into_owned()));
        }
        assert_eq!(seen, ["one", "two", "", "three"]);
        let mut lengths = Vec::new();
        for part in ["x".repeat(LINE_BYTES - 1), "y".repeat(LINE_BYTES * 3), "\nz\n".to_owned()] {
            pieces.split(part.as_bytes(), &mut |line| lengths.push(line.len()));
        }
        assert_eq!((lengths, pieces.cut, pieces.lines), (vec![LINE_BYTES, 1], 1, 6));
    }
}
