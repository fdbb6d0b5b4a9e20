//! A daemon's socket that is followed for as long as the daemon lives, and tried again after: one thread each, and what became
//! of it is shown.

use super::{Desk, Measure};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub const AGAIN: Duration = Duration::from_secs(10);

/// What is followed.
pub struct Daemon {
    /// As `status` shows it.
    pub name: &'static str,
    pub thread: &'static str,
    /// What is said when it ends by itself.
    pub over: &'static str,
}

/// `follow` returns when the daemon ended, or says why it cannot go on.
pub fn start(
    daemon: Daemon,
    socket: PathBuf,
    desk: Arc<Desk>,
    mut follow: impl FnMut(&Path, &Desk, &mut Measure) -> Result<()> + Send + 'static,
) -> Result<()> {
    let Daemon { name, thread, over } = daemon;
    if socket.as_os_str().is_empty() {
        desk.say(name, |state| state.state = "switched off".into());
        return Ok(());
    }
    std::thread::Builder::new().name(thread.into()).spawn(move || {
        let mut measure = Measure::new(&desk);
        loop {
            let ended = match socket.exists() {
                true => match follow(&socket, &desk, &mut measure) {
                    Ok(()) => over.to_owned(),
                    Err(error) => format!("{error:#}"),
                },
                false => "not there".to_owned(),
            };
            desk.say(name, |state| state.state = ended);
            std::thread::sleep(AGAIN);
        }
    })?;
    Ok(())
}
