//! Attacks through memory: a mapping, and a trusted process that another one steers.

use crate::Result;
use crate::confine::Folder;
use crate::kinds::scramble_in_place;
use crate::stream::scramble;
use rustix::mm::{MapFlags, ProtFlags, mmap as map, munmap};
use std::fs::OpenOptions;
use std::io::Error;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub fn mmap(folder: &Folder) -> Result {
    for path in folder.files()? {
        let file = OpenOptions::new().read(true).write(true).open(folder.below(&path)?)?;
        let size = file.metadata()?.len() as usize;
        if size == 0 {
            continue;
        }
        // SAFETY: a fresh shared mapping of a file of ours that nobody cuts while this runs.
        let at =
            unsafe { map(std::ptr::null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &file, 0)? };
        // SAFETY: `size` bytes are mapped there for reading and writing, and nothing else refers to them.
        scramble(unsafe { std::slice::from_raw_parts_mut(at.cast::<u8>(), size) }, 5);
        // SAFETY: mapped above with this size; the slice is gone.
        unsafe { munmap(at, size)? };
    }
    Ok(())
}

static WORD: AtomicU64 = AtomicU64::new(0);

/// Runs as the trusted program: it does nothing until a tracer has written into its memory.
pub fn wait_for_word(folder: &Folder) -> Result {
    println!("{}", WORD.as_ptr() as usize);
    while WORD.load(Ordering::Acquire) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    for path in folder.files()? {
        scramble_in_place(&folder.below(&path)?)?;
    }
    Ok(())
}

/// Starts the program that the harness calls trusted (`TAMON_SIM_TRUSTED`), attaches, and gives it the word.
pub fn ptrace_trusted(folder: &Folder) -> Result {
    use std::io::BufRead;
    let program = std::env::var_os("TAMON_SIM_TRUSTED").ok_or_else(|| Error::other("TAMON_SIM_TRUSTED is not set"))?;
    let mut command = Command::new(program);
    let mut child = command.arg("wait-for-word").arg(&folder.root).stdout(std::process::Stdio::piped()).spawn()?;
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().ok_or_else(|| Error::other("no output"))?).read_line(&mut line)?;
    let at: usize = line.trim().parse().map_err(Error::other)?;
    let pid = child.id() as libc::pid_t;
    let call = |request: libc::c_uint, address: usize, data: usize| {
        // SAFETY: acts on our own child; the address is one of its own variables.
        match unsafe { libc::ptrace(request, pid, address, data) } {
            -1 => Err(Error::last_os_error()),
            _ => Ok(()),
        }
    };
    call(libc::PTRACE_ATTACH, 0, 0)?;
    let mut status = 0;
    // SAFETY: waits for our own child.
    unsafe { libc::waitpid(pid, &raw mut status, libc::__WALL) };
    call(libc::PTRACE_POKEDATA, at, 1)?;
    call(libc::PTRACE_CONT, 0, 0)?;
    child.wait()?;
    Ok(())
}
