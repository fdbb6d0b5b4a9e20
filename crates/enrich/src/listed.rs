//! The digest that a package's list says of a file's content: dpkg keeps MD5, rpm what its header names, SHA-256 since ten
//! years. MD5 does not hold against somebody who makes two files for it, which takes the packager himself; against somebody
//! who changes a file that was packaged it does.

use md5::Md5;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

const CHUNK: usize = 256 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedDigest {
    Md5([u8; 16]),
    Sha256([u8; 32]),
    Sha384([u8; 48]),
    Sha512([u8; 64]),
}

impl ListedDigest {
    /// `algorithm` is OpenPGP's number for it (RFC 4880, 9.4), as rpm's headers have it; None for one that is not read, or
    /// where the text is no digest of that length.
    pub(crate) fn parse(algorithm: u64, text: &[u8]) -> Option<ListedDigest> {
        match algorithm {
            1 => Some(ListedDigest::Md5(from_hex(text)?)),
            8 => Some(ListedDigest::Sha256(from_hex(text)?)),
            9 => Some(ListedDigest::Sha384(from_hex(text)?)),
            10 => Some(ListedDigest::Sha512(from_hex(text)?)),
            _ => None,
        }
    }

    /// Whether the file's content, read from its beginning to its end, has this digest.
    pub fn is_of(&self, file: &File) -> io::Result<bool> {
        Ok(match self {
            ListedDigest::Md5(said) => said[..] == digest::<Md5>(file)?[..],
            ListedDigest::Sha256(said) => said[..] == digest::<Sha256>(file)?[..],
            ListedDigest::Sha384(said) => said[..] == digest::<Sha384>(file)?[..],
            ListedDigest::Sha512(said) => said[..] == digest::<Sha512>(file)?[..],
        })
    }
}

/// Exactly so many bytes; None for anything else.
pub(crate) fn from_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}

fn digest<D: Digest>(file: &File) -> io::Result<Vec<u8>> {
    let mut hasher = D::new();
    let mut chunk = vec![0; CHUNK];
    let mut at = 0;
    loop {
        match file.read_at(&mut chunk, at) {
            Ok(0) => return Ok(hasher.finalize().to_vec()),
            Ok(n) => {
                hasher.update(&chunk[..n]);
                at += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn only_what_is_a_digest_of_its_kind_is_one_and_it_fits_one_content() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"hello").unwrap();
        let check = |algorithm, text: &str, expected: Option<bool>| {
            let said = ListedDigest::parse(algorithm, text.as_bytes());
            assert_eq!(said.map(|said| said.is_of(&file).unwrap()), expected, "{algorithm} {text}");
        };
        let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        check(1, "5d41402abc4b2a76b9719d911017c592", Some(true));
        check(8, sha256, Some(true));
        check(8, &sha256.replace('2', "3"), Some(false));
        check(9, &hex::encode(Sha384::digest("hello")), Some(true));
        check(10, &hex::encode(Sha512::digest("hello")), Some(true));
        check(10, sha256, None);
        check(8, &sha256[1..], None);
        check(8, "", None);
        check(2, "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", None);
    }
}
