//! The agent's own socket, for `tamon status`, `quarantine`, `policy` and `selftest`: one line of JSON asks, lines answer.
//! Only root may connect; requests are small and few.

use crate::feed::Feed;
use crate::lockdown;
use crate::prevention;
use crate::simulation;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A request is one line no longer than this (a policy is the longest).
const MAX_REQUEST: u64 = 4 << 20;
const MAX_CONNECTIONS: usize = 32;

#[derive(Debug, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    Status,
    Follow,
    PolicyShow,
    PolicyApply {
        name: String,
        policy: String,
    },
    QuarantineList,
    QuarantineAdd {
        path: PathBuf,
        reason: String,
    },
    QuarantineRestore {
        id: String,
    },
    RollbackList,
    /// Entity ids of processes.
    RollBack {
        trees: Vec<String>,
        preview: bool,
    },
    IntegrityBaseline,
    /// Absolute paths: what changed at or below them is approved.
    IntegrityAccept {
        paths: Vec<PathBuf>,
    },
    /// Of the self-test: this folder of its own is watched for half a minute besides.
    IntegrityTry {
        tree: PathBuf,
    },
    /// What was learned to be normal here.
    Baselines {
        asked: detect::Asked,
    },
    BaselinesReset,
    QuarantineBundle {
        id: String,
        output: PathBuf,
    },
    Lockdown {
        ask: lockdown::Ask,
    },
    PolicyLearn {
        ask: prevention::LearnAsk,
    },
    /// Which line lets a program reach an address, or listen there.
    PolicyExplainAddress {
        address: SocketAddr,
        process: Option<String>,
        policy: Option<(String, String)>,
    },
    /// `policy` is a name and a text; the one in force if not given.
    PolicyExplain {
        path: String,
        process: Option<String>,
        policy: Option<(String, String)>,
    },
    /// `past` not given: what the agent itself has recorded.
    PolicySimulate {
        name: String,
        policy: String,
        past: Option<Vec<simulation::Past>>,
        #[serde(default)]
        acts: Option<Vec<prevention::PastAct>>,
    },
}

/// Answers everything but `Follow`, to the process with this pid (0 when it cannot be known). An error is told to the one who asked.
pub type Answer = dyn Fn(Request, u32) -> Result<Value> + Send + Sync;

pub fn serve(path: &Path, feed: Arc<Feed>, answer: Arc<Answer>) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove the old socket {}", path.display()));
        }
        _ => {}
    }
    let listener = UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    let open = Arc::new(AtomicUsize::new(0));
    std::thread::Builder::new().name("local".into()).spawn(move || {
        for stream in listener.incoming() {
            match stream {
                Ok(stream) => admit(stream, &open, &feed, &answer),
                Err(error) => tracing::warn!(%error, "cannot accept on the local socket"),
            }
        }
    })?;
    Ok(())
}

fn admit(stream: UnixStream, open: &Arc<AtomicUsize>, feed: &Arc<Feed>, answer: &Arc<Answer>) {
    if open.fetch_add(1, Ordering::AcqRel) >= MAX_CONNECTIONS {
        open.fetch_sub(1, Ordering::AcqRel);
        return;
    }
    let (open, feed, answer) = (Arc::clone(open), Arc::clone(feed), Arc::clone(answer));
    let thread = std::thread::Builder::new().name("local-client".into()).spawn({
        let open = Arc::clone(&open);
        move || {
            if let Err(error) = talk(stream, &feed, &*answer) {
                tracing::debug!(%error, "a local client went away");
            }
            open.fetch_sub(1, Ordering::AcqRel);
        }
    });
    if let Err(error) = thread {
        open.fetch_sub(1, Ordering::AcqRel);
        tracing::warn!(%error, "no thread for a local client");
    }
}

fn talk(mut stream: UnixStream, feed: &Feed, answer: &Answer) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut line = String::new();
    BufReader::new((&stream).take(MAX_REQUEST)).read_line(&mut line)?;
    let reply = match serde_json::from_str::<Request>(&line) {
        Ok(Request::Follow) => return follow(stream, feed),
        Ok(request) => answer(request, peer(&stream)).unwrap_or_else(|error| json!({ "error": format!("{error:#}") })),
        Err(error) => json!({ "error": format!("not a request: {error}") }),
    };
    writeln!(stream, "{reply}")?;
    Ok(())
}

fn peer(stream: &UnixStream) -> u32 {
    rustix::net::sockopt::socket_peercred(stream).map_or(0, |peer| peer.pid.as_raw_nonzero().get().unsigned_abs())
}

fn follow(mut stream: UnixStream, feed: &Feed) -> Result<()> {
    let Some(subscription) = feed.subscribe() else {
        writeln!(stream, "{}", json!({ "error": "too many listeners" }))?;
        return Ok(());
    };
    writeln!(stream, "{}", json!({ "following": true }))?;
    for line in &subscription.lines {
        writeln!(stream, "{line}")?;
        let missed = subscription.missed.swap(0, Ordering::Relaxed);
        if missed != 0 {
            anyhow::bail!("the listener was too slow and missed {missed} lines");
        }
    }
    Ok(())
}
