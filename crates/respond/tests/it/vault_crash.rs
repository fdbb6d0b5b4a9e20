//! kill -9 at any moment of a quarantine or a restore: the original is there, or a whole copy that can be given back.

use crate::world::{eventually, helper, helper_argument};
use respond::{Order, Vault, VaultConfig};
use std::fs;
use std::path::Path;
use std::time::Duration;

const FILES: usize = 60;

fn content(n: usize) -> Vec<u8> {
    vec![n as u8; 1000 * n]
}

/// Takes all files away, one after the other, then gives every second one back; until it is killed.
#[test]
fn victim() {
    let Some(dir) = helper_argument() else { return };
    let vault = Vault::open(&dir.join("vault"), VaultConfig::default()).unwrap();
    fs::write(dir.join("ready"), "").unwrap();
    for n in 0..FILES {
        vault.quarantine(&dir.join(format!("file{n}")), &Order::because("r", "w")).unwrap();
    }
    for item in vault.list().unwrap().items.iter().step_by(2) {
        vault.restore(&item.id, None).unwrap();
    }
}

#[test]
fn nothing_is_lost_whenever_it_is_killed() {
    for round in 0..8u64 {
        let dir = tempfile::tempdir().unwrap();
        (0..FILES).for_each(|n| fs::write(dir.path().join(format!("file{n}")), content(n)).unwrap());
        let mut victim = helper("vault_crash::victim", dir.path()).stdout(std::process::Stdio::null()).spawn().unwrap();
        eventually("it is at work", || dir.path().join("ready").exists());
        std::thread::sleep(Duration::from_micros(1_500 * round * round));
        victim.kill().unwrap();
        victim.wait().unwrap();
        check(dir.path());
    }
}

fn check(dir: &Path) {
    let vault = Vault::open(&dir.join("vault"), VaultConfig::default()).unwrap();
    let listing = vault.list().unwrap();
    assert!(listing.broken.is_empty(), "{:?}", listing.broken);
    for item in listing.items {
        let mut plain = Vec::new();
        vault.read(&item.id, &mut plain).unwrap();
        // A restore that was killed before the vault's copy went leaves both.
        if !item.original().unwrap().exists() {
            vault.restore(&item.id, None).unwrap();
        }
    }
    for n in 0..FILES {
        assert!(fs::read(dir.join(format!("file{n}"))).unwrap() == content(n), "file{n}");
    }
    let left: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".tamon")), "{left:?}");
}
