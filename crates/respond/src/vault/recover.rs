//! After a crash. A description that says `taking`: if the original still stands, the taking did not happen and the copy
//! goes; if it stands aside, it is removed as was decided. Content without a description is swept.

use super::error::At;
use super::item::{ItemState, is_id};
use super::take::{Place, is_item, sync_place, write_item};
use super::{Item, Vault, VaultError};
use rustix::fs::{AtFlags, unlinkat};
use std::ffi::OsStr;
use std::fs;

pub fn recover(vault: &Vault) -> Result<(), VaultError> {
    for item in vault.items()?.items.into_iter().filter(|item| item.state == ItemState::Taking) {
        settle(vault, item)?;
    }
    sweep(vault)
}

fn settle(vault: &Vault, mut item: Item) -> Result<(), VaultError> {
    if let Some(place) = item.original().ok().and_then(|path| Place::of(&path).ok()) {
        if is_item(&place.dir, place.name.as_os_str(), &item) {
            tracing::warn!(path = item.path, "a quarantine was cut short; the file stays where it is");
            return vault.remove(&item.id);
        }
        let aside = Place::aside(&item.id);
        if is_item(&place.dir, OsStr::new(&aside), &item) && unlinkat(&place.dir, &*aside, AtFlags::empty()).is_ok() {
            sync_place(&place)?;
        }
    }
    item.state = ItemState::Held;
    write_item(vault, &item)
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
