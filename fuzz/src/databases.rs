//! Databases of signatures, in every form in which they come: lines, containers, compiled, signed, as what changed.

use crate::records::scratch;
use base64::Engine as _;
use md5::{Digest as _, Md5};
use signatures::clamav::detached;
use signatures::{BuildOptions, Database, Digests, FileType, Member, Object, ScanOptions, Scratch};
use std::path::Path;

/// The first line is the ending of a file's name, the rest its text. What compiles must open, and match without an error.
pub fn fuzz_signature_text(data: &[u8]) {
    let Some((ending, text)) = crate::text(data).and_then(|text| text.split_once('\n')) else { return };
    if ending.is_empty() || ending.len() > 8 || !ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return;
    }
    let folder = scratch();
    let path = folder.path().join(format!("fuzz.{ending}"));
    std::fs::write(&path, text).expect("the scratch folder takes files");
    let bytes = compiled(&path);
    let database = Database::from_bytes(bytes).expect("what was compiled opens");
    ask(&database, data).expect("what was compiled does not contradict itself");
}

fn compiled(path: &Path) -> Vec<u8> {
    let options = BuildOptions {
        scratch: Scratch::Folder(path.parent().expect("it lies in a folder").into()),
        memory: 1 << 20,
        require_origin: false,
        ..BuildOptions::default()
    };
    let set = path.with_extension("tsig");
    signatures::build_file(&[path.to_path_buf()], &options, &set).expect("a line that is wrong is told, not an error");
    std::fs::read(&set).expect("it was written")
}

/// A compiled database that somebody changed: an error or an answer.
pub fn fuzz_signature_database(data: &[u8]) {
    if let Ok(database) = Database::from_bytes(data.to_vec()) {
        let _ = ask(&database, &data[..data.len().min(4096)]);
    }
}

fn ask(database: &Database, bytes: &[u8]) -> Result<(), signatures::Corrupt> {
    let size = bytes.len() as u64;
    database.lookup(&Digests::of(bytes, database.wanted(size)), size, true)?;
    database.scan(&Object::file(bytes), &ScanOptions::default())?;
    database.member(&Member {
        container: FileType::Zip,
        container_size: Some(100),
        name: b"a.exe",
        size_in_container: 10,
        size,
        encrypted: false,
        position: 1,
        crc32: None,
    });
    Ok(())
}

/// What follows a container's header; the header is put in front as it must be, or the first bytes would be all that is tried.
pub fn fuzz_signature_container(data: &[u8]) {
    let digest = hex::encode(Md5::digest(data));
    let mut bytes = format!("ClamAV-VDB:01 Jan 2026 00-00 +0000:1:1:90:{digest}:none:fuzz:0").into_bytes();
    bytes.resize(512, b' ');
    bytes.extend_from_slice(data);
    let folder = scratch();
    let path = folder.path().join("fuzz.cvd");
    std::fs::write(&path, bytes).expect("the scratch folder takes files");
    compiled(&path);
    drop(signatures::clamav::container::parse_header(data));
}

/// A detached signature: the message itself, and the text around it.
pub fn fuzz_signature_message(data: &[u8]) {
    let nobody = detached::Certificates::default();
    let message = base64::engine::general_purpose::STANDARD.encode(data);
    let sign = format!("#clamsign-1.0\n220::pkcs7-pem:{message}\n");
    for text in [Some(sign.as_str()), crate::text(data)].into_iter().flatten() {
        if let Ok(standing) =
            detached::verify(&detached::Content::Bytes(b"what was signed"), text, &nobody, 1_800_000_000)
        {
            assert!(matches!(standing, detached::Standing::Unverified(_)), "nobody is trusted");
        }
    }
}

/// What a mirror sends: its manifest, and a delta against a file that is known here.
pub fn fuzz_signature_mirror(data: &[u8]) {
    const MOST: u64 = 1 << 20;
    assert!(signatures::update::Envelope::open(data, &[]).is_err(), "nobody is trusted");
    let mut out = Vec::new();
    if signatures::update::apply_delta(&old(), data, MOST, &mut out).is_ok() {
        assert!(out.len() as u64 <= MOST);
    }
}

/// Seeds of the two binary forms.
pub fn signature_seeds() -> [(&'static str, Vec<u8>); 2] {
    let folder = scratch();
    let path = folder.path().join("seed.ldb");
    let text = "Seed.One;Engine:51-255,Target:0;(0&1)|2;61626364;{10-20}6566676869;0/ab.?c/i\n";
    std::fs::write(&path, text).expect("the scratch folder takes files");
    let mut delta = Vec::new();
    let new = [b"before ", old().as_slice(), b" after"].concat();
    signatures::update::make_delta(&old(), &new, &mut delta).expect("a delta of ours");
    [("signature_database", compiled(&path)), ("signature_mirror", delta)]
}

fn old() -> Vec<u8> {
    (0..2000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}
