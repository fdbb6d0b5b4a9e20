//! A mirror by folder, by address, or the node. The way is only carriage: what comes is checked by the manifest's signature
//! and its digests.

use crate::place::Place;
use anyhow::{Result, bail};
use signatures::update::{Folder, Source};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;
use transport::Publication;

const CONNECT: Duration = Duration::from_secs(20);
/// For one file, which may be hundreds of megabytes on a slow line.
const WHOLE: Duration = Duration::from_secs(3600);

pub fn of(from: &str, place: &Place) -> Result<Box<dyn Source>> {
    if from == "node" {
        return Ok(Box::new(Node(agent::publication(&place.state)?)));
    }
    if from.starts_with("http://") || from.starts_with("https://") {
        let agent = ureq::Agent::config_builder().timeout_connect(Some(CONNECT)).timeout_global(Some(WHOLE)).build();
        let base = from.trim_end_matches('/').to_owned();
        return Ok(Box::new(Http { agent: agent.into(), base }));
    }
    if !Path::new(from).is_dir() {
        bail!("--from {from}: neither `node`, nor an address, nor a folder");
    }
    Ok(Box::new(Folder(from.into())))
}

struct Http {
    agent: ureq::Agent,
    base: String,
}

impl Source for Http {
    fn fetch(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let response = self.agent.get(format!("{}/{name}", self.base)).call().map_err(io::Error::other)?;
        Ok(Box::new(response.into_body().into_reader()))
    }
}

/// What the node publishes, over the agent's own mutual TLS.
struct Node(Publication);

impl Source for Node {
    fn fetch(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0.fetch(name)?))
    }
}
