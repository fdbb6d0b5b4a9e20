//! ClamAV's detached signatures: beside `daily.cvd`, version 27000, a text `daily-27000.cvd.sign` of lines
//! `LEAST:MOST:pkcs7-pem:BASE64`, each a CMS signature (RFC 5652) of the whole file. The levels say which engines of ClamAV know
//! the form; it is known here.
//!
//! A signature that does not fit the file, or that its signer cannot have made, is an error and the database is not used. One
//! whose signer nobody here vouches for says nothing either way: it is [`Standing::Unverified`], with the reason.

mod chain;
mod content;
mod message;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub use chain::Certificates;
pub use content::Content;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

const FIRST_LINE: &str = "#clamsign-1.";
const MAX_BYTES: u64 = 1 << 20;
const MAX_SIGNATURES: usize = 8;

/// What a detached signature is worth here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// By whom: the common name of the certificate.
    Signed(String),
    /// Why it cannot be told.
    Unverified(String),
}

/// Why it is bad, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Bad(pub(crate) String);

pub(crate) fn bad(why: impl Into<String>) -> Bad {
    Bad(why.into())
}

/// How the signature of this container may be called when the container is of this version.
pub fn names(container: &Path, version: u64) -> Option<[PathBuf; 2]> {
    let mut appended = container.as_os_str().to_owned();
    appended.push(".sign");
    Some([container.with_file_name(format!("{}-{version}.cvd.sign", stem(container)?)), appended.into()])
}

/// Whether it is a signature of some version of that container, by its name.
pub fn signs(sign: &Path, container: &Path) -> bool {
    let name = sign.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".sign"));
    let Some((name, stem)) = name.zip(stem(container)) else { return false };
    let of_it = name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(['-', '.']));
    of_it && sign.parent() == container.parent()
}

/// The signatures that lie beside a container, of whatever version; none for what is no container.
pub fn beside(container: &Path) -> Vec<PathBuf> {
    let folder = container.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(entries) = stem(container).and_then(|_| folder.unwrap_or(Path::new(".")).read_dir().ok()) else {
        return Vec::new();
    };
    let paths = entries.flatten().map(|entry| container.with_file_name(entry.file_name()));
    let mut found: Vec<PathBuf> = paths.filter(|path| signs(path, container)).collect();
    found.sort();
    found
}

/// `daily` of `daily.cvd` and of `daily-27000.cvd`.
fn stem(container: &Path) -> Option<&str> {
    container.extension().filter(|ending| ending.eq_ignore_ascii_case("cvd"))?;
    container.file_name()?.to_str()?.split(['-', '.']).next()
}

pub fn read(file: File) -> io::Result<String> {
    let mut text = String::new();
    let got = file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if got as u64 > MAX_BYTES {
        return Err(io::Error::other("more than 1 MiB is no signature"));
    }
    Ok(text)
}

/// `now`: seconds since 1970, for the certificates' validity.
pub fn verify(content: &Content<'_>, sign: &str, trusted: &Certificates, now: i64) -> Result<Standing, Bad> {
    let mut lines = sign.lines();
    if !lines.next().is_some_and(|line| line.starts_with(FIRST_LINE)) {
        return Err(bad(format!("it does not begin with {FIRST_LINE}0")));
    }
    let mut why = "it holds no signature".to_owned();
    let signatures = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in signatures.take(MAX_SIGNATURES) {
        let fields: Vec<&str> = line.split(':').collect();
        let &[_, _, form, encoded] = fields.as_slice() else {
            return Err(bad("a line that is no signature"));
        };
        if form != "pkcs7-pem" {
            why = format!("a signature of the form {:?}, which is not known here", event::text::clip(form, 40));
            continue;
        }
        let der = STANDARD.decode(encoded).map_err(|_| bad("a signature that is not base64"))?;
        match message::verify(content, &der, trusted, now)? {
            Standing::Unverified(reason) => why = reason,
            signed => return Ok(signed),
        }
    }
    Ok(Standing::Unverified(why))
}
