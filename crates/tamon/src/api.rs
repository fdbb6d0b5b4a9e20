//! The node's HTTP API over its admin socket: the same contract as the console's, authenticated by who opens the socket.

use crate::place::Place;
use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::path::PathBuf;
use tokio::net::UnixStream;

/// No answer of the API is larger: lists are paged.
const MAX_ANSWER: usize = 256 << 20;

pub struct Api {
    socket: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Api {
    pub fn open(place: &Place) -> Result<Api> {
        let socket = place.node_socket();
        if !socket.exists() {
            bail!("no node runs here: {} is not there (give --state DIR if it was started with one)", socket.display());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Api { socket, runtime })
    }

    pub fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Result<Value> {
        self.call(Method::DELETE, path, None)
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let bytes = self.fetch(method, &format!("/api/v1{path}"), body)?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("the node's answer to {path} is not JSON"))
    }

    /// Of any path of the node, as it comes: some answers are files.
    pub fn fetch(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Bytes> {
        self.runtime.block_on(async {
            let response = self.send(method, path, body).await?;
            let status = response.status();
            let bytes = Limited::new(response.into_body(), MAX_ANSWER)
                .collect()
                .await
                .map_err(|error| anyhow::anyhow!("the node's answer broke off: {error}"))?
                .to_bytes();
            if status.is_success() {
                return Ok(bytes);
            }
            let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let told = answer["detail"].as_str().or(answer["title"].as_str()).unwrap_or("no reason given");
            bail!("{} ({status})", event::text::printable(told))
        })
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response<Incoming>> {
        let stream = UnixStream::connect(&self.socket)
            .await
            .with_context(|| format!("cannot reach the node at {}", self.socket.display()))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.map(Value::to_string).unwrap_or_default())))?;
        Ok(sender.send_request(request).await?)
    }
}

/// One query parameter, percent-encoded.
pub fn parameter(name: &str, value: &str) -> String {
    let mut out = format!("{name}=");
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded() {
        assert_eq!(parameter("q", "a b&c=é"), "q=a%20b%26c%3D%C3%A9");
    }
}
