//! `tamon signatures`: from text to a compiled set, to a mirror, to a host, and back; by folder and by HTTP.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

fn tamon(state: &Path, args: &[&str]) -> (i32, Value) {
    let out = Command::new(env!("CARGO_BIN_EXE_tamon"))
        .args(["--state", &state.display().to_string(), "--output", "json", "signatures"])
        .args(args)
        .output()
        .unwrap();
    let document = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    assert!(out.status.code() != Some(2) || document.is_null(), "{}", String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap(), document)
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

/// A web server of a folder, on loopback, for as long as the test runs.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = String::new();
            reader.read_line(&mut request).unwrap();
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
            let body = std::fs::read(folder.join(path)).unwrap();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    address
}
