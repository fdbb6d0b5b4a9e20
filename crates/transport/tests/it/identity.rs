use crate::world::World;
use std::os::unix::fs::PermissionsExt;
use transport::{CertificateAuthority, Identity};

#[test]
fn an_identity_comes_back_from_its_file() {
    let world = World::new();
    let identity = world.enrolled();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent/identity.pem");
    assert!(Identity::load(&path).unwrap().is_none());
    identity.save(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let loaded = Identity::load(&path).unwrap().unwrap();
    assert_eq!(loaded.certificate(), identity.certificate());
}

#[test]
fn a_damaged_or_open_identity_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.pem");
    let check = |text: &[u8], mode: u32, words: &str| {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = Identity::load(&path).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    };
    check(b"", 0o600, "key");
    check(b"\xff\xfe\x00", 0o600, "damaged");
    check(b"anything", 0o644, "others may read it");
}

#[test]
fn a_ca_is_made_once_and_its_half_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = CertificateAuthority::open(dir.path()).unwrap().fingerprint();
    assert_eq!(CertificateAuthority::open(dir.path()).unwrap().fingerprint(), first);
    let mode = std::fs::metadata(dir.path().join("ca.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::remove_file(dir.path().join("ca.crt")).unwrap();
    assert!(CertificateAuthority::open(dir.path()).err().unwrap().to_string().contains("backup"));
}
