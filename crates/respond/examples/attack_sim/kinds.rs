//! Attacks of one process with plain reads and writes.

use crate::Result;
use crate::confine::Folder;
use crate::stream::{base64 as encode, scramble};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub fn scramble_in_place(path: &Path) -> Result {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let seed = bytes.len() as u64;
    scramble(&mut bytes, seed);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)
}

pub fn in_place(folder: &Folder) -> Result {
    for path in folder.files()? {
        scramble_in_place(&folder.below(&path)?)?;
    }
    note(folder)
}

fn note(folder: &Folder) -> Result {
    fs::write(
        folder.below(&folder.root.join("HOW_TO_RESTORE_FILES.txt"))?,
        "This is a test of Tamon. Nothing is lost.\n",
    )
}

pub fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(extension);
    name.into()
}

pub fn copy_delete(folder: &Folder) -> Result {
    for path in folder.files()? {
        let mut bytes = fs::read(&path)?;
        scramble(&mut bytes, 2);
        fs::write(folder.below(&with_extension(&path, ".k3v9"))?, &bytes)?;
        fs::remove_file(folder.below(&path)?)?;
    }
    note(folder)
}

pub fn rename_first(folder: &Folder) -> Result {
    for path in folder.files()? {
        let to = folder.below(&with_extension(&path, ".x7q"))?;
        fs::rename(folder.below(&path)?, &to)?;
        scramble_in_place(&to)?;
    }
    Ok(())
}

/// Every other 8 KiB, the head left whole where the file is large enough.
pub fn intermittent(folder: &Folder) -> Result {
    const PART: u64 = 8 << 10;
    for path in folder.files()? {
        let file = OpenOptions::new().read(true).write(true).open(folder.below(&path)?)?;
        let size = file.metadata()?.len();
        let mut at = if size > 2 * PART { PART } else { 0 };
        while at < size {
            let mut bytes = vec![0; PART.min(size - at) as usize];
            file.read_exact_at(&mut bytes, at)?;
            scramble(&mut bytes, at + 1);
            file.write_all_at(&bytes, at)?;
            at += 2 * PART;
        }
    }
    Ok(())
}

pub fn slow_random(folder: &Folder) -> Result {
    let mut files = folder.files()?;
    let mut state = u64::from(std::process::id()) | 1;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    for n in (1..files.len()).rev() {
        files.swap(n, next(n + 1));
    }
    for path in files {
        scramble_in_place(&folder.below(&path)?)?;
        std::thread::sleep(Duration::from_millis(200 + next(800) as u64));
    }
    Ok(())
}

pub fn multi_thread(folder: &Folder) -> Result {
    let files = folder.files()?;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let mine: Vec<&PathBuf> = files.iter().skip(n).step_by(8).collect();
                scope.spawn(move || mine.iter().try_for_each(|path| scramble_in_place(&folder.below(path)?)))
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread"))
    })
}

pub fn headers_only(folder: &Folder) -> Result {
    for path in folder.files()? {
        let file = OpenOptions::new().read(true).write(true).open(folder.below(&path)?)?;
        let mut head = vec![0; 4096.min(file.metadata()?.len() as usize)];
        file.read_exact_at(&mut head, 0)?;
        scramble(&mut head, 3);
        file.write_all_at(&head, 0)?;
    }
    Ok(())
}

pub fn wiper(folder: &Folder) -> Result {
    for path in folder.files()? {
        let path = folder.below(&path)?;
        let file = OpenOptions::new().write(true).open(&path)?;
        file.write_all_at(&vec![0; file.metadata()?.len() as usize], 0)?;
        drop(file);
        fs::remove_file(path)?;
    }
    Ok(())
}

pub fn base64(folder: &Folder) -> Result {
    for path in folder.files()? {
        let mut bytes = fs::read(&path)?;
        scramble(&mut bytes, 4);
        File::create(folder.below(&path)?)?.write_all(&encode(&bytes))?;
    }
    Ok(())
}
