//! What is normal on this host, between the pipeline that learns it, the file that keeps it and whoever asks for it. The
//! pipeline is never waited for by a file: what was learned is encoded there, and written by a thread of its own.

mod file;

use crate::place::Place;
use crate::shared::Shared;
use anyhow::{Context as _, Result, bail};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use detect::{Asked, Normal, NormalConfig, Seed, Story};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A kill loses what was learned since.
const INTERVAL: Duration = Duration::from_secs(600);
/// Questions that may wait for the pipeline.
const QUEUE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked of the pipeline; the answer goes back on its own channel.
pub struct Order {
    ask: Ask,
    answer: Sender<Value>,
}

enum Ask {
    Show(Asked),
    Reset,
}

/// The pipeline's end.
pub struct Keeper {
    orders: Receiver<Order>,
    bytes: Sender<Vec<u8>>,
    /// None: at once.
    saved: Option<Instant>,
    file: PathBuf,
}

impl Keeper {
    /// Reads what was learned before; what cannot be read is said, and learned anew.
    pub fn start(shared: &Arc<Shared>, story: &mut Story) -> Result<Keeper> {
        let file = shared.place.baselines();
        match file::read(&file) {
            Ok(Some(bytes)) => match Normal::decode(&bytes, NormalConfig::default()) {
                Ok(normal) => story.set_normal(normal),
                Err(error) => {
                    shared.problem(format!("what is normal here is learned anew: {error}"));
                    story.set_normal(fresh());
                }
            },
            Ok(None) => story.set_normal(fresh()),
            Err(error) => {
                shared.problem(format!("what is normal here is learned anew: {error:#}"));
                story.set_normal(fresh());
            }
        }
        let (orders, queue) = bounded(QUEUE);
        *shared.baseline_orders.lock() = Some(orders);
        let (bytes, written) = bounded::<Vec<u8>>(1);
        let worker = (Arc::clone(shared), file.clone());
        std::thread::Builder::new().name("baselines".into()).spawn(move || {
            let (shared, file) = worker;
            for bytes in written {
                if let Err(error) = file::write(&file, &bytes) {
                    shared.problem(format!("what is normal here cannot be kept: {error:#}"));
                }
            }
        })?;
        Ok(Keeper { orders: queue, bytes, saved: Some(Instant::now()), file })
    }

    /// Answers who asked, and hands on what is to be written.
    pub fn tend(&mut self, shared: &Shared, story: &mut Story) {
        while let Ok(order) = self.orders.try_recv() {
            let answer = match order.ask {
                Ask::Show(asked) => serde_json::to_value(story.normal().picture(&asked)),
                Ask::Reset => {
                    story.set_normal(fresh());
                    self.saved = None;
                    Ok(json!({ "reset": true }))
                }
            };
            let _ = order.answer.send(answer.unwrap_or_else(|error| json!({ "error": error.to_string() })));
        }
        if self.saved.is_none_or(|saved| saved.elapsed() >= INTERVAL) {
            self.saved = Some(Instant::now());
            match story.normal().encode() {
                Ok(bytes) => match self.bytes.try_send(bytes) {
                    // The one before is still being written: the next will do.
                    Ok(()) | Err(TrySendError::Full(_)) => {}
                    Err(TrySendError::Disconnected(_)) => {
                        shared.problem("what is normal here is not kept: its thread is gone".into());
                    }
                },
                Err(error) => shared.problem(format!("what is normal here cannot be kept: {error}")),
            }
        }
    }

    /// At the end: durable when it returns.
    pub fn end(self, shared: &Shared, story: &Story) {
        let kept =
            story.normal().encode().map_err(anyhow::Error::from).and_then(|bytes| file::write(&self.file, &bytes));
        if let Err(error) = kept {
            shared.problem(format!("what is normal here cannot be kept: {error:#}"));
        }
    }
}

fn fresh() -> Normal {
    Normal::new(NormalConfig { seed: Seed(rand::random()), ..NormalConfig::default() })
}

pub fn show(shared: &Shared, asked: Asked) -> Result<Value> {
    ask(shared, Ask::Show(asked))
}

/// Everything learned is forgotten, on the disk too.
pub fn reset(shared: &Shared) -> Result<Value> {
    tracing::info!("what is normal here is learned anew: asked for");
    ask(shared, Ask::Reset)
}

fn ask(shared: &Shared, ask: Ask) -> Result<Value> {
    let (answer, answered) = bounded(1);
    let orders = shared.baseline_orders.lock().clone().context("nothing is learned here yet")?;
    if orders.try_send(Order { ask, answer }).is_err() {
        bail!("too many ask at once");
    }
    answered.recv_timeout(PATIENCE).context("the pipeline did not answer")
}

/// For `status`, which waits for nobody.
pub fn file_of(place: &Place) -> Value {
    match std::fs::metadata(place.baselines()) {
        Ok(meta) => json!({ "file_bytes": meta.len() }),
        // Not written yet.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => json!({ "file_bytes": 0 }),
        Err(error) => json!({ "file_bytes": null, "error": error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_looked_at_is_not_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path(), folder.path());
        let file = place.baselines();
        assert_eq!(file_of(&place), json!({ "file_bytes": 0 }));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(file_of(&place), json!({ "file_bytes": 5 }));
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(&file, &file).unwrap();
        assert!(file_of(&place)["error"].is_string(), "{}", file_of(&place));
    }
}
