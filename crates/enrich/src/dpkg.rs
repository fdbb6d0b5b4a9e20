//! dpkg's database: versions from `status`, paths from `info/*.list`, moved by `diversions`.

use crate::packages::Builder;
use crate::proc::limited;
use event::{Package, text};
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// What changes when the database does, under the root.
pub(crate) const DATABASES: [&str; 3] = ["var/lib/dpkg/status", "var/lib/dpkg/info", "var/lib/dpkg/diversions"];

const MOST_STATUS: u64 = 128 << 20;
const MOST_LIST: u64 = 64 << 20;

/// Where a diverted path went, and the package that may still use it.
struct Diversion {
    to: Vec<u8>,
    by: Vec<u8>,
}

pub(crate) fn read(root: &Path, builder: &mut Builder<'_>) -> io::Result<()> {
    let base = root.join("var/lib/dpkg");
    if !base.exists() {
        return Ok(());
    }
    let versions = versions(&limited(&base.join("status"), MOST_STATUS)?);
    let diversions = diversions(&limited(&base.join("diversions"), MOST_LIST).unwrap_or_default());
    let mut first_error = Ok(());
    for entry in std::fs::read_dir(base.join("info"))? {
        let entry = entry?;
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().and_then(|n| n.strip_suffix(".list")) else { continue };
        let name = name.split(':').next().unwrap_or(name);
        let Some(version) = versions.get(name.as_bytes()) else { continue };
        match limited(&entry.path(), MOST_LIST) {
            Ok(list) => own_all(builder, name, version, &list, &diversions),
            Err(error) => first_error = first_error.and(Err(error)),
        }
    }
    first_error
}

fn own_all(builder: &mut Builder<'_>, name: &str, version: &str, list: &[u8], diverted: &HashMap<Vec<u8>, Diversion>) {
    let package = builder.package(Package { name: name.into(), version: version.into(), kind: "deb" });
    for path in list.split(|b| *b == b'\n') {
        match diverted.get(path) {
            Some(diversion) if diversion.by != name.as_bytes() => builder.own(&diversion.to, package),
            _ => builder.own(path, package),
        }
    }
}

/// Version of each package that is unpacked.
fn versions(status: &[u8]) -> HashMap<Vec<u8>, String> {
    let mut out = HashMap::new();
    let (mut name, mut version, mut installed) = (&b""[..], &b""[..], false);
    for line in status.split(|b| *b == b'\n').chain([&b""[..]]) {
        if let Some(value) = line.strip_prefix(b"Package: ") {
            name = value;
        } else if let Some(value) = line.strip_prefix(b"Version: ") {
            version = value;
        } else if let Some(value) = line.strip_prefix(b"Status: ") {
            installed = !value.ends_with(b"config-files") && !value.ends_with(b"not-installed");
        } else if line.is_empty() {
            if installed && !name.is_empty() {
                out.insert(name.to_vec(), text::from_bytes(version).into_owned());
            }
            (name, version, installed) = (b"", b"", false);
        }
    }
    out
}

/// Three lines each: path, where it goes, package (`:` when an administrator made it).
fn diversions(text: &[u8]) -> HashMap<Vec<u8>, Diversion> {
    let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
    lines.chunks_exact(3).map(|c| (c[0].to_vec(), Diversion { to: c[1].to_vec(), by: c[2].to_vec() })).collect()
}
