//! After a crash. A description that says `taking`: if the original still stands, the taking did not happen and the copy
//! goes; if it stands aside, it is removed as was decided. Content without a description is swept.

use super::error::At;
use super::item::{ItemState, is_id};
use super::take::{Place, is_item, sync_place, write_item};
use super::{Item, Vault, VaultError};
use rustix::fs::{AtFlags, unlinkat};
use std::ffi::OsStr;
use std::fs;
use std::io;

pub fn recover(vault: &Vault) -> Result<(), VaultError> {
    for item in vault.items()?.items.into_iter().filter(|item| item.state == ItemState::Taking) {
        settle(vault, item)?;
    }
    sweep(vault)
}

fn settle(vault: &Vault, mut item: Item) -> Result<(), VaultError> {
    let path = match item.original() {
        Ok(path) => path,
        Err(error) => return unsettled(&item, &error),
    };
    match Place::of(&path) {
        Ok(place) => {
            if is_item(&place.dir, place.name.as_os_str(), &item) {
                tracing::warn!(path = item.path, "a quarantine was cut short; the file stays where it is");
                return vault.remove(&item.id);
            }
            let aside = Place::aside(&item.id);
            if is_item(&place.dir, OsStr::new(&aside), &item) {
                if let Err(error) = unlinkat(&place.dir, &*aside, AtFlags::empty()) {
                    return unsettled(&item, &error);
                }
                sync_place(&place)?;
            }
        }
        // Its folder is gone, and it with that.
        Err(VaultError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return unsettled(&item, &error),
    }
    item.state = ItemState::Held;
    write_item(vault, &item)
}

/// Whether the original still stands is not known: the next start looks again.
fn unsettled(item: &Item, error: &dyn std::fmt::Display) -> Result<(), VaultError> {
    tracing::error!(path = item.path, %error, "a quarantine was cut short, and what became of the file is not known");
    Ok(())
}

/// Halves of files: written by a process that is no more, since we hold the lock.
fn sweep(vault: &Vault) -> Result<(), VaultError> {
    for entry in fs::read_dir(&vault.dir).at("listing the vault", &vault.dir)? {
        let path = entry.at("listing the vault", &vault.dir)?.path();
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let orphan = extension == "sealed" && !vault.item_path(stem).exists();
        if is_id(stem) && (orphan || extension == "new") {
            fs::remove_file(&path).at("sweeping", &path)?;
        }
    }
    Ok(())
}
