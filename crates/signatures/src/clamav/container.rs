//! `.cvd` and `.cld`: a header of 512 bytes and a tar of databases, compressed with gzip in a `.cvd`.
//!
//! Of a `.cvd` the MD5 of everything after the header is checked, the [`detached`] signature if one lies beside it, and ClamAV's
//! own signature of that MD5. A `.cld` is made on the host
//! by freshclam from a `.cvd` and its updates, and nobody has signed it as a whole; what its `.info` says of its members is checked,
//! as it is in a `.cvd`: names, sizes and SHA-256.

use super::detached::{self, Certificates, Content, Standing};
use super::header_signature;
use crate::build::BuildError;
use flate2::bufread::GzDecoder;
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const HEADER: usize = 512;
/// ClamAV's main database unpacks to 0.4 GB.
const MAX_UNPACKED: u64 = 4 << 30;
const MAX_MEMBERS: usize = 256;
const MAX_INFO: u64 = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub build_time: String,
    pub version: u64,
    pub signatures: u64,
    pub level: u32,
    pub md5: [u8; 16],
    pub signature: String,
    pub builder: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    #[error("reading it: {0}")]
    Io(#[from] io::Error),
    #[error("not a ClamAV database container: {0}")]
    Header(&'static str),
    #[error("its MD5 is not the one in its header: cut or changed")]
    Digest,
    #[error("its signature is not ClamAV's{0}")]
    Signature(String),
    #[error("its detached signature {name} is bad: {why}", name = .0.display(), why = .1)]
    Detached(PathBuf, detached::Bad),
    #[error("its detached signature {name} cannot be read: {why}", name = .0.display(), why = .1)]
    DetachedRead(PathBuf, io::Error),
    #[error("it needs functionality level {0}; this is {level}", level = super::ENGINE_LEVEL)]
    Level(u32),
}

#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    #[error("unpacking it: {0}")]
    Unpack(#[from] io::Error),
    #[error("{0}: {1}")]
    Member(String, &'static str),
    #[error(transparent)]
    Each(BuildError),
}

pub struct Container {
    file: File,
    pub header: Header,
    /// What was checked, in words.
    pub origin: String,
}

/// Parses the 512 bytes.
pub fn parse_header(bytes: &[u8]) -> Result<Header, ContainerError> {
    let bytes = bytes.get(..HEADER).ok_or(ContainerError::Header("shorter than its header"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| ContainerError::Header("a header that is not text"))?;
    let fields: Vec<&str> = text.trim_end_matches(['\0', ' ', '\n']).split(':').collect();
    if fields[0] != "ClamAV-VDB" {
        return Err(ContainerError::Header("it does not begin with ClamAV-VDB"));
    }
    // The build time is written with a hyphen for its colon in some versions and with the colon in others.
    let at = fields.len().checked_sub(7).filter(|at| (1..=3).contains(at)).unwrap_or(2);
    let at = if fields.get(2).is_some_and(|field| field.parse::<u64>().is_ok()) { 2 } else { at };
    let &[version, signatures, level, md5, signature, builder, ..] = fields.get(at..).unwrap_or_default() else {
        return Err(ContainerError::Header("fields are missing"));
    };
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| ContainerError::Header("a field is not a number"));
    let mut digest = [0; 16];
    // A .cld that was put together locally has none.
    if hex::decode_to_slice(md5, &mut digest).is_err() {
        digest = [0; 16];
    }
    Ok(Header {
        build_time: event::text::clip(&fields[1..at].join(":"), 64).to_owned(),
        version: number(version)?,
        signatures: number(signatures)?,
        level: number(level)? as u32,
        md5: digest,
        signature: signature.to_owned(),
        builder: event::text::clip(builder, 64).to_owned(),
    })
}

/// Reads the header and checks; `path` tells what kind it is, `sign` gives the detached signature of a version, if there is one.
/// `require_origin`: a `.cvd` that neither ClamAV signed nor somebody whom `trusted` vouches for is an error, not only told.
pub fn open(
    mut file: File,
    path: &Path,
    require_origin: bool,
    sign: impl FnOnce(u64) -> Option<(PathBuf, io::Result<String>)>,
    trusted: &Certificates,
) -> Result<Container, ContainerError> {
    let mut bytes = [0; HEADER];
    file.read_exact(&mut bytes).map_err(|_| ContainerError::Header("shorter than its header"))?;
    let header = parse_header(&bytes)?;
    if header.level > super::ENGINE_LEVEL {
        return Err(ContainerError::Level(header.level));
    }
    let local = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("cld") || e.eq_ignore_ascii_case("cud"));
    let origin = if local {
        "made on a host, not signed; its members match its own list".to_owned()
    } else {
        check(&mut file, &header, require_origin, sign(header.version), trusted)?
    };
    Ok(Container { file, header, origin })
}

fn check(
    file: &mut File,
    header: &Header,
    require_origin: bool,
    sign: Option<(PathBuf, io::Result<String>)>,
    trusted: &Certificates,
) -> Result<String, ContainerError> {
    let mut digest = Md5::new();
    file.seek(SeekFrom::Start(HEADER as u64))?;
    io::copy(&mut BufReader::with_capacity(1 << 20, &mut *file), &mut digest)?;
    if <[u8; 16]>::from(digest.finalize()) != header.md5 {
        return Err(ContainerError::Digest);
    }
    let beside = match sign {
        None => String::new(),
        Some((path, text)) => match detached(file, path, text, trusted)? {
            Standing::Signed(name) => return Ok(format!("signed by {name}, detached")),
            Standing::Unverified(why) => format!("; its detached signature is unverified: {why}"),
        },
    };
    match header_signature::verify(&header.md5, &header.signature) {
        true => Ok(format!("signed by ClamAV{beside}")),
        false if require_origin => Err(ContainerError::Signature(beside)),
        false => Ok(format!("NOT signed by ClamAV{beside}")),
    }
}

fn detached(
    file: &File,
    path: PathBuf,
    text: io::Result<String>,
    trusted: &Certificates,
) -> Result<Standing, ContainerError> {
    let text = match text {
        Ok(text) => text,
        Err(error) => return Err(ContainerError::DetachedRead(path, error)),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    detached::verify(&Content::File(file), &text, trusted, now).map_err(|why| ContainerError::Detached(path, why))
}

impl Container {
    /// Each member with its name; the reader ends with it. Members that the `.info` lists must be as it says.
    pub fn members(
        &mut self,
        mut each: impl FnMut(&str, &mut dyn Read) -> Result<(), BuildError>,
    ) -> Result<(), MemberError> {
        let listed = self.info()?;
        self.walk(|name, reader| {
            let mut reader = Digesting { from: reader, sha256: Sha256::new(), length: 0 };
            each(name, &mut reader).map_err(MemberError::Each)?;
            io::copy(&mut reader, &mut io::sink())?;
            match listed.get(name) {
                Some((length, _)) if *length != reader.length => {
                    Err(MemberError::Member(name.into(), "not as long as the .info says"))
                }
                Some((_, digest)) if <[u8; 32]>::from(reader.sha256.finalize()) != *digest => {
                    Err(MemberError::Member(name.into(), "its SHA-256 is not the one in the .info"))
                }
                _ => Ok(()),
            }
        })
    }

    /// Name, length and SHA-256 of what the `.info` lists.
    fn info(&mut self) -> Result<HashMap<String, (u64, [u8; 32])>, MemberError> {
        let mut listed = HashMap::new();
        self.walk(|name, reader| {
            if !name.ends_with(".info") {
                return Ok(());
            }
            let mut text = String::new();
            reader.take(MAX_INFO).read_to_string(&mut text)?;
            for line in text.lines() {
                let mut fields = line.split(':');
                let (Some(name), Some(length), Some(digest)) = (fields.next(), fields.next(), fields.next()) else {
                    continue;
                };
                // The first line and the last speak of the whole; members have a suffix.
                if !name.contains('.') {
                    continue;
                }
                let mut sha256 = [0; 32];
                match (length.parse(), hex::decode_to_slice(digest, &mut sha256)) {
                    (Ok(length), Ok(())) => listed.insert(name.to_owned(), (length, sha256)),
                    _ => return Err(MemberError::Member(name.into(), "the .info does not say its length and digest")),
                };
            }
            Ok(())
        })?;
        Ok(listed)
    }

    fn walk(
        &mut self,
        mut each: impl FnMut(&str, &mut dyn Read) -> Result<(), MemberError>,
    ) -> Result<(), MemberError> {
        let mut magic = [0; 2];
        self.file.seek(SeekFrom::Start(HEADER as u64))?;
        self.file.read_exact(&mut magic)?;
        self.file.seek(SeekFrom::Start(HEADER as u64))?;
        let raw = BufReader::with_capacity(1 << 20, &self.file);
        let unpacked: Box<dyn Read> = if magic == [0x1f, 0x8b] { Box::new(GzDecoder::new(raw)) } else { Box::new(raw) };
        let mut archive = tar::Archive::new(unpacked.take(MAX_UNPACKED));
        for (count, entry) in archive.entries()?.enumerate() {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if count >= MAX_MEMBERS {
                return Err(MemberError::Member(name, "more members than a database has"));
            }
            each(&name, &mut entry)?;
        }
        Ok(())
    }
}

struct Digesting<R> {
    from: R,
    sha256: Sha256,
    length: u64,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.from.read(buffer)?;
        self.sha256.update(&buffer[..got]);
        self.length += got as u64;
        Ok(got)
    }
}
