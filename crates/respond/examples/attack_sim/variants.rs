//! The same crimes by other means: what the twenty do in one way, done in another, so that the guard is not fitted to them.

use crate::Result;
use crate::confine::Folder;
use crate::kinds::{scramble_in_place, with_extension};
use crate::others::{ok, the_one};
use crate::stream::scramble;
use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::{Error, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};

/// Noise over it, cut to nothing, then gone, as `shred -u` does.
pub fn shred(folder: &Folder) -> Result {
    for path in folder.files()? {
        let path = folder.below(&path)?;
        let file = OpenOptions::new().write(true).open(&path)?;
        let mut noise = vec![0; file.metadata()?.len() as usize];
        scramble(&mut noise, 11);
        file.write_all_at(&noise, 0)?;
        file.set_len(0)?;
        drop(file);
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Emptied, and left.
pub fn truncate(folder: &Folder) -> Result {
    folder.files()?.iter().try_for_each(|path| File::create(folder.below(path)?).map(drop))
}

/// One byte over all: the entropy stays what it was.
pub fn xor(folder: &Folder) -> Result {
    for path in folder.files()? {
        let bytes: Vec<u8> = fs::read(&path)?.iter().map(|byte| byte ^ 0x5a).collect();
        OpenOptions::new().write(true).open(folder.below(&path)?)?.write_all(&bytes)?;
    }
    Ok(())
}

/// Letters stay letters.
pub fn rot13(folder: &Folder) -> Result {
    for path in folder.files()? {
        let turn = |byte: u8| match byte {
            b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
            b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
            other => other.wrapping_add(u8::from(other >= 128)),
        };
        let bytes: Vec<u8> = fs::read(&path)?.into_iter().map(turn).collect();
        fs::write(folder.below(&path)?, bytes)?;
    }
    Ok(())
}

/// Names that tell nothing, made beside the files; the files go at the end.
pub fn random_names(folder: &Folder) -> Result {
    let files = folder.files()?;
    for (n, path) in files.iter().enumerate() {
        let mut bytes = fs::read(path)?;
        scramble(&mut bytes, 12);
        fs::write(folder.below(&path.with_file_name(format!("{:08x}", (n * 0x9e37_79b1) & 0xffff_ffff)))?, bytes)?;
        fs::remove_file(folder.below(path)?)?;
    }
    Ok(())
}

/// Written aside, then put in the file's place.
pub fn rename_over(folder: &Folder) -> Result {
    for path in folder.files()? {
        let mut bytes = fs::read(&path)?;
        scramble(&mut bytes, 13);
        let aside = folder.below(&path.with_file_name(".part"))?;
        fs::write(&aside, bytes)?;
        fs::rename(aside, folder.below(&path)?)?;
    }
    Ok(())
}

/// All names first, then all contents.
pub fn rename_all_first(folder: &Folder) -> Result {
    let mut renamed = Vec::new();
    for path in folder.files()? {
        let to = folder.below(&with_extension(&path, ".q8w2"))?;
        fs::rename(folder.below(&path)?, &to)?;
        renamed.push(to);
    }
    renamed.iter().try_for_each(|path| scramble_in_place(&folder.below(path)?))
}

/// Folders first, then what is in them.
pub fn rename_folders(folder: &Folder) -> Result {
    for entry in fs::read_dir(&folder.root)?.flatten().filter(|entry| entry.path().is_dir()) {
        fs::rename(entry.path(), entry.path().with_extension("gone"))?;
    }
    folder.files()?.iter().try_for_each(|path| scramble_in_place(&folder.below(path)?))
}

/// Packed outside of what is guarded, then everything deleted by the same process.
pub fn pack_outside(folder: &Folder) -> Result {
    let staging = std::env::var("TAMON_SIM_STAGING").map_err(Error::other)?;
    let files = folder.files()?;
    let mut all = Vec::new();
    for path in &files {
        all.extend(fs::read(path)?);
    }
    scramble(&mut all, 14);
    fs::write(format!("{staging}/all"), all)?;
    files.iter().try_for_each(|path| fs::remove_file(folder.below(path)?))
}

/// Each process destroys one file, and is nobody's child by then.
pub fn orphans(folder: &Folder) -> Result {
    detached(folder, "one-file")
}

/// The same, each by a copy beside the file that it deletes then.
pub fn orphan_copies(folder: &Folder) -> Result {
    detached(folder, "one-copy")
}

pub fn one_copy(folder: &Folder) -> Result {
    let path = the_one(folder)?;
    let mut bytes = fs::read(&path)?;
    scramble(&mut bytes, 15);
    fs::write(folder.below(&with_extension(&path, ".m4k"))?, &bytes)?;
    fs::remove_file(folder.below(&path)?)
}

fn detached(folder: &Folder, part: &str) -> Result {
    let me = std::env::current_exe()?;
    for path in folder.files()? {
        let script = format!("\"$0\" {part} \"$1\" \"$2\" & ");
        let mut command = Command::new("setsid");
        command.args(["sh", "-c", &script]).arg(&me).arg(&folder.root).arg(&path);
        ok(command.stdin(Stdio::null()).status()?)?;
    }
    Ok(())
}

/// Cut to nothing by their names: no file is opened at all.
pub fn cut(folder: &Folder) -> Result {
    for path in folder.files()? {
        let name = CString::new(folder.below(&path)?.as_os_str().as_bytes())?;
        // SAFETY: a C string that lives through the call.
        if unsafe { libc::truncate(name.as_ptr(), 0) } != 0 {
            return Err(Error::last_os_error());
        }
    }
    Ok(())
}

/// Every fourth file is wiped, the others are deleted untouched.
pub fn wipe_some(folder: &Folder) -> Result {
    for (n, path) in folder.files()?.iter().enumerate() {
        let path = folder.below(path)?;
        if n % 4 == 0 {
            let file = OpenOptions::new().write(true).open(&path)?;
            file.write_all_at(&vec![0; file.metadata()?.len() as usize], 0)?;
        }
        fs::remove_file(path)?;
    }
    Ok(())
}

pub fn perl(folder: &Folder) -> Result {
    folder.files()?;
    let script = "use File::Find; srand(7); find({no_chdir => 1, wanted => sub { return unless -f $_ && !/attack-sim$/; \
        open(my $f, '+<:raw', $_) or die; local $/; my $d = <$f>; my $k = join '', map { chr int rand 256 } 1 .. length $d; \
        seek $f, 0, 0; print $f $d ^ $k; close $f; rename $_, \"$_.pwn\" }}, '.')";
    ok(Command::new("perl").args(["-e", script]).current_dir(&folder.root).status()?)
}

pub fn gpg_each(folder: &Folder) -> Result {
    folder.files()?;
    let script = "export GNUPGHOME=$(mktemp -d); for f in $(find . -type f ! -name .tamon-attack-sim); do \
                  gpg -q --batch --pinentry-mode loopback --passphrase x -c \"$f\" && rm \"$f\" || exit 1; done";
    ok(Command::new("sh").args(["-c", script]).current_dir(&folder.root).status()?)
}

pub fn dd(folder: &Folder) -> Result {
    folder.files()?;
    let script = "find . -type f ! -name .tamon-attack-sim -exec sh -c \
                  'dd if=/dev/urandom of=\"$1\" bs=4096 count=3 conv=notrunc status=none' _ {} \\;";
    ok(Command::new("sh").args(["-c", script]).current_dir(&folder.root).status()?)
}

/// Hard links outside of what is guarded, and the files through them.
pub fn hard_links(folder: &Folder) -> Result {
    let staging = std::env::var("TAMON_SIM_STAGING").map_err(Error::other)?;
    for (n, path) in folder.files()?.iter().enumerate() {
        let link = format!("{staging}/{n}");
        fs::hard_link(folder.below(path)?, &link)?;
        scramble_in_place(link.as_ref())?;
    }
    Ok(())
}

/// Sixteen of each sixty-four bytes, from the second kilobyte.
pub fn sparse(folder: &Folder) -> Result {
    for path in folder.files()? {
        let file = OpenOptions::new().read(true).write(true).open(folder.below(&path)?)?;
        let mut bytes = fs::read(&path)?;
        for at in (1024.min(bytes.len() / 2)..bytes.len()).step_by(64) {
            let end = bytes.len().min(at + 16);
            scramble(&mut bytes[at..end], at as u64);
        }
        file.write_all_at(&bytes, 0)?;
    }
    Ok(())
}
