//! ClamAV's daemon, for benches that hold it beside ours.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// In the folder that it is given.
pub const SOCKET: &str = "clamd.sock";
pub const LOG: &str = "clamd.log";

/// A daemon of our own on a socket of our own, ended with this.
pub struct Clamd {
    process: Child,
    config: PathBuf,
}

impl Clamd {
    /// None where it is not installed.
    pub fn start(folder: &Path, signatures: &Path) -> Result<Option<Clamd>> {
        let socket = folder.join(SOCKET);
        let config = folder.join("clamd.conf");
        // Each round asks both sides for the work itself, so neither remembers the last.
        let text = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nUser root\nDisableCache yes\nMaxThreads {}\nLogFile {}\n",
            socket.display(),
            signatures.display(),
            std::thread::available_parallelism().map_or(1, usize::from),
            folder.join(LOG).display(),
        );
        fs::write(&config, text)?;
        let mut command = Command::new("clamd");
        command.arg("--config-file").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(process) = command.spawn() else {
            eprintln!("no clamd here; measured without it");
            return Ok(None);
        };
        let mut clamd = Clamd { process, config };
        let begun = Instant::now();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            if let Some(status) = clamd.process.try_wait()? {
                bail!("clamd ended with {status}: {}", fs::read_to_string(folder.join(LOG)).unwrap_or_default());
            }
            if begun.elapsed() > Duration::from_secs(600) {
                bail!("clamd does not listen");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(Some(clamd))
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks it, as its own client does; what is to be scanned is still to be said.
    pub fn client(&self) -> Command {
        let mut command = Command::new("clamdscan");
        command.args(["--fdpass", "--infected", "--no-summary", "--config-file"]).arg(&self.config);
        command
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait()).context("ending clamd");
        if let Err(error) = ended {
            eprintln!("{error:#}");
        }
    }
}
