//! Harmless stand-ins for attacks on a lock, played in the guest of the kernel matrix: each says what the kernel answered, and
//! ends with 0 when it was let and 13 when it was refused.
//!
//! `memory FILE`: runs a copy from memory. `map FILE`: changes its last byte through a mapping. `trace PID`: attaches.
//! `reach PID`: opens its memory for writing. `race FILE OTHER SECONDS`: one thread puts OTHER's bytes over FILE, which is longer
//! and ends with 0, and FILE's own back; another runs FILE. OTHER, which ends otherwise (this program without arguments does), must
//! never run.

use std::fs::{self, File};
use std::io::{Error, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["memory", file] => memory(file),
        ["map", file] => map(file),
        ["trace", pid] => trace(pid),
        ["reach", pid] => File::options().read(true).write(true).open(format!("/proc/{pid}/mem")).map(drop),
        ["race", file, other, seconds] => race(file, other, seconds),
        _ => panic!("memory FILE | map FILE | trace PID | reach PID | race FILE OTHER SECONDS"),
    };
    match done {
        Ok(()) => {
            println!("{}: let", words.join(" "));
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}: {error}", words.join(" "));
            let refused = matches!(error.raw_os_error(), Some(libc::EPERM | libc::EACCES));
            ExitCode::from(if refused { 13 } else { 1 })
        }
    }
}

fn memory(file: &str) -> Result<(), Error> {
    // SAFETY: the name is a C string; the descriptor is owned at once.
    let made = unsafe { libc::memfd_create(c"stand-in".as_ptr(), 0) };
    if made < 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: a fresh descriptor that nobody else owns.
    let mut memory = unsafe { <File as std::os::fd::FromRawFd>::from_raw_fd(made) };
    memory.write_all(&fs::read(file)?)?;
    Command::new(format!("/proc/self/fd/{}", memory.as_raw_fd())).arg("true").status().map(drop)
}

fn map(file: &str) -> Result<(), Error> {
    let file = File::options().read(true).write(true).open(file)?;
    let length = file.metadata()?.len() as usize;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a fresh shared mapping of an open file, of its own length, to which nothing else refers.
    unsafe {
        let at = libc::mmap(std::ptr::null_mut(), length, protection, libc::MAP_SHARED, file.as_raw_fd(), 0);
        if at == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        *at.cast::<u8>().add(length - 1) ^= 1;
        libc::munmap(at, length);
    }
    Ok(())
}

fn trace(pid: &str) -> Result<(), Error> {
    let pid: libc::pid_t = pid.parse().map_err(Error::other)?;
    // SAFETY: these requests take no pointers.
    unsafe {
        if libc::ptrace(libc::PTRACE_SEIZE, pid, 0, 0) != 0 {
            return Err(Error::last_os_error());
        }
        libc::ptrace(libc::PTRACE_DETACH, pid, 0, 0);
    }
    Ok(())
}

fn race(file: &str, other: &str, seconds: &str) -> Result<(), Error> {
    let limit = Duration::from_secs(seconds.parse().map_err(Error::other)?);
    let (own, evil, done) = (fs::read(file)?, fs::read(other)?, AtomicBool::new(false));
    let rest = own.len().checked_sub(evil.len()).ok_or_else(|| Error::other("the other is longer"))?;
    let evil = [evil, vec![0; rest]].concat();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                // Not while it runs: then the kernel says ETXTBSY.
                if let Ok(open) = File::options().write(true).open(file) {
                    let _ = open.write_all_at(if n % 2 == 0 { &evil } else { &own }, 0);
                }
            }
        });
        let (mut ran, mut refused, mut through) = (0, 0, 0);
        while start.elapsed() < limit {
            match Command::new(file).status().map(|status| status.code()) {
                Ok(Some(0)) => ran += 1,
                Ok(_) => through += 1,
                Err(_) => refused += 1,
            }
        }
        done.store(true, Ordering::Relaxed);
        let _ = writer.join();
        println!("race: {ran} ran, {refused} refused, {through} came through");
        if through > 0 { Err(Error::other("what was put in its place ran")) } else { Ok(()) }
    })
}
