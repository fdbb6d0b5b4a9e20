//! One act that a profile may speak of, for the guest of `cargo xtask vm-test`: exit 0 when the kernel let it happen, else 1
//! with what it said. Everything is done to itself, to a child of its own or to the process that is named.

use std::ffi::CString;
use std::io::Error;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

const PAGE: usize = 4096;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["trace", pid] => trace(number(pid)),
        ["trace-child"] => trace_child(),
        ["wait"] => {
            std::thread::sleep(std::time::Duration::from_millis(500));
            Ok(())
        }
        ["write-memory", pid] => std::fs::File::options().write(true).open(format!("/proc/{pid}/mem")).map(drop),
        ["write-execute"] => map(libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC).map(drop),
        ["protect-written"] => protect_written(),
        ["protect-stack"] => protect_stack(),
        ["unshare", kind] => plain(|| {
            // SAFETY: unshare takes no memory.
            unsafe { libc::unshare(flag(kind)) }
        }),
        ["clone", kind] => clone(flag(kind)),
        ["join", pid] => join(pid),
        ["module", file] => module(file, true),
        ["module-data", file] => module(file, false),
        ["socket", path] => std::os::unix::net::UnixStream::connect(path).map(drop),
        ["listen", path] => listen(path),
        ["raise", program] => raise(program),
        _ => Err(Error::other(format!("no such act: {words:?}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> libc::pid_t {
    text.parse().unwrap_or(0)
}

fn flag(kind: &str) -> libc::c_int {
    match kind {
        "user" => libc::CLONE_NEWUSER,
        "net" => libc::CLONE_NEWNET,
        _ => libc::CLONE_NEWNS,
    }
}

/// -1 is the last error.
fn plain(call: impl FnOnce() -> libc::c_int) -> Result<(), Error> {
    if call() == -1 { Err(Error::last_os_error()) } else { Ok(()) }
}

fn trace(pid: libc::pid_t) -> Result<(), Error> {
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: PTRACE_SEIZE takes no memory of ours, and what it holds is let go when we end.
    plain(|| unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, none, none) as libc::c_int })
}

/// Of the same profile, so allowed.
fn trace_child() -> Result<(), Error> {
    let mut child = std::process::Command::new(std::env::current_exe()?).arg("wait").spawn()?;
    let traced = trace(child.id() as libc::pid_t);
    child.wait()?;
    traced
}

fn map(protection: libc::c_int) -> Result<*mut libc::c_void, Error> {
    // SAFETY: a new mapping of no file, which nothing else refers to.
    let at =
        unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) };
    if at == libc::MAP_FAILED { Err(Error::last_os_error()) } else { Ok(at) }
}

/// What was written shall run.
fn protect_written() -> Result<(), Error> {
    let at = map(libc::PROT_READ | libc::PROT_WRITE)?;
    // SAFETY: the page is ours and writable.
    unsafe { at.cast::<u8>().write(0xc3) };
    // SAFETY: the same page, which nothing refers to afterwards.
    plain(|| unsafe { libc::mprotect(at, PAGE, libc::PROT_READ | libc::PROT_EXEC) })
}

fn protect_stack() -> Result<(), Error> {
    let here = 0u8;
    let page = (std::ptr::from_ref(&here) as usize & !(PAGE - 1)) as *mut libc::c_void;
    let protection = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    // SAFETY: it stays readable and writable.
    plain(|| unsafe { libc::mprotect(page, PAGE, protection) })
}

fn clone(flags: libc::c_int) -> Result<(), Error> {
    let how = libc::c_long::from(flags | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and a stack it is fork(2); the child only ends.
    let child = unsafe { libc::syscall(libc::SYS_clone, how, 0usize, 0usize, 0usize, 0usize) };
    if child == 0 {
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(0) };
    }
    if child == -1 {
        return Err(Error::last_os_error());
    }
    // SAFETY: a null status is allowed.
    plain(|| unsafe { libc::waitpid(child as libc::pid_t, std::ptr::null_mut(), 0) })
}

fn join(pid: &str) -> Result<(), Error> {
    let namespace = std::fs::File::open(format!("/proc/{pid}/ns/net"))?;
    // SAFETY: an open file of ours.
    plain(|| unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) })
}

/// Loads it, by its file or from memory, and takes it out again.
fn module(file: &str, by_file: bool) -> Result<(), Error> {
    let none = CString::default();
    if by_file {
        let open = std::fs::File::open(file)?;
        // SAFETY: an open file and a text that outlive the call.
        plain(|| unsafe { libc::syscall(libc::SYS_finit_module, open.as_raw_fd(), none.as_ptr(), 0) as libc::c_int })?;
    } else {
        let bytes = std::fs::read(file)?;
        // SAFETY: bytes and a text that outlive the call.
        plain(|| unsafe {
            libc::syscall(libc::SYS_init_module, bytes.as_ptr(), bytes.len(), none.as_ptr()) as libc::c_int
        })?;
    }
    let name = file.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let name = CString::new(name)?;
    // SAFETY: a text that outlives the call.
    plain(|| unsafe { libc::syscall(libc::SYS_delete_module, name.as_ptr(), libc::O_NONBLOCK) as libc::c_int })
}

/// Nobody runs it, whom it would make root.
fn raise(program: &str) -> Result<(), Error> {
    // SAFETY: setuid takes no memory.
    plain(|| unsafe { libc::setuid(65_534) })?;
    Err(std::process::Command::new(program).exec())
}

/// A socket of this name that takes connections for a while.
fn listen(path: &str) -> Result<(), Error> {
    let listener = std::os::unix::net::UnixListener::bind(path)?;
    std::thread::sleep(std::time::Duration::from_secs(600));
    drop(listener);
    Ok(())
}
