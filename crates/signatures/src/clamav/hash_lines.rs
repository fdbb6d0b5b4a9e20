//! Lines of digests: `.hdb .hsb .fp .sfp` as `Digest:Size:Name[:MinLevel[:MaxLevel]]`, `.mdb .msb` as `Size:Digest:Name[…]`, and our own lists,
//! `Digest [severity] [name…]`, which takes what `sha256sum` and its kin write.

use super::{LineError, check_level, check_name, malformed};
use crate::hashes::{Algorithm, HashEntry, MAX_SIZE, Place};
use event::Severity;

/// The level from which a size may be `*`.
const ANY_SIZE_LEVEL: u32 = 73;

pub fn parse(line: &str, place: Place, pua: bool) -> Result<HashEntry, LineError> {
    let fields: Vec<&str> = line.split(':').collect();
    let &[first, second, name, ref levels @ ..] = fields.as_slice() else {
        return Err(malformed("fewer than three fields"));
    };
    if levels.len() > 2 {
        return Err(malformed("more than five fields"));
    }
    let (digest, size) = if place == Place::Section { (second, first) } else { (first, second) };
    let (algorithm, digest) = digest_of(digest)?;
    let size = match size {
        "*" => {
            let level = levels.first().and_then(|level| level.parse::<u32>().ok()).unwrap_or(0);
            if level < ANY_SIZE_LEVEL {
                return Err(malformed(format!("size * needs functionality level {ANY_SIZE_LEVEL}")));
            }
            None
        }
        size => Some(size.parse().ok().filter(|size| *size < MAX_SIZE).ok_or_else(|| malformed("not a size"))?),
    };
    check_level(levels.first().copied(), levels.get(1).copied())?;
    let severity = if pua { Severity::Low } else { Severity::High };
    Ok(HashEntry { place, algorithm, digest, size, name: check_name(name)?.to_owned(), severity, pua })
}

/// None: an empty line or a remark.
pub fn parse_list(line: &str) -> Result<Option<HashEntry>, LineError> {
    let line = line.split('#').next().unwrap_or_default().trim();
    if line.is_empty() {
        return Ok(None);
    }
    let (digest, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (algorithm, digest) = digest_of(digest)?;
    let rest = rest.trim();
    let (first, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (severity, name) = match first.parse::<Severity>() {
        Ok(severity) => (severity, tail.trim()),
        Err(_) => (Severity::High, rest.trim_start_matches('*')),
    };
    let name = if name.is_empty() { "known bad file" } else { event::text::clip(name, 200) };
    let name = check_name(name)?.to_owned();
    Ok(Some(HashEntry { place: Place::File, algorithm, digest, size: None, name, severity, pua: false }))
}

fn digest_of(text: &str) -> Result<(Algorithm, Vec<u8>), LineError> {
    let digest = hex::decode(text.trim()).map_err(|_| malformed("not a digest in hexadecimal"))?;
    let algorithm = Algorithm::of_size(digest.len());
    Ok((algorithm.ok_or_else(|| malformed("not as long as an MD5, SHA-1 or SHA-256"))?, digest))
}
