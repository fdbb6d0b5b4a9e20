//! `tamon signatures`: from text to a compiled set, to a mirror, to a host, and back; by folder, by HTTP and over TLS.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

fn tamon(state: &Path, args: &[&str]) -> (i32, Value) {
    let out = run(state, args);
    let document = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    assert!(out.status.code() != Some(2) || document.is_null(), "{}", String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap(), document)
}

fn run(state: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamon"));
    command.args(["--state", &shown(state), "--output", "json", "signatures"]).args(args).output().unwrap()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn check_lists_what_is_not_used_and_build_compiles_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("t.ndb");
    std::fs::write(&database, "A:0:*:61626364\nB:0:*:6\n").unwrap();
    std::fs::write(folder.path().join("b.cbc"), "ClamBC").unwrap();
    let (code, report) = tamon(folder.path(), &["check", &shown(&database), &shown(&folder.path().join("b.cbc"))]);
    assert_eq!((code, report["usable"].as_u64(), report["signatures"].as_u64()), (1, Some(1), Some(3)));
    assert_eq!(report["rejected"][0]["name"], "B");
    assert_eq!(report["rejected"][0]["line"], 2);
    assert_eq!(report["rejected"][1]["kind"], "unsupported");
    let set = folder.path().join("set.tsig");
    assert_eq!(tamon(folder.path(), &["build", &shown(&database), "--to", &shown(&set)]).0, 0);
    let (code, info) = tamon(folder.path(), &["info", &shown(&set)]);
    assert_eq!((code, info["database"]["patterns"].as_u64()), (0, Some(1)));
}

#[test]
fn a_set_travels_by_folder_and_by_http() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("t.ndb"), "A:0:*:61626364\n").unwrap();
    assert_eq!(tamon(folder.path(), &["keygen", &shown(&at("key"))]).0, 0);
    let publish =
        || tamon(folder.path(), &["publish", &shown(&at("mirror")), &shown(&at("t.ndb")), "--key", &shown(&at("key"))]);
    assert_eq!(publish().1["version"], 1);
    let update = |from: &str| tamon(&at("host"), &["update", "--from", from, "--key", &shown(&at("key.pub"))]);
    let (code, first) = update(&shown(&at("mirror")));
    assert_eq!((code, first["changed"].as_bool(), first["version"].as_u64()), (0, Some(true), Some(1)));

    std::fs::write(at("t.ndb"), "A:0:*:61626364\nB:0:*:65666768\n").unwrap();
    assert_eq!(publish().1["version"], 2);
    let address = serve(at("mirror"));
    let (code, second) = update(&address);
    assert_eq!((code, second["version"].as_u64(), second["patched"].as_u64()), (0, Some(2), Some(1)));
    assert!(at("host/signatures/current/set.tsig").exists());

    assert_eq!(tamon(&at("host"), &["rollback"]).1["version"], 1);
    let (_, list) = tamon(&at("host"), &["list"]);
    assert_eq!(list["generations"][0]["rolled_back"], true);
    assert_eq!(list["generations"][1]["current"], true);
    assert_eq!(update(&address).0, 2);
}

#[test]
fn a_mirror_over_tls_is_held_against_the_authority_that_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("t.ndb"), "A:0:*:61626364\n").unwrap();
    assert_eq!(tamon(folder.path(), &["keygen", &shown(&at("key"))]).0, 0);
    let publish = ["publish", &shown(&at("mirror")), &shown(&at("t.ndb")), "--key", &shown(&at("key"))];
    assert_eq!(tamon(folder.path(), &publish).0, 0);
    let (ours, config) = authority();
    std::fs::write(at("ours.pem"), ours).unwrap();
    std::fs::write(at("others.pem"), authority().0).unwrap();
    std::fs::write(at("empty.pem"), "no certificate").unwrap();
    let address = serve_tls(at("mirror"), config);
    let update = |more: &[&str]| {
        let key = shown(&at("key.pub"));
        let out = run(&at("host"), &[&["update", "--from", &address, "--key", &key], more].concat());
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    for (more, why) in [
        (&[][..], "certificate"),
        (&["--ca", &shown(&at("others.pem"))], "certificate"),
        (&["--ca", &shown(&at("empty.pem"))], "there is no certificate in it"),
        (&["--ca", &shown(&at("absent.pem"))], "absent.pem"),
    ] {
        let (code, words) = update(more);
        assert!(code == Some(2) && words.contains(why), "{more:?}: {words}");
        assert!(!at("host/signatures/current").exists());
    }
    assert_eq!(update(&["--ca", &shown(&at("ours.pem"))]).0, Some(0));
    assert!(at("host/signatures/current/set.tsig").exists());
}

/// While a mirror keeps it waiting: what it could still do if that mirror took it over.
#[test]
fn whoever_brings_a_set_has_given_up_all_else() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    assert_eq!(tamon(folder.path(), &["keygen", &shown(&key)]).0, 0);
    let mirror = TcpListener::bind("127.0.0.1:0").unwrap();
    let from = format!("http://{}", mirror.local_addr().unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_tamon"))
        .args(["--state", &shown(folder.path()), "signatures", "update", "--from", &from])
        .args(["--key", &format!("{}.pub", shown(&key))])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let (waiting, _) = mirror.accept().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(waiting);
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!((field("Seccomp:").as_str(), field("NoNewPrivs:").as_str()), ("2", "1"));
    // CAP_DAC_READ_SEARCH, of root alone.
    assert_eq!(u64::from_str_radix(&field("CapEff:"), 16).unwrap() & !(1 << 2), 0, "{status}");
    assert_eq!(u64::from_str_radix(&field("CapPrm:"), 16).unwrap() & !(1 << 2), 0, "{status}");
}

/// A certificate in PEM of an authority of its own, and a server of 127.0.0.1 that it vouches for.
fn authority() -> (String, Arc<rustls::ServerConfig>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let own = params.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(params, key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let secret = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap();
    (own, Arc::new(config))
}

/// A web server of a folder, on loopback, for as long as the test runs.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &folder).unwrap();
        }
    });
    address
}

/// The same behind TLS; a client that does not trust it hangs up.
fn serve_tls(folder: PathBuf, config: Arc<rustls::ServerConfig>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let _ = answer(rustls::StreamOwned::new(session, stream.unwrap()), &folder);
        }
    });
    address
}

fn answer(stream: impl Read + Write, folder: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    let body = std::fs::read(folder.join(path)).unwrap();
    let stream = reader.get_mut();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)?;
    stream.flush()
}
