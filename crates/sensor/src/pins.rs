//! Programs that go on without the agent: their links get names on the BPF file system, where the kernel holds on to them.
//! Each start has a folder of its own, so that what the agent before left stands beside ours until ours is in force.

use libbpf_rs::Link;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    #[error("no place on the BPF file system was given")]
    NoPlace,
    #[error("cannot use {path}: {source}; is a BPF file system mounted there?")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the kernel keeps no program under a name in {path}: {reason}")]
    Pin { path: PathBuf, reason: String },
    #[error("the kernel half's settings: {0}")]
    Settings(String),
}

pub(crate) struct Pins {
    root: PathBuf,
    mine: PathBuf,
}

impl Pins {
    /// Nothing is made before something is held.
    pub fn new(root: PathBuf) -> Pins {
        let mine = root.join(format!("{}-{}", std::process::id(), crate::clock::boottime()));
        Pins { root, mine }
    }

    /// Those that have a name already keep it.
    pub fn hold(&self, part: &str, links: &mut [Link]) -> Result<(), HoldError> {
        fs::create_dir_all(&self.mine).map_err(|source| HoldError::Folder { path: self.mine.clone(), source })?;
        for (number, link) in links.iter_mut().enumerate().filter(|(_, link)| link.pin_path().is_none()) {
            link.pin(self.mine.join(format!("{part}-{number}"))).map_err(|error| self.fault(&error))?;
        }
        Ok(())
    }

    pub fn let_go(&self, links: &mut [Link]) -> Result<(), HoldError> {
        let named = links.iter_mut().filter(|link| link.pin_path().is_some());
        for link in named {
            link.unpin().map_err(|error| self.fault(&error))?;
        }
        Ok(())
    }

    /// What agents before us left, all that can be dropped of it; how many programs that were. Ours must stand by then, or
    /// nobody refuses anything in between.
    pub fn drop_others(&self) -> Result<usize, HoldError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(folder(&self.root)(error)),
        };
        let (mut dropped, mut failed) = (0, None);
        for entry in entries {
            let path = entry.map_err(folder(&self.root))?.path();
            if path != self.mine
                && let Err(error) = drop_one(&path, &mut dropped)
            {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(dropped), Err)
    }

    fn fault(&self, error: &libbpf_rs::Error) -> HoldError {
        HoldError::Pin { path: self.mine.clone(), reason: format!("{error:#}") }
    }
}

fn folder(path: &Path) -> impl FnOnce(std::io::Error) -> HoldError + use<> {
    let path = path.to_owned();
    move |source| HoldError::Folder { path, source }
}

/// The names in a folder, and the folder itself when none is left.
fn drop_one(path: &Path, dropped: &mut usize) -> Result<(), HoldError> {
    let mut failed = None;
    for name in fs::read_dir(path).map_err(folder(path))? {
        let name = name.map_err(folder(path))?.path();
        match fs::remove_file(&name) {
            Ok(()) => *dropped += 1,
            Err(error) => {
                failed.get_or_insert(folder(&name)(error));
            }
        }
    }
    failed.map_or(Ok(()), Err)?;
    fs::remove_dir(path).map_err(folder(path))
}

impl Drop for Pins {
    fn drop(&mut self) {
        // Only where nothing is held, a folder with names in it stays; and there may never have been one.
        let _ = fs::remove_dir(&self.mine).and_then(|()| fs::remove_dir(&self.root));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_left_goes_and_a_place_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tamon");
        let pins = Pins::new(root.clone());
        assert_eq!(pins.drop_others().unwrap(), 0);
        fs::create_dir_all(root.join("7-7")).unwrap();
        fs::write(root.join("7-7/confine-0"), "").unwrap();
        fs::create_dir_all(&pins.mine).unwrap();
        fs::write(pins.mine.join("confine-0"), "").unwrap();
        assert_eq!(pins.drop_others().unwrap(), 1);
        assert!(!root.join("7-7").exists() && pins.mine.join("confine-0").exists());
        fs::create_dir_all(root.join("8-8")).unwrap();
        fs::write(root.join("8-8/lock-0"), "").unwrap();
        fs::write(root.join("file"), "").unwrap();
        assert!(matches!(pins.drop_others(), Err(HoldError::Folder { .. })));
        assert!(!root.join("8-8").exists(), "the rest goes all the same");
        assert!(Pins::new(root.join("file")).hold("enforce", &mut []).is_err());
    }
}
