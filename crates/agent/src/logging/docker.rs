//! Docker's events, asked of its daemon's socket: one request whose answer does not end.

use super::socket::{self, AGAIN, Daemon};
use super::{Desk, Measure};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const NAME: &str = "docker";
/// Bytes of one event, and of the answer's head.
const MOST: usize = 1 << 20;

const DOCKER: Daemon = Daemon { name: NAME, thread: "docker-events", over: "the daemon ended" };

pub fn start(path: PathBuf, desk: Arc<Desk>) -> Result<()> {
    socket::start(DOCKER, path, desk, follow)
}

fn follow(socket: &Path, desk: &Desk, measure: &mut Measure) -> Result<()> {
    let mut stream = UnixStream::connect(socket).with_context(|| format!("cannot reach {}", socket.display()))?;
    stream.set_write_timeout(Some(AGAIN))?;
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: docker\r\nAccept: application/json\r\n\r\n")?;
    let mut reader = BufReader::new(stream);
    let mut chunked = false;
    let status = line(&mut reader)?;
    if !status.starts_with("HTTP/1.1 200") {
        bail!("it answers {:?}", event::text::printable(event::text::clip(&status, 80)));
    }
    loop {
        let header = line(&mut reader)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
    }
    desk.say(NAME, |state| state.state = "followed".into());
    let mut pending = Vec::new();
    loop {
        let piece = if chunked { chunk(&mut reader)? } else { plain(&mut reader)? };
        let Some(piece) = piece else { return Ok(()) };
        pending.extend_from_slice(&piece);
        while let Some(at) = pending.iter().position(|byte| *byte == b'\n') {
            let event: Vec<u8> = pending.drain(..=at).collect();
            match logs::live::docker(&event) {
                Ok(Some(heard)) => measure.take(desk, heard),
                Ok(None) => {}
                Err(_) => desk.say(NAME, |state| state.counts.damaged += 1),
            }
            desk.say(NAME, |state| {
                state.counts.lines += 1;
                measure.show(state);
            });
        }
        if pending.len() > MOST {
            bail!("an event of more than {MOST} bytes");
        }
    }
}

fn line(reader: &mut BufReader<UnixStream>) -> Result<String> {
    let mut bytes = Vec::new();
    reader.take(8 << 10).read_until(b'\n', &mut bytes)?;
    if bytes.last() != Some(&b'\n') {
        bail!("its answer broke off");
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// None at the end.
fn chunk(reader: &mut BufReader<UnixStream>) -> Result<Option<Vec<u8>>> {
    let head = line(reader)?;
    let size = head.split(';').next().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
    let size = size.filter(|size| *size <= MOST).with_context(|| "a piece of no known size")?;
    if size == 0 {
        return Ok(None);
    }
    let mut piece = vec![0; size];
    reader.read_exact(&mut piece)?;
    line(reader)?;
    Ok(Some(piece))
}

fn plain(reader: &mut BufReader<UnixStream>) -> Result<Option<Vec<u8>>> {
    let piece = reader.fill_buf()?.to_vec();
    reader.consume(piece.len());
    Ok((!piece.is_empty()).then_some(piece))
}
