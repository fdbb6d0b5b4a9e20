//! The delay from an exec to its row in the node's store, and to its alert on the page's live stream, over a real agent,
//! mTLS and a real node. Both are read where the page reads them: the node's API.

use crate::world::World;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub fn pipeline(tamon: &Path, rounds: usize) -> Result<Vec<(String, f64)>> {
    let world = World::start(tamon.to_path_buf(), "pipeline")?;
    let mut rows = world
        .tamon()
        .args(["events", "--follow", "--output", "ndjson", "--limit", "1", "--action", "process-exec"])
        .stdout(Stdio::piped())
        .spawn()?;
    let events = lines(BufReader::new(rows.stdout.take().context("no standard output")?));
    let alerts = lines(BufReader::new(stream(&world.state.join("run/node.sock"))?));
    std::thread::sleep(Duration::from_secs(2));
    let (mut to_row, mut to_alert) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let marker = format!("tamon-bench-{}-{round}", std::process::id());
        let start = Instant::now();
        // What the rule pack tells in any case: a miner's pool on a command line. Nothing listens or connects. A shell of its
        // own for each, since the agent tells the same of one process tree once a minute.
        let script = format!("/bin/true -o stratum+tcp://127.0.0.1:1 {marker}; :");
        Command::new("sh").args(["-c", &script]).status()?;
        to_row.push(wait_for(&events, &marker, start)?);
        to_alert.push(wait_for(&alerts, &marker, start)?);
    }
    rows.kill()?;
    rows.wait()?;
    let mut figures = Vec::new();
    for (name, mut delays) in [("row", to_row), ("alert", to_alert)] {
        delays.sort_by(f64::total_cmp);
        let at = |part: f64| delays[((delays.len() - 1) as f64 * part) as usize];
        println!("exec to {name}: median {:.0} ms, p95 {:.0} ms, worst {:.0} ms", at(0.5), at(0.95), at(1.0));
        figures.push((format!("{name}_median_ms"), at(0.5)));
        figures.push((format!("{name}_p95_ms"), at(0.95)));
    }
    Ok(figures)
}

/// The page's live stream, over the admin socket.
fn stream(socket: &Path) -> Result<UnixStream> {
    let mut stream = UnixStream::connect(socket).with_context(|| format!("cannot reach {}", socket.display()))?;
    stream.write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")?;
    Ok(stream)
}

/// Each line with the moment it came.
fn lines(reader: impl BufRead + Send + 'static) -> Receiver<(Instant, String)> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in reader.lines().map_while(|line| line.ok()) {
            if send.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    receive
}

/// Milliseconds from `start` to the line that holds `marker`.
fn wait_for(lines: &Receiver<(Instant, String)>, marker: &str, start: Instant) -> Result<f64> {
    let limit = Duration::from_secs(20);
    while let Some(left) = limit.checked_sub(start.elapsed()) {
        let Ok((at, line)) = lines.recv_timeout(left) else { break };
        if line.contains(marker) {
            return Ok(at.saturating_duration_since(start).as_secs_f64() * 1000.0);
        }
    }
    bail!("{marker} did not arrive within {} s", limit.as_secs())
}
