//! The agent's socket: one line of JSON asks, lines of JSON answer. Only root may open it.

use crate::place::Place;
use anyhow::{Context, Result, bail};
use event::{Alert, Row};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

pub struct Local {
    socket: PathBuf,
}

/// One item of the agent's live stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    Event(Box<Row>),
    Alert(Box<Alert>),
}

impl Local {
    pub fn open(place: &Place) -> Result<Local> {
        let socket = place.agent_socket();
        if !socket.exists() {
            bail!(
                "no agent runs here: {} is not there (give --state DIR if it was started with one)",
                socket.display()
            );
        }
        Ok(Local { socket })
    }

    pub fn status(&self) -> Result<Value> {
        self.ask(&json!({ "request": "status" }))
    }

    pub fn ask(&self, request: &Value) -> Result<Value> {
        let mut lines = self.send(request)?;
        let line = lines.next().context("the agent closed without an answer")??;
        let answer: Value = serde_json::from_str(&line).context("the agent's answer is not JSON")?;
        match answer["error"].as_str() {
            Some(error) => bail!("{}", event::text::printable(error)),
            None => Ok(answer),
        }
    }

    /// Events and alerts as they come, from now on.
    pub fn follow(&self) -> Result<impl Iterator<Item = Result<Told>> + use<>> {
        let mut lines = self.send(&json!({ "request": "follow" }))?;
        // The first line says that the stream is set up: what happens after it will be in it.
        lines.next().context("the agent closed without an answer")??;
        Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
    }

    fn send(&self, request: &Value) -> Result<Lines<BufReader<UnixStream>>> {
        let mut stream = UnixStream::connect(&self.socket)
            .with_context(|| format!("cannot reach the agent at {}", self.socket.display()))?;
        writeln!(stream, "{request}")?;
        Ok(BufReader::new(stream).lines())
    }
}
