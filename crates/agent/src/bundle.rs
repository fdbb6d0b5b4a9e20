//! What goes to whoever is to say that a detection was wrong: one zip archive with what the vault knows of the item, what
//! each voice says of it today, and the file itself, encrypted with the passphrase that the field uses for that, so that
//! no scanner on the way takes it and nobody runs it by mistake. The passphrase keeps nothing secret.

use crate::shared::Shared;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

/// Documented: `7z x -pinfected bundle.zip`.
pub const PASSPHRASE: &str = "infected";

/// Writes `output`, which must not be there yet. The item stays in the vault.
pub fn write(shared: &Shared, id: &str, output: &Path) -> Result<()> {
    if !output.is_absolute() {
        bail!("{} is not an absolute path", output.display());
    }
    let listing = shared.vault.list()?;
    let item = listing.items.into_iter().find(|item| item.id == id).with_context(|| format!("no item {id:?}"))?;
    // Nothing of a hostile file lies on the disk in the clear, not for a moment.
    let name = c"tamon-bundle";
    let mut content = File::from(rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC)?);
    shared.vault.read(id, &mut content)?;
    content.seek(SeekFrom::Start(0))?;
    let report = match &shared.scanner {
        Some(scanner) => {
            let ask = scan::Ask { explain: true, ..scan::Ask::default() };
            serde_json::to_value(scanner.scan_as(&content, Path::new(&item.path), &ask))?
        }
        None => json!({ "note": "no scanner runs here" }),
    };
    let about = json!({
        "tamon": env!("CARGO_PKG_VERSION"),
        "host": shared.host.name,
        "item": item,
        "explanation": report,
        "signatures": shared.scanner.as_ref().map(|scanner| scanner.loaded()),
    });
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(output);
    let file = file.with_context(|| format!("cannot make {}", output.display()))?;
    let filled = fill(file, &about, &mut content);
    if filled.is_err() {
        std::fs::remove_file(output).with_context(|| format!("cannot remove the half of {}", output.display()))?;
    }
    filled
}

fn fill(file: File, about: &serde_json::Value, content: &mut File) -> Result<()> {
    let mut zip = ZipWriter::new(file);
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o600);
    zip.start_file("README.txt", plain)?;
    writeln!(zip, "about.json says what was found and why. The file is encrypted (AES-256); passphrase: {PASSPHRASE}")?;
    zip.start_file("about.json", plain)?;
    serde_json::to_writer_pretty(&mut zip, about)?;
    zip.start_file("sample", plain.large_file(true).with_aes_encryption(AesMode::Aes256, PASSPHRASE))?;
    content.seek(SeekFrom::Start(0))?;
    std::io::copy(content, &mut zip)?;
    zip.finish()?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn the_file_is_in_it_encrypted_and_the_rest_can_be_read_by_anyone() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("bundle.zip");
        let mut content = tempfile::tempfile().unwrap();
        content.write_all(b"a harmless stand-in").unwrap();
        fill(File::create(&output).unwrap(), &json!({ "explanation": "why" }), &mut content).unwrap();
        let bytes = std::fs::read(&output).unwrap();
        assert!(!bytes.windows(19).any(|window| window == b"a harmless stand-in"));
        let mut zip = zip::ZipArchive::new(File::open(&output).unwrap()).unwrap();
        let mut text = String::new();
        zip.by_name("about.json").unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("why"));
        assert!(zip.by_name("sample").is_err(), "without a passphrase");
        let mut sample = Vec::new();
        zip.by_name_decrypt("sample", PASSPHRASE.as_bytes()).unwrap().read_to_end(&mut sample).unwrap();
        assert_eq!(sample, b"a harmless stand-in");
    }
}
