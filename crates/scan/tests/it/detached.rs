//! A container of ours with a detached signature, compiled where nothing but what was handed over can be read.

use crate::world::{World, config};
use scan::{ScanConfig, Scanner};
use std::path::Path;
use std::process::Command;

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let out = Command::new(program).args(arguments).current_dir(folder).output().ok()?;
    assert!(out.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// `set/own.cvd` with its signature, and `trusted/k.crt`; None where there is no openssl.
fn publish(world: &World) -> Option<()> {
    let folder = world.file("own.ndb", "Own.Test:0:*:61626364\n").parent()?.to_path_buf();
    run(&folder, "openssl", &["version"])?;
    run(&folder, "tar", &["--format=ustar", "-cf", "body", "own.ndb"])?;
    let md5 = run(&folder, "md5sum", &["body"])?;
    let mut container = format!("ClamAV-VDB:01 Jan 2026 00-00 +0000:1:1:90:{}:none:own:0", &md5[..32]).into_bytes();
    container.resize(512, b' ');
    container.extend(std::fs::read(folder.join("body")).ok()?);
    world.file("set/own.cvd", container);
    let certificate = world.file("trusted/k.crt", "");
    let certificate = certificate.to_str()?;
    run(
        &folder,
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "k.key",
            "-subj",
            "/CN=Own",
            "-days",
            "9",
            "-out",
            certificate,
        ],
    )?;
    run(
        &folder,
        "openssl",
        &[
            "cms",
            "-sign",
            "-binary",
            "-in",
            "set/own.cvd",
            "-signer",
            certificate,
            "-inkey",
            "k.key",
            "-md",
            "sha256",
            "-outform",
            "PEM",
            "-out",
            "own.pem",
        ],
    )?;
    let pem = std::fs::read_to_string(folder.join("own.pem")).ok()?;
    let encoded: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    world.file("set/own-1.cvd.sign", format!("#clamsign-1.0\n230::pkcs7-pem:{encoded}\n"));
    Some(())
}

#[test]
fn a_detached_signature_is_verified_where_foreign_databases_are_compiled() {
    let world = World::new();
    let Some(()) = publish(&world) else {
        eprintln!("skipped: there is no openssl");
        return;
    };
    // By its folder, and by its name alone.
    for named in ["set", "set/own.cvd"] {
        let unknown = ScanConfig { signatures: vec![world.path(named)], builtin: false, ..config() };
        let trusting = ScanConfig { certificates: Some(world.path("trusted")), ..unknown.clone() };
        let loaded = Scanner::start(trusting).unwrap().loaded();
        assert_eq!((loaded.patterns, &loaded.rejected[..]), (1, &[][..]), "{named}");
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
        let loaded = Scanner::start(unknown).unwrap().loaded();
        assert_eq!(loaded.patterns, 0);
        assert!(loaded.rejected[0].reason.contains("unverified"), "{:?}", loaded.rejected);
    }
}
