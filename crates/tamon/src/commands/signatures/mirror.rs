//! A mirror by folder, by address, or the node. The way is only carriage: what comes is checked by the manifest's signature
//! and its digests.

use crate::place::Place;
use anyhow::{Context as _, Result, bail};
use signatures::update::{Folder, Source};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use transport::Publication;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

const CONNECT: Duration = Duration::from_secs(20);
/// For one file, which may be hundreds of megabytes on a slow line.
const WHOLE: Duration = Duration::from_secs(3600);
const MAX_ROOTS: u64 = 8 << 20;

/// As the operator named it.
pub struct Way<'a> {
    pub from: &'a str,
    /// File of certificates that an https mirror is held against.
    pub ca: Option<&'a Path>,
}

impl Way<'_> {
    fn is_address(&self) -> bool {
        self.from.starts_with("http://") || self.from.starts_with("https://")
    }

    /// What is read of the host besides the system's own files.
    pub fn readable(&self, place: &Place) -> Vec<PathBuf> {
        match self.from {
            "node" => agent::identity_files(&place.state),
            _ if self.is_address() => Vec::new(),
            folder => vec![folder.into()],
        }
    }

    /// Whom an https mirror's certificate must come from: those named, else the world's authorities.
    pub fn roots(&self) -> Result<RootCerts> {
        let Some(file) = self.ca else { return Ok(RootCerts::WebPki) };
        if !self.from.starts_with("https://") {
            bail!("--ca is of use only with an address that begins with https://");
        }
        let mut text = Vec::new();
        let opened = std::fs::File::open(file).with_context(|| format!("--ca {}", file.display()))?;
        opened.take(MAX_ROOTS).read_to_end(&mut text).with_context(|| format!("--ca {}", file.display()))?;
        let mut roots = Vec::new();
        for item in parse_pem(&text) {
            if let PemItem::Certificate(certificate) = item.with_context(|| format!("--ca {}", file.display()))? {
                roots.push(certificate);
            }
        }
        if roots.is_empty() {
            bail!("--ca {}: there is no certificate in it", file.display());
        }
        Ok(roots.into())
    }

    pub fn source(&self, roots: RootCerts, place: &Place) -> Result<Box<dyn Source>> {
        if self.from == "node" {
            return Ok(Box::new(Node(agent::publication(&place.state)?)));
        }
        if self.is_address() {
            let tls = TlsConfig::builder().root_certs(roots).build();
            let agent = ureq::Agent::config_builder()
                .timeout_connect(Some(CONNECT))
                .timeout_global(Some(WHOLE))
                .tls_config(tls)
                .build();
            let base = self.from.trim_end_matches('/').to_owned();
            return Ok(Box::new(Http { agent: agent.into(), base }));
        }
        if !Path::new(self.from).is_dir() {
            bail!("--from {}: neither `node`, nor an address, nor a folder", self.from);
        }
        Ok(Box::new(Folder(self.from.into())))
    }
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
