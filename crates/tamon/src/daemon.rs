//! The long-running roles: logging, the pid file and signals; the rest is theirs.

use crate::place::Place;
#[cfg(feature = "node")]
use anyhow::Context as _;
use anyhow::Result;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub fn agent(config: Option<&Path>, place: &Place) -> Result<ExitCode> {
    log();
    crate::memory::keep_small()?;
    let config = agent::Config::load(config)?;
    let signals = Signals::watch()?;
    agent::run(&config, &place.state, &place.run, &signals.stop, &signals.reload)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "node")]
pub fn node(config: Option<&Path>, place: &Place) -> Result<ExitCode> {
    log();
    let config = node_config(config, Some(place))?;
    node::run(config, stopped())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "node")]
pub fn node_config(file: Option<&Path>, place: Option<&Place>) -> Result<node::NodeConfig> {
    // `xtask up` names a file that the operator may add later.
    let config = node::NodeConfig::load(file.filter(|file| file.exists()))?;
    let config = match place {
        Some(place) => config.with_state(&place.state, Some(&place.run)),
        None => config,
    };
    config.check().context("the node's configuration")
}

/// The unprivileged children are this binary too. They are told apart before anything else happens: no command line is
/// parsed, no thread is made.
pub fn worker() -> Option<ExitCode> {
    let role = std::env::args_os().nth(1)?;
    if role == scan::WORKER_COMMAND {
        return Some(scan::worker_main());
    }
    if role == respond::WARDEN_COMMAND {
        return Some(respond::warden_main());
    }
    None
}

/// Words to standard error: JSON under a service manager, text on a terminal. `TAMON_LOG` filters as `RUST_LOG` does.
fn log() {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_from_env("TAMON_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() { builder.init() } else { builder.json().init() }
}

struct Signals {
    /// SIGTERM or SIGINT came.
    stop: Arc<AtomicBool>,
    /// SIGHUP came: read rules and policy again.
    reload: Arc<AtomicBool>,
}

/// Ready when the process is told to stop. The node makes its threads itself, after it has given up root.
#[cfg(feature = "node")]
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let told = async |kind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(error) => {
            tracing::error!(%error, "cannot wait for a signal");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = told(SignalKind::terminate()) => {}
        () = told(SignalKind::interrupt()) => {}
    }
}

impl Signals {
    /// A thread of its own waits for them, so that no other code runs in a signal handler.
    fn watch() -> Result<Signals> {
        let signals = Signals { stop: Arc::default(), reload: Arc::default() };
        let (stop, reload) = (Arc::clone(&signals.stop), Arc::clone(&signals.reload));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            if let Err(error) = runtime.block_on(wait(&stop, &reload)) {
                tracing::error!(%error, "cannot wait for signals");
            }
        })?;
        Ok(signals)
    }
}

async fn wait(stop: &AtomicBool, reload: &AtomicBool) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = term.recv() => stop.store(true, Ordering::Release),
            _ = int.recv() => stop.store(true, Ordering::Release),
            _ = hup.recv() => reload.store(true, Ordering::Release),
        }
    }
}
