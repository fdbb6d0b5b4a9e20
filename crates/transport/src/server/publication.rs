//! What the node publishes for its agents: names in, files out in pieces, as fast as the agent takes them. What a file means
//! is not known here; agents check it by a signature of its publisher, not by where it came from.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use wire::v1::FetchPiece;

/// Files handed out at the same time; others wait. Each takes a thread while it is read.
const AT_ONCE: usize = 16;
const PIECE: usize = 256 << 10;
/// Pieces ahead of the network.
const AHEAD: usize = 4;

pub(super) struct Shelf {
    folder: Option<PathBuf>,
    places: Arc<Semaphore>,
}

impl Shelf {
    pub fn new(folder: Option<PathBuf>) -> Shelf {
        Shelf { folder, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub async fn hand_out(&self, name: &str) -> Result<ReceiverStream<Result<FetchPiece, Status>>, Status> {
        let folder = self.folder.as_deref().ok_or_else(|| Status::not_found("this node publishes nothing"))?;
        let path = path(folder, name).ok_or_else(|| Status::invalid_argument("not the name of a published file"))?;
        let place = self.places.clone().acquire_owned().await.map_err(|_| Status::unavailable("the node ends"))?;
        let (out, pieces) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            if let Err(status) = read(&path, &out, place) {
                let _ = out.blocking_send(Err(status));
            }
        });
        Ok(ReceiverStream::new(pieces))
    }
}

/// A plain name, at most one folder deep.
fn path(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        !part.is_empty() && part.len() <= 160 && !part.starts_with('.') && part.chars().all(allowed)
    };
    let fits = match name.split_once('/') {
        Some((below, file)) => plain(below) && plain(file),
        None => plain(name),
    };
    fits.then(|| folder.join(name))
}

fn read(
    path: &Path,
    out: &mpsc::Sender<Result<FetchPiece, Status>>,
    _place: OwnedSemaphorePermit,
) -> Result<(), Status> {
    let mut file = File::open(path).map_err(|error| status(&error))?;
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(Status::not_found("not a file"));
    }
    let mut piece = vec![0; PIECE];
    loop {
        let got = file.read(&mut piece).map_err(|error| status(&error))?;
        if got == 0 {
            return Ok(());
        }
        let data = piece[..got].to_vec().into();
        if out.blocking_send(Ok(FetchPiece { data })).is_err() {
            // The agent went away.
            return Ok(());
        }
    }
}

fn status(error: &io::Error) -> Status {
    match error.kind() {
        io::ErrorKind::NotFound => Status::not_found("nothing of that name is published"),
        _ => {
            tracing::error!(%error, "cannot read what is published");
            Status::unavailable("the node cannot read it at the moment")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        for (name, expected) in [
            ("manifest.json", true),
            ("files/ab.zst", true),
            ("deltas/ab-cd", true),
            ("", false),
            ("..", false),
            ("../node.toml", false),
            ("files/../../ca.key", false),
            ("files/", false),
            ("/etc/passwd", false),
            ("a/b/c", false),
            (".hidden", false),
            ("a\0b", false),
        ] {
            assert_eq!(path(Path::new("/p"), name).is_some(), expected, "{name:?}");
        }
    }
}
