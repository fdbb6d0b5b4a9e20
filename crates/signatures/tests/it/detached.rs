//! Detached signatures as ClamAV makes them, made here with openssl: a root, an authority between, a signer, and a container of
//! our own. Who is trusted is the operator's folder.

use md5::{Digest as _, Md5};
use signatures::{BuildOptions, Certificates, Reason, Report};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    /// None where openssl is not installed.
    fn new() -> Option<Authority> {
        Command::new("openssl").arg("version").output().ok().filter(|out| out.status.success())?;
        let authority = Authority { folder: tempfile::tempdir().unwrap() };
        let extensions = "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
            subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n\
            [leaf]\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n";
        std::fs::write(authority.path("ext.cnf"), extensions).unwrap();
        authority.key("root");
        authority.openssl(&[
            "req",
            "-x509",
            "-new",
            "-key",
            "root.key",
            "-subj",
            "/CN=Test Root",
            "-days",
            "30",
            "-out",
            "root.crt",
        ]);
        authority.issued("between", "root", "ca", "30");
        authority.issued("signer", "between", "leaf", "30");
        Some(authority)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let out = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    fn key(&self, name: &str) {
        self.openssl(&[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            &format!("{name}.key"),
        ]);
    }

    fn issued(&self, name: &str, by: &str, kind: &str, days: &str) {
        self.key(name);
        let file = |of: &str, ending: &str| format!("{of}.{ending}");
        let subject = format!("/O=Test/CN=Test {name}");
        let request = file(name, "csr");
        self.openssl(&["req", "-new", "-key", &file(name, "key"), "-subj", &subject, "-out", &request]);
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &file(by, "crt"),
            "-CAkey",
            &file(by, "key"),
            "-set_serial",
            "7",
            "-days",
            days,
            "-extfile",
            "ext.cnf",
            "-extensions",
            kind,
            "-out",
            &file(name, "crt"),
        ]);
    }

    /// A `.cvd` of ours, version 3, that ClamAV did not sign, and its `.cvd.sign` by this signer.
    fn database(&self, signer: &str, more: &[&str]) -> PathBuf {
        let folder = self.path("db");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("own.cvd");
        std::fs::write(&path, container()).unwrap();
        self.sign(&path, signer, more);
        folder
    }

    fn sign(&self, database: &Path, signer: &str, more: &[&str]) {
        let database = database.to_str().unwrap();
        let (certificate, key) = (format!("{signer}.crt"), format!("{signer}.key"));
        let mut arguments = vec!["cms", "-sign", "-binary", "-in", database, "-signer", &certificate, "-inkey", &key];
        arguments.extend(["-certfile", "between.crt", "-md", "sha256", "-outform", "PEM", "-out", "own.pem"]);
        arguments.extend(more);
        self.openssl(&arguments);
        let pem = std::fs::read_to_string(self.path("own.pem")).unwrap();
        let encoded: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        std::fs::write(self.path("db/own-3.cvd.sign"), format!("#clamsign-1.0\n230::pkcs7-pem:{encoded}\n")).unwrap();
    }

    fn trusting(&self, certificates: &[&str]) -> PathBuf {
        let folder = self.path("trusted");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        for name in certificates {
            std::fs::copy(self.path(&format!("{name}.crt")), folder.join(format!("{name}.crt"))).unwrap();
        }
        folder
    }
}

fn container() -> Vec<u8> {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let line = b"Own.Test:0:*:61626364\n";
    let mut header = tar::Header::new_gnu();
    header.set_size(line.len() as u64);
    header.set_cksum();
    archive.append_data(&mut header, "own.ndb", &line[..]).unwrap();
    let body = archive.into_inner().unwrap().finish().unwrap();
    let md5 = hex::encode(Md5::digest(&body));
    let mut bytes = format!("ClamAV-VDB:01 Jan 2026 00-00 +0000:3:1:90:{md5}:none:builder:0").into_bytes();
    bytes.resize(512, b' ');
    bytes.extend(body);
    bytes
}

fn build(sources: &Path, trusted: Option<PathBuf>, require_origin: bool) -> Report {
    let certificates = trusted.map(|folder| Certificates::read(&folder).unwrap()).unwrap_or_default();
    let options = BuildOptions { require_origin, certificates, ..BuildOptions::default() };
    signatures::build(&[sources.to_path_buf()], &options, &mut tempfile::tempfile().unwrap()).unwrap()
}

/// What is said of the origin, or why the database is refused.
fn said(report: &Report) -> String {
    match (report.usable, report.containers.first()) {
        (1, Some(container)) => container.origin.clone(),
        _ => {
            assert_eq!(report.unused.get(&Reason::File), Some(&1), "{report:?}");
            format!("refused: {}", report.rejected[0].reason)
        }
    }
}

macro_rules! authority {
    () => {
        match Authority::new() {
            Some(authority) => authority,
            None => {
                eprintln!("skipped: there is no openssl");
                return;
            }
        }
    };
}

#[test]
fn a_signer_is_known_by_any_certificate_of_its_chain() {
    let authority = authority!();
    let sources = authority.database("signer", &[]);
    for trusted in [&["root"][..], &["between"], &["signer"], &["root", "between", "signer"]] {
        let report = build(&sources, Some(authority.trusting(trusted)), true);
        assert_eq!(said(&report), "signed by Test signer, detached", "{trusted:?}");
    }
    let no_attributes = authority.database("signer", &["-noattr"]);
    assert_eq!(
        said(&build(&no_attributes, Some(authority.trusting(&["root"])), true)),
        "signed by Test signer, detached"
    );
}

#[test]
fn who_is_not_vouched_for_is_unverified_and_the_old_signature_decides() {
    let authority = authority!();
    let sources = authority.database("signer", &[]);
    authority.key("stranger");
    authority.openssl(&[
        "req",
        "-x509",
        "-new",
        "-key",
        "stranger.key",
        "-subj",
        "/CN=Test Root",
        "-days",
        "30",
        "-out",
        "stranger.crt",
    ]);
    // Of the same name, and another key.
    let stranger = authority.trusting(&["stranger"]);
    let words = said(&build(&sources, Some(stranger), false));
    assert!(words.starts_with("NOT signed by ClamAV; its detached signature is unverified: no certificate"), "{words}");
    let words = said(&build(&sources, None, true));
    assert!(words.starts_with("refused: ") && words.contains("unverified"), "{words}");
    // Without the certificates that the signer sent along.
    authority.database("signer", &["-nocerts"]);
    let words = said(&build(&sources, Some(authority.trusting(&["root"])), false));
    assert!(words.contains("its signer's certificate is not here"), "{words}");
    assert_eq!(
        said(&build(&sources, Some(authority.trusting(&["signer", "between"])), true)),
        "signed by Test signer, detached"
    );
}

#[test]
fn a_bad_signature_refuses_the_database_whoever_is_trusted() {
    let authority = authority!();
    let sources = authority.database("signer", &[]);
    let sign = sources.join("own-3.cvd.sign");
    let good = std::fs::read_to_string(&sign).unwrap();
    let check = |text: &str, expected: &str| {
        std::fs::write(&sign, text).unwrap();
        for trusted in [None, Some(authority.trusting(&["root"]))] {
            let words = said(&build(&sources, trusted, false));
            assert!(words.starts_with("refused: its detached signature") && words.contains(expected), "{words}");
        }
    };
    check(&good.replace("#clamsign", "#clam"), "does not begin");
    check(&good.replace("pkcs7-pem", "pkcs7-pem:more"), "no signature");
    check(&good.replace("pkcs7-pem:MI", "pkcs7-pem:NI"), "not a CMS message");
    // The last letters are of the signature itself.
    let end = good.trim_end().trim_end_matches('=').len() - 8;
    let other = if good.as_bytes()[end] == b'A' { "B" } else { "A" };
    check(&format!("{}{other}{}", &good[..end], &good[end + 1..]), "not what Test signer signed");
    // A signature of another file.
    std::fs::write(authority.path("other"), "another file").unwrap();
    authority.sign(&authority.path("other"), "signer", &[]);
    check(&std::fs::read_to_string(&sign).unwrap(), "of another file");
    // A form that is not known here says nothing.
    std::fs::write(&sign, good.replace("pkcs7-pem", "next-form")).unwrap();
    let words = said(&build(&sources, None, false));
    assert!(words.contains("unverified: a signature of the form \"next-form\""), "{words}");
}

#[test]
fn a_certificate_that_is_over_or_no_authority_vouches_for_nobody() {
    let authority = authority!();
    authority.issued("second", "signer", "leaf", "30");
    let sources = authority.database("second", &["-certfile", "signer.crt"]);
    let words = said(&build(&sources, Some(authority.trusting(&["root"])), false));
    assert!(words.contains("Test signer vouches for another and is no authority"), "{words}");
    authority.issued("old", "between", "leaf", "-1");
    let sources = authority.database("old", &[]);
    let words = said(&build(&sources, Some(authority.trusting(&["root"])), false));
    assert!(words.contains("the certificate of Test old is good from"), "{words}");
}

#[test]
fn a_signature_without_its_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("daily-1.cvd.sign"), "#clamsign-1.0\n").unwrap();
    let report = build(folder.path(), None, true);
    assert_eq!(report.rejected[0].reason, "no database of that name lies beside it");
}
